r"""Likelihood, log-likelihood and numerical maximum likelihood.

Lesson: ``likelihood/coin``.

The data are fixed, the parameter varies. For independent observations the likelihood
is a product and its logarithm a sum,

.. math:: \ell(\theta) = \log L(\theta) = \sum_{i=1}^n \log p(x_i \mid \theta).

Its derivative is the score, minus its second derivative the observed information,
whose inverse estimates the covariance of the maximum likelihood estimate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.foundations.gradients import gradient, hessian
from mlnotes.probability.distributions import Distribution

__all__ = ["MLEFit", "fit_mle", "log_likelihood", "observed_information", "score"]

LogLikelihood = Callable[[Array], float]


@dataclass(frozen=True, slots=True, eq=False)
class MLEFit:
    """Numerical maximum likelihood estimate.

    Attributes
    ----------
    params : ndarray, shape (p,)
        Estimate.
    log_likelihood : float
        Log-likelihood at the estimate, in nats.
    information : ndarray, shape (p, p)
        Observed information: minus the Hessian of the log-likelihood.
    converged : bool
        Whether the estimate is a maximum in the interior that the information
        describes: it is positive definite, the score leaves less to climb than the
        tolerance, and half a standard error away the log-likelihood has fallen by at
        least a tenth of the 1/8 nat of a parabola.
    """

    params: Array
    log_likelihood: float
    information: Array
    converged: bool

    def __post_init__(self) -> None:
        _check.freeze(self, ["params", "information"])

    @property
    def standard_errors(self) -> Array:
        """Square roots of the diagonal of the inverse information, shape (p,)."""
        if not self.converged:
            raise ValueError(
                "fit: expected a converged fit, got one that is not; start again from "
                "its parameters, unless the maximum is on a border, in a corner or "
                "nowhere"
            )
        return np.sqrt(np.diag(np.linalg.inv(self.information)))


def log_likelihood(
    distribution: Distribution, x: ArrayLike, weights: ArrayLike | None = None
) -> Array:
    r"""Log-likelihood of independent observations.

    .. math:: \ell(\theta) = \sum_{i=1}^n w_i \log p(x_i \mid \theta)

    Parameters
    ----------
    distribution : Distribution
        Model with its parameters. Parameters of shape (...) give one log-likelihood
        each: a whole curve in one call.
    x : array_like, shape (n,)
        Observations.
    weights : array_like, shape (n,), optional
        Non-negative weights, 1 where omitted.

    Returns
    -------
    ndarray, shape (...)
        Log-likelihood of each parameter, in nats; ``-inf`` if an observation is
        impossible.

    Raises
    ------
    TypeError
        If the model is no distribution or the observations or weights are not real
        numbers.
    ValueError
        If the observations or weights are not finite vectors of one length.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 7.2.2.

    Examples
    --------
    Heads, heads, heads, tails, heads, for two values of the parameter:

    >>> from mlnotes.probability.distributions import Bernoulli
    >>> log_likelihood(Bernoulli([0.5, 0.8]), [1, 1, 1, 0, 1]).round(6).tolist()
    [-3.465736, -2.502012]
    """
    if isinstance(distribution, type) or not hasattr(distribution, "log_prob"):
        got = getattr(distribution, "__name__", type(distribution).__name__)
        raise TypeError(f"distribution: expected a distribution, got {got}")
    # Without weights log_prob comes next, and checks the numbers of a vector itself.
    if weights is not None or not isinstance(x, np.ndarray) or x.ndim != 1:
        x = _check.vector("x", x)
    w = None if weights is None else _check.weights("weights", weights, x.size)
    batch = distribution.mean().ndim
    log_p = distribution.log_prob(x.reshape((-1,) + (1,) * batch))
    if w is None:
        return np.asarray(log_p.sum(axis=0))
    seen = w > 0  # a weight of zero silences even an impossible observation
    return np.asarray(np.tensordot(w[seen], log_p[seen], axes=1))


def score(log_likelihood: LogLikelihood, params: ArrayLike) -> Array:
    r"""Score: the gradient of a log-likelihood, by central differences.

    .. math:: s(\theta) = \nabla_\theta \, \ell(\theta)

    Parameters
    ----------
    log_likelihood : callable
        Maps parameters of shape (p,) to a float, in nats.
    params : array_like, shape (p,)
        Where the score is wanted.

    Returns
    -------
    ndarray, shape (p,)
        Score, in nats per unit of each parameter.

    Raises
    ------
    TypeError
        If the log-likelihood is not callable or the parameters are not real numbers.
    ValueError
        If the parameters are not a finite vector.

    Examples
    --------
    Four heads and one tail: the score is 4/p - 1/(1 - p), zero at 0.8.

    >>> coin = lambda p: float(4 * np.log(p[0]) + np.log(1 - p[0]))
    >>> score(coin, [0.5]).round(6).tolist()
    [6.0]
    """
    _check.function("log_likelihood", log_likelihood)
    theta = _check.vector("params", params)
    return gradient(log_likelihood, theta)


def observed_information(log_likelihood: LogLikelihood, params: ArrayLike) -> Array:
    r"""Observed information: minus the Hessian, by central differences.

    .. math:: J(\theta) = -\nabla_\theta^2 \, \ell(\theta)

    Parameters
    ----------
    log_likelihood : callable
        Maps parameters of shape (p,) to a float, in nats.
    params : array_like, shape (p,)
        Where the information is wanted, usually the maximum likelihood estimate.

    Returns
    -------
    ndarray, shape (p, p)
        Symmetric matrix, in nats per unit of each pair of parameters.

    Raises
    ------
    TypeError
        If the log-likelihood is not callable or the parameters are not real numbers.
    ValueError
        If the parameters are not a finite vector.

    References
    ----------
    Efron and Hinkley (1978), *Assessing the Accuracy of the Maximum Likelihood
    Estimator: Observed Versus Expected Fisher Information*.

    Examples
    --------
    Four heads and one tail: 4/p^2 + 1/(1 - p)^2 at p = 0.8 is 31.25.

    >>> coin = lambda p: float(4 * np.log(p[0]) + np.log(1 - p[0]))
    >>> observed_information(coin, [0.8]).round(3).tolist()
    [[31.25]]
    """
    _check.function("log_likelihood", log_likelihood)
    theta = _check.vector("params", params)
    return -hessian(log_likelihood, theta)


def fit_mle(
    log_likelihood: LogLikelihood, init: ArrayLike, *, tol: float = 1e-8
) -> MLEFit:
    """Maximum likelihood estimate by numerical search, with its information.

    The search (Nelder and Mead) needs no derivatives and accepts ``-inf`` outside the
    domain of the parameters. A maximum on the border of the domain or in a corner, or
    one that is never attained, is reported as not converged: there the score need not
    vanish, and the information says nothing about the error.

    Parameters
    ----------
    log_likelihood : callable
        Maps parameters of shape (p,) to a float, in nats.
    init : array_like, shape (p,)
        Start, inside the domain.
    tol : float
        Largest gain in log-likelihood, in nats, that a further Newton step may promise
        at a maximum.

    Returns
    -------
    MLEFit
        Estimate, log-likelihood (nats), observed information and convergence.

    Raises
    ------
    TypeError
        If the log-likelihood is not callable or no real number at the start, or the
        start is not real numbers.
    ValueError
        If the start is not a finite vector or has no finite log-likelihood, if the
        search meets an infinite one, or if the tolerance is not positive.

    References
    ----------
    Nelder and Mead (1965), *A Simplex Method for Function Minimization*.

    Examples
    --------
    >>> def coin(p):
    ...     inside = 0 < p[0] < 1
    ...     return 4 * np.log(p[0]) + np.log1p(-p[0]) if inside else -np.inf
    >>> fit = fit_mle(coin, [0.5])
    >>> fit.params.round(6).tolist(), fit.standard_errors.round(4).tolist()
    ([0.8], [0.1789])
    """
    from scipy import optimize  # here, because it is slow to import

    _check.function("log_likelihood", log_likelihood)
    start = _check.vector("init", init)
    tol = _check.positive_number("tol", tol)

    def ell(theta: Array) -> float:
        return log_likelihood(theta.copy())  # it may write to its argument

    at_start = np.asarray(ell(start))
    if at_start.ndim or at_start.dtype.kind not in "fiub":
        raise TypeError(f"log_likelihood: expected one real number, got {at_start!r}")
    if not np.isfinite(at_start):
        raise ValueError(
            f"init: expected parameters with a finite log-likelihood, got {at_start}"
        )

    def loss(theta: Array) -> float:
        height = float(ell(theta))
        if height == np.inf:
            raise ValueError(
                f"log_likelihood: expected a maximum, got inf at {theta}; restrict the "
                "parameters or regularize"
            )
        return -height

    found = optimize.minimize(loss, start, method="Nelder-Mead", tol=1e-10)
    theta = np.asarray(found.x, dtype=np.float64)
    # Beyond a border differences may be nan and the domain may end.
    with np.errstate(divide="ignore", invalid="ignore"):
        information = observed_information(ell, theta)
        slope = score(ell, theta)
        converged = _is_maximum(ell, theta, slope, information, tol)
    return MLEFit(
        params=theta,
        log_likelihood=float(ell(theta)),
        information=information,
        converged=converged,
    )


def _is_maximum(
    log_likelihood: LogLikelihood,
    theta: Array,
    slope: Array,
    information: Array,
    tol: float,
) -> bool:
    """Whether the log-likelihood has a peak here, not a slope, a ridge or a plain."""
    curvature = np.diag(information)
    if not (np.isfinite(slope).all() and np.isfinite(information).all()):
        return False
    if not curvature.min() > 0:
        return False
    # Each parameter in its own unit, so that the eigenvalues can be compared.
    unit = 1 / np.sqrt(curvature)
    values, axes = np.linalg.eigh(information * np.outer(unit, unit))
    if values[0] <= 0:
        return False
    promised_gain = np.sum((axes.T @ (unit * slope)) ** 2 / values) / 2
    if not promised_gain <= tol:
        return False
    # Score and information vanish together where a likelihood only levels off, and a
    # corner has any information that the length of the differences may find.
    peak = log_likelihood(theta)
    walks = unit * (axes / np.sqrt(values)).T / 2
    falls = [peak - log_likelihood(theta + w) for w in (*walks, *-walks)]
    return all(8 * fall > 0.1 for fall in falls)
