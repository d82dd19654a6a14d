"""Log-likelihoods of distributions, and the Gamma fit, beside scipy.stats."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.jobs import Call, Job, Size
from mlnotes._check import Array
from mlnotes.likelihood.maximum_likelihood import log_likelihood
from mlnotes.probability.distributions import (
    Beta,
    Distribution,
    Exponential,
    Gamma,
    InverseGamma,
    Laplace,
    LogNormal,
    MultivariateNormal,
    Poisson,
    StudentT,
    Uniform,
)

__all__ = ["JOBS"]

# The record, the name and the parameters of the same law in scipy.stats, and draws.
LAWS: dict[str, tuple[Distribution, str, dict[str, float], str]] = {
    "Laplace": (Laplace(0.5, 1.5), "laplace", {"loc": 0.5, "scale": 1.5}, "laplace"),
    "Student-t": (
        StudentT(4.0, 0.5, 1.5),
        "t",
        {"df": 4.0, "loc": 0.5, "scale": 1.5},
        "normal",
    ),
    "Uniform": (Uniform(0.0, 1.0), "uniform", {}, "random"),
    "Exponential": (Exponential(2.0), "expon", {"scale": 0.5}, "exponential"),
    "Gamma": (Gamma(2.5, 2.0), "gamma", {"a": 2.5, "scale": 0.5}, "exponential"),
    "inverse Gamma": (
        InverseGamma(2.5, 2.0),
        "invgamma",
        {"a": 2.5, "scale": 2.0},
        "exponential",
    ),
    "log-normal": (
        LogNormal(0.5, 1.5),
        "lognorm",
        {"s": 1.5, "scale": float(np.exp(0.5))},
        "exponential",
    ),
    "Beta": (Beta(2.5, 2.0), "beta", {"a": 2.5, "b": 2.0}, "random"),
    "Poisson": (Poisson(3.5), "poisson", {"mu": 3.5}, "poisson"),
}


def draws(method: str, n: int) -> tuple[Array]:
    """Draws on which the law has a density: from a generator's method by name."""
    rng = np.random.default_rng(16)
    parameters = {"lam": 3.5} if method == "poisson" else {}
    return (getattr(rng, method)(size=n, **parameters).astype(np.float64),)


def stats_log_likelihood(name: str, parameters: dict[str, float]) -> Call:
    """Log-likelihood of a law with scipy.stats."""
    law = getattr(import_module("scipy.stats"), name)
    log_density: Callable[..., Any] = law.logpmf if name == "poisson" else law.logpdf
    return lambda x: log_density(x, **parameters).sum()


def our_gamma_mle(x: Array) -> ArrayLike:
    """Shape and scale of a Gamma distribution, fitted."""
    fit = Gamma.mle(x)
    return np.array([fit.shape, 1 / fit.rate])


def stats_gamma_mle() -> Call:
    """Shape and scale, fitted with scipy.stats; the location is known to be 0."""
    from scipy.stats import gamma

    def fit(x: Array) -> ArrayLike:
        shape, _, scale = gamma.fit(x, floc=0)
        return np.array([shape, scale])

    return fit


def vectors(n: int) -> tuple[Array, Array, Array]:
    """Mean and covariance of five numbers, and draws from about there."""
    rng = np.random.default_rng(20)
    factor = rng.normal(size=(5, 5))
    return rng.normal(size=5), factor @ factor.T + np.eye(5), rng.normal(size=(n, 5))


def our_multivariate_normal(loc: Array, covariance: Array, x: Array) -> Array:
    """Log densities of vectors."""
    return MultivariateNormal(loc, covariance).log_prob(x)


def stats_multivariate_normal() -> Call:
    """Log densities of vectors with scipy.stats."""
    from scipy.stats import multivariate_normal

    return lambda loc, covariance, x: multivariate_normal.logpdf(x, loc, covariance)


JOBS = (
    *(
        Job(
            f"{name} log-likelihood",
            "scipy.stats",
            partial(log_likelihood, record),
            partial(stats_log_likelihood, law, parameters),
            (
                Size("n = 1000", partial(draws, method, 1000), 0.35),
                Size(
                    "n = 10⁶",
                    partial(draws, method, 10**6),
                    # Most of a Poisson log-likelihood is log-factorials on both sides.
                    0.85 if name == "Poisson" else 0.2,
                ),
            ),
            rtol=1e-11,
        )
        for name, (record, law, parameters, method) in LAWS.items()
    ),
    Job(
        "Gamma MLE",
        "scipy.stats",
        our_gamma_mle,
        stats_gamma_mle,
        (
            Size("n = 100", partial(draws, "exponential", 100), 2.0),
            Size("n = 10⁶", partial(draws, "exponential", 10**6), 1.0),
        ),
        rtol=1e-8,
    ),
    Job(
        "multivariate normal log-density",
        "scipy.stats",
        our_multivariate_normal,
        stats_multivariate_normal,
        (
            Size("1000 × 5", partial(vectors, 1000), 1.5),
            Size("10⁵ × 5", partial(vectors, 10**5), 1.1),
        ),
        rtol=1e-10,
    ),
)
