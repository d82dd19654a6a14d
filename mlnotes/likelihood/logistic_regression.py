r"""Logistic regression by maximum likelihood, and data for which it has no maximum.

Lesson: ``likelihood/logistic-regression``.

Example i has the features :math:`x_i` (a row of the design matrix X, whose first
column is usually a column of ones) and the class :math:`y_i`, 0 or 1. The log-odds are
linear in the coefficients,

.. math::
    \log \frac{\pi_i}{1 - \pi_i} = x_i^T \beta, \qquad
    \pi_i = P(y_i = 1) = \frac{1}{1 + e^{-x_i^T \beta}}.

Log-likelihoods are sums over the examples, in nats.
"""

from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood._normal_equations import (
    reach,
    refuse_dependent_columns,
    solve,
    weighted_gram,
)
from mlnotes.likelihood.generalized_linear_models import (
    TOLERANCE,
    Family,
    GLMFit,
    fit_glm,
)

__all__ = [
    "fit_gradient_ascent",
    "fit_newton",
    "information",
    "is_separable",
    "log_likelihood",
    "newton_step",
    "score",
]


def log_likelihood(coefficients: ArrayLike, X: ArrayLike, y: ArrayLike) -> float:
    r"""Log-likelihood of a logistic regression.

    .. math:: \ell(\beta) = \sum_i \left[ y_i \log \pi_i + (1 - y_i) \log(1 - \pi_i)
        \right]

    Each term is the log of the probability of the class that was observed, computed
    from the log-odds, so that it stays exact where that probability rounds to 0 or 1.

    Parameters
    ----------
    coefficients : array_like, shape (p,)
        Coefficients beta.
    X : array_like, shape (n, p)
        Design matrix, with its column of ones if the model has an intercept.
    y : array_like, shape (n,)
        Classes, each 0 or 1.

    Returns
    -------
    float
        Log-likelihood, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or a class is not 0 or 1.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    section 4.4.1.

    Examples
    --------
    Without any effect each class has the probability 1/2: three students cost 3 log 2.

    >>> X = [[1, 2], [1, 3], [1, 4]]
    >>> round(log_likelihood([0, 0], X, [0, 1, 1]), 6)
    -2.079442
    """
    X, y = _data(X, y)
    beta = _check.vector("coefficients", coefficients, X.shape[1])
    return float(_contributions(X @ beta, y)[0].sum())


def score(coefficients: ArrayLike, X: ArrayLike, y: ArrayLike) -> Array:
    r"""Score of a logistic regression: the gradient of its log-likelihood.

    .. math:: \nabla \ell(\beta) = X^T (y - \pi)

    Parameters
    ----------
    coefficients : array_like, shape (p,)
        Coefficients beta.
    X : array_like, shape (n, p)
        Design matrix.
    y : array_like, shape (n,)
        Classes, each 0 or 1.

    Returns
    -------
    ndarray, shape (p,)
        Score, in nats per unit of each coefficient.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or a class is not 0 or 1.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    equation 4.24.

    Examples
    --------
    At zero every residual is 1/2 or -1/2:

    >>> score([0, 0], [[1, 2], [1, 3], [1, 4]], [0, 1, 1]).tolist()
    [0.5, 2.5]
    """
    X, y = _data(X, y)
    beta = _check.vector("coefficients", coefficients, X.shape[1])
    return np.asarray(X.T @ _contributions(X @ beta, y)[1])


def information(coefficients: ArrayLike, X: ArrayLike) -> Array:
    r"""Observed information of a logistic regression: minus the Hessian.

    .. math:: J(\beta) = X^T W X, \qquad W = \operatorname{diag}(\pi_i (1 - \pi_i))

    It does not depend on the classes, so it is the expected information as well.

    Parameters
    ----------
    coefficients : array_like, shape (p,)
        Coefficients beta.
    X : array_like, shape (n, p)
        Design matrix.

    Returns
    -------
    ndarray, shape (p, p)
        Symmetric matrix, in nats per unit of each pair of coefficients.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit or a number is not finite.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    equation 4.25.

    Examples
    --------
    At zero every weight is 1/4:

    >>> information([0, 0], [[1, 2], [1, 3], [1, 4]]).tolist()
    [[0.75, 2.25], [2.25, 7.25]]
    """
    X = _check.matrix("X", X)
    eta = X @ _check.vector("coefficients", coefficients, X.shape[1])
    return weighted_gram(X, _contributions(eta, np.zeros(eta.size))[2])


def newton_step(coefficients: ArrayLike, X: ArrayLike, y: ArrayLike) -> Array:
    r"""One Newton step, which is one round of iteratively reweighted least squares.

    .. math:: \beta' = \beta + (X^T W X)^{-1} X^T (y - \pi)

    Parameters
    ----------
    coefficients : array_like, shape (p,)
        Coefficients beta before the step.
    X : array_like, shape (n, p)
        Design matrix with linearly independent columns.
    y : array_like, shape (n,)
        Classes, each 0 or 1.

    Returns
    -------
    ndarray, shape (p,)
        Coefficients after the step, in units of log-odds per unit of each column.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a class is not 0 or 1, or
        the information is singular.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    equation 4.26.

    Examples
    --------
    Two of three failed who did nothing, one of three who did the work. From zero the
    step goes to (-2/3, 4/3), nearly the maximum at (-log 2, 2 log 2):

    >>> X = [[1, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]]
    >>> newton_step([0, 0], X, [0, 0, 1, 0, 1, 1]).round(6).tolist()
    [-0.666667, 1.333333]
    """
    X, y = _data(X, y)
    beta = _check.vector("coefficients", coefficients, X.shape[1])
    _, residual, weight = _contributions(X @ beta, y)
    try:
        return beta + solve(weighted_gram(X, weight), X.T @ residual)
    except np.linalg.LinAlgError:
        refuse_dependent_columns(X.T @ X)
        raise ValueError(
            "coefficients: expected an invertible information, got fitted "
            "probabilities so close to 0 and 1 that it is singular"
        ) from None


def fit_newton(
    X: ArrayLike, y: ArrayLike, *, tol: float = TOLERANCE, max_iter: int = 25
) -> GLMFit:
    r"""Maximum likelihood by Newton's method, started at zero.

    A step that would lower the log-likelihood is halved until it does not. Half of
    :math:`s^T J^{-1} s` is the gain that the next step promises. The search ends
    with the first step that promises no more than the tolerance, if a maximum is then
    proved to exist: on separable data the likelihood rises for ever.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with linearly independent columns.
    y : array_like, shape (n,)
        Classes, each 0 or 1.
    tol : float
        Largest gain in log-likelihood that the last step may promise, as a share of
        its size per example; see `fit_glm`.
    max_iter : int
        Largest number of steps.

    Returns
    -------
    GLMFit
        Coefficients, log-likelihood of each iterate (nats), information, convergence.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a class is not 0 or 1, the
        columns of X are linearly dependent, the data are separable, the tolerance is
        not positive, or the number of steps is not a whole number of at least 1.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*,
    section 4.4.1.

    Examples
    --------
    One of three passed without a course, two of three with it. The odds rise from 1/2
    to 2, by the factor 4:

    >>> X = [[1, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]]
    >>> fit = fit_newton(X, [0, 0, 1, 0, 1, 1])
    >>> np.exp(fit.coefficients).round(6).tolist(), fit.converged
    ([0.5, 4.0], True)
    """
    return fit_glm(X, y, FAMILY, tol=tol, max_iter=max_iter)


def fit_gradient_ascent(
    X: ArrayLike, y: ArrayLike, *, step_size: float, max_iter: int
) -> GLMFit:
    r"""Climb the log-likelihood along its gradient, from zero, for ``max_iter`` steps.

    .. math:: \beta' = \beta + \eta \, X^T (y - \pi)

    Each step is a climb if the step size is below 8 over the largest eigenvalue of
    :math:`X^T X`. On separable data the climb never ends, and the result is
    reported as not converged.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with linearly independent columns.
    y : array_like, shape (n,)
        Classes, each 0 or 1.
    step_size : float
        Step size eta, positive.
    max_iter : int
        Number of steps.

    Returns
    -------
    GLMFit
        Coefficients, log-likelihood of each iterate (nats), information, and whether
        the last iterate is a maximum by the criterion of `fit_newton`.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a class is not 0 or 1, the
        columns of X are linearly dependent, the step size is not positive or so long
        that the numbers overflow, or the number of steps is not a whole number of at
        least 1.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.2.

    Examples
    --------
    >>> X = [[1, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]]
    >>> fit = fit_gradient_ascent(X, [0, 0, 1, 0, 1, 1], step_size=0.5, max_iter=200)
    >>> np.exp(fit.coefficients).round(6).tolist(), fit.converged
    ([0.5, 4.0], True)
    """
    X, y = _data(X, y)
    step_size = _check.positive_number("step_size", step_size)
    max_iter = _check.count("max_iter", max_iter)
    refuse_dependent_columns(X.T @ X)
    beta = np.zeros(X.shape[1])
    trace = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(max_iter):
            log_p, residual, _ = _contributions(X @ beta, y)
            trace.append(log_p.sum())
            beta = beta + step_size * (X.T @ residual)
        log_p, residual, weight = _contributions(X @ beta, y)
        trace.append(log_p.sum())
    if not np.isfinite(trace).all():
        raise ValueError(
            "step_size: expected one that keeps the numbers finite, got "
            f"{step_size:g}; take one below 8 over the largest eigenvalue of X'X"
        )
    slope, curvature = X.T @ residual, weighted_gram(X, weight)
    try:
        gain = float(slope @ solve(curvature, slope) / 2)
    except np.linalg.LinAlgError:
        gain = np.inf
    converged = gain <= TOLERANCE and sqrt(2 * gain) * reach(X, curvature) < 1
    return GLMFit(beta, np.array(trace), curvature, 1.0, converged)


def is_separable(X: ArrayLike, y: ArrayLike) -> bool:
    r"""Whether some coefficients put no example on the wrong side of even odds.

    The data are separable, completely or quasi-completely, if some :math:`\beta` has

    .. math:: (2 y_i - 1) \, x_i^T \beta \ge 0 \quad \text{for all } i,

    and not only zeros there. Multiplying it by larger and larger numbers then raises
    the likelihood for ever, and there is no maximum; otherwise there is one. Linear
    programming finds such a :math:`\beta` in a box around zero, or shows that there
    is none. An overlap below about 1e-7 of the spread of X is not seen.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix.
    y : array_like, shape (n,)
        Classes, each 0 or 1.

    Returns
    -------
    bool
        True if the maximum likelihood estimate does not exist.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, or a class is not 0 or 1.

    References
    ----------
    Albert and Anderson (1984), *On the Existence of Maximum Likelihood Estimates in
    Logistic Regression Models*; Konis (2007), *Linear Programming Algorithms for
    Detecting Separated Data in Binary Logistic Regression Models*.

    Examples
    --------
    Two hours fail, three and four pass: 2.5 separates. A fourth student who fails
    after three and a half hours makes the classes overlap.

    >>> is_separable([[1, 2], [1, 3], [1, 4]], [0, 1, 1])
    True
    >>> is_separable([[1, 2], [1, 3], [1, 4], [1, 3.5]], [0, 1, 1, 0])
    False
    """
    X, y = _data(X, y)
    if not X.any():
        return False
    from scipy.optimize import linprog  # here, because it is slow to import

    # Columns of equal length at right angles, so that no unit of measurement matters.
    size = np.abs(X).max(axis=0)
    Q, R, _ = qr(X / np.where(size > 0, size, 1), mode="economic", pivoting=True)
    pivots = np.abs(np.diag(R))
    basis = Q[:, pivots > 1e-10 * pivots[0]]
    margins = (2 * y - 1)[:, None] * basis
    found = linprog(
        -margins.sum(axis=0), A_ub=-margins, b_ub=np.zeros(y.size), bounds=(-1, 1)
    )
    if found.x is None:  # zero is feasible, so only the solver itself can fail
        raise RuntimeError(f"linprog: expected a solution, got: {found.message}")
    # Either zero is the only solution, or the best one touches the box.
    return bool(np.abs(found.x).max() > 0.5)


def _data(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    X = _check.matrix("X", X)
    return X, _check.zero_one("y", _check.vector("y", y, X.shape[0]))


def _contributions(eta: Array, y: Array) -> tuple[Array, Array, Array]:
    """Log probability, residual y - pi and weight pi (1 - pi) of each example.

    All that is special to this model: its log-likelihood and the first two derivatives
    in the linear predictor eta (the second with its sign changed).
    """
    sign = 2 * y - 1
    log_odds = sign * eta  # of the class that was observed
    t = np.exp(-np.abs(log_odds))  # at most 1, so nothing overflows or cancels
    log_p = np.minimum(log_odds, 0) - np.log1p(t)
    residual = sign * np.where(log_odds > 0, t, 1) / (1 + t)
    return log_p, residual, t / (1 + t) ** 2


def _refuse_separable(X: Array, y: Array) -> None:
    if is_separable(X, y):
        got = "separable ones" if 0 < y.mean() < 1 else f"only class {y[0]:g}"
        raise ValueError(
            f"y: expected classes that overlap, got {got}: the likelihood has no "
            "maximum; collect more data or regularize"
        )


FAMILY = Family(
    check_response=partial(_check.zero_one, "y"),
    start=np.zeros_like,  # even odds
    contributions=_contributions,  # a perfect fit has the log-likelihood 0
    dispersion=lambda eta, y, n_coefficients: 1.0,  # the mean fixes the variance
    refuse_without_maximum=_refuse_separable,
    existence_bound=1.0,
)
