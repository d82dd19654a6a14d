"""Sphinx extension of the book: mathematics without a network, and the ledger page."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import ledger

# The one bundle that renders TeX, and its fonts; the rest of MathJax is 9 MB more.
MATHJAX_FILES = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


class LedgerTable(SphinxDirective):
    """The directive ``{ledger}``: every equation with its lesson and its tests."""

    def run(self) -> list[Any]:
        """Write the table as MyST, so that its links resolve like any others."""
        # Tests and other lessons can change while this page does not.
        self.env.note_reread()
        routes: dict[str, list[str]] = {}
        for v in ledger.verifications():
            routes.setdefault(v.label, []).append(f"{v.summary}: `{v.test}`")
        lessons: dict[str, list[str]] = {}
        for label, lesson in ledger.equations().items():
            row = f"| {{eq}}`{label}` | {'; '.join(routes.get(label, []))} |"
            lessons.setdefault(lesson, []).append(row)
        text = []
        for lesson, rows in lessons.items():
            test = lesson.replace("-", "_").replace("book/", "tests/equations/", 1)
            folder, _, name = test.rpartition("/")
            text += [f"{{doc}}`/{lesson}`, in `{folder}/test_{name}.py`:", ""]
            text += ["| Equation | Verified by |", "|---|---|", *rows, ""]
        return self.parse_text_to_nodes("\n".join(text))


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Put what the pages need of MathJax beside them."""
    if error is not None or app.builder.format != "html":
        return
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("sphinx-mathjax-offline: pip install it")
    source = Path(spec.origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX_FILES:
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, destination, dirs_exist_ok=True)
        else:
            shutil.copy2(source / name, destination)


def mend_roles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Drop the list role of the bibliography, whose entries are no list items."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )


def silence_thebe(app: Sphinx) -> None:
    """Detach sphinx-thebe, which the theme loads: it prepares live code from a host."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and the copying."""
    app.add_directive("ledger", LedgerTable)
    app.connect("builder-inited", silence_thebe, priority=0)
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
