"""Negative controls: every gate has to stop a lesson that is broken on purpose."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import ROOT, ledger, notebooks, site

LESSON = "book/likelihood/coin"


@pytest.fixture
def copy(tmp_path):
    """A small copy of the book: one lesson, its tests and the configuration."""
    for name in ("_config.yml", "conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("book/_static", "tools", "mlnotes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "book/references.bib", tmp_path / "book")
    shutil.copy(ROOT / "book/notation.md", tmp_path / "book")
    (tmp_path / "book/likelihood").mkdir()
    shutil.copy(ROOT / f"{LESSON}.ipynb", tmp_path / "book/likelihood")
    tests = tmp_path / "tests/equations/likelihood"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests/equations/likelihood/test_coin.py", tests)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/notation\n"
        f"parts: [{{caption: Likelihood, chapters: [{{file: {LESSON}}}]}}]\n"
    )
    return tmp_path


class Draft:
    """A notebook to be broken."""

    def __init__(self, root: Path) -> None:
        self.path = root / f"{LESSON}.ipynb"
        self.notebook = notebooks.read(self.path)

    def cell(self, words: str):
        """Return the first cell whose source holds the words."""
        return next(c for c in self.notebook.cells if words in c.source)

    def save(self) -> None:
        """Write the notebook as git would hold it, except for what is broken."""
        nbformat.write(self.notebook, self.path)

    def problems(self) -> str:
        """Save, and return what the structural gate says."""
        self.save()
        return "\n".join(notebooks.problems(self.path))


def test_the_unbroken_copy_passes(copy):
    assert notebooks.problems(copy / f"{LESSON}.ipynb") == []
    assert ledger.problems(copy) == []


def test_missing_alternative_text_is_reported(copy):
    draft = Draft(copy)
    del draft.cell("panels = {").metadata["mystnb"]["image"]["alt"]
    assert "likelihood/coin: the figure of code cell" in draft.problems()
    assert "no mystnb image.alt: add it" in draft.problems()


@pytest.mark.parametrize("key", ["caption", "name"])
def test_missing_caption_or_name_is_reported(copy, key):
    draft = Draft(copy)
    del draft.cell("panels = {").metadata["mystnb"]["figure"][key]
    assert f"no mystnb figure.{key}: add it" in draft.problems()


def test_unexecuted_cell_is_reported(copy):
    draft = Draft(copy)
    draft.cell("coin = Bernoulli.mle(flips)").execution_count = None
    assert "was never executed" in draft.problems()


def test_counts_out_of_order_are_reported(copy):
    draft = Draft(copy)
    draft.cell("coin = Bernoulli.mle(flips)").execution_count = 99
    assert "has the count 99" in draft.problems()


def test_stored_image_is_reported(copy):
    draft = Draft(copy)
    output = nbformat.v4.new_output("display_data", data={"image/png": "aGk="})
    draft.cell("panels = {").outputs.append(output)
    assert "stores an image: run `make refresh`" in draft.problems()


def test_stored_warning_is_reported(copy):
    draft = Draft(copy)
    output = nbformat.v4.new_output("stream", name="stderr", text="a warning")
    draft.cell("coin = Bernoulli.mle(flips)").outputs.append(output)
    assert "writes to stderr" in draft.problems()


def test_local_path_and_address_are_reported(copy):
    draft = Draft(copy)
    draft.cell("coin = Bernoulli.mle(flips)").outputs[
        0
    ].text += "/home/someone/book <object at 0x7f4d5e373a10>"
    assert "of one machine" in draft.problems()
    assert "prints a memory address" in draft.problems()


def test_stale_normal_form_is_reported(copy):
    draft = Draft(copy)
    draft.cell("coin = Bernoulli.mle(flips)").metadata["collapsed"] = True
    assert "not in normal form: run `make refresh`" in draft.problems()


def test_missing_closing_section_is_reported(copy):
    draft = Draft(copy)
    cell = draft.cell("## Check yourself")
    cell.source = cell.source.replace("## Check yourself", "## Quiz")
    assert "the last three sections are" in draft.problems()


def test_equation_without_a_test_is_reported(copy):
    test = copy / "tests/equations/likelihood/test_coin.py"
    mark = '@pytest.mark.equation("eq-coin-count")'
    test.write_text(test.read_text().replace(mark, ""))
    (problem,) = ledger.problems(copy)
    assert problem.startswith(f"{LESSON}: no test verifies eq-coin-count: mark one")


def test_mark_without_an_equation_is_reported(copy):
    test = copy / "tests/equations/likelihood/test_coin.py"
    test.write_text(test.read_text().replace('"eq-coin-count"', '"eq-coin-cuont"'))
    problems = "\n".join(ledger.problems(copy))
    assert "the book has no equation labelled eq-coin-cuont" in problems
    assert "no test verifies eq-coin-count" in problems


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool of the book on a broken copy."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def only(draft: Draft, words: str) -> None:
    """Keep the imports and one cell, so that a broken copy runs fast."""
    kept = [draft.cell("# Likelihood and the coin"), draft.cell("import matplotlib")]
    draft.notebook.cells = [*kept, draft.cell(words)]
    draft.save()


NBVAL = ["pytest", "--nbval", "--nbval-current-env", "-W", "default", "book"]


def test_changed_number_stops_nbval(copy):
    draft = Draft(copy)
    output = draft.cell("any_order = ").outputs[0]
    assert "0.147000" in output.text
    output.text = output.text.replace("0.147000", "0.148000")
    only(draft, "any_order = ")
    result = run(NBVAL, copy)
    assert result.returncode == 1
    assert f"{LESSON}.ipynb: a cell fails or prints something else" in result.stdout
    assert f"make refresh LESSON={LESSON}.ipynb" in result.stdout


def test_warning_stops_nbval(copy):
    draft = Draft(copy)
    draft.cell("any_order = ").source += '\nimport warnings\nwarnings.warn("look out")'
    only(draft, "any_order = ")
    result = run(NBVAL, copy)
    assert result.returncode == 1
    assert "look out" in result.stdout


def test_warning_and_failing_cell_stop_the_build(copy):
    draft = Draft(copy)
    draft.cell("any_order = ").source += '\nimport warnings\nwarnings.warn("look out")'
    only(draft, "any_order = ")
    (copy / "requirements.txt").touch()
    result = run(["tools.build"], copy)
    assert result.returncode == 1
    assert "coin.ipynb" in result.stderr
    assert "stderr was found in the cell outputs" in result.stderr
    assert "Not built: mend the warnings" in result.stdout

    draft.notebook.cells[-1].source = "1 / 0"
    draft.save()
    result = run(["tools.build"], copy)
    assert result.returncode == 1
    assert "likelihood/coin failed" in result.stdout
    assert "ZeroDivisionError" in result.stdout
    assert "Not built: mend the lessons likelihood/coin." in result.stdout


PAGE = """<html><head>{head}</head><body><article>{body}</article></body></html>"""


@pytest.mark.parametrize(
    ("check", "head", "body"),
    [
        (
            site.external_references,
            '<script src="https://cdn.example/x.js"></script>',
            "",
        ),
        (
            site.external_references,
            '<link rel="stylesheet" href="//cdn.example/x">',
            "",
        ),
        (
            site.external_references,
            "<style>@import 'https://cdn.example/x.css'</style>",
            "",
        ),
        (site.missing_alternatives, "", '<img src="x.png">'),
        (site.missing_alternatives, "", '<img src="x.png" alt="../_images/x.png">'),
        (site.broken_links, "", '<a href="nowhere.html">there</a>'),
        (site.broken_links, "", '<a href="#nowhere">there</a>'),
        (site.unresolved_references, "", "see {eq}`eq-coin-mle`"),
        (site.heavy_pages, "", "x" * 1_600_000),
        (site.leaked_paths, "", str(ROOT)),
    ],
)
def test_broken_page_is_reported(tmp_path, check, head, body):
    (tmp_path / "book").mkdir()
    (tmp_path / "index.html").write_text(PAGE.format(head="", body=""))
    page = tmp_path / "book/coin.html"
    page.write_text(PAGE.format(head="", body="<p id='here'>fine</p>"))
    assert check(tmp_path) == []
    broken = tmp_path / "book/broken.html"
    broken.write_text(PAGE.format(head=head, body=body))
    (problem,) = check(tmp_path)
    assert problem.startswith("book/broken.html: ")


def test_external_address_in_a_stylesheet_is_reported(tmp_path):
    (tmp_path / "book").mkdir()
    sheet = tmp_path / "x.css"
    sheet.write_text("a { background: url(https://cdn.example/x.png) }")
    (problem,) = site.external_references(tmp_path)
    assert problem.startswith("x.css: a style loads https://cdn.example/x.png")
