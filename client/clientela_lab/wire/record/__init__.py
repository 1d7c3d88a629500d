"""Recordings: forwarded bytes, decoded and written as events in order."""
