"""Valid calls of what is public in mlnotes.information."""

import numpy as np

from mlnotes.probability.distributions import Beta, Normal
from tests.surface.kinds import (
    Argument,
    base,
    count,
    given,
    numbers,
    probabilities,
    row,
    unit_interval,
)
from tests.surface.rows.probability import JOINT, NO_AXES, NO_TABLES

P, Q = [[0.2, 0.3, 0.5], [0.0, 0.4, 0.6]], [0.25, 0.25, 0.5]

row("information.discrete.self_information", p=unit_interval([0.5, 1.0]), base=base(2))

row("information.discrete.entropy", p=probabilities(P), base=base(2))

for _name in ("cross_entropy", "kl_divergence", "jensen_shannon_divergence"):
    row(
        f"information.discrete.{_name}",
        p=probabilities(P),
        q=probabilities(Q),
        base=base(2),
        also=[{"p": np.full((2, 3), 1 / 3), "q": np.full((2, 3), 1 / 3)}],
    )

for _name in ("joint_entropy", "mutual_information"):
    row(
        f"information.joint.{_name}",
        joint=numbers(
            JOINT,
            **NO_TABLES,
            **({"one variable": [0.5, 0.5]} if _name == "mutual_information" else {}),
        ),
        base=base(2),
        also=[{"joint": [[0.5, 0.0], [0.5, 0.0]]}],
    )
row(
    "information.joint.conditional_entropy",
    joint=numbers(JOINT, **NO_TABLES),
    given=Argument(1, NO_AXES | {"all axes": [0, 1]}),
    base=base(2),
    also=[{"joint": [[0.5, 0.0], [0.5, 0.0]]}],
)
row(
    "information.joint.expected_information",
    prior=probabilities([0.5, 0.5]),
    likelihood=given(
        np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]),
        one_hypothesis=np.array([[0.2, 0.3, 0.5]]),
        a_vector=np.array([0.5, 0.5]),
        a_stack=np.full((2, 2, 2), 0.5),
        counts=np.array([[2.0, 3.0, 5.0], [0.0, 10.0, 0.0]]),
        a_negative_probability=np.array([[0.5, 0.5], [1.5, -0.5]]),
        NaN=np.array([[0.5, 0.5], [np.nan, 0.5]]),
        text=np.array([["a", "b"], ["c", "d"]]),
    ),
    base=base(2),
)
row(
    "information.joint.coin_information",
    prior=given(
        Beta(2.0, 3.0),
        None_=None,
        two_numbers=(2.0, 3.0),
        another_law=Normal(0.0, 1.0),
        two_priors=Beta([1.0, 2.0], 1.0),
    ),
    n_flips=count(3),
    base=base(2),
)
