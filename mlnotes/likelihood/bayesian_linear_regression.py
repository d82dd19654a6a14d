r"""Bayesian linear regression with known noise and a normal prior on the weights.

Lesson: ``likelihood/bayesian-linear-regression``.

Targets are a weighted sum of the columns of a design matrix, plus noise of a known
variance, and the weights have a normal prior that is the same for all of them:

.. math:: y \mid X, w \sim N(X w, \sigma^2 I), \qquad w \sim N(0, \lambda^{-1} I).

What is known about the weights is then normal at any time. A belief holds it as a mean
and the triangular factor of the precision matrix (the inverse covariance), to which
every observation only adds. The matrix :math:`X^T X` is never formed, because its
condition number is the square of that of X.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.probability.distributions import Normal

__all__ = ["WeightBelief", "predict", "prior", "update"]

# Least ratio of the smallest to the largest singular value of the factor, its columns
# scaled to length 1. Rounding alone leaves about 1e-16.
SMALLEST_RATIO = 1e-13
LARGEST = 1e150  # whose square is still a floating-point number


@dataclass(frozen=True, slots=True, eq=False)
class WeightBelief:
    """Normal distribution of the weights, before or after some data.

    Attributes
    ----------
    mean : ndarray, shape (p,)
        Mean m, in units of the target per unit of each column.
    precision_factor : ndarray, shape (p, p)
        Upper triangular R with a positive diagonal and R'R = inverse of S, the
        covariance of the weights.
    noise_variance : float
        Variance of the noise, in squared units of the target.
    log_evidence : float
        Log density that was predicted for all targets seen so far, in nats; 0 before
        the first.
    """

    mean: Array
    precision_factor: Array
    noise_variance: float
    log_evidence: float

    def __post_init__(self) -> None:
        _check.freeze(self, ["mean", "precision_factor"])

    @property
    def covariance(self) -> Array:
        """Covariance S of the weights, shape (p, p)."""
        W = solve_triangular(
            self.precision_factor, np.eye(self.mean.size), check_finite=False
        )
        return np.asarray(W @ W.T)

    @property
    def standard_deviations(self) -> Array:
        """Square roots of the diagonal of the covariance, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def prior(n_weights: int, precision: float, noise_variance: float) -> WeightBelief:
    r"""Belief before any data: independent weights around zero.

    .. math:: w \sim N(0, \lambda^{-1} I)

    Parameters
    ----------
    n_weights : int
        Number of weights, p, one for each column of the design matrix.
    precision : float
        Precision :math:`\lambda` of each weight, one over its prior variance.
    noise_variance : float
        Variance of the noise, in squared units of the target.

    Returns
    -------
    WeightBelief
        Mean 0 (units of the target per unit of each column) and log evidence 0 (nats).

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If the number of weights is not a whole number of at least 1, or the precision
        or the variance is not positive.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 3.52.

    Examples
    --------
    >>> prior(2, precision=0.25, noise_variance=1.0).standard_deviations.tolist()
    [2.0, 2.0]
    """
    p = _check.count("n_weights", n_weights)
    precision = _check.positive_number("precision", precision)
    return WeightBelief(
        mean=np.zeros(p),
        precision_factor=np.sqrt(precision) * np.eye(p),
        noise_variance=_check.positive_number("noise_variance", noise_variance),
        log_evidence=0.0,
    )


def update(belief: WeightBelief, X: ArrayLike, y: ArrayLike) -> WeightBelief:
    r"""Belief after the targets y were seen at the rows of X: Bayes' rule.

    .. math:: S_{\text{new}}^{-1} = S^{-1} + X^T X / \sigma^2, \qquad
       m_{\text{new}} = S_{\text{new}} \left(S^{-1} m + X^T y / \sigma^2\right)

    With :math:`S^{-1} = R^T R` the new mean is the least-squares solution of the rows
    :math:`X w = y`, divided by :math:`\sigma`, above the rows :math:`R w = R m`. One QR
    decomposition of all these rows gives the new factor, the new mean and, in its last
    corner, the misfit that belongs in the evidence.

    Parameters
    ----------
    belief : WeightBelief
        What was known before.
    X : array_like, shape (n, p)
        Design matrix of the new observations, with its intercept column if the model
        has one.
    y : array_like, shape (n,)
        Their targets.

    Returns
    -------
    WeightBelief
        Mean (units of the target per unit of each column), precision, and log evidence
        (nats) increased by the log density of y that the old belief predicted.

    Raises
    ------
    TypeError
        If the belief is no `WeightBelief`, or X or y are not real numbers.
    ValueError
        If X is not a finite matrix with one column for each weight, y does not have
        one finite target for each row, numbers are so large that their squares
        overflow, or the columns are so nearly dependent and the prior so weak that
        rounding would decide.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equations 3.49 to 3.51.

    Examples
    --------
    A target of 2 with noise variance 1 and a prior N(0, 1): half way, half the
    variance.

    >>> after = update(prior(1, 1.0, 1.0), [[1.0]], [2.0])
    >>> after.mean.round(6).tolist(), after.covariance.round(6).tolist()
    ([1.0], [[0.5]])
    """
    _refuse_no_belief(belief)
    p = belief.mean.size
    X = _columns("X", X, p)
    n = len(X)
    y = _check.vector("y", y, n)
    R, sigma = belief.precision_factor, np.sqrt(belief.noise_variance)
    data = _in_noise_units(X=X, y=y[:, None], sigma=sigma)
    known = np.column_stack([R, R @ belief.mean])
    triangle = np.asarray(np.linalg.qr(np.vstack([data, known]), mode="r"))
    signs = np.where(np.diag(triangle)[:p] < 0, -1.0, 1.0)
    R_new, z = signs[:, None] * triangle[:p, :p], signs * triangle[:p, p]
    _refuse_rounding(R_new)
    gain = (
        -n / 2 * np.log(2 * np.pi * belief.noise_variance)
        + np.log(np.diag(R) / np.diag(R_new)).sum()
        - np.square(triangle[p, p]) / 2
    )
    return WeightBelief(
        mean=solve_triangular(R_new, z, check_finite=False),
        precision_factor=R_new,
        noise_variance=belief.noise_variance,
        log_evidence=belief.log_evidence + float(gain),
    )


def predict(belief: WeightBelief, X_new: ArrayLike) -> Normal:
    r"""Predictive distribution of the target at each row of new inputs.

    .. math:: y^* \sim N\left(x^{*T} m, \; \sigma^2 + x^{*T} S x^*\right)

    From the prior it is the prior predictive distribution, after an `update` the
    posterior predictive distribution.

    Parameters
    ----------
    belief : WeightBelief
        What is known about the weights.
    X_new : array_like, shape (k, p)
        Inputs to predict at, as rows of a design matrix.

    Returns
    -------
    Normal
        Mean and standard deviation of each target, shape (k,), in units of the target.

    Raises
    ------
    TypeError
        If the belief is no `WeightBelief` or the inputs are not real numbers.
    ValueError
        If the inputs are not a finite matrix with one column for each weight, or so
        large that the variance overflows.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equations 3.58 and 3.59.

    Examples
    --------
    A weight N(0, 1/4), an input of 2 and noise of variance 3: 3 + 2 * 2 / 4.

    >>> predict(prior(1, 4.0, 3.0), [[2.0]]).variance().round(6).tolist()
    [4.0]
    """
    _refuse_no_belief(belief)
    X_new = _columns("X_new", X_new, belief.mean.size)
    half = solve_triangular(
        belief.precision_factor, X_new.T, trans="T", check_finite=False
    )
    _refuse_far("X_new", half)
    variance = belief.noise_variance + (half**2).sum(axis=0)
    return Normal(X_new @ belief.mean, np.sqrt(variance))


def _columns(name: str, value: ArrayLike, p: int) -> Array:
    """Return a matrix with p columns."""
    X = _check.matrix(name, value)
    if X.shape[1] != p:
        raise ValueError(
            f"{name}: expected {p} columns, one for each weight, got {X.shape[1]}"
        )
    return X


def _in_noise_units(*, sigma: float, **parts: Array) -> Array:
    """Columns of X and y, divided by the standard deviation of the noise."""
    for name, part in parts.items():
        if np.abs(part).max() > LARGEST * sigma:
            raise ValueError(
                f"{name}: expected numbers below {LARGEST:g} standard deviations of "
                f"the noise, got {np.abs(part).max():g} for sigma = {sigma:g}"
            )
    return np.column_stack(list(parts.values())) / sigma


def _refuse_far(name: str, half: Array) -> None:
    """Refuse inputs at which the variance of the line overflows."""
    if not np.abs(half).max() < 1e153:
        raise ValueError(
            f"{name}: expected inputs at which the line has a standard deviation below "
            f"1e+153, got {np.abs(half).max():g}"
        )


def _refuse_no_belief(belief: object) -> None:
    if not isinstance(belief, WeightBelief):
        got = type(belief).__name__
        if isinstance(belief, type):
            got = f"the class {belief.__name__}"
        raise TypeError(f"belief: expected a WeightBelief, got {got}")


def _refuse_rounding(R: Array) -> None:
    """Refuse a factor in which some direction holds nothing but rounding errors."""
    values = np.linalg.svd(R / np.linalg.norm(R, axis=0), compute_uv=False)
    if not values[-1] > SMALLEST_RATIO * values[0]:
        raise ValueError(
            "X: expected columns that the data or the prior tell apart, got columns "
            "that only rounding errors do; give the prior a higher precision or drop "
            "columns"
        )
