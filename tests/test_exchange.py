"""Everything that is exported, but tiles, comes back with ``add``: rows, columns, ids, places."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import gpxpy
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from gpxtext import gpx, track

from mapserver import open_city
from mapserver.commands.cli import main

PATHS = {
    "closed": [(126.85, 35.15, 40.5), (126.851, 35.15, 41.0), (126.852, 35.151, 42.25)],
    "partly": [(126.86, 35.15), (126.861, 35.15, 51.0), (126.862, 35.151)],
    "planned": [(126.87, 35.15), (126.871, 35.15)],
}
WASH = (
    '<wpt lat="35.15" lon="126.8505"><name>북문</name>'
    "<sym>Water Source</sym><type>세족시설</type></wpt>"
)
BENCH = (
    '<wpt lat="35.1505" lon="126.8515"><name>벤치 1</name><cmt>메모</cmt><type>Bench</type></wpt>'
)
LOOSE = '<wpt lat="35.152" lon="126.855"><name>공원 화장실</name><type>toilet</type></wpt>'
REGISTER = (
    "id,name,name_en,surface,width_m,lighting,foot_wash,opened,season,status,notes,sample,"
    "담당 부서\n"
    "closed,닫힌 길,Closed way,황토,1.5,yes,no,2022-05-01,03-01/11-30,closed,공사,yes,공원녹지과\n"
    "partly,반만 아는 길,,마사토,,,yes,,04-01/10-31,open,,no,\n"
    "planned,앞으로 열 길,,,,,,2099-05-01,,planned,,,\n"
)


def square(lon: float, lat: float) -> shapely.Polygon:
    return shapely.box(lon, lat, lon + 0.01, lat + 0.01)


def areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "id": ["001", "002", "010"],
            "name": ["가 골목", "나 골목", "다 골목"],
            "행정동코드": ["0290", "0291", "0300"],
            "designated": ["2025-03-31", None, "2026-01-02"],
            "운영여부": pd.array([True, False, None], dtype="boolean"),
            "점포수": pd.array([12, None, 7], dtype="Int64"),
            "비율": [0.5, np.nan, 0.25],
        },
        geometry=[
            square(126.85, 35.15),
            shapely.union_all([square(126.87, 35.15), square(126.87, 35.17)]),
            square(126.86, 35.16).difference(shapely.box(126.863, 35.163, 126.864, 35.164)),
        ],
        crs=4326,
    )


@pytest.fixture
def rich(make_city):
    """A small city of everything that is easily lost."""
    return make_city(
        {
            "gpx/closed.gpx": gpx(WASH, BENCH, track(PATHS["closed"], name="닫힌 길")),
            "gpx/partly.gpx": gpx(track(PATHS["partly"], name="반")),
            "gpx/planned.gpx": gpx(track(PATHS["planned"], name="앞")),
            "gpx/points.gpx": gpx(LOOSE),
            "gpx/trails.csv": REGISTER,
            "layers/districts.gpkg": areas(),
        }
    )


def run(*args: object) -> str:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exit_code == 0, result.output
    return result.output


def bring_in(tmp_path, file, role, *options):
    folder = tmp_path / "second"
    folder.mkdir(exist_ok=True)
    run("add", "--city", folder, file, "--as", role, *options)
    return open_city(folder)


def plain(value):
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return float(value) if isinstance(value, int | float | np.number) else str(value)


def loosely(value):
    """Compare values of a format that has texts alone."""
    value = plain(value)
    words = {"true": "yes", "false": "no"}
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return float(value)
    except ValueError:
        return words.get(str(value).lower(), str(value))


def assert_same_column(found, wanted, column, compare=plain):
    assert [compare(v) for v in found[column]] == [compare(v) for v in wanted[column]], column


def assert_same_places(found, wanted):
    for ours, theirs in zip(wanted.geometry, found.geometry, strict=True):
        assert shapely.equals_exact(
            shapely.normalize(shapely.force_2d(ours)),
            shapely.normalize(shapely.force_2d(theirs)),
            1e-7,
        ) or shapely.equals(shapely.force_2d(ours), shapely.force_2d(theirs))


# -- trails ----------------------------------------------------------------------------------------

STATED = ["name", "name_en", "surface", "width_m", "lighting", "foot_wash", "opened", "season"]
STATED += ["status", "notes", "담당 부서"]


def assert_same_trails(found, wanted, *, heights=True):
    assert set(found.index) == set(wanted.index)
    found = found.loc[wanted.index]
    for column in STATED:
        assert_same_column(found, wanted, column)
    assert [loosely(v) or "no" for v in found["sample"]] == ["yes", "no", "no"]
    assert_same_places(found, wanted)
    for ours, theirs in zip(wanted.geometry, found.geometry, strict=True):
        there = shapely.get_coordinates(theirs, include_z=True)[:, 2]
        here = shapely.get_coordinates(ours, include_z=True)[:, 2]
        assert np.array_equal(there, here if heights else here * np.nan, equal_nan=True)


def states(city) -> dict[str, str]:
    trails = city.trails_on(dt.date(2026, 7, 1))
    return dict(zip(trails.index, trails["state"].astype(str), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["geojson", "gpkg", "fgb", "parquet", "csv", "kml", "gpx"])
def test_trails_come_back_with_their_register_from_one_file(rich, tmp_path, format_):
    path = tmp_path / f"trails.{format_}"
    rich.export(path, layers=["trails"])
    again = bring_in(tmp_path, path, "trails")
    assert_same_trails(again.trails, rich.trails)
    assert (
        states(again)
        == states(rich)
        == {"closed": "closed", "partly": "open", "planned": "planned"}
    )


@pytest.mark.slow
def test_trails_come_back_from_a_shapefile_but_for_what_it_cannot_hold(rich, tmp_path):
    path = tmp_path / "trails.shp"
    done = rich.export(path, layers=["trails"])
    assert {"heights-left-out", "columns-renamed"} >= {finding.code for finding in done.findings}
    again = bring_in(tmp_path, path, "trails")
    assert states(again) == states(rich)
    assert_same_places(again.trails.loc[rich.trails.index], rich.trails)
    for column in ("name", "surface", "width_m", "lighting", "foot_wash", "season", "status"):
        assert_same_column(again.trails.loc[rich.trails.index], rich.trails, column)


@pytest.mark.slow
@pytest.mark.parametrize("one_file", [True, False])
def test_gpx_of_the_city_comes_back_with_register_and_facilities(rich, tmp_path, one_file):
    path = tmp_path / ("city.gpx" if one_file else "walks")
    rich.export(path, format="gpx")
    again = bring_in(tmp_path, path, "trails")
    assert_same_trails(again.trails, rich.trails)
    assert states(again) == states(rich)
    columns = ["name", "kind", "trail"]
    found, wanted = again.facilities.sort_index(), rich.facilities.sort_index()
    assert list(found.index) == list(wanted.index)
    for column in columns:
        assert_same_column(found, wanted, column)
    run("export", "--city", again.path, tmp_path / "third.gpx")
    text = (tmp_path / "third.gpx").read_text("utf-8")
    assert "<sym>Water Source</sym>" in text
    assert "<cmt>메모</cmt>" in text


def test_an_export_put_into_a_city_by_hand_keeps_its_state(rich, tmp_path):
    rich.export(tmp_path / "closed.gpx")
    (tmp_path / "hand" / "gpx").mkdir(parents=True)
    (tmp_path / "closed.gpx").rename(tmp_path / "hand" / "gpx" / "all.gpx")
    assert states(open_city(tmp_path / "hand")) == states(rich)


@pytest.mark.slow
def test_a_register_that_is_there_is_not_lost(rich, tmp_path):
    rich.export(tmp_path / "walks", format="gpx")
    folder = tmp_path / "second"
    (folder / "gpx").mkdir(parents=True)
    (folder / "gpx" / "old.gpx").write_text(gpx(track(PATHS["closed"])), "utf-8")
    (folder / "gpx" / "trails.csv").write_text("id,season,비밀\nold,05-01/09-30,값\n", "utf-8")
    again = bring_in(tmp_path, tmp_path / "walks", "trails")
    assert again.trails.loc["old", ["season", "비밀"]].tolist() == ["05-01/09-30", "값"]
    assert again.trails.loc["closed", "status"] == "closed"


# -- areas and points ------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["geojson", "gpkg", "fgb", "parquet", "kml", "shp"])
def test_areas_come_back_with_codes_days_and_empty_booleans(rich, tmp_path, format_):
    path = tmp_path / f"districts.{format_}"
    rich.export(path, layers=["districts"])
    found = bring_in(tmp_path, path, "districts").districts
    wanted = rich.districts
    assert sorted(found.index) == ["001", "002", "010"]
    found = found.loc[wanted.index]
    cut = {"행정동코드": "행정동", "운영여부": "운영여"} if format_ == "shp" else {}
    for column in ("name", "designated", "행정동코드", "운영여부", "점포수", "비율"):
        name = cut.get(column, column)
        assert_same_column(found.rename(columns={name: column}), wanted, column)
    assert_same_places(found, wanted)


def test_areas_come_back_from_csv_with_booleans_as_texts(rich, tmp_path):
    rich.export(tmp_path / "districts.csv", layers=["districts"])
    found = bring_in(tmp_path, tmp_path / "districts.csv", "districts").districts
    found = found.loc[rich.districts.index]
    for column in ("name", "designated", "행정동코드", "운영여부", "점포수", "비율"):
        assert_same_column(found, rich.districts, column, loosely)
    assert_same_places(found, rich.districts)


@pytest.mark.parametrize(
    "format_", ["geojson", "gpkg", "fgb", "parquet", "csv", "kml", "shp", "gpx"]
)
def test_facilities_come_back_as_a_layer_with_ids_kinds_and_names(rich, tmp_path, format_):
    path = tmp_path / f"facilities.{format_}"
    rich.export(path, layers=["facilities"])
    found = bring_in(tmp_path, path, "facilities").facilities
    wanted = rich.facilities
    assert set(found.index) == set(wanted.index)
    for column in ("name", "kind", "trail"):
        assert_same_column(found.loc[wanted.index], wanted, column)
    assert_same_places(found.loc[wanted.index], wanted)


def test_waypoints_made_a_layer_keep_symbol_comment_link_and_time(tmp_path):
    text = (
        '<wpt lat="35.15" lon="126.85"><time>2026-05-03T01:00:00Z</time><name>북문</name>'
        '<cmt>메모</cmt><desc>물 나옴</desc><link href="https://example.invalid/p.jpg"/>'
        "<sym>Water Source</sym><type>세족시설</type></wpt>"
    )
    (tmp_path / "points.gpx").write_text(gpx(text), "utf-8")
    again = bring_in(tmp_path, tmp_path / "points.gpx", "facilities")
    row = again.facilities.iloc[0]
    assert row[["kind", "symbol", "comment", "description"]].tolist() == [
        *("foot_wash", "Water Source", "메모", "물 나옴")
    ]
    again.export(tmp_path / "out.gpx")
    out = gpxpy.parse((tmp_path / "out.gpx").read_text("utf-8")).waypoints[0]
    assert (out.symbol, out.comment, out.description) == ("Water Source", "메모", "물 나옴")
    assert (out.link, out.time.isoformat()) == (
        "https://example.invalid/p.jpg",
        "2026-05-03T01:00:00+00:00",
    )


# -- the sample ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_sample_comes_back_from_its_gpx_with_every_state_and_facility(sample_city, tmp_path):
    sample_city.export(tmp_path / "city.gpx")
    again = bring_in(tmp_path, tmp_path / "city.gpx", "trails")
    wanted = sample_city.trails
    found = again.trails.loc[wanted.index]
    columns = ["name", "name_en", "neighborhood", "surface", "width_m", "lighting", "foot_wash"]
    for column in [*columns, "opened", "season", "status", "source", "length_m", "ascent_m"]:
        assert_same_column(found, wanted, column)
    assert all(loosely(v) == "yes" for v in found["sample"])
    assert states(again) == states(sample_city)
    assert_same_places(found, wanted)
    assert set(again.facilities.index) == set(sample_city.facilities.index)
    facilities = again.facilities.loc[sample_city.facilities.index]
    for column in ("name", "kind", "trail", "elevation_m"):
        assert_same_column(facilities, sample_city.facilities, column)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["gpkg", "kml"])
def test_layers_of_the_sample_come_back_out_of_one_file(sample_city, tmp_path, format_):
    path = tmp_path / f"city.{format_}"
    sample_city.export(path, layers=["districts", "services"])
    for id_ in ("districts", "services"):
        folder = id_ if format_ == "gpkg" else None
        title = sample_city.entry(id_).title.in_language("ko") + " (견본)"
        again = bring_in(tmp_path, path, id_, "--layer", folder or title)
        wanted = sample_city.layers[id_]
        found = again.layers[id_].loc[wanted.index]
        for column in wanted.columns.drop("geometry"):
            if wanted[column].notna().any():
                assert_same_column(found, wanted, column)
        assert_same_places(found, wanted)
