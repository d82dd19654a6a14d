"""The built site without a browser: references, alternative texts, links, weight."""

import pytest

from tools import notebooks, site


@pytest.mark.parametrize("check", site.CHECKS, ids=lambda check: check.__name__)
def test_site(check, built):
    problems = check(built)
    assert not problems, "\n".join(problems)


def test_every_page_of_the_table_of_contents_was_built(built):
    for name in notebooks.toc_files():
        assert (built / f"{name}.html").exists(), f"{name} was not built"


def test_mathjax_ships_only_what_pages_need(built):
    folder = built / "_static" / "mathjax"
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    assert 500_000 < size < 2_500_000
