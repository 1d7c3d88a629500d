"""The proxy: connections carried byte by byte between clients and a server."""
