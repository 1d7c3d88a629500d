"""`clientela standing` and `clientela policy`: commands, and how standings look."""
