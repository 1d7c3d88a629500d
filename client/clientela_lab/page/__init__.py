"""The page: a recording as one picture that joins what clients believe, what crossed the wire, and what became true.

Read next: page.py.
"""
