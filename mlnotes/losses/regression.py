r"""Squared and absolute error, the losses of Gaussian and of Laplace noise.

Lesson: ``losses/squared-and-absolute-error``.

With additive noise, :math:`y_i = f(x_i) + \varepsilon_i`, the density of an
observation is that of the noise at the residual :math:`r_i = y_i - f(x_i)`. In nats,

.. math::
    \varepsilon_i \sim N(0, \sigma^2): \quad
    -\log p(y_i \mid x_i) &= \frac{r_i^2}{2 \sigma^2}
    + \frac{1}{2} \log(2 \pi \sigma^2), \\
    \varepsilon_i \sim \text{Laplace}(0, b): \quad
    -\log p(y_i \mid x_i) &= \frac{|r_i|}{b} + \log(2 b).

The losses below leave out the scale and the constant, so they carry the unit of the
target (squared, or as it is) and not nats. For a scale that is the same for all
examples the minimizer stays in place. One value for each example, never reduced:
``squared_error(f, y).mean()`` is the MSE and ``absolute_error(f, y).mean()`` the MAE.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood.least_squares import fit_ols

__all__ = [
    "LadFit",
    "absolute_error",
    "absolute_error_gradient",
    "fit_lad",
    "squared_error",
    "squared_error_gradient",
]

TOLERANCE = 1e-10  # the least that the solver accepts, of the largest residual
LARGEST = float(np.finfo(np.float64).max)
FAR = 1e4  # typical distances from the median beyond which only the side matters


def squared_error(prediction: ArrayLike, y: ArrayLike) -> Array:
    r"""Squared error of each prediction.

    .. math:: (y_i - f_i)^2 = 2 \sigma^2 \left[ -\log N(y_i \mid f_i, \sigma^2)
       - \tfrac{1}{2} \log(2 \pi \sigma^2) \right]

    Divided by :math:`2 \sigma^2` it is the negative log-likelihood of Gaussian noise
    in nats, less the constant. No factor 1/2 is hidden in it.

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.

    Returns
    -------
    ndarray, shape (...)
        Squared error of each example, in squared units of y; ``inf`` above the
        largest floating-point number.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite or the shapes do not broadcast.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1.1.

    Examples
    --------
    >>> squared_error(3.0, [1.0, 2.0, 4.0]).tolist()
    [4.0, 1.0, 1.0]
    """
    with np.errstate(over="ignore"):
        return np.asarray(_errors(prediction, y) ** 2)


def squared_error_gradient(prediction: ArrayLike, y: ArrayLike) -> Array:
    r"""Derivative of the squared error in the prediction.

    .. math:: \frac{\partial}{\partial f} (y - f)^2 = 2 (f - y)

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in units of y.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite or the shapes do not broadcast.

    Examples
    --------
    >>> squared_error_gradient(3.0, [1.0, 2.0, 4.0]).tolist()
    [4.0, 2.0, -2.0]
    """
    with np.errstate(over="ignore"):
        return 2 * _errors(prediction, y)


def absolute_error(prediction: ArrayLike, y: ArrayLike) -> Array:
    r"""Absolute error of each prediction.

    .. math:: |y_i - f_i| = b \left[ -\log \text{Laplace}(y_i \mid f_i, b)
       - \log(2 b) \right]

    Divided by b it is the negative log-likelihood of Laplace noise in nats, less the
    constant.

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.

    Returns
    -------
    ndarray, shape (...)
        Absolute error of each example, in units of y.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite or the shapes do not broadcast.

    References
    ----------
    Murphy (2022), *Probabilistic Machine Learning: An Introduction*, section 11.6.1.

    Examples
    --------
    >>> absolute_error(3.0, [1.0, 2.0, 4.0]).tolist()
    [2.0, 1.0, 1.0]
    """
    return np.abs(_errors(prediction, y))


def absolute_error_gradient(prediction: ArrayLike, y: ArrayLike) -> Array:
    r"""Derivative of the absolute error in the prediction, 0 at the kink.

    .. math:: \frac{\partial}{\partial f} |y - f| = \operatorname{sign}(f - y)

    At f = y there is no derivative. Every number from -1 to 1 is a subgradient there;
    0 is returned.

    Parameters
    ----------
    prediction : array_like, shape (...)
        Predictions f.
    y : array_like, shape (...)
        Targets, of a shape that broadcasts with the predictions.

    Returns
    -------
    ndarray, shape (...)
        -1, 0 or 1 for each example, a pure number.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite or the shapes do not broadcast.

    Examples
    --------
    >>> absolute_error_gradient(2.0, [1.0, 2.0, 4.0]).tolist()
    [1.0, 0.0, -1.0]
    """
    return np.sign(_errors(prediction, y))


@dataclass(frozen=True, slots=True, eq=False)
class LadFit:
    """Least absolute deviations estimate of a linear regression, with its proof.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Estimate, in units of the target per unit of each column.
    sum_of_absolute_errors : float
        Sum of the absolute residuals (SAE), in units of the target.
    signs : ndarray, shape (n,)
        Numbers u from -1 to 1 with X'u = 0: the sign of each residual, and anything
        between on a residual of zero.
    gap : float
        SAE - u'y, in units of the target. No coefficients have an SAE below u'y, so
        this is the most that could still be gained; 0 up to rounding. It is the sum
        of |r| - u r over the residuals, in which an outlier cancels exactly.
    """

    coefficients: Array
    sum_of_absolute_errors: float
    signs: Array
    gap: float

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "signs"])

    @property
    def scale_mle(self) -> float:
        """Maximum likelihood estimate of the Laplace scale b, SAE / n."""
        return self.sum_of_absolute_errors / self.signs.size


def fit_lad(X: ArrayLike, y: ArrayLike) -> LadFit:
    r"""Least absolute deviations: maximum likelihood with Laplace noise.

    .. math:: \hat\beta \in \operatorname*{arg\,min}_\beta \sum_i |y_i - x_i^T \beta|

    Because :math:`|r| = \max_{-1 \le u \le 1} u r`, the minimum equals

    .. math:: \max_u \; u^T y \quad \text{subject to} \quad X^T u = 0, \;
       -1 \le u_i \le 1,

    a linear program whose multipliers are the coefficients. It is solved for the
    residuals of the least-squares fit and for orthonormal columns, so that no unit of
    measurement matters. If several coefficients are best, one of them is returned.
    Targets so far out that only their side can matter are pulled in for the solver, or
    their size would drown the digits of all others.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with its intercept column, if it has one.
    y : array_like, shape (n,)
        Targets.

    Returns
    -------
    LadFit
        Coefficients (units of y per unit of each column), sum of absolute errors
        (units of y), and the signs that prove it minimal.

    Raises
    ------
    TypeError
        If X or y are not real numbers.
    ValueError
        If X is not a finite matrix with independent columns, y does not have one
        finite target for each row, or the targets are too large to be added up.

    References
    ----------
    Koenker and Bassett (1978), *Regression Quantiles*.

    Examples
    --------
    Without features it is the median. The one above balances the one below, and the
    sum 4 - 1 = 3 proves that no other constant does better:

    >>> fit = fit_lad([[1.0], [1.0], [1.0]], [1.0, 2.0, 4.0])
    >>> fit.coefficients.tolist(), fit.sum_of_absolute_errors, fit.signs.tolist()
    ([2.0], 3.0, [-1.0, 0.0, 1.0])
    """
    y = _check.vector("y", y)
    near = _pull_in(y)
    while True:
        beta, signs = _least_absolute(X, near)
        residuals = y - np.asarray(X) @ beta
        crossed = (near != y) & (signs != np.sign(residuals))
        if not crossed.any():
            break
        near = np.where(crossed, y, near)
    distances = np.abs(residuals)
    total = float(distances.sum())
    # Not SAE - u'y, in which a large common part of y would cancel.
    return LadFit(beta, total, signs, float((distances - signs * residuals).sum()))


def _least_absolute(X: ArrayLike, y: Array) -> tuple[Array, Array]:
    """Coefficients and signs by the linear program."""
    from scipy.optimize import linprog  # here, because it is slow to import

    with np.errstate(over="ignore"):  # the sum of squares, which is not needed
        start = fit_ols(X, y)
    X = _check.matrix("X", X)
    R = start.covariance_factor
    Q = np.asarray(solve_triangular(R, X.T, trans="T", check_finite=False).T)
    residuals = y - X @ start.coefficients
    unit = np.abs(residuals).max() or 1.0
    found = linprog(
        -residuals / unit,
        A_eq=Q.T,
        b_eq=np.zeros(len(R)),
        bounds=(-1, 1),
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
        },
    )
    if found.x is None:  # zero is feasible, so only the solver itself can fail
        raise RuntimeError(f"linprog: expected a solution, got: {found.message}")
    shift = solve_triangular(R, -unit * found.eqlin.marginals, check_finite=False)
    return start.coefficients + shift, found.x + 0.0  # no minus zeros


def _pull_in(y: Array, least: float = 0.0) -> Array:
    """Targets, those very far from the median pulled in.

    The typical distance is the median one, or ``least`` if this is more. Where most
    targets are equal, their size stands for it.
    """
    with np.errstate(over="ignore"):
        total = 4 * np.abs(y).sum()  # so that residuals can be added up as well
    if not np.isfinite(total):
        raise ValueError(
            f"y: expected numbers with a sum below {LARGEST / 4:.3g}, got larger ones; "
            "choose a larger unit"
        )
    if np.ptp(y) <= FAR * least:  # nothing is that far out
        return y
    middle = float(np.median(y))
    typical = max(float(np.median(np.abs(y - middle))), least)
    far = FAR * (typical or abs(middle)) or np.inf
    return np.clip(y, middle - far, middle + far)


def _errors(prediction: ArrayLike, y: ArrayLike) -> Array:
    """Prediction less target."""
    predictions, targets = _check.together(prediction=prediction, y=y)
    with np.errstate(over="ignore"):
        return np.asarray(predictions - targets)
