"""The laboratory: a real server to play with, real data to feed it, and a demonstration of both.

It reaches the server as a process and over the wire, as any client does; it never imports it.
Read next: local_server.py, then demo.py.
"""
