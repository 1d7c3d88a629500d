"""The highest likelihood of positive parameters: from several starts, by their logarithms, with the gradient.

A likelihood may have more than one summit, or a long flat ridge: one start is a guess, and several that
agree are a finding. Parameters that run away (a ridge without a summit) are told, not hidden.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from clientela_server.models.histories import Figures, InsufficientHistory

# Logarithms of parameters stay within these: beyond, a model is one of its own limiting cases.
_LOG_MAX = 12.0
_STEPS_MAX = 1000
_AGREE = 1e-3
# So many (groups of) clients show the way to the summit.
SKETCH = 6_000
# Steps smaller than this part of the likelihood are not worth while: that of a client, and where the way is
# known that of very many, whose likelihood is as flat for each but known far better.
_FINE, _COARSE = 1e-13, 1e-11

# Gives the log-likelihood, and how it changes with each parameter.
LogLikelihood = Callable[[Figures], tuple[float, Figures]]


@dataclass(frozen=True)
class Fit:
    """Where the likelihood is highest. `agreeing`: how many of the `starts` came to the same summit."""

    parameters: Figures
    log_likelihood: float
    starts: int
    agreeing: int

    @property
    def at_the_edge(self) -> bool:
        """Return whether a parameter ran away: the data do not determine it."""
        return bool(np.any(np.abs(np.log(self.parameters)) > _LOG_MAX - 0.01))


def fit(
    log_likelihood: LogLikelihood, starts: Sequence[Sequence[float]], sketch: LogLikelihood | None = None
) -> Fit:
    """Maximize from each start and return the best optimum; InsufficientHistory if none converges.

    sketch: the likelihood of a part of the clients, to find the way by where there are very many: then only
    the last climb is among all of them.
    """
    climbs = [_climb(sketch or log_likelihood, np.log(start)) for start in starts]
    ended = [climb for climb in climbs if np.isfinite(climb.fun)]
    if not ended:
        raise InsufficientHistory("the likelihood has no summit that can be found")
    best = min(ended, key=lambda climb: climb.fun)
    agreeing = sum(climb.fun - best.fun < _AGREE * max(1.0, abs(best.fun)) for climb in ended)
    if sketch is not None:
        best = _climb(log_likelihood, best.x, _COARSE)
    return Fit(np.exp(best.x), -float(best.fun), len(starts), agreeing)


def _climb(
    log_likelihood: LogLikelihood, start: Figures, tolerance: float = _FINE
) -> optimize.OptimizeResult:
    def cost(logarithms: Figures) -> tuple[float, Figures]:
        parameters = np.exp(logarithms)
        value, gradient = log_likelihood(parameters)
        return -value, -gradient * parameters

    bounds = [(-_LOG_MAX, _LOG_MAX)] * len(start)
    options = {"maxiter": _STEPS_MAX, "ftol": tolerance, "gtol": 1e-7}
    return optimize.minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
