"""One module a noun: how its rows are written, read, listed and filtered."""
