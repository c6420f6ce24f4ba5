"""What holds while map, sheet and day change: the map moves once, and marks and words follow."""

from __future__ import annotations

import pytest
from browsing import PHONE, needs_chromium

pytestmark = [needs_chromium]

COUNT_MOVES = """([ids, place]) => {
  const counts = { movestart: 0, moveend: 0, zoomend: 0 };
  for (const name of Object.keys(counts)) map_main.on(name, () => counts[name]++);
  const before = [map_main.getZoom(), map_main.getCenter()].join();
  maenballo.fitTrails(ids, place);
  return [counts, [map_main.getZoom(), map_main.getCenter()].join() !== before];
}"""

COUNT_PROJECTIONS = """() => {
  const counts = new Map(), project = L.Polyline.prototype._project;
  L.Polyline.prototype._project = function () {
    counts.set(this, 1 + (counts.get(this) || 0));
    return project.call(this);
  };
  map_main.setView([35.14, 126.87], 14, { animate: false });
  L.Polyline.prototype._project = project;
  return [counts.size, Math.max(...counts.values())];
}"""

LIST_MARKS = """() => [...document.querySelectorAll(".leaflet-pins-pane > *")]
  .map(mark => mark.textContent + mark.getAttribute("aria-label"))"""

MOVE_AWAITED = f"""async () => {{
  const list = {LIST_MARKS}, before = list();
  const frame = () => new Promise(done => requestAnimationFrame(done));
  maenballo.awaitView();
  map_main.setView([35.14, 126.87], 16, {{ animate: false }});
  await frame();
  await frame();
  return [before, list()];
}}"""

NAMES_UNDER = """() => {
  const covers = [".sheet", ".map-tools", ".filters"].map(at =>
    document.querySelector(at).getBoundingClientRect());
  return [...document.querySelectorAll(".name-text")].filter(function (name) {
    const box = name.getBoundingClientRect();
    return covers.some(cover => box.left < cover.right && box.right > cover.left
      && box.top < cover.bottom && box.bottom > cover.top);
  }).map(name => name.textContent);
}"""


@pytest.mark.parametrize(
    "ids", [["geumdangsan-1", "geumdangsan-2", "geumdang-elementary-school"], ["balsan-park"]]
)
def test_the_map_moves_once_to_the_nearest_trails(visit, home_url, ids):
    """Views are tried without showing them, so nobody sees the map search."""
    page = visit(f"{home_url}/?lang=ko", reduced_motion="reduce").page
    page.evaluate("map_main.setView([35.15, 126.85], 12, { animate: false })")
    counts, has_moved = page.evaluate(COUNT_MOVES, [ids, {"lat": 35.1265, "lon": 126.8785}])
    assert has_moved
    assert counts == {"movestart": 1, "moveend": 1, "zoomend": 1}


def test_a_move_projects_each_line_once(visit, home_url):
    """Leaflet itself does so after the zoom and after the move, which a slow telephone feels."""
    page = visit(f"{home_url}/map?lang=ko").page
    lines, most = page.evaluate(COUNT_PROJECTIONS)
    assert lines >= 32
    assert most == 1


def test_no_marks_are_placed_until_a_page_has_said_what_it_shows(visit, home_url):
    """Pins of the whole city would be placed for nothing; a page whose script stops has them."""
    page = visit(f"{home_url}/?lang=ko", reduced_motion="reduce").page
    before, meanwhile = page.evaluate(MOVE_AWAITED)
    assert before == meanwhile
    page.wait_for_function(f"before => ({LIST_MARKS})().join() !== before.join()", arg=before)


def test_names_leave_what_a_page_says_is_covered(visit, home_url):
    """A page covers the map without moving it: nothing but the page's word makes it place anew."""
    seen = visit(f"{home_url}/map?lang=ko")
    names_above = """() => [...document.querySelectorAll(".name-text")]
      .filter(name => name.getBoundingClientRect().top < 300).length"""
    assert seen.page.evaluate(names_above)
    seen.page.evaluate("maenballo.setInsets({ top: 300 })")
    seen.page.wait_for_function(f"() => ({names_above})() === 0")
    seen.settle()
    assert seen.page.evaluate("document.querySelectorAll('.name-text').length")


def test_names_stand_off_the_sheet_wherever_it_comes_to_rest(visit, home_url):
    seen = visit(f"{home_url}/?lang=ko", PHONE)
    page = seen.page
    page.evaluate("map_main.setView([35.14, 126.87], 15, { animate: false })")
    seen.settle()
    assert page.evaluate(NAMES_UNDER) == []
    sheet = page.locator("#sheet")
    half = sheet.bounding_box()["y"]
    head = page.locator("#list-head").bounding_box()
    page.mouse.move(head["x"] + 30, head["y"] + 12)
    page.mouse.down()
    page.mouse.move(head["x"] + 30, head["y"] + 262, steps=8)
    page.wait_for_timeout(200)  # held: this is no flick
    page.mouse.up()
    seen.settle()
    # Where the sheet was, there are names now; the tools have gone down with it.
    tops = page.evaluate(
        "[...document.querySelectorAll('.name-text')].map(x => x.getBoundingClientRect().bottom)"
    )
    assert any(top > half for top in tops)
    assert page.evaluate(NAMES_UNDER) == []
    page.locator("#handle").click()
    seen.settle()
    seen.wait_until(f"() => ({NAMES_UNDER})().length === 0")
    assert sheet.bounding_box()["y"] == pytest.approx(half, abs=1)


def test_the_tools_of_the_map_have_names_and_say_when_they_do_nothing(visit, home_url):
    for lang, names in (("ko", ["축소", "확대"]), ("en", ["Zoom out", "Zoom in"])):
        page = visit(f"{home_url}/?lang={lang}", reduced_motion="reduce").page
        tools = page.locator(".map-tools button")
        assert tools.evaluate_all("all => all.map(x => x.getAttribute('aria-label'))") == names
        page.evaluate("map_main.setZoom(map_main.getMaxZoom(), { animate: false })")
        is_disabled = "all => all.map(x => x.getAttribute('aria-disabled'))"
        assert tools.evaluate_all(is_disabled) == ["false", "true"]


def test_a_list_announces_the_end_of_the_season_on_the_days_before_it_alone(visit, home_url):
    page = visit(f"{home_url}/trails?lang=ko").page
    banner = page.locator("[data-season-end]")
    assert "11월 30일까지" in banner.inner_text()
    page.evaluate("maenballoDays.setDay('2026-12-20')")
    banner.wait_for(state="hidden")
    page.evaluate("maenballoDays.setDay('2026-11-20')")
    banner.wait_for(state="visible")
    assert "11월 30일까지" in banner.inner_text()
