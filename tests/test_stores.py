"""Cities in PostGIS: copied there whole, opened from there as from files, edited there."""

from __future__ import annotations

import builtins
import subprocess
import sys

import geopandas as gpd
import psycopg
import pytest
import shapely
from conftest import ROOT
from gpxtext import gpx, track

import mapserver
from mapserver.errors import MissingPackageError, Phrase, StoreAwayError, StoreError
from mapserver.stores import layout
from mapserver.stores.addresses import read_address
from mapserver.stores.loading import load_city
from mapserver.stores.proving import find_difference

HOSTILE = '\'; DROP TABLE "x"; -- %s {0} <b>\u202e'
DISTRICTS = """{"type": "FeatureCollection", "features": [
 {"type": "Feature", "properties": {"id": "a", "name": "가", "members": 12, "open": true},
  "geometry": {"type": "Polygon", "coordinates":
   [[[126.84,35.14],[126.86,35.14],[126.86,35.16],[126.84,35.14]]]}},
 {"type": "Feature", "properties": {"id": "b", "name": "나", "members": null, "open": false},
  "geometry": {"type": "Polygon", "coordinates":
   [[[126.87,35.14],[126.88,35.14],[126.88,35.16],[126.87,35.14]]]}}]}"""
FILES = {
    "gpx/hill.gpx": gpx(track([(126.85, 35.15, 30.0), (126.86, 35.15, 40.0)])),
    "gpx/trails.csv": "id,name,status\nhill,언덕길,open\n",
    "layers/districts.geojson": DISTRICTS,
    "layers/shops.csv": "id,name,lon,lat\n1,빵집,126.85,35.145\n2,꽃집,126.851,35.146\n",
    "layers/closures.csv": "trail_id,from,to,reason_ko\nhill,2026-04-06,2026-04-12,공사\n",
    "layers/inspections.csv": "trail_id,checked_on,by,grade\nhill,2026-10-01,직원,좋음\n",
}


def run_sql(url: str, *statements: str) -> list:
    with psycopg.connect(url) as connection:
        answers = [connection.execute(statement) for statement in statements]
        return answers[-1].fetchall() if answers[-1].description else []


def load(folder, url: str, **options):
    return load_city(folder, read_address(url), **options)


def require_equal(first: mapserver.City, second: mapserver.City) -> None:
    """Hold two cities equal in all that they were read with."""
    assert list(first.layers) == list(second.layers)
    for id_, frame in first.layers.items():
        assert find_difference(frame, second.layers[id_]) is None, id_
        assert first.entry(id_) == second.entry(id_)
    assert set(first.ledgers) == set(second.ledgers)
    for id_, rows in first.ledgers.items():
        assert rows.equals(second.ledgers[id_]), id_
    for one, other in ((first.closures, second.closures), (first.benefits, second.benefits)):
        assert (one is None) == (other is None)
        assert one is None or find_difference(one, other) is None
    assert first.catalog == second.catalog
    assert [str(f) for f in first.check()] == [str(f) for f in second.check()]
    assert first.version == second.version
    assert {id_: p.path.name for id_, p in first.photos.items()} == {
        id_: p.path.name for id_, p in second.photos.items()
    }


@pytest.mark.slow
def test_the_sample_city_is_the_same_from_files_and_from_the_database(database, sample_city):
    loaded = load(ROOT, f"{database}?schema=seogu")
    assert (loaded.only_files, loaded.left_out) == ({}, ())
    assert loaded.tables["shops"] == len(sample_city.shops)
    city = mapserver.open_city(database)
    require_equal(city, sample_city)
    assert city.nearest_trails(126.85, 35.15).equals(sample_city.nearest_trails(126.85, 35.15))
    assert city.locate(126.85, 35.15) == sample_city.locate(126.85, 35.15)


@pytest.mark.slow
def test_tables_are_true_tables_of_postgis(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    columns = dict(
        run_sql(
            database,
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'c' AND table_name = 'districts'",
        )
    )
    assert columns["members"] == "bigint"
    assert columns["open"] == "boolean"
    shape = (
        "SELECT type, srid FROM geometry_columns WHERE f_table_schema = 'c' ORDER BY f_table_name"
    )
    assert run_sql(database, shape) == [
        ("MULTIPOLYGON", 4326),
        ("POINT", 4326),
        ("MULTILINESTRING", 4326),
    ]
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'c' AND tablename = 'districts'"
    definitions = " ".join(each for (each,) in run_sql(database, indexes))
    assert "USING gist (geom)" in definitions
    assert "UNIQUE" in definitions


@pytest.mark.slow
def test_what_is_edited_in_a_table_counts_and_all_else_stays(database, make_folder):
    folder = make_folder(FILES)
    load(folder, f"{database}?schema=c")
    run_sql(
        database,
        "UPDATE c.districts SET name = '다', members = 13 WHERE id = 'a'",
        "INSERT INTO c.districts (id, name, geom) SELECT 'c', '라', geom FROM c.districts "
        "WHERE id = 'b'",
        "UPDATE c.trail_register SET status = 'closed'",
        "DELETE FROM c.closures",
    )
    before, city = mapserver.open_city(folder), mapserver.open_city(database)
    assert list(city.districts["name"]) == ["다", "나", "라"]
    assert city.districts["members"].tolist()[0] == 13
    # Areas are made multiple ones for QGIS, and are single ones again.
    assert set(city.districts.geom_type) == {"Polygon"}
    assert city.trails.loc["hill", "status"] == "closed"
    assert len(city.closures) == 0
    assert find_difference(city.shops, before.shops) is None
    assert city.version != before.version


@pytest.mark.slow
def test_an_edit_that_is_put_back_leaves_the_city_as_it_was(database, make_folder):
    folder = make_folder(FILES)
    load(folder, f"{database}?schema=c")
    run_sql(database, "UPDATE c.shops SET name = '책방' WHERE id = '1'")
    assert mapserver.open_city(database).version != mapserver.open_city(folder).version
    run_sql(database, "UPDATE c.shops SET name = '빵집' WHERE id = '1'")
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))


@pytest.mark.slow
def test_an_edit_is_examined_as_a_file_is(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    # A bow tie, and a date that nobody reads.
    run_sql(
        database,
        "UPDATE c.districts SET geom = ST_Multi(ST_GeomFromText("
        "'POLYGON((126.84 35.14,126.86 35.16,126.86 35.14,126.84 35.16,126.84 35.14))',4326)) "
        "WHERE id = 'a'",
        "UPDATE c.closures SET \"from\" = 'sometime'",
    )
    city = mapserver.open_city(database)
    assert city.districts.is_valid.all()
    places = {(f.file, f.feature) for f in city.findings}
    assert ("layers/districts.edited.parquet", "a") in places
    assert any(file == "layers/closures.csv" for file, _ in places)
    # What was not understood leaves the trail in doubt, as with files.
    day = mapserver.model.status.today()
    assert city.trails_on(day).loc["hill", "state"] == "unknown"


@pytest.mark.slow
def test_a_column_that_a_planner_adds_is_there_and_one_that_is_dropped_is_not(
    database, make_folder
):
    load(make_folder(FILES), f"{database}?schema=c")
    run_sql(
        database,
        "ALTER TABLE c.districts ADD since date, DROP members",
        "UPDATE c.districts SET since = '2026-03-01' WHERE id = 'a'",
    )
    districts = mapserver.open_city(database).districts
    assert districts["since"].tolist()[0] == "2026-03-01"
    assert "members" not in districts


@pytest.mark.slow
def test_a_second_load_takes_the_place_of_the_first_with_its_grants(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    role = f"editor_{database.rpartition('_')[2]}_{database.split('_')[-2]}"
    run_sql(
        database,
        f"CREATE ROLE {role}",
        f"GRANT USAGE ON SCHEMA c TO {role}",
        f"GRANT SELECT, UPDATE ON c.shops TO {role}",
    )
    fewer = {**FILES, "layers/shops.csv": "id,name,lon,lat\n9,떡집,126.85,35.145\n"}
    del fewer["layers/closures.csv"]
    load(make_folder(fewer, "other"), f"{database}?schema=c")
    city = mapserver.open_city(database)
    assert list(city.shops.index) == ["9"]
    assert city.closures is None
    assert run_sql(database, f"SELECT has_table_privilege('{role}', 'c.shops', 'UPDATE')") == [
        (True,)
    ]
    run_sql(database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    schemas = run_sql(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%loading%'")
    assert schemas == []


@pytest.mark.slow
def test_edits_and_tables_of_others_are_not_replaced_unasked(database, make_folder):
    folder = make_folder(FILES)
    load(folder, f"{database}?schema=c")
    run_sql(database, "UPDATE c.shops SET name = '책방' WHERE id = '1'")
    with pytest.raises(StoreError, match=r"shops.*--replace"):
        load(folder, f"{database}?schema=c")
    assert mapserver.open_city(database).shops.loc["1", "name"] == "책방"
    load(folder, f"{database}?schema=c", discards_edits=True)
    assert mapserver.open_city(database).shops.loc["1", "name"] == "빵집"
    run_sql(database, "CREATE VIEW c.mine AS SELECT 1 AS one")
    with pytest.raises(StoreError, match="'mine'"):
        load(folder, f"{database}?schema=c")
    run_sql(database, "CREATE SCHEMA elsewhere", "CREATE TABLE elsewhere.x (a int)")
    with pytest.raises(StoreError, match="something else than a city"):
        load(folder, f"{database}?schema=elsewhere")


@pytest.mark.slow
def test_a_load_that_fails_leaves_the_earlier_city(database, make_folder, monkeypatch):
    load(make_folder(FILES), f"{database}?schema=c")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("mapserver.stores.loading.put_in_place", fail)
    with pytest.raises(RuntimeError):
        load(make_folder({"gpx/a.gpx": gpx()}, "other"), f"{database}?schema=c")
    assert len(mapserver.open_city(database).shops) == 2


@pytest.mark.slow
def test_what_rows_cannot_hold_stays_a_file_and_is_named(database, make_folder):
    ragged = "trail_id,checked_on,by,grade\nhill,2026-10-01,직원,좋음\nhill,2026-10-02,직원\n"
    folder = make_folder({**FILES, "layers/inspections.csv": ragged})
    load(folder, f"{database}?schema=c")
    tables = run_sql(database, "SELECT name FROM c._tables")
    assert ("inspections",) not in tables
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))


@pytest.mark.slow
def test_a_table_that_would_be_read_otherwise_is_dropped_and_named(
    database, make_folder, monkeypatch
):
    folder = make_folder(FILES)
    seen = mapserver.stores.proving.find_difference
    reason = Phrase("so")
    monkeypatch.setattr(
        "mapserver.stores.proving.find_difference",
        lambda a, b: reason if "open" in a else seen(a, b),
    )
    assert load(folder, f"{database}?schema=c").only_files == {"districts": reason}
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))


@pytest.mark.slow
def test_names_and_cells_are_text_whatever_they_say(database, make_folder):
    shapes = [shapely.Point(126.85, 35.15), shapely.Point(126.86, 35.15)]
    columns = {"id": ["x' OR 1=1 --", 'y"'], "name": [HOSTILE, "\\. \\N"], HOSTILE: ["%s", "${x}"]}
    frame = gpd.GeoDataFrame(columns | {"가" * 40: ["1", None]}, geometry=shapes, crs=4326)
    folder = make_folder({"layers/shops.geojson": frame, "gpx/a.gpx": gpx()})
    schema = 'o"dd; DROP SCHEMA c'
    load_city(folder, read_address(database, schema=schema))
    city = mapserver.open_city(database)
    require_equal(city, mapserver.open_city(folder))
    with psycopg.connect(database) as connection:
        place = psycopg.sql.Identifier(schema, "shops")
        connection.execute(psycopg.sql.SQL("UPDATE {} SET name = name || '!'").format(place))
    edited = mapserver.open_city(database)
    assert edited.shops["name"].tolist() == [f"{name}!" for name in city.shops["name"]]
    assert list(edited.shops.columns) == list(city.shops.columns)


@pytest.mark.slow
def test_several_cities_of_a_database_are_told_apart_by_schema(database, make_folder):
    with pytest.raises(StoreError, match="has no city"):
        mapserver.open_city(database)
    folder = make_folder(FILES)
    load(folder, f"{database}?schema=one")
    load(make_folder({"gpx/a.gpx": gpx()}, "two"), database)
    with pytest.raises(StoreError, match="'one', 'two'"):
        mapserver.open_city(database)
    assert list(mapserver.open_city(f"{database}?schema=two").trails.index) == ["a"]
    with pytest.raises(StoreError, match=r"no city in the schema 'three'.*'one', 'two'"):
        mapserver.open_city(f"{database}?schema=three")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words", "kind"),
    [
        (
            lambda url: url.replace("corr3ct-h%40rse", "wr0ng-secret"),
            "user and password",
            StoreError,
        ),
        (lambda url: url.replace("postgres:", "nobody:"), "user and password", StoreError),
        (lambda url: url.rpartition("/")[0] + "/nowhere", "createdb", StoreError),
        (
            lambda _: "postgresql://u:s3cret@127.0.0.1:9/x",
            "PostgreSQL runs there",
            StoreAwayError,
        ),
        (lambda _: "postgresql://u:s3cret@no.such.invalid/x", "Correct the host", StoreAwayError),
    ],
)
def test_who_cannot_connect_reads_one_line_without_the_password(database, change, words, kind):
    with pytest.raises(kind) as caught:
        mapserver.open_city(change(database))
    said = f"{caught.value} {caught.value!r} {caught.value.__cause__} {caught.value.values}"
    assert words in said
    assert not {"wr0ng", "s3cret", "corr3ct"} & set(said.replace("-", " ").split())
    assert "\n" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


@pytest.mark.slow
def test_a_city_of_another_layout_says_who_mends_it(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    run_sql(database, "UPDATE c._city SET layout = layout + 1")
    with pytest.raises(StoreError, match="newer mapserver"):
        mapserver.open_city(database)
    run_sql(database, "UPDATE c._city SET layout = 0")
    with pytest.raises(StoreError, match="--upgrade"):
        mapserver.open_city(database)


@pytest.mark.slow
def test_files_of_a_database_stay_below_the_city(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    for name in ("../../etc/passwd", "/etc/passwd", "gpx/../../x", "elsewhere/x"):
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE c._files SET name = %s WHERE file = 0", [name.encode()])
        with pytest.raises(StoreError, match="none of a city"):
            mapserver.open_city(database)


def test_without_the_driver_the_extra_is_named(monkeypatch):
    imported = builtins.__import__

    def refuse(name: str, *rest: object) -> object:
        if name.startswith("psycopg"):
            raise ImportError(name, name=name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingPackageError, match=r"mapserver\[postgis\]"):
        mapserver.open_city("postgresql://h/d")


@pytest.mark.slow
def test_the_command_loads_and_says_what_it_copied(database, make_folder):
    words = [sys.executable, "-m", "mapserver", "load", database, "--city", make_folder(FILES)]
    run = subprocess.run([*words, "--lang", "en"], capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr
    assert "districts: 2 rows" in run.stdout
    assert "Copied into the schema city: 6 files" in run.stdout
    assert "corr3ct" not in run.stdout + run.stderr
    again = subprocess.run(  # noqa: S603
        [*words, "--upgrade", "--lang", "en"], capture_output=True, text=True, check=False
    )
    assert again.stdout == f"city: layout {layout.LAYOUT}, was {layout.LAYOUT}\n"


GPX_FILES = {
    "gpx/hill.gpx": gpx(
        '<wpt lat="35.1500" lon="126.8500"><ele>31</ele><name>세족장</name></wpt>',
        "<trk><name>언덕길</name><trkseg>"
        '<trkpt lat="35.15" lon="126.85"><ele>30</ele><time>2026-01-02T03:04:05Z</time></trkpt>'
        '<trkpt lat="35.15" lon="126.86"><ele>40</ele><time>2026-01-02T03:14:05Z</time></trkpt>'
        "</trkseg></trk>",
    ),
    "gpx/lake.gpx": gpx(track([(126.87, 35.16), (126.88, 35.16)], name="호수길")),
}
