"""The proxy: forwards connections byte by byte between clients and a server."""
