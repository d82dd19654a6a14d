r"""Derivatives of functions of one variable by central differences.

Lesson: ``foundations/derivatives``.

A difference quotient has two errors. Truncation, because the step is not zero, grows
with the step; rounding, because nearly equal numbers are subtracted, grows as the step
shrinks. The default steps balance the two for functions that vary on the scale of
:math:`\max(1, |x|)`; a function that lives on another scale needs a step of its own.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["derivative", "second_derivative"]

Function = Callable[[Array], ArrayLike]

# Truncation h^2 against rounding eps / h and eps / h^2: the sums of the two are
# smallest near these powers of the float64 precision.
FIRST_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
SECOND_STEP = float(np.finfo(np.float64).eps ** (1 / 4))


def derivative(f: Function, x: ArrayLike, *, step: ArrayLike | None = None) -> Array:
    r"""Derivative of a function of one variable by a central difference.

    .. math:: f'(x) \approx \frac{f(x + h) - f(x - h)}{2 h},

    with an error of about :math:`h^2 f'''(x) / 6` from the step and
    :math:`|f(x)| \, 10^{-16} / h` from rounding.

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    x : array_like, shape (...)
        Where to differentiate. ``f`` has to be defined within a step to either side.
    step : array_like, shape (...), optional
        Step h > 0 for each point. The default is 6e-6 times ``max(1, |x|)``.

    Returns
    -------
    ndarray, shape (...)
        Slope at each point, in units of f per unit of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If ``f`` does not return one finite number for each point, the step is not
        positive, does not fit the shape of x, is too small to change x or leaves the
        range of floats, or the slope does.

    Notes
    -----
    A number comes back even where there is no derivative: at a kink it is the mean of
    the slopes on the two sides.

    References
    ----------
    Press et al. (2007), *Numerical Recipes*, section 5.7.

    Examples
    --------
    The slope of the square is twice the point:

    >>> derivative(np.square, [1.0, 2.0, 3.0]).round(6).tolist()
    [2.0, 4.0, 6.0]
    """
    left, _, right = _neighbors(f, x, step, FIRST_STEP)
    f_left, f_right = _check.values_of(f, left), _check.values_of(f, right)
    with np.errstate(over="ignore"):
        # The distance as stored: x + h and x - h are rounded too.
        slope = (f_right - f_left) / (right - left)
    return _check.real("slope", slope)


def second_derivative(
    f: Function, x: ArrayLike, *, step: ArrayLike | None = None
) -> Array:
    r"""Second derivative of a function of one variable by a central difference.

    .. math:: f''(x) \approx \frac{f(x + h) - 2 f(x) + f(x - h)}{h^2},

    with an error of about :math:`h^2 f''''(x) / 12` from the step and
    :math:`4 \, |f(x)| \, 10^{-16} / h^2` from rounding.

    Parameters
    ----------
    f : callable
        Takes an array of points and returns an array of values, point by point.
    x : array_like, shape (...)
        Where to differentiate. ``f`` has to be defined within a step to either side.
    step : array_like, shape (...), optional
        Step h > 0 for each point. The default is 1.2e-4 times ``max(1, |x|)``.

    Returns
    -------
    ndarray, shape (...)
        Curvature at each point, in units of f per square unit of x.

    Raises
    ------
    TypeError
        If ``f`` cannot be called.
    ValueError
        If ``f`` does not return one finite number for each point, the step is not
        positive, does not fit the shape of x, is too small to change x or leaves the
        range of floats, or the curvature does.

    Notes
    -----
    A number comes back even where there is no second derivative: at a kink it grows
    like 1/h as the step shrinks.

    References
    ----------
    Press et al. (2007), *Numerical Recipes*, section 5.7.

    Examples
    --------
    >>> second_derivative(lambda x: x**3, [0.0, 1.0]).round(4).tolist()
    [0.0, 6.0]
    """
    left, x, right = _neighbors(f, x, step, SECOND_STEP)
    f_left, f_x, f_right = (_check.values_of(f, point) for point in (left, x, right))
    with np.errstate(over="ignore", invalid="ignore"):
        change = (f_right - f_x) / (right - x) - (f_x - f_left) / (x - left)
        curvature = 2 * change / (right - left)
    return _check.real("curvature", curvature)


def _neighbors(
    f: Function, x: ArrayLike, step: ArrayLike | None, factor: float
) -> tuple[Array, Array, Array]:
    """Return the points between their neighbors one step to the left and right."""
    _check.function("f", f)
    x = _check.real("x", x)
    if step is None:
        h = factor * np.maximum(1.0, np.abs(x))
    else:
        h = _check.positive("step", step)
        if h.ndim > 0:
            _check.same_shape("step", h, "x", x)
    with np.errstate(over="ignore"):
        left, right = x - h, x + h
        far = np.isinf(right - left)
    stuck = (left == x) | (right == x)
    for wrong, want in ((stuck, "change x"), (far, "stay in the range of floats")):
        if wrong.any():
            got = np.broadcast_to(h, x.shape)[wrong].flat[0]
            raise ValueError(f"step: expected steps that {want}, got {got:g}")
    return left, x, right
