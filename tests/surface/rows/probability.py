"""Valid calls of what is public in mlnotes.probability."""

import numpy as np

from mlnotes.probability.distributions import (
    Beta,
    Dirichlet,
    Exponential,
    Gamma,
    InverseGamma,
    LogNormal,
    MultivariateNormal,
    Poisson,
    StudentT,
    Uniform,
    Wishart,
)
from mlnotes.probability.random_variables import DiscreteVariable
from tests.surface.kinds import (
    Argument,
    count,
    counts,
    design,
    function,
    given,
    integer_labels,
    number,
    numbers,
    positive,
    positive_number,
    probabilities,
    rng,
    row,
    size,
    unit_interval,
    vector,
    vectors,
    weights,
    whole,
    zero_one,
)

P, Q = [[0.2, 0.3, 0.5], [0.0, 0.4, 0.6]], [0.25, 0.25, 0.5]

row("probability.distributions.Bernoulli", p=unit_interval([0.0, 0.3]))

row("probability.distributions.Binomial", n=whole([3.0, 7.0]), p=unit_interval([0, 1]))

row("probability.distributions.Categorical", p=probabilities(P))

row("probability.distributions.Normal", loc=numbers([0, 1]), scale=positive([1.0, 2.0]))

row(
    "probability.distributions.Laplace", loc=numbers([0, 1]), scale=positive([1.0, 2.0])
)

for _name in ("Bernoulli", "Binomial", "Categorical", "Normal", "Laplace"):
    row(
        f"probability.distributions.{_name}.log_prob",
        x=numbers([0.0, 1.0], **{"a shape that does not broadcast": np.zeros(3)}),
    )
    row(f"probability.distributions.{_name}.sample", size=size((3, 5)), rng=rng())

row(
    "probability.distributions.Bernoulli.mle",
    x=zero_one([0.0, 1.0, 1.0]),
    weights=weights([1.0, 2.0, 0.5]),
)

row(
    "probability.distributions.Binomial.mle",
    x=counts([0.0, 3.0, 5.0], 5),
    weights=weights([1.0, 2.0, 0.5]),
    n=count(5),
)

row(
    "probability.distributions.Categorical.mle",
    x=integer_labels([0, 2, 1], 4),
    weights=weights([1.0, 2.0, 0.5]),
    n_classes=count(4),
)

for _name in ("Normal", "Laplace"):
    row(
        f"probability.distributions.{_name}.mle",
        x=vector([0.0, 3.0, 1.0], **{"one value only": np.ones(3)}),
        weights=weights([1.0, 2.0, 0.5]),
    )

row(
    "probability.random_variables.DiscreteVariable",
    values=vector([3.0, -1.0, 3.0]),
    p=given(
        np.array([0.2, 0.5, 0.3]),
        too_few=np.array([0.5, 0.5]),
        the_sum_2=np.array([1.0, 0.5, 0.5]),
        a_negative_probability=np.array([1.0, 0.5, -0.5]),
        NaN=np.array([0.5, 0.5, np.nan]),
        text=np.array(["a", "b", "c"]),
        a_matrix=np.array([[0.2, 0.5, 0.3]]),
        a_number=1.0,
    ),
)

_die = DiscreteVariable([1, 2, 3, 4, 5, 6])

row(
    "probability.random_variables.DiscreteVariable.expectation",
    on=_die,
    g=function(np.square),
)

row(
    "probability.random_variables.DiscreteVariable.cdf",
    on=_die,
    x=numbers([0.5, 3.0]),
)

row(
    "probability.random_variables.DiscreteVariable.quantile",
    on=_die,
    u=unit_interval([0.0, 0.3, 1.0]),
)

row("probability.random_variables.running_variance", x=vector([1.0, 3.0, 2.0]))

row(
    "probability.sampling.monte_carlo",
    f=function(np.square),
    samples=numbers([1.0, 4.0, 4.0, 5.0], **{"a number": 2.0, "one": np.ones(1)}),
)

row(
    "probability.sampling.running_means",
    x=numbers([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]], **{"a number": 2.0}),
)

row(
    "probability.estimators.decompose_error",
    estimates=numbers(
        [[3.0, 1.0], [5.0, 2.0], [4.0, 4.0]],
        **{"a number": 2.0, "one set": np.ones((1, 2))},
    ),
    truth=numbers([5.0, 2.0], **{"three numbers": np.ones(3)}),
)

JOINT = [[0.1, 0.2, 0.3], [0.1, 0.1, 0.2]]

NO_TABLES = {
    "a negative entry": np.array([[0.3, 0.2, 0.3], [0.1, 0.3, -0.2]]),
    "counts": np.array([[6.0, 21.0], [5.0, 18.0]]),
    "no axis": 1.0,
}

NO_AXES = {
    "an axis that is not there": 2,
    "a negative axis": -1,
    "an axis twice": [1, 1],
    "a fraction": 0.5,
    "text": "x",
    "None": None,
    "nothing": [],
}

row(
    "probability.conditional_probability.marginal",
    joint=numbers(JOINT, **NO_TABLES),
    keep=Argument(1, NO_AXES),
)

row(
    "probability.conditional_probability.conditional",
    joint=numbers(
        JOINT, **NO_TABLES, **{"an impossible value": [[0.6, 0.0], [0.4, 0.0]]}
    ),
    given=Argument(1, NO_AXES | {"all axes": [0, 1]}),
)

row(
    "probability.conditional_probability.independence_gap",
    joint=numbers(JOINT, **NO_TABLES, **{"one variable": [0.5, 0.5]}),
)

row(
    "probability.conditional_probability.bayes",
    prior=probabilities([0.9, 0.1]),
    likelihood=numbers(
        [[0.2, 0.4], [3.0, 0.0], [1.0, 1.0]],
        **{
            "a negative likelihood": [0.2, -0.1],
            "three hypotheses": np.ones(3),
            "an impossible observation": np.zeros(2),
            "one number": 0.5,
        },
    ),
)

row(
    "probability.hypothesis_tests.z_test",
    x=vectors([1.0, 2.0, 4.0]),
    mean=number(1.0),
    sigma=positive_number(2.0),
)

row(
    "probability.hypothesis_tests.z_test_power",
    shift=numbers([0.0, 2.0]),
    alpha=number(0.05, **{"zero": 0.0, "one": 1.0, "a negative number": -0.05}),
)

row(
    "probability.hypothesis_tests.t_test",
    x=vectors([1.0, 2.0, 4.0], **{"one value": np.ones(1), "a constant": np.ones(3)}),
    mean=number(1.0),
)

for _name in ("paired_t_test", "pooled_t_test", "welch_t_test"):
    row(
        f"probability.hypothesis_tests.{_name}",
        x=vectors([1.0, 2.0, 4.0], **{"one value": np.ones(1)}),
        y=vectors(
            [0.0, 5.0, 5.0], **{"one value": np.ones(1), "a stack": np.eye(3)[:2]}
        ),
    )

row(
    "probability.hypothesis_tests.chi_squared_fit",
    observed=vectors(
        [3.0, 0.0, 5.0],
        **{
            "a fraction": np.array([3.0, 0.5, 5.0]),
            "a negative count": np.array([3.0, -1.0, 5.0]),
            "only zeros": np.zeros(3),
            "one outcome": np.ones(1),
        },
    ),
    p=given(
        np.array([0.25, 0.25, 0.5]),
        an_impossible_outcome=np.array([0.5, 0.0, 0.5]),
        too_few=np.array([0.5, 0.5]),
        the_sum_2=np.array([1.0, 0.5, 0.5]),
        nan=np.array([0.5, np.nan, 0.5]),
        text="p",
    ),
)

for _name in ("expected_counts", "chi_squared_independence"):
    row(
        f"probability.hypothesis_tests.{_name}",
        table=numbers(
            [[3.0, 4.0, 5.0], [1.0, 0.0, 2.0]],
            **{
                "a vector": np.ones(3),
                "one row": np.ones((1, 3)),
                "an empty row": np.array([[1.0, 2.0], [0.0, 0.0]]),
                "an empty column": np.array([[1.0, 0.0], [2.0, 0.0]]),
                "a fraction": np.array([[1.0, 0.5], [2.0, 1.0]]),
                "a negative count": np.array([[1.0, -1.0], [2.0, 3.0]]),
            },
        ),
    )

_two = [1.0, 2.0]

for _name in ("Poisson", "Exponential"):
    row(f"probability.distributions.{_name}", rate=positive(_two))

for _name, _parameters in {
    "Beta": ("a", "b"),
    "Gamma": ("shape", "rate"),
    "InverseGamma": ("shape", "scale"),
}.items():
    row(
        f"probability.distributions.{_name}",
        **{parameter: positive(_two) for parameter in _parameters},
    )

row("probability.distributions.LogNormal", loc=numbers([0, 1]), scale=positive(_two))

row(
    "probability.distributions.StudentT",
    df=positive(_two),
    loc=numbers([0, 1]),
    scale=positive(_two),
)

row(
    "probability.distributions.Uniform",
    low=numbers([0, 1]),
    high=numbers(_two, **{"below low": np.array([-1.0, 2.0])}),
)

_S = np.array([[2.0, 0.5], [0.5, 1.0]])

_no_covariance = {
    "a singular matrix": np.ones((2, 2)),
    "an indefinite matrix": np.array([[1.0, 2.0], [2.0, 1.0]]),
    "an asymmetric matrix": np.array([[1.0, 0.5], [0.0, 1.0]]),
    "a vector": np.ones(2),
    "a number": 1.0,
}

row(
    "probability.distributions.MultivariateNormal",
    loc=vector([0.0, 1.0]),
    covariance_matrix=numbers(_S, **_no_covariance),
)

row(
    "probability.distributions.Wishart",
    df=number(5.0, **{"too few": 1.0}),
    scale=numbers(_S, **_no_covariance),
)

row(
    "probability.distributions.Dirichlet",
    concentration=positive(_two, **{"one outcome": np.ones(1), "no axis": 1.0}),
)

for _record in (
    Poisson(_two),
    Exponential(_two),
    StudentT(_two, 0.0, 1.0),
    Uniform([0.0, 1.0], 3.0),
    Beta(_two, 2.0),
    Gamma(_two, 2.0),
    InverseGamma(_two, 2.0),
    LogNormal(0.0, _two),
    Dirichlet([1.0, 2.0]),
    MultivariateNormal([0.0, 1.0], _S),
    Wishart(5.0, _S),
):
    _path = f"probability.distributions.{type(_record).__name__}"
    _misfit = {"a shape that does not broadcast": np.zeros(3)}
    _outcome = _S if type(_record) is Wishart else [0.5, 0.5]
    row(f"{_path}.log_prob", on=_record, x=numbers(_outcome, **_misfit))
    row(f"{_path}.sample", on=_record, size=size((3, 5)), rng=rng())

for _name in ("Gamma", "InverseGamma", "LogNormal", "Uniform"):
    row(
        f"probability.distributions.{_name}.mle",
        x=vector([0.5, 3.0, 1.0], **{"one value only": np.ones(3)}),
        weights=weights([1.0, 2.0, 0.5]),
    )

row(
    "probability.distributions.Exponential.mle",
    x=vector([0.5, 3.0, 1.0], **{"zeros": np.zeros(3)}),
    weights=weights([1.0, 2.0, 0.5]),
)

row(
    "probability.distributions.Poisson.mle",
    x=vector([0.0, 3.0, 1.0], **{"zeros": np.zeros(3), "halves": np.full(3, 0.5)}),
    weights=weights([1.0, 2.0, 0.5]),
)

row(
    "probability.distributions.MultivariateNormal.mle",
    x=design([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0]], **{"equal rows": np.ones((3, 2))}),
    weights=weights([1.0, 2.0, 0.5]),
)

_plane = MultivariateNormal([0.0, 1.0], _S)

row(
    "probability.distributions.MultivariateNormal.marginal",
    on=_plane,
    kept=integer_labels([0, 1], 2),
)

row(
    "probability.distributions.MultivariateNormal.conditional",
    on=_plane,
    given=given(
        np.array([0]),
        a_float=[0.5],
        too_large=[2],
        negative=[-1],
        all=[0, 1],
        twice=[0, 0],
    ),
    values=vector([1.5], length_matters=True),
)
