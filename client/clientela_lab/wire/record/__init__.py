"""Recordings: what was carried, decoded and written down in order."""
