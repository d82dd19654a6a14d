"""Valid calls of what is public in mlnotes.losses."""

import numpy as np

from mlnotes.losses.log_normal import fit_log_normal
from mlnotes.losses.tweedie import Tweedie
from mlnotes.probability.distributions import Normal, Poisson
from tests.surface.kinds import (
    count,
    design,
    distribution,
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
    vector,
    vectors,
    zero_one,
)

_X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 7.0], [1.0, 5.0]])
_dependent = {"dependent columns": np.ones((4, 2))}
P = [[0.2, 0.3, 0.5], [0.0, 0.4, 0.6]]
_misfit = {"a shape that does not broadcast": np.ones(3)}
_counts = numbers(
    [0.0, 3.0],
    **{"a negative count": [0.0, -1.0], "a fraction": [0.0, 1.5]},
    **_misfit,
)
_power = number(1.5, **{"a power between 0 and 1": 0.5})

for _name in ("loss", "gradient", "deviance"):
    row(
        f"losses.deviances.poisson_{_name}",
        mean=positive([[1.0, 2.0]]),
        y=_counts,
    )
    row(
        f"losses.deviances.gamma_{_name}",
        mean=positive([[1.0, 2.0]]),
        y=positive([0.5, 3.0], **_misfit),
    )
    row(
        f"losses.deviances.tweedie_{_name}",
        mean=positive([[1.0, 2.0]]),
        y=numbers([0.0, 3.5], **{"a negative number": [0.0, -1.0]}, **_misfit),
        power=_power,
        also=[{"power": 0.0}, {"power": 1.0}],
    )
row(
    "losses.deviances.tweedie_family",
    power=number(1.5, **{"below 1": 0.5, "above 2": 3.0}),
)

row(
    "losses.recipe.negative_log_likelihood",
    distribution=distribution(Normal([0.0, 1.0], 2.0)),
    y=numbers([0.5, 3.0], **{"a shape that does not broadcast": np.zeros(3)}),
)
row(
    "losses.recipe.fit_model",
    model=function(lambda phi: Poisson(np.exp(phi[0]) * np.ones(4))),
    y=vector([2.0, 0.0, 3.0, 1.0], length_matters=True),
    init=vector([0.0]),
)
for _name in ("normal_loss", "normal_gradient"):
    row(
        f"losses.recipe.{_name}",
        mean=numbers([0.0, 1.0]),
        log_scale=numbers(
            [0.0, -1.0],
            **{"a scale that overflows": 710.0, "three scales": np.zeros(3)},
        ),
        y=numbers([0.5, 3.0], **{"three observations": np.zeros(3)}),
    )

for _name in ("log_normal_loss", "log_normal_gradient"):
    row(
        f"losses.log_normal.{_name}",
        log_median=numbers([0.0, 1.0]),
        log_scale=numbers(
            [0.0, -1.0],
            **{"a scale that overflows": 710.0, "three scales": np.zeros(3)},
        ),
        y=positive([0.5, 3.0], **{"three observations": np.ones(3)}),
    )
row(
    "losses.log_normal.fit_log_normal",
    X=design(_X, **_dependent),
    y=positive(
        [1.0, 2.0, 4.0, 3.0],
        **{
            "a number": 1.0,
            "a matrix": np.ones((2, 4)),
            "one more entry": np.ones(5),
            "an exact fit": np.ones(4),
        },
    ),
)
row(
    "losses.log_normal.LogNormalFit.predict",
    on=fit_log_normal(_X, [1.0, 2.0, 4.0, 3.0]),
    X=design(_X, **{"three columns": np.ones((4, 3))}),
)

_SIGNED = {"a zero": [0.0, 1.0, 1.0], "a half": [-1.0, 1.0, 0.5]}
for _name in ("binary_cross_entropy", "binary_cross_entropy_gradient"):
    row(
        f"losses.classification.{_name}",
        logits=numbers([0.5, -1.0, 2.0]),
        y=zero_one([0.0, 1.0, 1.0], length_matters=True),
    )
for _name in ("cross_entropy", "cross_entropy_gradient"):
    row(
        f"losses.classification.{_name}",
        logits=vectors(
            [[0.5, -1.0, 2.0], [0.0, 3.0, 1.0]], **{"one class": np.zeros((2, 1))}
        ),
        labels=integer_labels([2, 0], 3),
    )
for _name in ("soft_cross_entropy", "soft_cross_entropy_gradient"):
    row(
        f"losses.classification.{_name}",
        logits=vectors(
            [[0.5, -1.0, 2.0], [0.0, 3.0, 1.0]], **{"one class": np.zeros((2, 1))}
        ),
        targets=probabilities(P),
    )
for _name in ("hinge_loss", "hinge_gradient"):
    row(
        f"losses.classification.{_name}",
        scores=numbers([0.5, -1.0, 2.0]),
        y=vector([-1.0, 1.0, 1.0], length_matters=True, **_SIGNED),
    )
for _name in ("focal_loss", "focal_gradient"):
    row(
        f"losses.classification.{_name}",
        logits=numbers([0.5, -1.0, 2.0]),
        y=zero_one([0.0, 1.0, 1.0], length_matters=True),
        gamma=number(2.0, **{"a negative number": -1.0}),
        alpha=number(0.25, **{"above 1": 1.5, "a negative number": -0.5}),
        also=[{"alpha": None}],
    )
row(
    "losses.classification.smooth_labels",
    labels=given(
        np.array([2, 0]), floats=[2.0, 0.0], a_negative_label=[-1, 0], too_large=[3, 0]
    ),
    n_classes=count(3),
    amount=number(0.1, **{"above 1": 1.5, "a negative number": -0.5}),
)
row(
    "losses.classification.balanced_class_weights",
    labels=integer_labels([2, 0, 1, 1], 3),
    n_classes=count(3),
)

for _name in ("ranking_hinge_loss", "ranking_hinge_gradient"):
    row(
        f"losses.similarity.{_name}",
        scores=vector([3.0, 0.0, -0.5]),
        pairs=given(
            np.array([[0, 1], [2, 1]]),
            floats=np.array([[0.0, 1.0]]),
            an_item_too_many=np.array([[0, 3]]),
            a_negative_item=np.array([[0, -1]]),
            an_item_against_itself=np.array([[1, 1]]),
            one_pair_without_its_axis=np.array([0, 1]),
            triplets=np.array([[0, 1, 2]]),
            nothing=np.zeros((0, 2), dtype=int),
            text=np.array([["a", "b"]]),
        ),
    )
for _name in (
    "dice_loss",
    "dice_gradient",
    "squared_dice_loss",
    "squared_dice_gradient",
):
    row(
        f"losses.similarity.{_name}",
        p=numbers(
            [[0.2, 0.0, 1.0], [0.5, 0.5, 0.0]],
            **{"below 0": [-0.1, 0.5, 0.0], "above 1": [1.1, 0.5, 0.0], "no axis": 0.5},
        ),
        mask=numbers(
            [1.0, 0.0, 1.0],
            **{
                "a half": [0.5, 0.0, 1.0],
                "minus one": [-1.0, 0.0, 1.0],
                "two pixels": [1.0, 0.0],
                "three masks": np.ones((3, 3)),
                "no axis": 1.0,
            },
        ),
        smoothing=number(0.5, **{"a negative number": -0.5}),
        also=[{"smoothing": 0.0}],
    )
for _name in ("contrastive_loss", "contrastive_gradient"):
    row(
        f"losses.similarity.{_name}",
        u=vectors([[0.0, 1.0], [2.0, 2.0]]),
        v=vectors(
            [[0.0, 0.5], [2.0, 2.0]],
            **{"three components": np.ones(3), "three points": np.ones((3, 2))},
        ),
        similar=numbers(
            [1.0, 0.0],
            **{"a half": [0.5, 0.0], "minus one": [-1.0, 0.0], "three": np.ones(3)},
        ),
        margin=positive_number(1.0),
    )
for _name in ("triplet_loss", "triplet_gradient"):
    row(
        f"losses.similarity.{_name}",
        anchor=vectors([[0.0, 1.0], [2.0, 2.0]]),
        positive=vectors([[0.0, 0.5], [2.0, 1.0]], **{"three components": np.ones(3)}),
        negative=vectors(
            [0.0, 1.5],
            **{"three components": np.ones(3), "three points": np.ones((3, 2))},
        ),
        margin=positive_number(1.0),
    )
for _name in ("cosine_loss", "cosine_gradient"):
    row(
        f"losses.similarity.{_name}",
        u=vectors([3.0, 4.0], **{"a zero vector": np.zeros(2)}),
        v=vectors(
            [[0.0, 1.0], [1.0, 2.0]],
            **{"three components": np.ones(3), "a zero vector": np.zeros(2)},
        ),
    )

# Imports: count, design, number(s), positive_number, rng, row, size, vector of kinds.
_X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 7.0], [1.0, 5.0]])
_dependent = {"dependent columns": np.ones((4, 2))}

for _name in (
    "squared_error",
    "squared_error_gradient",
    "absolute_error",
    "absolute_error_gradient",
):
    row(
        f"losses.regression.{_name}",
        prediction=numbers([1.0, 2.0]),
        y=numbers([0.0, 4.0], **_misfit),
    )
row(
    "losses.regression.fit_lad",
    X=design(_X, **_dependent),
    y=vector([1.0, 2.0, 4.0, 3.0], length_matters=True),
)

for _name in ("huber_loss", "huber_gradient"):
    row(
        f"losses.huber.{_name}",
        prediction=numbers([1.0, 2.0]),
        y=numbers([0.0, 4.0], **_misfit),
        delta=positive_number(1.5),
    )
row(
    "losses.huber.HuberNoise",
    delta=positive_number(1.5),
    scale=positive_number(2.0),
)
row("losses.huber.HuberNoise.log_prob", x=numbers([0.0, 1.0]))
row("losses.huber.HuberNoise.sample", size=size((3, 5)), rng=rng())
row("losses.huber.normal_efficiency", delta=positive_number(1.5))
row(
    "losses.huber.mad_scale",
    x=vector([1.0, 2.0, 4.0, 3.0], **{"one value only": np.ones(3)}),
)
row(
    "losses.huber.fit_huber",
    X=design(_X, **_dependent),
    y=vector([1.0, 2.0, 4.0, 3.0], length_matters=True),
    scale=positive_number(0.5),
    delta=positive_number(1.345),
    tol=positive_number(1e-8),
    max_iter=count(50),
)

_between = number(1.5, **{"a power of 1": 1.0, "a power of 2": 2.0})
row(
    "losses.tweedie.Tweedie",
    mu=positive([1.0, 2.0]),
    dispersion=positive([0.5, 3.0], **_misfit),
    power=_between,
)
_tweedie = Tweedie([1.0, 2.0], 0.5, 1.5)
row("losses.tweedie.Tweedie.log_prob", on=_tweedie, x=numbers([0.0, 3.5], **_misfit))
row("losses.tweedie.Tweedie.sample", on=_tweedie, size=size((3, 5)), rng=rng())
row(
    "losses.tweedie.fit_dispersion",
    mean=positive([1.0, 2.0, 1.5]),
    y=vector(
        [0.0, 3.5, 1.0],
        length_matters=True,
        **{"a negative number": [0.0, 3.5, -1.0], "only zeros": np.zeros(3)},
    ),
    power=_between,
)
