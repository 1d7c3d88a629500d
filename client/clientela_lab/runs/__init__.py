"""Scenarios: what one is given, how it is run, repeated and shown."""
