"""How calls are made: requests, effects and their runners, retries, and the transports below."""
