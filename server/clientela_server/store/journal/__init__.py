"""The journal: the one list of accepted writes, its transactions, and the feed that reads it forward."""
