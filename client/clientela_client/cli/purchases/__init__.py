"""`clientela purchases`: commands, and how purchases look."""
