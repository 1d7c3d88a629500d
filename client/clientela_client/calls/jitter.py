"""The one source of randomness: it spreads retries, so that who was cut off together returns apart."""

import random

_SYSTEM = random.SystemRandom()


def jitter(seconds_max: float) -> float:
    """Draw a pause from 0 to `seconds_max` seconds, each as likely as any other ("full jitter")."""
    return _SYSTEM.uniform(0.0, seconds_max)
