r"""Minimization under constraints, and how steep a function gets.

Lesson: ``foundations/constrained-optimization``.

The constraints of :math:`\min f(x)` subject to :math:`g(x) \le 0` enter with a
multiplier each, :math:`L(x, \lambda) = f(x) + \lambda^T g(x)`. At a minimum with
independent gradients of the active constraints the four conditions of Karush, Kuhn
and Tucker hold, and they can be checked in numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import null_space

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.foundations.gradients import gradient, jacobian

__all__ = [
    "EqualityMinimum",
    "KKTResiduals",
    "kkt_residuals",
    "lipschitz_estimate",
    "solve_equality_quadratic",
]


@dataclass(frozen=True, slots=True, eq=False)
class EqualityMinimum:
    """Minimum of a quadratic function under linear equality constraints.

    Attributes
    ----------
    x : ndarray, shape (p,)
        Where the minimum is.
    multipliers : ndarray, shape (m,)
        Multiplier of each constraint, of any sign.
    """

    x: Array
    multipliers: Array

    def __post_init__(self) -> None:
        _check.freeze(self, ["x", "multipliers"])


@dataclass(frozen=True, slots=True, eq=False)
class KKTResiduals:
    """What is missing from the four KKT conditions; all zero where they hold.

    Attributes
    ----------
    stationarity : ndarray, shape (p,)
        Gradient of the Lagrangian in x.
    violation : ndarray, shape (m,)
        By how much each constraint is exceeded, max(g, 0).
    sign : ndarray, shape (m,)
        By how much each multiplier is negative, max(-lambda, 0).
    complementarity : ndarray, shape (m,)
        Products of multipliers and constraints.
    """

    stationarity: Array
    violation: Array
    sign: Array
    complementarity: Array

    def __post_init__(self) -> None:
        _check.freeze(self, self.__slots__)

    @property
    def worst(self) -> float:
        """Largest of all residuals in absolute value."""
        return max(float(np.abs(getattr(self, name)).max()) for name in self.__slots__)


def solve_equality_quadratic(
    Q: ArrayLike, c: ArrayLike, A: ArrayLike, b: ArrayLike
) -> EqualityMinimum:
    r"""Minimum of a quadratic function on a line, plane or flat of any dimension.

    .. math:: \min_x \tfrac12 x^T Q x + c^T x \quad \text{subject to} \quad Ax = b

    The gradient of the Lagrangian and the constraints are linear together:

    .. math:: \begin{pmatrix} Q & A^T \\ A & 0 \end{pmatrix}
        \begin{pmatrix} x \\ \lambda \end{pmatrix} =
        \begin{pmatrix} -c \\ b \end{pmatrix}

    Parameters
    ----------
    Q : array_like, shape (p, p)
        Symmetric matrix, positive definite on the directions that A leaves free.
    c : array_like, shape (p,)
        Linear part.
    A : array_like, shape (m, p)
        Independent rows, one for each constraint.
    b : array_like, shape (m,)
        Right-hand sides.

    Returns
    -------
    EqualityMinimum
        Minimizer and multipliers, the latter in units of the objective per unit of b.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit, the rows of A are dependent, or Q is not symmetric or
        leaves no unique minimum.

    References
    ----------
    Nocedal and Wright (2006), *Numerical Optimization*, section 16.1.

    Examples
    --------
    The point of the line x + y = 2 closest to the origin, with x^T x / 2:

    >>> found = solve_equality_quadratic([[1, 0], [0, 1]], [0, 0], [[1, 1]], [2])
    >>> found.x.tolist(), found.multipliers.tolist()
    ([1.0, 1.0], [-1.0])
    """
    A = _check.matrix("A", A)
    m, p = A.shape
    Q, c, b = _check.matrix("Q", Q), _check.vector("c", c, p), _check.vector("b", b, m)
    if Q.shape != (p, p):
        raise ValueError(f"Q: expected shape {(p, p)}, got {Q.shape}")
    if np.abs(Q - Q.T).max() > 1e-10 * np.abs(Q).max():
        raise ValueError("Q: expected a symmetric matrix, got one that is not")
    rank = np.linalg.matrix_rank(A)
    if rank < m:
        raise ValueError(f"A: expected {m} independent rows, got rank {rank}")
    free = null_space(A)
    bends = np.linalg.eigvalsh(free.T @ Q @ free)
    if bends.size and not bends[0] > p * np.finfo(np.float64).eps * np.abs(Q).max():
        raise ValueError(
            "Q: expected upward curvature along the constraints, "
            f"got the eigenvalue {bends[0]:.3g}"
        )
    system = np.block([[Q, A.T], [A, np.zeros((m, m))]])
    solution = np.linalg.solve(system, np.concatenate([-c, b]))
    return EqualityMinimum(solution[:p], solution[p:])


def kkt_residuals(
    f: Callable[[Array], float],
    g: Callable[[Array], ArrayLike],
    x: ArrayLike,
    multipliers: ArrayLike,
) -> KKTResiduals:
    r"""Residuals of the four KKT conditions of min f(x) subject to g(x) <= 0.

    .. math:: \nabla f(x) + J_g(x)^T \lambda = 0, \quad g(x) \le 0, \quad
        \lambda \ge 0, \quad \lambda_i \, g_i(x) = 0

    Parameters
    ----------
    f : callable
        Objective, maps a vector of shape (p,) to one number.
    g : callable
        Constraints, maps a vector of shape (p,) to one of shape (m,).
    x : array_like, shape (p,)
        Candidate for the minimum.
    multipliers : array_like, shape (m,)
        Candidates for the multipliers.

    Returns
    -------
    KKTResiduals
        What is missing from each condition, in the units of its left-hand side.

    Raises
    ------
    TypeError
        If a function is not callable or does not return real numbers, or if the
        numbers are not real.
    ValueError
        If x or the multipliers are not finite vectors of the right length, or if a
        function is not finite at x or of another shape.

    References
    ----------
    Boyd and Vandenberghe (2004), *Convex Optimization*, section 5.5.3.

    Examples
    --------
    Minimize x^2 for x >= 1, that is 1 - x <= 0. At 1 the multiplier is 2:

    >>> found = kkt_residuals(lambda v: v[0] ** 2, lambda v: [1 - v[0]], [1.0], [2.0])
    >>> found.worst < 1e-9
    True
    """
    _check.function("g", g)
    slope = gradient(f, x)
    point = _check.vector("x", x)
    value = np.asarray(g(point.copy()))
    if value.ndim != 1:
        raise ValueError(f"g: expected values of shape (m,), got shape {value.shape}")
    value = _check.real("g", value)
    weights = _check.vector("multipliers", multipliers, value.size)
    return KKTResiduals(
        stationarity=slope + jacobian(g, point).T @ weights,
        violation=np.maximum(value, 0.0),
        sign=np.maximum(-weights, 0.0),
        complementarity=weights * value,
    )


def lipschitz_estimate(x: ArrayLike, y: ArrayLike) -> float:
    r"""Steepest slope between any two of some inputs and their outputs.

    .. math:: \hat L = \max_{i \ne j} \frac{\|y_i - y_j\|}{\|x_i - x_j\|} \le L

    A lower bound of the Lipschitz constant: pairs that were not seen can be steeper.

    Parameters
    ----------
    x : array_like, shape (n,) or (n, d)
        At least two different inputs.
    y : array_like, shape (n,) or (n, m)
        Output of each input.

    Returns
    -------
    float
        Slope, in units of the output per unit of the input.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the numbers are not finite, the lengths differ, all inputs are the same, or
        one input has two outputs.

    References
    ----------
    Rudin (1976), *Principles of Mathematical Analysis*, theorem 9.19.

    Examples
    --------
    Between 0 and 3 the square is nowhere as steep as from 2 to 3:

    >>> lipschitz_estimate([0.0, 2.0, 3.0], [0.0, 4.0, 9.0])
    5.0
    """
    from scipy.spatial.distance import pdist  # here, because it is slow to import

    inputs, outputs = _rows("x", x), _rows("y", y)
    if len(outputs) != len(inputs):
        raise ValueError(f"y: expected {len(inputs)} outputs, got {len(outputs)}")
    apart, rise = pdist(inputs), pdist(outputs)
    if not apart.any():
        raise ValueError("x: expected two different inputs, got only one")
    if rise[apart == 0].any():
        raise ValueError("y: expected one output for each input, got two for one")
    return float(np.max(rise[apart > 0] / apart[apart > 0]))


def _rows(name: str, value: ArrayLike) -> Array:
    """Vectors as rows; numbers are vectors of one component."""
    array = _check.real(name, value)
    if array.ndim not in (1, 2):
        raise ValueError(f"{name}: expected shape (n,) or (n, d), got {array.shape}")
    return array.reshape(len(array), -1)
