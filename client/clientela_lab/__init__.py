"""The laboratory: the wire, to be seen and broken, and scenarios that do so to a real server.

It reaches the server as a process and over the wire, as any client does; it never imports it.
Read next: scenario.py and scenarios/first_call.py; wire/proxy/proxy.py, what stands between; local_server.py.
"""
