"""The wire: traffic between a client and a server, decoded down to the byte.

Layers: frame_decoder.py (HTTP/2), calls.py (gRPC), fields.py (protobuf, by descriptors.py). The result is a
list of events (events.py), written by recording.py.
"""
