"""`clientela spends`: commands, and how spends look."""
