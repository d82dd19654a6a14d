"""Figures that look alike, and a small accessible player for algorithms that move.

The one module of the package that imports matplotlib. A lesson calls `use_style` in
its first cell, takes its colors from here, so that blue means the same thing in all
panels, and shows the steps of an algorithm with `player`.
"""

import base64
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from string import Template

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

__all__ = [
    "BLACK",
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "Player",
    "player",
    "use_style",
]

# Okabe and Ito (2008), Color universal design; without yellow, which fades on white.
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
BLACK = "#000000"
ORANGE = "#E69F00"  # orange and sky are light: for areas and markers, not for text
SKY = "#56B4E9"
GRAY = "#6E6E6E"  # not in the cycle: for what stays in the background

MAX_FRAMES = 30  # what a page can carry
FRAME_DPI = 110
FRAME_COLORS = 64
CSS_PIXELS_PER_INCH = 100  # a figure 7.2 in wide fills a column of 720 px


def use_style() -> None:
    """Draw all figures from now on in the style of the book.

    White sheets 7.2 in wide at 200 dpi, so that a picture has twice the pixels of the
    text column. In a notebook the inline backend is told not to crop them, which
    keeps the size it prints.

    Examples
    --------
    >>> with plt.rc_context():
    ...     use_style()
    ...     plt.rcParams["figure.figsize"], plt.rcParams["figure.dpi"]
    ([7.2, 3.6], 200.0)
    """
    with as_file(files("mlnotes") / "mlnotes.mplstyle") as path:
        plt.style.use(path)
    if "IPython" in sys.modules:
        _keep_figure_size()


@dataclass(frozen=True, slots=True, repr=False)
class Player:
    """Frames with captions that a notebook shows as a player; made by `player`.

    Parameters
    ----------
    frames : tuple of bytes
        Pictures of one size, as PNG.
    captions : tuple of str
        What is to be seen in each frame.
    label : str
        Name of the animation for assistive technology.
    width, height : int
        Size on the page, in CSS pixels.
    seconds : float
        Time for which each frame stays while the player runs.
    """

    frames: tuple[bytes, ...]
    captions: tuple[str, ...]
    label: str
    width: int
    height: int
    seconds: float = 1.0

    def __repr__(self) -> str:
        return f"Player({len(self.frames)} frames)"

    def _repr_html_(self) -> str:
        images = [
            f'<img src="data:image/png;base64,{base64.b64encode(frame).decode()}"'
            f' alt="{escape(caption)}" width="{self.width}" height="{self.height}"'
            f"{' hidden' if i else ''}>"
            for i, (frame, caption) in enumerate(
                zip(self.frames, self.captions, strict=True)
            )
        ]
        template = (files("mlnotes") / "player.html").read_text(encoding="utf-8")
        return Template(template).substitute(
            label=escape(self.label),
            frames="\n".join(images),
            caption=escape(self.captions[0]),
            n_frames=len(images),
            seconds=self.seconds,
            width=self.width,
        )


def player(
    draw: Callable[[int], Figure],
    n_frames: int,
    *,
    label: str,
    captions: Sequence[str],
) -> Player:
    """Draw the frames of an animation and return them as an accessible player.

    It stands still until the reader steps, drags or plays, and needs nothing from
    another host. Without scripts and in print the first frame is shown.

    Parameters
    ----------
    draw : callable
        ``draw(i)`` returns the figure of frame i, counted from 0. It is called once
        for each frame, in order, and its figure is closed. All have one size.
    n_frames : int
        Number of frames, from 2 to 30.
    label : str
        Name of the animation for assistive technology, such as "Lloyd's algorithm".
    captions : sequence of str
        For each frame, in words, what is to be seen. It is the alternative text of
        the picture and stands below it.

    Returns
    -------
    Player
        The rendered frames; a notebook shows it as HTML.

    Raises
    ------
    TypeError
        If the number of frames is not an integer, the captions are one string, or
        ``draw`` returns no figure.
    ValueError
        If there are too few or too many frames, a frame has no caption, the label is
        empty, or the figures differ in size.

    Examples
    --------
    >>> def draw(i):
    ...     figure = Figure(figsize=(4, 2))
    ...     figure.subplots().plot([0, 1], [0, i])
    ...     return figure
    >>> player(draw, 3, label="A line", captions=["Flat.", "Rising.", "Steeper."])
    Player(3 frames)
    """
    if not isinstance(n_frames, int):
        raise TypeError(f"n_frames: expected an integer, got {type(n_frames).__name__}")
    if not 2 <= n_frames <= MAX_FRAMES:
        raise ValueError(f"n_frames: expected 2 to {MAX_FRAMES}, got {n_frames}")
    if not label.strip():
        raise ValueError("label: expected the name of the animation, got no words")
    if isinstance(captions, str):
        raise TypeError("captions: expected one string for each frame, got one string")
    if len(captions) != n_frames:
        raise ValueError(f"captions: expected {n_frames} strings, got {len(captions)}")
    for i, caption in enumerate(captions):
        if not caption.strip():
            raise ValueError(f"captions: expected words for frame {i}, got none")

    frames, sizes = [], []
    for i in range(n_frames):
        figure = draw(i)
        if not isinstance(figure, Figure):
            got = type(figure).__name__
            raise TypeError(f"draw: expected a Figure for frame {i}, got {got}")
        frames.append(_png(figure))
        width, height = figure.get_size_inches() * CSS_PIXELS_PER_INCH
        sizes.append((round(width), round(height)))
        plt.close(figure)
    for i, size in enumerate(sizes):
        if size != sizes[0]:
            raise ValueError(
                f"draw: expected {sizes[0]} pixels as in frame 0, "
                f"got {size} for frame {i}"
            )
    return Player(tuple(frames), tuple(captions), label, *sizes[0])


def _png(figure: Figure) -> bytes:
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=FRAME_DPI)
    with Image.open(drawn) as image:
        # Of Pillow's methods the one that keeps white white and small marks colored.
        image.convert("RGB").quantize(
            FRAME_COLORS,
            method=Image.Quantize.MAXCOVERAGE,
            dither=Image.Dither.NONE,
        ).save(small, format="png", optimize=True)
    return small.getvalue()


def _keep_figure_size() -> None:
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    from matplotlib_inline.config import InlineBackend

    # The configuration outlives the backend's own set-up at the first figure, which
    # would undo set_matplotlib_formats.
    inline = InlineBackend.instance(parent=shell)
    inline.figure_formats = {"png"}
    inline.set_trait("print_figure_kwargs", {"bbox_inches": None})
