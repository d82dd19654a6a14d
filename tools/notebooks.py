"""Notebooks of the book: where they are, their normal form, and what may be wrong.

In git a notebook holds text outputs without images, cells numbered as executed, and
nothing that depends on the machine. ``python -m tools.refresh`` brings it there.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbclient import NotebookClient

from tools import ROOT

BOOK = ROOT / "book"

# What the book's engine and nbval read from a cell; everything else is dropped.
CELL_METADATA = ("mystnb", "tags")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
IGNORED = "nbval-ignore-output"
LOCAL_PATH = re.compile(
    rf"({re.escape(str(ROOT))}|/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\)\w?"
)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
CLOSING = ["Check yourself", "Exercises", "Sources"]
FIX = "run `make refresh` and read the difference"


def toc_files(root: Path = ROOT) -> list[str]:
    """Files of the table of contents in reading order, without their suffix."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    return [toc["root"], *chapters]


def lesson_paths(root: Path = ROOT) -> list[Path]:
    """Notebooks of the book in reading order."""
    candidates = [root / f"{name}.ipynb" for name in toc_files(root)]
    return [path for path in candidates if path.exists()]


def lesson_name(path: Path) -> str:
    """Part and lesson, such as likelihood/coin."""
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> Any:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def prose(notebook: Any) -> str:
    """All Markdown of a notebook."""
    cells = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    return "\n\n".join(cells)


def code_cells(notebook: Any) -> list[Any]:
    """Code cells that hold code."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def use_quiet_kernel() -> None:
    """Run lessons with this Python, without a warning for each kernel that starts.

    Kernels talk to the book over the machine's own loopback, and say so every time.
    """
    folder = ROOT / "_build" / "jupyter"
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    argv = [*command, "--log-level=ERROR"]
    spec.write_text(json.dumps({"argv": argv, **KERNEL}), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)


def execute(path: Path, *, timeout: int = 120) -> Any:
    """Run a notebook in its own folder and return it with its outputs."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    return notebook


def normalize(notebook: Any) -> str:
    """Return the one text that an executed notebook has in git."""
    notebook.cells = [c for c in notebook.cells if c.source.strip()]
    seen: dict[str, int] = {}
    count = 0
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines())
        cell.metadata = {
            k: cell.metadata[k] for k in CELL_METADATA if k in cell.metadata
        }
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = list(_stored_outputs(cell))
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"


def _stored_outputs(cell: Any) -> Iterator[Any]:
    """Outputs as stored: streams merged, no image, nothing where nbval ignores it."""
    if IGNORED in cell.metadata.get("tags", []):
        return
    stream = None
    for output in cell.outputs:
        if output.output_type == "stream":
            if stream is not None and stream.name == output.name:
                stream.text += output.text
                continue
            stream = output
        else:
            stream = None
            if "data" in output:
                text = {
                    k: v for k, v in output.data.items() if not k.startswith("image/")
                }
                output.data = text
                output.metadata = {}
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        yield output


def problems(path: Path) -> list[str]:
    """What keeps a notebook out of the book, each with what to do about it."""
    name = lesson_name(path)
    notebook = read(path)
    text = path.read_text(encoding="utf-8")
    found = [*_output_problems(notebook), *_figure_problems(notebook)]
    found += _form_problems(notebook)
    if match := LOCAL_PATH.search(text):
        found.append(f"the path {match.group()}... of one machine: remove it, {FIX}")
    if normalize(notebook) != text:
        found.append(f"not in normal form: {FIX}")
    return [f"{name}: {problem}" for problem in found]


def _output_problems(notebook: Any) -> Iterator[str]:
    for number, cell in enumerate(code_cells(notebook), start=1):
        where = f"code cell {number} ({cell.source.splitlines()[0][:40]!r})"
        if cell.execution_count is None:
            yield f"{where} was never executed, so nbval would not compare it: {FIX}"
        elif cell.execution_count != number:
            yield f"{where} has the count {cell.execution_count}, not {number}: {FIX}"
        for output in cell.outputs:
            data = output.get("data", {})
            if any(kind.startswith("image/") for kind in data):
                yield f"{where} stores an image: {FIX}"
            if output.output_type == "error":
                yield f"{where} stores an error: mend the cell, then {FIX}"
            if output.get("name") == "stderr":
                yield f"{where} writes to stderr: mend the warning's cause, then {FIX}"
            shown = output.get("text", "") + str(data.get("text/plain", ""))
            if ADDRESS.search(shown):
                yield f"{where} prints a memory address: print a value, then {FIX}"


def _figure_problems(notebook: Any) -> Iterator[str]:
    for number, cell in enumerate(code_cells(notebook), start=1):
        shown = [o.get("data", {}).get("text/plain", "") for o in cell.outputs]
        if not any("<Figure size" in text for text in shown):
            continue
        mystnb = cell.metadata.get("mystnb", {})
        wanted = {
            "image.alt": mystnb.get("image", {}).get("alt"),
            "figure.caption": mystnb.get("figure", {}).get("caption"),
            "figure.name": mystnb.get("figure", {}).get("name"),
        }
        for key in [key for key, value in wanted.items() if not value]:
            yield f"the figure of code cell {number} has no mystnb {key}: add it"


def _form_problems(notebook: Any) -> Iterator[str]:
    text = prose(notebook)
    headings = re.findall(r"^## (.+)$", text, re.M)
    if not re.match(r"(\([\w-]+\)=\n)?# \S", text):
        yield "the first cell does not start with the title: write `# Title` there"
    if "**Before this:**" not in text:
        yield "no line **Before this:** that links the lessons it needs: add it"
    if headings[-3:] != CLOSING:
        yield f"the last three sections are {headings[-3:]}: they have to be {CLOSING}"


def equation_labels(notebook: Any) -> list[str]:
    """Labels of the equations in a notebook, in order."""
    return re.findall(r"\$\$\s*\((eq-[a-z0-9-]+)\)\s*$", prose(notebook), re.M)


def section_labels(notebook: Any) -> list[str]:
    """Labels of sections, the ids of the topics that they teach."""
    return re.findall(r"^\(([a-z0-9][a-z0-9-]*)\)=\s*$", prose(notebook), re.M)


def citations(notebook: Any) -> set[str]:
    """Keys of the works that a notebook cites."""
    groups = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", prose(notebook))
    return {key.strip() for group in groups for key in group.split(",")}


def bibliography_keys(root: Path = ROOT) -> list[str]:
    """Keys of the bibliography."""
    text = (root / "book" / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{([^,\s]+),", text, re.M)
