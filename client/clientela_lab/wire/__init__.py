"""The wire: what crosses between a client and a server, decoded down to the byte.

From bytes to what they mean: frames.py (HTTP/2), calls.py (gRPC), fields.py (protobuf, by descriptors.py).
What is found is written down as events.py says, by recording.py.
"""
