"""The append-only journal of accepted writes: its transactions, group commit, feed and erasure."""
