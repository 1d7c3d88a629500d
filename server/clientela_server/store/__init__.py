"""Storage: an append-only journal, and the tables for reads that are updated in the same transaction.

Read `journal` (the one write path), `committer` (many writes, one commit), then `customers` and `purchases`.
"""
