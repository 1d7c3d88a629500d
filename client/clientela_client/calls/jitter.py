"""The SDK's one source of randomness: full-jitter backoff avoids a reconnect stampede."""

import random

_SYSTEM = random.SystemRandom()


def jitter(seconds_max: float) -> float:
    """Return a pause, uniform in [0, seconds_max] seconds.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
    """
    return _SYSTEM.uniform(0.0, seconds_max)
