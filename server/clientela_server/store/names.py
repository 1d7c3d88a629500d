"""Names of resources, and the refusals of those that are not there."""

from clientela_server.domain.errors import NotFound


def name_of(customer_id: str) -> str:
    """Make the resource name of an id."""
    return f"customers/{customer_id}"


def purchase_name(customer_id: str, purchase_id: str) -> str:
    """Make the resource name of a purchase."""
    return f"customers/{customer_id}/purchases/{purchase_id}"


def customer_not_found(customer_id: str) -> NotFound:
    """The refusal for a customer that never was."""
    name = name_of(customer_id)
    return NotFound("CUSTOMER_NOT_FOUND", resource=name, name=name)


def purchase_not_found(customer_id: str, purchase_id: str) -> NotFound:
    """The refusal for a purchase that never was."""
    name = purchase_name(customer_id, purchase_id)
    return NotFound("PURCHASE_NOT_FOUND", resource=name, name=name)
