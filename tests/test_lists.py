"""Lists, and the shops of a district, in Chromium: filtered as one types and presses."""

from __future__ import annotations

import re

import pytest
from browsing import DESK, PHONE, SIZES, needs_chromium

from mapserver.analysis import shops as shop_analysis

pytestmark = needs_chromium

DISTRICT = "028"


@pytest.fixture(scope="module")
def own_shops(sample_city):
    """The shops of a district, with which certificates each takes."""
    where = shop_analysis.assign(sample_city.shops, sample_city.districts)
    shops = sample_city.shops[where == DISTRICT]
    return shops.join(shop_analysis.payments(shops))


def shown(page) -> list[str]:
    """List the names of the shops that are seen."""
    return page.locator("#shop-list > li:visible .a").all_inner_texts()


def listed(html: str) -> set[str]:
    """List the ids of a list as a server sends it."""
    return set(re.findall(r'<li data-id="([^"]*)"', html.partition('id="listed"')[2]))


@pytest.mark.parametrize(
    ("act", "query"),
    [
        (lambda page: page.fill("[name=q]", "ㄱㄷㅅ"), "q=ㄱㄷㅅ"),
        (lambda page: page.fill("[name=q]", "5.18 park"), "q=5.18 park"),
        (lambda page: page.check("[name=light]"), "light=1"),
        (lambda page: page.check("[name=open]"), "open=1"),
        (lambda page: page.select_option("[name=surface]", "황토"), "surface=황토"),
    ],
    ids=["initials", "two words", "light", "open", "surface"],
)
def test_a_list_shows_at_once_what_the_server_finds(visit, sample_url, sample_app, act, query):
    page = visit(f"{sample_url}/trails/?lang=en").page
    page.click(".more summary")
    act(page)
    name, _, value = query.partition("=")
    asked = {name: value, "lang": "en"}
    found = listed(sample_app.test_client().get("/trails/", query_string=asked).text)
    seen = page.locator("#listed > li:visible")
    assert {item.get_attribute("data-id") for item in seen.all()} == found
    assert page.inner_text("#listed-status") == f"{len(found)} found"
    # The address asks the same, and so does the page in the other language.
    page.wait_for_url(f"**{name}=**")
    page.click(".menu summary")
    page.click(".languages a")
    page.wait_for_url("**lang=ko**")
    assert page.locator("#listed > li:visible").count() == len(found)


def test_slope_width_and_steps_pass_the_same_trails_in_browser_and_server(
    visit, sample_url, sample_app
):
    page, client = visit(f"{sample_url}/trails/?lang=en").page, sample_app.test_client()
    chips = ("no_steps", "gentle", "wide")
    # In one visit every combination of the three, each by one press more or less.
    for asked in ("n", "ng", "g", "gw", "w", "nw", "ngw"):
        query = {"lang": "en"} | {chip: "1" for chip in chips if chip[0] in asked}
        for chip in chips:
            page.set_checked(f"[name={chip}]", chip in query)
        answer = client.get("/trails/", query_string=query).text
        seen = page.locator("#listed > li:visible").all()
        assert {item.get_attribute("data-id") for item in seen} == listed(answer)
        assert page.inner_text("#listed-unsure") in answer


def test_a_list_that_shows_nothing_offers_all(visit, sample_url, sample_city):
    page = visit(f"{sample_url}/districts/?lang=ko").page
    page.fill("[name=q]", "없는 이름")
    assert page.inner_text("#listed-status") == "조건에 맞는 곳이 없습니다."
    page.click("#listed-none a")
    page.wait_for_function("document.querySelectorAll('#listed > li:not([hidden])').length > 1")
    assert page.locator("#listed > li:visible").count() == len(sample_city.districts)


def test_a_press_on_a_chip_of_a_district_changes_list_and_map(visit, sample_url, own_shops):
    page = visit(f"{sample_url}/districts/{DISTRICT}?lang=ko", PHONE).page
    food = own_shops[own_shops["category"] == "일반음식점"]
    assert sorted(shown(page)) == sorted(food["name"])
    page.evaluate("window.isSamePage = true")
    page.click(".chip:has([value=mobile])")
    mobile = food[food["mobile"]]
    assert sorted(shown(page)) == sorted(mobile["name"])
    assert page.inner_text("#shop-count") == f"음식점 {len(mobile)}곳"
    assert page.locator(".shop-box").count() == len(mobile)
    chip = ".chip:has([name=category]:checked) [data-count]"
    assert page.inner_text(chip) == str(len(mobile))
    page.click(".chip:has([name=category][value=''])")
    assert sorted(shown(page)) == sorted(own_shops[own_shops["mobile"]]["name"])
    assert page.evaluate("window.isSamePage"), "no page was loaded"
    # As shared, the page shows the same.
    again = visit(page.url, PHONE).page
    assert sorted(shown(again)) == sorted(own_shops[own_shops["mobile"]]["name"])


def test_a_shop_that_is_pressed_is_seen_on_the_map(visit, sample_url):
    page = visit(f"{sample_url}/districts/{DISTRICT}?lang=ko", PHONE).page
    page.evaluate("scrollTo(0, 600)")
    button = page.locator("#shop-list > li:visible button").nth(12)
    name = button.locator(".a").inner_text()
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    marked = page.locator(".shop-marked")
    marked.wait_for()
    box, frame = marked.bounding_box(), page.locator("#map_main").bounding_box()
    # Map and name of the district stay above the list; the shop lies on what is seen of the map.
    assert frame["y"] >= 0
    assert frame["y"] <= box["y"] <= frame["y"] + frame["height"]
    heading = page.locator("h1").bounding_box()
    assert frame["y"] + frame["height"] <= heading["y"] + 1
    assert heading["y"] + heading["height"] <= button.bounding_box()["y"]
    page.wait_for_function(
        "name => [...document.querySelectorAll('.name')].some(x => x.textContent === name)",
        arg=name,
    )
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.locator(".shop-marked").count() == 0


def test_a_shop_on_the_map_leads_to_its_row(visit, sample_url):
    page = visit(f"{sample_url}/districts/{DISTRICT}?lang=ko", DESK).page
    dot = page.locator(".shop-box").first
    dot.wait_for()
    dot.dispatch_event("click")
    row = page.locator("#shop-list > li[aria-current]")
    row.wait_for()
    assert row.bounding_box()["y"] < DESK["height"]
    # Whose shops these are stays in sight above it.
    head = page.locator(".shops-head").bounding_box()
    assert 0 <= head["y"] < page.locator("h1").bounding_box()["y"]
    assert head["y"] + head["height"] <= row.bounding_box()["y"]
    assert "/districts/" in page.url


def test_a_shop_that_an_address_names_is_marked(visit, sample_url, own_shops):
    other = own_shops[own_shops["category"] == "학원"].iloc[0]
    page = visit(f"{sample_url}/districts/{DISTRICT}?lang=ko&shop={other['name']}").page
    row = page.locator("#shop-list > li[aria-current]")
    assert row.locator(".a").inner_text() == other["name"]
    assert row.is_visible()
    page.locator(".shop-marked").wait_for()


def test_shops_near_a_trail_that_take_mobile_vouchers_are_two_presses_away(visit, sample_url):
    page = visit(f"{sample_url}/trails/geumdangsan-2?lang=ko", PHONE).page
    page.click("main a[href*='districts/']:visible >> nth=0")  # 1
    page.wait_for_selector("#shop-list")
    if page.locator("[name=voucher][value=mobile]").is_checked():
        return
    page.click(".chip:has([value=mobile])")  # 2
    rows = page.locator("#shop-list > li:visible")
    assert rows.count() > 0
    assert all("모바일" in text for text in rows.all_inner_texts())


def test_the_filter_of_a_district_is_a_form_without_javascript(visit, sample_url, own_shops):
    page = visit(f"{sample_url}/districts/{DISTRICT}?lang=ko", java_script_enabled=False).page
    page.click(".chip:has([value=paper])")
    page.click(".chip:has([name=category][value=''])")
    with page.expect_navigation():
        page.click("#shop-filter button")
    assert sorted(shown(page)) == sorted(own_shops[own_shops["paper"]]["name"])
    assert "lang=ko" in page.url


def find_touching_names(seen, wanted: set[str]) -> list[str]:
    """Find the names on the board's map that are missing, cut off, or lie on another one."""
    names = seen.page.eval_on_selector_all(
        ".area-name",
        """all => all.map(x => [x.textContent, x.getBoundingClientRect()])
             .map(([text, { left, right, top, bottom }]) => [text, left, right, top, bottom])""",
    )
    frame = seen.page.locator("#map_main").bounding_box()
    wrong = [f"{name} is missing" for name in wanted - {name for name, *_ in names}]
    for name, left, right, top, bottom in names:
        if left < frame["x"] or right > frame["x"] + frame["width"]:
            wrong.append(f"{name} is cut off")
        for other, left2, right2, top2, bottom2 in names:
            is_apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            if not is_apart and other < name:
                wrong.append(f"{name} lies on {other}")
    return wrong


@pytest.mark.parametrize("size", ["", "&size=large"], ids=["normal", "large"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_board_names_all_neighborhoods_and_no_name_lies_on_another(
    visit, sample_url, sample_city, lang, size
):
    seen = visit(f"{sample_url}/board?lang={lang}{size}", reduced_motion="reduce")
    names = set(sample_city.neighborhoods["name" if lang == "ko" else "name_en"])
    wrong = {}
    for window, viewport in SIZES.items():
        seen.page.set_viewport_size(viewport)
        seen.page.reload(wait_until="load")
        seen.settle()
        wrong[window] = find_touching_names(seen, names)
    assert {window: names for window, names in wrong.items() if names} == {}


def test_a_long_table_of_the_board_is_folded_on_a_phone(visit, sample_url, sample_city):
    page = visit(f"{sample_url}/board?lang=ko", PHONE).page
    rows = page.locator("#districts-table tbody tr:visible")
    assert rows.count() == 10
    page.click("#all-districts")
    assert rows.count() == len(sample_city.districts)
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 11
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
