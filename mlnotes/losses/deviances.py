r"""Losses and deviances of the Poisson, Gamma and Tweedie models.

Lessons: ``losses/poisson``, ``losses/gamma``, ``losses/tweedie``.

The response :math:`y_i` of example i has the mean :math:`\mu_i > 0` and a variance that
is a power of it,

.. math:: \operatorname{Var}(y_i) = \phi \, \mu_i^p,

with the power p = 1 for Poisson counts (:math:`\phi = 1`), 2 for the Gamma, and powers
between for sums of Gamma amounts over Poisson counts, which can be 0. A loss is the
negative log-likelihood for :math:`\phi = 1` without the terms that :math:`\mu_i` does
not change; a deviance is twice the loss less that of a perfect fit. Both return one
value per example, and the shapes of means and observations broadcast.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import null_space

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood.generalized_linear_models import Family
from mlnotes.likelihood.logistic_regression import is_separable

__all__ = [
    "gamma_deviance",
    "gamma_gradient",
    "gamma_loss",
    "poisson_deviance",
    "poisson_gradient",
    "poisson_loss",
    "tweedie_deviance",
    "tweedie_family",
    "tweedie_gradient",
    "tweedie_loss",
]

BLOCK = 65536


def poisson_loss(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Loss of a count under a Poisson model.

    .. math:: \mu - y \log \mu = -\log p(y \mid \mu) - \log y!

    The factorial may be dropped for every y, because no :math:`\mu` changes it.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed counts.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean is not positive and finite, an observation not a whole number of at
        least 0, or the shapes do not fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 6.2.

    Examples
    --------
    >>> poisson_loss([1.0, 2.0], [3, 0]).tolist()
    [1.0, 2.0]
    """
    mean, y = _means_and_counts(mean, y)
    with np.errstate(over="ignore"):
        return np.asarray(mean - y * np.log(mean))


def poisson_gradient(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Derivative of the Poisson loss in the mean.

    .. math:: 1 - y / \mu

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed counts.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in nats per unit of the mean.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean is not positive and finite, an observation not a whole number of at
        least 0, or the shapes do not fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 6.2.

    Examples
    --------
    The slope is 0 where the mean is the count:

    >>> poisson_gradient([1.0, 3.0, 6.0], 3).tolist()
    [-2.0, 0.0, 0.5]
    """
    mean, y = _means_and_counts(mean, y)
    return 1 - _quotient(y, mean)


def poisson_deviance(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Unit deviance of the Poisson model.

    .. math:: d(y, \mu) = 2 \left[ y \log \frac{y}{\mu} - (y - \mu) \right],
        \qquad 0 \log 0 = 0

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed counts.

    Returns
    -------
    ndarray, shape (...)
        Deviance of each example, at least 0, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean is not positive and finite, an observation not a whole number of at
        least 0, or the shapes do not fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 2.3.1.

    Examples
    --------
    No event where one was expected costs 2, one event nothing:

    >>> poisson_deviance([1.0, 1.0], [0, 1]).tolist()
    [2.0, 0.0]
    """
    return _deviances(_poisson_deviances, *_means_and_counts(mean, y))


def gamma_loss(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Loss of a positive response under a Gamma model.

    .. math:: \frac{y}{\mu} + \log \mu

    With the shape :math:`\alpha` and the scale :math:`\mu / \alpha` the negative
    log-likelihood is :math:`\alpha` times this loss, plus terms without :math:`\mu`.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed values, positive.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats for the shape 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean or an observation is not positive and finite, or the shapes do not
        fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 8.3.

    Examples
    --------
    >>> gamma_loss([1.0, 1.0], [0.5, 3.0]).tolist()
    [0.5, 3.0]
    """
    mean, y = _positive_pair(mean, y)
    return _quotient(y, mean) + np.log(mean)


def gamma_gradient(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Derivative of the Gamma loss in the mean.

    .. math:: \frac{\mu - y}{\mu^2}

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed values, positive.

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in nats per unit of the mean.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean or an observation is not positive and finite, or the shapes do not
        fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 8.3.

    Examples
    --------
    >>> gamma_gradient([1.0, 2.0, 4.0], 2.0).tolist()
    [-1.0, 0.0, 0.125]
    """
    mean, y = _positive_pair(mean, y)
    return _quotient(1 - _quotient(y, mean), mean)


def gamma_deviance(mean: ArrayLike, y: ArrayLike) -> Array:
    r"""Unit deviance of the Gamma model.

    .. math:: d(y, \mu) = 2 \left[ \frac{y - \mu}{\mu} - \log \frac{y}{\mu} \right]

    It depends on the ratio of y and :math:`\mu` only, so units do not matter.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive.
    y : array_like, shape (...)
        Observed values, positive.

    Returns
    -------
    ndarray, shape (...)
        Deviance of each example, at least 0, in nats for the shape 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a mean or an observation is not positive and finite, or the shapes do not
        fit.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 2.3.1.

    Examples
    --------
    Twice the prediction costs 2 (1 - log 2), half of it 2 (log 2 - 1/2):

    >>> gamma_deviance([1.0, 2.0], [2.0, 1.0]).round(6).tolist()
    [0.613706, 0.386294]
    """
    return _deviances(_gamma_deviances, *_positive_pair(mean, y))


def tweedie_loss(mean: ArrayLike, y: ArrayLike, *, power: float) -> Array:
    r"""Loss of a response under a Tweedie model.

    .. math:: -\frac{y \, \mu^{1 - p}}{1 - p} + \frac{\mu^{2 - p}}{2 - p}

    with the limits :math:`\mu - y \log \mu` at p = 1 and :math:`y / \mu + \log \mu` at
    p = 2.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive; any number for the power 0.
    y : array_like, shape (...)
        Observed values: any number for a power of at most 0, at least 0 for powers
        from 1, positive for powers from 2.
    power : float
        Power p of the variance, outside of (0, 1).

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats for the dispersion 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the power lies in (0, 1), a mean or an observation outside its range, or the
        shapes do not fit.

    References
    ----------
    Jorgensen (1997), *The Theory of Dispersion Models*, chapter 4.

    Examples
    --------
    >>> tweedie_loss([1.0, 4.0], [0.0, 2.0], power=1.5).tolist()
    [2.0, 6.0]
    """
    mean, y, p = _means_and_responses(mean, y, power)
    if p == 1:
        with np.errstate(over="ignore"):
            return np.asarray(mean - y * np.log(mean))
    if p == 2:
        return _quotient(y, mean) + np.log(mean)
    return _tweedie_loss(mean, y, p)


def tweedie_gradient(mean: ArrayLike, y: ArrayLike, *, power: float) -> Array:
    r"""Derivative of the Tweedie loss in the mean.

    .. math:: \frac{\mu - y}{\mu^p}

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive; any number for the power 0.
    y : array_like, shape (...)
        Observed values: any number for a power of at most 0, at least 0 for powers
        from 1, positive for powers from 2.
    power : float
        Power p of the variance, outside of (0, 1).

    Returns
    -------
    ndarray, shape (...)
        Derivative for each example, in nats per unit of the mean.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the power lies in (0, 1), a mean or an observation outside its range, or the
        shapes do not fit.

    References
    ----------
    Jorgensen (1997), *The Theory of Dispersion Models*, chapter 4.

    Examples
    --------
    >>> tweedie_gradient([1.0, 4.0], [0.0, 2.0], power=1.5).tolist()
    [1.0, 0.25]
    """
    mean, y, p = _means_and_responses(mean, y, power)
    with np.errstate(over="ignore"):
        return _times_power(mean - y, mean, -p)


def tweedie_deviance(mean: ArrayLike, y: ArrayLike, *, power: float) -> Array:
    r"""Unit deviance of the Tweedie model.

    .. math:: d(y, \mu) = 2 \left[ \frac{\max(y, 0)^{2 - p}}{(1 - p)(2 - p)}
        - \frac{y \, \mu^{1 - p}}{1 - p} + \frac{\mu^{2 - p}}{2 - p} \right]

    It is the squared error at p = 0 and tends to the Poisson and the Gamma deviance as
    p tends to 1 and to 2.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted means, positive; any number for the power 0.
    y : array_like, shape (...)
        Observed values: any number for a power of at most 0, at least 0 for powers
        from 1, positive for powers from 2.
    power : float
        Power p of the variance, outside of (0, 1).

    Returns
    -------
    ndarray, shape (...)
        Deviance of each example, at least 0, in nats for the dispersion 1.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If the power lies in (0, 1), a mean or an observation outside its range, or the
        shapes do not fit.

    Notes
    -----
    The terms above cancel where :math:`\mu` is near y and for powers next to 1 and 2.
    With :math:`r = \log(\mu / y)` the bracket is :math:`y^{2-p}` times the difference
    of :math:`(e^{(2-p) r} - 1) / (2 - p)` and :math:`(e^{(1-p) r} - 1) / (1 - p)`.
    Both are about r, with the relative accuracy of r, so a relative miss of
    :math:`\delta` leaves an error of a few :math:`10^{-16} / \delta` of the deviance.

    References
    ----------
    Jorgensen (1997), *The Theory of Dispersion Models*, chapter 4.

    Examples
    --------
    Three where two were expected, as a number, a count, and a positive amount:

    >>> [round(float(tweedie_deviance(2.0, 3.0, power=p)), 6) for p in (0, 1, 2)]
    [1.0, 0.432791, 0.18907]
    """
    mean, y, p = _means_and_responses(mean, y, power)
    limits = {1.0: _poisson_deviances, 2.0: _gamma_deviances}
    return _deviances(limits.get(p, partial(_tweedie_deviances, p=p)), mean, y)


def tweedie_family(power: float) -> Family:
    r"""Responses with the variance :math:`\phi \mu^p` and the log link, for `fit_glm`.

    .. math:: \log \mu_i = x_i^T \beta

    The power 1 is Poisson regression (whose dispersion is 1), 2 Gamma regression; in
    between the responses may be 0.

    Parameters
    ----------
    power : float
        Power p of the variance, from 1 to 2, where the likelihood is concave in the
        coefficients.

    Returns
    -------
    Family
        The model, with log-likelihoods in nats.

    Raises
    ------
    TypeError
        If the power is not a real number.
    ValueError
        If the power is not from 1 to 2.

    References
    ----------
    Jorgensen (1997), *The Theory of Dispersion Models*, chapter 4.

    Examples
    --------
    A model without features predicts the mean, for every power:

    >>> from mlnotes.likelihood.generalized_linear_models import fit_glm
    >>> fit = fit_glm(np.ones((4, 1)), [0.0, 1.5, 2.5, 8.0], tweedie_family(1.5))
    >>> np.exp(fit.coefficients).round(6).tolist()
    [3.0]
    """
    p = _check.number("power", power)
    if not 1 <= p <= 2:
        raise ValueError(
            f"power: expected a number from 1 to 2 for the log link, got {p:g}"
        )
    return Family(
        check_response=partial(_check.whole, "y")
        if p == 1
        else partial(_check_support, power=p),
        start=_logs_near_responses,
        contributions=partial(_contributions, p=p),
        dispersion=partial(_dispersion, p=p),
        refuse_without_maximum=_refuse_singled_out_zeros,
        # The least share of the expected curvature; a Gamma maximum always exists.
        existence_bound=2 - p if p < 2 else np.inf,
    )


def _logs_near_responses(y: Array) -> Array:
    """Logs of the responses, drawn halfway to their mean so that none is 0."""
    if not y.any():
        raise ValueError(
            "y: expected a response > 0, got only zeros: the likelihood has no "
            "maximum, it rises as the means fall to 0"
        )
    return np.asarray(np.log((y + y.mean()) / 2))


def _contributions(eta: Array, y: Array, p: float) -> tuple[Array, Array, Array]:
    """Log-likelihood less that of a perfect fit, slope and weight of each example."""
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp((2 - p) * eta)
        slopes = y * np.exp((1 - p) * eta) - weights
        return _log_likelihood_ratio(eta, y, p), slopes, weights


def _dispersion(eta: Array, y: Array, n_coefficients: int, p: float) -> float:
    """Pearson's estimate; 1 for counts, nan without a degree of freedom."""
    if p == 1:
        return 1.0
    if y.size <= n_coefficients:
        return np.nan
    residuals = (y * np.exp(-eta) - 1) * np.exp((1 - p / 2) * eta)
    return float(residuals @ residuals / (y.size - n_coefficients))


def _refuse_singled_out_zeros(X: Array, y: Array) -> None:
    """Refuse data whose zeros the coefficients can single out.

    The means of some zeros can then fall for ever, while those of all that are not
    zero stay.
    """
    if (y > 0).all():
        return
    size = np.abs(X).max(axis=0)
    scaled = X / np.where(size > 0, size, 1)
    free = null_space(scaled[y > 0])  # directions that leave the others alone
    if free.size and is_separable(scaled[y == 0] @ free, np.zeros((y == 0).sum())):
        raise ValueError(
            "y: expected zeros that mix with the rest, got zeros that the columns of X "
            "single out: the likelihood has no maximum; drop the column or merge its "
            "groups"
        )


def _log_likelihood_ratio(eta: Array, y: Array, p: float) -> Array:
    """Log-likelihood less that of a perfect fit, from the log of the mean.

    Minus half the deviance; see the notes of `tweedie_deviance` for its form.
    """
    zero = y == 0
    above = y + zero  # anything above 0 in the place of 0
    r = eta - np.log(above)
    gain = np.expm1((1 - p) * r) / (1 - p) if p != 1 else r
    cost = np.expm1((2 - p) * r) / (2 - p) if p != 2 else r
    ratio = above ** (2 - p) * (gain - cost)
    if p < 2:
        small = zero | (cost == np.inf)  # nothing beside the mean
        if small.any():
            gained = np.where(zero, 0, above ** (2 - p) * gain)
            ratio = np.where(small, gained - np.exp((2 - p) * eta) / (2 - p), ratio)
    return np.asarray(ratio)


def _poisson_deviances(mean: Array, y: Array, out: Array, ratio: Array) -> None:
    try:
        with np.errstate(over="raise", invalid="raise"):
            # Written with the ratio throughout, so that its rounding cancels near 1.
            # What is added to it changes no ratio but 0, where the product is 0.
            np.divide(y, mean, out=ratio)
            np.add(ratio, 1e-300, out=out)
            np.log(out, out=out)
            out *= ratio
            ratio -= 1
            out -= ratio
            out *= mean
            out *= 2
    except FloatingPointError:  # the ratio overflows
        log_ratio = np.log(y + (y == 0)) - np.log(mean)
        with np.errstate(over="ignore"):
            out[:] = 2 * (y * log_ratio - (y - mean))


def _gamma_deviances(mean: Array, y: Array, out: Array, log_ratio: Array) -> None:
    try:
        with np.errstate(over="raise", under="raise", divide="raise"):
            np.divide(y, mean, out=out)
            np.log(out, out=log_ratio)
            out -= 1
            out -= log_ratio
            out *= 2
    except FloatingPointError:  # the ratio overflows or vanishes
        with np.errstate(over="ignore"):
            out[:] = 2 * (y / mean - 1 - (np.log(y) - np.log(mean)))


def _tweedie_deviances(
    mean: Array, y: Array, out: Array, ratio: Array, *, p: float
) -> None:
    if p == 0:
        with np.errstate(over="ignore"):
            out[:] = (y - mean) ** 2
        return
    # With a = 2 - p, b = 1 - p and the ratio t = y / mean half of it is mean^a times
    # (t (t^b - 1) / b - (t - 1)) / a = ((t^a - 1) / a - (t - 1)) / b.
    next_to_poisson = 1 < p < 1.5
    power, other = (1 - p, 2 - p) if next_to_poisson else (2 - p, 1 - p)
    try:
        with np.errstate(over="raise", under="raise", divide="ignore"):
            np.divide(y, mean, out=ratio)
            # The log of 0 may be infinite unless it is multiplied by 0.
            np.maximum(ratio, 1e-300 if next_to_poisson else 0, out=out)
            np.log(out, out=out)
            out *= power
            np.expm1(out, out=out)
            out /= power
            if next_to_poisson:
                out *= ratio
            ratio -= 1
            out -= ratio
            out *= mean ** (2 - p)
            out *= 2 / other
    except FloatingPointError:
        out[:] = _extreme_tweedie_deviances(mean, y, p)


def _extreme_tweedie_deviances(mean: Array, y: Array, p: float) -> Array:
    """Deviances where parts of them overflow or vanish.

    The larger power of each difference in the notes of `tweedie_deviance` is taken out
    of it, and the largest of all to the end, so that only the result overflows.
    """
    a, b = 2 - p, 1 - p
    log_y = np.log(y, out=np.log(mean), where=y > 0)  # of a perfect fit elsewhere
    r = np.log(mean) - log_y
    first, second = np.maximum(a * r, 0), np.maximum(b * r, 0)
    largest = np.maximum(first, second)
    first = np.exp(first - largest) * np.expm1(-np.abs(a * r)) / abs(a)
    second = np.exp(second - largest) * np.expm1(-np.abs(b * r)) / abs(b)
    with np.errstate(over="ignore", divide="ignore"):  # the log of 0 at y = mean
        half = np.exp(a * log_y + largest + np.log(np.abs(first - second)))
        return 2 * np.where(y > 0, half, _tweedie_loss(mean, y, p))


def _tweedie_loss(mean: Array, y: Array, p: float) -> Array:
    """Loss for a power that is neither 1 nor 2, over a common denominator."""
    a, b = 2 - p, 1 - p
    size = max(abs(a), abs(b))
    with np.errstate(over="ignore"):
        numerator = _times_power(b / size * mean - a / size * y, mean, b)
        return np.asarray(numerator * (size / (a * b)))


def _times_power(factor: Array, mean: Array, exponent: float) -> Array:
    """Product with a power of the mean, which overflows only where it must."""
    try:
        with np.errstate(over="raise", under="raise"):
            return np.asarray(factor * mean**exponent)
    except FloatingPointError:
        if exponent == 1:  # means of the power 0 have any sign
            half: Array | float = 1.0
            factor = factor * mean
        else:
            half = mean ** (exponent / 2)
        with np.errstate(invalid="ignore"):  # 0 times infinity
            return np.where(factor == 0, 0, factor * half * half)


def _deviances(write: Callable[..., None], mean: Array, y: Array) -> Array:
    """Deviances, a block of examples at a time, so that all is in the cache.

    ``write(mean, y, out, scratch)`` writes the deviances of a block to ``out``.
    """
    if mean.shape != y.shape:
        mean, y = np.broadcast_arrays(mean, y)
    result = np.empty(y.size)
    scratch = np.empty(min(y.size, BLOCK))
    means, values = mean.ravel(), y.ravel()
    for i in range(0, y.size, BLOCK):
        block = slice(i, i + BLOCK)
        out = result[block]
        write(means[block], values[block], out, scratch[: out.size])
        np.abs(out, out=out)  # rounding may leave a little less than 0
    return result.reshape(y.shape)


def _quotient(numerator: Array, denominator: Array) -> Array:
    """Ratio that is allowed to overflow to infinity."""
    with np.errstate(over="ignore"):
        return np.asarray(numerator / denominator)


def _means_and_counts(mean: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    means, counts = _check.positive("mean", mean), _check.whole("y", y)
    _check.broadcastable("y", counts, means.shape)
    return means, counts


def _positive_pair(mean: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    means, values = _check.positive("mean", mean), _check.positive("y", y)
    _check.broadcastable("y", values, means.shape)
    return means, values


def _means_and_responses(
    mean: ArrayLike, y: ArrayLike, power: float
) -> tuple[Array, Array, float]:
    p = _check.number("power", power)
    if 0 < p < 1:
        raise ValueError(
            f"power: expected a number <= 0 or >= 1, got {p:g}: no distribution has it"
        )
    means = _check.positive("mean", mean) if p else _check.real("mean", mean)
    values = _check.real("y", y)
    _check_support(values, p)
    _check.broadcastable("y", values, means.shape)
    return means, values, p


def _check_support(y: Array, power: float) -> None:
    """Refuse values outside the support of a power of at least 1."""
    least = _check.smallest(y)
    if power >= 2 and not least > 0:
        raise ValueError(
            f"y: expected numbers > 0 for the power {power:g}, got {least:g}"
        )
    if power >= 1 and not least >= 0:
        raise ValueError(
            f"y: expected numbers >= 0 for the power {power:g}, got {least:g}"
        )
