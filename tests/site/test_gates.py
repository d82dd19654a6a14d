"""Negative controls: the browser checks have to report pages broken on purpose."""

import pytest

from tools import browser
from tools.browser import PHONE, Visit

FINE = """<!doctype html><html lang="en"><head><title>Fine</title></head>
<body><main><article><h1>Fine</h1>{}</article></main></body></html>"""


@pytest.fixture
def visit(chromium, tmp_path):
    """A function that opens a page with the given body."""
    opened = []

    def open_page(body, **options):
        page = tmp_path / "page.html"
        page.write_text(FINE.format(body), encoding="utf-8")
        opened.append(Visit(chromium, page, **options))
        opened[-1].settle()
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()


def test_a_sound_page_passes(visit):
    seen = visit("<p>Nothing wrong here.</p>", viewport=PHONE)
    assert seen.noise == []
    assert browser.mathematics(seen.page) == []
    assert browser.sideways_scrolling(seen.page) == []
    assert browser.accessibility(seen.page) == []


def test_request_to_another_host_is_reported(visit):
    seen = visit('<script src="https://cdn.example/x.js"></script>')
    assert any("request to https://cdn.example/x.js" in n for n in seen.noise)


def test_script_error_is_reported(visit):
    seen = visit("<script>undefinedFunction()</script>")
    assert any("undefinedFunction" in n for n in seen.noise)


def test_raw_mathematics_is_reported(visit):
    seen = visit('<span class="math">\\(x^2\\)</span>')
    assert browser.mathematics(seen.page) == ["not rendered: \\(x^2\\)"]


def test_sideways_scrolling_is_reported(visit):
    seen = visit('<div style="width: 900px">wide</div>', viewport=PHONE)
    assert "the page scrolls sideways" in browser.sideways_scrolling(seen.page)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="x.png">', "image-alt"),
        ('<p style="color: #ddd">faint</p>', "color-contrast"),
        ("<button></button>", "button-name"),
    ],
)
def test_barrier_is_reported(visit, body, rule):
    found = browser.accessibility(visit(body).page)
    assert any(problem.startswith(rule) for problem in found)
