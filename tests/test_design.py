"""What the design asks of every page, in Chromium: sizes of text and targets, policy, axe.

A kind of page is opened once in each language: windows, colours and sizes of text are changed on
the page that is there, because opening it is what takes the time.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import DESK, PHONE, SIZES, needs_chromium

pytestmark = needs_chromium

PAGES = {
    "first page": "/",
    "trails": "/trails/",
    "trail": "/trails/geumdangsan-2",
    "poster": "/trails/geumdangsan-1/poster",
    "districts": "/districts/",
    "district": "/districts/001",
    "neighborhoods": "/neighborhoods/",
    "neighborhood": "/neighborhoods/pungam",
    "board": "/board",
    "board of a neighborhood": "/board?area=chipyeong",
    "no signal": "/offline",
    "embed": "/embed",
    "API": "/api/docs",
    "map": "/map",
    "collection": "/api/collections/trails",
    "items": "/api/collections/trails/items?surface=황토&limit=5",
    "nothing there": "/trails/nope",
}
PAPER_AND_MAP = {"poster", "map"}
"""What has neither lists nor bars: a sheet has the sizes of paper, a bare map has none."""
SCHEMES = ("light", "dark")
LEAST_PX = 14
LEAST_LARGE_PX = 18.7
"""Fourteen points: the least size of any text where somebody asked for large text."""
LEAST_TARGET_PX = 48

# Every text that is seen, with its size; what only screen readers get is not measured.
SMALL_TEXTS = """least => {
  const isSeen = x => x.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const unmeasured = '.sr, .unseen, noscript, script, style, option, .leaflet-control-attribution,'
    + '[data-size-switch] small'; // two letters of two sizes, which are its sign
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isSeen(holder) || holder.closest(unmeasured)) continue;
    // A drawing is as large as its box: its text grows and shrinks with it.
    const scale = holder.getScreenCTM ? holder.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(holder).fontSize) * scale;
    if (size < least) small.push(`${size.toFixed(1)} px: ${holder.outerHTML.slice(0, 90)}`);
  }
  return [...new Set(small)];
}"""

# What one presses in lists and bars; links within a sentence are as high as its lines.
SMALL_TARGETS = """least => {
  const isSeen = x => x.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const within = 'p, dd, .leaflet-control-attribution, .map-credit';
  const pressed = 'a[href], button, summary, select, input:not([type=hidden])';
  return [...document.querySelectorAll(pressed)]
    .filter(x => isSeen(x) && !x.closest(within) && !x.classList.contains('skip'))
    .map(x => [(x.closest('.chip, label') || x).getBoundingClientRect(), x])
    .filter(([box]) => box.width > 0 && Math.min(box.width, box.height) < least - 0.5)
    .map(([box, x]) => `${box.width | 0} x ${box.height | 0}: ${x.outerHTML.slice(0, 80)}`);
}"""


def address(name: str, lang: str, **more: str) -> str:
    path = PAGES[name]
    more = {"lang": lang, **more}
    return path + ("&" if "?" in path else "?") + "&".join(f"{x}={y}" for x, y in more.items())


def forget_missing_page(seen) -> None:
    """Forget that the browser calls the page of a missing page a fault."""
    seen.faults[:] = [fault for fault in seen.faults if "404" not in fault]


@pytest.fixture
def open_page(visit, sample_url):
    """Open a kind of page in a language, with nothing in motion."""

    def go(name: str, lang: str, viewport=PHONE):
        seen = visit(sample_url + address(name, lang), viewport, reduced_motion="reduce")
        seen.settle()
        return seen

    return go


def find_overflow(seen, width: int) -> list[str]:
    """Find by how much the page is wider than a window of this width."""
    is_at = seen.page.evaluate("document.documentElement.scrollWidth")
    return [f"{is_at} px wide"] if is_at > width else []


def measure_page(seen, name: str, least_px: float, *, targets: bool) -> dict[tuple, list[str]]:
    """Find what is too small or too wide in windows of all sizes, in light and dark colours."""
    wrong = {}
    for size, viewport in SIZES.items():
        seen.page.set_viewport_size(viewport)
        for scheme in SCHEMES:
            seen.page.emulate_media(color_scheme=scheme)
            seen.settle()
            faults = find_overflow(seen, viewport["width"])
            if name not in PAPER_AND_MAP:
                faults += seen.page.evaluate(SMALL_TEXTS, least_px)
                faults += seen.page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX) if targets else []
            if faults:
                wrong[size, scheme] = faults
    return wrong


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_the_design_at_every_size_light_dark_and_large(
    open_page, sample_url, name, lang
):
    seen = open_page(name, lang)
    assert measure_page(seen, name, LEAST_PX, targets=True) == {}
    # No phone is narrower than this one.
    seen.page.set_viewport_size({"width": 320, "height": 800})
    assert find_overflow(seen, 320) == []
    # Large text, where an address asks for it.
    seen.page.set_viewport_size(PHONE)
    seen.page.goto(sample_url + address(name, lang, size="large"), wait_until="load")
    assert measure_page(seen, name, LEAST_LARGE_PX, targets=False) == {}
    # Neither a policy was broken, nor anybody else asked.
    forget_missing_page(seen)
    assert seen.faults == []
    assert [x for x in seen.requests if not x.startswith((sample_url, "data:", "blob:"))] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "map"])
def test_text_twice_as_large_fits(open_page, name):
    seen = open_page(name, "en")
    page = seen.page
    before = page.eval_on_selector("h1", "x => parseFloat(getComputedStyle(x).fontSize)")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    seen.settle()
    if name != "poster":  # a sheet of paper has sizes of paper
        after = page.eval_on_selector("h1", "x => parseFloat(getComputedStyle(x).fontSize)")
        assert after == pytest.approx(2 * before)
    assert find_overflow(seen, PHONE["width"]) == []
    cut = page.eval_on_selector_all(
        ".bar a, .plain-button, .near-button, h1, h2",
        """all => all.filter(x => x.checkVisibility() && x.scrollWidth > x.clientWidth + 1
             && getComputedStyle(x).display !== 'inline' && !x.classList.contains('unseen'))
             .map(x => x.outerHTML.slice(0, 100))""",
    )
    assert cut == []
    forget_missing_page(seen)


# -- axe -------------------------------------------------------------------------------------------

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STRONG = {
    "runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
"""Axe leaves the rule of level AAA out unless it is asked for."""
COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What the dark can break: it changes colours alone, as the tests of sizes and of the map hold."""
STRONG_PAGES = {"first page", "trails", "trail", "district", "board"}

# Rows of a list are alike: after all of them were looked at once, twelve stand for them.
RUN_AXE = """([options, isWhole]) => axe.run(
  isWhole ? document : { include: [["html"]], exclude: [[":is(ul, tbody) > :nth-child(n + 13)"]] },
  { ...options, resultTypes: ["violations"] },
).then(found => found.violations.flatMap(rule =>
  rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 140)} ${node.failureSummary}`)))"""


def read_axe() -> str:
    import axe_playwright_python  # noqa: PLC0415 -- with Chromium only

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def run_axe(seen, options, *, is_whole: bool = False) -> list[str]:
    """List what axe finds on a page; its script is loaded once for all runs on the page."""
    seen.settle()
    if not seen.page.evaluate("'axe' in window"):
        seen.page.evaluate(read_axe())
    return seen.page.evaluate(RUN_AXE, [options, is_whole])


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page, sample_url, name, lang):
    seen = open_page(name, lang)
    page = seen.page
    if name == "first page":
        page.click("#locate")
        page.wait_for_selector("#locate[aria-pressed=true]")
    if name == "map":
        page.evaluate(
            "maenballo.setView({chosen: 'geumdangsan-1'}); maenballo.fitTrails(['geumdangsan-1'])"
        )
    broken = {"whole": run_axe(seen, {"runOnly": TAGS}, is_whole=True)}
    for text in ("normal", "large"):
        if text == "large":
            page.goto(sample_url + address(name, lang, size="large"), wait_until="load")
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                look = f"{text}, {scheme}, {viewport['width']} px"
                broken[look] = run_axe(seen, {"runOnly": TAGS} if scheme == "light" else COLORS)
                if name in STRONG_PAGES and lang == "ko" and viewport == PHONE:
                    page.emulate_media(contrast="more")
                    broken[f"{look}, high contrast"] = run_axe(seen, STRONG)
                    page.emulate_media(contrast="null")
    assert {look: found for look, found in broken.items() if found} == {}
    forget_missing_page(seen)


# -- large text ------------------------------------------------------------------------------------


def test_large_text_is_kept_on_the_device_and_travels_with_links(visit, sample_url):
    page = visit(f"{sample_url}/trails/?lang=ko").page
    page.click(".bar [data-size-switch]")
    assert page.get_attribute("html", "data-size") == "large"
    assert page.get_attribute(".bar [data-size-switch]", "aria-pressed") == "true"
    page.goto(f"{sample_url}/districts/?lang=ko")
    assert page.get_attribute("html", "data-size") == "large"
    page.click(".bar [data-size-switch]")
    page.goto(f"{sample_url}/trails/?lang=ko")
    assert page.get_attribute("html", "data-size") is None


def test_large_text_needs_no_script(sample_app):
    client = sample_app.test_client()
    text = client.get("/trails/?lang=ko&size=large").text
    assert 'data-size="large"' in text
    assert "?lang=ko&amp;size=large" in text
    assert "data-size=" not in client.get("/trails/?lang=ko&size=huge").text.partition("<body")[0]


def test_the_menu_closes_by_escape_and_goes_back_to_its_button(visit, sample_url):
    page = visit(f"{sample_url}/trails/?lang=ko").page
    page.click(".menu summary")
    assert page.is_visible(".menu-box")
    page.keyboard.press("Escape")
    assert not page.is_visible(".menu-box")
    assert page.evaluate("document.activeElement.matches('.menu summary')")
    page.click(".menu summary")
    page.click("main", position={"x": 4, "y": 400})
    assert not page.is_visible(".menu-box")
