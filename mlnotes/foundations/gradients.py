r"""Gradients, Jacobians and Hessians by central differences.

Lesson: ``foundations/gradients``.

A function is known by its values alone. A short walk h to both sides of x gives

.. math:: f'(x) = \frac{f(x + h) - f(x - h)}{2h} - \frac{h^2}{6} f'''(\xi),

and the same along every axis gives the partial derivatives. Long steps leave the
tangent, short steps drown in rounding; the steps here balance the two.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["gradient", "hessian", "jacobian"]

# Steps that balance truncation against rounding for central differences of first
# and second order: the cube root and the fourth root of the float64 precision.
FIRST_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
SECOND_STEP = float(np.finfo(np.float64).eps ** (1 / 4))
MAX_TRIALS = 40  # of step sizes, each up to ten times the one before
LONGEST = 1e8  # in plain steps: a function that has not bent by then is straight


def gradient(f: Callable[[Array], float], x: ArrayLike) -> Array:
    r"""Gradient: the vector of partial derivatives, by central differences.

    .. math:: \nabla f(x)_j = \frac{\partial f}{\partial x_j}
        \approx \frac{f(x + h_j e_j) - f(x - h_j e_j)}{2 h_j}

    Parameters
    ----------
    f : callable
        Maps a vector of shape (p,) to one number.
    x : array_like, shape (p,)
        Where the gradient is wanted. Where ``f`` is not finite on both sides of it,
        neither is the partial derivative.

    Returns
    -------
    ndarray, shape (p,)
        Gradient, in units of ``f`` per unit of each component of ``x``.

    Raises
    ------
    TypeError
        If ``f`` is not callable or does not return real numbers, or if ``x`` does not
        hold real numbers.
    ValueError
        If ``x`` is not a finite vector, or if the value of ``f`` there is not one
        finite number.

    References
    ----------
    Nocedal and Wright (2006), *Numerical Optimization*, section 8.1.

    Examples
    --------
    At (1, 2) the function x^2 + 3xy has the slopes 2x + 3y = 8 and 3x = 3:

    >>> gradient(lambda v: v[0] ** 2 + 3 * v[0] * v[1], [1.0, 2.0]).round(6).tolist()
    [8.0, 3.0]
    """
    point = _point(f, x, ndim=0)
    slopes = _slopes(lambda z: np.atleast_1d(_value(f, z)), point)
    return slopes.ravel()


def jacobian(f: Callable[[Array], ArrayLike], x: ArrayLike) -> Array:
    r"""Jacobian of a vector-valued function, by central differences.

    .. math:: J_{ij} = \frac{\partial f_i}{\partial x_j}

    Row i is the gradient of the component :math:`f_i`, column j the velocity of the
    output when :math:`x_j` grows.

    Parameters
    ----------
    f : callable
        Maps a vector of shape (p,) to one of shape (m,).
    x : array_like, shape (p,)
        Where the Jacobian is wanted.

    Returns
    -------
    ndarray, shape (m, p)
        Jacobian, in units of each output per unit of each input.

    Raises
    ------
    TypeError
        If ``f`` is not callable or does not return real numbers, or if ``x`` does not
        hold real numbers.
    ValueError
        If ``x`` is not a finite vector, or if the value of ``f`` there is not a
        finite vector.

    References
    ----------
    Nocedal and Wright (2006), *Numerical Optimization*, section 8.1.

    Examples
    --------
    The product and the sum of 2 and 5:

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]], [2.0, 5.0]).round(6).tolist()
    [[5.0, 2.0], [1.0, 1.0]]
    """
    point = _point(f, x, ndim=1)
    return _slopes(lambda z: _value(f, z), point)


def hessian(f: Callable[[Array], float], x: ArrayLike) -> Array:
    r"""Hessian: the matrix of second derivatives, by central differences.

    .. math:: H_{ij} = \frac{\partial^2 f}{\partial x_i \, \partial x_j}

    Parameters
    ----------
    f : callable
        Maps a vector of shape (p,) to one number.
    x : array_like, shape (p,)
        Where the Hessian is wanted.

    Returns
    -------
    ndarray, shape (p, p)
        Symmetric matrix, in units of ``f`` per unit of each pair of components.

    Raises
    ------
    TypeError
        If ``f`` is not callable or does not return real numbers, or if ``x`` does not
        hold real numbers.
    ValueError
        If ``x`` is not a finite vector, or if the value of ``f`` there is not one
        finite number.

    References
    ----------
    Nocedal and Wright (2006), *Numerical Optimization*, section 8.1.

    Examples
    --------
    The function x^2 + 3xy bends by 2 along x, by 0 along y and twists by 3:

    >>> H = hessian(lambda v: v[0] ** 2 + 3 * v[0] * v[1], [1.0, 2.0])
    >>> (H.round(4) + 0.0).tolist()
    [[2.0, 3.0], [3.0, 0.0]]
    """
    point = _point(f, x, ndim=0)
    # Half steps, because the diagonal takes two of them.
    steps = _steps(lambda z: np.atleast_1d(_value(f, z)), point, SECOND_STEP) / 2
    steps = point + steps - point  # as the sums will have them
    size = steps.sum(axis=1)

    def second_difference(a: Array, b: Array) -> Array:
        ends = (a + b, a - b, b - a, -a - b)
        corners = [_value(f, point + end) for end in ends]
        return (corners[0] - corners[1]) - (corners[2] - corners[3])

    with np.errstate(invalid="ignore"):
        twists = np.array([[second_difference(a, b) for b in steps] for a in steps])
        return np.asarray((twists + twists.T) / 2 / (4 * np.outer(size, size)))


def _slopes(f: Callable[[Array], Array], x: Array) -> Array:
    """Central differences along the axes, one a column."""
    steps = _steps(f, x, FIRST_STEP)
    steps = x + steps - x  # as the sums will have them
    with np.errstate(invalid="ignore"):
        columns = [(f(x + h) - f(x - h)) / (2 * h.sum()) for h in steps]
    return np.array(columns).T


def _steps(f: Callable[[Array], Array], x: Array, rate: float) -> Array:
    """Steps along the axes, one a row, that suit central differences.

    They bend ``f`` by its share ``rate**2``, within a factor of ten: less drowns in
    rounding, more leaves the parabola. The size of a component alone does not tell the
    step: it may be 0, or far from 0 in units of the scale on which ``f`` varies.
    """
    height = f(x)
    size = np.maximum(np.abs(height), 1.0)

    def bends(i: int, step: float) -> tuple[float, float]:
        """Shares of the second difference, and of the third, which odd f have only."""
        half = (x[i] + step / 2 - x[i]) * (np.arange(x.size) == i)
        near, far = (f(x + half), f(x - half)), (f(x + 2 * half), f(x - 2 * half))
        with np.errstate(invalid="ignore"):
            even = far[0] + far[1] - 2 * height
            odd = far[0] - far[1] - 2 * (near[0] - near[1])
            return float(np.max(np.abs(even) / size)), float(np.max(np.abs(odd) / size))

    steps = [_step(partial(bends, i), float(x[i]), rate) for i in range(x.size)]
    return np.diag(np.array(steps))


def _step(
    bends: Callable[[float], tuple[float, float]], x: float, rate: float
) -> float:
    """Step along one axis, found by trial."""
    step = rate * (abs(x) or rate)
    shortest, longest = 20 * np.spacing(abs(x)), LONGEST * rate * max(abs(x), 1.0)
    while not np.isfinite(bends(step)).all() and step > shortest:
        step /= 10  # back across the border of the domain
    chosen, shrunk = step, False
    for _ in range(MAX_TRIALS):
        even, odd = bends(step)
        found = max(even, odd)
        if not np.isfinite(found):
            break
        chosen = step
        if found > 10 * rate**2:
            shrunk = True
        elif found >= rate**2 / 10 or shrunk:
            # An odd function shows no second difference: shrink to the same share.
            return step * min(rate / np.cbrt(odd), 1.0) if odd > even else step
        step *= np.clip(rate / np.sqrt(max(found, rate**2 / 100)), 0.1, 10)
        if step > longest:
            plain = rate * max(abs(x), 1.0)
            return plain if np.isfinite(bends(plain)).all() else chosen
    return chosen


def _point(f: Callable[[Array], ArrayLike], x: ArrayLike, ndim: int) -> Array:
    """Check a function and the point where it is to be differentiated."""
    _check.function("f", f)
    point = _check.vector("x", x)
    value = _value(f, point)
    if value.ndim != ndim or value.size == 0:
        wanted = ("one number", "values of shape (m,)")[ndim]
        raise ValueError(f"f: expected {wanted}, got shape {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"f: expected a finite value at x, got {value}")
    return point


def _value(f: Callable[[Array], ArrayLike], x: Array) -> Array:
    value = np.asarray(f(x.copy()))
    if value.dtype.kind not in "fiub":
        raise TypeError(f"f: expected real numbers, got dtype {value.dtype}")
    return value.astype(np.float64, copy=False)
