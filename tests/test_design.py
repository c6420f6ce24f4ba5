"""What the design asks of every page, in Chromium: sizes of text and targets, policy, axe."""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, needs_chromium

pytestmark = needs_chromium

PAGES = {
    "first page": "/",
    "trails": "/trails/",
    "trail": "/trails/geumdangsan-2",
    "districts": "/districts/",
    "district": "/districts/001",
    "neighborhoods": "/neighborhoods/",
    "neighborhood": "/neighborhoods/pungam",
    "board": "/board",
    "no signal": "/offline",
    "embed": "/embed",
}
SIZES = {
    "phone": PHONE,
    "small phone": {"width": 360, "height": 640},
    "phone on its side": {"width": 844, "height": 390},
    "tablet": {"width": 768, "height": 1024},
    "desk": DESK,
}
LEAST_LARGE_PX = 18.7
"""Fourteen points: the least size of any text where somebody asked for large text."""
LEAST_TARGET_PX = 48

# Every text that is seen, with its size; what only screen readers get is not measured.
SMALL_TEXTS = """least => {
  const isSeen = x => x.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const unmeasured = '.sr, .unseen, noscript, script, style, option, .leaflet-control-attribution';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isSeen(holder) || holder.closest(unmeasured)) continue;
    const svg = holder.ownerSVGElement;
    // A drawing is as large as its box: its text grows and shrinks with it.
    const drawn = svg && svg.viewBox.baseVal.width;
    const scale = drawn ? svg.getBoundingClientRect().width / drawn : 1;
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


def address(path: str, lang: str, **more: str) -> str:
    return f"{path}?lang={lang}" + "".join(f"&{name}={value}" for name, value in more.items())


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_is_large_where_large_text_is_asked_for(visit, sample_url, name, lang):
    seen = visit(sample_url + address(PAGES[name], lang, size="large"))
    seen.settle()
    assert seen.page.evaluate(SMALL_TEXTS, LEAST_LARGE_PX) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", PAGES)
def test_targets_in_lists_and_bars_are_as_large_as_a_thumb(visit, sample_url, name):
    seen = visit(sample_url + address(PAGES[name], "ko"))
    seen.settle()
    assert seen.page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_keeps_to_the_policy_and_asks_nobody_else(visit, sample_url, name, size):
    seen = visit(sample_url + address(PAGES[name], "ko"), SIZES[size])
    seen.settle()
    assert seen.faults == []
    assert [x for x in seen.requests if not x.startswith((sample_url, "data:", "blob:"))] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


LOOKS = {
    "light": ("ko", {}, {}),
    "dark": ("en", {}, {"color_scheme": "dark"}),
    "large": ("ko", {"size": "large"}, {}),
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(visit, sample_url, name, look):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    lang, more, options = LOOKS[look]
    seen = visit(sample_url + address(PAGES[name], lang, **more), **options)
    seen.settle()
    found = Axe().run(seen.page, options={"runOnly": TAGS})
    broken = [
        f"{rule['id']}: {node['html'][:140]} {node['failureSummary'][:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
    assert broken == []


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
