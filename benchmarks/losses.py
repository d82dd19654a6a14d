"""Losses and deviances beside scipy.special and scikit-learn."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.jobs import Call, Job, Size
from mlnotes._check import Array
from mlnotes.losses.classification import cross_entropy, cross_entropy_gradient
from mlnotes.losses.deviances import gamma_deviance, poisson_deviance

__all__ = ["JOBS"]

Labels = NDArray[np.intp]


def logits_and_labels(n: int, n_classes: int) -> tuple[Array, Labels]:
    """Logits of size about 3, and classes that have nothing to do with them."""
    rng = np.random.default_rng(16)
    return rng.normal(scale=3.0, size=(n, n_classes)), rng.integers(n_classes, size=n)


def together(loss: Array, gradient: Array) -> Array:
    """Losses and gradient in one array, made in place.

    The rows of the gradient sum to 0, so the sums of the result are the losses.
    """
    gradient[:, 0] += loss
    return gradient


def our_cross_entropy(logits: Array, labels: Labels) -> Array:
    """Losses and gradient."""
    loss = cross_entropy(logits, labels)
    return together(loss, cross_entropy_gradient(logits, labels))


def special_cross_entropy() -> Call:
    """Losses from scipy.special's log_softmax, and gradient from its softmax."""
    from scipy.special import log_softmax, softmax

    def losses_and_gradient(logits: Array, labels: Labels) -> Array:
        rows = np.arange(len(labels))
        loss = -log_softmax(logits, axis=-1)[rows, labels]
        gradient = softmax(logits, axis=-1)
        gradient[rows, labels] -= 1
        return together(loss, gradient)

    return losses_and_gradient


def counts_and_means(n: int) -> tuple[Array, Array]:
    """Means of about 2, and counts with these means."""
    rng = np.random.default_rng(18)
    means = rng.gamma(2.0, size=n)
    return means, rng.poisson(means).astype(np.float64)


def amounts_and_means(n: int) -> tuple[Array, Array]:
    """Means of about 2, and Gamma draws with these means."""
    rng = np.random.default_rng(19)
    means = rng.gamma(2.0, size=n)
    return means, rng.gamma(3.0, means / 3.0)


def our_poisson_deviance(mean: Array, y: Array) -> float:
    """Mean Poisson deviance."""
    return float(poisson_deviance(mean, y).mean())


def sklearn_poisson_deviance() -> Call:
    """Mean Poisson deviance with scikit-learn."""
    from sklearn.metrics import mean_poisson_deviance

    return lambda mean, y: mean_poisson_deviance(y, mean)


def our_gamma_deviance(mean: Array, y: Array) -> float:
    """Mean Gamma deviance."""
    return float(gamma_deviance(mean, y).mean())


def sklearn_gamma_deviance() -> Call:
    """Mean Gamma deviance with scikit-learn."""
    from sklearn.metrics import mean_gamma_deviance

    return lambda mean, y: mean_gamma_deviance(y, mean)


JOBS = (
    Job(
        "softmax, cross-entropy and gradient",
        "scipy.special",
        our_cross_entropy,
        special_cross_entropy,
        (
            Size("10³ × 10", partial(logits_and_labels, 10**3, 10), 0.9),
            Size("10⁴ × 100", partial(logits_and_labels, 10**4, 100), 0.8),
        ),
        rtol=1e-12,
    ),
    Job(
        "Poisson deviance",
        "sklearn.metrics",
        our_poisson_deviance,
        sklearn_poisson_deviance,
        (
            Size("n = 1000", partial(counts_and_means, 1000), 0.1),
            Size("n = 10⁶", partial(counts_and_means, 10**6), 0.7),
        ),
        rtol=1e-12,
    ),
    Job(
        "Gamma deviance",
        "sklearn.metrics",
        our_gamma_deviance,
        sklearn_gamma_deviance,
        (
            Size("n = 1000", partial(amounts_and_means, 1000), 0.1),
            Size("n = 10⁶", partial(amounts_and_means, 10**6), 0.7),
        ),
        rtol=1e-12,
    ),
)
