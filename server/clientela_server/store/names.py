"""Resource names (AIP-122), and the errors for unknown resources."""

from clientela_server.domain.errors import NotFound


def name_of(customer_id: str) -> str:
    """Return a customer's resource name."""
    return f"customers/{customer_id}"


def customer_of(name: str) -> str:
    """Return the id of the customer that a resource name is about; an empty text if it is about none."""
    collection, _, rest = name.partition("/")
    return rest.partition("/")[0] if collection == "customers" else ""


def purchase_name(customer_id: str, purchase_id: str) -> str:
    """Return a purchase's resource name."""
    return f"customers/{customer_id}/purchases/{purchase_id}"


def segment_name(segment_id: str) -> str:
    """Return a segment's resource name."""
    return f"segments/{segment_id}"


def spend_name(spend_id: str) -> str:
    """Return a spend's resource name."""
    return f"spends/{spend_id}"


def customer_not_found(name: str) -> NotFound:
    """Return the error for an unknown customer."""
    return NotFound("CUSTOMER_NOT_FOUND", resource=name, name=name)


def purchase_not_found(name: str) -> NotFound:
    """Return the error for an unknown purchase."""
    return NotFound("PURCHASE_NOT_FOUND", resource=name, name=name)


def policy_not_found(name: str) -> NotFound:
    """Return the error for the policy where it was never changed, and so has no history."""
    return NotFound("POLICY_NOT_FOUND", resource=name, name=name)


def segment_not_found(name: str) -> NotFound:
    """Return the error for an unknown segment."""
    return NotFound("SEGMENT_NOT_FOUND", resource=name, name=name)


def spend_not_found(name: str) -> NotFound:
    """Return the error for an unknown spend."""
    return NotFound("SPEND_NOT_FOUND", resource=name, name=name)
