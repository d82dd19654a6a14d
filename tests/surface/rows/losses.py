"""Valid calls of what is public in mlnotes.losses."""

import numpy as np

from tests.surface.kinds import number, numbers, positive, row

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
