"""The services: one module each, that decodes, calls the store and encodes."""
