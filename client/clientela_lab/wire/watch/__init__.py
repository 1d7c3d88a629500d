"""`clientela lab watch`: the proxy at a terminal."""
