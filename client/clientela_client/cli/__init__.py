"""The command line: it asks and it renders; what is true is decided by the server.

Rules: data go to stdout and all else to stderr; the messages come from the SDK, never from grpc or
protobuf; and the SDK is imported inside the commands, so that help and completion stay quick.
Read in this order: main.py (the tree), options.py, session.py, customers.py, answer_writer.py, exits.py,
error_output.py.
"""
