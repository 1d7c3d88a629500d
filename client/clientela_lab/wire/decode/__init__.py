"""Decoders: bytes to HTTP/2 frames, header lists, gRPC messages and calls."""
