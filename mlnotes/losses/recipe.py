r"""A recipe for losses: choose a distribution, let the model give its parameters.

Lesson: ``losses/loss-recipe``.

The model maps the features :math:`x_i` and its own parameters :math:`\phi` to the
parameters of a distribution, :math:`\theta_i = f(x_i, \phi)`. The loss of an example is
the negative log-likelihood of what was observed,

.. math:: -\log p(y_i \mid \theta_i), \qquad
   \hat\phi = \operatorname*{arg\,min}_\phi \sum_{i=1}^n -\log p(y_i \mid \theta_i).

Losses are in nats, one for each example; sums and means are left to the caller.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mlnotes import _check
from mlnotes._check import Array
from mlnotes.likelihood.maximum_likelihood import MLEFit, fit_mle
from mlnotes.probability.distributions import Distribution

__all__ = [
    "fit_model",
    "negative_log_likelihood",
    "normal_gradient",
    "normal_loss",
]

HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))
LARGEST_LOG_SCALE = 700.0  # e^700 is about 1e304, near the largest float


def negative_log_likelihood(distribution: Distribution, y: ArrayLike) -> Array:
    r"""Loss of each example: minus the log probability or log density of what came.

    .. math:: \operatorname{nll}_i = -\log p(y_i \mid \theta_i)

    Parameters
    ----------
    distribution : Distribution
        What the model predicts, with parameters of shape (...): one distribution for
        each example, or one for all.
    y : array_like, shape (...)
        Observations.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats; ``inf`` where the model called the observation
        impossible.

    Raises
    ------
    TypeError
        If the model is no distribution or the observations are not real numbers.
    ValueError
        If the observations are not finite, or do not fit the parameters.

    References
    ----------
    Prince (2023), *Understanding Deep Learning*, section 5.1.

    Examples
    --------
    Rain was announced with probability 0.8, 0.5 and 0; it rained each time:

    >>> from mlnotes.probability.distributions import Bernoulli
    >>> negative_log_likelihood(Bernoulli([0.8, 0.5, 0.0]), 1).round(6).tolist()
    [0.223144, 0.693147, inf]
    """
    if isinstance(distribution, type) or not hasattr(distribution, "log_prob"):
        got = getattr(distribution, "__name__", type(distribution).__name__)
        raise TypeError(f"distribution: expected a distribution, got {got}")
    observed = _check.real("y", y)
    try:
        log_p = distribution.log_prob(observed)
    except ValueError as error:  # the distribution calls its outcomes x
        raise ValueError(f"y: {str(error).removeprefix('x: ')}") from None
    return np.asarray(0.0 - log_p)  # subtracted, so that certainty costs 0.0, not -0.0


def fit_model(
    model: Callable[[Array], Distribution], y: ArrayLike, init: ArrayLike
) -> MLEFit:
    r"""Parameters of a model with the smallest total negative log-likelihood.

    .. math:: \hat\phi = \operatorname*{arg\,min}_\phi
       \sum_{i=1}^n -\log p(y_i \mid f(x_i, \phi))

    Parameters
    ----------
    model : callable
        Maps parameters of shape (p,) to a distribution with one set of parameters for
        each example. The features are its own business. It has to return legal
        distributions for all parameters, which is what link functions are for.
    y : array_like, shape (n,)
        Observations.
    init : array_like, shape (p,)
        Start of the search.

    Returns
    -------
    MLEFit
        Estimate, log-likelihood (nats), information and convergence.

    Raises
    ------
    TypeError
        If the model is not callable or returns no distribution, or an argument is not
        real numbers.
    ValueError
        If the observations or the start are not finite vectors, if the model cannot
        explain the observations at the start, or predicts for another number of them.

    References
    ----------
    Prince (2023), *Understanding Deep Learning*, section 5.2.

    Examples
    --------
    Counts with one rate for all, kept positive by an exponential; the best rate is the
    mean:

    >>> from mlnotes.probability.distributions import Poisson
    >>> fit = fit_model(lambda phi: Poisson(np.exp(phi)), [2, 0, 3, 1], [0.0])
    >>> np.exp(fit.params).round(6).tolist()
    [1.5]
    """
    _check.function("model", model)
    observed = _check.vector("y", y)

    def log_likelihood(phi: Array) -> float:
        losses = negative_log_likelihood(model(phi), observed)
        if losses.shape != observed.shape:
            raise ValueError(
                f"y: expected one observation for each prediction, {losses.shape}, "
                f"got {observed.shape}"
            )
        return -float(losses.sum())

    return fit_mle(log_likelihood, init)


def normal_loss(mean: ArrayLike, log_scale: ArrayLike, y: ArrayLike) -> Array:
    r"""Negative log-likelihood of a Normal whose mean and scale are both predicted.

    .. math:: \operatorname{nll} = \frac{1}{2} \log 2 \pi + s
       + \frac{(y - \mu)^2}{2 e^{2 s}}

    No constant is dropped. With one fixed s this is the squared error, divided by
    :math:`2 \sigma^2`, plus a constant.

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted mean :math:`\mu`, in units of y.
    log_scale : array_like, shape (...)
        Predicted logarithm :math:`s = \log \sigma` of the standard deviation, from -700
        to 700. Every real number in this range is a legal scale.
    y : array_like, shape (...)
        Observations.

    Returns
    -------
    ndarray, shape (...)
        Loss of each example, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, the scale is no floating-point number, or the shapes
        do not broadcast.

    References
    ----------
    Nix and Weigend (1994), *Estimating the Mean and Variance of the Target Probability
    Distribution*.

    Examples
    --------
    On target, and two standard deviations off, with the scale 1:

    >>> normal_loss([5.0, 5.0], 0.0, [5.0, 7.0]).round(6).tolist()
    [0.918939, 2.918939]
    """
    mu, s, observed = _normal_arguments(mean, log_scale, y)
    # Beyond 1e154 standard deviations the loss itself is above 1e308.
    with np.errstate(over="ignore"):
        z = (observed - mu) * np.exp(-s)
        return np.asarray(HALF_LOG_2PI + s + 0.5 * z**2)


def normal_gradient(
    mean: ArrayLike, log_scale: ArrayLike, y: ArrayLike
) -> tuple[Array, Array]:
    r"""Derivatives of `normal_loss` in the mean and in the log scale.

    .. math::
       \frac{\partial \operatorname{nll}}{\partial \mu} = \frac{\mu - y}{e^{2 s}},
       \qquad \frac{\partial \operatorname{nll}}{\partial s}
       = 1 - \frac{(y - \mu)^2}{e^{2 s}}

    Parameters
    ----------
    mean : array_like, shape (...)
        Predicted mean :math:`\mu`, in units of y.
    log_scale : array_like, shape (...)
        Predicted logarithm s of the standard deviation, from -700 to 700.
    y : array_like, shape (...)
        Observations.

    Returns
    -------
    in_mean : ndarray, shape (...)
        Derivative of the loss of each example in its mean, in nats per unit of y.
    in_log_scale : ndarray, shape (...)
        Derivative of the loss of each example in its log scale, in nats.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a number is not finite, the scale is no floating-point number, or the shapes
        do not broadcast.

    References
    ----------
    Nix and Weigend (1994), *Estimating the Mean and Variance of the Target Probability
    Distribution*.

    Examples
    --------
    Two standard deviations of 1 too low: raise the mean, and widen.

    >>> [float(slope) for slope in normal_gradient(5.0, 0.0, 7.0)]
    [-2.0, -3.0]
    """
    mu, s, observed = _normal_arguments(mean, log_scale, y)
    with np.errstate(over="ignore"):
        z = (observed - mu) * np.exp(-s)
        return np.asarray(-z * np.exp(-s)), np.asarray(1.0 - z**2)


def _normal_arguments(
    mean: ArrayLike, log_scale: ArrayLike, y: ArrayLike
) -> tuple[Array, Array, Array]:
    mu, s, observed = _check.together(mean=mean, log_scale=log_scale, y=y)
    return mu, _log_of_a_scale(s), observed


def _log_of_a_scale(log_scale: Array) -> Array:
    """Refuse the logarithm of a scale that is no floating-point number."""
    largest = np.abs(log_scale).max()
    if largest > LARGEST_LOG_SCALE:
        raise ValueError(
            f"log_scale: expected numbers from -{LARGEST_LOG_SCALE:g} to "
            f"{LARGEST_LOG_SCALE:g}, so that the scale is a floating-point number, "
            f"got {log_scale.flat[np.abs(log_scale).argmax()]:g}"
        )
    return log_scale
