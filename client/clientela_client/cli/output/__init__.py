"""What people and programs read: views of answers, tables, reports, and what crossed the wire."""
