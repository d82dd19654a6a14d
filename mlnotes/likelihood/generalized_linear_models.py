r"""Generalized linear models, fitted by iteratively reweighted least squares.

Lessons: ``likelihood/logistic-regression``, ``losses/poisson``, ``losses/gamma``,
``losses/tweedie``.

Example i has the features :math:`x_i` (a row of the design matrix X) and the response
:math:`y_i`. A link function g ties its mean to the linear predictor,

.. math:: g(\mu_i) = \eta_i = x_i^T \beta,

and a family says how the response varies around the mean. Seen from :math:`\eta_i`,
all that the fit needs of a family are the log-likelihood of an example, its slope
:math:`s_i` and its expected curvature :math:`w_i` (with the sign changed). Each round
solves a least-squares problem with the weights :math:`w_i` for the working response
:math:`\eta_i + s_i / w_i`. That is Fisher scoring, and Newton's method where the link
is the canonical one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood._normal_equations import (
    reach,
    refuse_dependent_columns,
    solve,
    standard_errors,
    weighted_gram,
)

__all__ = ["Family", "GLMFit", "fit_glm"]

TOLERANCE = 1e-10
EPSILON = float(np.finfo(np.float64).eps)
MAX_HALVINGS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All that is special to one generalized linear model.

    Log-likelihoods are those of an example less that of a perfect fit, for the
    dispersion 1. They need not be finite: where they overflow, the fit takes a shorter
    step.

    Attributes
    ----------
    check_response : callable
        Refuses responses y outside the support.
    start : callable
        Linear predictors, given y, near which the search starts.
    contributions : callable
        Given the linear predictors and y, the log-likelihood of each example, its slope
        in the predictor, and minus its expected curvature.
    dispersion : callable
        Estimate of the dispersion, given the linear predictors, y and the number of
        coefficients; 1 if the family has none.
    refuse_without_maximum : callable
        Refuses data X and y on which the likelihood rises for ever.
    existence_bound : float
        A maximum exists if lambda R, in the notes of `fit_glm`, is below this.
    """

    check_response: Callable[[Array], object]
    start: Callable[[Array], Array]
    contributions: Callable[[Array, Array], tuple[Array, Array, Array]]
    dispersion: Callable[[Array, Array, int], float]
    refuse_without_maximum: Callable[[Array, Array], None]
    existence_bound: float


@dataclass(frozen=True, slots=True, eq=False)
class GLMFit:
    """Coefficients of a generalized linear model, and how the search for them went.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Change of the linear predictor per unit of each column of X.
    log_likelihoods : ndarray, shape (number of iterates,)
        Log-likelihood at each iterate less that of a perfect fit, in nats, for the
        dispersion 1; the last is that of the coefficients.
    information : ndarray, shape (p, p)
        Expected information at the coefficients, for the dispersion 1.
    dispersion : float
        Factor phi of the variances; nan if no degree of freedom is left for it.
    converged : bool
        Whether the coefficients are the maximum, up to the tolerance of the search.
    """

    coefficients: Array
    log_likelihoods: Array
    information: Array
    dispersion: float
    converged: bool

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "log_likelihoods", "information"])

    @property
    def deviance(self) -> float:
        """Twice the log-likelihood that a perfect fit has ahead, in nats."""
        return max(0.0, -2 * float(self.log_likelihoods[-1]))  # not -0 or rounding

    @property
    def standard_errors(self) -> Array:
        """Estimated standard deviations of the coefficients, shape (p,)."""
        if not self.converged:
            raise ValueError(
                "fit: expected a converged fit, got one that is not; take more steps, "
                "if the likelihood has a maximum"
            )
        if np.isnan(self.dispersion):
            raise ValueError(
                "fit: expected more examples than coefficients to estimate the "
                "dispersion"
            )
        return sqrt(self.dispersion) * standard_errors(self.information)


def fit_glm(
    X: ArrayLike,
    y: ArrayLike,
    family: Family,
    *,
    tol: float = TOLERANCE,
    max_iter: int = 25,
) -> GLMFit:
    r"""Maximum likelihood of a generalized linear model by reweighted least squares.

    The search starts at the least-squares fit to linear predictors that the family
    proposes. A step that would lower the log-likelihood is halved until it does not.
    Half of :math:`s^T X (X^T W X)^{-1} X^T s` is the gain that the next step
    promises. The search ends with the first step that promises no more than the
    tolerance, if a maximum is then proved to exist.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with linearly independent columns.
    y : array_like, shape (n,)
        Responses in the support of the family.
    family : Family
        The model of the responses.
    tol : float
        Largest gain in log-likelihood that the last step may promise, as a share of
        its size per example, so that no unit of measurement matters; never less than
        rounding hides: 16 units in the last place of the log-likelihood, or what one
        unit in the last place of the linear predictors would gain.
    max_iter : int
        Largest number of steps.

    Returns
    -------
    GLMFit
        Coefficients, log-likelihood of each iterate (nats), information, dispersion,
        convergence.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite, a response is outside the
        support, the columns of X are linearly dependent, the likelihood has no
        maximum, the tolerance is not positive, or the number of steps is not a whole
        number of at least 1.

    Notes
    -----
    Proof of existence, for families whose curvature in :math:`\eta` changes by no more
    than the factor e when :math:`\eta` changes by 1: take a direction u of length 1 in
    the norm of the curvature, and R at least as large as every :math:`|x_i^T u|`.
    After the distance t the curvature along u is still at least :math:`e^{-R t}`, so
    the slope, at first at most :math:`\lambda`, the square root of twice the promised
    gain, sinks below every number above :math:`\lambda - 1/R`. If
    :math:`\lambda R < 1` the likelihood falls in every direction in the end. Where
    the actual curvature may be as small as the share c of the expected one, both
    :math:`\lambda` and R grow by :math:`1/\sqrt{c}`, and the bound is c. Only where
    this proof fails is the family asked, which may need a linear program.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 2.5; Bach (2010),
    *Self-Concordant Analysis for Logistic Regression*, proposition 1.

    Examples
    --------
    Two days with 1 and 3 calls, and two with 6 and 10. With an indicator as the only
    feature a Poisson model fits the two means, 2 and 8:

    >>> from mlnotes.losses.deviances import tweedie_family
    >>> X = [[1, 0], [1, 0], [1, 1], [1, 1]]
    >>> fit = fit_glm(X, [1, 3, 6, 10], tweedie_family(power=1))
    >>> np.exp(fit.coefficients).round(6).tolist(), fit.converged
    ([2.0, 4.0], True)
    """
    X, y = _data(X, y, family)
    tol = _check.positive_number("tol", tol)
    max_iter = _check.count("max_iter", max_iter)
    gram = weighted_gram(X, np.ones(y.size))
    refuse_dependent_columns(gram)
    beta = solve(gram, X.T @ family.start(y))
    eta = X @ beta
    log_p, slopes, weights = family.contributions(eta, y)
    trace, converged = [float(log_p.sum())], False
    # What rounding leaves of a gain: in the log-likelihood, or, if the start is a
    # perfect fit, in the linear predictors.
    blur = EPSILON * max(1.0, float(np.abs(eta).max()))
    nothing = max(EPSILON * min(1, -trace[0]), float(weights.sum()) * blur**2)
    for iteration in range(max_iter + 1):
        curvature = weighted_gram(X, weights)
        if converged:  # before the last step, which was a tiny one
            break
        slope = X.T @ slopes
        try:
            step = solve(curvature, slope)
        except np.linalg.LinAlgError:
            break  # the weights have vanished
        gain = float(slope @ step / 2)
        enough = max(-trace[-1] * tol / y.size, -16 * EPSILON * trace[-1], nothing)
        converged = gain <= enough and (
            sqrt(2 * gain) * reach(X, curvature) < family.existence_bound
        )
        if iteration == max_iter or gain <= nothing:
            break
        shift = X @ step
        for _ in range(MAX_HALVINGS):
            log_p, slopes, weights = family.contributions(eta + shift, y)
            if log_p.sum() >= trace[-1]:
                break
            step, shift = step / 2, shift / 2
        else:
            break  # rounding hides the rest of the climb
        beta, eta = beta + step, eta + shift
        trace.append(float(log_p.sum()))
    if not converged:
        family.refuse_without_maximum(X, y)
    dispersion = family.dispersion(eta, y, beta.size)
    return GLMFit(beta, np.array(trace), curvature, dispersion, converged)


def _data(X: ArrayLike, y: ArrayLike, family: Family) -> tuple[Array, Array]:
    X = _check.matrix("X", X)
    y = _check.vector("y", y, X.shape[0])
    family.check_response(y)
    return X, y
