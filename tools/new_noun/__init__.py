"""`make noun`: a noun that is recorded and listed, in every layer. Read next: `__main__`, `templates/`."""
