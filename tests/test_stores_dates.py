"""Texts of days and times of a layer that stays in PostGIS are asked there, as in memory."""

from __future__ import annotations

import pytest
from gpxtext import gpx
from test_filters_dates import COUNT, DAY, ITEMS, QUESTIONS, SEOUL, TIME, ask_pandas, write_layer
from test_stores import load, run_sql

from mapserver.filters import read_filter
from mapserver.filters.temporal import RELATIONS
from mapserver.settings import Settings
from mapserver.stores.filtering import Translator
from mapserver.web import create_app

pytestmark = pytest.mark.slow
MOMENTS = {"designated": "text-date", "edited": "text-date-time", "repeated": "text-date"}
EVALUATED = (f"T_AFTER(designated, TIMESTAMP('{TIME}'))", "designated > repeated")
"""Beginnings of what is not asked in the database as a whole."""


PERIODS = {
    f"'{DAY}'": False,
    f"DATE('{DAY}')": False,
    f"INTERVAL('2025-12-20', '{DAY}')": False,
    f"INTERVAL('{DAY}', '..')": False,
    f"INTERVAL('..', '{DAY}')": False,
    "INTERVAL('..', '..')": False,
    "TIMESTAMP('2025-12-31T15:30:00Z')": True,
    f"INTERVAL('2025-12-10T00:00:00Z', '{TIME}')": True,
}
"""Instants and periods, each with whether it has a time, among which a day is a period."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dates") / "city"
    write_layer(folder)
    (folder / "gpx").mkdir()
    (folder / "gpx" / "a.gpx").write_text(gpx())
    return folder


@pytest.fixture(scope="module")
def url(database_server, folder):
    url = database_server.make_database()
    load(folder, f"{url}?schema=c")
    yield url
    database_server.drop_database(url)


@pytest.fixture(scope="module")
def in_memory(folder):
    return create_app(Settings(city=folder, tile_url=""))


@pytest.fixture(scope="module")
def in_database(url):
    return create_app(Settings(store=url, large_rows=20, tile_url=""))


def ask(app, text: str, **query):
    query = {"filter": text, "limit": 100, **query}
    answer = app.test_client().get(ITEMS, query_string=query)
    return answer.status_code, answer.data


def find_layer(app):
    return app.extensions["mapserver"].city.data.large["parcels"]


def split(layer, text: str) -> bool:
    translator = Translator(
        layer.written_columns, layer.kinds, None, moments=layer.moments, zone=SEOUL
    )
    return translator.split(read_filter(text).tree)[1]


def test_the_table_tells_which_texts_are_days_or_times(in_database):
    assert find_layer(in_database).moments == MOMENTS


@pytest.mark.parametrize("text", QUESTIONS)
def test_texts_of_days_and_times_are_asked_as_in_memory(in_memory, in_database, text):
    expected = ask(in_memory, text)
    assert expected[0] == 200
    assert ask(in_database, text) == expected
    assert split(find_layer(in_database), text) != text.startswith(EVALUATED)


@pytest.mark.parametrize("given", ["'2026-01-01'", f"TIMESTAMP('{TIME}')"])
@pytest.mark.parametrize("sign", ["=", "<>", "<", "<=", ">", ">="])
@pytest.mark.parametrize("name", ["designated", "edited"])
def test_every_comparison_is_that_of_memory(in_memory, in_database, name, sign, given):
    given = f"DATE({given})" if given.startswith("'") else given
    for text in (f"{name} {sign} {given}", f"NOT ({given} {sign} {name})"):
        assert split(find_layer(in_database), text)
        assert ask(in_database, text) == ask(in_memory, text)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("name", ["designated", "edited"])
def test_every_relation_is_that_of_memory(in_memory, in_database, name, relation):
    for period, has_time in PERIODS.items():
        for text in (f"{relation}({name}, {period})", f"NOT {relation}({period}, {name})"):
            expected = ask(in_memory, text)
            assert expected[0] == 200
            assert ask(in_database, text) == expected, text
            assert split(find_layer(in_database), text) != (name == "designated" and has_time)


@pytest.mark.parametrize(
    "text",
    [
        f"mixed >= DATE('{DAY}')",
        f"T_AFTER(blank, DATE('{DAY}'))",
        f"naive > TIMESTAMP('{TIME}')",
        f"number > DATE('{DAY}')",
        f"id > DATE('{DAY}')",
        "designated > DATE('2026-02-30')",
        "T_DURING(designated, INTERVAL('2026-02-01', '2026-01-01'))",
        "T_AFTER(designated, 'x')",
        "designated > 5",
    ],
)
def test_what_cannot_be_compared_is_said_as_in_memory(in_memory, in_database, text):
    expected = ask(in_memory, text)
    assert expected[0] == 400
    assert ask(in_database, text) == expected


def test_descriptions_are_those_of_memory(in_memory, in_database):
    for kind in ("queryables", "sortables"):
        answers = [
            app.test_client().get(f"/api/collections/parcels/{kind}").data
            for app in (in_memory, in_database)
        ]
        assert answers[0] == answers[1]
        assert answers[0].count(b'"format":"date"') == 2


def test_gdal_compares_texts_of_times_as_in_memory(in_memory, in_database):
    text, language = f"edited > '{TIME}'", {"filter-lang": "cql-text"}
    assert ask(in_database, text, **language) == ask(in_memory, text, **language)


def test_a_text_that_came_since_stops_no_question(database, folder):
    load(folder, f"{database}?schema=c")
    app = create_app(Settings(store=database, large_rows=20, tile_url=""))
    expected = ask_pandas(QUESTIONS[f"edited > TIMESTAMP('{TIME}')"])
    run_sql(database, "UPDATE c.parcels SET edited = 'soon' WHERE id = 'p0'")
    answer = app.test_client().get(
        ITEMS, query_string={"filter": f"edited > TIMESTAMP('{TIME}')", "limit": 100}
    )
    assert [feature["id"] for feature in answer.json["features"]] == expected
    # Who looks at the table anew takes the column for one of texts.
    again = create_app(Settings(store=database, large_rows=20, tile_url=""))
    assert find_layer(again).moments.keys() == MOMENTS.keys() - {"edited"}
    assert ask(again, f"edited > TIMESTAMP('{TIME}')")[0] == 400


def test_columns_of_days_of_the_database_are_days(database, folder):
    load(folder, f"{database}?schema=c")
    run_sql(
        database,
        "ALTER TABLE c.parcels ALTER COLUMN designated TYPE date USING designated::date",
        "ALTER TABLE c.parcels ALTER COLUMN edited TYPE timestamptz USING edited::timestamptz",
    )
    app = create_app(Settings(store=database, large_rows=20, tile_url=""))
    assert find_layer(app).moments == {"designated": "text-date", "repeated": "text-date"}
    text = f"designated >= DATE('{DAY}')"
    answer = app.test_client().get(ITEMS, query_string={"filter": text, "limit": COUNT})
    expected = ask_pandas(QUESTIONS[text])
    assert [feature["id"] for feature in answer.json["features"]] == expected
