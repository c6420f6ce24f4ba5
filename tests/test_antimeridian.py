"""A city on both sides of 180 degrees: Taveuni in Fiji opens, is measured and is drawn as any."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from browsing import serving
from gpxtext import gpx, track
from pmtiles.reader import MmapSource, Reader

import mapserver
from mapserver.analysis import access
from mapserver.analysis import trails as trail_analysis
from mapserver.drawing import figures
from mapserver.geo import extent, geodesy
from mapserver.geo.extent import divide_at_180
from mapserver.settings import Settings
from mapserver.web import create_app

WAY = [(n * 0.0002, -16.95 + (n % 5) * 0.0001) for n in range(60)]


def way(lon: float) -> list[tuple[float, float]]:
    return [((lon + x + 180) % 360 - 180, lat) for x, lat in WAY]


@pytest.fixture
def taveuni(make_folder, test_data):
    trails = {"west": 179.93, "east": -179.95, "over": 179.994}
    files = {f"gpx/{id_}.gpx": gpx(track(way(lon), name=id_)) for id_, lon in trails.items()}
    area = (test_data / "cases/layers/antimeridian.geojson").read_bytes()
    return make_folder(files | {"layers/neighborhoods.geojson": area})


def test_a_polygon_over_180_is_named_and_is_as_wide_as_it_is(make_city, test_data):
    area = (test_data / "cases/layers/antimeridian.geojson").read_bytes()
    city = make_city({"layers/neighborhoods.geojson": area})
    assert "polygon-over-180" in {finding.code for finding in city.findings}
    assert city.bounds == pytest.approx((179.9, -17, -179.9, -16.9))
    width_m, height_m = geodesy.distance_m([179.9, 0], [-16.95, 0], [-179.9, 0], [-16.95, 0.1])
    (area_m2,) = geodesy.area_m2(city.neighborhoods.geometry.to_numpy())
    assert area_m2 == pytest.approx(width_m * 11_068, rel=1e-2)
    assert height_m > 0


@pytest.mark.parametrize("shift", [0.0, -0.1, 0.07])
def test_a_polygon_with_a_hole_keeps_its_area_when_it_is_divided(shift):
    def box(size):
        lon = np.array([-size, size, size, -size]) + 180 + shift
        return list(zip((lon + 180) % 360 - 180, [-size, -size, size, size], strict=True))

    polygon = shapely.Polygon(box(0.2), [box(0.1)])
    divided = divide_at_180(polygon)
    assert len(divided.geoms) == 2 or shift
    elsewhere = shapely.box(-0.2, -0.2, 0.2, 0.2) - shapely.box(-0.1, -0.1, 0.1, 0.1)
    areas = geodesy.area_m2(np.array([divided, elsewhere]))
    assert areas[0] == pytest.approx(areas[1], rel=1e-5)  # edges are geodesics
    assert abs(np.diff(shapely.bounds(shapely.get_parts(divided))[:, [0, 2]])).max() <= 0.4


def test_the_border_of_the_world_is_left_alone():
    assert divide_at_180(shapely.box(-180, -90, 180, 90)) is None
    assert divide_at_180(shapely.box(126, 35, 127, 36)) is None


def test_middles_and_bounds_are_taken_round_the_earth():
    places = np.array([[179.9, 1.0], [-179.8, 2.0], [179.8, 3.0], [-179.9, 2.0]])
    lon, lat = extent.find_middle(places)
    assert abs(abs(lon) - 180) < 0.11
    assert lat == 2
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=4326)
    assert extent.find_frame_bounds([frame]) == pytest.approx((179.8, 1, -179.8, 3))
    box = (179.8, 1, -179.8, 3)
    assert extent.is_within([180, -180], [2, 2], box).all()
    assert not extent.is_within([-179.7, 0], [2, 2], box).any()
    korea = gpd.GeoDataFrame(geometry=[shapely.box(126, 35, 127, 36)], crs=4326)
    assert extent.find_frame_bounds([korea]) == (126, 35, 127, 36)
    assert extent.find_frame_middle([korea]) == (126.5, 35.5)


def test_nothing_in_the_city_is_far_away_or_outside(taveuni):
    city = mapserver.open_city(taveuni)
    codes = {finding.code for finding in city.check()}
    assert not codes & {"far-away", "trail-outside-city", "trail-partly-outside-city"}
    for lon in (179.999, -179.999, 180.0, -180.0):
        nearest = city.nearest_trails(lon, -16.951, k=3)
        assert nearest["name"].iloc[0] == "over"
        assert nearest["distance_m"].max() < 7_000
        assert city.locate(lon, -16.951).neighborhood.name == "Taveuni"


@pytest.fixture
def cities(make_folder):
    """Return a city over 180 degrees, and the same one over the meridian of Greenwich."""
    return [open_made_city(make_folder, middle, name) for middle, name in ((180, "a"), (0, "b"))]


def open_made_city(make_folder, middle: float, name: str):
    def turn(lon):
        return (lon + middle + 180) % 360 - 180

    def box(west, east):
        corners = [(west, -17.0), (east, -17.0), (east, -16.9), (west, -16.9)]
        return shapely.Polygon([(turn(lon), lat) for lon, lat in corners])

    heights = [(*place, 10 + n % 7) for n, place in enumerate(WAY)]
    trails = {"west": -0.07, "east": 0.05, "over": -0.006}
    files = {
        f"gpx/{id_}.gpx": gpx(track([(turn(x + lon), y, h) for x, y, h in heights], name=id_))
        for id_, lon in trails.items()
    }
    areas = gpd.GeoDataFrame(
        {"id": ["a", "b"], "population": [100, 50]},
        geometry=[box(-0.1, -0.003), box(-0.003, 0.1)],
        crs=4326,
    )
    return mapserver.open_city(make_folder(files | {"layers/neighborhoods.geojson": areas}, name))


def test_trails_are_cut_and_counted_as_elsewhere(cities):
    pieces = [trail_analysis.split(city.trails, city.neighborhoods) for city in cities]
    assert pieces[0]["length_m"].to_dict() == pytest.approx(pieces[1]["length_m"].to_dict())
    assert pieces[0]["ascent_m"].to_dict() == pytest.approx(pieces[1]["ascent_m"].to_dict())
    assert set(pieces[0].index) == {("a", "west"), ("b", "east"), ("a", "over"), ("b", "over")}
    assert np.abs(shapely.get_coordinates(pieces[0].geometry)[:, 0]).max() <= 180
    lengths = geodesy.length_m(pieces[0].geometry.to_numpy())
    assert lengths == pytest.approx(pieces[0]["length_m"].to_numpy(), rel=1e-6)


def test_zones_of_a_walk_are_divided_at_the_line(cities):
    zones = [access.service_areas(None, city.trails, distances_m=(300, 1000)) for city in cities]
    assert zones[0]["area_m2"].tolist() == pytest.approx(zones[1]["area_m2"].tolist(), rel=1e-6)
    assert zones[0].geometry.is_valid.all()
    boxes = shapely.bounds(shapely.get_parts(zones[0].geometry.to_numpy()))
    assert (boxes[:, 2] - boxes[:, 0]).max() < 0.2
    places = [access.gaps(city.neighborhoods, city.trails, cell_m=1_000) for city in cities]
    assert places[0]["gain"].sum() == pytest.approx(places[1]["gain"].sum(), rel=1e-3)
    assert (
        np.ptp(shapely.bounds(shapely.get_parts(places[0].geometry))[:, [0, 2]], axis=1) < 1
    ).all()


@pytest.mark.parametrize(
    ("box", "ids"),
    [
        ((179.99, -17, -179.99, -16), ["over"]),
        ((179.9, -17, -179.9, -16), ["east", "over", "west"]),
        ((179.9, -17, 179.95, -16), ["west"]),
        ((-180, -17, -179.9, -16), ["east", "over"]),
        ((20, -17, 21, -16), []),
    ],
)
def test_a_box_over_180_has_what_lies_on_both_sides(cities, box, ids):
    city, _ = cities
    assert list(city.trails.index[city.in_bbox("trails", box)]) == ids
    answer = (
        create_app(Settings(city=city.path, tile_url=""))
        .test_client()
        .get("/api/collections/trails/items?bbox=" + ",".join(map(str, box)))
    )
    assert [feature["id"] for feature in answer.json["features"]] == ids


@pytest.mark.slow
def test_exported_tiles_and_tracks_do_not_span_the_world(cities, tmp_path):
    city, greenwich = cities
    city.export(tmp_path / "city.pmtiles")
    greenwich.export(tmp_path / "greenwich.pmtiles")
    with (tmp_path / "city.pmtiles").open("rb") as file:
        header = Reader(MmapSource(file)).header()
    assert abs(header["center_lon_e7"]) == pytest.approx(180e7)
    counts = []
    for name in ("city", "greenwich"):
        with (tmp_path / f"{name}.pmtiles").open("rb") as file:
            counts.append(Reader(MmapSource(file)).header()["addressed_tiles_count"])
    # Lines that jump would fill rows of tiles round the earth.
    assert counts[0] <= counts[1] + 20
    city.export(tmp_path / "trails.gpx", layers=["trails"])
    greenwich.export(tmp_path / "greenwich.gpx", layers=["trails"])
    assert "<bounds" not in (tmp_path / "trails.gpx").read_text("utf-8")
    assert "<bounds" in (tmp_path / "greenwich.gpx").read_text("utf-8")


def test_a_figure_shows_the_city_and_not_the_world(cities):
    widths = []
    for city in cities:
        figure = figures.area_map(city, title="A city")
        west, east = figure.axes[0].get_xlim()
        widths.append(east - west)
    assert widths[0] == pytest.approx(widths[1], rel=1e-3)
    assert widths[0] < 40_000


def test_the_first_map_shows_the_city_and_not_the_world(taveuni):
    drawn = mapserver.open_city(taveuni).map()
    assert drawn.location == pytest.approx([-16.95, 180.0])


def test_the_browser_finds_what_the_server_finds(taveuni, visit):
    city = mapserver.open_city(taveuni)
    with serving(taveuni) as url:
        page = visit(url + "/").page
        for lon in (179.97, -179.97, 179.9999):
            script = """async ([lon, lat]) => {
              const data = await (await fetch("/api/collections/trails/items")).json();
              const found = maenballo.nearest(lon, lat, data.features, 3);
              return found.map((each) => [each.feature.id, each.distance_m]);
            }"""
            answer = page.evaluate(script, [lon, -16.951])
            nearest = city.nearest_trails(lon, -16.951, k=3)
            assert [id_ for id_, _ in answer] == list(nearest.index)
            distances = [distance for _, distance in answer]
            assert distances == pytest.approx(list(nearest["distance_m"]), rel=1e-3)
        box = page.evaluate(
            "(() => { const b = map_main.getBounds(); return [b.getWest(), b.getEast()]; })()"
        )
        assert 179 < box[0] < 179.9
        assert 180 < box[1] < 181
        # Everything that is drawn lies on this side of the earth.
        lons = page.evaluate(
            "Object.values(maenballo.layers.trails.byId)"
            ".map((entry) => entry.drawn.getBounds().getCenter().lng)"
        )
        assert all(179 < lon < 181 for lon in lons)
