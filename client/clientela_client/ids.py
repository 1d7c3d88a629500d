"""The one source of ids."""

import uuid


def new_request_id() -> str:
    """Return a new UUID4, which identifies one write however often it is sent."""
    return str(uuid.uuid4())
