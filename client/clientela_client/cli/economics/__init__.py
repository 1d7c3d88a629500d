"""`clientela economics`: what winning and keeping clients costs, and what they are worth."""
