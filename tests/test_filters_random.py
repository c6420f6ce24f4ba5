"""Random filters over one frame, each answered as a plain evaluation row by row answers it."""

from __future__ import annotations

import datetime as dt
import json

import filter_oracle
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mapserver.errors import QueryError
from mapserver.filters import read_filter

TEXTS = ["가", "나길", "Straße", "STRASSE", "café", "a_b", "100%", "", "it's"]
NUMBERS = [-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 7.0]
DAYS = [dt.date(2026, 1, day) for day in (1, 2, 3)]
MOMENTS = [
    dt.datetime(2026, 1, day, hour, tzinfo=dt.UTC) for day in (1, 2, 3) for hour in (0, 12, 23)
]
LISTS = [[], ["가"], ["가", "나길"], [1.0, "가"], [True]]
SHAPES = [
    shapely.Point(0, 0),
    shapely.Point(1, 1),
    shapely.LineString([(-1, 0), (2, 0)]),
    shapely.box(0, 0, 1, 1),
    shapely.box(-1, -1, 2, 2),
    shapely.MultiPoint([(0, 0), (5, 5)]),
]
VALUES = {
    "이름": TEXTS,
    "name": TEXTS,
    "n": NUMBERS,
    "m": NUMBERS,
    "ok": [True, False],
    "day": DAYS,
    "moment": MOMENTS,
    "tags": LISTS,
    "geometry": SHAPES,
}
ROW_COUNT = 40


def make_rows() -> list[dict[str, object]]:
    draw = np.random.default_rng(7)
    return [
        {
            name: None if draw.random() < 0.2 else values[draw.integers(len(values))]
            for name, values in VALUES.items()
        }
        for _ in range(ROW_COUNT)
    ]


ROWS = make_rows()
FRAME = gpd.GeoDataFrame(
    {name: pd.Series([row[name] for row in ROWS], dtype=object) for name in VALUES},
    geometry="geometry",
    crs="EPSG:4326",
)


def operate(name: str, *arguments: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(*arguments).map(lambda args: {"op": name, "args": list(args)})


def name_one(*names: str) -> st.SearchStrategy:
    return st.sampled_from([{"property": name} for name in names])


plain_texts = name_one("이름", "name") | st.sampled_from(TEXTS)
texts = plain_texts | operate("accenti", plain_texts) | operate("casei", plain_texts)
# A backslash at the end of a text would be read with the quote behind it.
patterns = st.text(st.sampled_from("가aé%_\\sS'"), max_size=5).map(lambda text: text.rstrip("\\"))
numbers = st.recursive(
    name_one("n", "m") | st.sampled_from(NUMBERS),
    lambda inner: st.one_of(
        *(operate(sign, inner, inner) for sign in ["+", "-", "*", "/", "%", "div"])
    ),
    max_leaves=4,
)
days = name_one("day") | st.sampled_from([{"date": str(day)} for day in DAYS])
stamps = [{"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ")} for moment in MOMENTS]
moments = name_one("moment") | st.sampled_from(stamps)
ends = st.sampled_from([*map(str, DAYS), *(stamp["timestamp"] for stamp in stamps), ".."])
intervals = st.tuples(ends, ends).filter(
    lambda pair: ".." in pair or pair[0][:10] < pair[1][:10]
).map(lambda pair: {"interval": list(pair)}) | st.just(
    {"interval": [{"property": "day"}, {"property": "moment"}]}
)
instants = days | moments | intervals
lists = name_one("tags") | st.lists(
    st.sampled_from(["가", "나길", 1.0, True]), min_size=2, max_size=3
)
shapes = name_one("geometry") | st.sampled_from(
    [json.loads(shapely.to_geojson(shape)) for shape in SHAPES]
    + [{"bbox": [0.0, 0.0, 1.0, 1.0]}, {"bbox": [170.0, -10.0, 0.5, 10.0]}]
)
signs = ["=", "<>", "<", "<=", ">", ">="]


def compare_any(values: st.SearchStrategy) -> st.SearchStrategy:
    inner = st.lists(values, min_size=1, max_size=3)
    return st.one_of(
        *(operate(sign, values, values) for sign in signs),
        operate("in", values, inner),
        operate("isNull", values),
        operate("between", values, values, values),
    )


SPATIAL = ["intersects", "disjoint", "equals", "touches", "crosses", "within", "contains"]
TEMPORAL = ["after", "before", "contains", "disjoint", "during", "equals", "finishedBy", "finishes"]
TEMPORAL += ["intersects", "meets", "metBy", "overlappedBy", "overlaps", "startedBy", "starts"]
ARRAYS = ["equals", "contains", "containedBy", "overlaps"]
predicates = st.one_of(
    compare_any(texts),
    compare_any(numbers),
    compare_any(days | moments),
    operate("like", texts, patterns),
    st.one_of(*(operate(f"s_{name}", shapes, shapes) for name in [*SPATIAL, "overlaps"])),
    st.one_of(*(operate(f"t_{name}", instants, instants) for name in TEMPORAL)),
    st.one_of(*(operate(f"a_{name}", lists, lists) for name in ARRAYS)),
    name_one("ok"),
    st.booleans(),
)
filters = st.recursive(
    predicates,
    lambda inner: st.one_of(
        operate("not", inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda args: {"op": "and", "args": args}),
        st.lists(inner, min_size=2, max_size=3).map(lambda args: {"op": "or", "args": args}),
    ),
    max_leaves=6,
)


INFIX = {*signs, "+", "-", "*", "/", "%", "div", "like"}


def write_text(tree: object) -> str:
    """Return the text form of a filter."""
    if isinstance(tree, dict):
        return write_object(tree)
    if isinstance(tree, list):
        return f"({', '.join(map(write_text, tree))})"
    if isinstance(tree, str):
        return "'" + tree.replace("'", "\\'") + "'"
    return str(tree).upper()


def write_object(tree: dict) -> str:
    """Return the text form of an operation, a property or a constant that is an object."""
    if "op" in tree:
        return write_operation(tree["op"], [write_text(argument) for argument in tree["args"]])
    if "property" in tree:
        return f'"{tree["property"]}"'
    if "coordinates" in tree:
        return shapely.from_geojson(json.dumps(tree)).wkt
    key = next(iter(tree))
    values = tree[key] if isinstance(tree[key], list) else [tree[key]]
    return f"{key.upper()}({', '.join(map(write_text, values))})"


def write_operation(op: str, parts: list[str]) -> str:
    """Return the text form of an operation on what is written already."""
    if op in {"and", "or"}:
        return "(" + f") {op} (".join(parts) + ")"
    forms = {
        "isNull": "({} IS NULL)",
        "in": "({} IN {})",
        "not": "NOT ({})",
        "between": "({} BETWEEN {} AND {})",
        **{sign: f"({{}} {sign} {{}})" for sign in INFIX},
    }
    return forms[op].format(*parts) if op in forms else f"{op}({', '.join(parts)})"


@settings(max_examples=40, deadline=None)
@given(filters)
def test_random_filters_are_answered_as_row_by_row_in_both_languages(tree):
    expected = [filter_oracle.is_match(tree, row) for row in ROWS]
    assert read_filter(json.dumps(tree), "cql2-json").find_rows(FRAME).tolist() == expected
    text = write_text(tree)
    assert read_filter(text).find_rows(FRAME).tolist() == expected, text


FRAGMENTS = """
( ) ' " n 이름 1 = < AND OR NOT IN , LIKE - ^ BETWEEN CASEI( S_INTERSECTS( POINT( BBOX(
POLYGON(( DATE(' INTERVAL( IS NULL geometry '2026-01-01' 1e999 \\ tags A_EQUALS( f( % ..
true T_AFTER( é Z EMPTY GEOMETRYCOLLECTION("""
fragments = st.sampled_from([*FRAGMENTS.split(), "\n", "\u200b", "\U000f0000", "\x00"])


@settings(max_examples=80, deadline=None)
@given(st.lists(fragments, max_size=14).map(" ".join) | st.text(max_size=40))
def test_no_text_ends_in_anything_but_rows_or_a_query_error(text):
    try:
        rows = read_filter(text).find_rows(FRAME)
    except QueryError as error:
        assert error.parameter == "filter"
        assert str(error)
    else:
        assert rows.shape == (ROW_COUNT,)


KEYS = [
    "op",
    "args",
    "property",
    "date",
    "timestamp",
    "interval",
    "bbox",
    "type",
    "coordinates",
    "geometries",
]
WORDS = ["=", "in", "t_after", "s_within", "Point", "GeometryCollection", "n", "..", "2026-01-01"]
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(json_values)
def test_no_json_ends_in_anything_but_rows_or_a_query_error(tree):
    try:
        rows = read_filter(json.dumps(tree), "cql2-json").find_rows(FRAME)
    except QueryError as error:
        assert error.parameter == "filter"
    else:
        assert rows.shape == (ROW_COUNT,)


@pytest.mark.parametrize(
    "text", ["'\\", "POINT EMPTY = geometry", "S_WITHIN(geometry, POINT EMPTY)", "n LIKE '\\"]
)
def test_texts_that_the_parser_dislikes_are_query_errors(text):
    with pytest.raises(QueryError):
        read_filter(text).find_rows(FRAME)
