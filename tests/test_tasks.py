"""Eleven tasks of residents, from the first page on, and how many taps each of them takes.

They stand in one file because what they share is the count: each begins on the first page of a
phone, and is done only by what can be seen and tapped there.
"""

from __future__ import annotations

import pytest
import shapely
from browsing import NOVEMBER, PHONE, Taps, needs_chromium, settle_sheet
from test_design import LEAST_LARGE_PX, SMALL_TEXTS
from test_first_screen import FOCUSED, LINES, LISTED, NEAREST, WHOLE_CARDS

pytestmark = needs_chromium

LANGUAGES = ("ko", "en")
ON_TRAIL_DEG = 1e-4
"""Some ten metres: where a way there has to end."""
RANKED = """() => [...document.querySelectorAll(".pin-pill")].filter(pill => {
  const box = pill.getBoundingClientRect();
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
}).length"""


@pytest.fixture
def begin(visit_home, home_url):
    """Begin a task: open the first page anew, in a language, with no tap done."""
    visits = []

    def go(lang: str, **options):
        if not visits:
            visits.append(visit_home(f"/?lang={lang}", PHONE, reduced_motion="reduce", **options))
        else:
            visits[0].page.goto(f"{home_url}/?lang={lang}", wait_until="load")
            settle_sheet(visits[0])
        return visits[0], Taps(visits[0].page)

    return go


def test_the_nearest_open_trail_where_the_position_is_refused_takes_two_taps(begin, sample_city):
    states = sample_city.trails_on(NOVEMBER)["state"]
    for lang in LANGUAGES:
        seen, hand = begin(lang, permissions=[])
        # Three are answered before anything is tapped, from a place that is named.
        assert seen.page.evaluate(WHOLE_CARDS) == 3
        before = seen.page.evaluate(NEAREST)
        hand.tap("#locate")
        seen.page.wait_for_selector("#place-notice:not([hidden])")
        hand.tap("#area")
        hand.enter("#area", "pungam")
        seen.page.wait_for_selector("#place-notice", state="hidden")
        ids = seen.page.evaluate(NEAREST)
        assert ids != before
        assert {states[id_] for id_ in ids} == {"open"}
        settle_sheet(seen)
        assert seen.page.evaluate(WHOLE_CARDS) == 3
        assert (hand.taps, hand.entries) == (2, 1)


@pytest.mark.parametrize("facility", ["foot_wash", "toilet"])
def test_a_foot_wash_or_a_toilet_near_me_takes_one_tap(begin, sample_city, facility):
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        everything = set(seen.page.evaluate(LISTED))
        hand.tap(f"#filters .chip:has([name={facility}])")
        settle_sheet(seen)
        listed = set(seen.page.evaluate(LISTED))
        assert listed < everything
        assert sample_city.trails.loc[list(listed), facility].all()
        # It stands on the map, and the three nearest with their numbers.
        assert listed == set(seen.page.evaluate(LINES))
        assert seen.page.evaluate(RANKED) > 0
        assert seen.page.evaluate(WHOLE_CARDS) == 3
        assert (hand.taps, hand.entries) == (1, 0)


def test_what_is_open_on_20_december_takes_two_taps(begin):
    words = {"ko": "12월 20일에", "en": "No trail is open on"}
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        hand.tap("[data-day-open]")
        hand.enter("#day-dialog [name=date]", "2026-12-20")
        hand.tap("#day-dialog .main")
        seen.page.wait_for_selector("#none:not([hidden])")
        assert words[lang] in seen.page.inner_text("#none")
        assert (hand.taps, hand.entries) == (2, 1)


def test_what_is_open_tomorrow_and_at_the_weekend_takes_two_taps_and_no_entry(begin):
    """The days that people ask for most are named; so is the first on which trails open again."""
    words = {
        "ko": ("11월 27일에", "11월 28일에", "3월 1일에"),
        "en": ("27 Nov", "28 Nov", "1 March"),
    }
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        for number, title in enumerate(words[lang], start=1):
            hand.tap("[data-day-open]")
            hand.tap("[data-quick-days] .btn", number)
            seen.page.wait_for_function(
                "title => document.querySelector('#title').textContent.includes(title)", arg=title
            )
            assert seen.page.evaluate(WHOLE_CARDS) == 3
            assert (hand.taps, hand.entries) == (2 * number, 0)


def test_shops_near_a_trail_that_take_mobile_onnuri_take_two_taps(begin):
    words = {"ko": "모바일", "en": "Mobile"}
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        hand.tap("#nearest .card")
        hand.tap("#pick-more")
        seen.page.wait_for_load_state("load")
        shops = seen.page.locator(".eat li")
        assert shops.count() > 0
        assert shops.filter(has_text=words[lang]).count() > 0
        assert hand.taps == 2


# Notes where a link leads that was tapped, and stays: that map is another site's.
NOTE_LINK = """() => document.addEventListener("click", event => {
  window.linkTo = event.target.closest("a")?.href;
  event.preventDefault();
})"""


def test_the_way_there_takes_two_taps(begin, sample_city):
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        hand.tap("#nearest .card")
        trail = sample_city.trails.geometry[seen.page.get_attribute("#pick", "data-id")]
        seen.page.evaluate(NOTE_LINK)
        hand.tap("#pick-way")
        link = seen.page.evaluate("window.linkTo")
        assert link.startswith("https://map.kakao.com/link/to/")
        lat, lon = map(float, link.split(",")[-2:])
        assert trail.distance(shapely.Point(lon, lat)) < ON_TRAIL_DEG
        assert hand.taps == 2


def test_sharing_a_trail_takes_two_taps(begin, home_url):
    for lang in LANGUAGES:
        seen, hand = begin(lang, permissions=["clipboard-read", "clipboard-write"])
        hand.tap("#nearest .card")
        id_ = seen.page.get_attribute("#pick", "data-id")
        hand.tap("#pick-share")
        seen.page.wait_for_selector("#pick-share span:not(.sr)")
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"{home_url}/trails/{id_}?")
        assert hand.taps == 2


def test_the_poster_of_a_trail_takes_three_taps(begin):
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        hand.tap("#nearest .card")
        hand.tap("#pick-more")
        hand.tap("a[href*='/poster']")
        seen.page.wait_for_selector("main.sheet .paper-map")
        assert hand.taps == 3


@pytest.mark.slow  # the site is kept first
def test_without_signal_the_first_page_takes_no_tap(visit, home_url):
    seen = visit(f"{home_url}/?lang=ko", keeps=True)
    seen.wait_until("caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)")
    seen.page.context.set_offline(True)
    for lang in LANGUAGES:
        seen.page.goto(f"{home_url}/?lang={lang}")
        settle_sheet(seen)
        assert len(seen.page.evaluate(LINES)) > 0
        # One card more or less of three: a strip says that there is no signal.
        assert seen.page.evaluate(WHOLE_CARDS) >= 2
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]


def test_large_text_takes_two_taps(begin):
    for lang in LANGUAGES:
        seen, hand = begin(lang)
        hand.tap(".menu summary")
        hand.tap(".menu [data-size-switch]")
        assert seen.page.get_attribute("html", "data-size") == "large"
        hand.press("Escape")
        settle_sheet(seen)
        assert seen.page.evaluate(SMALL_TEXTS, LEAST_LARGE_PX) == []
        assert hand.taps == 2
        seen.page.evaluate("localStorage.clear()")


def test_a_trail_its_page_and_its_poster_are_reached_by_keyboard_alone(begin):
    def press_tab_until(hand, selector: str) -> None:
        for _ in range(60):
            hand.press("Tab")
            assert hand.page.evaluate(FOCUSED) != "body", selector
            if hand.page.evaluate("at => document.activeElement.matches(at)", selector):
                return
        raise AssertionError(f"not reached: {selector}")

    for lang in LANGUAGES:
        seen, hand = begin(lang)
        press_tab_until(hand, "#filters [name=toilet]")
        hand.press("Space")
        settle_sheet(seen)
        press_tab_until(hand, "#nearest .card")
        hand.press("Enter")
        seen.page.wait_for_selector("#pick:not([hidden])")
        id_ = seen.page.get_attribute("#pick", "data-id")
        press_tab_until(hand, "#pick-more")
        hand.press("Enter")
        seen.page.wait_for_url(f"**/trails/{id_}?**")
        press_tab_until(hand, "a[href*='/poster']")
        hand.press("Enter")
        seen.page.wait_for_url(f"**/trails/{id_}/poster?**")
        assert hand.taps == 0
        assert len(hand.keys) < 90
