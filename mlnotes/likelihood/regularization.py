r"""Penalized least squares: ridge, lasso and elastic net, the modes of posteriors.

Lesson: ``likelihood/regularization``.

All functions refer to one objective, a sum over the examples and never a mean:

.. math:: F(\beta) = \|y - X \beta\|^2 + \lambda_1 \|\beta\|_1 + \lambda_2 \|\beta\|^2

With noise of variance :math:`\sigma^2` it is :math:`2 \sigma^2` times the negative log
posterior for the prior density proportional to
:math:`\exp(-(\lambda_1 \|\beta\|_1 + \lambda_2 \|\beta\|^2) / (2 \sigma^2))`, apart
from a constant. Every column of X is penalized. For an intercept without penalty,
center the columns of X and y; then it is the mean of y minus the means of X times the
coefficients.

The computations start from the Gram matrix :math:`G = X^T X` and from
:math:`c = X^T y`. Objectives are therefore exact to rounding errors of
:math:`\|y\|^2`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lapack

from mlnotes import _check
from mlnotes._check import Array

__all__ = [
    "PenalizedFit",
    "fit_elastic_net",
    "fit_lasso",
    "fit_ridge",
    "kkt_residuals",
    "lasso_path",
    "shrinkage_factors",
    "soft_threshold",
    "zeroing_penalty",
]

# Below this reciprocal condition number the Gram matrix has lost too many digits.
WELL_CONDITIONED = 1e-8
TOLERANCE = 1e-12
MAX_ITER = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class PenalizedFit:
    """Minimizer of a penalized sum of squares, and how the search for it went.

    Attributes
    ----------
    coefficients : ndarray, shape (d,)
        Estimate, in units of y per unit of each column.
    objectives : ndarray, shape (number of iterates,)
        Objective at each iterate, in squared units of y; the last is that of the
        coefficients.
    converged : bool
        Whether the coefficients are the minimum, up to the tolerance of the search.
    """

    coefficients: Array
    objectives: Array
    converged: bool

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "objectives"])


def fit_ridge(X: ArrayLike, y: ArrayLike, *, penalty: float) -> PenalizedFit:
    r"""Ridge regression: least squares with a penalty on squared coefficients.

    .. math:: \hat\beta = \operatorname*{arg\,min}_\beta
       \|y - X \beta\|^2 + \lambda \|\beta\|^2
       = (X^T X + \lambda I)^{-1} X^T y

    It is the posterior mode, and mean, for noise of variance :math:`\sigma^2` and
    independent coefficients from :math:`N(0, \tau^2)` if
    :math:`\lambda = \sigma^2 / \tau^2`. A Cholesky factor solves the equations. Where
    they are ill-conditioned, least squares on X with the rows
    :math:`\sqrt\lambda \, I` below it keeps twice the digits. Columns are scaled
    to the same length first, so that no unit of measurement costs digits. A penalty
    that rounding errors of dependent columns drown is taken for its limit, the
    shortest least-squares solution.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features, centered if the model has an intercept; dependent columns are welcome.
    y : array_like, shape (n,)
        Targets, centered if the model has an intercept.
    penalty : float
        Weight lambda of the squared coefficients, positive. It is scikit-learn's
        ``alpha`` for ``Ridge``.

    Returns
    -------
    PenalizedFit
        Coefficients (units of y per unit of each column) and the objective at them.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or the penalty is not
        positive; `fit_ols` of ``least_squares`` fits without a penalty.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    section 3.4.1.

    Examples
    --------
    Two measurements of the same coefficient, 3 and 5, and a prior worth two more
    measurements of 0: their mean is 2.

    >>> fit_ridge([[1], [1]], [3, 5], penalty=2).coefficients.round(6).tolist()
    [2.0]
    """
    penalty = _penalty("penalty", penalty)
    X, y = _data(X, y)
    gram, c, y_squared = _products(X, y)
    d = c.size
    gram.flat[:: d + 1] += penalty
    lengths = np.sqrt(gram.diagonal())
    gram /= lengths[:, None]
    gram /= lengths
    size = np.abs(gram).sum(axis=0).max()
    factor, failed = lapack.dpotrf(gram)
    if not failed and lapack.dpocon(factor, size)[0] >= WELL_CONDITIONED:
        beta = lapack.dpotrs(factor, c / lengths)[0] / lengths
    else:
        rows = np.vstack([X, np.sqrt(penalty) * np.eye(d)]) / lengths
        beta, _, rank, _ = np.linalg.lstsq(rows, np.append(y, np.zeros(d)))
        beta = beta / lengths if rank == d else np.linalg.lstsq(X, y)[0]
    return PenalizedFit(beta, np.array([y_squared - c @ beta]), True)


def shrinkage_factors(X: ArrayLike, *, penalty: float) -> Array:
    r"""Shares of least squares that ridge keeps along the right singular vectors of X.

    .. math:: \frac{d_i^2}{d_i^2 + \lambda}, \qquad X = U D V^T

    Their sum is the effective number of coefficients.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features, as for `fit_ridge`.
    penalty : float
        Penalty of the ridge regression, positive.

    Returns
    -------
    ndarray, shape (min(n, d),)
        Shares from 0 to 1, in falling order.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If X is not a finite matrix or the penalty is not positive.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    equations 3.47 and 3.50.

    Examples
    --------
    A direction of length 3 keeps 9 of 10 parts, one of length 1 half:

    >>> shrinkage_factors([[3, 0], [0, 1]], penalty=1).round(6).tolist()
    [0.9, 0.5]
    """
    penalty = _penalty("penalty", penalty)
    lengths = np.linalg.svd(_check.matrix("X", X), compute_uv=False)
    return np.asarray((lengths / np.hypot(lengths, np.sqrt(penalty))) ** 2)


def soft_threshold(z: ArrayLike, threshold: ArrayLike) -> Array:
    r"""Numbers moved toward zero by a threshold, and set to zero within it.

    .. math:: S(z, t) = \operatorname{sign}(z) \max(|z| - t, 0)
       = \operatorname*{arg\,min}_\beta \tfrac12 (z - \beta)^2 + t \, |\beta|

    Parameters
    ----------
    z : array_like, shape (...)
        Numbers.
    threshold : array_like, shape (...)
        Thresholds t, at least 0; broadcasts against z.

    Returns
    -------
    ndarray, shape (...)
        Thresholded numbers, in the units of z.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, a threshold is negative, or the shapes do not
        broadcast.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), *Regularization Paths for Generalized
    Linear Models via Coordinate Descent*, equation 6.

    Examples
    --------
    >>> soft_threshold([-3, 0.5, 2], 1).tolist()
    [-2.0, 0.0, 1.0]
    """
    z, t = _check.real("z", z), _check.non_negative("threshold", threshold)
    _check.broadcastable("threshold", t, z.shape)
    return np.asarray(z - np.clip(z, -t, t))


def fit_lasso(
    X: ArrayLike,
    y: ArrayLike,
    *,
    penalty: float,
    tol: float = TOLERANCE,
    max_iter: int = MAX_ITER,
) -> PenalizedFit:
    r"""Lasso: least squares with a penalty on absolute coefficients.

    .. math:: \hat\beta = \operatorname*{arg\,min}_\beta
       \|y - X \beta\|^2 + \lambda \|\beta\|_1

    It is the posterior mode for noise of variance :math:`\sigma^2` and independent
    coefficients from Laplace(0, b) if :math:`\lambda = 2 \sigma^2 / b`. Computed by
    cyclic coordinate descent from zero, see `fit_elastic_net`.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features, centered if the model has an intercept.
    y : array_like, shape (n,)
        Targets, centered if the model has an intercept.
    penalty : float
        Weight lambda of the absolute coefficients, positive. It is 2 n times
        scikit-learn's ``alpha``, whose ``Lasso`` divides the squares by 2 n.
    tol, max_iter : float, int
        As for `fit_elastic_net`.

    Returns
    -------
    PenalizedFit
        Coefficients (units of y per unit of each column), the objective at zero and
        after each pass, and convergence.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or the penalty, the
        tolerance or the number of passes is not positive.

    References
    ----------
    Tibshirani (1996), *Regression Shrinkage and Selection via the Lasso*; Friedman,
    Hastie and Tibshirani (2010), section 2.

    Examples
    --------
    Half the penalty is the threshold for orthonormal columns:

    >>> fit = fit_lasso([[1, 0], [0, 1]], [3, -0.5], penalty=2)
    >>> fit.coefficients.tolist(), fit.converged
    ([2.0, 0.0], True)
    """
    penalty = _penalty("penalty", penalty)
    return fit_elastic_net(
        X, y, l1_penalty=penalty, l2_penalty=0.0, tol=tol, max_iter=max_iter
    )


def fit_elastic_net(
    X: ArrayLike,
    y: ArrayLike,
    *,
    l1_penalty: float,
    l2_penalty: float,
    tol: float = TOLERANCE,
    max_iter: int = MAX_ITER,
) -> PenalizedFit:
    r"""Elastic net: least squares with penalties on absolute and squared coefficients.

    .. math:: \hat\beta = \operatorname*{arg\,min}_\beta
       \|y - X \beta\|^2 + \lambda_1 \|\beta\|_1 + \lambda_2 \|\beta\|^2

    Coordinate descent minimizes over one coefficient after the other, from zero:

    .. math:: \beta_j \leftarrow
       \frac{S(x_j^T r_j, \; \lambda_1 / 2)}{\|x_j\|^2 + \lambda_2}

    with the residuals :math:`r_j` of a model without column j and the soft threshold
    S. Only the inner products :math:`x_j^T r` are kept, which a change of one
    coefficient shifts by a row of the Gram matrix.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features, centered if the model has an intercept.
    y : array_like, shape (n,)
        Targets, centered if the model has an intercept.
    l1_penalty, l2_penalty : float
        Weights lambda_1 and lambda_2, at least 0 and not both 0. scikit-learn's
        ``ElasticNet`` divides the squares by 2 n: they are ``2 * n * alpha * l1_ratio``
        and ``n * alpha * (1 - l1_ratio)``.
    tol : float
        Largest violation of the conditions for a minimum, see `kkt_residuals`, as a
        share of `zeroing_penalty`.
    max_iter : int
        Largest number of passes over the coefficients.

    Returns
    -------
    PenalizedFit
        Coefficients (units of y per unit of each column), the objective at zero and
        after each pass, and convergence.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a penalty is negative or both
        are 0, or the tolerance or the number of passes is not positive.

    References
    ----------
    Zou and Hastie (2005), *Regularization and Variable Selection via the Elastic Net*;
    Friedman, Hastie and Tibshirani (2010), equation 5.

    Examples
    --------
    The lasso takes 1 from the 3, and the second penalty halves what is left:

    >>> fit = fit_elastic_net([[1, 0], [0, 1]], [3, -0.5], l1_penalty=2, l2_penalty=1)
    >>> fit.coefficients.tolist()
    [1.0, 0.0]
    """
    l1, l2 = _penalties(l1_penalty, l2_penalty)
    tol = _check.positive_number("tol", tol)
    max_iter = _check.count("max_iter", max_iter)
    gram, c, y_squared = _products(*_data(X, y))
    return _descend(gram, c, y_squared, np.zeros(c.size), l1, l2, tol, max_iter)


def lasso_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    penalties: ArrayLike,
    tol: float = TOLERANCE,
    max_iter: int = MAX_ITER,
) -> Sequence[PenalizedFit]:
    """Lasso for several penalties, each search started where the one before ended.

    Neighbors on the path have similar coefficients, so a falling sequence of penalties
    from `zeroing_penalty` on takes few passes each.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features, centered if the model has an intercept.
    y : array_like, shape (n,)
        Targets, centered if the model has an intercept.
    penalties : array_like, shape (m,)
        Penalties as for `fit_lasso`, positive, best from large to small.
    tol, max_iter : float, int
        As for `fit_elastic_net`.

    Returns
    -------
    tuple of PenalizedFit
        One fit for each penalty, in the order given.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or a penalty, the tolerance
        or the number of passes is not positive.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), *Regularization Paths for Generalized
    Linear Models via Coordinate Descent*, section 2.5.

    Examples
    --------
    >>> path = lasso_path([[1, 0], [0, 1]], [3, -0.5], penalties=[6, 2, 0.5])
    >>> [fit.coefficients.tolist() for fit in path]
    [[0.0, 0.0], [2.0, 0.0], [2.75, -0.25]]
    """
    penalties = _check.vector("penalties", _check.positive("penalties", penalties))
    tol = _check.positive_number("tol", tol)
    max_iter = _check.count("max_iter", max_iter)
    gram, c, y_squared = _products(*_data(X, y))
    fits, start = [], np.zeros(c.size)
    for penalty in penalties:
        fit = _descend(gram, c, y_squared, start, float(penalty), 0.0, tol, max_iter)
        fits.append(fit)
        start = fit.coefficients
    return tuple(fits)


def kkt_residuals(
    coefficients: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    *,
    l1_penalty: float,
    l2_penalty: float,
) -> Array:
    r"""How far each coefficient is from the condition for a minimum.

    With :math:`g = 2 X^T (y - X \beta) - 2 \lambda_2 \beta`, the pull of the
    smooth terms, the minimum of the elastic net is where

    .. math:: g_j = \lambda_1 \operatorname{sign}(\beta_j) \text{ if } \beta_j \ne 0,
       \qquad |g_j| \le \lambda_1 \text{ if } \beta_j = 0,

    the Karush-Kuhn-Tucker conditions.

    Parameters
    ----------
    coefficients : array_like, shape (d,)
        Coefficients to be examined.
    X : array_like, shape (n, d)
        Features.
    y : array_like, shape (n,)
        Targets.
    l1_penalty, l2_penalty : float
        Penalties as for `fit_elastic_net`.

    Returns
    -------
    ndarray, shape (d,)
        Violations, at least 0, in units of y times those of each column.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a penalty is negative, or
        both are 0.

    References
    ----------
    Tibshirani (2013), *The Lasso Problem and Uniqueness*, section 2.1.

    Examples
    --------
    At (2, 1) the second coefficient should not be there:

    >>> X, y = [[1, 0], [0, 1]], [3, -0.5]
    >>> kkt_residuals([2, 1], X, y, l1_penalty=2, l2_penalty=0).tolist()
    [0.0, 5.0]
    """
    l1, l2 = _penalties(l1_penalty, l2_penalty)
    X, y = _data(X, y)
    beta = _check.vector("coefficients", coefficients, X.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        found = _violations(X.T @ (y - X @ beta) - l2 * beta, beta, l1)
    if not np.isfinite(found).all():
        raise ValueError(
            "coefficients: expected numbers that leave the pulls finite, got "
            f"{np.abs(beta).max():g}"
        )
    return found


def zeroing_penalty(X: ArrayLike, y: ArrayLike) -> float:
    r"""Smallest penalty for which all coefficients of the lasso are zero.

    .. math:: \lambda_{\max} = 2 \max_j |x_j^T y|

    The elastic net has the same, whatever its penalty on squares.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features.
    y : array_like, shape (n,)
        Targets.

    Returns
    -------
    float
        Penalty, in units of y times those of the columns.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit or a number is not finite.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), *Regularization Paths for Generalized
    Linear Models via Coordinate Descent*, section 2.5.

    Examples
    --------
    >>> zeroing_penalty([[1, 0], [0, 1]], [3, -0.5])
    6.0
    """
    X, y = _data(X, y)
    return 2 * float(np.abs(X.T @ y).max())


def _descend(
    gram: Array,
    c: Array,
    y_squared: float,
    start: Array,
    l1: float,
    l2: float,
    tol: float,
    max_iter: int,
) -> PenalizedFit:
    """Coordinate descent on F, given X'X, X'y and y'y."""
    beta = start.copy()
    pull = c - gram @ beta  # X'r for the residuals r
    rows, squares, half = list(gram), gram.diagonal().tolist(), l1 / 2
    allowed = 2 * tol * np.abs(c).max()
    # A column whose squares vanish, be it by underflow, keeps the coefficient zero.
    divisors = [square + l2 or inf for square in squares]

    def objective() -> float:
        norms = l1 * np.abs(beta).sum() + l2 * (beta @ beta)
        return y_squared - float(beta @ (c + pull)) + float(norms)

    def is_minimum() -> bool:
        return bool(_violations(pull - l2 * beta, beta, l1).max() <= allowed)

    trace, converged = [objective()], is_minimum()
    while not converged and len(trace) <= max_iter:
        for j, (square, divisor) in enumerate(zip(squares, divisors, strict=True)):
            old = beta.item(j)
            z = pull.item(j) + square * old
            new = 0.0
            if abs(z) > half:
                new = (z - half if z > 0 else z + half) / divisor
            if new != old:
                beta[j] = new
                pull -= (new - old) * rows[j]
        trace.append(objective())
        converged = is_minimum()
    return PenalizedFit(beta, np.array(trace), converged)


def _violations(half_pull: Array, beta: Array, l1: float) -> Array:
    """Violations of the conditions for a minimum; half_pull is X'r - l2 beta."""
    nonzero = np.abs(2 * half_pull - l1 * np.sign(beta))
    return np.where(beta != 0, nonzero, np.maximum(np.abs(2 * half_pull) - l1, 0))


def _data(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """X and y, whose squares have finite sums."""
    X = _check.matrix("X", X)
    y = _check.vector("y", y, X.shape[0])
    for name, numbers in (("X", X.ravel("K")), ("y", y)):
        if not isfinite(np.vdot(numbers, numbers)):
            raise ValueError(
                f"{name}: expected numbers whose squares have a finite sum, got "
                f"{np.abs(numbers).max():g}"
            )
    return X, y


def _products(X: Array, y: Array) -> tuple[Array, Array, float]:
    """X'X, X'y and y'y."""
    return X.T @ X, X.T @ y, float(y @ y)


def _penalty(name: str, value: float) -> float:
    penalty = _check.number(name, value)
    if not penalty > 0:
        raise ValueError(
            f"{name}: expected a number > 0 (without a penalty use fit_ols), "
            f"got {penalty:g}"
        )
    return penalty


def _penalties(l1_penalty: float, l2_penalty: float) -> tuple[float, float]:
    l1 = float(
        _check.non_negative("l1_penalty", _check.number("l1_penalty", l1_penalty))
    )
    l2 = float(
        _check.non_negative("l2_penalty", _check.number("l2_penalty", l2_penalty))
    )
    if l1 == l2 == 0:
        _penalty("l1_penalty", 0.0)
    return l1, l2
