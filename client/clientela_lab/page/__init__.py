"""The page: one picture of what clients believe, what crossed the wire, and what became true.

Read next: page.py.
"""
