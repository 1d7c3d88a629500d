"""The SDK's one source of randomness: full-jitter backoff avoids a reconnect stampede."""


def jitter(seconds_max: float) -> float:
    """Return a pause, uniform in [0, seconds_max] seconds.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
    """
    from random import SystemRandom  # a command that is answered at once needs none

    return SystemRandom().uniform(0.0, seconds_max)
