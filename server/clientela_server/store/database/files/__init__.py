"""The database as a file: its place and lock, its pages' checksums, made whole or not at all."""
