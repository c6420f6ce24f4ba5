"""Filters in CQL2: what is read, what is refused, and which rows are found."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import textwrap
import unicodedata
from functools import partial
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import ROOT

from mapserver.errors import QueryError
from mapserver.filters import FUNCTIONS, Function, Kind, read_filter
from mapserver.filters.draft import translate_draft
from mapserver.settings import limits

FRAME = gpd.GeoDataFrame(
    {
        "name": ["숲길", "Café", None, "맨발길 1_2", "100%"],
        "길이": [1.0, 2.5, None, 4.0, 0.0],
        "count": pd.array([1, 2, None, 4, 0], dtype="Int64"),
        "is_open": [True, False, None, True, False],
        "day": [dt.date(2026, 1, 1), None, dt.date(2026, 2, 1), dt.date(2025, 1, 1), None],
        "moment": pd.to_datetime(
            [
                "2025-12-31T15:00:00Z",
                None,
                "2026-01-01T15:30:00Z",
                "2026-01-01T23:59:59Z",
                "2026-01-02T00:00:00Z",
            ]
        ),
        "tags": [["a", "b"], [], None, ["b"], ["c", 1, True]],
    },
    geometry=[
        shapely.Point(126.8, 35.1),
        shapely.box(0, 0, 2, 2),
        None,
        shapely.box(179, 0, 180, 1),
        shapely.LineString([(-180, 0), (-179, 1)]),
    ],
    crs="EPSG:4326",
    index=["T-1", "T-2", "T-3", "T-4", "T-5"],
)


def find_ids(text: str, language: str = "cql2-text", **options) -> str:
    """Return the last signs of the ids of the rows that a filter finds: ``124``."""
    booleans = options.pop("booleans", ())
    rows = read_filter(text, language, booleans=booleans).find_rows(FRAME, **options)
    assert rows.shape == (5,)
    assert rows.dtype == bool
    return "".join(name[-1] for name in FRAME.index[rows])


def refuse(text: str, language: str = "cql2-text", **options) -> str:
    """Return the message of the error that a filter is refused with."""
    with pytest.raises(QueryError) as caught:
        read_filter(text, language).find_rows(FRAME, **options)
    assert caught.value.parameter in {"filter", "filter-lang"}
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("길이 > 1", "24"),
        ('"길이" > 1', "24"),
        ("NOT 길이 > 1", "15"),
        ("길이 > 1 OR name IS NULL", "234"),
        ("길이 > 1 AND is_open", "4"),
        ("NOT (길이 > 1 AND is_open)", "125"),
        ("NOT is_open", "25"),
        ("is_open = FALSE", "25"),
        ("count = 2 OR count = 4", "24"),
        ("name <> '숲길'", "245"),
        ("name = NULL OR TRUE", "12345"),
        ("name = NULL", ""),
        ("길이 / 길이 = 1", "124"),
        ("(길이 + 1) * 2 = 4", "1"),
        ("7 div 2 = 3 AND -7 div 2 = -3 AND -7 % 2 = -1", "12345"),
        ("1 < 길이", "24"),
        ("count = 길이", "145"),
        ("id = 'T-3' OR id IN ('T-5')", "35"),
        ("geometry IS NULL", "3"),
        ("geom IS NOT NULL", "1245"),
        ("name = ''", ""),
        ("name = 'it''s' OR 길이 = 0", "5"),
        (r"'it\'s (a) text' = 'it''s (a) text'", "12345"),
    ],
)
def test_rows_are_found_and_the_opposite_of_unknown_is_unknown(text, ids):
    assert find_ids(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("name LIKE '%길%'", "14"),
        ("name NOT LIKE '%길%'", "25"),
        ("name LIKE '__'", "1"),
        ("name LIKE '100\\%'", "5"),
        ("name LIKE '%1\\_2'", "4"),
        ("name LIKE ''", ""),
        ("name LIKE '%'", "1245"),
        ("name LIKE '%é'", "2"),
        ("CASEI(name) LIKE CASEI('CAF%')", "2"),
        ("CASEI(name) = CASEI('CAFÉ')", "2"),
        ("ACCENTI(name) = 'Cafe'", "2"),
        ("ACCENTI(CASEI(name)) IN (accenti(casei('CAFÉ')), 'x')", "2"),
        ("길이 BETWEEN 1 AND 2.5", "12"),
        ("길이 NOT BETWEEN 1 AND 2.5", "45"),
        ("길이 IN (1, 4)", "14"),
        ("길이 NOT IN (1, 4)", "25"),
        ("길이 IN (1, NULL)", "1"),
        ("길이 NOT IN (1, NULL)", ""),
        ("길이 IN (count)", "145"),
        ("day IN ('2026-01-01', DATE('2025-01-01'))", "14"),
        ("name IN (('숲길'))", "1"),
        ("upper(name) = 'CAFÉ' AND char_length(name) = 4", "2"),
    ],
)
def test_texts_and_ranges_are_compared(text, ids):
    assert find_ids(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("day = DATE('2026-01-01')", "1"),
        ("day >= '2026-01-01'", "13"),
        ("moment = DATE('2026-01-01')", "34"),
        ("moment < DATE('2026-01-01')", "1"),
        ("moment > DATE('2026-01-01')", "5"),
        ("moment <> DATE('2026-01-01')", "15"),
        ("DATE('2026-01-01') < moment", "5"),
        ("moment >= TIMESTAMP('2026-01-02T00:30:00+09:00')", "345"),
        ("T_DURING(moment, INTERVAL('2026-01-01', '..'))", "345"),
        ("T_BEFORE(moment, INTERVAL('2026-01-01', '..'))", "1"),
        ("T_INTERSECTS(day, INTERVAL('..', '2026-01-01'))", "14"),
        ("T_DISJOINT(INTERVAL(day, moment), DATE('2026-01-01'))", ""),
        ("T_AFTER(day, '2025-06-01')", "13"),
        ("NOT T_AFTER(day, '2025-06-01')", "4"),
    ],
)
def test_dates_and_times_are_compared(text, ids):
    assert find_ids(text) == ids


def test_a_day_is_that_of_the_zone_of_the_city():
    seoul = ZoneInfo("Asia/Seoul")
    assert find_ids("moment = DATE('2026-01-01')", zone=seoul) == "1"
    assert find_ids("moment = DATE('2026-01-02')", zone=seoul) == "345"
    naive = gpd.GeoDataFrame({"moment": pd.to_datetime(["2026-01-01T00:00:00"])}, geometry=[None])
    question = read_filter("moment = TIMESTAMP('2025-12-31T15:00:00Z')")
    assert question.find_rows(naive, zone=seoul).tolist() == [True]
    assert question.find_rows(naive).tolist() == [False]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("A_CONTAINS(tags, ('a', 'b'))", "1"),
        ("A_CONTAINS(tags, 'b')", "14"),
        ("A_CONTAINEDBY(tags, ('a', 'b'))", "124"),
        ("A_EQUALS(tags, ('b', 'a', 'a'))", "1"),
        ("A_EQUALS(tags, ('c', TRUE, 1.0))", "5"),
        ("A_OVERLAPS(('b', 'x'), tags)", "14"),
        ("NOT A_OVERLAPS(tags, ('b', 'x'))", "25"),
        ("A_OVERLAPS(tags, ('1', 'true'))", ""),
        ("A_CONTAINS(tags, (name, 'b'))", ""),
    ],
)
def test_lists_are_compared_as_sets_of_values_with_their_kinds(text, ids):
    assert find_ids(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))", "45"),
        ("S_INTERSECTS(BBOX(170, -10, -170, 10), geom)", "45"),
        ("S_DISJOINT(geometry, POINT(126.8 35.1))", "245"),
        ("S_WITHIN(geometry, BBOX(126, 35, 127, 36))", "1"),
        ("S_CONTAINS(geometry, POINT(1 1))", "2"),
        ("S_CONTAINS(BBOX(126, 35, 127, 36), geometry)", "1"),
        ("S_TOUCHES(geometry, POINT(2 2))", "2"),
        ("S_OVERLAPS(geometry, BBOX(1, 1, 3, 3))", "2"),
        ("S_CROSSES(geometry, POLYGON((-179.5 -1, -178 -1, -178 2, -179.5 2, -179.5 -1)))", "5"),
        ("S_EQUALS(geometry, POLYGON((2 2, 0 2, 0 0, 2 0, 2 2)))", "2"),
        ("S_EQUALS(geometry, geom)", "1245"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 1), POINT(126.8 35.1)))", "12"),
        ("S_INTERSECTS(geometry, BBOX(126.8, 35.1, 126.8, 35.1))", "1"),
        ("NOT S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", ""),
        ("area_m2(geometry) > 20000000000", "2"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "2"),
    ],
)
def test_geometries_are_compared_in_longitude_and_latitude(text, ids):
    assert find_ids(text) == ids


def test_geometries_of_a_filter_can_be_in_another_system():
    def swap(geometry):
        return shapely.transform(geometry, lambda xy: xy[:, ::-1])

    assert find_ids("S_INTERSECTS(geometry, POINT(35.1 126.8))", to_lonlat=swap) == "1"
    assert find_ids("S_WITHIN(geometry, BBOX(35, 126, 36, 127))", to_lonlat=swap) == "1"
    assert "lower corner" in refuse("S_WITHIN(geom, BBOX(36, 1, 35, 2))", to_lonlat=swap)
    assert find_ids("S_INTERSECTS(geometry, BBOX(178, -1, -178, 2))") == "45"
    assert find_ids("S_INTERSECTS(geometry, BBOX(-1, 178, 2, -178))", to_lonlat=swap) == "45"
    heights = "S_INTERSECTS(geometry, BBOX(-1, 178, 0, 2, -178, 9))"
    assert find_ids(heights, to_lonlat=swap) == "45"


def test_json_says_the_same_as_text():
    tree = """{"op": "and", "args": [
        {"op": ">", "args": [{"property": "길이"}, 1]},
        {"op": "in", "args": [{"property": "name"}, ["Café", "숲길"]]}]}"""
    question = read_filter(tree, "cql2-json")
    assert question.tree == read_filter("길이 > 1 AND name IN ('Café', '숲길')").tree
    assert question.properties == ("길이", "name")
    assert find_ids(tree, "cql2-json") == "2"


def test_properties_can_be_restricted_and_typed():
    types = {"day": "date", "name": "string", "길이": "number"}
    assert find_ids("길이 > 1", properties=types) == "24"
    assert "There are: day, name, 길이, id, geometry" in refuse("count = 1", properties=types)
    texts = gpd.GeoDataFrame({"day": ["2026-01-01", "?", None]}, geometry=[None] * 3)
    question = read_filter("day < DATE('2027-01-01')")
    assert question.find_rows(texts, properties=types).tolist() == [True, False, False]
    assert question.find_rows(texts.iloc[:0], properties=types).tolist() == []


def test_functions_can_be_added():
    double = Function("double", (Kind.NUMBER,), Kind.NUMBER, lambda numbers: numbers * 2)
    assert find_ids("DOUBLE(길이) = 5", functions={"double": double}) == "2"
    assert "There are: " + ", ".join(FUNCTIONS) in refuse("double(길이) = 5")
    assert "abs takes 1 values, and here it has 2" in refuse("abs(길이, 1) = 1")
    assert "abs needs a number, and name is a text" in refuse("abs(name) = 1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nope = 1", "no property nope to filter by. There are: name, 길이"),
        ("길이 = 'x'", "= cannot compare 길이 (a number) with 'x' (a text)"),
        ("name < 5", "< cannot compare name (a text) with 5 (a number)"),
        ("is_open = 1", "cannot compare is_open (true or false) with 1 (a number)"),
        ("길이 LIKE '1%'", "LIKE needs a text, and 길이 is a number"),
        ("name LIKE name", "pattern of LIKE"),
        ("CASEI(길이) = '1'", "CASEI needs a text"),
        ("S_WITHIN(name, POINT(1 1))", "S_WITHIN needs a geometry, and name is a text"),
        ("geom = POINT(1 1)", "cannot compare geom (a geometry)"),
        ("T_AFTER(name, DATE('2026-01-01'))", "T_AFTER needs a time, and name is a text"),
        ("T_AFTER(day, 'soon')", "soon is no date and no time"),
        ("day = DATE('2026-02-30')", "2026-02-30 is no date"),
        ("day = INTERVAL('2026-01-01', '..')", "a period can only stand in a temporal function"),
        ("T_DURING(day, INTERVAL('2026-02-01', '2026-01-01'))", "ends before it begins"),
        ("A_EQUALS(name, ('a', 'b'))", "A_EQUALS needs a list, and name is a text"),
        ("tags = ('a', 'b')", "cannot compare tags (a list)"),
        ("name + 1 = 2", "+ needs a number, and name is a text"),
        ("name", "a filter needs true or false, and name is a text"),
        ("name AND is_open", "AND needs true or false"),
        ("길이 = 1e999", "too large"),
        ("길이 IN ('a', 'b')", "IN cannot compare"),
        ("길이 BETWEEN 1 AND 'x'", "cannot compare"),
        ("S_INTERSECTS(geom, POINT(90 180))", "90 180 is no longitude and latitude"),
        ("S_INTERSECTS(geom, MULTIPOINT(7 49, 90 180))", "90 180 is no longitude and latitude"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 1)))", "POLYGON cannot be built"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 0 0)))", "POLYGON cannot be built"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1)))", "POLYGON cannot be built"),
        ("S_INTERSECTS(geom, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 1))))", "MULTIPOLYGON cannot be"),
        (
            "S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(1 1), POLYGON((0 0, 1 0, 1 1, 2 2))))",
            "GEOMETRYCOLLECTION cannot be built",
        ),
        ("S_INTERSECTS(geom, BBOX(1, 2, 3))", "BBOX has four numbers"),
        ("S_INTERSECTS(geom, BBOX(1, 2, 3, name))", "BBOX has four numbers"),
        ("S_INTERSECTS(geom, BBOX(0, 2, 3, 1))", "lower corner"),
        ("S_INTERSECTS(geom)", "S_INTERSECTS takes 2 values, and here it has 1"),
        ("Foo(name) = 1", "there is no function Foo"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(text, words):
    assert words in refuse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "letter 1, its end: a property, a value or a function is missing here"),
        ("길이 = ", "letter 6, its end: a property, a value or a function"),
        ("길이 = 1 name = 2", "letter 8 (name = 2): AND, OR, an operator or the end is missing"),
        ("(길이 = 1) AND (name = ) OR true", "letter 22 () OR true): a property"),
        ("((길이 = 1)", "letter 1 (((길이 = 1)): a parenthesis that is not closed"),
        ("길이 = 1)", "letter 7 ()): a parenthesis that was not opened"),
        ("길이 = #", "letter 6 (#): a letter that has no meaning here"),
        ("길이 = 'x", "letter 6 ('x): a letter that has no meaning here"),
        ("S_INTERSECTS(geom, POINT(name 1))", "in a geometry only numbers can stand"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_an_example(text, words):
    message = refuse(text)
    assert words in message
    assert "A filter looks like this: length_km < 2" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "letter 1"),
        ('{"op": "=", "args": [1', "letter"),
        ('{"op": "=", "args": [NaN, 1]}', "is no JSON"),
        ('{"op": "=", "op": "<", "args": [1, 2]}', "twice"),
        ('{"op": "=", "args": 1}', "an object of the filter with args, op means nothing"),
        ('{"op": "and", "args": []}', "means nothing"),
        ('{"op": 1, "args": []}', "means nothing"),
        ("{}", "means nothing"),
        ('"\\ud800"', "half a letter"),
        ('{"\\udfff": 1}', "half a letter"),
        ('{"op": "\\ud83d", "args": []}', "half a letter"),
        ('{"op": "=", "args": [{"property": "\\ude00\\ud83d"}, 1]}', "half a letter"),
        ('{"op": "in", "args": [1, 2]}', "IN needs a list"),
        ('{"op": "=", "args": [1e999, 1]}', "too large"),
        ('{"op": "=", "args": [' + "9" * 5000 + ", 1]}", "too large"),
        ('{"op": "s_within", "args": [{"property": "geom"}, {"type": "Point"}]}', "POINT cannot"),
        ('{"type": ["Point"]}', "cannot be built"),
        ('{"op": "t_after", "args": [{"interval": 3}, 1]}', "means nothing"),
        ('{"property": ["a"]}', "means nothing"),
        ("[1, 2]", "a filter needs true or false"),
        ('"name"', "a filter needs true or false"),
    ],
)
def test_json_that_is_no_filter_is_refused(text, words):
    assert words in refuse(text, "cql2-json")


def test_a_pair_of_json_escapes_is_a_letter():
    assert "no property 😀" in refuse('{"property": "\\ud83d\\ude00"}', "cql2-json")


def test_other_languages_are_refused():
    languages = "cql2-text, cql2-json, cql-text"
    assert f"no filter language ecql. There are: {languages}" in refuse("1", "ecql")


def deepen(before: str, after: str = "", middle: str = "길이 = 1", count: int = 0) -> str:
    count = count or limits.MAX_FILTER_LEVELS + 1
    return before * count + middle + after * count


@pytest.mark.parametrize(
    "text",
    [
        deepen("(", ")"),
        deepen("NOT "),
        deepen("NOT (", ")"),
        deepen("casei(", ")", "name") + " = 'x'",
        deepen("길이 = -", middle="1"),
        "길이 = " + deepen("-", middle="1"),
        deepen("1 + ", middle="1 = 2"),
        deepen("길이 IN (", ")", "1"),
        deepen("f((", "))", "1"),
        deepen("(길이, ", ")", "1"),
        "'('" + deepen(" = '(' "),
    ],
)
def test_levels_are_bounded_whatever_makes_them(text):
    assert f"more than {limits.MAX_FILTER_LEVELS} levels" in refuse(text)


def test_levels_of_json_are_bounded_and_brackets_in_texts_are_none():
    assert "levels" in refuse(deepen('{"op": "not", "args": [', "]}", "true"), "cql2-json")
    assert "levels" in refuse(deepen("[", "]", "1"), "cql2-json")
    assert (
        find_ids(
            '{"op": "=", "args": [{"property": "name"}, "\\"[[%s"]}' % ("[{" * 200), "cql2-json"
        )
        == ""
    )
    assert find_ids("name <> '%s' AND \"길이\" = 1" % ("(" * 200)) == "1"


def test_lengths_and_conditions_are_bounded():
    assert "longer than 8000 bytes" in refuse("name = '" + "가" * 2700 + "'")
    assert "joins more than 500 conditions" in refuse("is_open" + " OR is_open" * 501)
    assert find_ids(deepen("(", ")", count=99)) == "1"
    assert find_ids(deepen("NOT ", count=98)) == "1"


@pytest.mark.slow  # another process that must load GeoPandas
def test_no_text_stalls_or_stops_the_process():
    """Each of these took the parser minutes, or ended the process, before pieces were parsed."""
    program = textwrap.dedent(
        """
        import threading
        from mapserver.errors import QueryError
        from mapserver.filters import read_filter

        texts = [
            "(" * 99 + "a = ", "(" * 60, "a = 1 AND (" * 60, "(" * 60 + "a = " + ")" * 60,
            "a IN (" * 40 + "1 2" + ")" * 40, "f((" * 40 + "1 2" + "))" * 40,
            "POINT(" * 60 + "x" + ")" * 60, "(" * 7999, "NOT " * 1999, "-" * 7999,
            "1+" * 3999 + "1",
            "a=" * 3999 + "1", "a OR " * 1599 + "a", "'" * 7999, '"' * 7999, "((1,2)," * 40 + "3" +
            ")" * 40, "GEOMETRYCOLLECTION(" * 400, "POLYGON" + "(" * 60 + "1 1" + ")" * 60,
            "a IN (" + "1," * 3900 + "1)", "f(" * 98 + "a a" + ")" * 98,
            "(" * 98 + "a a" + ")" * 98,
        ]

        def read_all():
            for text in texts:
                try:
                    read_filter(text)
                except QueryError:
                    pass
            print("done")

        # Threads of servers have smaller stacks than that of the process.
        threading.stack_size(512 * 1024)
        thread = threading.Thread(target=read_all)
        thread.start()
        thread.join()
        """
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "done", "")


def test_no_pattern_is_slow():
    rows = 2_000
    frame = gpd.GeoDataFrame({"name": ["a" * 300] * rows}, geometry=[None] * rows)
    pattern = "%a" * 40 + "%b"
    assert not read_filter(f"name LIKE '{pattern}'").find_rows(frame).any()
    assert read_filter(f"name LIKE '{pattern[:-1]}'").find_rows(frame).all()


def test_a_filter_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILTER_S", -1.0)
    assert "takes more than -1.0 s" in refuse("길이 = 1")


def test_time_is_looked_at_between_operations_within_each_other(monkeypatch):
    clock_s = [0.0]

    def fold_slowly(operand, **_):
        clock_s[0] += 1.0
        return operand

    monkeypatch.setattr("mapserver.filters.evaluation.fold", fold_slowly)
    monkeypatch.setattr("mapserver.filters.evaluation.time.thread_time", lambda: clock_s[0])
    assert "takes more than 3.0 s" in refuse("casei(" * 50 + "name" + ")" * 50 + " = 'x'")
    assert clock_s == [4.0]


def test_lists_of_properties_are_bounded_and_those_of_constants_are_not(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILTER_LIST_VALUES", 11)
    assert "for more than 11 values" in refuse("A_EQUALS(tags, (name, name, name))")
    assert find_ids("A_EQUALS(tags, (name, name))") == ""
    assert find_ids("A_CONTAINS(('a', 'b', 'c', 'd', 'e', 'f'), tags)") == "124"
    assert find_ids(f"count IN ({', '.join(map(str, range(1000)))})") == "1245"


def test_the_examples_of_the_guide_find_something_in_the_sample_city(sample_city):
    guide = (ROOT / "docs/filters.md").read_text("utf-8")
    examples = re.findall(r"^\| (\w+) \| `([^`]+)` \|", guide, re.MULTILINE)
    assert len(examples) == 10
    for layer, text in examples:
        frame = sample_city.layers[layer]
        rows = read_filter(text).find_rows(frame)
        assert 0 < rows.sum() < len(frame), text


def test_a_frame_stays_as_it_was():
    before = FRAME.copy(deep=True)
    find_ids("name LIKE '%길%' AND S_INTERSECTS(geometry, BBOX(0, 0, 180, 90)) OR is_open")
    pd.testing.assert_frame_equal(FRAME, before)
    assert np.array_equal(FRAME.index, before.index)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("name ILIKE '%a''b%'", "CASEI(name) LIKE CASEI('%a''b%')"),
        ("\"도로 폭\" ILIKE 'x' OR a = 1", "CASEI(\"도로 폭\") LIKE CASEI('x') OR a = 1"),
        ("(toilet = 1) AND (toilet <> 0)", "(toilet = TRUE) AND (toilet <> FALSE)"),
        ("opened >= '2026-06-01T'", "opened >= '2026-06-01'"),
    ],
)
def test_what_gdal_writes_differently_is_translated(draft, expected):
    assert translate_draft(draft, {"toilet"}) == expected


@pytest.mark.parametrize(
    "same",
    [
        *("toilet = 10", "toilet = 1.5", "toilets = 1", "name = 'toilet = 1'", "ILIKE", "'", ""),
        *("name LIKE 'a ILIKE b'", "name = '2026-06-01T10:00:00Z'", "\"a\"\"b\" = 'ILIKE ''x'''"),
    ],
)
def test_what_gdal_and_cql2_write_alike_stands_as_it_was(same):
    assert translate_draft(same, {"toilet"}) == same


def test_a_filter_of_gdal_finds_what_it_means_and_has_the_same_limits():
    question = "(is_open = 1) AND (name ILIKE '%길%')"
    assert find_ids(question, "cql-text", booleans={"is_open"}) == "14"
    assert find_ids("day >= '2026-01-01T'", "cql-text") == "13"
    assert "bytes" in refuse("name ILIKE '" + "x" * 8000 + "'", "cql-text")
    assert "levels" in refuse("(" * 200 + "1 = 1" + ")" * 200, "cql-text")


# -- letters taken apart (NFD) and in one piece (NFC) ----------------------------------------------

APART = partial(unicodedata.normalize, "NFD")


def spell(change) -> gpd.GeoDataFrame:
    """Write a frame with its names and texts in one of the two ways."""
    columns = {"종류": ["흙길", "Café"], "tags": [["숲"], ["물"]]}
    written = {
        change(name): [change(v) if isinstance(v, str) else [change(t) for t in v] for v in values]
        for name, values in columns.items()
    }
    return gpd.GeoDataFrame(written, geometry=[shapely.Point(0, 0)] * 2, crs=4326)


@pytest.mark.parametrize("of_data", [str, APART], ids=["data whole", "data apart"])
@pytest.mark.parametrize("of_filter", [str, APART], ids=["filter whole", "filter apart"])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("종류 = '흙길'", [True, False]),
        ("\"종류\" <> '흙길'", [False, True]),
        ("종류 LIKE '흙_'", [True, False]),  # one letter, however it is written
        ("종류 LIKE '%fé'", [False, True]),
        ("종류 IN ('흙길', 'x')", [True, False]),
        ("종류 BETWEEN '흙' AND '흙힣'", [True, False]),
        ("CASEI(종류) = CASEI('CAFÉ')", [False, True]),
        ("ACCENTI(종류) = 'Cafe'", [False, True]),
        ("A_CONTAINS(tags, ('숲'))", [True, False]),
        ("종류 IS NULL", [False, False]),
    ],
)
def test_a_text_is_the_same_however_its_letters_are_put_together(of_data, of_filter, text, rows):
    frame = spell(of_data)
    assert read_filter(of_filter(text)).find_rows(frame).tolist() == rows
    types = {of_data("종류"): "string", "tags": "array"}
    assert read_filter(of_filter(text)).find_rows(frame, properties=types).tolist() == rows


@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_filter_in_json_may_escape_letters_taken_apart(is_ascii):
    tree = {"op": "=", "args": [{"property": APART("종류")}, APART("흙길")]}
    asked = read_filter(json.dumps(tree, ensure_ascii=is_ascii), "cql2-json")
    assert asked.properties == ("종류",)
    assert asked.find_rows(spell(str)).tolist() == [True, False]


def test_of_two_columns_that_look_the_same_the_one_that_is_asked_for_counts():
    frame = gpd.GeoDataFrame(
        {APART("흙"): ["a"], "흙": ["b"]}, geometry=[shapely.Point(0, 0)], crs=4326
    )
    assert read_filter("흙 = 'b'").find_rows(frame).tolist() == [True]


def test_a_name_without_quotes_may_have_a_letter_with_its_mark_beside_it():
    frame = gpd.GeoDataFrame({"Café": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    assert read_filter(APART("Café = 'a'")).find_rows(frame).tolist() == [True]
