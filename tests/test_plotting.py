"""plotting: the style, the size of figures in a notebook, and the player."""

import base64
import io
import re
import struct
import subprocess
import sys

import matplotlib
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from nbclient import NotebookClient
from PIL import Image

from mlnotes import plotting
from mlnotes.plotting import player, use_style

matplotlib.use("Agg")

from matplotlib import pyplot as plt

CAPTIONS = ["A flat line.", 'A line "rises" by <b>1</b> & more.', "It is steep."]


@pytest.fixture(autouse=True)
def _style():
    with plt.rc_context():
        use_style()
        yield
        plt.close("all")


def draw(i):
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, i])
    return figure


def html(label="A line", captions=CAPTIONS):
    made = player(draw, 3, label=label, captions=captions)._repr_html_()
    return made, BeautifulSoup(made, "html.parser")


def test_style_makes_white_sheets_with_two_pixels_for_each_of_the_column():
    figure = draw(1)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:
        assert image.size == (1440, 720)
        assert image.getpixel((0, 0)) == (255, 255, 255, 255)


def test_color_cycle_is_the_named_colors():
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    names = ["BLUE", "VERMILLION", "GREEN", "PURPLE", "BLACK", "ORANGE", "SKY"]
    assert cycle == [getattr(plotting, name) for name in names]


@pytest.mark.parametrize("name", ["BLUE", "VERMILLION", "GREEN", "PURPLE", "GRAY"])
def test_line_colors_stand_out_from_white(name):
    # WCAG 2.2, success criterion 1.4.11: graphics need a contrast of 3.
    rgb = np.array(matplotlib.colors.to_rgb(getattr(plotting, name)))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3


def test_notebook_keeps_the_size_of_figures_and_shows_the_player_alone():
    plot = "from matplotlib import pyplot as plt\nplt.plot([0, 1])\nplt.show()"
    style = "from mlnotes.plotting import player, use_style\nuse_style()"
    make = (
        "def draw(i):\n    figure, ax = plt.subplots()\n    ax.plot([0, i])\n"
        "    return figure\n"
        "player(draw, 2, label='A line', captions=['Flat.', 'Steep.'])"
    )
    for cells in ([style, plot, make], [plot, style, plot, make]):
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
        )
        NotebookClient(book, kernel_name="python3", timeout=60).execute()
        styled, (figure,), (shown,) = (cell.outputs for cell in book.cells[-3:])
        assert styled == []
        size = struct.unpack(">II", base64.b64decode(figure.data["image/png"])[16:24])
        assert size == (1440, 720)
        assert figure.data["text/plain"] == "<Figure size 1440x720 with 1 Axes>"
        assert shown.data["text/plain"] == "Player(2 frames)"
        assert 'class="mlnotes-player"' in shown.data["text/html"]


def test_package_imports_without_matplotlib():
    code = (
        "import sys, mlnotes, mlnotes.showing\n"
        "assert not {'matplotlib', 'IPython', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_draws_each_frame_once_in_order_and_closes_it():
    order, open_before = [], plt.get_fignums()

    def watched(i):
        assert plt.get_fignums() == open_before
        order.append(i)
        return draw(i)

    made = player(watched, 3, label="A line", captions=CAPTIONS)
    assert order == [0, 1, 2]
    assert plt.get_fignums() == open_before
    assert len(set(made.frames)) == 3
    assert repr(made) == "Player(3 frames)"


def test_shows_the_first_frame_and_hides_the_rest_until_scripts_run():
    _, soup = html()
    images = soup.select("img")
    assert [image.has_attr("hidden") for image in images] == [False, True, True]
    assert soup.select_one('[data-part="controls"]').has_attr("hidden")
    assert soup.select_one('[data-part="still"]').text == CAPTIONS[0]


def test_captions_and_label_reach_the_page_as_text():
    made, soup = html(label='One "line" <i>rises</i>')
    assert [image["alt"] for image in soup.select("img")] == CAPTIONS
    assert soup.select_one('[role="group"]')["aria-label"] == 'One "line" <i>rises</i>'
    assert "<b>1</b>" not in made
    assert "<i>" not in made
    assert html(captions=["<u>$x$</u>", "b", "c"])[1].select("u") == []


def test_controls_are_native_and_named():
    _, soup = html()
    assert [b.text for b in soup.select("button")] == ["Previous", "Play", "Next"]
    (slider,) = soup.select("input[type=range]")
    assert (slider["aria-label"], slider["min"], slider["max"]) == ("Frame", "1", "3")


def test_needs_nothing_from_elsewhere():
    made, _ = html()
    text = re.sub(r'src="data:image/png;base64,[^"]*"', "", made)
    assert not re.search(r"//\w|@import|url\(|href|src=|<link|fetch", text)


def test_any_number_lives_on_one_page_and_draws_the_same_again():
    made, soup = html()
    # Without ids nothing can collide, not even the same player shown twice.
    assert not soup.select("[id], [for], [name]")
    assert made == html()[0]


def test_frames_are_small_and_look_as_drawn():
    def walk(i):
        figure, ax = plt.subplots()
        x = np.linspace(0, 10, 200)
        for shift in range(3):
            ax.plot(x, np.sin(x + shift + i / 20), label=f"shift {shift}")
        ax.plot([5], [0], "o", color=plotting.ORANGE, markersize=8)
        ax.legend()
        return figure

    made = player(walk, 20, label="Walk", captions=[f"Step {i}." for i in range(20)])
    assert len(made._repr_html_()) < 500_000
    full = io.BytesIO()
    walk(0).savefig(full, format="png", dpi=110)
    with Image.open(full) as drawn, Image.open(io.BytesIO(made.frames[0])) as frame:
        assert frame.size == drawn.size == (792, 396)
        expected, pixels = (
            np.asarray(image.convert("RGB")).astype(int) for image in (drawn, frame)
        )
    # No mark loses its color, though it is small, and white stays white.
    assert np.abs(pixels - expected).max() <= 32
    assert (pixels[0, 0] == 255).all()


def test_stands_on_the_page_in_the_size_of_a_figure_of_the_book():
    made = player(
        lambda i: Figure(figsize=(3.6, 2.5)), 2, label="Empty", captions=["a", "b"]
    )
    assert (made.width, made.height) == (360, 250)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n_frames": 31}, ValueError, "n_frames: expected 2 to 30, got 31"),
        ({"n_frames": 1}, ValueError, "n_frames: expected 2 to 30, got 1"),
        ({"n_frames": 3.0}, TypeError, "n_frames: expected an integer, got float"),
        ({"label": " "}, ValueError, "label: expected the name"),
        ({"captions": ["a", "b"]}, ValueError, "captions: expected 3 strings, got 2"),
        ({"captions": "abc"}, TypeError, "captions: expected one string for each"),
        ({"captions": ["a", "", "c"]}, ValueError, "words for frame 1, got none"),
        ({"draw": lambda i: None}, TypeError, "Figure for frame 0, got NoneType"),
        (
            {"draw": lambda i: Figure(figsize=(4, 2 + i // 2))},
            ValueError,
            r"draw: expected \(400, 200\) pixels as in frame 0, got \(400, 300\)",
        ),
    ],
)
def test_rejects_what_cannot_be_played(change, error, message):
    given = {"draw": draw, "n_frames": 3, "label": "A line", "captions": CAPTIONS}
    with pytest.raises(error, match=message):
        player(**(given | change))
