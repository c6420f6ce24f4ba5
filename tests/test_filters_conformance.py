"""CQL2 1.0: every abstract test of the standard, and all of its examples, against the oracle.

Each test is called by its id in the standard. The texts of the standard are third parties' and stay
outside of the project: expressions are read from MAPSERVER_TEST_DATA and asked of frames made here.
The tables with which the standard counts are not at hand, so wherever it has a number of features,
the oracle has the answer for each row instead.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import random
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import filter_oracle
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapserver.errors import QueryError
from mapserver.filters import CONFORMANCE_CLASSES, FUNCTIONS, Function, Kind, read_filter

STANDARDS = Path(os.environ.get("MAPSERVER_TEST_DATA", "missing")) / "standards"
HAS_STANDARDS = (STANDARDS / "ats").is_dir()
needs_standards = pytest.mark.skipif(
    not HAS_STANDARDS, reason="needs the texts of the standard in MAPSERVER_TEST_DATA"
)

COLUMNS = {
    "String": ["name", "nameascii", "NAME", "foo", "bar"],
    "Number": ["pop_other", "pop_min", "pop_max", "POP_EST"],
    "Boolean": ["boolean"],
    "Timestamp": ["start", "end"],
    "Date": ["date", "day"],
    "Geometry": ["geom"],
    "Array": ["tags"],
}
"""The properties of the frame by their type; those in the tables of the standard, and some more."""

TEXTS = ["foo", "FOO", "Kiev", "København", "Berlin", "Bern", "athens", "Chișinău", "Luxembourg"]
TEXTS += ["äöüéáí", "aoueai", "ÄÉ", "ae", "", "%_", "bar", "Ärger", "Chisinau"]
NUMBERS = [0.0, 1.0, 2.0, 3.14, 100.0, 1038288.0, 1038287.0, 1611692.0, 3013258.0, 37589262.0]
MOMENTS = [
    dt.datetime.fromisoformat(text)
    for text in (
        "2021-01-01T00:00:00Z",
        "2021-12-31T23:59:59Z",
        "2021-04-16T10:15:59Z",
        "2022-04-14T14:48:46Z",
        "2022-04-16T10:13:19Z",
        "2022-04-16T10:15:10Z",
        "2022-04-16T10:16:06Z",
        "2022-04-24T07:59:57Z",
        "2023-04-16T10:16:06Z",
    )
]
DAYS = [dt.date.fromisoformat(f"{year}-04-{day}") for year in (2021, 2022) for day in (14, 16, 18)]
DAYS += [dt.date(2021, 1, 1), dt.date(2021, 12, 31), dt.date(2022, 4, 24), dt.date(2023, 4, 16)]
LISTS = [[], ["foo"], ["bar", "foo"], ["foo", "bar", "x"], ["x"], [1, True]]
SHAPES = [
    shapely.from_wkt(text)
    for text in (
        "POINT (7.02 49.92)",
        "POINT (6.1300028 49.6116604)",
        "POINT (5 5)",
        "POINT (170 0)",
        "LINESTRING (7 50, 10 51)",
        "LINESTRING (-61 0, -59 1, 5 45)",
        "LINESTRING (-180 -45, 0 -45)",
        "MULTIPOINT (7 50, 10 51)",
        "MULTIPOINT (7 50, 0 0)",
        "POLYGON ((0 40, 10 40, 10 50, 0 50, 0 40))",
        "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
        "POLYGON ((-10 -10, 20 -10, 20 60, -10 60, -10 -10))",
        "POLYGON ((150 -20, 180 -20, 180 20, 150 20, 150 -20))",
        "MULTIPOLYGON (((-110 -45, -105 -45, -105 -42, -110 -45)), ((1 1, 2 1, 2 2, 1 1)))",
    )
]
VALUES: dict[str, list[Any]] = {
    "String": TEXTS,
    "Number": NUMBERS,
    "Boolean": [True, False],
    "Timestamp": MOMENTS,
    "Date": DAYS,
    "Geometry": SHAPES,
    "Array": LISTS,
}


def make_rows(columns: dict[str, list[Any]], count: int = 60) -> list[dict[str, Any]]:
    """Return rows with values drawn from lists; every sixth value is missing."""
    draw = random.Random(18)  # noqa: S311 -- no secret
    return [
        {
            name: None if draw.random() < 1 / 6 else draw.choice(values)
            for name, values in columns.items()
        }
        for _ in range(count)
    ]


def make_frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> gpd.GeoDataFrame:
    """Return rows as a frame, with columns as layers have them."""
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        values = [row[name] for row in rows]
        if kind == "Geometry":
            made[name] = gpd.GeoSeries(values, crs="EPSG:4326")
        elif kind == "Timestamp":
            made[name] = pd.to_datetime(pd.Series(values, dtype=object), utc=True)
        elif kind == "Number":
            made[name] = pd.Series(values, dtype=float)
        else:
            made[name] = pd.Series(values, dtype=object)
    geometry = next((name for name, kind in columns.items() if kind == "Geometry"), None)
    frame = gpd.GeoDataFrame(made)
    return frame.set_geometry(geometry) if geometry else frame


@cache
def make_everything() -> tuple[list[dict[str, Any]], gpd.GeoDataFrame]:
    kinds = {name: kind for kind, names in COLUMNS.items() for name in names}
    rows = make_rows({name: VALUES[kind] for name, kind in kinds.items()})
    return rows, make_frame(rows, kinds)


# -- What the standard says --


@cache
def read_tests() -> dict[str, list[str]]:
    """Return the expressions of each test of the standard, with columns of ours in them."""
    tests: dict[str, list[str]] = {}
    for path in sorted((STANDARDS / "ats").glob("annex_ats_*.adoc")):
        text = path.read_text("utf-8")
        name = re.findall(r"^:conf-class: (.+)$", text, re.MULTILINE)[0]
        for part in re.split(r"^:conf-test: ", text, flags=re.MULTILINE)[1:]:
            title = part.split("\n")[0].strip()
            tests[f"/conf/{name}/{title}"] = list(dict.fromkeys(read_expressions(part)))
    return tests


def read_expressions(part: str) -> list[str]:
    """Return the expressions of one test: those under "When", and those of its tables."""
    part = re.sub(r"\\(?=[<(])", "", part)
    rows = re.findall(r"^\|.*?`(.+)` *\|\d+$", part, re.MULTILINE)
    if "|p1 |p2" in part:
        lines = re.findall(r"^\|`.+$", part, re.MULTILINE)
        rows = [combine(re.findall(r"`([^`]+)`", line)) for line in lines]
    when = part.partition("When:")[2].partition("Then:")[0]
    values = dict(re.findall(r"^\* (\w+): `(.+)`$", when, re.MULTILINE))
    plain = re.findall(r"^\* `('.+'|true|[\d.]+|\w+\('.+'\))`$", when, re.MULTILINE)
    kinds: list[str] = []
    found = []
    for line in when.split("\n"):
        if re.search("for each (pair of )?queryable", line, re.IGNORECASE):
            kinds = find_kinds(line)
        # An expression stands alone on its line, or at the end of a sentence.
        template = re.search(r"(?:^\* |expression )`(.+)`;?$", line)
        if template and template[1] not in plain and "{p1}" not in template[1]:
            found += fill_template(template[1], kinds, values, plain)
    return found + rows


def find_kinds(line: str) -> list[str]:
    """Return the types of queryables that a line names; one that names none means all."""
    words = re.sub(r"`[^`]*`", "", line).replace("Integer", "Number").replace("array", "Array")
    words = re.sub("geometry data|Point|LineString|Polygon", "Geometry", words)
    return [kind for kind in COLUMNS if kind in words] or list(COLUMNS)


def fill_template(
    template: str, kinds: list[str], values: dict[str, str], plain: list[str]
) -> list[str]:
    """Return an expression for each column, each pair of columns, or each value."""
    if "{queryable1}" in template:
        pairs = [pair for kind in kinds for pair in itertools.permutations(COLUMNS[kind], 2)]
        return [
            template.replace("{queryable1}", one).replace("{queryable2}", other)
            for one, other in pairs
        ]
    if "{queryable}" in template:
        return [
            template.replace("{queryable}", name).replace("{value}", values.get(kind, "1"))
            for kind in kinds
            for name in COLUMNS[kind]
        ]
    return [template.replace("{value}", value) for value in plain] or [template]


def combine(predicates: list[str]) -> str:
    one, two, three, four = predicates[:4]
    return f"(NOT ({two}) AND {one}) OR ({three} and {four}) or not ({one} OR {four})"


def assert_equals_oracle(text: str, rows: list[dict[str, Any]], frame: gpd.GeoDataFrame) -> None:
    """Ask a filter in both languages, and compare each row with the oracle."""
    tree = filter_oracle.parse(text)
    expected = [filter_oracle.is_match(tree, row) for row in rows]
    assert read_filter(text).find_rows(frame).tolist() == expected, text
    twin = read_filter(json.dumps(tree), "cql2-json")
    assert twin.find_rows(frame).tolist() == expected, text


OTHER_TESTS = {
    "/conf/basic-cql2/basic-test",
    "/conf/arithmetic/arithmetic",
    "/conf/functions/functions",
    "/conf/cql2-json/validate",
    "/conf/cql2-text/validate",
    "/conf/cql2-text/escaping",
}
"""Tests without an expression of their own."""


@needs_standards
@pytest.mark.parametrize("test_id", read_tests() if HAS_STANDARDS else ["/conf"])
def test_of_the_standard(test_id):
    rows, frame = make_everything()
    expressions = read_tests()[test_id]
    if test_id.endswith("/logical") and not expressions:
        expressions = make_combinations(test_id)
    if test_id in OTHER_TESTS:
        expressions = make_other(test_id)
    assert expressions
    for text in expressions:
        # The standard's own way to say that an expression must be refused.
        if "90 180" in text:
            with pytest.raises(QueryError, match="90 180"):
                read_filter(text).find_rows(frame)
        else:
            assert_equals_oracle(text, rows, frame)


ESCAPED = ["''", "\a", "\b", "\t", "\n", "\v", "\f", "\r"]
"""A single quote as it is written in a text, and letters that stand in it as they are."""


def make_combinations(test_id: str) -> list[str]:
    """Return ten combinations of four expressions of the same class."""
    name = test_id.rpartition("/")[0]
    known = [
        text
        for other, texts in read_tests().items()
        if other.startswith(f"{name}/")
        for text in texts
        if "90 180" not in text
    ]
    draw = random.Random(test_id)  # noqa: S311 -- no secret
    chosen = (draw.sample(known, 4) for _ in range(10))
    return [
        f"((NOT ({a}) AND ({b})) OR (({c}) and NOT ({d})) or not (({a}) AND ({d})))"
        for a, b, c, d in chosen
    ]


def make_other(test_id: str) -> list[str]:
    """Return expressions for the tests that leave them to who tests."""
    if "functions" in test_id:
        return ["casei('A') = 'a'", "accenti('é') = 'e'"]
    if "arithmetic" in test_id:
        signs = ["+", "-", "*", "/", "%", "div", "^"]
        return [f"{name} {sign} 3 > 2" for name in COLUMNS["Number"] for sign in signs]
    if "escaping" in test_id:
        return [f"name <> '{sign}' AND 'a{sign}b' LIKE 'a_b'" for sign in ESCAPED]
    return [f"{name} IS NULL" for names in COLUMNS.values() for name in names]


@needs_standards
def test_exactly_the_classes_of_the_standard_are_declared():
    names = {test_id.split("/")[2] for test_id in read_tests()}
    assert sorted(uri.rpartition("/")[2] for uri in CONFORMANCE_CLASSES) == sorted(names)
    assert len(names) == 14


@needs_standards
def test_the_expressions_of_the_standard_are_read_and_the_frame_can_answer_them():
    tests = read_tests()
    assert len(tests) > 50
    assert sum(len(texts) for texts in tests.values()) > 700
    rows, _ = make_everything()
    matched = [
        text
        for texts in tests.values()
        for text in texts
        if "90 180" not in text
        and any(filter_oracle.is_match(filter_oracle.parse(text), row) for row in rows)
    ]
    # A frame for which everything is false would prove nothing.
    assert len(matched) > 500


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_can_be_called(name):
    function = FUNCTIONS[name]
    _, frame = make_everything()
    column = {Kind.TEXT: "name", Kind.NUMBER: "pop_other", Kind.GEOMETRY: "geom"}
    call = f"{name}({', '.join(column[kind] for kind in function.arguments)})"
    value = "'x'" if function.result is Kind.TEXT else "1"
    answers = [
        read_filter(f"{call} {sign} {value}").find_rows(frame) for sign in ("<", "=", ">", "<>")
    ]
    known = ~frame[column[function.arguments[0]]].isna().to_numpy()
    assert np.array_equal(answers[0] | answers[1] | answers[2], known)
    assert np.array_equal(answers[0] | answers[2], answers[3])


# -- The examples of the standard --


def list_examples() -> list[str]:
    return sorted(
        str(path.relative_to(STANDARDS / "cql2"))
        for path in (STANDARDS / "cql2").glob("*/*")
        if path.suffix in {".txt", ".json"}
    )


PLAIN_FUNCTIONS = {
    "avg": lambda number: number / 2,
    "foo": lambda shape: shape.geom_type == "Point",
    "bar": lambda shape, number, *_: shape.area > number,
    "buffer": lambda shape, size, _unit: shape.buffer(size),
}
GIVEN_FUNCTIONS = {
    "avg": Function("avg", (Kind.NUMBER,), Kind.NUMBER, lambda numbers: numbers / 2),
    "foo": Function(
        "foo", (Kind.GEOMETRY,), Kind.BOOLEAN, lambda shapes: shapely.get_type_id(shapes) == 0
    ),
    "bar": Function(
        "bar",
        (Kind.GEOMETRY, Kind.NUMBER, Kind.TEXT, Kind.TEXT, Kind.BOOLEAN),
        Kind.BOOLEAN,
        lambda shapes, numbers, *_: shapely.area(shapes) > numbers,
    ),
    "buffer": Function(
        "buffer",
        (Kind.GEOMETRY, Kind.NUMBER, Kind.TEXT),
        Kind.GEOMETRY,
        lambda shapes, sizes, _units: shapely.buffer(shapes, sizes),
    ),
}
"""Functions that the examples call; the standard leaves open what they do."""


def list_kinds(tree: Any, kind: str = "Boolean") -> dict[str, str]:
    """Return the kind of each property that an example names, from where it stands."""
    if isinstance(tree, list):
        return {name: one for item in tree for name, one in list_kinds(item, kind).items()}
    if not isinstance(tree, dict):
        return {}
    if "property" in tree:
        return {tree["property"]: kind}
    if "interval" in tree:
        return list_kinds(tree["interval"], "Timestamp")
    if "op" not in tree:
        return {}
    op, args = tree["op"].lower(), tree["args"]
    wanted = {"s_": "Geometry", "a_": "Array", "t_": "Timestamp"}.get(op[:2])
    if op in {"foo", "bar", "buffer"} or op == "isnull":
        wanted = "Geometry"
    elif op in {"like", "casei", "accenti"}:
        wanted = "String"
    elif op in {"+", "-", "*", "/", "%", "div", "^", "avg", "between"}:
        wanted = "Number"
    elif wanted in {None, "Timestamp"} and op not in {"and", "or", "not"}:
        wanted = find_kind(args) or wanted
    return list_kinds(args, wanted or kind)


PLAIN_KINDS = {bool: "Boolean", str: "String", int: "Number", float: "Number"}


def find_kind(args: Any) -> str | None:
    """Return the kind of the constant that a property is compared with."""
    for item in args:
        kind = PLAIN_KINDS.get(type(item)) or (find_kind(item) if isinstance(item, list) else None)
        if isinstance(item, dict):
            named = {"date": "Date", "timestamp": "Timestamp"}
            kind = next((named[key] for key in item if key in named), None)
            if item.get("op") in {"+", "-", "*", "/", "%", "div", "^"}:
                kind = "Number"
            if str(item.get("op")).lower() in {"casei", "accenti"}:
                kind = "String"
        if kind:
            return kind
    return None


def list_constants(tree: Any, kind: str) -> list[Any]:
    """Return values near the constants of an example, so that some rows match and some do not."""
    if isinstance(tree, list):
        inner = [one for item in tree for one in list_constants(item, kind)]
        whole = filter_oracle.compute(tree, {}, {}) if kind == "Array" and is_plain(tree) else None
        return inner + ([whole, whole[:1], [*whole, "more"]] if whole else [])
    if isinstance(tree, str):
        text = tree.replace("%", "")
        near = [text, text + " end", "a " + text, text.upper()] if kind == "String" else []
        return near + (list_moments(tree, kind) if re.match(r"\d{4}-\d\d-\d\d", tree) else [])
    if isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return [tree, tree + 1, tree - 1] if kind == "Number" else []
    if not isinstance(tree, dict):
        return []
    if kind == "Geometry" and ("bbox" in tree or "coordinates" in tree or "geometries" in tree):
        shape = filter_oracle.make_shape(tree)
        return [shape, shape.centroid, shapely.box(*shape.bounds), shape.envelope.boundary]
    return [one for item in tree.values() for one in list_constants(item, kind)]


def list_moments(text: str, kind: str) -> list[Any]:
    moment = filter_oracle.read_moment(text)
    if kind == "Timestamp":
        moment = filter_oracle.find_edge(moment, 0, all_days=True)
    if kind not in {"Date", "Timestamp"} or (kind == "Date" and isinstance(moment, dt.datetime)):
        return []
    return [moment, moment + dt.timedelta(days=1), moment - dt.timedelta(days=1)]


def is_plain(tree: list[Any]) -> bool:
    return not any(isinstance(item, dict) and item.keys() & {"op", "property"} for item in tree)


@needs_standards
@pytest.mark.parametrize("name", list_examples() if HAS_STANDARDS else ["none"])
def test_examples_are_read_and_answered_as_row_by_row(name):
    path = STANDARDS / "cql2" / name
    text, language = path.read_text("utf-8"), f"cql2-{path.parent.name}"
    question = read_filter(text, language)
    # The example has its é in two signs, which we read in one.
    assert question.tree == filter_oracle.parse(unicodedata.normalize("NFC", text), language)
    kinds = list_kinds(question.tree)
    assert set(question.properties) == set(kinds)
    columns = {
        one: [*(list_constants(question.tree, kind) or VALUES[kind]), VALUES[kind][0]]
        for one, kind in kinds.items()
    }
    # Rows are compared even where no property is named: a filter can be about constants alone.
    columns["geometry_of_row"], kinds["geometry_of_row"] = SHAPES, "Geometry"
    rows = make_rows(columns)
    frame = make_frame(rows, kinds)
    if path.stem == "clause6_01":
        with pytest.raises(QueryError, match="a filter needs true or false"):
            question.find_rows(frame, functions=GIVEN_FUNCTIONS)
        return
    expected = [filter_oracle.is_match(question.tree, row, PLAIN_FUNCTIONS) for row in rows]
    assert question.find_rows(frame, functions=GIVEN_FUNCTIONS).tolist() == expected


@needs_standards
def test_all_examples_of_the_standard_are_there():
    assert len(list_examples()) == 229
