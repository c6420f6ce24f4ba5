"""Those who inspect trails write into a city in PostGIS: a transaction, once, and soon shown."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from test_inspecting import FILES, ROW, SECRET, enter, post
from test_stores import load, run_sql
from test_stores_following import Served

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import DataError, SettingsError
from mapserver.importing.inspection_rows import KeyTakenError
from mapserver.importing.stored_inspections import StoreLedger
from mapserver.settings import Settings, limits
from mapserver.stores.addresses import read_address
from mapserver.web import create_app

pytestmark = pytest.mark.slow
ROWS = "SELECT trail_id, checked_on, by, item, grade, finding FROM c.inspections ORDER BY _row"


@pytest.fixture
def site(database, make_folder):
    """A served city in a database, and a browser that has shown the code of trail a."""
    load(make_folder(FILES), f"{database}?schema=c")
    site = Served(database, secret_key=SECRET)
    site.browser = site.app.test_client()
    enter(site.browser)
    site.look()
    return site


@pytest.fixture
def ledger(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    return StoreLedger(read_address(database), "c")


def test_a_look_is_a_row_of_the_table_and_closes_the_trail_on_the_map(site, database):
    assert site.live.city.trails_on(site.live.city.today()).loc["a", "state"] == "open"
    answer = post(site.browser, grade="forbidden", item=["drainage", "leaves"], finding="물이 고임")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/check/a?lang=ko&sent=1")
    rows = run_sql(database, ROWS)
    today = site.live.city.today().isoformat()
    assert [row[:2] for row in rows] == [("a", today), ("a", today)]
    assert {row[5] for row in rows} == {"물이 고임"}
    time.sleep(0.2)
    site.look(3)
    assert site.live.city.trails_on(site.live.city.today()).loc["a", "state"] == "closed"
    assert "물이 고임" in site.app.test_client().get("/trails/a").text
    # Who opens the city elsewhere sees the same.
    assert len(mapserver.open_city(database).ledgers["inspections"]) == 2


def test_an_entry_that_is_sent_again_is_written_once_and_another_is_refused(site, database):
    for _ in range(3):
        assert post(site.browser, key="key-00000001").status_code == 303
    assert len(run_sql(database, ROWS)) == 1
    assert post(site.browser, key="key-00000001", grade="repair").status_code == 409
    assert len(run_sql(database, ROWS)) == 1


def test_entries_at_one_moment_are_each_written_once(ledger, database):
    others = StoreLedger(read_address(database), "c")  # as of another worker

    def send(number: int) -> bool:
        own = ledger if number % 2 else others
        return own.append([{**ROW, "finding": f"{number // 4}"}], f"key-{number // 4}", "x")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    assert answers.count(True) == 6
    assert sorted(row[5] for row in run_sql(database, ROWS)) == [f"{n}" for n in range(6)]


def test_all_rows_of_an_entry_are_written_or_none(ledger, database):
    run_sql(database, "ALTER TABLE c.inspections ADD CHECK (item <> '난간')")
    with pytest.raises(DataError):
        ledger.append([ROW, {**ROW, "item": "난간"}], "key-1", "x")
    assert run_sql(database, ROWS) == []
    assert ledger.append([ROW], "key-1", "x")  # nothing says that it was written
    assert ledger.is_written("key-1", "x")
    assert not ledger.is_written("key-1", "y")
    with pytest.raises(KeyTakenError):
        ledger.append([ROW], "key-1", "y")


def test_rows_stand_in_the_columns_that_the_office_has(database, make_folder):
    table = "등급,비고,trail_id,점검일\n양호,직접 씀,a,2026-10-01\n"
    load(make_folder({**FILES, "layers/inspections.csv": table}), f"{database}?schema=c")
    ledger = StoreLedger(read_address(database), "c")
    row = {"trail_id": "a", "checked_on": "2026-11-26", "by": "점검반", "grade": "보수필요"}
    assert ledger.append([row], "key-1", "x")
    rows = run_sql(database, 'SELECT "등급", trail_id, "점검일" FROM c.inspections ORDER BY _row')
    assert rows == [("양호", "a", "2026-10-01"), ("보수필요", "a", "2026-11-26")]
    assert len(mapserver.open_city(database).ledgers["inspections"]) == 2
    with pytest.raises(DataError, match="no column for"):
        ledger.append([{**row, "fixed_on": "2026-11-27"}], "key-2", "x")


def test_hostile_texts_are_cells(ledger, database):
    hostile = "'); DROP TABLE c.inspections; -- %s {0} \\"
    assert ledger.append([{**ROW, "finding": hostile}], hostile, hostile)
    assert run_sql(database, ROWS)[0][5] == hostile


def test_a_database_that_is_away_is_said_and_the_form_keeps_what_was_entered(
    site, database_server, database, caplog
):
    if database_server.process is None:
        pytest.skip("the server that MAPSERVER_TEST_POSTGIS names is not ours to stop")
    database_server.stop()
    try:
        answer = post(site.browser, finding="물이 고임")
    finally:
        database_server.start()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "물이 고임" in answer.text
    assert "127.0.0.1" not in answer.text
    assert "corr3ct" not in caplog.text
    assert post(site.browser, finding="물이 고임").status_code == 303
    assert len(run_sql(database, ROWS)) == 1


def test_a_table_that_others_lock_is_waited_for_no_longer_than_said(ledger, database, monkeypatch):
    monkeypatch.setattr(limits, "INSPECTION_WAIT_S", 0.5)
    import psycopg  # noqa: PLC0415 -- the extra may be missing

    with psycopg.connect(database) as busy:
        busy.execute("LOCK c.inspections IN ACCESS EXCLUSIVE MODE")
        start_s = time.monotonic()
        with pytest.raises(DataError, match="now"):
            ledger.append([ROW], "key-1", "x")
        assert time.monotonic() - start_s < 5
    assert ledger.append([ROW], "key-1", "x")


def test_a_role_that_may_only_read_is_refused_as_the_server_starts(database, make_folder):
    load(make_folder(FILES), f"{database}?schema=c")
    role = "inspector_of_tests"
    place = database.partition("@")[2]
    url = f"postgresql://{role}:secret@{place}"
    run_sql(
        database,
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"GRANT USAGE ON SCHEMA c TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA c TO {role}",
    )
    try:
        with pytest.raises(SettingsError, match="GRANT INSERT"):
            create_app(Settings(store=url, secret_key=SECRET))
        create_app(Settings(store=url))  # who only reads serves without
        run_sql(
            database,
            f"GRANT INSERT ON c.inspections TO {role}",
            f"GRANT SELECT, INSERT, DELETE ON c._sent TO {role}",
        )
        browser = create_app(Settings(store=url, secret_key=SECRET)).test_client()
        enter(browser)
        assert post(browser).status_code == 303
        assert len(run_sql(database, ROWS)) == 1
    finally:
        run_sql(database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_an_empty_table_of_inspections_is_no_edit_and_one_with_rows_is(database, make_folder):
    folder = make_folder(FILES)
    load(folder, f"{database}?schema=c")
    assert mapserver.open_city(database).version == mapserver.open_city(folder).version
    load(folder, f"{database}?schema=c")
    StoreLedger(read_address(database), "c").append([ROW], "key-1", "x")
    with pytest.raises(DataError, match=r"inspections.*--replace"):
        load(folder, f"{database}?schema=c")


def test_a_ledger_that_could_be_no_table_is_said_as_the_server_starts(database, make_folder):
    ragged = "trail_id,checked_on,by,grade\na,2026-10-01,직원,좋음\na,2026-10-02,직원\n"
    load(make_folder({**FILES, "layers/inspections.csv": ragged}), f"{database}?schema=c")
    with pytest.raises(SettingsError, match="no table of inspections"):
        create_app(Settings(store=database, secret_key=SECRET))


@pytest.mark.parametrize("words", [["add", "FILE", "--as", "inspections"], ["publish"]])
def test_commands_that_write_into_folders_say_so_and_write_nothing(
    database, make_folder, tmp_path, words, monkeypatch
):
    load(make_folder(FILES), f"{database}?schema=c")
    table = tmp_path / "점검.csv"
    table.write_text("trail_id,checked_on,by,grade\na,2026-10-01,직원,좋음\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    words = [*(str(table) if word == "FILE" else word for word in words), "--lang", "en"]
    result = CliRunner().invoke(main, words, env={"MAPSERVER_STORE": database})
    assert result.exit_code == 2
    assert "the city that is set is in a database" in result.output
    assert "corr3ct" not in result.output
    assert not list(elsewhere.iterdir())
    assert len(mapserver.open_city(database).ledgers.get("inspections", ())) == 0
