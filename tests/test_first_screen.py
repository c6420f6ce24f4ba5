"""The first page in Chromium: three trails at once, one state for list and map, ways back."""

from __future__ import annotations

import re
from html import escape

import pytest
from browsing import DESK, NOVEMBER, PHONE, SEOGU, SIZES, needs_chromium, serving, settle_sheet
from gpxtext import gpx, track

pytestmark = needs_chromium

WHOLE_CARDS = """() => [...document.querySelectorAll("#nearest .card")].filter(card => {
  const box = card.getBoundingClientRect();
  // A card is whole where its corners are what one sees at their places.
  return [[box.left + 2, box.top + 2], [box.right - 2, box.bottom - 2]].every(([x, y]) =>
    x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight
    && document.elementFromPoint(x, y)?.closest(".card") === card);
}).length"""
# Pins that have their name right beside them.
NAMED_PINS = """() => {
  const list = at => [...document.querySelectorAll(at)].map(each => each.getBoundingClientRect());
  const names = list(".name-trails .name-text");
  return list(".look-pin .pin").filter(pin =>
    names.some(name => Math.abs(name.top + name.bottom - pin.top - pin.bottom) < 8
      && Math.min(Math.abs(name.left - pin.right), Math.abs(pin.left - name.right)) < 10)).length;
}"""
# Cards whose length has slipped below the state, or whose facilities take two lines.
BROKEN_CARDS = """() => [...document.querySelectorAll("#nearest .card")].filter(function (card) {
  const box = at => card.querySelector(at).getBoundingClientRect();
  return box(".len").top >= box(".state").bottom - 2
    || box(".has").height > 1.5 * box(".has li").height;
}).map(card => card.textContent)"""
LISTED = """() => [...document.querySelectorAll("#nearest > li, #others > li")]
  .filter(item => !item.hidden).map(item => item.dataset.id)"""
NEAREST = """() => [...document.querySelectorAll("#nearest > li")].map(item => item.dataset.id)"""
FOCUSED = """() => { const at = document.activeElement;
  return at === document.body ? "body" : at.id || at.dataset.id || at.className; }"""


# -- at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_three_whole_cards_stand_on_the_first_screen_of_every_size(visit_home, home_url, lang):
    """On a phone that lies on its side there are two."""
    seen = visit_home(f"/?lang={lang}", reduced_motion="reduce")
    whole = {}
    for size, viewport in SIZES.items():
        seen.page.set_viewport_size(viewport)
        seen.page.goto(f"{home_url}/?lang={lang}", wait_until="load")
        for scheme in ("light", "dark"):
            seen.page.emulate_media(color_scheme=scheme)
            settle_sheet(seen)
            whole[size, scheme] = seen.page.evaluate(WHOLE_CARDS)
        assert seen.page.evaluate(BROKEN_CARDS) == [], size
        # The half sheet ends where the third card does: no sliver of the notice below it.
        if viewport["width"] < 720:
            notice = seen.page.locator("#season-end").bounding_box()
            assert notice["y"] >= viewport["height"] - 0.5, size
    wanted = {look: 2 if look[0] == "phone on its side" else 3 for look in whole}
    assert whole == {look: max(count, wanted[look]) for look, count in whole.items()}
    assert len(whole) == 10


def test_the_cards_stand_there_before_any_script_and_say_from_where_they_count(november_app):
    text = november_app.test_client().get("/?lang=ko").text
    first = text[text.index('id="nearest"') : text.index('id="none"')]
    assert first.count("<li data-id=") == 3
    assert first.count('class="rank"') == 3
    assert "기준 · " in text[text.index('id="where"') :][:80]


def test_the_server_and_the_browser_count_the_same_minutes(visit_home):
    plain = visit_home("/", java_script_enabled=False)
    minutes = """() => [...document.querySelectorAll("#nearest > li")].map(item =>
      [item.dataset.id, item.querySelector(".min").textContent])"""
    written = plain.page.evaluate(minutes)
    seen = visit_home()
    assert seen.page.evaluate(minutes) == written


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_nearest_open_trails_are_one_tap_away(visit_home, sample_city, viewport):
    seen = visit_home("/", viewport)
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    states = sample_city.trails_on(NOVEMBER)["state"]
    near = sample_city.nearest_trails(SEOGU["longitude"], SEOGU["latitude"], k=len(states))
    answer = [id_ for id_ in near.index if states[id_] == "open"][:3]
    assert seen.page.evaluate(NEAREST) == answer
    # A wide map has room for the whole city with the three, and names what it shows.
    if viewport == DESK:
        assert seen.page.evaluate("maenballo.map.getBounds().contains(maenballo.bounds)")
        assert seen.page.evaluate(NAMED_PINS) >= 10
    assert seen.page.evaluate("document.querySelectorAll('.pin-pill').length") == 3
    assert not any("lon" in url or "126.85" in url for url in seen.requests)
    assert "126.85" not in seen.page.url


# -- chips ---------------------------------------------------------------------------------------

LINES = """() => {
  const layer = maenballo.layers.trails;
  return Object.keys(layer.byId).filter(id => (layer.byId[id].strokes || [layer.byId[id].drawn])
    .some(stroke => stroke.getElement?.()?.checkVisibility()));
}"""


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_after_each_chip_the_list_has_the_trails_of_the_map(visit_home, lang):
    seen = visit_home(f"/?lang={lang}", DESK, reduced_motion="reduce")
    everything = set(seen.page.evaluate(LISTED))
    assert everything == set(seen.page.evaluate(LINES))
    boxes = seen.page.locator("#filters input[type=checkbox]")
    chips = range(boxes.count())
    assert len(chips) >= 4
    for viewport in SIZES.values():
        seen.page.set_viewport_size(viewport)  # once for all chips: that is what takes long
        for number in chips:
            boxes.nth(number).evaluate("box => box.click()")
            for scheme in ("light", "dark"):
                seen.page.emulate_media(color_scheme=scheme)
                # As the next picture has them, for which the map is drawn anew.
                listed, lines = seen.page.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => "
                    f"done([({LISTED})(), ({LINES})()])))"
                )
                assert set(listed) == set(lines), (number, viewport, scheme)
            assert set(listed) < everything
            boxes.nth(number).evaluate("box => box.click()")
    assert set(seen.page.evaluate(LISTED)) == everything


def test_a_foot_wash_or_a_toilet_is_one_tap_away_and_without_script_a_form(visit_home):
    for chip in ("foot_wash", "toilet"):
        seen = visit_home()
        settle_sheet(seen)
        seen.page.locator(f"#filters .chip:has([name={chip}])").click()
        listed = set(seen.page.evaluate(LISTED))
        assert 0 < len(listed) < seen.page.locator("li[data-id]").count()
        assert f"{chip}=1" in seen.page.url
        # The form of a page without script asks for the same.
        plain = visit_home(f"/?lang=ko&{chip}=1", java_script_enabled=False)
        assert set(plain.page.evaluate(LISTED)) == listed


def test_chips_that_leave_no_trail_say_so_and_are_cleared_by_one_press(visit, make_folder):
    from gpxtext import gpx, track  # noqa: PLC0415 -- only this test draws

    line = [(126.85 + i * 1e-3, 35.14) for i in range(3)]
    files = {
        "gpx/one.gpx": gpx(track(line, name="하나")),
        "gpx/two.gpx": gpx(track(line, name="둘")),
        "gpx/trails.csv": "id,foot_wash,lighting\none,yes,no\ntwo,no,yes\n",
    }
    with serving(make_folder(files)) as url:
        for scripted in (True, False):
            seen = visit(f"{url}/?foot_wash=1&light=1", java_script_enabled=scripted)
            assert seen.page.evaluate(LISTED) == []
            assert seen.page.is_visible("#none")
            assert "고른 조건에 맞는 길이 없습니다" in seen.page.inner_text("#none")
            seen.page.click("#none-clear")
            seen.page.wait_for_selector("#none", state="hidden")
            assert len(seen.page.evaluate(LISTED)) == 2


# -- one trail -----------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_chosen_trail_stands_in_the_sheet_and_back_leaves_it(visit_home, home_url, viewport):
    seen = visit_home("/", viewport)
    card = seen.page.locator("#nearest .card").nth(1)
    id_ = card.get_attribute("data-id")
    card.click()
    name = card.locator(".name").text_content()
    assert seen.page.text_content("#pick-name") == name
    assert seen.page.is_visible("#pick")
    assert seen.page.url.endswith(f"#trails/{id_}")
    assert seen.page.evaluate(FOCUSED) == "pick-name"
    assert seen.page.locator(".leaflet-popup").count() == 0
    # What one can do stands in one row, share as well.
    tops = seen.page.eval_on_selector_all(
        "#pick .acts .btn:not([hidden])", "all => all.map(x => x.getBoundingClientRect().top)"
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1
    seen.page.go_back()
    seen.page.wait_for_selector("#pick", state="hidden")
    assert seen.page.url.split("?")[0].rstrip("/") == home_url
    assert seen.page.evaluate(FOCUSED) == id_
    # Escape and the button do the same.
    for leave in (
        lambda: seen.page.keyboard.press("Escape"),
        lambda: seen.page.click("#pick-close"),
    ):
        seen.page.locator("#nearest .card").nth(1).click()
        leave()
        seen.page.wait_for_selector("#pick", state="hidden")
        assert seen.page.evaluate(FOCUSED) == id_
    # Each of them has gone back, and left no step behind that leads nowhere.
    seen.page.go_forward()
    seen.page.wait_for_selector("#pick:not([hidden])")


def test_a_page_that_is_opened_with_a_trail_is_not_left_by_closing_it(visit_home, home_url):
    seen = visit_home("/?lang=ko#trails/geumdangsan-1")
    seen.page.wait_for_selector("#pick:not([hidden])")
    seen.page.click("#pick-close")
    seen.page.wait_for_selector("#pick", state="hidden")
    assert seen.page.url == home_url + "/?lang=ko"
    # What an address names is shown also where a chip leaves it out, and on another day.
    for query in ("lang=ko&toilet=1", "lang=ko&date=2026-12-20&open=1"):
        seen.page.goto(f"{home_url}/?{query}#trails/geumdangsan-2", wait_until="load")
        seen.page.wait_for_selector("#pick:not([hidden])")
        assert seen.page.text_content("#pick-name") == "금당산 2구간"
        assert "geumdangsan-2" not in seen.page.evaluate(LISTED)
        assert seen.page.is_visible(".look-drop")
    assert "다시 엽니다" in seen.page.inner_text("#pick-state")
    seen.page.click("[data-day-open]")
    seen.page.click("[data-quick-days] .btn >> nth=0")
    assert seen.page.text_content("#pick-name") == "금당산 2구간"
    assert "11월 30일까지" in seen.page.inner_text("#pick-state")
    seen.page.click("#pick-close")
    seen.page.wait_for_selector("#pick", state="hidden")
    assert seen.page.evaluate(FOCUSED) != "body"


def test_a_link_to_a_trail_opens_it_whatever_its_layer_is_called(visit, make_folder):
    line = [(126.85 + i * 1e-3, 35.14) for i in range(3)]
    catalog = '[[layers]]\nid = "walks"\nrole = "trails"\ntitle = "길"\n'
    files = {"gpx/one.gpx": gpx(track(line, name="하나")), "layers/catalog.toml": catalog}
    with serving(make_folder(files)) as url:
        seen = visit(f"{url}/trails/one?lang=ko")
        seen.page.click(".large-map")
        seen.page.wait_for_selector("#pick:not([hidden])")
        assert seen.page.text_content("#pick-name") == "하나"


def test_pins_choose_trails_also_after_a_position_was_refused(visit_home):
    seen = visit_home("/", permissions=[])
    seen.page.click("#locate")
    seen.page.wait_for_selector("#place-notice:not([hidden])")
    ids = seen.page.evaluate(NEAREST)
    seen.page.evaluate(
        """id => document.dispatchEvent(new CustomEvent("maenballo:pick",
             { cancelable: true, detail: { role: "trails", layer: "trails", id } }))""",
        ids[2],
    )
    assert seen.page.is_visible("#pick")
    assert seen.page.url.endswith(f"#trails/{ids[2]}")


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tail",
    [
        "#trails/nowhere", "#trails/", "#%E0%A4%A", "#__proto__/x", "#trails/__proto__",
        "#at=999,999", "#at=,", "#a/b/c", "?from=nowhere", "?foot_wash=%FF",
        "?light=2&surface=x", "?from=&open=", "?constructor=1#constructor/constructor",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_shows_the_first_page(visit_home, tail):
    seen = visit_home(f"/{tail}")
    assert seen.page.evaluate(WHOLE_CARDS) == 3
    assert seen.page.is_hidden("#pick")


def test_the_language_switch_keeps_chips_place_and_trail(visit_home):
    seen = visit_home("/?lang=ko")
    seen.page.locator("#filters .chip:has([name=toilet])").click()
    seen.page.select_option("#area", index=3)
    area = seen.page.input_value("#area")
    card = seen.page.locator("#nearest .card").first
    id_ = card.get_attribute("data-id")
    card.click()
    seen.page.click(".menu summary")
    seen.page.click("a[hreflang=en]")
    seen.page.wait_for_selector("html[lang=en] #pick:not([hidden])")
    assert seen.page.get_attribute("#pick", "data-id") == id_
    assert seen.page.is_checked("[name=toilet]")
    assert seen.page.input_value("#area") == area


def test_back_takes_a_chip_from_the_search_back_and_closes_the_search(visit_home, home_url):
    seen = visit_home()
    seen.page.fill("#q", "세족")
    seen.page.wait_for_selector("#results [role=option]")
    seen.page.go_back()
    seen.page.wait_for_selector("#results-box", state="hidden")
    assert seen.page.url.split("?")[0].rstrip("/") == home_url
    seen.page.fill("#q", "ㄱㄷㅅ")
    seen.page.locator("#results [role=option]").first.click()
    seen.page.wait_for_selector("#pick:not([hidden])")
    seen.page.go_back()
    seen.page.wait_for_selector("#pick", state="hidden")


# -- one's own place -------------------------------------------------------------------------------


def test_a_refused_position_is_answered_in_the_same_place_with_neighborhoods(visit_home):
    """Two taps: the position, refused, and a neighbourhood."""
    seen = visit_home("/", permissions=[])
    seen.page.click("#locate")
    seen.page.wait_for_selector("#place-notice:not([hidden])")
    assert "허용" in seen.page.inner_text("#place-words")
    assert seen.page.locator("#place-notice #area").count() == 1
    assert seen.page.evaluate(FOCUSED) == "area"
    seen.page.select_option("#area", "pungam")
    seen.page.wait_for_selector("#place-notice", state="hidden")
    assert "풍암동 기준" in seen.page.inner_text("#where")
    assert "from=pungam" in seen.page.url
    assert seen.page.evaluate(FOCUSED) != "body"


SLOW = "navigator.geolocation.getCurrentPosition = () => {}"
FAR = {"longitude": 127.0, "latitude": 37.56}


def test_a_position_that_does_not_come_is_given_up_after_ten_seconds(visit_home):
    seen = visit_home()
    seen.page.clock.install()
    seen.page.evaluate(SLOW)
    seen.page.click("#locate")
    assert seen.page.get_attribute("#locate", "aria-busy") == "true"
    seen.page.clock.run_for(11_000)
    seen.page.wait_for_selector("#place-notice:not([hidden])")
    assert "아직 위치를 찾지 못했습니다" in seen.page.inner_text("#place-words")
    assert seen.page.get_attribute("#locate", "aria-busy") is None


def test_a_position_that_is_far_off_is_said_and_gets_a_wider_answer(visit_home):
    place = {**SEOGU, "accuracy": 3000}
    seen = visit_home("/?lang=ko", geolocation=place)
    seen.page.click("#locate")
    seen.page.wait_for_selector("#place-notice:not([hidden])")
    assert "3.0\xa0km" in seen.page.inner_text("#place-words")
    assert "3.0\xa0km" in seen.page.inner_text("#where")
    assert len(seen.page.evaluate(NEAREST)) > 3
    assert "최대" in seen.page.inner_text("#nearest .min >> nth=0")


def test_far_from_the_city_one_is_told_so(visit_home):
    seen = visit_home("/", geolocation=FAR)
    seen.page.click("#locate")
    seen.page.wait_for_selector("#place-notice:not([hidden])")
    assert "멀리" in seen.page.inner_text("#place-words")
    assert seen.page.get_attribute("#locate", "aria-pressed") == "false"


def test_on_the_trail_one_is_right_here_and_never_walks_a_minute(visit_home, sample_city):
    point = sample_city.trails.geometry["geumdangsan-1"].interpolate(0.5, normalized=True)
    seen = visit_home("/", geolocation={"longitude": point.x, "latitude": point.y})
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    item = seen.page.locator("li[data-id=geumdangsan-1]")
    assert item.locator(".min").inner_text() == "바로 여기"
    # One's own dot lies above the dots of trails, as blue by night as by day.
    dot = seen.page.locator(".leaflet-pins-pane .here-own i")
    for scheme in ("light", "dark"):
        seen.page.emulate_media(color_scheme=scheme)
        color = dot.evaluate("dot => getComputedStyle(dot).backgroundColor")
        assert color == "rgb(21, 101, 216)"


def test_where_this_is_agrees_with_locate(visit_home, sample_city):
    seen = visit_home()
    for id_, area in list(sample_city.districts.geometry.items())[::29]:
        point = area.representative_point()
        truth = sample_city.locate(point.x, point.y)
        seen.page.evaluate(f"location.hash = 'at={point.x:.7f},{point.y:.7f}'")
        name = sample_city.districts["name"][id_]
        seen.page.wait_for_function(
            f"document.querySelector('#here:not([hidden])')?.textContent.includes({name!r})"
        )
        assert truth.neighborhood.name in seen.page.text_content("#here")
        # It is a section to read: a mark of the map was once drawn in its place, 38 px wide.
        assert seen.page.locator("#here").bounding_box()["width"] > 250
    # Words of the office come after the trails.
    assert seen.page.locator("#others ~ #here").count() == 1


# -- search ----------------------------------------------------------------------------------------


def test_one_search_finds_trails_facilities_districts_neighborhoods_and_shops(visit_home):
    seen = visit_home()
    wanted = {"ㄱㄷㅅ": "금당산 1구간", "세족": "세족장", "상무시": "상무시청", "풍암": "풍암동"}
    for query, name in wanted.items():
        seen.page.fill("#q", query)
        seen.page.wait_for_selector(f"#results [role=option]:has-text('{name}')")
    # Half a syllable is on the way to a whole one.
    seen.page.fill("#q", "금다")
    seen.page.wait_for_selector("#results [role=option]:has-text('금당산')")
    assert any("shops-" in url for url in seen.requests)


def test_found_trails_stand_in_order_each_on_one_line(visit_home):
    seen = visit_home("/?date=2026-11-26", SIZES["small phone"])
    seen.page.fill("#q", "금당산")
    seen.page.wait_for_selector("#results [role=option]:has-text('2구간')")
    rows = "els => els.map(each => [each.innerText.split('\\n')[0].trim(), each.offsetHeight])"
    options = seen.page.eval_on_selector_all("#results [role=group]:first-child .result", rows)
    names = [name for name, _ in options]
    assert names == sorted(names, key=lambda name: "금당산" not in name)
    assert [name for name in names if "구간" in name] == ["금당산 1구간", "금당산 2구간"]
    notes = seen.page.locator("#results .result small").all_inner_texts()
    assert any(re.fullmatch(r"열림\W+[\d.]+\W(m|km)", note) for note in notes), notes
    # A line of text and its cushion: no row has two.
    assert {height for _, height in options} == {min(height for _, height in options)}


def test_the_hint_of_the_search_is_whole_in_large_text(visit_home):
    for path, viewport in (("/", PHONE), ("/?lang=en", PHONE), ("/", SIZES["small phone"])):
        seen = visit_home(f"{path}{'&' if '?' in path else '?'}size=large", viewport)
        widths = seen.page.evaluate("""() => {
          const field = document.querySelector("#q"), own = getComputedStyle(field);
          const style = getComputedStyle(field, "::placeholder");
          const pen = document.createElement("canvas").getContext("2d");
          pen.letterSpacing = style.letterSpacing === "normal" ? "0px" : style.letterSpacing;
          pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
          const padding = parseFloat(own.paddingLeft) + parseFloat(own.paddingRight);
          const room = field.clientWidth - padding;
          return [pen.measureText(field.placeholder).width, room, parseFloat(style.fontSize)];
        }""")
        assert widths[0] <= widths[1], (path, widths)
        assert widths[2] >= 18.7


def test_the_search_is_a_combobox_for_the_keyboard(visit_home):
    seen = visit_home()
    held = []

    def hold(route):
        held.append(route)

    seen.page.route("**/shops-*.json", hold)
    seen.page.focus("#q")
    with seen.page.expect_request("**/shops-*.json"):
        seen.page.keyboard.type("ㄱㄷㅅ")
    seen.page.wait_for_selector("#results [role=option]")
    assert seen.page.get_attribute("#q", "aria-expanded") == "true"
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("ArrowDown")
    active = seen.page.get_attribute("#q", "aria-activedescendant")
    reached = seen.page.text_content(f"#{active}")
    # The shops come now and make the list anew: the row that the keys have reached stays so.
    groups = seen.page.locator("#results [role=group]").count()
    for route in held:
        route.continue_()
    seen.page.wait_for_selector(f"#results [role=group]:nth-child({groups + 1})")
    assert seen.page.get_attribute("#q", "aria-activedescendant") == active
    assert seen.page.get_attribute(f"#{active}", "aria-selected") == "true"
    assert seen.page.text_content(f"#{active}") == reached
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#results-box", state="hidden")
    assert seen.page.evaluate(FOCUSED) == "q"
    assert seen.page.get_attribute("#q", "aria-expanded") == "false"
    seen.page.keyboard.press("Backspace")
    seen.page.wait_for_selector("#results [role=option]")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#pick:not([hidden])")
    assert seen.page.evaluate(FOCUSED) == "pick-name"


def test_nothing_found_is_said_in_words(visit_home):
    seen = visit_home()
    seen.page.fill("#q", "없는 이름 하나")
    seen.page.wait_for_selector("#results-notice:not([hidden])")
    assert "검색 결과가 없습니다" in seen.page.inner_text("#results-notice")
    assert seen.page.get_attribute("#results-notice", "role") == "status"


def test_a_shop_file_that_failed_once_is_said_and_fetched_with_the_next_letter(visit_home):
    seen = visit_home()
    failures = []

    def fail_once(route):
        if failures:
            route.continue_()
        else:
            failures.append(route.request.url)
            route.fulfill(status=503, body="")

    seen.page.route("**/shops-*.json", fail_once)
    seen.page.fill("#q", "구두")
    seen.page.wait_for_selector("#results-notice:not([hidden])")
    assert "가게 자료를 받지 못했습니다" in seen.page.inner_text("#results-notice")
    seen.page.fill("#q", "구두수")
    seen.page.wait_for_selector("#results [role=option]:has-text('구두수')")
    assert seen.page.is_hidden("#results-notice")
    seen.faults[:] = [fault for fault in seen.faults if "503" not in fault]


# -- the sheet -------------------------------------------------------------------------------------


NAMES_UNDER_TOOLS = """() => {
  const tools = document.querySelector(".map-tools").getBoundingClientRect();
  return [...document.querySelectorAll(".name-text")].filter(function (name) {
    const box = name.getBoundingClientRect();
    return box.left < tools.right && box.right > tools.left && box.top < tools.bottom
      && box.bottom > tools.top;
  }).map(name => name.textContent);
}"""


def measure_cover(seen) -> float:
    settle_sheet(seen)
    return seen.page.evaluate(
        "innerHeight - document.querySelector('#sheet').getBoundingClientRect().top"
    )


def test_the_sheet_is_dragged_flicked_and_moved_by_its_button(visit_home):
    seen = visit_home("/", SIZES["small phone"])
    # The tools have moved aside of the sheet, and the names aside of the tools.
    seen.wait_until(f"() => ({NAMES_UNDER_TOOLS})().length === 0")
    seen.page.set_viewport_size(PHONE)
    half = measure_cover(seen)
    handle = seen.page.locator("#handle")
    handle.click()
    full = measure_cover(seen)
    assert full == pytest.approx(PHONE["height"] - 76, abs=2)
    assert handle.get_attribute("aria-expanded") == "true"
    handle.click()
    assert measure_cover(seen) == pytest.approx(half, abs=1)
    box = seen.page.locator("#list-head").bounding_box()
    at = (box["x"] + 30, box["y"] + 12)
    seen.page.mouse.move(*at)
    seen.page.mouse.down()
    seen.page.mouse.move(at[0], at[1] + 250, steps=12)
    seen.page.wait_for_timeout(200)  # held: this is no flick
    seen.page.mouse.move(at[0], at[1] + 251)
    seen.page.mouse.up()
    assert measure_cover(seen) < half - 100
    handle.focus()
    seen.page.keyboard.press("Enter")
    assert measure_cover(seen) == pytest.approx(half, abs=1)


# -- for everybody ---------------------------------------------------------------------------------


def test_the_first_page_is_used_by_keyboard_alone(visit_home):
    seen = visit_home("/", DESK)
    reached = []
    for _ in range(40):
        seen.page.keyboard.press("Tab")
        reached.append(seen.page.evaluate(FOCUSED))
        if seen.page.evaluate("document.activeElement.matches('#nearest .card')"):
            break
    assert "q" in reached
    assert "locate" in reached
    assert "body" not in reached
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#pick:not([hidden])")
    assert seen.page.evaluate(FOCUSED) == "pick-name"
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#pick", state="hidden")
    assert seen.page.evaluate("document.activeElement.matches('#nearest .card')")
    # On a telephone, or where a page is zoomed to its size, what is reached comes into sight.
    seen.page.set_viewport_size(PHONE)
    settle_sheet(seen)
    for _ in range(8):
        seen.page.keyboard.press("Tab")
        settle_sheet(seen)
        bottom = "document.activeElement.getBoundingClientRect().bottom"
        assert seen.page.evaluate(bottom) <= PHONE["height"] + 1
        # The list has scrolled to it, and not the page, with its search and map out of sight.
        assert seen.page.evaluate("document.body.scrollTop") == 0


AROUND_THE_MAP = {
    "button": ["확대", "축소", "오늘", "내 위치"],
    "checkbox": ["세족장", "화장실", "야간 조명", "황토", "열린 길만"],
    "form": ["조건"],
    "region": ["서구 맨발로 지도"],
    "combobox": ["맨발길·가게·화장실 찾기"],
}


def test_nothing_of_the_map_is_read_before_the_content(visit_home):
    seen = visit_home()
    order = seen.page.evaluate(
        """() => document.querySelector("main h1").compareDocumentPosition(
             document.querySelector(".map-wrap")) & Node.DOCUMENT_POSITION_FOLLOWING"""
    )
    assert order
    # What stands around the map has names, each of one thing alone, as a screen reader hears them.
    for role, names in AROUND_THE_MAP.items():
        found = [seen.page.get_by_role(role, name=name, exact=True).count() for name in names]
        assert found == [1] * len(names), role


def test_english_has_no_korean_but_names(visit_home):
    seen = visit_home("/?lang=en", DESK)
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    text = seen.page.inner_text(".panel")
    for name in seen.page.locator("[lang=ko]").all_inner_texts():
        text = text.replace(name, "")
    assert [word for word in text.split() if any("가" <= sign <= "힣" for sign in word)] == []
    # On the map, names that these readers cannot read wait until one stands before them.
    assert read_district_names(seen, 15.5) == []
    names = read_district_names(seen, 17)
    assert names
    assert {name["lang"] for name in names} == {"ko"}
    korean = visit_home("/?lang=ko", DESK)
    assert {name["lang"] for name in read_district_names(korean, 15.5)} == {""}


def read_district_names(seen, zoom: float) -> list[dict[str, str]]:
    """Read the names of districts on the map near to the lake of Pungam, with their languages."""
    return seen.page.evaluate(
        """async zoom => {
          const done = new Promise(resolve => maenballo.map.once("moveend", resolve));
          maenballo.map.setView([35.1265, 126.8775], zoom, { animate: false });
          await done;
          await new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)));
          return [...document.querySelectorAll(".name-districts .name-text")]
            .map(each => ({ text: each.textContent, lang: each.lang }));
        }""",
        zoom,
    )


@pytest.mark.parametrize("files", [{}, {"layers/catalog.toml": 'title = "빈 도시"\n'}])
def test_a_city_without_anything_has_a_first_page(visit, make_folder, files):
    with serving(make_folder(files)) as url:
        seen = visit(url)
        assert seen.page.is_visible("h1")
        assert "아직 자료가 없습니다." in seen.page.inner_text("#sheet-body")
        for part in ("#filters", "#locate", "#nearest", "#place-choice"):
            assert seen.page.locator(part).count() == 0, part


def test_names_as_long_as_sentences_leave_room_for_other_trails(visit, make_folder):
    names = ["아주 긴 이름의 맨발길 " * 16, "가" * 200, "<b>&amp;</b> " * 20]
    lines = {
        f"gpx/{n}.gpx": gpx(
            track([(126.8 + n / 500, 35.1), (126.801 + n / 500, 35.1)], name=escape(name))
        )
        for n, name in enumerate(names)
    }
    with serving(make_folder(lines)) as url:
        for viewport in (PHONE, SIZES["small phone"]):
            seen = visit(url, viewport)
            settle_sheet(seen)
            assert seen.page.evaluate(WHOLE_CARDS) >= 2
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            # The chosen trail stays in sight as well.
            seen.page.locator("#nearest .card").first.click()
            settle_sheet(seen)
            assert seen.page.locator("#pick-more").bounding_box()["y"] < viewport["height"] - 48


# -- days ------------------------------------------------------------------------------------------


def test_the_end_of_the_season_is_announced_once_for_all(visit_home):
    page = visit_home().page
    assert "11월 30일까지" in page.inner_text("#season-end")
    assert page.inner_text("#season-end").endswith("일 남았습니다.")
    # Another day is chosen on the page, and the first one again.
    page.evaluate("maenballoDays.setDay('2026-12-20')")
    page.wait_for_selector("#season-end", state="hidden")
    page.evaluate("maenballoDays.setDay('2026-11-26')")
    page.wait_for_selector("#season-end", state="visible")
    page = visit_home("/?date=2026-06-01").page
    assert page.is_hidden("#season-end")
    page.evaluate("maenballoDays.setDay('2026-11-20')")
    page.wait_for_selector("#season-end", state="visible")


def test_what_is_open_on_20_december_takes_two_taps_and_says_when_trails_open_again(visit_home):
    seen = visit_home()
    seen.page.click("[data-day-open]")
    seen.page.fill("#day-dialog [name=date]", "2026-12-20")
    seen.page.click("#day-dialog .main")
    seen.page.wait_for_selector("#none:not([hidden])")
    assert "12월 20일에 여는 길이 없습니다" in seen.page.inner_text("#none")
    assert "2027년 3월 1일" in seen.page.inner_text("#none")
    assert "date=2026-12-20" in seen.page.url
    assert seen.page.evaluate(NEAREST) == []
    # One that is closed says when it opens, without a year: there is only one such day to come.
    again = "#others > li:first-child .again"
    assert seen.page.inner_text(again) == "3월 1일에 다시 엽니다"
    assert seen.page.inner_text("#none-day") == "3월 1일에 여는 길 보기"
    assert seen.page.inner_text("#open-word") == "12월 20일 열림"
    # And without a script the address says the same.
    plain = visit_home("/?lang=ko&date=2026-12-20", java_script_enabled=False)
    assert "12월 20일에 여는 길이 없습니다" in plain.page.inner_text("#none")
    for selector in ("h1", again, "#open-word"):
        assert plain.page.inner_text(selector) == seen.page.inner_text(selector)
    # One press leads to the first day on which trails open again.
    seen.page.click("#none-day")
    seen.page.wait_for_selector("#none", state="hidden")
    assert len(seen.page.evaluate(NEAREST)) == 3
    assert seen.page.evaluate(FOCUSED) != "body"
    assert seen.page.is_hidden("#nearest > li:first-child .again")
    seen.page.click("[data-day-open]")
    seen.page.click("[data-quick-days] .btn >> nth=0")
    assert seen.page.inner_text("#open-word") == "열린 길만"


def test_a_page_that_is_open_when_the_season_ends_offers_no_closed_trail(visit, home_url):
    seen = visit("about:blank")
    seen.page.clock.set_fixed_time("2026-12-01T09:00:00+09:00")
    seen.page.goto(home_url, wait_until="load")
    settle_sheet(seen)
    assert seen.page.evaluate(NEAREST) == []
    assert seen.page.is_visible("#none")
