"""Entropy, cross-entropy and KL divergence."""

from functools import partial

import numpy as np

from benchmarks.jobs import Call, Job, Size
from mlnotes._check import Array
from mlnotes.information.discrete import cross_entropy, entropy, kl_divergence

__all__ = ["JOBS"]

SHAPES = {
    "n = 4": (4,),
    "n = 1000": (1000,),
    "n = 10⁶": (10**6,),
    "10⁴ × 100": (10**4, 100),
}


def distributions(count: int, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Random distributions along the last axis, all probabilities positive."""
    numbers = np.random.default_rng(11).uniform(0.1, 1.0, size=(count, *shape))
    return tuple(numbers / numbers.sum(axis=-1, keepdims=True))


def sizes(count: int, *targets: float) -> tuple[Size, ...]:
    """Sizes from the smallest on, one for each target, with ``count`` arguments."""
    return tuple(
        Size(label, partial(distributions, count, shape), target)
        for (label, shape), target in zip(SHAPES.items(), targets, strict=False)
    )


def stats_entropy() -> Call:
    """Entropy with scipy.stats, and KL divergence where it gets two arguments."""
    from scipy.stats import entropy

    return entropy


def stats_cross_entropy() -> Call:
    """Cross-entropy with scipy.stats, which has it only as a sum of two calls."""
    from scipy.stats import entropy

    return lambda p, q: entropy(p) + entropy(p, q)


def special_entropy() -> Call:
    """Entropy with scipy.special."""
    from scipy.special import entr

    return lambda p: entr(p).sum(axis=-1)


def special_cross_entropy() -> Call:
    """Cross-entropy with scipy.special."""
    from scipy.special import xlogy

    return lambda p, q: -xlogy(p, q).sum(axis=-1)


def special_kl_divergence() -> Call:
    """KL divergence with scipy.special."""
    from scipy.special import rel_entr

    return lambda p, q: rel_entr(p, q).sum(axis=-1)


JOBS = (
    Job("entropy", "scipy.stats", entropy, stats_entropy, sizes(1, 0.1), rtol=1e-12),
    Job(
        "entropy",
        "scipy.special",
        entropy,
        special_entropy,
        sizes(1, 5, 1.5, 0.7, 0.7),
        rtol=1e-12,
    ),
    Job(
        "cross-entropy",
        "scipy.stats",
        cross_entropy,
        stats_cross_entropy,
        sizes(2, 0.1),
        rtol=1e-12,
    ),
    Job(
        "cross-entropy",
        "scipy.special",
        cross_entropy,
        special_cross_entropy,
        sizes(2, 5, 1.5, 0.7, 0.7),
        rtol=1e-12,
    ),
    Job(
        "KL divergence",
        "scipy.stats",
        kl_divergence,
        stats_entropy,
        sizes(2, 0.1),
        rtol=1e-12,
    ),
    Job(
        "KL divergence",
        "scipy.special",
        kl_divergence,
        special_kl_divergence,
        sizes(2, 5, 1.5, 0.2, 0.2),
        rtol=1e-12,
    ),
)
