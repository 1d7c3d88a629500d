"""The wire format of protobuf: what the bytes of a message say, and where each of them lies.

`--wire` of the command line shows it, and the lab's tap. Read in this order: nodes.py, fields.py, shapes.py,
notes.py.
"""
