"""Weighted normal equations, shared by the models of this part that solve them.

Columns are scaled to the same length first, so that no unit of measurement matters.
"""

import numpy as np
from scipy.linalg import lapack

from mlnotes._check import Array

__all__ = [
    "reach",
    "refuse_dependent_columns",
    "solve",
    "standard_errors",
    "weighted_gram",
]

ROWS = 1024  # of X at a time, so that their weighted copy stays in the cache
# Share of a column's squared length that the other columns must leave unexplained.
INDEPENDENCE = 1e-12


def weighted_gram(X: Array, weights: Array) -> Array:
    """X' diag(weights) X."""
    gram = np.zeros((X.shape[1], X.shape[1]))
    for i in range(0, X.shape[0], ROWS):
        rows = X[i : i + ROWS]
        gram += rows.T @ (weights[i : i + ROWS, None] * rows)
    return gram


def solve(curvature: Array, slope: Array) -> Array:
    """Inverse curvature times the slope, by Cholesky."""
    unit, scale = _unit_diagonal(curvature)
    _, step, failed = lapack.dposv(unit, slope / scale)
    if failed:
        raise np.linalg.LinAlgError("the information is singular")
    return np.asarray(step / scale)


def standard_errors(curvature: Array) -> Array:
    """Square roots of the diagonal of the inverse curvature."""
    unit, scale = _unit_diagonal(curvature)
    _, inverse, _ = lapack.dposv(unit, np.eye(scale.size))
    return np.asarray(np.sqrt(np.diag(inverse)) / scale)


def _unit_diagonal(gram: Array) -> tuple[Array, Array]:
    """Gram matrix of the columns scaled to length 1, and their lengths."""
    scale = np.sqrt(np.diag(gram))
    scale[scale == 0] = 1.0
    return gram / scale[:, None] / scale, scale


def refuse_dependent_columns(gram: Array) -> None:
    """Refuse columns that the columns before them explain, given X' X."""
    factor, failed = lapack.dpotrf(_unit_diagonal(gram)[0])
    if failed:
        column = failed - 1
    else:
        inverse, _ = lapack.dpotri(factor)
        explained = np.flatnonzero(np.diag(inverse) * INDEPENDENCE > 1)
        if not explained.size:
            return
        column = int(explained[-1])
    raise ValueError(
        f"X: expected linearly independent columns, got column {column}, which "
        "those before it explain; drop it, or center and scale the columns"
    )


def reach(X: Array, curvature: Array) -> float:
    """Bound of every |x_i' u| for u of length 1 in the norm of the curvature."""
    # No coefficient of u exceeds its standard error, and no number in a column the
    # length of the column.
    lengths = np.sqrt(np.einsum("ij,ij->j", X, X))
    return float(lengths @ standard_errors(curvature))
