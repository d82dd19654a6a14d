r"""Tests of hypotheses about means and about counts, with two-sided p-values.

Lesson: ``probability/hypothesis-tests``.

A test compares a statistic with its distribution under the null hypothesis
:math:`H_0`. The p-value is the probability, under :math:`H_0`, of a statistic at least
as extreme as the observed one. For z and t "extreme" means far from 0 on either side,
for chi-squared it means large.

Samples lie along the last axis, so that a stack of samples is tested in one call.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr

from mlnotes import _check
from mlnotes._check import Array

__all__ = [
    "TestResult",
    "chi_squared_fit",
    "chi_squared_independence",
    "expected_counts",
    "paired_t_test",
    "pooled_t_test",
    "t_test",
    "welch_t_test",
    "z_test",
    "z_test_power",
]


@dataclass(frozen=True, slots=True, eq=False)
class TestResult:
    """Outcome of a test, one for each sample of a stack.

    Attributes
    ----------
    statistic : ndarray, shape (...)
        The observed statistic, a pure number.
    degrees_of_freedom : ndarray, shape (...)
        Parameter of its distribution under the null hypothesis; infinite for the
        z-test, whose normal distribution is the limit of the t distributions.
    p_value : ndarray, shape (...)
        Probability under the null hypothesis of a statistic at least as extreme.
    """

    statistic: Array
    degrees_of_freedom: Array
    p_value: Array
    __test__: ClassVar[bool] = False  # the name is no invitation to pytest

    def __post_init__(self) -> None:
        _check.freeze(self, self.__slots__)


def z_test(x: ArrayLike, mean: float, sigma: float) -> TestResult:
    r"""Test a population mean when the standard deviation is known.

    .. math::
        z = \frac{\bar x - \mu_0}{\sigma / \sqrt n}, \qquad p = 2 \Phi(-|z|).

    Parameters
    ----------
    x : array_like, shape (..., n)
        Independent values.
    mean : float
        The population mean :math:`\mu_0` of the null hypothesis.
    sigma : float
        Known standard deviation of one value, above 0.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the sample has no axis, a number is not finite or sigma is not positive.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 8.3.

    Examples
    --------
    Four values with the mean 3 and the standard error 1:

    >>> float(z_test([2, 3, 3, 4], mean=1, sigma=2).statistic)
    2.0
    """
    x = _samples("x", x, 1)
    mean, sigma = _check.number("mean", mean), _check.positive_number("sigma", sigma)
    z = (x - mean).mean(axis=-1) / (sigma / np.sqrt(x.shape[-1]))
    return TestResult(z, np.full_like(z, np.inf), 2 * ndtr(-np.abs(z)))


def z_test_power(shift: ArrayLike, alpha: float) -> Array:
    r"""Probability that a two-sided z-test of level alpha rejects.

    With :math:`d = \sqrt n (\mu_1 - \mu_0) / \sigma` and
    :math:`z = \Phi^{-1}(1 - \alpha / 2)`,

    .. math:: 1 - \beta = \Phi(d - z) + \Phi(-d - z).

    Parameters
    ----------
    shift : array_like, shape (...)
        True mean minus hypothetical mean, d, in standard errors.
    alpha : float
        Level of the test, strictly between 0 and 1.

    Returns
    -------
    ndarray, shape (...)
        Probability of a rejection; alpha where the shift is 0.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite or alpha is not between 0 and 1.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 8.3.1.

    Examples
    --------
    A shift that lies on the threshold is found in about half of all samples:

    >>> float(z_test_power(1.96, alpha=0.05).round(3))
    0.5
    """
    d, alpha = _check.real("shift", shift), _check.positive_number("alpha", alpha)
    _check.less_than("alpha", alpha, 1.0)
    threshold = -ndtri(alpha / 2)
    return np.asarray(ndtr(d - threshold) + ndtr(-d - threshold))


def t_test(x: ArrayLike, mean: float) -> TestResult:
    r"""Test a population mean when the standard deviation is estimated.

    .. math::
        t = \frac{\bar x - \mu_0}{s / \sqrt n}, \qquad
        s^2 = \frac{1}{n - 1} \sum_{i=1}^n (x_i - \bar x)^2,

    with :math:`n - 1` degrees of freedom.

    Parameters
    ----------
    x : array_like, shape (..., n)
        Independent values, at least 2, not all equal.
    mean : float
        The population mean :math:`\mu_0` of the null hypothesis.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If there are fewer than two values, all are equal or one is not finite.

    References
    ----------
    Student (1908), The Probable Error of a Mean.

    Examples
    --------
    Mean 2 and s = 1 from three values, so the standard error is 1 / sqrt(3):

    >>> float(t_test([1, 2, 3], mean=1).statistic.round(6))  # sqrt(3)
    1.732051
    """
    x, mean = _samples("x", x, 2), _check.number("mean", mean)
    unit = np.ptp(x, axis=-1)
    _refuse_constant("x", unit)
    n, gap, x = x.shape[-1], (x[..., 0] - mean) / unit, _from_first(x, unit)
    standard_error = x.std(axis=-1, ddof=1) / np.sqrt(n)
    return _two_sided((gap + x.mean(axis=-1)) / standard_error, n - 1.0)


def paired_t_test(x: ArrayLike, y: ArrayLike) -> TestResult:
    r"""Test whether the differences of pairs have the population mean 0.

    The one-sample t-test of :math:`x_i - y_i`, with :math:`n - 1` degrees of freedom.

    Parameters
    ----------
    x, y : array_like, shape (..., n)
        Two measurements of each unit, in the same order, at least 2 pairs.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the shapes differ, there are fewer than two pairs, all differences are equal
        (up to rounding) or a number is not finite.

    References
    ----------
    Student (1908), The Probable Error of a Mean, p. 20.

    Examples
    --------
    The differences are 1, 2 and 3:

    >>> float(paired_t_test([3, 7, 5], [2, 5, 2]).statistic.round(6))  # 2 sqrt(3)
    3.464102
    """
    x, y = _samples("x", x, 2), _samples("y", y, 2)
    _check.same_shape("y", y, "x", x)
    # Subtraction leaves rounding errors of this size where it should leave a constant.
    noise = 4 * np.finfo(np.float64).eps * np.maximum(np.abs(x), np.abs(y)).max(axis=-1)
    _refuse_constant("x", np.ptp(x - y, axis=-1) - noise, "differences x - y")
    return t_test(x - y, 0.0)


def pooled_t_test(x: ArrayLike, y: ArrayLike) -> TestResult:
    r"""Test whether two populations of EQUAL variance have the same mean.

    .. math::
        t = \frac{\bar x - \bar y}{s \sqrt{1 / n_1 + 1 / n_2}}, \qquad
        s^2 = \frac{(n_1 - 1) s_1^2 + (n_2 - 1) s_2^2}{n_1 + n_2 - 2},

    with :math:`n_1 + n_2 - 2` degrees of freedom.

    Parameters
    ----------
    x : array_like, shape (..., n_1)
        Independent values from the first population, at least 2.
    y : array_like, shape (..., n_2)
        Independent values from the second, at least 2.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a sample has fewer than two values, both are constant, the leading shapes
        differ or a number is not finite.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, exercise 8.41.

    Examples
    --------
    Both variances are 2, so s^2 = 2 and the standard error is sqrt(2):

    >>> result = pooled_t_test([5, 7], [2, 4])
    >>> float(result.statistic.round(6)), float(result.degrees_of_freedom)
    (2.12132, 2.0)
    """
    x, y, gap = _two_samples(x, y)
    n_1, n_2 = x.shape[-1], y.shape[-1]
    df = n_1 + n_2 - 2.0
    squares = (n_1 - 1) * x.var(axis=-1, ddof=1) + (n_2 - 1) * y.var(axis=-1, ddof=1)
    standard_error = np.sqrt(squares / df * (1 / n_1 + 1 / n_2))
    difference = gap + x.mean(axis=-1) - y.mean(axis=-1)
    return _two_sided(difference / standard_error, df)


def welch_t_test(x: ArrayLike, y: ArrayLike) -> TestResult:
    r"""Test whether two populations of any variances have the same mean.

    With :math:`v_k = s_k^2 / n_k`,

    .. math::
        t = \frac{\bar x - \bar y}{\sqrt{v_1 + v_2}}, \qquad
        \nu = \frac{(v_1 + v_2)^2}{v_1^2 / (n_1 - 1) + v_2^2 / (n_2 - 1)}

    degrees of freedom. The t distribution is an approximation here.

    Parameters
    ----------
    x : array_like, shape (..., n_1)
        Independent values from the first population, at least 2.
    y : array_like, shape (..., n_2)
        Independent values from the second, at least 2.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a sample has fewer than two values, both are constant, the leading shapes
        differ or a number is not finite.

    References
    ----------
    Welch (1947), The Generalization of "Student's" Problem.

    Examples
    --------
    Samples of equal size and variance give the degrees of freedom of the pooled test:

    >>> float(welch_t_test([5, 7], [2, 4]).degrees_of_freedom.round(6))
    2.0
    """
    x, y, gap = _two_samples(x, y)
    v_1 = x.var(axis=-1, ddof=1) / x.shape[-1]
    v_2 = y.var(axis=-1, ddof=1) / y.shape[-1]
    share = v_1 / (v_1 + v_2)
    df = 1 / (share**2 / (x.shape[-1] - 1) + (1 - share) ** 2 / (y.shape[-1] - 1))
    difference = gap + x.mean(axis=-1) - y.mean(axis=-1)
    return _two_sided(difference / np.sqrt(v_1 + v_2), df)


def chi_squared_fit(observed: ArrayLike, p: ArrayLike) -> TestResult:
    r"""Test whether counts come from given probabilities.

    .. math:: \chi^2 = \sum_{k=1}^K \frac{(O_k - N p_k)^2}{N p_k},

    with :math:`K - 1` degrees of freedom. The chi-squared distribution is a
    large-sample approximation.

    Parameters
    ----------
    observed : array_like, shape (..., K)
        Counts of the K outcomes, whole numbers with a positive sum.
    p : array_like, shape (K,)
        Probabilities of the null hypothesis, all above 0.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If there are fewer than two outcomes, a count is not a whole number of at least
        0, nothing was counted, or p is not K positive probabilities with sum 1.

    References
    ----------
    Pearson (1900), On the Criterion that a Given System of Deviations ...

    Examples
    --------
    A coin with 15 heads in 20 flips is 5 off in both cells, 25 / 10 + 25 / 10:

    >>> float(chi_squared_fit([15, 5], [0.5, 0.5]).statistic)
    5.0
    """
    observed = _check.whole("observed", observed)
    if observed.ndim == 0 or observed.shape[-1] < 2:
        raise ValueError(
            f"observed: expected at least two outcomes, got shape {observed.shape}"
        )
    n_outcomes = observed.shape[-1]
    p = _check.vector("p", _check.positive("p", p), n_outcomes)
    p = _check.probabilities("p", p)
    totals = observed.sum(axis=-1, keepdims=True)
    if not totals.all():
        raise ValueError("observed: expected a positive sum, got only zeros")
    expected = totals * p
    statistic = ((observed - expected) ** 2 / expected).sum(axis=-1)
    return _upper_tail(statistic, n_outcomes - 1.0)


def expected_counts(table: ArrayLike) -> Array:
    r"""Counts that independence of rows and columns would lead one to expect.

    .. math:: E_{ij} = \frac{\text{row}_i \cdot \text{column}_j}{N}.

    Parameters
    ----------
    table : array_like, shape (..., r, c)
        Counts, whole numbers; every row and every column has a positive sum.

    Returns
    -------
    ndarray, shape (..., r, c)
        Expected number of observations in each cell, with the sums of the table.

    Raises
    ------
    TypeError
        If the table is not real numbers.
    ValueError
        If there are fewer than two rows or columns, a count is not a whole number of at
        least 0, or a row or a column is empty.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 4.2.

    Examples
    --------
    >>> expected_counts([[10, 20], [30, 40]]).tolist()
    [[12.0, 18.0], [28.0, 42.0]]
    """
    table = _check.whole("table", table)
    if table.ndim < 2 or min(table.shape[-2:]) < 2:
        raise ValueError(
            f"table: expected at least two rows and columns, got shape {table.shape}"
        )
    rows, columns = table.sum(axis=-1), table.sum(axis=-2)
    if not rows.all():
        raise ValueError("table: expected a positive sum in each row, got an empty row")
    if not columns.all():
        raise ValueError(
            "table: expected a positive sum in each column, got an empty column"
        )
    shares = columns / columns.sum(axis=-1, keepdims=True)
    return np.asarray(rows[..., :, None] * shares[..., None, :])


def chi_squared_independence(table: ArrayLike) -> TestResult:
    r"""Test whether two categorical variables are independent.

    .. math:: \chi^2 = \sum_{ij} \frac{(O_{ij} - E_{ij})^2}{E_{ij}},

    with :math:`(r - 1)(c - 1)` degrees of freedom and no continuity correction.

    Parameters
    ----------
    table : array_like, shape (..., r, c)
        Counts, whole numbers; every row and every column has a positive sum.

    Returns
    -------
    TestResult
        Pure numbers and probabilities of shape (...).

    Raises
    ------
    TypeError
        If the table is not real numbers.
    ValueError
        If there are fewer than two rows or columns, a count is not a whole number of at
        least 0, or a row or a column is empty.

    References
    ----------
    Fisher (1922), On the Interpretation of chi-squared from Contingency Tables.

    Examples
    --------
    All four cells are 5 off from an expected 10:

    >>> result = chi_squared_independence([[15, 5], [5, 15]])
    >>> float(result.statistic), float(result.degrees_of_freedom)
    (10.0, 1.0)
    """
    expected = expected_counts(table)
    n_rows, n_columns = expected.shape[-2:]
    statistic = ((np.asarray(table) - expected) ** 2 / expected).sum(axis=(-2, -1))
    return _upper_tail(statistic, (n_rows - 1.0) * (n_columns - 1.0))


def _two_sided(t: Array, df: Array | float) -> TestResult:
    df = np.broadcast_to(np.asarray(df, dtype=np.float64), np.shape(t))
    return TestResult(t, df, 2 * stdtr(df, -np.abs(t)))


def _upper_tail(statistic: Array, df: float) -> TestResult:
    p = np.asarray(chdtrc(df, statistic), dtype=np.float64)
    return TestResult(statistic, np.full_like(statistic, df), p)


def _samples(name: str, value: ArrayLike, least: int) -> Array:
    x = _check.real(name, value)
    if x.ndim == 0 or x.shape[-1] < least:
        raise ValueError(
            f"{name}: expected at least {least} values along the last axis, "
            f"got shape {x.shape}"
        )
    return x


def _two_samples(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array, Array]:
    """Each sample less its first value, and the gap between those, in one unit."""
    x, y = _samples("x", x, 2), _samples("y", y, 2)
    if x.shape[:-1] != y.shape[:-1]:
        raise ValueError(
            f"y: expected the leading shape {x.shape[:-1]} as x, got {y.shape[:-1]}"
        )
    unit = np.maximum(np.ptp(x, axis=-1), np.ptp(y, axis=-1))
    _refuse_constant("x", unit, "x and y")
    gap = (x[..., 0] - y[..., 0]) / unit
    return _from_first(x, unit), _from_first(y, unit), gap


def _from_first(x: Array, unit: Array) -> Array:
    # No t depends on origin or unit. With these no digit is lost to a large common
    # shift, and no square leaves the range of floating point.
    return (x - x[..., :1]) / unit[..., None]


def _refuse_constant(name: str, spread: Array, what: str = "values") -> None:
    if not np.all(spread > 0):
        raise ValueError(f"{name}: expected {what} that vary, got a constant")
