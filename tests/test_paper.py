"""A trail on paper: one sheet of A4, its map filled, in light colours, from any window."""

from __future__ import annotations

import re

import pytest
import shapely
from browsing import DESK, PHONE, needs_chromium
from cities import city_of, frame_of

from mapserver.drawing.paper_map import HEIGHT_PX, WIDTH_PX, draw_paper_map

A4_PT = (595, 842)
TRAIL = "geumdangsan-2"
"""The longest one, with the most that stands along it."""


def count_pages(paper: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def read_size(paper: bytes) -> tuple[int, int]:
    """Return width and height of the first page of a PDF, in points."""
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper)
    return round(float(box[1])), round(float(box[2]))


def print_page(seen) -> bytes:
    return seen.page.pdf(prefer_css_page_size=True, print_background=True)


PAPERS = ("", "/poster")
WINDOWS = {"phone": (PHONE, "light"), "desk": (DESK, "light"), "dark phone": (PHONE, "dark")}


@needs_chromium
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("paper", PAPERS)
def test_a_trail_is_one_sheet_of_a4_from_every_window(visit, sample_url, paper, window):
    viewport, scheme = WINDOWS[window]
    seen = visit(f"{sample_url}/trails/{TRAIL}{paper}?lang=ko", viewport, color_scheme=scheme)
    sheet = print_page(seen)
    assert count_pages(sheet) == 1
    assert read_size(sheet) == pytest.approx(A4_PT, abs=1)


# Bodies of many pages in one document, each beginning a sheet, are printed at once: that is thirty
# times as quick as one page after the other, and there are more sheets where one of them overflows.
STACK_PAGES = """async addresses => {
  const pages = await Promise.all(addresses.map(address => fetch(address).then(x => x.text())));
  document.body.remove();
  for (const page of pages) {
    const { body } = new DOMParser().parseFromString(page, "text/html");
    document.documentElement.append(document.adoptNode(body));
  }
  document.querySelectorAll("body + body").forEach(body => body.style.breakBefore = "page");
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  return document.querySelectorAll("body").length;
}"""


# A poster is as high as its sheet and hides what is too long for it: pages alone would not tell.
COUNT_CUT = """() => [...document.querySelectorAll("main.sheet")]
  .filter(sheet => sheet.scrollHeight > sheet.clientHeight + 1).length"""


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("paper", PAPERS)
def test_every_trail_is_one_sheet_in_both_languages(visit, sample_url, sample_city, paper, lang):
    addresses = [
        f"{sample_url}/trails/{id_}{paper}?lang={lang}&size=large"
        for id_ in sample_city.trails.index
    ]

    def print_together(some: list[str]) -> tuple[int, int]:
        seen = visit(some[0])
        seen.page.wait_for_load_state("networkidle")
        assert seen.page.evaluate(STACK_PAGES, some) == len(some)
        count = count_pages(print_page(seen))
        seen.page.emulate_media(media="print")
        return count, seen.page.evaluate(COUNT_CUT)

    # Which of them is it? That is asked only where the answer for all of them is wrong.
    if print_together(addresses) != (len(addresses), 0):
        wrong = [each for each in addresses if print_together([each]) != (1, 0)]
        pytest.fail(f"not one whole sheet each: {wrong or 'all of them together'}")


@needs_chromium
@pytest.mark.parametrize("paper", PAPERS)
def test_paper_is_light_where_the_screen_is_dark(visit, sample_url, paper):
    seen = visit(f"{sample_url}/trails/{TRAIL}{paper}", PHONE, color_scheme="dark")
    seen.page.emulate_media(media="print", color_scheme="dark")
    colors = seen.page.evaluate(
        """() => [getComputedStyle(document.querySelector("h1")).color,
          getComputedStyle(document.querySelector(".paper-map .land")).fill,
          getComputedStyle(document.body).backgroundColor]"""
    )
    ink, land, ground = (sum(int(n) for n in re.findall(r"\d+", color)[:3]) / 3 for color in colors)
    assert ink < 60
    assert min(land, ground) > 220


@needs_chromium
def test_the_map_on_paper_is_filled_from_edge_to_edge(visit, sample_url):
    seen = visit(f"{sample_url}/trails/{TRAIL}/poster", PHONE)
    seen.page.emulate_media(media="print")
    box, ground = seen.page.evaluate(
        """() => [document.querySelector(".paper-map"), document.querySelector(".paper-map .out")]
          .map(x => x.getBoundingClientRect()).map(x => [x.left, x.top, x.right, x.bottom])"""
    )
    assert ground[0] <= box[0]
    assert ground[1] <= box[1]
    assert ground[2] >= box[2]
    assert ground[3] >= box[3]


@needs_chromium
def test_scale_and_north_stand_in_corners_whatever_shape_the_map_has(visit, sample_url):
    """What else is on a sheet takes height of its map, which is then wider than its frame."""
    page = visit(f"{sample_url}/trails/{TRAIL}/poster?lang=ko", PHONE).page
    page.emulate_media(media="print")
    box, scale, north = (
        page.locator(place).bounding_box()
        for place in (".paper-map", ".paper-map .scale path", ".paper-map .north circle")
    )
    assert box["width"] / box["height"] > 2  # the frame has 1.8
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    assert 0 < scale["x"] - box["x"] < 0.04 * box["width"]
    assert 0 < bottom - scale["y"] - scale["height"] < 0.1 * box["height"]
    assert 0 < right - north["x"] - north["width"] < 0.04 * box["width"]
    assert 0 < north["y"] - box["y"] < 0.15 * box["height"]


@needs_chromium
def test_paper_says_the_nearest_stop_alone(visit, sample_url):
    seen = visit(f"{sample_url}/trails/{TRAIL}?lang=ko", PHONE)
    assert seen.page.locator("[data-arrival]:visible").count() > 3
    seen.page.emulate_media(media="print")
    lines = seen.page.locator("[data-arrival]:visible")
    assert [line.get_attribute("data-arrival") for line in lines.all()] == ["stops"]
    assert "정류장 번호 00" in lines.inner_text()


@needs_chromium
def test_a_poster_keeps_number_and_minutes_of_a_stop_with_a_long_name(visit, sample_url):
    seen = visit(f"{sample_url}/trails/{TRAIL}/poster?lang=en")
    seen.page.evaluate("document.querySelector('.sheet-way b').textContent = '긴 이름 '.repeat(80)")
    seen.page.evaluate("document.querySelector('.sheet-way small').append('노선 '.repeat(200))")
    assert seen.page.evaluate(COUNT_CUT) == 0
    sheet, minutes = (
        seen.page.locator(place).bounding_box() for place in ("main.sheet", ".sheet-way span")
    )
    assert minutes["width"] > 100
    assert minutes["x"] + minutes["width"] < sheet["x"] + sheet["width"]


def test_a_poster_says_nothing_that_is_true_of_today_alone(sample_app):
    page = sample_app.test_client().get(f"/trails/{TRAIL}/poster?lang=en").get_data(as_text=True)
    sheet = page.partition('<main class="sheet">')[2]
    assert "data-state-of" not in sheet
    # The caption of the code asks whether it is open; it does not say so.
    words = re.sub(r"<figure.*?</figure>", "", sheet, flags=re.DOTALL)
    assert not re.search(r"Open (today|until)|Closed|Not certain", words)
    assert "1 March to 30 November" in sheet


# -- the map -----------------------------------------------------------------------------------

HILL = shapely.LineString([(126.85, 35.14), (126.856, 35.144)])


def draw(line=HILL, facilities=(), **layers):
    city = city_of(trails=frame_of([line]))
    shapes = {name: layers.get(name) for name in ("areas", "districts", "others")}
    return draw_paper_map(line, city.metric_crs, **shapes, facilities=list(facilities))


def test_the_trail_stands_within_the_frame_and_starts_where_the_drop_is():
    drawn = draw()
    corners = [tuple(map(float, xy)) for xy in re.findall(r"([\d.]+) ([\d.]+)", drawn.trail)]
    assert all(0 < x < WIDTH_PX and 0 < y < HEIGHT_PX for x, y in corners)
    assert corners[0] == drawn.start


def test_signs_lie_neither_on_each_other_nor_on_the_drop():
    start = shapely.Point(HILL.coords[0])
    kinds = ("foot_wash", "toilet", "shoe_rack", "drinking_water", "bench", "entrance")
    signs = draw(facilities=[(kind, start) for kind in kinds]).signs
    assert [sign.kind for sign in signs] == list(kinds[:4])
    assert all(sign.is_moved for sign in signs)
    for one, sign in enumerate(signs):
        for other in signs[:one]:
            assert max(abs(sign.x - other.x), abs(sign.y - other.y)) >= 34


def test_signs_stand_beside_the_trail_and_their_thin_lines_do_not_tangle():
    way = shapely.LineString([(126.85, 35.14), (126.8515, 35.1398), (126.853, 35.137)])
    start = shapely.Point(way.coords[0])
    drawn = draw(way, [(kind, start) for kind in ("foot_wash", "toilet", "shoe_rack")])
    corners = [tuple(map(float, xy)) for xy in re.findall(r"([\d.]+) ([\d.]+)", drawn.trail)]
    line = shapely.LineString(corners)
    boxes = [shapely.box(s.x - 17, s.y - 17, s.x + 17, s.y + 17) for s in drawn.signs]
    leaders = [shapely.LineString([(s.place_x, s.place_y), (s.x, s.y)]) for s in drawn.signs]
    assert len(boxes) == 3
    assert not any(box.intersects(line) for box in boxes)
    for one, leader in enumerate(leaders):
        assert not any(leader.intersects(box) for n, box in enumerate(boxes) if n != one)


def test_the_scale_bar_is_as_long_as_it_says():
    drawn = draw()
    xs = [float(x) for x in re.findall(r"([\d.]+) [\d.]+", drawn.trail)]
    # 0.006 degrees of longitude at 35.14 degrees north.
    assert (xs[-1] - xs[0]) / drawn.scale_px * drawn.scale_m == pytest.approx(547, rel=0.02)


def test_a_short_trail_is_not_blown_up_and_none_is_no_map():
    short = shapely.LineString([(126.85, 35.14), (126.85001, 35.14)])
    assert draw(short).scale_m >= 20
    assert (
        draw_paper_map(
            shapely.LineString(),
            "EPSG:5186",
            areas=None,
            districts=None,
            others=None,
            facilities=[],
        )
        is None
    )
