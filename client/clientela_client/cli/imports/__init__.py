"""Files as people have them, read and imported: CSV and NDJSON, customers and purchases."""
