"""What both clients share: requests and retries, which do no I/O, and the transports below."""
