"""Cities that earlier versions of this program have copied: each is upgraded, with its edits."""

from __future__ import annotations

from hashlib import sha256

import psycopg
import pytest
from test_stores import FILES as PLAIN_FILES
from test_stores import GPX_FILES, load, require_equal, run_sql

import mapserver
from mapserver.errors import StoreError
from mapserver.stores import layout, loading
from mapserver.stores.addresses import read_address
from mapserver.stores.layout import LAYOUT, STEPS, TABLES, create_bookkeeping
from mapserver.stores.quoting import compose
from mapserver.stores.upgrading import upgrade_city

pytestmark = pytest.mark.slow
FILES = {**PLAIN_FILES, **GPX_FILES}
STEP_DIGESTS = {1: "979e1730e742", 2: "6e6c0c070ffd", 3: "9445ca179ba5", 4: "9d9c5c5829d6"}
"""Of the SQL of each step: cities are out there that it has made."""


@pytest.fixture
def load_as(monkeypatch):
    """Copies a city as an earlier version of this program did."""

    def load_version(version: int, folder, url: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(layout, "STEPS", {k: v for k, v in STEPS.items() if k < version})
            if version < 3:  # there was no table for them
                patch.setattr(loading, "note_rows", lambda *_: None)
            if version < 4:
                patch.setattr("mapserver.stores.replacing.FUNCTIONS", ("_note_change()",))
            load(folder, url)

    return load_version


@pytest.mark.parametrize("version", range(1, LAYOUT))
def test_a_city_of_each_earlier_version_is_upgraded_with_its_edits(
    database, make_folder, load_as, version
):
    folder = make_folder(FILES)
    load_as(version, folder, f"{database}?schema=c")
    assert run_sql(database, "SELECT layout FROM c._city") == [(version,)]
    run_sql(
        database,
        "UPDATE c.shops SET name = '책방' WHERE id = '1'",
        "UPDATE c.trail_register SET status = 'closed'",
    )
    with pytest.raises(StoreError, match="--upgrade"):
        mapserver.open_city(database)
    assert upgrade_city(read_address(database)) == ("c", version, LAYOUT)
    assert upgrade_city(read_address(database)) == ("c", LAYOUT, LAYOUT)
    city = mapserver.open_city(database)
    assert city.shops.loc["1", "name"] == "책방"
    assert city.trails.loc["hill", "status"] == "closed"
    # All that the newest layout can do works: rows are added, edits are told, trails are drawn.
    run_sql(
        database,
        "DELETE FROM c._changes",
        "INSERT INTO c.shops (name, _row, geom) SELECT '떡집', NULL, geom FROM c.shops LIMIT 1",
        "INSERT INTO c.closures (trail_id, _row) VALUES ('lake', NULL)",
        "UPDATE c.trails SET name = '다른 길' WHERE id = 'lake'",
    )
    names = run_sql(database, "SELECT name FROM c._changes ORDER BY 1")
    assert names == [("closures",), ("shops",), ("trails",)]
    city = mapserver.open_city(database)
    assert list(city.shops["name"]) == ["책방", "꽃집", "떡집"]
    assert city.trails.loc["lake", "name"] == "다른 길"
    assert city.trails.loc["hill", "time_start"] is not None
    assert len(city.closures) == 2


@pytest.mark.parametrize("version", range(1, LAYOUT))
def test_an_upgraded_city_without_edits_is_the_folder_and_can_be_loaded_again(
    database, make_folder, load_as, version
):
    folder = make_folder(FILES)
    load_as(version, folder, f"{database}?schema=c")
    upgrade_city(read_address(database))
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))
    # Nothing is taken for an edit, and nothing of the earlier copy stands in the way.
    load(folder, f"{database}?schema=c")
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))


@pytest.mark.parametrize("version", range(1, LAYOUT))
def test_a_city_of_an_earlier_version_is_replaced_without_an_upgrade(
    database, make_folder, load_as, version
):
    folder = make_folder(FILES)
    load_as(version, folder, f"{database}?schema=c")
    load(folder, f"{database}?schema=c")
    require_equal(mapserver.open_city(database), mapserver.open_city(folder))


def test_an_upgrade_that_fails_leaves_the_earlier_version(
    database, make_folder, load_as, monkeypatch
):
    load_as(1, make_folder(FILES), f"{database}?schema=c")
    monkeypatch.setattr(layout, "STEPS", STEPS | {LAYOUT - 1: "SELECT no_such_function()"})
    with pytest.raises(StoreError):
        upgrade_city(read_address(database))
    assert run_sql(database, "SELECT layout FROM c._city") == [(1,)]
    assert run_sql(database, "SELECT to_regclass('c._changes') IS NULL") == [(True,)]


def test_an_upgrade_passes_over_tables_that_are_gone_or_lack_their_order(
    database, make_folder, load_as
):
    load_as(3, make_folder(FILES), f"{database}?schema=c")
    run_sql(
        database,
        "DROP TABLE c.closures",
        "ALTER TABLE c.districts DROP _row",
        'ALTER TABLE c.shops RENAME TO "shöps 50%"',
    )
    assert upgrade_city(read_address(database)) == ("c", 3, LAYOUT)
    assert len(mapserver.open_city(database).districts) == 2


def test_the_first_layout_is_still_what_the_steps_start_from(database):
    # Cities of version 1 are out there: what it wrote may never change.
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA x")
        create_bookkeeping(cursor, "x")
        cursor.execute(
            "SELECT table_name, string_agg(column_name, ' ' ORDER BY ordinal_position) "
            "FROM information_schema.columns WHERE table_schema = 'x' GROUP BY 1 ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("_city", "layout program name version catalog loaded_at"),
            ("_files", "file name shown size_bytes written_ns sha256"),
            ("_parts", "file part content"),
            ("_tables", "name kind source layer labels is_promoted digest"),
        ]
    assert "{schema}" in TABLES
    assert compose("{schema}", schema='a"b').as_string(None) == '"a""b"'


def test_steps_that_cities_have_taken_never_change():
    # A change of the layout is another step: these have been taken by cities that are out there.
    digests = {number: sha256(step.encode()).hexdigest()[:12] for number, step in STEPS.items()}
    assert digests == STEP_DIGESTS
    assert max(STEPS) + 1 == LAYOUT
