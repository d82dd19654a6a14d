r"""Elimination, and what it says about a matrix: rank, null space and determinant.

Lesson: ``foundations/matrices``.

Three row operations (swap two rows, scale a row, add a multiple of one row to another)
change a matrix and keep the solutions of its linear system. Repeated until every row
starts further to the right than the one above, they leave the number of pivots, which
is the rank. A swap flips the sign of the determinant and an added multiple keeps it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["Determinant", "RowEchelon", "determinant", "null_space", "row_echelon"]

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class RowEchelon:
    """Reduced row echelon form of a matrix.

    Attributes
    ----------
    matrix : ndarray, shape (m, n)
        The reduced form: each pivot is 1 and alone in its column. Infinite where an
        entry exceeds the largest floating-point number.
    pivots : tuple of int
        Columns of the pivots, counted from 0, in increasing order.
    """

    matrix: Array
    pivots: tuple[int, ...]

    def __post_init__(self) -> None:
        _check.freeze(self, ["matrix"])

    @property
    def rank(self) -> int:
        """Number of pivots: of linearly independent rows, and of columns."""
        return len(self.pivots)


@dataclass(frozen=True, slots=True, eq=False)
class Determinant:
    """Determinant as a sign and a logarithm, which neither overflow nor underflow.

    Attributes
    ----------
    sign : float
        1, -1, or 0 for a singular matrix.
    log_abs : float
        Natural logarithm of the absolute value; ``-inf`` for a singular matrix.
    """

    sign: float
    log_abs: float

    @property
    def value(self) -> float:
        """The determinant itself; 0 or infinite where a float cannot hold it."""
        with np.errstate(over="ignore", under="ignore"):
            return self.sign * float(np.exp(self.log_abs))


def row_echelon(A: ArrayLike) -> RowEchelon:
    r"""Reduced row echelon form by Gauss-Jordan elimination.

    Column after column, the largest entry that is left is swapped to the pivot row,
    the row is divided by it, and multiples of the row clear the rest of the column.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Matrix. Append the right-hand side to solve a system, append the identity to
        invert.

    Returns
    -------
    RowEchelon
        The reduced form, its pivot columns, and the rank.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not a finite matrix.

    Notes
    -----
    After rounding nothing is exactly zero. The rows above hold the weights of the
    pivot columns whose mixture the column is compared with. What is left of it counts
    as zero if it is at most max(m, n) times the float64 precision, relative to the
    column's largest entry plus the terms of the mixture. The units of the columns,
    and so the size of a right-hand side, do not matter; rows should be of comparable
    size. Singular values tell the rank more reliably.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, sections 2.2 and 3.2.

    Examples
    --------
    The third row is the sum of the first two, so it disappears:

    >>> form = row_echelon([[1, 2, 0], [0, 1, 1], [1, 3, 1]])
    >>> form.matrix.tolist()
    [[1.0, 0.0, -2.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    >>> form.pivots, form.rank
    ((0, 1), 2)
    """
    A = _check.matrix("A", A)
    m, n = A.shape
    # Scaled by a power of two, each column has its largest entry between 1/2 and 1.
    exponent = np.frexp(np.abs(A).max(axis=0))[1]
    R = np.ldexp(A, -exponent)
    pivots: list[int] = []
    for column in range(n):
        row = len(pivots)
        if row == m:
            break
        best = row + int(np.argmax(np.abs(R[row:, column])))
        terms = 1 + np.abs(R[:row, column]).sum()  # each of them has been rounded
        if abs(R[best, column]) <= max(m, n) * EPS * terms:
            R[row:, column] = 0.0
            continue
        R[[row, best]] = R[[best, row]]
        R[row] /= R[row, column]
        others = np.arange(m) != row
        R[others] -= np.outer(R[others, column], R[row])
        pivots.append(column)
    units = exponent - exponent[pivots][:, np.newaxis]
    with np.errstate(over="ignore"):
        R[: len(pivots)] = np.ldexp(R[: len(pivots)], units)
    return RowEchelon(R + 0.0, tuple(pivots))


def null_space(A: ArrayLike) -> Array:
    r"""Basis of the null space: all x with :math:`A x = 0`.

    Each column without a pivot is free: give it the weight 1, the other free columns
    0, and read the weights of the pivot columns from the reduced row echelon form.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Matrix of rank r.

    Returns
    -------
    ndarray, shape (n, n - r)
        One basis vector, without unit, for each column without a pivot; no columns
        if :math:`A x = 0` for x = 0 alone.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not a finite matrix.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, section 3.2.

    Examples
    --------
    Twice the first column minus the second is the third, 2 - 1 - 1 = 0:

    >>> null_space([[1, 2, 0], [0, 1, -1]]).ravel().tolist()
    [-2.0, 1.0, 1.0]
    """
    form = row_echelon(A)
    n = form.matrix.shape[1]
    free = [j for j in range(n) if j not in form.pivots]
    basis = np.zeros((n, len(free)))
    basis[free, np.arange(len(free))] = 1.0
    basis[list(form.pivots)] = -form.matrix[: form.rank, free]
    return basis + 0.0


def determinant(A: ArrayLike) -> Determinant:
    r"""Determinant by elimination: the product of the pivots, with its sign.

    .. math:: \det A = (-1)^s \prod_{k=1}^n u_{kk}

    after s row swaps, with the pivots :math:`u_{kk}` before any division.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Square matrix.

    Returns
    -------
    Determinant
        Sign and logarithm of the absolute value (natural), and the value: the factor
        by which the map A multiplies volumes, negative if it mirrors.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not square or not finite, or its entries are so large that their sums
        overflow.

    Notes
    -----
    The value of a singular matrix is exactly 0 only if rounding allows it. Ask
    `row_echelon` for the rank, or the condition number how far it is from singular.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, section 5.1.

    Examples
    --------
    One swap brings 2 to the top, and 3 is left: minus 2 times 3.

    >>> found = determinant([[0, 3], [2, 5]])
    >>> found.sign, round(found.value, 12)
    (-1.0, -6.0)
    """
    U = np.array(_check.matrix("A", A))
    n = U.shape[0]
    if U.shape != (n, n):
        raise ValueError(f"A: expected a square matrix, got shape {U.shape}")
    sign, log_abs = 1.0, 0.0
    try:
        with np.errstate(over="raise"):
            for k in range(n):
                best = k + int(np.argmax(np.abs(U[k:, k])))
                if U[best, k] == 0:
                    return Determinant(0.0, -np.inf)
                if best != k:
                    U[[k, best]] = U[[best, k]]
                    sign = -sign
                sign *= float(np.sign(U[k, k]))
                log_abs += float(np.log(abs(U[k, k])))
                U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    except FloatingPointError:
        largest = np.abs(_check.matrix("A", A)).max()
        raise ValueError(
            f"A: expected entries whose sums do not overflow, got {largest:g}"
        ) from None
    return Determinant(sign, log_abs)
