"""Resource names as people type them: `42` is customers/42, `42/7` is customers/42/purchases/7."""

import re

_PURCHASE = re.compile(r"^(?:customers/)?([^/]+)(?:/purchases)?/([^/]+)$")


def customer_name(text: str) -> str:
    """Return "customers/{id}" for an id or a full name."""
    return text if text.startswith("customers/") else f"customers/{text}"


def purchase_name(text: str) -> str:
    """Return "customers/{id}/purchases/{id}" for "42/7" or a full name; other text unchanged."""
    match = _PURCHASE.match(text)
    return f"customers/{match[1]}/purchases/{match[2]}" if match else text


def resource_name(text: str) -> str:
    """Return the full name of a customer ("42") or of a purchase ("42/7")."""
    if text == "policy" or text.startswith(("segments/", "spends/")):
        return text
    bare = text.removeprefix("customers/")
    return purchase_name(text) if "/" in bare else customer_name(text)


def watched_name(text: str) -> str:
    """Return the full form of a name or of a prefix with "*"; "*" alone is all names."""
    return text if text == "*" else resource_name(text)


def short_name(name: str) -> str:
    """Return the short form of a name: "42", "42/7"."""
    return name.removeprefix("customers/").replace("/purchases/", "/")


def segment_name(text: str) -> str:
    """Return "segments/{id}" for an id or a full name."""
    return text if text.startswith("segments/") else f"segments/{text}"


def spend_name(text: str) -> str:
    """Return "spends/{id}" for an id or a full name."""
    return text if text.startswith("spends/") else f"spends/{text}"


def last_part(name: str) -> str:
    """Return the id at the end of a name."""
    return name.rpartition("/")[2]


def customer_id(name: str) -> str:
    """Return the customer id in a customer's or a purchase's name."""
    return name.removeprefix("customers/").partition("/")[0]
