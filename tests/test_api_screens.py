"""The API's pages in a browser: what a person sees of long tables, forms and headings."""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, needs_chromium

LINE_PX = 30
"""More than a line of a cell is high."""

pytestmark = needs_chromium


def test_rows_of_a_table_are_as_high_as_the_words_that_are_seen_need(visit, sample_url):
    for window in (PHONE, DESK):
        seen = visit(f"{sample_url}/api/collections/trails/items?lang=ko&f=html", window)
        heights = seen.page.evaluate(
            "[...document.querySelectorAll('.data tbody tr')].map(row => row.offsetHeight)"
        )
        assert len(heights) == 32
        assert max(heights) < 4 * LINE_PX
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= window["width"]


def test_no_cell_of_a_table_lies_over_the_next(visit, sample_url):
    seen = visit(f"{sample_url}/api/collections/trails/items?lang=ko&f=html", DESK)
    wider = seen.page.evaluate(
        """[...document.querySelectorAll('.data td, .data th')]
        .filter(cell => cell.scrollWidth > cell.offsetWidth).map(cell => cell.innerText)"""
    )
    assert wider == []


@pytest.mark.parametrize("query", ["", "&limit=5&offset=5", "&neighborhood=nowhere"])
def test_lists_break_no_rule_of_axe(visit, sample_url, query):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    for collection in ("trails", "inspections") if "nowhere" not in query else ("trails",):
        seen = visit(
            f"{sample_url}/api/collections/{collection}/items?lang=ko&f=html{query}", PHONE
        )
        seen.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        answer = Axe().run(seen.page).response
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in answer["violations"]] == []
        assert seen.page.locator("main section:empty, nav:empty").count() == 0


def test_what_is_folded_is_marked_and_paper_has_no_empty_bands(visit, sample_url):
    for path in ("trails", "trails/items", "inspections/items?limit=5"):
        address = f"{sample_url}/api/collections/{path}{'&' if '?' in path else '?'}lang=ko&f=html"
        seen = visit(address, DESK)
        assert seen.page.locator("main summary:not(:has(svg))").count() == 0
        seen.page.emulate_media(media="print")
        empty = seen.page.evaluate(
            """[...document.querySelectorAll('main > section')].filter(each => each.offsetHeight
            && !each.innerText.trim() && !each.querySelector('svg.drawing')).length"""
        )
        assert empty == 0
        assert not seen.page.locator(".downloads").first.is_visible()
