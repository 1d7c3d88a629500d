"""Tools for developers, not shipped."""
