"""The built site in a real browser, opened from disk, with the network blocked."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import browser, notebooks
from tools.browser import PHONE, Visit

PAGES = notebooks.toc_files()


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_in_both_themes(name, built, chromium):
    with Visit(chromium, built / f"{name}.html") as visit:
        visit.settle()
        problems = [*visit.noise, *browser.mathematics(visit.page)]
        visit.theme("light")
        problems += browser.accessibility(visit.page, code=False)
        visit.theme("dark")  # changes colors only
        dark = browser.accessibility(visit.page, only_contrast=True, code=False)
        problems += [f"dark theme: {problem}" for problem in dark]
    assert not problems, f"{name}:\n" + "\n".join(problems)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_has_contrast(theme, built, chromium):
    with Visit(chromium, built / "book/likelihood/coin.html") as visit:
        visit.settle()
        visit.theme(theme)
        assert browser.accessibility(visit.page, only_contrast=True) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(name, built, chromium):
    with Visit(chromium, built / f"{name}.html", viewport=PHONE) as visit:
        visit.settle()
        problems = [
            *visit.noise,
            *browser.sideways_scrolling(visit.page),
            *browser.accessibility(visit.page, contrast=False),
        ]
    assert not problems, f"{name}:\n" + "\n".join(problems)


def test_wide_inline_formulas_scroll_on_a_phone(built, chromium):
    path = built / "book/foundations/matrices.html"
    with Visit(chromium, path, viewport=PHONE) as visit:
        visit.settle()
        wide = visit.page.locator("span.math.wide")
        assert wide.count() > 0
        for formula in wide.all():
            assert formula.get_attribute("tabindex") == "0"
            formula.evaluate("e => { e.scrollLeft = 9999 }")
            assert formula.evaluate("e => e.scrollLeft") > 0


def test_numbers_of_equations_cover_no_formula_on_a_phone(built, chromium):
    path = built / "book/foundations/matrices.html"
    with Visit(chromium, path, viewport=PHONE) as visit:
        visit.settle()
        cut_off = visit.page.evaluate(
            """() => [...document.querySelectorAll('div.math:has(.eqno)')].filter(e => {
              const width = s => e.querySelector(s).getBoundingClientRect().width;
              return width('mjx-math') > width('mjx-container') + 1 &&
                width('mjx-math') <= e.clientWidth;
            }).map(e => e.id)"""
        )
    assert cut_off == []


def test_the_first_page_leads_to_the_book(built, chromium):
    with Visit(chromium, built / "index.html") as visit:
        visit.page.wait_for_url("**/book/index.html")
        assert visit.page.title().startswith("ML Notes")


def test_theme_button_turns_the_page_dark(built, chromium):
    with Visit(chromium, built / "book/notation.html") as visit:
        before = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        button = visit.page.locator("button.theme-switch-button:visible").first
        for _ in range(3):  # auto, light, dark
            button.click()
            if visit.page.evaluate("document.documentElement.dataset.theme") == "dark":
                break
        visit.page.wait_for_timeout(400)
        after = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after


def test_search_finds_a_lesson(built, chromium):
    # Browsers let no script read files beside a page opened from disk, so the excerpts
    # need a server; the list of results does not.
    handler = partial(_Quiet, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q=likelihood")
        page.locator("#search-results a", has_text="Likelihood and the coin").wait_for()
        page.close()
        server.shutdown()


PLAYER_PAGES = [
    notebooks.lesson_name(path)
    for path in notebooks.lesson_paths()
    if "plotting.player(" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", PLAYER_PAGES)
def test_players_step_with_buttons_and_keys(name, built, chromium):
    with Visit(chromium, built / f"book/{name}.html") as visit:
        for player in visit.page.locator(".mlnotes-player").all():
            shown = player.locator("img:visible")
            first = shown.get_attribute("alt")
            player.get_by_role("button", name="Next").click()
            second = shown.get_attribute("alt")
            player.get_by_role("button", name="Next").press("ArrowLeft")
            assert shown.get_attribute("alt") == first != second
            player.get_by_role("button", name="Play").click()
            player.get_by_role("button", name="Pause").click()
            slider = player.get_by_role("slider")
            slider.press("End")
            assert shown.get_attribute("alt") == player.locator(
                "img"
            ).last.get_attribute("alt")
        assert not visit.noise


@pytest.mark.parametrize("name", PLAYER_PAGES)
def test_players_stand_still_without_scripts(name, built, chromium):
    with Visit(
        chromium, built / f"book/{name}.html", java_script_enabled=False
    ) as visit:
        for player in visit.page.locator(".mlnotes-player").all():
            assert player.locator("img:visible").count() == 1
            assert player.get_by_role("button").count() == 0


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep requests out of the test's output."""
