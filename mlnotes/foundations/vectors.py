r"""Length, angle, cross product and orthogonality of vectors.

Lesson: ``foundations/vectors``.

A vector is the **last axis** of an array; leading axes are a batch and broadcast. The
dot product :math:`x \cdot y = \sum_i x_i y_i` is NumPy's ``x @ y`` and has no second
name here. Where an intermediate result could overflow, vectors are scaled first, by a
power of two except in `norm`. That costs no accuracy relative to the largest entry.
"""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["angle", "cosine_similarity", "cross", "gram_schmidt", "norm", "project"]

EPS = float(np.finfo(np.float64).eps)


def norm(x: ArrayLike, p: float = 2.0) -> Array:
    r"""Length of vectors in the p-norm.

    .. math::
        \|x\|_p = \Big(\sum_{i=1}^d |x_i|^p\Big)^{1/p}, \qquad
        \|x\|_\infty = \max_i |x_i|

    The largest absolute component is taken out of the sum first, so that neither its
    power nor its square leaves the range of floating-point numbers.

    Parameters
    ----------
    x : array_like, shape (..., d)
        Vectors along the last axis.
    p : float
        Order: 1 (Manhattan), 2 (Euclidean), any other number of at least 1, or
        ``inf``.

    Returns
    -------
    ndarray, shape (...)
        Length of each vector, in the unit of its components; ``inf`` where the
        length exceeds the largest floating-point number.

    Raises
    ------
    TypeError
        If the components or the order are not real numbers.
    ValueError
        If the order is below 1, where the triangle inequality fails, or the
        components are not finite.

    References
    ----------
    Golub and Van Loan (2013), *Matrix Computations*, section 2.2.1.

    Examples
    --------
    A walk of 3 blocks east and 4 south, as the taxi drives, as the crow flies, and
    its longer leg:

    >>> [float(norm([3, -4], p)) for p in (1, 2, np.inf)]
    [7.0, 5.0, 4.0]
    """
    size = np.abs(_vectors("x", x))
    order = _order(p)
    largest = size.max(axis=-1)
    if np.isinf(order):
        return np.asarray(largest)
    unit = np.where(largest > 0, largest, 1.0)[..., np.newaxis]
    total = ((size / unit) ** order).sum(axis=-1)
    with np.errstate(over="ignore"):
        return np.asarray(largest * total ** (1 / order))


def cosine_similarity(x: ArrayLike, y: ArrayLike) -> Array:
    r"""Cosine of the angle between vectors.

    .. math:: \cos \theta = \frac{x \cdot y}{\|x\|_2 \, \|y\|_2}

    Parameters
    ----------
    x, y : array_like, shape (..., d)
        Non-zero vectors along the last axis; the other axes broadcast.

    Returns
    -------
    ndarray, shape (...)
        Similarity, a pure number: 1 for the same direction, 0 for perpendicular, -1
        for opposite vectors. The cosine distance is 1 minus this.

    Raises
    ------
    TypeError
        If the components are not real numbers.
    ValueError
        If the numbers of components differ or a vector is zero or not finite.

    References
    ----------
    Boyd and Vandenberghe (2018), *Introduction to Applied Linear Algebra*, section
    3.4.

    Examples
    --------
    Twice the vector, a quarter turn, and the opposite vector:

    >>> cosine_similarity([3, 4], [[6, 8], [-4, 3], [-3, -4]]).tolist()
    [1.0, 0.0, -1.0]
    """
    x, y = _pair("x", x, "y", y)
    u, _ = _scaled(_non_zero("x", x))
    v, _ = _scaled(_non_zero("y", y))
    cosine = np.vecdot(u, v) / np.sqrt(np.vecdot(u, u) * np.vecdot(v, v))
    # Cauchy-Schwarz: beyond 1 there is only rounding.
    return np.asarray(np.clip(cosine, -1.0, 1.0))


def angle(x: ArrayLike, y: ArrayLike) -> Array:
    r"""Angle between vectors, accurate for tiny angles too.

    Stretched to one common length, the two vectors span a rhombus. Half the angle is
    seen from its diagonals:

    .. math::
        \theta = 2 \arctan \frac{\|x \|y\| - y \|x\|\|}{\|x \|y\| + y \|x\|\|}

    Parameters
    ----------
    x, y : array_like, shape (..., d)
        Non-zero vectors along the last axis; the other axes broadcast.

    Returns
    -------
    ndarray, shape (...)
        Angle, in radians, from 0 to pi.

    Raises
    ------
    TypeError
        If the components are not real numbers.
    ValueError
        If the numbers of components differ or a vector is zero or not finite.

    Notes
    -----
    The arc cosine of the cosine similarity is the same number on paper. In floating
    point it is not: the cosine of 1e-9 rounds to 1 and the angle to 0.

    References
    ----------
    Kahan (2006), *How Futile are Mindless Assessments of Roundoff in Floating-Point
    Computation?*, section 12.

    Examples
    --------
    The diagonal of a square, in degrees:

    >>> float(np.degrees(angle([1, 0], [1, 1])).round(12))
    45.0
    """
    x, y = _pair("x", x, "y", y)
    u, _ = _scaled(_non_zero("x", x))
    v, _ = _scaled(_non_zero("y", y))
    u, v = u * norm(v)[..., np.newaxis], v * norm(u)[..., np.newaxis]
    return np.asarray(2 * np.arctan2(norm(u - v), norm(u + v)))


def cross(a: ArrayLike, b: ArrayLike) -> Array:
    r"""Cross product of vectors in three dimensions.

    .. math::
        a \times b = (a_2 b_3 - a_3 b_2, \; a_3 b_1 - a_1 b_3, \; a_1 b_2 - a_2 b_1)

    Parameters
    ----------
    a, b : array_like, shape (..., 3)
        Vectors along the last axis; the other axes broadcast.

    Returns
    -------
    ndarray, shape (..., 3)
        Vectors perpendicular to both, as long as the area of the parallelogram of a
        and b, in the product of their units.

    Raises
    ------
    TypeError
        If the components are not real numbers.
    ValueError
        If the vectors do not have three components or are not finite.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, section 5.3.

    Examples
    --------
    East times north is up, and north times east is down:

    >>> cross([1, 0, 0], [0, 1, 0]).tolist(), cross([0, 1, 0], [1, 0, 0]).tolist()
    ([0.0, 0.0, 1.0], [0.0, 0.0, -1.0])
    """
    a, b = _vectors("a", a), _vectors("b", b)
    for name, vectors in (("a", a), ("b", b)):
        if vectors.shape[-1] != 3:
            raise ValueError(f"{name}: expected 3 components, got {vectors.shape[-1]}")
    _check.broadcastable("b", b, a.shape)
    (a, a_exponent), (b, b_exponent) = _scaled(a), _scaled(b)
    a1, a2, a3 = np.moveaxis(a, -1, 0)
    b1, b2, b3 = np.moveaxis(b, -1, 0)
    components = [a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, a1 * b2 - a2 * b1]
    with np.errstate(over="ignore"):
        area = np.ldexp(np.stack(components, axis=-1), a_exponent + b_exponent)
    return np.asarray(area + 0.0)


def project(x: ArrayLike, onto: ArrayLike) -> Array:
    r"""Orthogonal projection of vectors onto the lines of others.

    .. math:: \operatorname{proj}_u(x) = \frac{x \cdot u}{u \cdot u} \, u

    Parameters
    ----------
    x : array_like, shape (..., d)
        Vectors along the last axis.
    onto : array_like, shape (..., d)
        Non-zero vectors that span the lines; the other axes broadcast.

    Returns
    -------
    ndarray, shape (..., d)
        Point of the line through the origin that is nearest to x, in the unit of x.

    Raises
    ------
    TypeError
        If the components are not real numbers.
    ValueError
        If the numbers of components differ, a vector is not finite, or one to
        project onto is zero.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, section 4.2.

    Examples
    --------
    The shadow of a point on the diagonal; what is left is perpendicular to it:

    >>> shadow = project([1, 3], onto=[1, 1])
    >>> shadow.tolist(), float(([1, 3] - shadow) @ [1, 1])
    ([2.0, 2.0], 0.0)
    """
    x, onto = _pair("x", x, "onto", onto)
    u, _ = _scaled(_non_zero("onto", onto))
    x, exponent = _scaled(x)
    share = np.vecdot(x, u) / np.vecdot(u, u)
    with np.errstate(over="ignore"):
        return np.asarray(np.ldexp(share[..., np.newaxis] * u, exponent))


def gram_schmidt(X: ArrayLike) -> Array:
    r"""Orthonormal vectors that span what the columns of a matrix span.

    From each column the projections onto the vectors found before are subtracted, and
    the rest is divided by its length:

    .. math::
        v_j = x_j - \sum_{i<j} (x_j \cdot q_i) \, q_i, \qquad q_j = v_j / \|v_j\|

    Parameters
    ----------
    X : array_like, shape (d, k)
        Linearly independent columns, so k is at most d.

    Returns
    -------
    ndarray, shape (d, k)
        Matrix Q with :math:`Q^T Q = I`: columns of length 1, perpendicular to each
        other.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If X is not a finite matrix or a column depends on those before it.

    Notes
    -----
    The projections are subtracted one after the other, in two rounds: what rounding
    leaves of them in the first goes in the second.

    References
    ----------
    Strang (2016), *Introduction to Linear Algebra*, section 4.4. Giraud, Langou,
    Rozloznik and van den Eshof (2005), *Rounding Error Analysis of the Classical
    Gram-Schmidt Orthogonalization Process*, on the second round.

    Examples
    --------
    >>> gram_schmidt([[3, 1], [4, 3]]).round(6).tolist()
    [[0.6, -0.8], [0.8, 0.6]]
    """
    X = _check.matrix("X", X)
    found: list[Array] = []
    for j, column in enumerate(X.T):
        x, _ = _scaled(column)
        v = x
        for q in found + found:
            v = v - project(v, onto=q)
        if norm(v) <= X.shape[0] * EPS * norm(x):
            raise ValueError(
                f"X: expected linearly independent columns, got column {j} "
                "in the span of those before it"
            )
        found.append(v / norm(v))
    return np.stack(found, axis=1)


def _scaled(x: Array) -> tuple[Array, NDArray[np.int32]]:
    """Return vectors with largest component in [1/2, 1), and the exponents of two."""
    exponent = np.frexp(np.abs(x).max(axis=-1, keepdims=True))[1]
    return np.ldexp(x, -exponent), exponent


def _vectors(name: str, value: ArrayLike) -> Array:
    array = _check.real(name, value)
    if array.ndim == 0:
        raise ValueError(f"{name}: expected an axis of components, got a single number")
    return array


def _pair(x_name: str, x: ArrayLike, y_name: str, y: ArrayLike) -> tuple[Array, Array]:
    first, second = _vectors(x_name, x), _vectors(y_name, y)
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(
            f"{y_name}: expected {first.shape[-1]} components as {x_name}, "
            f"got {second.shape[-1]}"
        )
    _check.broadcastable(y_name, second, first.shape)
    return first, second


def _non_zero(name: str, x: Array) -> Array:
    if not np.any(x, axis=-1).all():
        raise ValueError(f"{name}: expected non-zero vectors, got one of only zeros")
    return x


def _order(p: float) -> float:
    if not isinstance(p, Real):
        raise TypeError(f"p: expected one real number, got {type(p).__name__}")
    order = float(p)
    if not order >= 1:
        raise ValueError(f"p: expected a number >= 1 or inf, got {order:g}")
    return order
