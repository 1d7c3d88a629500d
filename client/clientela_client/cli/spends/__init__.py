"""`clientela economics spend`: commands, and how spends look."""
