"""BG/NBD: purchase counts with dropout after a purchase.

An active client's purchases are a Poisson process of rate lambda; after each the client becomes inactive with
probability p. Across clients lambda ~ Gamma(r, alpha), p ~ Beta(a, b).

Source: P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 24 (2005), 275-284. The numbers of equations are those of that paper.

What it can't tell: a client who bought once is alive with certainty, for to leave takes a purchase after
the first. So nobody is lost by this model alone.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, digamma, gammaln, hyp2f1

from clientela_server.models.fitting import SKETCH, Fit, LogLikelihood, fit
from clientela_server.models.histories import Figures, Histories, InsufficientHistory

# r, alpha (in units of a typical time), a, b: one guess each for clients that stay and for clients that go.
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.2, 0.5, 0.8, 2.5), (2.0, 3.0, 0.2, 4.0), (0.5, 0.2, 3.0, 3.0))
_NO_HISTORY = np.zeros(1)
_HOLE = 1e-7
_LEAST = 1e-300
_ABOVE = 1.0 + 1e-9
# Of Gauss and Legendre, from 0 to 1.
_ROOTS, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_NODES = ((_ROOTS + 1.0) / 2.0, _WEIGHTS / 2.0)


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """A fitted model: r, alpha (in the unit of time of its histories), a, b, and how it was found."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    found: Fit

    def p_alive(self, x: Figures, t_x: Figures, T: Figures) -> Figures:
        """Return P(alive) of each client, shape (n,), in [0, 1]; 1 where x is 0.

        Fader, Hardie, "Computing P(alive) Using the BG/NBD Model" (2008), from equation (6).
        """
        left = np.log(self.a) - np.log(self.b + np.maximum(x, 1.0) - 1.0)
        odds = left + (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + t_x))
        alive: Figures = np.where(x > 0, 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0))), 1.0)
        return alive

    def expected(self, t: float, x: Figures, t_x: Figures, T: Figures) -> Figures:
        """Return E[purchases in the next `t`] of each client, shape (n,): equation (10)."""
        return _expected_if_alive(self, t, x, T) * self.p_alive(x, t_x, T)

    def expected_of_new(self, t: float) -> float:
        """Return E[purchases within `t` of the first] of a new client: equation (9)."""
        return float(_expected_if_alive(self, t, _NO_HISTORY, _NO_HISTORY)[0])

    def p_no_purchase(self, t: float, x: Figures, t_x: Figures, T: Figures) -> Figures:
        """Return P(no purchase in the next `t`) of each client, shape (n,)."""
        waits = (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + T + t))
        alive = self.p_alive(x, t_x, T)
        none: Figures = 1.0 - alive * -np.expm1(waits)
        return none

    def p_purchase_days(self, t: float, x: Figures, t_x: Figures, T: Figures, most: int) -> Figures:
        """Return P(n purchases in the next `t`) for n = 1..`most`, shape (n_clients, most).

        Equation (8), in which what is known of a client who still is one stands for what is known of all:
        r + x for r, alpha + T for alpha, b + x for b. More than `most` count as `most`.
        """
        n = np.arange(1.0, most + 1.0)
        r, alpha, b = (each[:, None] for each in (self.r + x, self.alpha + T, self.b + x))
        stays, comes = np.log(alpha) - np.log(alpha + t), np.log(t) - np.log(alpha + t)
        alone = np.exp(gammaln(r + n) - gammaln(r) - gammaln(n + 1.0) + r * stays + n * comes)
        fewer = np.exp(r * stays) + np.cumsum(alone, axis=1) - alone
        ends = np.exp(betaln(self.a + 1.0, b + n - 1.0) - betaln(self.a, b))
        lasts = np.exp(betaln(self.a, b + n) - betaln(self.a, b))
        if_alive = lasts * alone + ends * np.maximum(1.0 - fewer, 0.0)
        found: Figures = if_alive * self.p_alive(x, t_x, T)[:, None]
        found[:, -1] += np.maximum(1.0 - self.p_no_purchase(t, x, t_x, T) - found.sum(axis=1), 0.0)
        return found

    def max_purchase_days(self, t: float, x: Figures, T: Figures) -> Figures:
        """Return an upper bound of the purchases in the next `t` (mean + 10 sd), shape (n,)."""
        mean = (self.r + x) / (self.alpha + T) * t
        most: Figures = mean + 10.0 * np.sqrt(mean * (1.0 + t / (self.alpha + T))) + 2.0
        return most


def _expected_if_alive(model: BgNbd, t: float, x: Figures, T: Figures) -> Figures:
    """Return equation (10) without its last factor, which is P(alive)."""
    r, alpha, b = model.r, model.alpha, model.b
    # At a = 1 the equation has a hole; beside it, it has the value that belongs there.
    a = model.a if abs(model.a - 1.0) > _HOLE else 1.0 + _HOLE
    with np.errstate(all="ignore"):
        log_share = (r + x) * (np.log(alpha + T) - np.log(alpha + T + t))
        series = hyp2f1(r + x, b + x, a + b + x - 1.0, t / (alpha + T + t))
        expected: Figures = (a + b + x - 1.0) / (a - 1.0) * (1.0 - np.exp(log_share) * series)
        if_all_stay = (r + x) / (alpha + T) * t
        lost = ~((expected >= 0.0) & (expected <= if_all_stay * _ABOVE))
    if np.any(lost):
        expected[lost] = _averaged(model, t, x[lost], T[lost])
    return expected


def _averaged(model: BgNbd, t: float, x: Figures, T: Figures) -> Figures:
    """Return equation (10) by quadrature, where its closed form over- or underflows.

    It is the average of (1 - (1 + p t / (alpha + T))^-(r + x)) / p over p, which is distributed as
    Beta(a, b + x): the integral of which equation (10) is the solution.
    """
    mean, (known, of) = np.zeros(len(x)), np.unique(x, return_inverse=True)
    for node, weight in zip(*_NODES, strict=True):
        p = np.maximum(betaincinv(model.a, model.b + known, node), _LEAST)[of]
        mean += weight * -np.expm1(-(model.r + x) * np.log1p(p * t / (model.alpha + T))) / p
    return mean


def fit_bg_nbd(histories: Histories) -> BgNbd:
    """Fit by maximum likelihood; InsufficientHistory if no client has a repeat purchase."""
    if len(histories) == 0 or not np.any(histories.x > 0):
        raise InsufficientHistory("no client came back within the time that is looked at")
    groups = histories.grouped()
    # Counted in units of a typical time, all starts are near: alpha is measured in time.
    unit = float(np.average(groups.T, weights=groups.counts)) or 1.0

    def of_every(nth: int) -> LogLikelihood:
        x, t_x, T, counts = (f[::nth] for f in (groups.x, groups.t_x, groups.T, groups.counts))
        share = counts / counts.sum()

        def log_likelihood(parameters: Figures) -> tuple[float, Figures]:
            values, gradients = _log_likelihood(parameters, x, t_x / unit, T / unit)
            return float(share @ values), gradients @ share

        return log_likelihood

    nth = len(groups.x) // SKETCH
    found = fit(of_every(1), _STARTS, of_every(nth) if nth > 1 else None)
    r, alpha, a, b = found.parameters
    total = len(histories) * found.log_likelihood - np.log(unit) * float(histories.x.sum())
    return BgNbd(
        r=float(r),
        alpha=float(alpha * unit),
        a=float(a),
        b=float(b),
        log_likelihood=float(total),
        found=found,
    )


def _log_likelihood(parameters: Figures, x: Figures, t_x: Figures, T: Figures) -> tuple[Figures, Figures]:
    """Return the log of equation (6), shape (n,), and its gradient by (r, alpha, a, b), shape (4, n)."""
    r, alpha, a, b = parameters
    came_back = x > 0
    earlier = np.where(came_back, x, 1.0) - 1.0
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    stays = -(r + x) * np.log(alpha + T)
    left = np.where(came_back, np.log(a) - np.log(b + earlier) - (r + x) * np.log(alpha + t_x), -np.inf)
    either = np.logaddexp(stays, left)
    # How much of the likelihood is that of having stayed.
    s = np.exp(stays - either)
    gone = 1.0 - s
    both = digamma(a + b) - digamma(a + b + x)
    by_r = digamma(r + x) - digamma(r) + np.log(alpha) - s * np.log(alpha + T) - gone * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (s / (alpha + T) + gone / (alpha + t_x))
    by_a = both + gone / a
    by_b = both + digamma(b + x) - digamma(b) - gone / (b + earlier)
    return a1 + a2 + either, np.stack([by_r, by_alpha, by_a, by_b])
