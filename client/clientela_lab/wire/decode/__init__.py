"""From bytes to frames, headers, messages and calls."""
