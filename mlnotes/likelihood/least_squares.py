r"""Linear regression by least squares, with what its noise model says about it.

Lesson: ``likelihood/least-squares``.

The model of the targets :math:`y \in \mathbb{R}^n`, given a design matrix
:math:`X \in \mathbb{R}^{n \times p}` whose columns include the intercept, is

.. math:: y = X \beta + \varepsilon, \qquad
   \varepsilon \sim N(0, \sigma^2 I).

Least squares maximizes its likelihood over :math:`\beta`, whatever the variance. All
is computed from the triangular factor of :math:`X = QR`. The Gram matrix
:math:`X^T X` is never formed, because its condition number is the square of that of X.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lapack, solve_triangular

from mlnotes import _check
from mlnotes._check import Array

__all__ = [
    "LeastSquaresFit",
    "add_intercept",
    "fit_ols",
    "log_likelihood",
    "variance_inflation_factors",
]

# Sine of the angle between a column and the span of the others, below which the column
# counts as dependent. Rounding leaves about 1e-16 where the dependence is exact.
SMALLEST_SINE = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquaresFit:
    """Least-squares estimate of a linear regression.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Estimate, in units of the target per unit of each column.
    sum_of_squares : float
        Sum of the squared residuals (SSE), in squared units of the target.
    n_examples : int
        Number of examples, n.
    covariance_factor : ndarray, shape (p, p)
        Upper triangular R with R'R = X'X.
    """

    coefficients: Array
    sum_of_squares: float
    n_examples: int
    covariance_factor: Array

    def __post_init__(self) -> None:
        _check.freeze(self, ["coefficients", "covariance_factor"])

    @property
    def variance_mle(self) -> float:
        """Maximum likelihood estimate of the noise variance, SSE / n."""
        return self.sum_of_squares / self.n_examples

    @property
    def variance_unbiased(self) -> float:
        """Unbiased estimate of the noise variance, SSE / (n - p)."""
        p = self.coefficients.size
        if self.n_examples <= p:
            raise ValueError(
                "fit: expected more examples than coefficients to estimate the noise, "
                f"got n = {self.n_examples} and p = {p}"
            )
        return self.sum_of_squares / (self.n_examples - p)

    @property
    def covariance(self) -> Array:
        """Estimated covariance of the coefficients, shape (p, p)."""
        W = _inverse(self.covariance_factor)
        return self.variance_unbiased * (W @ W.T)

    @property
    def standard_errors(self) -> Array:
        """Square roots of the diagonal of the covariance, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def add_intercept(X: ArrayLike) -> Array:
    """Design matrix of features: a column of ones, then the features.

    Parameters
    ----------
    X : array_like, shape (n,) or (n, d)
        Features; a vector is one feature.

    Returns
    -------
    ndarray, shape (n, d + 1)
        A new array.

    Raises
    ------
    TypeError
        If the features are not real numbers.
    ValueError
        If they are not finite or have neither one axis nor two.

    Examples
    --------
    >>> add_intercept([4.0, 7.0]).tolist()
    [[1.0, 4.0], [1.0, 7.0]]
    """
    features = _check.real("X", X)
    if features.ndim not in (1, 2):
        raise ValueError(f"X: expected shape (n,) or (n, d), got {features.shape}")
    return np.column_stack([np.ones(len(features)), features])


def fit_ols(X: ArrayLike, y: ArrayLike) -> LeastSquaresFit:
    r"""Ordinary least squares: the coefficients with the smallest squared residuals.

    .. math:: \hat\beta = \operatorname*{arg\,min}_\beta \|y - X \beta\|^2

    An orthogonal Q leaves lengths as they are. It turns the columns of X and y into
    the triangle R and into :math:`Q^T y`, and the problem into :math:`R \beta = Q^T y`.
    One QR decomposition of the matrix :math:`[X \; y]` holds R, :math:`Q^T y` and, in
    its last corner, the length of the residuals.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design matrix with its intercept column, if it has one; see `add_intercept`.
    y : array_like, shape (n,)
        Targets.

    Returns
    -------
    LeastSquaresFit
        Coefficients (units of y per unit of each column) and sum of squares (squared
        units of y).

    Raises
    ------
    TypeError
        If X or y are not real numbers.
    ValueError
        If X is not a finite matrix with independent columns, or y does not have one
        finite target for each row.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, section 5.3.

    Examples
    --------
    Targets 1, 2, 6 at 0, 1, 2 have the best line 0.5 + 2.5 x and the residuals
    0.5, -1, 0.5:

    >>> fit = fit_ols(add_intercept([0, 1, 2]), [1, 2, 6])
    >>> fit.coefficients.round(6).tolist(), round(fit.sum_of_squares, 6)
    ([0.5, 2.5], 1.5)
    """
    X = _check.matrix("X", X)
    n, p = X.shape
    y = _check.vector("y", y, n)
    triangle = _triangle(np.column_stack([X, y]))
    R = triangle[:p, :p]
    _refuse_dependent_columns(R)
    return LeastSquaresFit(
        coefficients=solve_triangular(R, triangle[:p, p], check_finite=False),
        sum_of_squares=float(triangle[p, p] ** 2) if n > p else 0.0,
        n_examples=n,
        covariance_factor=R,
    )


def log_likelihood(
    coefficients: ArrayLike, variance: float, X: ArrayLike, y: ArrayLike
) -> float:
    r"""Log-likelihood of a linear regression with independent Gaussian noise.

    .. math:: \ell(\beta, \sigma^2) = -\frac{n}{2} \log (2 \pi \sigma^2)
       - \frac{1}{2 \sigma^2} \|y - X \beta\|^2

    Parameters
    ----------
    coefficients : array_like, shape (p,)
        Coefficients, one for each column of X.
    variance : float
        Variance of the noise, in squared units of y.
    X : array_like, shape (n, p)
        Design matrix with its intercept column.
    y : array_like, shape (n,)
        Targets.

    Returns
    -------
    float
        Log-likelihood, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes do not fit, a number is not finite or the variance not positive.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1.1.

    Examples
    --------
    Two targets, each one standard deviation off: -log(2 pi 4) - 1/2 - 1/2.

    >>> round(log_likelihood([0.0], 4.0, [[1.0], [1.0]], [2.0, -2.0]), 6)
    -4.224171
    """
    X = _check.matrix("X", X)
    n, p = X.shape
    y = _check.vector("y", y, n)
    beta = _check.vector("coefficients", coefficients, p)
    s2 = _check.positive_number("variance", variance)
    residuals = y - X @ beta
    return float(-n / 2 * np.log(2 * np.pi * s2) - residuals @ residuals / (2 * s2))


def variance_inflation_factors(X: ArrayLike) -> Array:
    r"""Variance inflation factors: the price of the company each feature keeps.

    .. math:: \mathrm{VIF}_j = \frac{1}{1 - R_j^2}
       = \left[(X_c^T X_c)^{-1}\right]_{jj} \left[X_c^T X_c\right]_{jj}

    with :math:`R_j^2` of the regression of feature j on an intercept and the other
    features, and :math:`X_c` the features less their means. It is 1 for a feature that
    is uncorrelated with every combination of the others.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Features **without** an intercept column; it is added here.

    Returns
    -------
    ndarray, shape (d,)
        Factors of at least 1, without unit.

    Raises
    ------
    TypeError
        If the features are not real numbers.
    ValueError
        If X is not a finite matrix, or a feature is constant or an exact combination
        of the others: its factor would be infinite.

    References
    ----------
    Marquardt (1970), *Generalized Inverses, Ridge Regression, Biased Linear Estimation,
    and Nonlinear Estimation*.

    Examples
    --------
    Two features with the correlation 0.8: the factor is 1 / (1 - 0.64).

    >>> X = [[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0], [5.0, 5.0]]
    >>> variance_inflation_factors(X).round(6).tolist()
    [2.777778, 2.777778]
    """
    triangle = _triangle(add_intercept(_check.matrix("X", X)))
    _refuse_dependent_columns(triangle, n_added=1)
    # What is left of the features once their means are gone, in units of its length.
    R = _unit_columns(triangle[1:, 1:])
    return np.asarray((_inverse(R) ** 2).sum(axis=1))


def _triangle(columns: Array) -> Array:
    """Upper triangular R of a QR decomposition; Q is not needed."""
    return np.asarray(np.linalg.qr(columns, mode="r"))


def _inverse(R: Array) -> Array:
    """Inverse W of a triangular R: (R'R)^-1 = W W'."""
    return np.asarray(solve_triangular(R, np.eye(len(R)), check_finite=False))


def _unit_columns(R: Array) -> Array:
    """Columns scaled to length 1; a column of zeros stays."""
    size = np.abs(R).max(axis=0)  # first, so that no square overflows
    unit = R / np.where(size > 0, size, 1.0)
    lengths = np.linalg.norm(unit, axis=0)
    return np.asarray(unit / np.where(lengths > 0, lengths, 1.0))


def _refuse_dependent_columns(R: Array, n_added: int = 0) -> None:
    """Refuse the triangle of a matrix X with dependent columns, and name them.

    The first ``n_added`` columns are not the caller's: they are not counted.
    """
    rows, columns = R.shape
    remedy = "drop or combine columns, or regularize"
    if rows < columns:
        raise ValueError(
            f"X: expected at least {columns} rows for {columns} columns"
            f"{' with the intercept' if n_added else ''}, got {rows}; {remedy}"
        )
    unit = _unit_columns(R)
    inverse, singular = lapack.dtrtri(unit)
    # Row j of the inverse is as long as 1 / sine of the angle of column j and the rest.
    sines = np.abs(np.diag(unit)) if singular else 1 / np.linalg.norm(inverse, axis=1)
    dependent = np.flatnonzero(sines[n_added:] < SMALLEST_SINE)
    if dependent.size:
        raise ValueError(
            "X: expected linearly independent columns, got columns "
            f"{dependent.tolist()} in the span of the others; {remedy}"
        )
