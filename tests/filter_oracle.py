"""The slow and certain way to ask a filter: one row after the other, in plain Python."""

from __future__ import annotations

import datetime as dt
import json
import math
import operator
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import cql2
import shapely
import shapely.geometry

SIGNS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIN, MAX = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)


def parse(text: str, language: str = "cql2-text") -> Any:
    """Return the JSON form as the parser has it; never call it with what may be hostile."""
    return json.loads(text) if language == "cql2-json" else cql2.parse_text(text).to_json()


def is_match(tree: Any, row: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> bool:
    """Return whether the filter is true for a row; None in it is a missing value."""
    return compute(tree, row, functions or {}) is True


def compute(  # noqa: PLR0911 -- one line for each form
    tree: Any, row: Mapping[str, Any], functions: Mapping[str, Any]
) -> Any:
    """Return what a part of a filter is worth for a row; None where that is unknown."""
    if isinstance(tree, list):
        items = [compute(item, row, functions) for item in tree]
        return None if any(item is None for item in items) else items
    if not isinstance(tree, dict):
        return tree
    if "op" in tree:
        return operate(tree["op"], tree["args"], row, functions)
    if "property" in tree:
        return row[tree["property"]]
    if "date" in tree:
        return dt.date.fromisoformat(tree["date"])
    if "timestamp" in tree:
        return read_moment(tree["timestamp"])
    if "interval" in tree:
        ends = (compute(end, row, functions) for end in tree["interval"])
        ends = [read_moment(end) if isinstance(end, str) and end != ".." else end for end in ends]
        return None if None in ends else ("interval", *ends)
    return make_shape(tree)


def read_moment(text: str) -> dt.date | dt.datetime:
    if len(text) == 10:
        return dt.date.fromisoformat(text)
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def make_shape(tree: dict[str, Any]) -> shapely.Geometry:
    if "bbox" not in tree:
        return shapely.force_2d(shapely.geometry.shape(tree))
    numbers = tree["bbox"]
    half = len(numbers) // 2
    west, south, east, north = *numbers[:2], *numbers[half : half + 2]
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.box(west, south, 180, north) | shapely.box(-180, south, east, north)


def operate(  # noqa: PLR0911 -- one line for each operation
    op: str, args: list[Any], row: Mapping[str, Any], functions: Mapping[str, Any]
) -> Any:
    """Return what an operation yields for a row."""
    op = op.lower()
    if op == "in":
        args = [args[0], *args[1]]
    values = [compute(arg, row, functions) for arg in args]
    if op == "and":
        return False if False in values else None if None in values else True
    if op == "or":
        return True if True in values else None if None in values else False
    if op == "isnull":
        return values[0] is None
    if op == "in":
        value, *options = values
        hits = [None if None in (value, one) else match("=", value, one) for one in options]
        return True if True in hits else None if None in hits else False
    if op == "between":
        value, low, high = values
        sides = [
            None if None in (value, low) else match(">=", value, low),
            None if None in (value, high) else match("<=", value, high),
        ]
        return False if False in sides else None if None in sides else True
    if any(value is None for value in values):
        return None
    return operate_on_known(op, values, functions)


def operate_on_known(  # noqa: PLR0911 -- one line for each operation
    op: str, values: list[Any], functions: Mapping[str, Any]
) -> Any:
    """Return what an operation yields when all of its values are known."""
    if op in functions:
        return functions[op](*values)
    if op == "not":
        return not values[0]
    if op in SIGNS:
        return match(op, *values)
    if op == "like":
        return fits(values[0], values[1])
    if op == "casei":
        return values[0].casefold()
    if op == "accenti":
        parts = unicodedata.normalize("NFD", values[0])
        plain = "".join(one for one in parts if not unicodedata.combining(one))
        return unicodedata.normalize("NFC", plain)
    if op.startswith("s_"):
        try:
            return bool(getattr(values[0], op[2:])(values[1]))
        except shapely.GEOSException:
            return None
    if op.startswith("a_"):
        one, other = ({(type(item), item) for item in unify(value)} for value in values)
        return {
            "a_equals": one == other,
            "a_contains": one.issuperset(other),
            "a_containedby": one.issubset(other),
            "a_overlaps": bool(one & other),
        }[op]
    return relate(op, *values) if op.startswith("t_") else calculate(op, *values)


def unify(value: Any) -> list[Any]:
    items = value if isinstance(value, (list, tuple)) else [value]
    return [float(one) if type(one) in {int, float} else one for one in items]


def match(sign: str, left: Any, right: Any) -> bool:
    """Compare two values; a time and a day by the day that the time is in."""
    left = read_moment(left) if isinstance(left, str) and isinstance(right, dt.date) else left
    right = read_moment(right) if isinstance(right, str) and isinstance(left, dt.date) else right
    kinds = {type(left), type(right)}
    if kinds == {dt.date, dt.datetime}:
        left, right = (
            one.astimezone(dt.UTC).date() if isinstance(one, dt.datetime) else one
            for one in (left, right)
        )
    return bool(SIGNS[sign](left, right))


def calculate(op: str, left: float, right: float) -> float | None:
    try:
        result = {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "/": lambda: left / right,
            "%": lambda: math.fmod(left, right),
            "div": lambda: math.trunc(left / right),
            "^": lambda: left**right,
        }[op]()
    except (ArithmeticError, ValueError):
        return None
    return None if isinstance(result, complex) or not math.isfinite(result) else float(result)


def fits(text: str, pattern: str) -> bool:
    """Return whether a pattern of LIKE fits a text, by trying letter for letter."""

    @cache
    def fits_from(at: int, of: int) -> bool:
        if of == len(pattern):
            return at == len(text)
        if pattern[of] == "%":
            return fits_from(at, of + 1) or (at < len(text) and fits_from(at + 1, of))
        step = 1
        if pattern[of] == "\\" and pattern[of + 1 : of + 2] in {"%", "_", "\\"}:
            of, step = of + 1, 1
            is_same = at < len(text) and text[at] == pattern[of]
        else:
            is_same = at < len(text) and pattern[of] in {"_", text[at]}
        return is_same and fits_from(at + 1, of + step)

    return fits_from(0, 0)


def relate(op: str, left: Any, right: Any) -> bool | None:
    """Relate two instants or periods, as the table of the standard has it."""
    left, right = (read_moment(one) if isinstance(one, str) else one for one in (left, right))
    pairs = [one[1:] if isinstance(one, tuple) else (one, one) for one in (left, right)]
    all_days = all(
        end == ".." or not isinstance(end, dt.datetime) for pair in pairs for end in pair
    )
    (a, b), (c, d) = ((find_edge(x, 0, all_days), find_edge(y, 1, all_days)) for x, y in pairs)
    if a > b or c > d:
        return None
    return {
        "t_after": a > d,
        "t_before": b < c,
        "t_contains": a < c and b > d,
        "t_disjoint": b < c or a > d,
        "t_during": a > c and b < d,
        "t_equals": a == c and b == d,
        "t_finishedby": a < c and b == d,
        "t_finishes": a > c and b == d,
        "t_intersects": not (b < c or a > d),
        "t_meets": b == c,
        "t_metby": a == d,
        "t_overlappedby": c < a < d < b,
        "t_overlaps": a < c < b < d,
        "t_startedby": a == c and b > d,
        "t_starts": a == c and b < d,
    }[op]


def find_edge(end: Any, side: int, all_days: bool) -> dt.datetime:
    """Return an end of a period as a moment; the last of a day where times are compared, too."""
    if end == "..":
        return MAX if side else MIN
    if isinstance(end, dt.datetime):
        return end
    hours = dt.time.max if side and not all_days else dt.time.min
    return dt.datetime.combine(end, hours, tzinfo=dt.UTC)
