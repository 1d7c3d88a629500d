"""The database: connections to SQLite and PostgreSQL, statements, tables, snapshots and files."""
