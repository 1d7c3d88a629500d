"""`clientela economics`: what acquiring and retaining clients costs, and what they are worth."""
