r"""Bayes' rule for parameters: conjugate pairs in closed form, anything on a grid.

Lesson: ``likelihood/bayesian-inference``.

Before the data the parameter has a prior density, after them the posterior

.. math:: p(\theta \mid D) = \frac{p(D \mid \theta) \, p(\theta)}{p(D)}, \qquad
   p(D) = \int p(D \mid \theta) \, p(\theta) \, d\theta.

A prior is conjugate to a likelihood if the posterior is of the prior's family. Each
``update_...`` takes the record of a prior and data and returns the record of the
posterior. What is believed before and after are the same kind of thing, so a posterior
can be the prior of the next data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular
from scipy.special import (
    betainccinv,
    betaincinv,
    betaln,
    gammainccinv,
    gammaincinv,
    gammaln,
    ndtri,
    stdtrit,
)

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions import (
    Beta,
    Dirichlet,
    Gamma,
    InverseGamma,
    Normal,
    StudentT,
    Wishart,
)
from mlnotes.probability.distributions._shared import LOG_2PI, Size, _broadcast

__all__ = [
    "GridPosterior",
    "NormalInverseGamma",
    "beta_binomial_log_prob",
    "credible_interval",
    "grid_posterior",
    "negative_binomial_log_prob",
    "predict_normal",
    "update_beta",
    "update_dirichlet",
    "update_gamma",
    "update_normal",
    "update_normal_inverse_gamma",
    "update_wishart",
]


@dataclass(frozen=True, slots=True, eq=False)
class NormalInverseGamma:
    r"""Joint distribution of mean and variance, the conjugate prior of a normal.

    .. math:: \sigma^2 \sim \operatorname{InverseGamma}(a, b), \qquad
       \mu \mid \sigma^2 \sim N(m, \sigma^2 / k)

    Parameters
    ----------
    loc : array_like, shape (...)
        Center m of the mean.
    pseudo_count : array_like, shape (...)
        Number k > 0 of observations that the prior mean is worth.
    shape : array_like, shape (...)
        Shape a > 0 of the variance; 2 a is the degrees of freedom of the mean.
    scale : array_like, shape (...)
        Scale b > 0 of the variance, in squared units of the data.

    Raises
    ------
    TypeError
        If a parameter is not real numbers.
    ValueError
        If a parameter other than loc is not positive or the shapes do not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 3.3.

    Examples
    --------
    With unknown variance the mean has a Student t distribution:

    >>> mean = NormalInverseGamma(5, 2, 3, 24).marginal_mean()
    >>> float(mean.df), float(mean.loc), float(mean.scale)
    (6.0, 5.0, 2.0)
    """

    loc: Array
    pseudo_count: Array
    shape: Array
    scale: Array

    def __init__(
        self,
        loc: ArrayLike,
        pseudo_count: ArrayLike,
        shape: ArrayLike,
        scale: ArrayLike,
    ) -> None:
        object.__setattr__(self, "loc", _check.real("loc", loc))
        for name, value in (
            ("pseudo_count", pseudo_count),
            ("shape", shape),
            ("scale", scale),
        ):
            object.__setattr__(self, name, _check.positive(name, value))
        _broadcast(self, "loc", "pseudo_count", "shape", "scale")

    def log_prob(self, mean: ArrayLike, variance: ArrayLike) -> Array:
        """Joint log density, in nats; -inf for a variance that is not positive."""
        mu, v = _check.real("mean", mean), _check.real("variance", variance)
        _check.broadcastable("mean", mu, self.loc.shape)
        _check.broadcastable(
            "variance", v, np.broadcast_shapes(mu.shape, self.loc.shape)
        )
        safe = np.where(v > 0, v, 1.0)
        log_p = self.marginal_variance().log_prob(safe)
        log_p = log_p + 0.5 * (np.log(self.pseudo_count) - LOG_2PI - np.log(safe))
        with np.errstate(over="ignore"):  # so far away the log density is below -1e308
            z = (mu - self.loc) / np.sqrt(safe)
            log_p = log_p - 0.5 * self.pseudo_count * z**2
        return np.where(v > 0, log_p, -np.inf)

    def sample(
        self, size: Size | None = None, *, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Independent pairs: means, and variances, each of ``size`` and shape (...)."""
        v = self.marginal_variance().sample(size, rng=rng)
        return Normal(self.loc, np.sqrt(v / self.pseudo_count)).sample(rng=rng), v

    def marginal_mean(self) -> StudentT:
        """Distribution of the mean when the variance is integrated out."""
        scale = np.sqrt(self.scale / self.shape / self.pseudo_count)
        return StudentT(2 * self.shape, self.loc, scale)

    def marginal_variance(self) -> InverseGamma:
        """Distribution of the variance, whatever the mean."""
        return InverseGamma(self.shape, self.scale)

    def predictive(self) -> StudentT:
        """Distribution of one new observation."""
        scale = np.sqrt(self.scale / self.shape * (1 + 1 / self.pseudo_count))
        return StudentT(2 * self.shape, self.loc, scale)


@dataclass(frozen=True, slots=True, eq=False)
class GridPosterior:
    """Posterior on a grid of equal cells.

    Attributes
    ----------
    density : ndarray, shape (...)
        Posterior density at each point, per unit of the parameter.
    masses : ndarray, shape (...)
        Posterior probability of the cell around each point, with sum 1.
    log_evidence : float
        Log of the probability (density) of the data, in nats.
    """

    density: Array
    masses: Array
    log_evidence: float

    def __post_init__(self) -> None:
        _check.freeze(self, ["density", "masses"])


def grid_posterior(
    log_prior: ArrayLike, log_likelihood: ArrayLike, cell: float
) -> GridPosterior:
    r"""Bayes' rule on a grid: multiply, add up, divide.

    .. math:: p(D) \approx \sum_j p(D \mid \theta_j) \, p(\theta_j) \, \Delta

    The sum is the midpoint rule: the points are the centers of cells that cover all
    of the parameter space where prior times likelihood is noticeable.

    Parameters
    ----------
    log_prior : array_like, shape (...)
        Log prior density at each point, in nats; ``-inf`` is allowed.
    log_likelihood : array_like, shape (...)
        Log-likelihood at each point, in nats; ``-inf`` is allowed.
    cell : float
        Length, area or volume of a cell, above 0.

    Returns
    -------
    GridPosterior
        Density, probability of each cell, and log evidence in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, a value is nan or infinity, or the evidence is 0.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 10.1.

    Examples
    --------
    Two coins, fair and with two heads, equally probable before. The flip is heads:

    >>> two = grid_posterior(np.log([0.5, 0.5]), np.log([0.5, 1.0]), cell=1.0)
    >>> two.masses.round(6).tolist(), round(float(np.exp(two.log_evidence)), 6)
    ([0.333333, 0.666667], 0.75)
    """
    prior = _log_values("log_prior", log_prior)
    likelihood = _log_values("log_likelihood", log_likelihood)
    _check.same_shape("log_likelihood", likelihood, "log_prior", prior)
    cell = _check.positive_number("cell", cell)
    joint = prior + likelihood
    peak = float(joint.max())
    if peak == -np.inf:
        raise ValueError(
            "log_likelihood: expected data that are possible under the prior, "
            "got evidence 0"
        )
    # Relative to the highest point nothing that matters underflows.
    weights = np.exp(joint - peak)
    masses = weights / weights.sum()
    log_evidence = peak + float(np.log(weights.sum()) + np.log(cell))
    return GridPosterior(masses / cell, masses, log_evidence)


def credible_interval(
    posterior: Beta | Gamma | InverseGamma | Normal | StudentT, mass: float = 0.95
) -> Array:
    r"""Interval that leaves the same posterior probability on either side.

    Parameters
    ----------
    posterior : Beta, Gamma, InverseGamma, Normal or StudentT
        Distribution of one parameter, with parameters of shape (...).
    mass : float
        Probability inside, strictly between 0 and 1.

    Returns
    -------
    ndarray, shape (2, ...)
        Lower and upper end, in units of the parameter; infinity for an end that is too
        large for a floating-point number.

    Raises
    ------
    TypeError
        If the posterior is no such record.
    ValueError
        If the mass is not between 0 and 1, or a parameter of a Beta is above 1e12.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 9.2.4.

    Examples
    --------
    Half of the uniform distribution lies between the quarters:

    >>> credible_interval(Beta(1, 1), mass=0.5).round(6).tolist()
    [0.25, 0.75]
    """
    _record("posterior", posterior, Beta, Gamma, InverseGamma, Normal, StudentT)
    mass = _check.positive_number("mass", mass)
    _check.less_than("mass", mass, 1.0)
    return np.stack(_ends(posterior, 0.5 * (1.0 - mass)))


def update_beta(prior: Beta, successes: ArrayLike, failures: ArrayLike) -> Beta:
    r"""Posterior of a probability after independent trials.

    .. math:: \operatorname{Beta}(a, b) \;\to\; \operatorname{Beta}(a + s, b + f)

    Parameters
    ----------
    prior : Beta
        Belief before, with parameters of shape (...).
    successes, failures : array_like, shape (...)
        Numbers s and f of successes and failures.

    Returns
    -------
    Beta
        Belief after.

    Raises
    ------
    TypeError
        If the prior is no Beta record or a count is not a real number.
    ValueError
        If a count is negative or not whole, or the shapes do not broadcast.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.1.1.

    Examples
    --------
    >>> posterior = update_beta(Beta(1, 1), successes=4, failures=1)
    >>> float(posterior.a), float(posterior.b)
    (5.0, 2.0)
    """
    _record("prior", prior, Beta)
    s, f = _check.whole("successes", successes), _check.whole("failures", failures)
    _check.broadcastable("successes", s, prior.a.shape)
    _check.broadcastable("failures", f, np.broadcast_shapes(s.shape, prior.a.shape))
    return Beta(prior.a + s, prior.b + f)


def update_normal(prior: Normal, x: ArrayLike, sigma: float) -> Normal:
    r"""Posterior of the mean of a normal distribution with known variance.

    .. math::
        \frac{1}{\tau_n^2} = \frac{1}{\tau_0^2} + \frac{n}{\sigma^2}, \qquad
        \mu_n = \tau_n^2 \left(\frac{\mu_0}{\tau_0^2} + \frac{n \bar x}{\sigma^2}\right)

    Parameters
    ----------
    prior : Normal
        Belief about the mean, :math:`N(\mu_0, \tau_0^2)`, parameters of shape (...).
    x : array_like, shape (..., n)
        Samples of n observations along the last axis.
    sigma : float
        Known standard deviation of one observation, above 0.

    Returns
    -------
    Normal
        Belief after, :math:`N(\mu_n, \tau_n^2)`.

    Raises
    ------
    TypeError
        If the prior is no Normal record or the data are not real numbers.
    ValueError
        If the data are empty or have no axis, sigma is not positive or the shapes do
        not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.5.

    Examples
    --------
    One observation as precise as the prior: the mean is halfway between.

    >>> posterior = update_normal(Normal(0, 2), [6.0], sigma=2)
    >>> float(posterior.loc.round(6)), round(float(posterior.scale) ** 2, 6)
    (3.0, 2.0)
    """
    _record("prior", prior, Normal)
    x = _samples("x", x, prior.loc.shape)
    error = _check.positive_number("sigma", sigma) / np.sqrt(x.shape[-1])
    # Ratios below 1 in place of precisions, which can overflow.
    both = np.hypot(error, prior.scale)
    from_data, from_prior = (prior.scale / both) ** 2, (error / both) ** 2
    loc = from_data * x.mean(axis=-1) + from_prior * prior.loc
    return Normal(loc, error * (prior.scale / both))


def update_normal_inverse_gamma(
    prior: NormalInverseGamma, x: ArrayLike
) -> NormalInverseGamma:
    r"""Posterior of mean and variance of a normal distribution.

    .. math::
        k_n &= k_0 + n, \qquad m_n = \frac{k_0 m_0 + n \bar x}{k_n}, \qquad
        a_n = a_0 + \frac n2, \\
        b_n &= b_0 + \frac12 \sum_i (x_i - \bar x)^2
        + \frac{k_0 n (\bar x - m_0)^2}{2 k_n}

    Parameters
    ----------
    prior : NormalInverseGamma
        Belief before, with parameters of shape (...).
    x : array_like, shape (..., n)
        Samples of n observations along the last axis.

    Returns
    -------
    NormalInverseGamma
        Belief after.

    Raises
    ------
    TypeError
        If the prior is no such record or the data are not real numbers.
    ValueError
        If the data are empty or have no axis, are so far from the prior mean that
        squares overflow, or the shapes do not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 3.3.

    Examples
    --------
    >>> after = update_normal_inverse_gamma(NormalInverseGamma(0, 1, 2, 2), [1, 2, 3])
    >>> [float(v) for v in (after.loc, after.pseudo_count, after.shape, after.scale)]
    [1.5, 4.0, 3.5, 4.5]
    """
    _record("prior", prior, NormalInverseGamma)
    x = _samples("x", x, prior.loc.shape)
    _refuse_overflow("x", x, prior.loc)
    n, center = x.shape[-1], x.mean(axis=-1)
    k = prior.pseudo_count + n
    scatter = ((x - center[..., None]) ** 2).sum(axis=-1)
    surprise = prior.pseudo_count / k * n * (center - prior.loc) ** 2
    return NormalInverseGamma(
        prior.pseudo_count / k * prior.loc + n / k * center,
        k,
        prior.shape + 0.5 * n,
        prior.scale + 0.5 * scatter + 0.5 * surprise,
    )


def update_gamma(prior: Gamma, x: ArrayLike) -> Gamma:
    r"""Posterior of a Poisson rate.

    .. math:: \operatorname{Gamma}(a, b) \;\to\;
       \operatorname{Gamma}\left(a + \sum_i x_i, \; b + n\right)

    Parameters
    ----------
    prior : Gamma
        Belief before, in the form with a rate b, with parameters of shape (...).
    x : array_like, shape (..., n)
        Samples of n counts along the last axis, each over one unit of time.

    Returns
    -------
    Gamma
        Belief after.

    Raises
    ------
    TypeError
        If the prior is no Gamma record or the counts are not real numbers.
    ValueError
        If the data are empty or have no axis, a count is negative or not whole, or the
        shapes do not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6.

    Examples
    --------
    >>> posterior = update_gamma(Gamma(6, 2), [4, 7, 5, 2])
    >>> float(posterior.shape), float(posterior.rate)
    (24.0, 6.0)
    """
    _record("prior", prior, Gamma)
    x = _samples("x", _check.whole("x", x), prior.shape.shape)
    return Gamma(prior.shape + x.sum(axis=-1), prior.rate + x.shape[-1])


def update_dirichlet(prior: Dirichlet, counts: ArrayLike) -> Dirichlet:
    r"""Posterior of the probabilities of K outcomes.

    .. math:: \operatorname{Dir}(\alpha) \;\to\; \operatorname{Dir}(\alpha + c)

    Parameters
    ----------
    prior : Dirichlet
        Belief before, with concentrations of shape (..., K).
    counts : array_like, shape (..., K)
        How often each outcome was seen.

    Returns
    -------
    Dirichlet
        Belief after. Its mean is the predictive distribution of the next outcome.

    Raises
    ------
    TypeError
        If the prior is no Dirichlet record or the counts are not real numbers.
    ValueError
        If there are not K counts along the last axis, a count is negative or not
        whole, or the shapes do not broadcast.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.2.1.

    Examples
    --------
    An outcome that was never seen keeps some probability:

    >>> update_dirichlet(Dirichlet([1, 1, 1]), [7, 0, 10]).mean().tolist()
    [0.4, 0.05, 0.55]
    """
    _record("prior", prior, Dirichlet)
    c, K = _check.whole("counts", counts), prior.concentration.shape[-1]
    if c.ndim == 0 or c.shape[-1] != K:
        raise ValueError(f"counts: expected shape (..., {K}), got {c.shape}")
    _check.broadcastable("counts", c, prior.concentration.shape)
    return Dirichlet(prior.concentration + c)


def update_wishart(prior: Wishart, X: ArrayLike, mean: ArrayLike) -> Wishart:
    r"""Posterior of the precision matrix of a multivariate normal with known mean.

    .. math:: W(\nu, V) \;\to\; W\left(\nu + n,
       \left(V^{-1} + \sum_i (x_i - \mu)(x_i - \mu)^T\right)^{-1}\right)

    With :math:`V = L L^T` and the rows :math:`(x_i - \mu)^T L` in a matrix A, the new
    scale is :math:`L (I + A^T A)^{-1} L^T`. The QR decomposition of A above I gives the
    triangle of :math:`I + A^T A`: no matrix is inverted or squared.

    Parameters
    ----------
    prior : Wishart
        Belief about the precision :math:`\Lambda = \Sigma^{-1}`, of shape (d, d).
    X : array_like, shape (n, d)
        Observations.
    mean : array_like, shape (d,)
        Known mean :math:`\mu`.

    Returns
    -------
    Wishart
        Belief about the precision after.

    Raises
    ------
    TypeError
        If the prior is no Wishart record or the data are not real numbers.
    ValueError
        If X has no rows, the shapes do not fit, or the new scale is singular to working
        precision, as under a very vague prior when the data do not scatter everywhere.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 2.3.6.

    Examples
    --------
    >>> after = update_wishart(Wishart(3, np.eye(2)), [[1, 0], [0, 2]], mean=[0, 0])
    >>> float(after.df), after.scale.round(6).tolist()
    (5.0, [[0.5, 0.0], [0.0, 0.2]])
    """
    _record("prior", prior, Wishart)
    X, d = _check.matrix("X", X), len(prior.scale)
    if X.shape[1] != d:
        raise ValueError(f"X: expected shape (n, {d}), got {X.shape}")
    L = cholesky(prior.scale, lower=True)
    A = (X - _check.vector("mean", mean, d)) @ L
    triangle = np.linalg.qr(np.vstack([A, np.eye(d)]), mode="r")
    half = solve_triangular(triangle, L.T, trans="T", check_finite=False)
    return Wishart(prior.df + len(X), half.T @ half)


def predict_normal(belief: Normal, sigma: float) -> Normal:
    r"""Distribution of one new observation with an uncertain mean.

    .. math:: x^* \sim N(\mu_n, \; \tau_n^2 + \sigma^2)

    Parameters
    ----------
    belief : Normal
        Distribution of the mean, with parameters of shape (...).
    sigma : float
        Known standard deviation of one observation, above 0.

    Returns
    -------
    Normal
        Distribution of the observation.

    Raises
    ------
    TypeError
        If the belief is no Normal record.
    ValueError
        If sigma is not a positive number.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.5.

    Examples
    --------
    >>> float(predict_normal(Normal(1, 3), sigma=4).scale)
    5.0
    """
    _record("belief", belief, Normal)
    sigma = _check.positive_number("sigma", sigma)
    return Normal(belief.loc, np.hypot(belief.scale, sigma))


def beta_binomial_log_prob(belief: Beta, k: ArrayLike, n: int) -> Array:
    r"""Log probability of k successes in n trials with an uncertain probability.

    .. math:: P(k \mid n, a, b) = \binom{n}{k} \frac{B(a + k, b + n - k)}{B(a, b)}

    Under a prior this is the evidence of a count, under a posterior a prediction.

    Parameters
    ----------
    belief : Beta
        Distribution of the probability, with parameters of shape (...).
    k : array_like, shape (...)
        Numbers of successes, from 0 to n.
    n : int
        Number of trials, at least 1.

    Returns
    -------
    ndarray, shape (...)
        Log probabilities, in nats.

    Raises
    ------
    TypeError
        If the belief is no Beta record or a count is not a real number.
    ValueError
        If a count is not whole, negative or above n, or the shapes do not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, appendix A.

    Examples
    --------
    If every probability is equally plausible, so is every count:

    >>> np.exp(beta_binomial_log_prob(Beta(1, 1), [0, 1, 2, 3], n=3)).round(6).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    _record("belief", belief, Beta)
    n, k = _check.count("n", n), _check.whole("k", k)
    if k.max() > n:
        raise ValueError(f"k: expected counts <= n, {n}, got {k.max():g}")
    _check.broadcastable("k", k, belief.a.shape)
    a, b = belief.a, belief.b
    # The coefficient and both Beta functions, sorted into three rising factorials.
    return _log_rising(a, k) + _log_rising(b, n - k) - _log_rising(a + b, n)


def negative_binomial_log_prob(belief: Gamma, x: ArrayLike) -> Array:
    r"""Log probability of a Poisson count with an uncertain rate.

    .. math:: P(x \mid a, b) = \frac{\Gamma(a + x)}{\Gamma(a) \, x!}
       \left(\frac{b}{b + 1}\right)^a \left(\frac{1}{b + 1}\right)^x

    Parameters
    ----------
    belief : Gamma
        Distribution of the rate, with parameters of shape (...).
    x : array_like, shape (...)
        Counts over one unit of time.

    Returns
    -------
    ndarray, shape (...)
        Log probabilities, in nats.

    Raises
    ------
    TypeError
        If the belief is no Gamma record or a count is not a real number.
    ValueError
        If a count is negative or not whole, or the shapes do not broadcast.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6.

    Examples
    --------
    >>> np.exp(negative_binomial_log_prob(Gamma(1, 1), [0, 1, 2])).round(6).tolist()
    [0.5, 0.25, 0.125]
    """
    _record("belief", belief, Gamma)
    x = _check.whole("x", x)
    _check.broadcastable("x", x, belief.shape.shape)
    a, b = belief.shape, belief.rate
    return _log_rising(a, x) - a * np.log1p(1 / b) - x * np.log1p(b)


def _log_rising(a: Array, x: Array | int) -> Array:
    """Log of Gamma(a + x) / (Gamma(a) x!)."""
    # Symmetric in a and x + 1. Among large numbers the difference of two log-gammas
    # loses all digits; that of two Stirling series does not.
    large, small = np.maximum(a, x + 1), np.minimum(a, x + 1)
    far, rest = np.maximum(large, 1e4), small - 1  # the next term is below 1e-14
    log_ratio = rest * np.log(far) + (far + rest - 0.5) * np.log1p(rest / far) - rest
    log_ratio += 1 / (12 * (far + rest)) - 1 / (12 * far)
    near = np.asarray(-np.log(a + x) - betaln(a, x + 1))
    return np.where(large < 1e4, near, log_ratio - gammaln(small))


def _ends(
    distribution: Beta | Gamma | InverseGamma | Normal | StudentT, tail: float
) -> tuple[Array, Array]:
    """Quantiles with the same probability below the lower and above the upper one."""
    with np.errstate(divide="ignore", over="ignore"):
        match distribution:
            case Beta(a=a, b=b):
                a, b = _for_quantiles(a), _for_quantiles(b)
                low, high = betaincinv(a, b, tail), betainccinv(a, b, tail)
            case Gamma(shape=a, rate=rate):
                low, high = gammaincinv(a, tail) / rate, gammainccinv(a, tail) / rate
            case InverseGamma(shape=a, scale=b):
                low, high = b / gammainccinv(a, tail), b / gammaincinv(a, tail)
            case Normal(loc=loc, scale=scale):
                half = scale * -ndtri(tail)
                low, high = loc - half, loc + half
            case StudentT(df=df, loc=loc, scale=scale):
                t = -stdtrit(df, tail)
                # SciPy's quantiles stay below 6.8e153 sqrt(df), where t does not.
                half = scale * np.where(t < 6e153 * np.sqrt(df), t, np.inf)
                low, high = loc - half, loc + half
    return np.asarray(low), np.asarray(high)


def _for_quantiles(parameter: Array) -> Array:
    """Parameter of a Beta in the range in which SciPy's quantiles are right."""
    if parameter.max() > 1e12:
        raise ValueError(
            f"posterior: expected Beta parameters <= 1e+12, got {parameter.max():g}"
        )
    # With exactly 1000 and more than 1e7 SciPy 1.17 misses by many deviations.
    return np.where(parameter == 1000, np.nextafter(1000, 1001), parameter)


def _record(name: str, value: object, *kinds: type) -> None:
    if not isinstance(value, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        got = value.__name__ if isinstance(value, type) else type(value).__name__
        raise TypeError(f"{name}: expected a {wanted} record, got {got}")


def _samples(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    x = _check.real(name, value)
    if x.ndim == 0:
        raise ValueError(f"{name}: expected shape (..., n), got {x.shape}")
    _check.broadcastable(name, x[..., 0], shape)
    return x


def _refuse_overflow(name: str, x: Array, loc: Array) -> None:
    with np.errstate(over="ignore"):
        distance = np.abs(x - loc[..., None]).max()
    if not distance < 1e150:
        raise ValueError(
            f"{name}: expected distances from the prior mean below 1e+150, whose "
            f"squares do not overflow, got {distance:g}"
        )


def _log_values(name: str, value: ArrayLike) -> Array:
    """Return real numbers or -inf."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged nested sequences
        return _check.real(name, value)
    impossible = array == -np.inf if array.dtype.kind == "f" else np.False_
    _check.real(name, np.where(impossible, 0.0, array) if impossible.any() else value)
    return np.asarray(array, dtype=np.float64)
