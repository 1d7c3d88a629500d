"""Convert between domain values and messages, in this package alone. Read next: `message_codec`."""
