"""The calls: decode a message, call the domain through the store, encode the answer.

Handlers are plain functions of (request, call) and know no transport. Read `gate` (what every call passes),
`grpc_adapter` (how gRPC gets there), then the nouns.
"""
