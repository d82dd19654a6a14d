"""Valid calls of what is public in mlnotes itself."""

import numpy as np
from matplotlib.figure import Figure

from mlnotes.information.discrete import entropy
from tests.surface.kinds import given, row


def _draw(i: int) -> Figure:
    """Frame of an animation."""
    return Figure(figsize=(1, 1))


def _draw_growing(i: int) -> Figure:
    """Frame whose size depends on its number."""
    return Figure(figsize=(1, 1 + i))


row(
    "showing.show_source",
    objects=given(
        [entropy],
        nothing=[],
        a_number=[3],
        a_module=[np],
        a_function_of_another_package=[np.sum],
    ),
)

row(
    "plotting.player",
    draw=given(_draw, no_figure=lambda i: None, figures_of_two_sizes=_draw_growing),
    n_frames=given(3, one=1, too_many=31, a_float=3.0, text="3", NaN=np.nan),
    label=given("A line", nothing="", only_spaces=" "),
    captions=given(
        ["a", "b", "c"], text="abc", too_few=["a"], an_empty_one=["a", "", "c"]
    ),
)
