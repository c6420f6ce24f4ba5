"""What is added pushes nothing out of the city without a word."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from gpxtext import gpx, track
from test_add import add, squares, state

from mapserver import open_city

POINTS = "name,lon,lat\n벤치,126.8501,35.1401\n정자,126.8502,35.1401\n"
LINE = [(126.85, 35.14), (126.851, 35.14)]


def waypoint(name: str) -> str:
    return f'<wpt lat="35.1401" lon="126.8501"><name>{name}</name></wpt>'


@pytest.fixture
def city(make_folder) -> Path:
    """A city of two trails with three waypoints, and of neighbourhoods that say their zone."""
    return make_folder(
        {
            "gpx/hill.gpx": gpx(waypoint("벤치"), waypoint("세족장"), track(LINE, name="언덕길")),
            "gpx/lake.gpx": gpx(waypoint("입구"), track(LINE, name="호수길")),
            "layers/neighborhoods.geojson": squares(3, zone=["동", "동", "서"]),
        }
    )


@pytest.fixture
def points(tmp_path) -> Path:
    file = tmp_path / "points.csv"
    file.write_text(POINTS, "utf-8")
    return file


@pytest.fixture
def zones(tmp_path) -> Path:
    file = tmp_path / "zones.geojson"
    squares(1).to_file(file)
    return file


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_file_of_facilities_hides_no_waypoints_unless_asked(city, points, dry):
    before = state(city)
    refused = add(city, points, "--as", "facilities", *dry)
    assert refused.exit_code == 1
    assert "'facilities', 3, come from gpx/hill.gpx, gpx/lake.gpx" in refused.stderr
    assert "--replace" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert state(city) == before


def test_what_a_replaced_layer_hides_is_counted(city, points):
    for dry in (["--dry-run"], []):
        done = add(city, points, "--as", "facilities", "--replace", *dry)
        assert done.exit_code == 0, done.output
        assert "'facilities', 3, from gpx/hill.gpx, gpx/lake.gpx are no longer shown" in done.stdout
    opened = open_city(city)
    assert len(opened.facilities) == 2
    (hidden,) = [f for f in opened.check() if f.code == "facilities-hidden"]
    assert hidden.values == {"count": 3, "file": "facilities.gpkg"}


def test_points_are_shown_beside_the_waypoints_as_a_layer(city, points):
    assert add(city, points, "--as", "layer", "--layer-id", "benches").exit_code == 0
    opened = open_city(city)
    assert (len(opened.facilities), len(opened.layers["benches"])) == (3, 2)


def test_facilities_of_a_city_without_waypoints_are_added(make_folder, points):
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    done = add(folder, points, "--as", "facilities")
    assert done.exit_code == 0, done.output
    assert len(open_city(folder).facilities) == 2


def test_zones_of_neighbourhoods_give_way_only_when_asked(city, zones):
    before = state(city)
    refused = add(city, zones, "--as", "zones")
    assert refused.exit_code == 1
    assert "'zones', 2, come from layers/neighborhoods.geojson" in refused.stderr
    assert state(city) == before
    done = add(city, zones, "--as", "zones", "--replace")
    assert "'zones', 2, from layers/neighborhoods.geojson are no longer shown" in done.stdout
    assert len(open_city(city).zones) == 1


IDS = {
    "facilities under another id": ("facilities", "benches"),
    "shops under the id of trails": ("shops", "trails"),
    "a layer under the id of facilities": ("layer", "facilities"),
    "shops under another id": ("shops", "markets"),
}


@pytest.mark.parametrize("replace", [(), ("--replace",)])
@pytest.mark.parametrize("kind", IDS)
def test_no_two_layers_have_one_role_or_id(city, points, kind, replace):
    role, id_ = IDS[kind]
    assert add(city, points, "--as", "shops").exit_code == 0
    before = state(city)
    refused = add(city, points, "--as", role, "--layer-id", id_, *replace)
    assert refused.exit_code == 1, refused.output
    assert "--layer-id" in refused.stderr
    assert state(city) == before


def test_a_city_that_begins_has_no_layer_under_the_id_of_its_trails(tmp_path, points):
    refused = add(tmp_path / "new", points, "--as", "shops", "--layer-id", "trails")
    assert refused.exit_code == 1
    assert "'trails'" in refused.stderr
    assert not (tmp_path / "new").exists()


@pytest.fixture
def city_of_lines(make_folder) -> Path:
    """A city whose trails and facilities are layers with files."""
    line = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.LineString(LINE)], crs=4326)
    return make_folder({"layers/trails.geojson": line, "layers/facilities.csv": POINTS})


def test_trails_that_a_layer_would_hide_are_refused(city_of_lines, tmp_path):
    file = tmp_path / "hill.gpx"
    file.write_text(gpx(track(LINE)), "utf-8")
    before = state(city_of_lines)
    refused = add(city_of_lines, file, "--as", "trails", "--replace")
    assert refused.exit_code == 1
    assert "layers/trails.geojson" in refused.stderr
    assert state(city_of_lines) == before


def test_waypoints_of_trails_that_a_layer_hides_are_counted(make_folder, tmp_path):
    folder = make_folder({"gpx/old.gpx": gpx(track(LINE)), "layers/facilities.csv": POINTS})
    file = tmp_path / "hill.gpx"
    file.write_text(gpx(waypoint("입구"), waypoint("벤치"), track(LINE)), "utf-8")
    for dry in (["--dry-run"], []):
        done = add(folder, file, "--as", "trails", *dry)
        assert "waypoints: 2; they are kept but not shown" in done.stdout


def test_what_lies_in_gpx_and_is_hidden_by_hand_is_found(city_of_lines):
    (city_of_lines / "gpx/hill.gpx").write_text(gpx(waypoint("입구"), track(LINE)), "utf-8")
    codes = {f.code: f.severity for f in open_city(city_of_lines).check()}
    assert codes["trails-hidden"] == "warning"
    assert codes["facilities-hidden"] == "note"


def test_a_catalogue_that_could_not_be_followed_is_never_written(make_folder, points):
    catalog = '[[layers]]\nid = "facilities"\nrole = "facilities"\n'  # without a point so far
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE)), "layers/catalog.toml": catalog})
    before = state(folder)
    refused = add(folder, points, "--as", "facilities", "--layer-id", "benches")
    assert refused.exit_code == 1
    assert "two layers with the role 'facilities'" in refused.stderr
    assert state(folder) == before
