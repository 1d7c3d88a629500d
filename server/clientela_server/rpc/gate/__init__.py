"""The gate: what every call passes, from its metadata to the mapped error, and the adapter for gRPC."""
