"""Where one can go instead of a trail that is closed."""

from __future__ import annotations

import re

import pytest
from browsing import serve, serving
from gpxtext import gpx, track

ROWS = (
    "trail_id,checked_on,grade,fixed_on\n"
    "t0,2026-11-20,이용금지,2026-11-28\n"
    "t1,2026-11-20,이용금지,2026-11-24\n"
    "t2,2026-11-25,뭐지,2026-11-27\n"
    "전체,2026-12-24,이용금지,2026-12-24\n"
)


@pytest.fixture
def folder(make_folder, set_clock):
    """Make four trails from south to north; the first is closed by an inspection."""
    set_clock("2026-11-23T03:00:00")
    lines = {
        f"gpx/t{n}.gpx": gpx(
            track([(126.85, 35.14 + n / 200, 20), (126.853, 35.14 + n / 200, 40)], name=f"T{n}")
        )
        for n in range(4)
    }
    return make_folder({**lines, "layers/inspections.csv": ROWS})


def read_instead(client, query=""):
    """Return what a page says of other trails: what is shown of it."""
    text = client.get(f"/trails/t0?lang=en{query}").text
    box = re.search(r'<p class="instead[^>]*>.*?</p>', text, re.DOTALL)[0]
    if " hidden" in box.partition(">")[0]:
        return ""
    shown = re.findall(r"<span.*?</span>", box, re.DOTALL)
    shown = [part for part in shown if " hidden" not in part.partition(">")[0]]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", " ".join(shown))).strip()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        # The nearest is closed as well; the one after it is surely open.
        ("2026-11-23", "Nearest open trail: T2 1.1 km away in a straight line"),
        ("2026-11-25", "Nearest open trail: T1 555 m away in a straight line"),
        ("2026-11-29", ""),
        ("2026-12-24", "None of the 3 nearest trails is open on this day."),
    ],
)
def test_a_closed_trail_names_the_nearest_open_one(folder, day, words):
    assert read_instead(serve(folder).test_client(), f"&date={day}") == words


def test_a_trail_of_which_nobody_knows_is_not_named(folder):
    rows = ROWS.replace("t1,2026-11-20,이용금지,2026-11-24", "t1,2026-11-20,이용금지,2026-12-01")
    (folder / "layers" / "inspections.csv").write_text(rows, "utf-8")
    client = serve(folder).test_client()
    assert "T3" in read_instead(client, "&date=2026-11-26")


def test_the_browser_chooses_anew_on_another_day(visit, folder):
    with serving(folder) as url:
        page = visit("about:blank").page
        page.clock.install(time="2026-11-24T23:58:30+09:00")
        page.goto(f"{url}/trails/t0?lang=en&date=2026-11-24")
        page.wait_for_function("window.maenballoDays?.table")
        for day, words in (("2026-11-25", "T1"), ("2026-12-24", "None of"), ("2026-11-29", "")):
            page.evaluate("day => maenballoDays.setDay(day)", day)
            box = page.locator("[data-instead-of]")
            assert box.is_visible() == bool(words)
            assert words in box.inner_text()
            if words:  # with as much air above it as there is between other parts
                status = page.locator(".first > .status").bounding_box()
                assert box.bounding_box()["y"] - status["y"] - status["height"] >= 8
