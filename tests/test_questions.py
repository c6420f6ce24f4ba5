"""What residents ask, each answered within two taps from the first page, in both languages.

A field of the device (a date, words typed into the search) is an entry and no tap.
"""

from __future__ import annotations

import pytest
from browsing import NOVEMBER, Taps, needs_chromium, settle_sheet

pytestmark = needs_chromium

MODES = [(lang, size) for lang in ("ko", "en") for size in ("", "&size=large")]
WORDS = {
    "ko": {
        "checked": "확인 11월 24일",
        "stop": ("상무시민공원 (견본)", "정류장 번호 0001", "걸어서"),
        "steps": "계단",
        "instead": "열려 있는 가장 가까운 맨발길:",
        "closed": "금호어린이공원",
        "bring": "가져갈 서류",
        "month": "월별",
    },
    "en": {
        "checked": "Checked 24 November",
        "stop": ("Sangmu Citizens Park (sample)", "number on the pole 0001", "min on foot"),
        "steps": "Steps",
        "instead": "Nearest open trail:",
        "closed": "Geumho",
        "bring": "You bring",
        "month": "By month",
    },
}


@pytest.fixture(params=MODES, ids=lambda mode: mode[0] + ("-large" if mode[1] else ""))
def ask(request, visit_home):
    """Open the first page in a language and a size of text; count what is tapped from there."""
    lang, size = request.param
    seen = visit_home(f"/?lang={lang}{size}")
    hand = Taps(seen.page)
    yield seen, hand, WORDS[lang]
    assert hand.taps <= 2


def open_trail(seen, hand, name: str) -> str:
    """Find a trail by its name, and open its page; return all that it says."""
    hand.enter("#q", name)
    seen.page.wait_for_selector("#results [role=option]")
    hand.tap("#results [role=option]")
    settle_sheet(seen)
    hand.tap("#pick-more")
    seen.page.wait_for_selector("h1#name")
    return seen.page.inner_text("main")


def test_is_it_open_on_20_december(ask):
    seen, hand, _ = ask
    hand.tap("[data-day-open]")
    hand.enter("dialog input[type=date]", "2026-12-20")
    hand.tap("dialog [type=submit]")
    seen.page.wait_for_function("location.search.includes('date=2026-12-20')")
    assert seen.page.locator("#none").is_visible()
    assert "20" in seen.page.inner_text("#none")


def test_when_was_it_checked(ask):
    seen, hand, words = ask
    assert NOVEMBER.isoformat() >= "2026-11-24"
    assert words["checked"] in open_trail(seen, hand, "상무시민공원")


def test_which_bus_goes_there(ask):
    seen, hand, words = ask
    open_trail(seen, hand, "상무시민공원")
    # Its name, the number on the pole and the minutes, in one line and without a tap more.
    line = seen.page.inner_text("[data-arrival=stops] >> nth=0")
    assert [part for part in words["stop"] if part not in line] == []


def test_is_there_a_toilet(ask):
    seen, hand, _ = ask
    # Every card says it, before anything is tapped.
    assert seen.page.locator("#nearest .card:visible .wc").count() >= 3
    assert hand.taps == 0


def test_are_there_stairs(ask):
    seen, hand, words = ask
    assert words["steps"] in open_trail(seen, hand, "금당산")


def test_where_else_now_that_it_is_closed(ask):
    seen, hand, words = ask
    said = open_trail(seen, hand, words["closed"])
    assert words["instead"] in said
    assert seen.page.locator(".instead a:visible").count() == 1


def test_what_can_i_apply_for_and_with_what_papers(ask):
    seen, hand, words = ask
    hand.tap(".menu summary")
    hand.tap(".menu a[href*='help/']")
    seen.page.wait_for_selector("#listed .programme")
    said = seen.page.inner_text("#listed")
    assert said.count(words["bring"]) == seen.page.locator("#listed .programme").count() == 15
    # The line about money that is known, and that its papers are not.
    card = seen.page.inner_text("#listed .programme >> nth=0")
    assert any(amount in card for amount in ("300만", "3,000,000"))
    assert any(unknown in card for unknown in ("확인 필요", "To be confirmed"))


def test_where_is_my_centre_and_when_is_it_open(ask):
    seen, hand, _ = ask
    seen.page.goto(seen.page.url.replace("/?", "/help/?"))
    before = len(seen.requests)
    hand.tap("#locate")
    seen.page.wait_for_selector("details.area[open]")
    box = seen.page.locator("details.area[open]")
    assert box.count() == 1
    assert box.locator("a[href^='tel:']").count() == 1
    assert box.locator("dd").count() >= 3
    # The position went nowhere.
    assert [url for url in seen.requests[before:] if "favicon" not in url] == []


def test_was_my_kind_of_message_answered_in_time(ask):
    seen, hand, words = ask
    hand.tap(".foot-links a[href*='statistics']")
    seen.page.wait_for_selector("#by-month")
    assert seen.page.inner_text("#by-month") == words["month"]
    assert seen.page.locator("td .num").count() > 20


def test_choosing_needs_no_reload_and_stands_in_the_address(visit_home):
    seen = visit_home("/?lang=ko")
    seen.page.goto(seen.page.url.replace("/?", "/help/?"))
    before = len(seen.requests)
    seen.page.click("a[data-field=need][data-value='030']")
    assert seen.page.locator("#listed .programme:visible").count() == 5
    seen.page.click("a[data-field=life][data-value='006']")
    left = seen.page.locator("#listed .programme:visible").count()
    assert "need=030" in seen.page.url
    assert "life=006" in seen.page.url
    assert [url for url in seen.requests[before:] if "favicon" not in url] == []
    # The server says the same of that address.
    seen.page.goto(seen.page.url)
    assert seen.page.locator("#listed .programme:visible").count() == left == 2


@pytest.mark.slow  # the site is kept first
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_same_is_answered_without_signal(visit, home_url, lang):
    seen = visit(f"{home_url}/?lang={lang}", keeps=True)
    seen.wait_until("caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)")
    seen.page.context.set_offline(True)
    seen.page.set_default_timeout(30_000)
    words = WORDS[lang]

    def begin():
        seen.page.goto(f"{home_url}/?lang={lang}")
        settle_sheet(seen)
        return Taps(seen.page)

    hand = begin()
    assert seen.page.locator("#nearest .card:visible .wc").count() >= 2
    hand.tap("[data-day-open]")
    hand.enter("dialog input[type=date]", "2026-12-20")
    hand.tap("dialog [type=submit]")
    seen.page.wait_for_selector("#none:not([hidden])")
    hand = begin()
    said = open_trail(seen, hand, "상무시민공원")
    assert all(words[each] in said for each in ("checked", "steps"))
    hand = begin()
    assert words["instead"] in open_trail(seen, hand, words["closed"])
    hand = begin()
    hand.tap(".menu summary")
    hand.tap(".menu a[href*='help/']")
    seen.page.wait_for_selector("#listed .programme")
    assert words["bring"] in seen.page.inner_text("#listed")
    hand = begin()
    hand.tap(".foot-links a[href*='statistics']")
    seen.page.wait_for_selector("#by-month")
    assert hand.taps <= 2
