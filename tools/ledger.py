"""The verification ledger: which test verifies which equation of the book."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, notebooks


@dataclass(frozen=True)
class Verification:
    """One test that verifies one labelled equation."""

    label: str
    path: str
    test: str
    summary: str


def equations(root: Path = ROOT) -> dict[str, str]:
    """Labelled equations of the book in reading order, each with its lesson's file."""
    return {
        label: path.relative_to(root).with_suffix("").as_posix()
        for path in notebooks.lesson_paths(root)
        for label in notebooks.equation_labels(notebooks.read(path))
    }


def verifications(root: Path = ROOT) -> list[Verification]:
    """Tests marked with ``@pytest.mark.equation("eq-...")``."""
    paths = sorted((root / "tests").rglob("test_*.py"))
    return [found for path in paths for found in _marked_tests(path, root)]


def _marked_tests(path: Path, root: Path) -> Iterator[Verification]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if not (
                isinstance(mark, ast.Call)
                and ast.unparse(mark.func) == "pytest.mark.equation"
            ):
                continue
            summary = (ast.get_docstring(node) or "").split("\n")[0].rstrip(".")
            for argument in mark.args:
                label = ast.literal_eval(argument)
                where = path.relative_to(root).as_posix()
                yield Verification(label, where, node.name, summary)


def problems(root: Path = ROOT) -> list[str]:
    """Equations without a test and marks without an equation, with what to do."""
    book, tests = equations(root), verifications(root)
    verified = {v.label for v in tests}
    unverified = [
        f"{lesson}: no test verifies {label}: mark one with "
        f'@pytest.mark.equation("{label}") in tests/equations/'
        for label, lesson in book.items()
        if label not in verified
    ]
    unknown = [
        f"{v.path}::{v.test}: the book has no equation labelled {v.label}: "
        "correct the mark or label the equation"
        for v in tests
        if v.label not in book
    ]
    nameless = [
        f"{v.path}::{v.test}: say in the docstring's first line by which route it "
        "verifies the equation"
        for v in tests
        if not v.summary
    ]
    return unverified + unknown + nameless
