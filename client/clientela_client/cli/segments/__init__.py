"""`clientela segments`: commands, and how segments look."""
