"""Enum values as choices on the command line: `referral` is ACQUISITION_CHANNEL_REFERRAL.

They are spelled out so that help and completion need not import the generated code; a test compares them
with the contract.
"""

from __future__ import annotations

from collections.abc import Iterable

CHANNELS = ("advertising", "marketing", "public_relations", "referral", "organic", "other")
CONTACT_CHANNELS = ("email", "phone", "sms", "post", "in_person")
PURPOSES = ("own_use", "resale", "business_use")
SALES_PATHS = ("direct", "through_partner")
RFM_SCORINGS = ("quintile", "ntile")
SOURCES = ("cli", "phone", "device", "import", "api")
#: The thresholds of the policy, in the contract's order.
THRESHOLDS = (
    "new_days",
    "regular_purchase_days",
    "regular_gap_percent",
    "regular_gap_floor_days",
    "loyal_days",
    "loyal_gap_percent",
    "loyal_gap_floor_days",
    "loyal_referral_count",
    "lost_gap_percent",
    "lost_silence_days",
    "lost_one_time_days",
    "seasonal_cycle_count",
    "seasonal_window_months",
    "seasonal_percent",
    "strategic_percent",
    "strategic_days",
    "mass_percent",
    "retail_percent",
    "business_percent",
    "b2c_percent",
    "b2b_percent",
    "client_purchase_days",
    "seasonal_purchase_days",
    "seasonal_chance_percent",
)

PREFIXES = {
    CHANNELS: "ACQUISITION_CHANNEL_",
    CONTACT_CHANNELS: "CONTACT_CHANNEL_",
    PURPOSES: "PURCHASE_PURPOSE_",
    RFM_SCORINGS: "RFM_SCORING_",
    SALES_PATHS: "SALES_PATH_",
    SOURCES: "PURCHASE_SOURCE_",
}


class UnknownChoice(ValueError):
    """Raised for text that is none of the choices."""


def enum_name(words: tuple[str, ...], text: str) -> str:
    """Return the enum value's name of a choice, also typed as `Own-Use` or in full; raise UnknownChoice."""
    prefix = PREFIXES[words]
    word = text.strip().upper().replace("-", "_").replace(" ", "_").removeprefix(prefix).lower()
    if word not in words:
        raise UnknownChoice(f'"{text}" is none of {comma_separated(words)}')
    return prefix + word.upper()


def comma_separated(words: Iterable[str]) -> str:
    """Return "a, b, c"."""
    return ", ".join(words)


def pluralized(number: int, singular: str, plural: str = "") -> str:
    """Return "1 client", "2,357 clients"; plural: if irregular."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
