"""What is kept, and how: one journal, and the tables that reads use, brought up to date with it.

Read `journal` (the one write path), `committer` (many writes, one commit), then `customers` and `purchases`.
"""
