"""Resource names (AIP-122), and the errors for unknown resources."""

from clientela_server.domain.errors import NotFound


def name_of(customer_id: str) -> str:
    """Return a customer's resource name."""
    return f"customers/{customer_id}"


def purchase_name(customer_id: str, purchase_id: str) -> str:
    """Return a purchase's resource name."""
    return f"customers/{customer_id}/purchases/{purchase_id}"


def customer_not_found(customer_id: str) -> NotFound:
    """Return the error for an unknown customer."""
    name = name_of(customer_id)
    return NotFound("CUSTOMER_NOT_FOUND", resource=name, name=name)


def purchase_not_found(customer_id: str, purchase_id: str) -> NotFound:
    """Return the error for an unknown purchase."""
    name = purchase_name(customer_id, purchase_id)
    return NotFound("PURCHASE_NOT_FOUND", resource=name, name=name)
