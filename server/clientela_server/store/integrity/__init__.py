"""Integrity: verification of a whole database, and its backups."""
