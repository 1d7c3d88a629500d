"""The gate: what every call passes, authentication to error mapping, and the adapter for gRPC."""
