r"""Probability distributions as frozen records of their parameters.

Lessons: ``probability/distributions``, ``likelihood/coin`` and every later one that
names a noise model.

Each record offers ``log_prob`` (log density or log probability, ``-inf`` outside the
support), ``sample``, ``mean``, ``variance`` and ``entropy`` (in nats, differential for
densities). Where the likelihood of (weighted) data has a maximum in closed form, or
for the gamma after a few Newton steps in one variable, ``mle`` returns it; the others
are left to `mlnotes.likelihood.maximum_likelihood.fit_mle`. Parameters may be arrays:
they broadcast against each other and against ``x``. `MultivariateNormal` and `Wishart`
have one set of parameters each.
"""

from mlnotes.probability.distributions._continuous import (
    Beta,
    Laplace,
    Normal,
    StudentT,
    Uniform,
)
from mlnotes.probability.distributions._discrete import (
    Bernoulli,
    Binomial,
    Categorical,
    Poisson,
)
from mlnotes.probability.distributions._multivariate import (
    Dirichlet,
    MultivariateNormal,
    Wishart,
)
from mlnotes.probability.distributions._positive import (
    Exponential,
    Gamma,
    InverseGamma,
    LogNormal,
)
from mlnotes.probability.distributions._shared import Distribution

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "Gamma",
    "InverseGamma",
    "Laplace",
    "LogNormal",
    "MultivariateNormal",
    "Normal",
    "Poisson",
    "StudentT",
    "Uniform",
    "Wishart",
]
