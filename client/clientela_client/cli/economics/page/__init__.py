"""`clientela economics page`: the same answers as one HTML file, to be looked at.

Rules: each number is on the page as text; what a stranger wrote is escaped where it becomes markup, in
markup.py and nowhere else; there is no style attribute, for the page's policy allows none.
Read next: page.py.
"""
