"""Valid calls of what is public in mlnotes.information."""

import numpy as np

from tests.surface.kinds import base, probabilities, row, unit_interval

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
