r"""The Tweedie distribution between Poisson and Gamma, with its atom at zero.

Lesson: ``losses/tweedie``.

For a power 1 < p < 2 a response with the variance :math:`\phi \mu^p` is a sum of a
random number of random amounts,

.. math:: y = \sum_{i=1}^N z_i, \qquad N \sim \operatorname{Poisson}(\lambda), \qquad
    z_i \sim \operatorname{Gamma}(\text{shape } \alpha, \text{scale } \theta),

and 0 where there are none. Losses and deviances are in `mlnotes.losses.deviances`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, logsumexp

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.losses.deviances import tweedie_deviance
from mlnotes.probability.distributions import Poisson
from mlnotes.probability.distributions._shared import (
    LOG_2PI,
    Size,
    _broadcast,
    _on_support,
    _outcomes,
    _shape,
)

__all__ = ["Tweedie", "fit_dispersion"]

BLOCK = 4096
DROP = 45.0  # terms below e^-45 of the largest are left out
ALIAS = 40.0  # what a wider spacing adds is below e^-40 of the sum
LARGEST_LOG = 650.0  # of counts; exp of it is far from the limits of float64


@dataclass(frozen=True, slots=True, eq=False)
class Tweedie:
    r"""Sum of a Poisson number of Gamma amounts, with variance dispersion * mu^power.

    .. math::
        \lambda = \frac{\mu^{2-p}}{\phi (2-p)}, \qquad
        \alpha = \frac{2-p}{p-1}, \qquad
        \theta = \phi (p-1) \mu^{p-1}

    are the expected number of amounts, and the shape and the scale of each.

    Parameters
    ----------
    mu : array_like, shape (...)
        Mean :math:`\mu > 0`.
    dispersion : array_like, shape (...)
        Dispersion :math:`\phi > 0`.
    power : float
        Power p of the variance, between 1 and 2, one for all.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If the mean or the dispersion is not positive, the shapes do not broadcast, or
        the power is not between 1 and 2.

    Notes
    -----
    The density of a sum of j amounts is that of a Gamma, and the density of y > 0 is a
    series over j (Dunn and Smyth, 2005). It is summed at the mean :math:`\mu = y`,
    where with the count :math:`\lambda_y = y^{2-p} / (\phi (2-p))` it reads

    .. math::
        y \, p(y \mid y) = \frac{\sqrt\alpha}{2 \pi} \sum_{j \ge 1}
        \exp\bigl( -(1 + \alpha) \lambda_y \, h(j / \lambda_y) - \delta(j)
        - \delta(\alpha j) \bigr), \qquad h(r) = r \log r - r + 1,

    with the remainder :math:`\delta` of Stirling's formula; any other mean costs the
    factor :math:`e^{-d(y, \mu) / (2 \phi)}`. No term exceeds 1 by much, so nothing
    overflows or cancels. By the convexity of h all terms that count lie within
    :math:`j_0 (1 \pm u)`, where :math:`j_0 = \max(\lambda_y, 1)` and u solves
    :math:`u^2 / (2 + 2u/3) = 45 / ((1 + \alpha) j_0)`. If they are many they lie on a
    smooth hump, and points s apart give the same sum up to
    :math:`\exp(-(1 + \alpha) \lambda_y (1 - \cos(2 \pi / (s (1 + \alpha)))))` (Poisson
    summation). With :math:`s^2 = \lambda_y / (5 (1 + \alpha))` this is below
    :math:`e^{-40}`, and about a hundred terms suffice for every power and dispersion.

    References
    ----------
    Jorgensen (1987), *Exponential dispersion models*; Dunn and Smyth (2005), *Series
    evaluation of Tweedie exponential dispersion model densities*.

    Examples
    --------
    >>> claims = Tweedie(mu=4.0, dispersion=2.0, power=1.5)
    >>> float(claims.rate), claims.shape, float(claims.scale)
    (2.0, 1.0, 2.0)
    >>> float(claims.mean()), float(claims.variance())
    (4.0, 16.0)
    >>> round(float(claims.probability_of_zero()), 6)  # e^-2
    0.135335
    """

    mu: Array
    dispersion: Array
    power: float

    def __init__(self, mu: ArrayLike, dispersion: ArrayLike, power: float) -> None:
        object.__setattr__(self, "mu", _check.positive("mu", mu))
        object.__setattr__(
            self, "dispersion", _check.positive("dispersion", dispersion)
        )
        _broadcast(self, "mu", "dispersion")
        object.__setattr__(self, "power", _between_one_and_two(power))

    @property
    def rate(self) -> Array:
        """Expected number of amounts; infinity where it overflows."""
        with np.errstate(over="ignore"):
            return np.asarray(
                self.mu ** (2 - self.power) / (2 - self.power) / self.dispersion
            )

    @property
    def shape(self) -> float:
        """Shape of the Gamma distribution of an amount."""
        return (2 - self.power) / (self.power - 1)

    @property
    def scale(self) -> Array:
        """Scale of the Gamma distribution of an amount; infinity if it overflows."""
        with np.errstate(over="ignore"):
            return np.asarray(
                self.dispersion * (self.power - 1) * self.mu ** (self.power - 1)
            )

    def log_prob(self, x: ArrayLike) -> Array:
        """Log of P(Y = 0) at 0 and log density at positive outcomes, in nats."""
        x = _outcomes(x, self.mu.shape)

        def log_p(x: Array) -> Array:
            x, mu, dispersion, log_p = np.broadcast_arrays(
                x, self.mu, self.dispersion, -self.rate
            )
            log_p, some = log_p.copy(), x > 0
            if some.any():
                log_p[some] = _log_density(
                    x[some], mu[some], dispersion[some], self.power
                )
            return log_p

        return _on_support(x, x >= 0, 0.0, log_p)

    def sample(self, size: Size | None = None, *, rng: np.random.Generator) -> Array:
        """Independent draws, ``size`` of them before the shape of the parameters."""
        rng = _check.generator(rng)
        scale = _check.real("scale", self.scale)
        shape = _shape(size, self.mu)
        counts = Poisson(self.rate).sample(size, rng=rng)
        # NumPy's Gamma of shape 0 is the number 0.
        return np.asarray(scale * rng.standard_gamma(self.shape * counts, size=shape))

    def mean(self) -> Array:
        """Mean, mu."""
        return self.mu

    def variance(self) -> Array:
        """Variance, dispersion * mu^power; infinity where it overflows."""
        with np.errstate(over="ignore"):
            return np.asarray(self.mu * (self.dispersion * self.mu ** (self.power - 1)))

    def probability_of_zero(self) -> Array:
        """Probability of no amount at all, exp(-rate)."""
        return np.asarray(np.exp(-self.rate))


def fit_dispersion(mean: ArrayLike, y: ArrayLike, *, power: float) -> float:
    r"""Dispersion of the highest likelihood, for given means and a given power.

    .. math:: \hat\phi(p) = \operatorname*{arg\,max}_\phi
        \sum_i \log p(y_i \mid \mu_i, \phi, p)

    Parameters
    ----------
    mean : array_like, shape (n,)
        Predicted means, positive.
    y : array_like, shape (n,)
        Observed values, at least 0.
    power : float
        Power p of the variance, between 1 and 2.

    Returns
    -------
    float
        The dispersion, in the unit of y to the power 2 - p.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean is not positive, an observation is negative, the shapes differ, the
        power is not between 1 and 2, or the likelihood has no maximum: no observation
        is positive, or each equals its mean.

    Notes
    -----
    The search covers dispersions from :math:`e^{-10}` to :math:`e^{10}` times the
    moment estimate, the mean of :math:`(y_i - \mu_i)^2 / \mu_i^p`.

    References
    ----------
    Dunn and Smyth (2005), *Series evaluation of Tweedie exponential dispersion model
    densities*.

    Examples
    --------
    >>> y = Tweedie(4.0, 2.0, 1.5).sample(2000, rng=np.random.default_rng(0))
    >>> round(fit_dispersion(np.full(2000, 4.0), y, power=1.5), 1)
    2.0
    """
    from scipy.optimize import minimize_scalar

    mean = _check.vector("mean", _check.positive("mean", mean))
    y = _check.vector("y", _check.non_negative("y", y), mean.size)
    power = _between_one_and_two(power)
    if not y.any():
        raise ValueError("y: expected at least one positive number, got only zeros")
    with np.errstate(over="ignore"):
        moment = float(np.mean((y / mean - 1) ** 2 * mean ** (2 - power)))
    if not moment > 0:
        raise ValueError(
            "y: expected a number that differs from its mean, got a perfect fit"
        )
    if moment == np.inf:
        raise ValueError(
            "y: expected numbers with finite squares of y / mean, got up to "
            f"{y.max():g} with means from {mean.min():g}"
        )

    def loss(log_ratio: float) -> float:
        model = Tweedie(mean, moment * np.exp(log_ratio), power)
        return -float(model.log_prob(y).mean())

    found = minimize_scalar(loss, bounds=(-10, 10), method="bounded")
    return moment * float(np.exp(found.x))


def _between_one_and_two(power: float) -> float:
    p = _check.number("power", power)
    if not 1 < p < 2:
        raise ValueError(f"power: expected a number between 1 and 2, got {p:g}")
    return p


def _log_density(y: Array, mu: Array, dispersion: Array, p: float) -> Array:
    """Log density of y > 0: where y is the mean, less what another mean costs."""
    log_count = (2 - p) * np.log(y) - np.log(dispersion) - np.log(2 - p)
    extreme = np.abs(log_count).max()
    if extreme > LARGEST_LOG:
        raise ValueError(
            f"x: expected numbers whose power {2 - p:g} is within e^{LARGEST_LOG:g} of "
            f"the dispersion, got a factor of e^{extreme:.0f} between them"
        )
    count = np.exp(log_count)
    total = np.empty(y.size)
    for i in range(0, y.size, BLOCK):
        total[i : i + BLOCK] = _log_series(count[i : i + BLOCK], (2 - p) / (p - 1))
    with np.errstate(over="ignore"):
        distance = tweedie_deviance(mu, y, power=p) / (2 * dispersion)
    return np.asarray(total - np.log(y) - distance)


def _log_series(count: Array, shape: float) -> Array:
    """Log of y times the density at the mean y; see the notes of `Tweedie`."""
    center = np.maximum(np.round(count), 1)
    c = DROP / ((1 + shape) * np.maximum(count, 1))
    reach = np.maximum(count, 1) * (c / 3 + np.sqrt(c * c / 9 + 2 * c)) + 1
    spacing = np.maximum(np.floor(np.sqrt(count * 8 / ALIAS / (1 + shape))), 1)
    left = np.minimum(reach, center - 1) / spacing
    steps = np.arange(-np.ceil(left.max()), np.ceil((reach / spacing).max()) + 1)
    shift = np.multiply.outer(spacing, steps)
    j = center[:, None] + shift
    outside = j < 1
    j[outside] = 1
    excess = np.where(outside, 0, (center - count)[:, None] + shift) / count[:, None]
    exponents = -((1 + shape) * count)[:, None] * _deviance_of_ratio(excess)
    exponents -= _stirling_remainder(j) + _stirling_remainder(shape * j)
    exponents[outside] = -np.inf
    total = logsumexp(exponents, axis=1)
    return np.asarray(total + np.log(spacing) + np.log(shape) / 2 - LOG_2PI)


def _deviance_of_ratio(e: Array) -> Array:
    """Value of r log r - r + 1 at r = 1 + e, to full accuracy."""
    t = np.clip(e, -1e-3, 1e-3)
    series = t * t * (1 / 2 - t * (1 / 6 - t * (1 / 12 - t * (1 / 20 - t / 30))))
    return np.where(t == e, series, (1 + e) * np.log1p(e) - e)


def _stirling_remainder(x: Array) -> Array:
    """Remainder log Gamma(x + 1) - (x + 1/2) log x + x - log(2 pi) / 2."""
    large = np.maximum(x, 10)
    u = (1 / large) ** 2  # the square of a large count would overflow
    series = (
        1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u / 1188)))
    ) / large
    small = np.minimum(x, 10)
    direct = gammaln(small + 1) - (small + 0.5) * np.log(small) + small - LOG_2PI / 2
    return np.where(x < 10, direct, series)
