"""The notebooks as they lie in git: executed, without images, in their normal form."""

import pytest

from tools import ROOT, notebooks
from tools.notebooks import lesson_name, lesson_paths

LESSONS = lesson_paths()


@pytest.mark.parametrize("path", LESSONS, ids=lesson_name)
def test_notebook_is_ready_for_the_book(path):
    problems = notebooks.problems(path)
    assert not problems, "\n".join(problems)


def test_every_notebook_is_in_the_table_of_contents():
    strays = set((ROOT / "book").rglob("*.ipynb")) - set(LESSONS)
    strays = {p for p in strays if ".ipynb_checkpoints" not in p.parts}
    assert not strays, f"add them to _toc.yml or remove them: {sorted(strays)}"


def test_every_file_of_the_table_of_contents_exists():
    missing = [
        name
        for name in notebooks.toc_files()
        if not any((ROOT / f"{name}{end}").exists() for end in (".ipynb", ".md"))
    ]
    assert not missing, f"write them or take them out of _toc.yml: {missing}"


def test_section_labels_are_unique_in_the_book():
    seen: dict[str, str] = {}
    for path in LESSONS:
        for label in notebooks.section_labels(notebooks.read(path)):
            assert label not in seen, f"{label} labels {seen[label]} and {path.stem}"
            seen[label] = path.stem


def test_equation_labels_start_with_their_lesson():
    for path in LESSONS:
        for label in notebooks.equation_labels(notebooks.read(path)):
            wanted = f"eq-{path.stem}-"
            assert label.startswith(wanted), f"{lesson_name(path)}: rename {label}"


def test_bibliography_has_no_entry_that_nobody_cites():
    entries = set(notebooks.bibliography_keys())
    cited = {k for p in LESSONS for k in notebooks.citations(notebooks.read(p))}
    assert cited <= entries, f"add to book/references.bib: {sorted(cited - entries)}"
    assert entries <= cited, f"cite or remove: {sorted(entries - cited)}"


def test_the_template_has_the_form_of_a_lesson():
    template = ROOT / "tools" / "template.ipynb"
    assert notebooks.problems(template) == []
    assert notebooks.normalize(notebooks.execute(template)) == template.read_text(
        encoding="utf-8"
    )
