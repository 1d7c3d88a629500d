"""Files as an import reads them: CSV records and NDJSON lines, ids of rows, and rejects written back."""
