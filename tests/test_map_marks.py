"""Pins, pills and names on the map: none lies on another, and nothing covers what was chosen."""

from __future__ import annotations

import pytest
from browsing import DESK, SIZES, needs_chromium

from mapserver.settings import page_colors, palette

pytestmark = [needs_chromium]

ZOOMS = [11, 12, 12.5, 13, 13.25, 13.75, 14.5, 15.25, 16, 17, 18]

MARKS = """
const pins = ".look-pin .pin, .look-group .pin, .pin-pill, .pin-drop";
const marks = `${pins}, .name-text, .leaflet-pane .facility`;
const twoFrames = () =>
  new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
/** List pairs of marks that share more than a hair. Those beyond the map's edge are not seen. */
function listTouching() {
  const all = [...document.querySelectorAll(marks)]
    .map(mark => [mark, mark.getBoundingClientRect()]);
  const pairs = [];
  all.forEach(([one, a], i) => all.slice(i + 1).forEach(([other, b]) => {
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    // A round pin does not fill its corners.
    const slack = [one, other].every(x => x.matches(".pin, .facility, .pin-drop")) ? 4 : 1;
    if (width > slack && height > slack)
      pairs.push([one, other].map(x => x.textContent || x.className));
  }));
  return [pairs, all.length];
}
/**
 * List neighbourhoods whose names leave them, and pills that stand too near to the tools. On a map
 * of the whole city names hang over its border, and over no other neighbourhood.
 */
function listMisplaced() {
  const names = [...document.querySelectorAll(".name-neighborhoods .name-text")];
  const areas = Object.values(maenballo.layers).find(x => x.options.role === "neighborhoods");
  const away = Object.values(areas.byId).flatMap(({ feature, drawn }) => {
    const path = drawn.getElement(), matrix = path.getScreenCTM().inverse();
    const isOwn = each => each.textContent === feature.properties.name;
    const isFar = map_main.getZoom() < 13;
    const holds = ([x, y]) => path.isPointInFill(new DOMPoint(x, y).matrixTransform(matrix));
    return names.filter(each => isOwn(each) !== isFar).filter(function (each) {
      const { left, top, right, bottom } = each.getBoundingClientRect();
      const off = isFar ? 4 : 0; // letters have some air around them
      const corners = [left + off, right - off].flatMap(x =>
        [top + off, bottom - off].map(y => [x, y]));
      return isFar ? corners.some(holds) : !corners.every(holds);
    }).map(each => each.textContent);
  });
  const tools = document.querySelector(".map-tools").getBoundingClientRect();
  const near = [...document.querySelectorAll(".pin-pill")].filter(function (pill) {
    const { left, top, right, bottom } = pill.getBoundingClientRect();
    return left < tools.right + 15 && right > tools.left - 15
      && top < tools.bottom + 15 && bottom > tools.top - 15;
  }).map(pill => pill.textContent);
  return [...away, ...near];
}
"""


# Cards below the window are laid out when one scrolls to them: until then they have no boxes.
LIST_BOXES = """() => [...document.querySelectorAll("body *")].map(each => {
  if (!each.checkVisibility({ contentVisibilityAuto: true })) return "";
  const { left, top, width, height } = each.getBoundingClientRect();
  return [left, top, width, height].map(Math.round).join(" ");
})"""


def assert_dark_moves_nothing(page) -> None:
    """Hold that everything stands where it stood: what was measured in light holds in the dark."""
    boxes = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(f"(async () => {{ {MARKS} await twoFrames(); }})()")
        boxes.append(page.evaluate(LIST_BOXES))
    page.emulate_media(color_scheme="light")
    assert boxes[0] == boxes[1]
    assert len(list(filter(None, boxes[0]))) > 100


@pytest.mark.slow  # many views of one page
@pytest.mark.parametrize(
    "query",
    [
        "lang=ko",
        "lang=en",
        "lang=ko&size=large",
        "lang=en&size=large",
        "lang=ko&date=2026-12-20",
        "lang=en&date=2026-12-20&size=large",
    ],
)
def test_pins_and_names_never_touch(visit, sample_url, query):
    page = visit(f"{sample_url}/?{query}", reduced_motion="reduce").page
    page.wait_for_selector(".pin-box", state="attached")
    touching, count = {}, 0
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for zoom in ZOOMS:
            pairs, marks, misplaced = page.evaluate(
                f"""async zoom => {{ {MARKS}
                  map_main.setView([35.127, 126.875], zoom, {{ animate: false }});
                  await twoFrames();
                  return [...listTouching(), listMisplaced()]; }}""",
                zoom,
            )
            assert misplaced == [], (size, zoom)
            count += marks
            if pairs:
                touching[size, zoom] = pairs
        assert_dark_moves_nothing(page)
    assert touching == {}
    assert count > 300


@pytest.fixture
def sample(sample_url, sample_city):
    """Return where the sample is served, and how many trails it has."""
    return sample_url, len(sample_city.trails)


@pytest.mark.parametrize(
    ("size", "query", "least"),
    [
        ("phone", "lang=ko", 8),
        ("small phone", "lang=ko", 4),
        ("phone", "lang=en", 5),
        ("small phone", "lang=en&size=large", 0),  # where the map is 100 pixels high
    ],
)
def test_on_a_closed_day_trails_share_marks_and_neighborhoods_have_names(
    visit, sample, size, query, least
):
    """Of the whole district on a telephone: no dot that says nothing, and where one is."""
    sample_url, trail_count = sample
    seen = visit(f"{sample_url}/?{query}&date=2026-12-20", SIZES[size], reduced_motion="reduce")
    page = seen.page
    page.wait_for_selector(".look-group")
    seen.settle()
    assert page.locator(".look-dot").count() == 0
    counts = [int(text) for text in page.locator(".look-group b").all_inner_texts()]
    assert sum(counts) + page.locator(".look-pin").count() == trail_count
    assert min(counts) > 1
    assert page.locator(".name-neighborhoods .name-text").count() >= least
    touching, _ = page.evaluate(f"() => {{ {MARKS} return listTouching(); }}")
    assert touching == []
    # One hears how many and which, and a press brings the map to them.
    mark = page.locator(".look-group").first
    count = mark.locator("b").inner_text()
    heard = mark.get_attribute("aria-label")
    assert f" {count}" in heard
    assert heard.count(";") == int(count) - 1
    before = page.evaluate("map_main.getZoom()")
    mark.focus()
    page.keyboard.press("Enter")
    seen.wait_until("before => map_main.getZoom() > before", before)
    assert page.evaluate("document.activeElement !== document.body")


@pytest.mark.slow  # every trail at five sizes
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nothing_covers_a_trail_that_was_chosen(visit, sample_url, sample_city, lang):
    page = visit(f"{sample_url}/?lang={lang}", reduced_motion="reduce").page
    page.wait_for_selector(".pin-box", state="attached")
    covered, dots = {}, {}
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        found, dots[size] = page.evaluate(
            f"""async ids => {{ {MARKS}
              let dotCount = 0;
              const covers = [".sheet", ".top", ".filters", ".map-tools"];
              const found = [];
              for (const id of ids) {{
                maenballo.pick({{ role: "trails", layer: "trails", id }});
                await twoFrames();
                await twoFrames();
                const line = document.querySelector(".trail-line.chosen").getBoundingClientRect();
                const drop = document.querySelector(".pin-drop").getBoundingClientRect();
                for (const each of [line, drop]) {{
                  const inside = each.left >= 0 && each.top >= 0 && each.right <= innerWidth
                    && each.bottom <= innerHeight;
                  if (!inside) found.push([id, "edge"]);
                  // The dot of where one asks from is whole or out; a narrower map has no
                  // room for it beside its tools.
                  const me = document.querySelector(".here-named i").getBoundingClientRect();
                  const map = document.querySelector(".map-wrap").getBoundingClientRect();
                  const isOut = me.right <= map.left || me.left >= map.right
                    || me.bottom <= map.top || me.top >= map.bottom;
                  const isWhole = me.left >= map.left && me.right <= map.right
                    && me.top >= map.top && me.bottom <= map.bottom;
                  if (map.width >= 720) dotCount += Number(isWhole);
                  if (map.width >= 720 && !isOut && !isWhole) found.push([id, "me"]);
                  for (const cover of covers) {{
                    const box = document.querySelector(cover)?.getBoundingClientRect();
                    if (box && box.left < each.right && box.right > each.left
                      && box.top < each.bottom && box.bottom > each.top) found.push([id, cover]);
                  }}
                }}
              }}
              return [found, dotCount]; }}""",
            list(sample_city.trails.index),
        )
        if found:
            covered[size] = found
        assert_dark_moves_nothing(page)
    assert covered == {}
    # Only the map of a desk is as wide as that: there the dot was seen, whole.
    assert [size for size, count in dots.items() if count] == ["desk"]


NAMES_ON_LINES = """async zoom => {
  map_main.setView(map_main.getCenter(), zoom, { animate: false });
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const names = [...document.querySelectorAll(".name-trails .name-text")]
    .map(name => [name.textContent, name.getBoundingClientRect()]);
  const points = [...document.querySelectorAll(".trail-line")].flatMap(function (line) {
    const length = line.getTotalLength(), matrix = line.getScreenCTM();
    return Array.from({ length: Math.ceil(length / 4) }, (_, i) =>
      line.getPointAtLength(4 * i).matrixTransform(matrix));
  });
  return [names.length, names.filter(([, box]) => points.some(({ x, y }) =>
    x > box.left && x < box.right && y > box.top && y < box.bottom)).map(([name]) => name)];
}"""


@pytest.mark.parametrize("id_", ["gwangdeok-high-school", "geumdangsan-2"])
def test_names_of_trails_stand_beside_lines(visit, sample_url, id_):
    """On a telephone, where there is little room beside a line."""
    page = visit(f"{sample_url}/trails/{id_}?lang=ko", reduced_motion="reduce").page
    page.wait_for_selector(".look-drop")
    counts = []
    for zoom in (14, 15, 16.5):
        count, on_lines = page.evaluate(NAMES_ON_LINES, zoom)
        assert on_lines == [], zoom
        counts.append(count)
    assert max(counts) >= 2
    # The link to the large map stands on this one, and nothing that was placed lies below it.
    assert page.evaluate(BELOW_LINK) == []
    # The day stands beside the name, above the box that answers for it; no line below the name
    # ends with a dot, and the name of the site has one line in English, too.
    page.goto(f"{sample_url}/trails/{id_}?lang=en", wait_until="load")
    box, day = (page.locator(at).bounding_box() for at in (".status", ".name-row .chip-btn"))
    assert day["x"] + day["width"] <= box["x"] + box["width"]
    assert day["y"] + day["height"] <= box["y"]
    assert page.locator(".bar-title bdi").evaluate("x => x.getClientRects().length") == 1
    assert page.locator(".bar-title bdi").bounding_box()["height"] < 30
    for lang in ("en", "ko"):
        page.goto(f"{sample_url}/trails/{id_}?lang={lang}", wait_until="load")
        box, dock = (page.locator(at).bounding_box() for at in (".first .three", ".dock"))
        assert box["y"] + box["height"] <= dock["y"], lang
    # Back from the large map one comes to this page; there the trail is chosen at once.
    page.click(".large-map")
    page.wait_for_selector("#pick:not([hidden])")
    assert page.get_attribute("#pick", "data-id") == id_


@pytest.mark.parametrize(
    ("id_", "name"), [("chipyeong", "치평동"), ("hwajeong3", "Hwajeong 3-dong")]
)
def test_the_page_of_a_neighborhood_has_its_name_on_the_map(visit, sample_url, id_, name):
    """On a small telephone, where pins would need all of a small neighbourhood."""
    lang = "ko" if name == "치평동" else "en"
    viewport = SIZES["small phone"]
    seen = visit(f"{sample_url}/neighborhoods/{id_}?lang={lang}", viewport, reduced_motion="reduce")
    seen.settle()
    assert name in seen.page.locator(".name-neighborhoods .name-text").all_inner_texts()
    touching, _ = seen.page.evaluate(f"() => {{ {MARKS} return listTouching(); }}")
    assert touching == []


@pytest.mark.slow  # every trail in both languages
@pytest.mark.parametrize(
    "query", ["lang=ko", "lang=en", "lang=ko&date=2026-12-20", "lang=en&date=2026-12-20"]
)
def test_what_one_finds_there_is_on_the_first_screen_of_every_trail(
    visit, home_url, sample_city, query
):
    """Whatever its name needs; out of season its edge may lie below, by less than a line."""
    is_out_of_season = "date" in query
    page = visit("about:blank").page
    below = {}
    for id_ in sample_city.trails.index:
        page.goto(f"{home_url}/trails/{id_}?{query}", wait_until="domcontentloaded")
        edges = page.evaluate(
            """() => [document.querySelector(".first .three").getBoundingClientRect().bottom,
              document.querySelector(".dock").getBoundingClientRect().top,
              document.querySelector(".status").dataset.kind]"""
        )
        # Where one is closed today, what is open in its place comes first.
        is_told = is_out_of_season or edges[2] != "shut"
        if is_told and edges[0] > edges[1] + 12 * is_out_of_season:
            below[id_] = edges
    assert below == {}


BELOW_LINK = """() => {
  const link = document.querySelector(".large-map").getBoundingClientRect();
  const marks = document.querySelectorAll(".name-text, .pin, .pin-drop, .facility");
  return [...marks].filter(each => each.checkVisibility()).filter(function (each) {
    const box = each.getBoundingClientRect();
    return box.left < link.right && box.right > link.left
      && box.top < link.bottom && box.bottom > link.top;
  }).map(each => each.className + each.textContent);
}"""


def test_names_on_the_map_are_hidden_from_screen_readers_and_pins_are_named(visit, sample_url):
    page = visit(f"{sample_url}/map?lang=en", DESK).page
    page.wait_for_selector(".look-pin")
    assert page.locator(".name-text").count() > 5
    assert page.locator(".leaflet-names-pane[aria-hidden=true] .name-text").count() > 5
    assert (
        page.locator(".name-text").count() == page.locator("[aria-hidden=true] .name-text").count()
    )
    labels = page.eval_on_selector_all(".look-pin", "all => all.map(x => [x.role, x.ariaLabel])")
    assert {role for role, _ in labels} == {"button"}
    assert all(label for _, label in labels)
    # A dot is too small to be pressed: it is no button.
    assert page.locator(".look-dot[tabindex], .look-dot[role]").count() == 0


def test_a_press_near_a_trail_takes_it_and_a_page_may_do_something_else(visit, sample_url):
    page = visit(f"{sample_url}/map?lang=ko", reduced_motion="reduce").page
    page.wait_for_selector(".look-pin")
    page.evaluate(
        """() => {
          maenballo.fitTrails(["geumdangsan-2"]);
          window.picks = [];
          document.addEventListener("maenballo:pick", event => {
            window.picks.push(event.detail);
            event.preventDefault();
          });
          document.addEventListener("maenballo:ground", event => window.picks.push("ground"));
        }"""
    )
    x, y = page.evaluate(
        """() => {
          const line = maenballo.layers.trails.byId["geumdangsan-2"].drawn.getLatLngs().flat();
          const point = map_main.latLngToContainerPoint(line[Math.floor(line.length / 2)]);
          return [point.x + 12, point.y];
        }"""
    )
    page.mouse.click(x, y)
    page.evaluate("maenballo.showAll()")
    page.mouse.click(4, 4)
    picked = {"role": "trails", "layer": "trails", "id": "geumdangsan-2"}
    assert page.evaluate("window.picks") == [picked, "ground"]
    assert page.url.endswith("/map?lang=ko")


def test_the_click_that_ends_a_drag_reaches_nothing_on_the_map(visit, sample_url):
    page = visit(f"{sample_url}/map?lang=ko", reduced_motion="reduce").page
    page.wait_for_selector(".look-pin")
    page.evaluate(
        """() => {
          window.clicks = 0;
          map_main.getContainer().addEventListener("click", () => window.clicks++);
        }"""
    )
    page.mouse.move(4, 4)
    page.mouse.down()
    page.mouse.move(60, 60, steps=5)
    page.mouse.up()
    assert page.evaluate("[map_main.dragging.moved(), window.clicks]") == [True, 0]
    page.mouse.click(4, 4)
    assert page.evaluate("window.clicks") == 1


def test_no_picture_on_the_map_is_without_a_name_for_screen_readers(visit, sample_url):
    page = visit(f"{sample_url}/?lang=ko").page
    page.wait_for_selector("path.drawn-trails", state="attached")
    page.wait_for_function("() => maenballo.isWaiting() === false")
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    heard = [
        node.get("name", {}).get("value", "")
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in {"image", "img"}
    ]
    assert page.locator(".leaflet-pane svg.leaflet-zoom-animated").count() > 1
    assert all(heard), heard


@pytest.mark.parametrize("colors", [page_colors.DAY, page_colors.NIGHT], ids=["day", "night"])
def test_names_and_lines_can_be_told_from_the_ground(colors):
    land = [colors[f"m-{tint}"] for tint in range(4)]
    for ground in land:
        assert palette.compute_contrast(colors["m-name"], ground) >= 4.5
        assert palette.compute_contrast(colors["clay-text"], ground) >= 4.5
        assert palette.compute_contrast(colors["shop"], ground) >= 4.5
        assert palette.compute_contrast(colors["m-trail"], ground) >= 3
        assert palette.compute_contrast(colors["shut-pin"], ground) >= 3
    assert palette.compute_contrast(colors["m-trail"], colors["m-wood"]) >= 3
    assert palette.compute_contrast(colors["on-clay"], colors["clay"]) >= 4.5
    assert palette.compute_contrast(colors["on-clay"], colors["m-trail"]) >= 4.5
