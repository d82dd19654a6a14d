r"""Definite integrals as sums of values times widths.

Lesson: ``foundations/integrals``.

The interval is cut into n parts of equal width :math:`\Delta x = (b - a) / n`, negative
if b < a, which turns the sign of the integral as it should. For a smooth function the
error falls like 1/n for `riemann_left` and `riemann_right`, like 1/n² for
`riemann_midpoint` and `trapezoid`, and like 1/n⁴ for `simpson`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["riemann_left", "riemann_midpoint", "riemann_right", "simpson", "trapezoid"]

Function = Callable[[Array], ArrayLike]


def riemann_left(f: Function, a: float, b: float, n: int) -> float:
    r"""Riemann sum with the height of each rectangle taken at its start.

    .. math:: \sum_{i=0}^{n-1} f(a + i \, \Delta x) \, \Delta x

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    a, b : float
        Ends of the interval.
    n : int
        Number of rectangles.

    Returns
    -------
    float
        Signed area, in units of f times units of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If an end is not finite, n is no whole number above 0, or ``f`` does not
        return one finite number for each point.

    References
    ----------
    Spivak (2008), *Calculus*, appendix to chapter 13.

    Examples
    --------
    Two rectangles of width 1/2 and heights 0 and 1/4:

    >>> riemann_left(np.square, 0, 1, 2)
    0.125
    """
    x, width = _cut(f, a, b, n)
    return float(np.sum(_check.values_of(f, x[:-1])) * width)


def riemann_right(f: Function, a: float, b: float, n: int) -> float:
    r"""Riemann sum with the height of each rectangle taken at its end.

    .. math:: \sum_{i=1}^{n} f(a + i \, \Delta x) \, \Delta x

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    a, b : float
        Ends of the interval.
    n : int
        Number of rectangles.

    Returns
    -------
    float
        Signed area, in units of f times units of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If an end is not finite, n is no whole number above 0, or ``f`` does not
        return one finite number for each point.

    References
    ----------
    Spivak (2008), *Calculus*, appendix to chapter 13.

    Examples
    --------
    Two rectangles of width 1/2 and heights 1/4 and 1:

    >>> riemann_right(np.square, 0, 1, 2)
    0.625
    """
    x, width = _cut(f, a, b, n)
    return float(np.sum(_check.values_of(f, x[1:])) * width)


def riemann_midpoint(f: Function, a: float, b: float, n: int) -> float:
    r"""Riemann sum with the height of each rectangle taken in its middle.

    .. math:: \sum_{i=0}^{n-1} f\left(a + (i + \tfrac12) \, \Delta x\right) \Delta x

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    a, b : float
        Ends of the interval, where ``f`` is not evaluated.
    n : int
        Number of rectangles.

    Returns
    -------
    float
        Signed area, in units of f times units of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If an end is not finite, n is no whole number above 0, or ``f`` does not
        return one finite number for each point.

    References
    ----------
    Press et al. (2007), *Numerical Recipes*, section 4.1.

    Examples
    --------
    Two rectangles of width 1/2 and heights 1/16 and 9/16:

    >>> riemann_midpoint(np.square, 0, 1, 2)
    0.3125
    """
    x, width = _cut(f, a, b, n)
    return float(np.sum(_check.values_of(f, x[:-1] + width / 2)) * width)


def trapezoid(f: Function, a: float, b: float, n: int) -> float:
    r"""Sum of the trapezoids under the chords of a function.

    .. math:: \left( \tfrac12 f(x_0) + f(x_1) + \dots + f(x_{n-1}) + \tfrac12 f(x_n)
        \right) \Delta x, \qquad x_i = a + i \, \Delta x

    It is the mean of `riemann_left` and `riemann_right`.

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    a, b : float
        Ends of the interval.
    n : int
        Number of trapezoids.

    Returns
    -------
    float
        Signed area, in units of f times units of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If an end is not finite, n is no whole number above 0, or ``f`` does not
        return one finite number for each point.

    References
    ----------
    Press et al. (2007), *Numerical Recipes*, section 4.1.

    Examples
    --------
    The mean of 0.125 and 0.625:

    >>> trapezoid(np.square, 0, 1, 2)
    0.375
    """
    x, width = _cut(f, a, b, n)
    y = _check.values_of(f, x)
    return float((np.sum(y) - (y[0] + y[-1]) / 2) * width)


def simpson(f: Function, a: float, b: float, n: int) -> float:
    r"""Sum of the areas under parabolas through three neighboring points each.

    .. math:: \frac{\Delta x}{3} \left( f(x_0) + 4 f(x_1) + 2 f(x_2) + \dots
        + 2 f(x_{n-2}) + 4 f(x_{n-1}) + f(x_n) \right)

    It is exact for polynomials up to degree 3.

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    a, b : float
        Ends of the interval.
    n : int
        Number of parts, even, because each parabola covers two.

    Returns
    -------
    float
        Signed area, in units of f times units of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If an end is not finite, n is no even number above 0, or ``f`` does not return
        one finite number for each point.

    References
    ----------
    Press et al. (2007), *Numerical Recipes*, section 4.1.

    Examples
    --------
    One parabola through three points of a cubic:

    >>> simpson(lambda x: x**3, 0, 2, 2)
    4.0
    """
    x, width = _cut(f, a, b, n)
    if len(x) % 2 == 0:
        raise ValueError(f"n: expected an even number, got {n}")
    y = _check.values_of(f, x)
    total = y[0] + 4 * np.sum(y[1::2]) + 2 * np.sum(y[2:-1:2]) + y[-1]
    return float(total * width / 3)


def _cut(f: Function, a: float, b: float, n: int) -> tuple[Array, float]:
    """Return the n + 1 ends of n equal parts, and the width of a part."""
    _check.function("f", f)
    a, b, n = _check.number("a", a), _check.number("b", b), _check.count("n", n)
    return np.linspace(a, b, n + 1), (b - a) / n
