r"""Joint tables of probabilities: marginals, conditionals, independence, Bayes' rule.

Lesson: ``probability/conditional-probability``.

A joint table has one axis for each variable; entry :math:`(x, y, \dots)` is
:math:`P(X = x, Y = y, \dots)`, and all entries together sum to 1.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlnotes import _check
from mlnotes._check import Array

__all__ = ["bayes", "conditional", "independence_gap", "marginal"]

Axes = int | Sequence[int]


def marginal(joint: ArrayLike, keep: Axes) -> Array:
    r"""Distribution of some variables of a joint table, whatever the others do.

    .. math:: P(X = x) = \sum_y P(X = x, Y = y)

    Parameters
    ----------
    joint : array_like, shape (K_1, ..., K_m)
        Probability of each combination of values, with sum 1.
    keep : int or sequence of int
        Axes of the variables that stay, in the order that the result shall have.

    Returns
    -------
    ndarray, shape (K_keep, ...)
        Probabilities of the values of the kept variables.

    Raises
    ------
    TypeError
        If the table is not real numbers or the axes are not integers.
    ValueError
        If the table has negative entries or another sum than 1, or an axis does not
        exist or is repeated.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 4.1.

    Examples
    --------
    >>> marginal([[0.1, 0.3], [0.4, 0.2]], keep=1).tolist()
    [0.5, 0.5]
    """
    table = _table("joint", joint)
    kept = _axes("keep", keep, table.ndim)
    others = tuple(axis for axis in range(table.ndim) if axis not in kept)
    # The sum leaves the kept axes in ascending order.
    order = np.searchsorted(np.sort(kept), kept)
    return np.asarray(table.sum(axis=others).transpose(order))


def conditional(joint: ArrayLike, given: Axes) -> Array:
    r"""Distribution of the other variables for each observed value of the given ones.

    .. math:: P(X = x \mid Y = y) = \frac{P(X = x, Y = y)}{P(Y = y)}

    Parameters
    ----------
    joint : array_like, shape (K_1, ..., K_m)
        Probability of each combination of values, with sum 1.
    given : int or sequence of int
        Axes of the variables that are observed; at least one other must be left.

    Returns
    -------
    ndarray, shape (K_1, ..., K_m)
        Conditional probabilities, with sum 1 over the axes that are not given.

    Raises
    ------
    TypeError
        If the table is not real numbers or the axes are not integers.
    ValueError
        If the table has negative entries or another sum than 1, an axis does not fit,
        or a given value has the probability 0.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 4.2.

    Examples
    --------
    Each column is divided by its sum:

    >>> conditional([[0.1, 0.3], [0.4, 0.2]], given=1).tolist()
    [[0.2, 0.6], [0.8, 0.4]]
    """
    table = _table("joint", joint)
    axes = set(_axes("given", given, table.ndim).tolist())
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    if not others:
        raise ValueError(
            f"given: expected at least one axis not given, got all {table.ndim}"
        )
    evidence = table.sum(axis=others, keepdims=True)
    if not evidence.all():
        first = np.argwhere(evidence == 0)[0]
        where = ", ".join(f"{first[axis]} on axis {axis}" for axis in sorted(axes))
        raise ValueError(
            f"joint: expected P > 0 for every given value, got 0 for value {where}"
        )
    return np.asarray(table / evidence)


def independence_gap(joint: ArrayLike) -> float:
    r"""Largest distance between a joint table and the product of its marginals.

    .. math:: \max_{x, y} \, \lvert P(X = x, Y = y) - P(X = x) \, P(Y = y) \rvert

    It is 0, up to rounding, exactly if the variables are (mutually) independent.

    Parameters
    ----------
    joint : array_like, shape (K_1, ..., K_m)
        Probability of each combination of values, with sum 1.

    Returns
    -------
    float
        Difference of two probabilities, at least 0.

    Raises
    ------
    TypeError
        If the table is not real numbers.
    ValueError
        If the table has negative entries, another sum than 1, or fewer than two axes.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 4.2.

    Examples
    --------
    >>> independence_gap([[0.25, 0.25], [0.25, 0.25]])
    0.0
    >>> independence_gap([[0.5, 0.0], [0.0, 0.5]])
    0.25
    """
    table = _table("joint", joint)
    if table.ndim < 2:
        raise ValueError(
            f"joint: expected two variables or more, got shape {table.shape}"
        )
    margins = [marginal(table, axis) for axis in range(table.ndim)]
    return float(np.abs(table - reduce(np.multiply.outer, margins)).max())


def bayes(prior: ArrayLike, likelihood: ArrayLike) -> Array:
    r"""Posterior probabilities of hypotheses, one of which is true.

    .. math:: P(k \mid x) = \frac{P(x \mid k) \, P(k)}{\sum_j P(x \mid j) \, P(j)}

    Parameters
    ----------
    prior : array_like, shape (..., K)
        Probability of each hypothesis before the observation, with sum 1.
    likelihood : array_like, shape (..., K)
        Probability or density of the observation under each hypothesis, at least 0.

    Returns
    -------
    ndarray, shape (..., K)
        Probability of each hypothesis after the observation.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the prior is no distribution, a likelihood is negative, the shapes do not
        fit, or the observation is impossible under the prior.

    Notes
    -----
    Only ratios of likelihoods count. They are divided by the largest one first, so
    that an observation that is improbable under all hypotheses does not underflow.

    References
    ----------
    Casella and Berger (2002), *Statistical Inference*, section 1.3.

    Examples
    --------
    One bag holds only red marbles, the other red and blue ones in equal parts. A red
    marble was drawn:

    >>> bayes([0.5, 0.5], [1.0, 0.5]).round(6).tolist()
    [0.666667, 0.333333]
    """
    prior = _check.probabilities("prior", prior)
    likelihood = _check.non_negative("likelihood", likelihood)
    if likelihood.shape[-1:] != prior.shape[-1:]:
        raise ValueError(
            f"likelihood: expected {prior.shape[-1]} hypotheses on the last axis as "
            f"prior, got shape {likelihood.shape}"
        )
    try:
        prior, likelihood = np.broadcast_arrays(prior, likelihood)
    except ValueError:
        raise ValueError(
            f"likelihood: expected a shape that broadcasts with {prior.shape} of "
            f"prior, got {likelihood.shape}"
        ) from None
    possible = np.where(prior > 0, likelihood, 0.0)
    largest = possible.max(axis=-1, keepdims=True)
    if not largest.all():
        raise ValueError(
            "likelihood: expected an observation that is possible under the prior, "
            "got the evidence 0"
        )
    weights = prior * (possible / largest)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _table(name: str, value: ArrayLike) -> Array:
    table = _check.non_negative(name, value)
    if table.ndim == 0:
        raise ValueError(f"{name}: expected an axis of values, got a single number")
    with np.errstate(over="ignore"):
        total = table.sum()
    if abs(total - 1.0) > _check.SUM_TOLERANCE:
        raise ValueError(
            f"{name}: expected probabilities with sum 1, got the sum {total:.9g}"
        )
    return table


def _axes(name: str, value: Axes, n_axes: int) -> NDArray[np.intp]:
    axes = np.atleast_1d(_check.labels(name, value, n_axes))
    if axes.ndim > 1 or np.unique(axes).size < axes.size:
        raise ValueError(f"{name}: expected different axes, got {axes.tolist()}")
    return axes
