"""The command line: a thin client that sends requests and renders responses; the server decides.

Rules: data go to stdout, everything else to stderr; messages come from the SDK, never from grpc or protobuf;
the SDK is imported inside the commands, so that help and completion stay fast.
Read in this order: main.py (the command tree), command/options.py, command/command_context.py,
customers/customer_commands.py, output/answer_writer.py, command/exits.py, error_output.py.
"""
