"""Gamma-Gamma: the mean value of a client's purchases, observed and predicted.

The amounts of a client vary about a mean of his own as Gamma(p, nu); the nu of clients differ as
Gamma(q, v). So the mean that was seen of few purchases is drawn towards that of all clients.

Source: P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value" (2013); the numbers of
equations are those of that note. It takes for granted that how much a client spends has nothing to do with
how often: `correlation` tells how far that holds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, digamma, gammaln

from clientela_server.models.fitting import SKETCH, Fit, LogLikelihood, fit
from clientela_server.models.histories import Figures, Histories, InsufficientHistory

# p, q, v (in units of the mean amount).
_STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 0.5), (2.0, 8.0, 4.0), (0.5, 2.0, 2.0))


@dataclass(frozen=True, kw_only=True)
class GammaGamma:
    """A fitted model: p, q, v (in the unit of money of its histories), and how it was found."""

    p: float
    q: float
    v: float
    log_likelihood: float
    correlation: float
    found: Fit

    @property
    def population_mean(self) -> float:
        """Return what a purchase of any client is worth; infinite where q is at most 1."""
        return self.v * self.p / (self.q - 1.0) if self.q > 1.0 else float("inf")

    def expected_mean(self, x: Figures, mean_spend: Figures) -> Figures:
        """Return the expected mean spend of each client, shape (n,), in currency units: equation (5).

        Of a client who never came back nothing was seen but the first purchase, which is left out: his is
        the population's.
        """
        seen = (x > 0) & (mean_spend > 0)
        known = np.where(seen, x, 0.0)
        if self.q <= 1.0 and not np.all(seen):
            raise InsufficientHistory("the amounts vary too much for an average of all clients to exist")
        return self.p * (self.v + known * mean_spend) / (self.p * known + self.q - 1.0)

    def cdf(self, x: Figures, mean_spend: Figures, days: Figures, amount: Figures) -> Figures:
        """Return how probable it is that so many days bring less than an amount, a row a client.

        They bring Gamma(p * days, nu), and of x days with a mean of m it is known that nu is
        Gamma(q + p x, v + m x): so amount / (amount + v + m x) is Beta(p * days, q + p x).
        """
        known = np.where(mean_spend > 0, x, 0.0)
        scale = self.v + known * mean_spend
        share = (amount / (amount + scale))[:, None]
        found: Figures = betainc(self.p * days, (self.q + self.p * known)[:, None], share)
        return found


@dataclass(frozen=True)
class ConstantSpend:
    """No model: a purchase is worth the same for all, where too little is known to tell clients apart."""

    mean: float

    def expected_mean(self, x: Figures, mean_spend: Figures) -> Figures:
        """Return the constant mean for each client, shape (n,)."""
        return np.full(len(x), self.mean)

    def cdf(self, x: Figures, mean_spend: Figures, days: Figures, amount: Figures) -> Figures:
        """Return whether so many days bring less than an amount: by half where they bring just that."""
        brought, amounts = (days * self.mean)[None, :], amount[:, None]
        return np.where(np.isclose(brought, amounts, rtol=1e-9), 0.5, (brought < amounts) * 1.0)


def fit_spending(histories: Histories) -> GammaGamma | ConstantSpend:
    """Fit Gamma-Gamma; Flat where amounts are too few or all the same, or vary too much to have a mean."""
    try:
        fitted = fit_gamma_gamma(histories)
    except InsufficientHistory:
        return ConstantSpend(_mean(histories))
    return fitted if fitted.q > 1.0 else ConstantSpend(_mean(histories))


def _mean(histories: Histories) -> float:
    """What a purchase was worth on average, of all who came back."""
    purchases = float(histories.x.sum())
    return float((histories.x * histories.mean_spend).sum()) / purchases if purchases else 0.0


def fit_gamma_gamma(histories: Histories) -> GammaGamma:
    """Fit to clients with repeat purchases and positive spend; InsufficientHistory with fewer than two."""
    x, m = histories.spenders()
    if len(x) < 2 or np.ptp(m) == 0.0:
        raise InsufficientHistory("too few clients came back and paid to tell what their purchases are worth")
    unit = float(m.mean())

    def of_every(nth: int) -> LogLikelihood:
        some_x, some_m = x[::nth], m[::nth] / unit

        def log_likelihood(parameters: Figures) -> tuple[float, Figures]:
            value, gradient = _log_likelihood(parameters, some_x, some_m)
            return value / len(some_x), gradient / len(some_x)

        return log_likelihood

    nth = len(x) // SKETCH
    found = fit(of_every(1), _STARTS, of_every(nth) if nth > 1 else None)
    p, q, v = found.parameters
    total = len(x) * (found.log_likelihood - np.log(unit))
    correlation = float(np.corrcoef(x, m)[0, 1]) if np.ptp(x) > 0 else 0.0
    return GammaGamma(
        p=float(p),
        q=float(q),
        v=float(v * unit),
        log_likelihood=float(total),
        correlation=correlation,
        found=found,
    )


def _log_likelihood(parameters: Figures, x: Figures, m: Figures) -> tuple[float, Figures]:
    """Return the logarithm of equation (1a), summed, and its derivatives by p, q and v."""
    p, q, v = parameters
    px = p * x
    total = v + m * x
    each = (
        gammaln(px + q)
        - gammaln(px)
        - gammaln(q)
        + q * np.log(v)
        + (px - 1.0) * np.log(m)
        + px * np.log(x)
        - (px + q) * np.log(total)
    )
    grown = digamma(px + q)
    by_p = x * (grown - digamma(px) + np.log(m) + np.log(x) - np.log(total))
    by_q = grown - digamma(q) + np.log(v) - np.log(total)
    by_v = q / v - (px + q) / total
    return float(each.sum()), np.array([by_p.sum(), by_q.sum(), by_v.sum()])
