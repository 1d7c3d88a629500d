"""`clientela customers`: commands, and how customers look."""
