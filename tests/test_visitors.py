"""What residents come for, done in Chromium: nearest, pages, board, offline, by keyboard too."""

from __future__ import annotations

import csv
import itertools
import re
import shutil
from urllib.parse import unquote

import pytest
from browsing import DESK, PHONE, SEOGU, needs_chromium, serving
from conftest import ROOT
from gpxtext import gpx, track
from test_browser import PAYLOADS, payload_city

from mapserver import open_city

pytestmark = needs_chromium

# -- nearest -----------------------------------------------------------------------------------


def test_only_open_trails_are_offered_and_closed_ones_are_told(visit, tmp_path):
    line = [(SEOGU["longitude"] + i * 1e-4, SEOGU["latitude"]) for i in range(4)]
    far = [(x + 0.01, y) for x, y in line]
    (tmp_path / "gpx").mkdir()
    (tmp_path / "layers").mkdir()
    (tmp_path / "gpx/near.gpx").write_text(gpx(track(line, name="닫힌 길")), "utf-8")
    (tmp_path / "gpx/far.gpx").write_text(gpx(track(far, name="열린 길")), "utf-8")
    with (tmp_path / "gpx/trails.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "status"], ["near", "closed"], ["far", "open"]])
    with serving(tmp_path) as url:
        seen = visit(f"{url}/?lang=en")
        seen.page.click("#locate")
        seen.page.wait_for_selector("#locate[aria-pressed=true]")
        shown = seen.page.eval_on_selector_all(
            "#nearest > li", "all => all.map(item => item.dataset.id)"
        )
        assert shown == ["far"]
        assert seen.page.inner_text("#rest-title") == "1 trail that is not open"


@pytest.fixture
def doubtful_city(tmp_path):
    """Make a city with an open trail and a nearer one whose season is not understood."""
    line = [(SEOGU["longitude"] + i * 1e-4, SEOGU["latitude"]) for i in range(4)]
    far = [(x + 0.01, y) for x, y in line]
    for folder in ("gpx", "layers"):
        (tmp_path / folder).mkdir()
    (tmp_path / "gpx/near.gpx").write_text(gpx(track(line, name="모르는 길")), "utf-8")
    (tmp_path / "gpx/far.gpx").write_text(gpx(track(far, name="열린 길")), "utf-8")
    (tmp_path / "gpx/trails.csv").write_text("ID,Season\nnear,5월쯤\nfar,연중\n", "utf-8")
    (tmp_path / "layers/catalog.toml").write_text('direct_line = "062-360-7000"\n', "utf-8")
    return tmp_path


@pytest.mark.parametrize("viewport", [PHONE, DESK])
@pytest.mark.parametrize(("lang", "word"), [("ko", "확인 필요"), ("en", "Not certain")])
def test_a_state_that_nobody_knows_is_shown_and_never_as_open(
    visit, doubtful_city, viewport, lang, word
):
    with serving(doubtful_city) as url:
        seen = visit(f"{url}/?lang={lang}", viewport)
        page = seen.page
        assert page.locator("li[data-id=near] .state.unknown").text_content() == word
        page.click("#locate")
        page.wait_for_selector("#locate[aria-pressed=true]")
        offered = page.eval_on_selector_all(
            "#nearest > li", "all => all.map(item => item.dataset.id)"
        )
        assert offered == ["far"]
        page.locator("[name=open]").check(force=True)
        assert not page.is_visible("li[data-id=near]")
        page.goto(f"{url}/trails/near?lang={lang}")
        text = page.inner_text(".status")
        assert word in text
        assert {"ko": "열려 있는지 알 수 없습니다", "en": "open is not known"}[lang] in text
        assert "5월쯤" in text
        assert "062-360-7000" in text
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.goto(f"{url}/trails/?lang={lang}&open=1")
        assert "모르는 길" not in page.inner_text("main")


# -- shops on the map --------------------------------------------------------------------------


# -- a trail -----------------------------------------------------------------------------------


def test_a_message_tells_how_far_along_the_trail_it_is(visit, sample_url):
    seen = visit(sample_url + "/trails/geumdangsan-1?lang=en")
    points = seen.page.evaluate("JSON.parse(document.getElementById('profile').dataset.points)")
    middle = len(points) // 2
    seen.page.evaluate(
        """at => { const slider = document.getElementById('profile-at');
          slider.value = at; slider.dispatchEvent(new Event('input')); }""",
        middle,
    )
    told = seen.page.inner_text("#tell-text")
    assert f"{points[middle][0]:.0f} m from the start" in told
    assert f"{points[middle][3]}, {points[middle][2]}" in told


def test_what_stands_along_a_trail_is_shown_as_picture_and_word(visit, sample_url, sample_city):
    seen = visit(sample_url + "/trails/geumdangsan-1")
    own = sample_city.facilities
    # That one enters where the trail starts goes without saying.
    kinds = set(own["kind"][own["trail"] == "geumdangsan-1"]) - {"entrance"}
    shown = seen.page.locator("li[data-facility]")
    assert {shown.nth(i).get_attribute("data-facility") for i in range(shown.count())} == kinds
    assert shown.locator("svg").count() == len(kinds)
    assert all(text.strip() for text in shown.all_inner_texts())


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_walking_along_the_profile_moves_a_point_on_the_map(
    visit, sample_url, sample_city, viewport
):
    seen = visit(sample_url + "/trails/geumdangsan-1?lang=en", viewport)
    assert seen.page.evaluate("map_main.getZoom()") >= 14
    seen.page.focus("#profile-at")
    seen.page.keyboard.press("ArrowRight")
    first = seen.page.inner_text("#profile-said")
    seen.page.keyboard.press("End")
    last = seen.page.inner_text("#profile-said")
    assert first != last
    length_m = sample_city.trails["length_m"]["geumdangsan-1"]
    assert f"{length_m / 1000:.1f}\xa0km from the start" in last
    box = seen.page.locator("#profile svg").bounding_box()
    seen.page.locator("#profile svg").hover(
        position={"x": box["width"] / 2, "y": box["height"] / 2}
    )
    assert seen.page.inner_text("#profile-said") not in {first, last}


def test_a_trail_is_handed_over_to_map_applications(visit, sample_url, sample_city):
    seen = visit(sample_url + "/trails/geumdangsan-1")
    own = sample_city.facilities[(sample_city.facilities["trail"] == "geumdangsan-1")]
    entrance = own.geometry[own["kind"] == "entrance"].iloc[0]
    links = seen.page.eval_on_selector_all(
        "#maps a", "all => all.map(a => [a.href, a.dataset.app])"
    )
    assert links[0][0].startswith("https://map.kakao.com/link/to/")
    assert links[1][0].startswith("https://map.naver.com/p/directions/")
    assert [app.partition(":")[0] for _, app in links] == ["kakaomap", "nmap", "geo"]
    for link in itertools.chain(*links):
        assert f"{entrance.y:.6f}".rstrip("0") in link
        assert f"{entrance.x:.6f}".rstrip("0") in link


AGENTS = {
    "Android": ("Mozilla/5.0 (Linux; Android 15; SM-S918N) Chrome/141.0 Mobile", "intent://route"),
    "iPhone": ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari", "kakaomap://route"),
    "desk": ("Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0", ""),
}


@pytest.mark.parametrize("machine", AGENTS)
def test_only_a_tap_on_a_telephone_tries_an_app(visit, sample_url, machine):
    agent, opened = AGENTS[machine]
    seen = visit(sample_url + "/trails/geumdangsan-1", user_agent=agent)
    # What the scripts of the page make of a tap, before the browser follows a link.
    seen.page.evaluate(
        """() => { window.opened = "";
          navigation.addEventListener("navigate", event => {
            window.opened = event.destination.url; event.preventDefault(); });
          document.addEventListener("click", event => {
            if (event.defaultPrevented) return;
            event.preventDefault(); window.opened = "link"; }); }"""
    )
    assert seen.page.locator("[data-own-map]").is_visible() is bool(opened)
    seen.page.locator("#maps a").first.click()
    address = seen.page.evaluate("window.opened")
    assert address.startswith(opened or "link")


def test_the_message_to_the_district_names_the_place(visit, sample_url, tmp_path):
    seen = visit(
        sample_url + "/trails/geumdangsan-1", permissions=["clipboard-read", "clipboard-write"]
    )
    seen.page.click("#tell-button")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert "금당산 1구간" in copied
    assert re.search(r"35[.]\d+, 126[.]\d+", copied)
    assert len(copied.encode("euc-kr")) <= 90
    assert "번호는 구청이 넣습니다" in seen.page.inner_text("#tell")
    assert seen.page.locator("#tell-send").count() == 0
    folder = tmp_path / "city"
    shutil.copytree(ROOT / "gpx", folder / "gpx")
    (folder / "layers").mkdir()
    (folder / "layers/catalog.toml").write_text('direct_line = "0621234567"\n', "utf-8")
    with serving(folder) as url:
        page = visit(url + "/trails/geumdangsan-1").page
        address = page.get_attribute("#tell-send", "href")
        assert address.startswith("sms:0621234567?&body=%5B")
        assert "+" not in address
        assert unquote(address.partition("body=")[2]) == page.inner_text("#tell-text")
        assert page.get_attribute("#tell [href^=tel]", "href") == "tel:+82621234567"


def test_names_of_a_message_are_shortened_and_its_numbers_never(visit, tmp_path):
    folder = tmp_path / "city"
    (folder / "gpx").mkdir(parents=True)
    shutil.copy(ROOT / "gpx/geumdangsan-1.gpx", folder / "gpx/geumdangsan-1.gpx")
    name = "아주 긴 이름을 가진 <b>맨발길</b> " * 5
    (folder / "gpx/trails.csv").write_text(f"id,name\ngeumdangsan-1,{name}\n", "utf-8")
    with serving(folder) as url:
        for scripts in (True, False):
            page = visit(url + "/trails/geumdangsan-1", java_script_enabled=scripts).page
            text = page.inner_text("#tell-text")
            assert len(text.encode("euc-kr")) <= 90
            assert ".." in text
            assert re.search(r"35[.]\d{4,}, 126[.]\d{4,}$", text)


# -- the board ---------------------------------------------------------------------------------


def test_a_tap_on_the_board_brings_a_neighborhood_into_focus(visit, sample_url):
    seen = visit(sample_url + "/board", {"width": 2560, "height": 1440})
    overflow = seen.page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert overflow <= 0, "the wall shows the whole board"
    box = seen.page.locator("#map_main").bounding_box()
    x, y = seen.page.evaluate(
        """() => { const { at } = maenballo.layers.neighborhoods.byId.chipyeong;
          const point = map_main.latLngToContainerPoint(maenballo.toLatLng(at));
          return [point.x, point.y]; }"""
    )
    seen.page.mouse.click(box["x"] + x, box["y"] + y)
    seen.page.wait_for_url("**area=chipyeong**")
    assert "치평동" in seen.page.inner_text("h1")


# -- for everybody -----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_state_that_nobody_knows_break_no_rule_of_accessibility(
    visit, doubtful_city, scheme
):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    with serving(doubtful_city) as url:
        for path in ("/", "/trails/", "/trails/near", "/trails/near/poster"):
            seen = visit(f"{url}{path}?lang=ko", PHONE, color_scheme=scheme)
            seen.settle()
            if "poster" not in path:  # which says only what stays true
                assert seen.page.locator(".state.unknown, [data-kind=unknown]").count() > 0
            found = Axe().run(seen.page, options={"runOnly": tags})
            broken = [
                f"{path} {rule['id']}: {node['html'][:140]}"
                for rule in found.response["violations"]
                for node in rule["nodes"]
            ]
            assert broken == []


def test_buttons_and_pictures_are_there_in_a_visitors_own_colours(visit, sample_url):
    """Windows' contrast themes take fills away: edges and pictures must stay."""
    page = visit(f"{sample_url}/trails/geumdangsan-2", forced_colors="active").page
    bare = page.eval_on_selector_all(
        ".plain-button, .near-button, .state",
        "all => all.filter(x => getComputedStyle(x).borderTopWidth === '0px').length",
    )
    assert bare == 0
    # What floats on the map keeps an edge.
    assert page.is_visible(".map-tools")
    assert page.eval_on_selector(".map-tools", "x => getComputedStyle(x).borderTopWidth") == "1px"
    page.wait_for_selector(".look-drop .pin-drop", state="attached")
    assert page.eval_on_selector(
        ".look-drop .pin-drop", "x => getComputedStyle(x).backgroundColor"
    ) not in {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}


def test_a_page_is_walked_by_keyboard_without_a_trap(visit, sample_url):
    seen = visit(sample_url + "/trails/geumdangsan-1", DESK)
    met = []
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        at = seen.page.evaluate(
            """() => { const x = document.activeElement; const s = getComputedStyle(x);
                return [x.tagName, x.id || x.textContent.trim().slice(0, 20),
                        s.outlineStyle !== 'none' || x.matches('.card-item > a')]; }"""
        )
        if at[0] == "BODY":
            break
        met.append(at)
        assert at[2], f"the focus is not seen on {at}"
    names = [name for _, name, _ in met]
    for wanted in ("profile-at", "share", "tell-button", "GPX"):
        assert wanted in names
    assert at[0] == "BODY", "the way leads out of the page again"


def test_the_lists_are_searched_without_javascript(visit, sample_url):
    seen = visit(sample_url + "/trails/", java_script_enabled=False)
    seen.page.fill("input[name=q]", "ㄱㄷㅅ")
    with seen.page.expect_navigation():
        seen.page.press("input[name=q]", "Enter")
    names = "all => all.map(a => a.textContent)"
    shown = seen.page.eval_on_selector_all("#listed .name", names)
    assert len(shown) == 2
    assert all(name.startswith("금당산") for name in shown)


# -- text from files ---------------------------------------------------------------------------


def test_hostile_names_are_text_on_every_page(visit, tmp_path):
    folder = payload_city(tmp_path)
    city = open_city(folder)
    with serving(folder) as url:
        seen = visit(url, DESK)
        for id_, name in city.trails["name"].items():
            for path in (f"/trails/{id_}", f"/trails/{id_}/poster"):
                seen.page.goto(url + path)
                assert seen.page.text_content("h1").strip() == name.strip()
                assert seen.page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        seen.page.goto(url + "/trails/")
        shown = {text.strip() for text in seen.page.locator(".cards .name").all_text_contents()}
        assert shown == {name.strip() for name in city.trails["name"]}
        seen.page.goto(url + "/districts/")
        links = seen.page.eval_on_selector_all(".cards a", "all => all.map(a => a.href)")
        for link in links:
            seen.page.goto(link)
            assert seen.page.text_content("h1").strip() in {name.strip() for name in PAYLOADS}


# -- without signal ----------------------------------------------------------------------------


IS_KEPT = "caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)"


def test_the_site_is_read_without_signal(visit, sample_url):
    seen = visit(sample_url + "/?lang=ko", keeps=True)
    seen.wait_until(IS_KEPT)
    seen.page.context.set_offline(True)
    seen.page.goto(sample_url + "/trails/geumdangsan-2?lang=ko")
    assert "금당산 2구간" in seen.page.inner_text("h1")
    seen.page.wait_for_selector("path.drawn-trails", state="attached")
    seen.page.goto(sample_url + "/?lang=ko")
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    seen.page.goto(sample_url + "/districts/001?lang=ko")
    assert "연결이 없습니다" in seen.page.inner_text("h1")
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]


def test_a_telephone_can_install_it(visit, sample_url):
    seen = visit(sample_url)
    address = seen.page.get_attribute("link[rel=manifest]", "href")
    manifest = seen.page.evaluate("address => fetch(address).then(r => r.json())", address)
    assert manifest["start_url"].endswith("?lang=ko")
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    for icon in manifest["icons"]:
        assert seen.page.evaluate("src => fetch(src).then(r => r.status)", icon["src"]) == 200
