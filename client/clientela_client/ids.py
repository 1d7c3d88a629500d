"""The one source of ids."""

import uuid


def new_request_id() -> str:
    """Make a UUID4 that stands for one intent, however often it is sent."""
    return str(uuid.uuid4())
