"""TLS of both ports: certificates as files, an authority of our own that issues them, and what is served."""
