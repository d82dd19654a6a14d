r"""LU, QR and low-rank factors of a matrix, and its dominant eigenvector.

Lesson: ``foundations/matrix-decompositions``.

A decomposition writes a matrix as a product of simple ones. LU with row exchanges
records elimination, for square systems. QR by reflections keeps lengths, for least
squares. The singular values order a matrix by importance. NumPy computes all of them
faster; here the steps are written out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.foundations.vectors import norm

__all__ = [
    "LU",
    "PowerIteration",
    "inverse",
    "low_rank",
    "lu",
    "power_iteration",
    "qr_householder",
    "solve",
]

Exponents = NDArray[np.int32]

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).smallest_subnormal)


@dataclass(frozen=True, slots=True, eq=False)
class LU:
    """Triangular factors of a square matrix with exchanged rows, ``A[rows] = L U``.

    Attributes
    ----------
    lower : ndarray, shape (n, n)
        L, with ones on the diagonal and no entry above 1 in absolute value.
    upper : ndarray, shape (n, n)
        U, with the pivots on the diagonal.
    rows : ndarray of int, shape (n,)
        Order of the rows of A, counted from 0.
    """

    lower: Array
    upper: Array
    rows: NDArray[np.intp]

    def __post_init__(self) -> None:
        _check.freeze(self, ["lower", "upper", "rows"])


@dataclass(frozen=True, slots=True, eq=False)
class PowerIteration:
    """Steps of the power iteration.

    Attributes
    ----------
    values : ndarray, shape (t,)
        Rayleigh quotient of the start and after each step.
    vectors : ndarray, shape (t, n)
        The vectors of length 1 that belong to them.
    converged : bool
        Whether the last vector is an eigenvector up to the tolerance.
    """

    values: Array
    vectors: Array
    converged: bool

    def __post_init__(self) -> None:
        _check.freeze(self, ["values", "vectors"])

    @property
    def value(self) -> float:
        """The last Rayleigh quotient: the eigenvalue, if it converged."""
        return float(self.values[-1])

    @property
    def vector(self) -> Array:
        """The last vector, of length 1: the eigenvector, if it converged."""
        return np.asarray(self.vectors[-1])


def lu(A: ArrayLike) -> LU:
    r"""LU decomposition with partial pivoting, :math:`P A = L U`.

    In column after column the largest entry that is left is swapped to the diagonal;
    multiples of its row, at most 1 in size, clear the column below and are kept in L.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Square matrix, singular or not.

    Returns
    -------
    LU
        Unit lower triangular L, upper triangular U, and the row indices that P puts
        in order.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not square or not finite, or its sums overflow.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, section 3.4.

    Examples
    --------
    The 4 goes to the top. Half of its row clears the 2:

    >>> found = lu([[2, 3], [4, 2]])
    >>> found.rows.tolist(), found.lower.tolist(), found.upper.tolist()
    ([1, 0], [[1.0, 0.0], [0.5, 1.0]], [[4.0, 2.0], [0.0, 2.0]])
    """
    U = np.array(_square("A", A))
    n = len(U)
    L, rows = np.eye(n), np.arange(n)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(n):
            best = k + int(np.argmax(np.abs(U[k:, k])))
            if U[best, k] == 0:
                continue  # nothing to clear
            U[[k, best]] = U[[best, k]]
            L[[k, best], :k] = L[[best, k], :k]
            rows[[k, best]] = rows[[best, k]]
            L[k + 1 :, k] = U[k + 1 :, k] / U[k, k]
            U[k + 1 :, k:] -= np.outer(L[k + 1 :, k], U[k, k:])
            U[k + 1 :, k] = 0.0
    return LU(L, _in_range("A", U), rows)


def solve(A: ArrayLike, b: ArrayLike) -> Array:
    r"""Solution of :math:`A x = b` by LU with partial pivoting.

    With :math:`P A = L U`, first :math:`L y = P b` is solved from the top, then
    :math:`U x = y` from the bottom.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Non-singular matrix.
    b : array_like, shape (n,) or (n, k)
        One right-hand side, or one in each column.

    Returns
    -------
    ndarray, shape of b
        The solution, in the units of b over those of A.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not square, is singular to working precision, the shapes do not fit, or
        a number leaves the range of floats.

    Notes
    -----
    A pivot is what subtractions leave. If it is below n times the float64 precision,
    relative to the numbers that were subtracted, it is rounding error and A counts as
    singular. The scale of a column does not matter, that of a row does: one equation
    in far larger numbers than the others can drown them. Some nearly singular matrices
    have no small pivot, so a solution is no proof of a small condition number.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, sections 3.1 and 3.4.

    Examples
    --------
    >>> solve([[0, 2], [1, 1]], [4, 5]).tolist()
    [3.0, 2.0]
    """
    A, b = _square("A", A), _check.real("b", b)
    n = len(A)
    if b.ndim not in (1, 2) or len(b) != n:
        raise ValueError(f"b: expected shape ({n},) or ({n}, k), got {b.shape}")
    factors = lu(A)
    L, U = factors.lower, factors.upper
    pivots = np.abs(np.diag(U))
    rounding = n * np.einsum("ij,ji->i", np.abs(L), EPS * np.abs(U))
    rounding += (n - 1) * TINY  # products below the range of floats lose that much
    lost = np.flatnonzero(pivots <= rounding)
    if lost.size:
        raise ValueError(
            "A: expected a non-singular matrix, "
            f"got no pivot beyond rounding error in column {lost[0]}"
        )
    x = b[factors.rows]
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(n):
            x[i] -= L[i, :i] @ x[:i]
        for i in reversed(range(n)):
            x[i] = (x[i] - U[i, i + 1 :] @ x[i + 1 :]) / U[i, i]
    return _in_range("b", x)


def inverse(A: ArrayLike) -> Array:
    r"""Inverse of a matrix; its columns solve :math:`A x = e_j`.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Non-singular matrix.

    Returns
    -------
    ndarray, shape (n, n)
        The matrix with :math:`A A^{-1} = A^{-1} A = I`, in one over the units of A.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not square, is singular to working precision (see `solve`), or a number
        leaves the range of floats.

    References
    ----------
    Higham (2002), *Accuracy and Stability of Numerical Algorithms*, section 14.1.

    Examples
    --------
    >>> inverse([[2, 0], [0, 4]]).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    A = _square("A", A)
    try:
        return solve(A, np.eye(len(A)))
    except ValueError as error:
        raise ValueError(str(error).replace("b:", "A:", 1)) from None


def qr_householder(A: ArrayLike) -> tuple[Array, Array]:
    r"""Thin QR decomposition :math:`A = Q R` by Householder reflections.

    With x the part of column k from the diagonal on, the reflection

    .. math:: H = I - 2 w w^T, \qquad w \propto x + \operatorname{sign}(x_1) \|x\| e_1

    takes x to a multiple of :math:`e_1`, which clears the column below the diagonal.
    The sign avoids a subtraction of nearly equal numbers.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Matrix with at least as many rows as columns.

    Returns
    -------
    Q : ndarray, shape (m, n)
        Columns of length 1, perpendicular to each other: :math:`Q^T Q = I`.
    R : ndarray, shape (n, n)
        Upper triangular, in the units of A. Diagonal entries may be negative.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A has more columns than rows, is not finite, or its sums overflow.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, sections 5.1 and 5.2.

    Examples
    --------
    The column (3, 4) has length 5, and is mirrored onto the axis:

    >>> Q, R = qr_householder([[3], [4]])
    >>> Q.round(6).tolist(), R.round(6).tolist()
    ([[-0.6], [-0.8]], [[-5.0]])
    """
    A = _check.matrix("A", A)
    m, n = A.shape
    if m < n:
        raise ValueError(f"A: expected at least as many rows as columns, got {m} x {n}")
    R, exponents = _scaled(A, axis=0)
    reflections = []
    for k in range(n):
        w = _scaled(R[k:, k])[0]
        w[0] += np.copysign(norm(w), w[0])
        length = norm(w)
        if length > 0:
            w /= length
        reflections.append(w)
        R[k:, k:] -= 2 * np.outer(w, w @ R[k:, k:])
        R[k + 1 :, k] = 0.0
    Q = np.eye(m, n)
    for k in reversed(range(n)):
        w = reflections[k]
        Q[k:, k:] -= 2 * np.outer(w, w @ Q[k:, k:])
    return Q, _in_range("A", _ldexp(R[:n], exponents))


def power_iteration(
    A: ArrayLike, init: ArrayLike, *, tol: float = 1e-10, max_iter: int = 1000
) -> PowerIteration:
    r"""Eigenvector of the eigenvalue of largest size, by multiplying with A.

    .. math:: v \leftarrow A v / \|A v\|, \qquad \hat\lambda = v^T A v

    It stops when :math:`\|A v - \hat\lambda v\| \le \mathrm{tol} \, \|A v\|`.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Square matrix.
    init : array_like, shape (n,)
        Start, not zero. It must have a part along the eigenvector that is wanted.
    tol : float
        Tolerance of the residual, relative to the length of A v.
    max_iter : int
        Largest number of steps.

    Returns
    -------
    PowerIteration
        Eigenvalue, in the units of A, eigenvector of length 1, all steps, and whether
        it converged. From almost every start it does not where two eigenvalues share
        the largest size and differ, as for a rotation.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not square, the start does not fit or is zero, the tolerance is not
        positive, or the eigenvalue overflows.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, sections 7.3.1 and 8.2.1.

    Examples
    --------
    The matrix stretches (1, 1) by 3 and (1, -1) by 1:

    >>> found = power_iteration([[2, 1], [1, 2]], [1, 0])
    >>> round(found.value, 9), found.vector.round(6).tolist(), found.converged
    (3.0, [0.707107, 0.707107], True)
    """
    M, exponent = _scaled(_square("A", A))
    v = _check.vector("init", init, len(M))
    tol = _check.positive_number("tol", tol)
    max_iter = _check.count("max_iter", max_iter)
    if not v.any():
        raise ValueError("init: expected a vector other than zero, got only zeros")
    v = _unit(v)
    values, vectors, converged = [], [], False
    for _ in range(max_iter + 1):
        image = M @ v
        value = v @ image
        values.append(value)
        vectors.append(v)
        if norm(image - value * v) <= tol * norm(image):
            converged = True
            break
        v = _unit(image)
    trace = _in_range("A", _ldexp(np.array(values), exponent))
    return PowerIteration(trace, np.array(vectors), converged)


def low_rank(A: ArrayLike, rank: int) -> Array:
    r"""Nearest matrix of a given rank, from the largest singular values.

    .. math:: A_k = \sum_{i=1}^k \sigma_i \, u_i v_i^T

    Parameters
    ----------
    A : array_like, shape (m, n)
        Matrix.
    rank : int
        Number k of singular values to keep, at most min(m, n).

    Returns
    -------
    ndarray, shape (m, n)
        Matrix of rank at most k, in the units of A.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If A is not a finite matrix, the rank is not a whole number from 1 to
        min(m, n), or the result overflows.

    References
    ----------
    Eckart and Young (1936), *The Approximation of One Matrix by Another of Lower Rank*.

    Examples
    --------
    Of two perpendicular stretches the larger one stays:

    >>> (low_rank([[3, 0], [0, 2]], 1) + 0.0).tolist()
    [[3.0, 0.0], [0.0, 0.0]]
    """
    A = _check.matrix("A", A)
    k = _check.count("rank", rank)
    if k > min(A.shape):
        raise ValueError(f"rank: expected at most {min(A.shape)}, got {k}")
    scaled, exponent = _scaled(A)
    U, s, Vt = np.linalg.svd(scaled, full_matrices=False)
    return _in_range("A", _ldexp((U[:, :k] * s[:k]) @ Vt[:k], exponent))


def _square(name: str, value: ArrayLike) -> Array:
    array = _check.matrix(name, value)
    if array.shape[0] != array.shape[1]:
        raise ValueError(f"{name}: expected a square matrix, got shape {array.shape}")
    return array


def _scaled(array: Array, axis: int | None = None) -> tuple[Array, Exponents]:
    """Return a copy with largest entries in [1/2, 1), and the exponents of two."""
    exponents = np.asarray(np.frexp(np.abs(array).max(axis=axis))[1])
    return np.ldexp(array, -exponents), exponents


def _ldexp(array: Array, exponents: Exponents) -> Array:
    with np.errstate(over="ignore"):
        return np.ldexp(array, exponents)


def _unit(vector: Array) -> Array:
    """Return a vector other than zero at length 1, however short it was."""
    scaled = _scaled(vector)[0]
    return scaled / norm(scaled)


def _in_range(name: str, array: Array) -> Array:
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name}: expected numbers whose results stay finite, got an overflow"
        )
    return array
