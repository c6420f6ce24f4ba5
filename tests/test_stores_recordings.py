"""Trails and facilities of GPX files, edited as tables of a city in PostGIS."""

from __future__ import annotations

import pytest
from test_stores import GPX_FILES, load, require_equal, run_sql

import mapserver
from mapserver.stores.proving import find_difference

pytestmark = pytest.mark.slow


def test_trails_and_facilities_of_gpx_files_are_edited_as_tables(database, make_folder):
    folder = make_folder(GPX_FILES)
    loaded = load(folder, f"{database}?schema=c")
    assert (loaded.tables["trails"], loaded.tables["facilities"]) == (2, 1)
    assert loaded.only_files == {}
    before = mapserver.open_city(database)
    require_equal(before, mapserver.open_city(folder))
    run_sql(
        database,
        "UPDATE c.trails SET name = '언덕 맨발길', geom = ST_Multi(ST_Force3D("
        "ST_GeomFromText('LINESTRING(126.85 35.15, 126.87 35.15)', 4326), 50)) WHERE id = 'hill'",
        "INSERT INTO c.trails (id, name, geom) SELECT 'new-one', '새 길', geom FROM c.trails "
        "WHERE id = 'lake'",
        "INSERT INTO c.facilities (name, kind, trail, geom) SELECT '긴 의자', 'bench', 'new-one', "
        "ST_SetSRID(ST_MakePoint(126.875, 35.16), 4326)",
    )
    city = mapserver.open_city(database)
    assert list(city.trails.index) == ["hill", "lake", "new-one"]
    assert city.trails.loc["hill", "name"] == "언덕 맨발길"
    assert city.trails.loc["hill", "length_m"] > 1.9 * before.trails.loc["hill", "length_m"]
    assert city.trails.loc["new-one", "file"] == "gpx/new-one.gpx"
    assert find_difference(city.trails.loc[["lake"]], before.trails.loc[["lake"]]) is None
    assert sorted(city.facilities["name"]) == ["긴 의자", "세족장"]
    # A file of which nothing was edited is the one that was loaded.
    files = {path.name: path for path in city.path.rglob("*.gpx")}
    assert files["lake.gpx"].read_bytes() == (folder / "gpx/lake.gpx").read_bytes()
    run_sql(database, "DELETE FROM c.trails WHERE id <> 'lake'", "DELETE FROM c.facilities")
    assert list(mapserver.open_city(database).trails.index) == ["lake"]


def test_a_trail_whose_name_alone_was_edited_keeps_the_time_of_each_point(database, make_folder):
    folder = make_folder(GPX_FILES)
    load(folder, f"{database}?schema=c")
    run_sql(database, "UPDATE c.trails SET name = '다른 길' WHERE id = 'hill'")
    city, before = mapserver.open_city(database), mapserver.open_city(folder)
    assert city.trails.loc["hill", "name"] == "다른 길"
    assert city.trails.loc["hill", "time_start"] == before.trails.loc["hill", "time_start"]
    assert find_difference(city.facilities, before.facilities) is None


def test_ids_and_files_of_trails_lead_nowhere_else(database, make_folder):
    load(make_folder(GPX_FILES), f"{database}?schema=c")
    run_sql(
        database,
        "INSERT INTO c.trails (id, name, file, geom) SELECT '../../x', 'a', '../../y.gpx', geom "
        "FROM c.trails WHERE id = 'lake'",
        "INSERT INTO c.trails (id, name, file, geom) SELECT '가', 'b', 'gpx/../../z.gpx', geom "
        "FROM c.trails WHERE id = 'lake'",
    )
    city = mapserver.open_city(database)
    assert len(city.trails) == 4
    names = {path.relative_to(city.path).parts[0] for path in city.path.rglob("*.gpx")}
    assert names == {"gpx"}
    assert not list(city.path.parent.glob("*.gpx"))
