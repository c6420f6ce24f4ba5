"""CQL2 as SQL: what means exactly the same there, with every value as a bound parameter.

It is written from our own JSON form of a filter, never from text. What SQL would answer otherwise
(accents, arithmetic, times, functions) is not translated: of conditions that AND joins the others
choose candidates, and the filter is evaluated over these as over any frame.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape

from mapserver.filters import temporal
from mapserver.filters.folding import compose
from mapserver.stores.columns import GEOMETRY, ID
from mapserver.stores.conditions import Condition
from mapserver.stores.moments import MomentColumn
from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    from psycopg.sql import Composable

COMPARISONS = {"=": "=", "<>": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
FINITE = {"<": " AND {} > '-Infinity'", "<=": " AND {} > '-Infinity'"} | {
    ">": " AND {} < 'Infinity'",
    ">=": " AND {} < 'Infinity'",
    "=": "",
}
"""What leaves out NaN and Infinity of a column that is compared as it is, as an index has it."""
RELATIONS = {
    "s_intersects": "ST_Intersects",
    "s_within": "ST_Within",
    "s_contains": "ST_Contains",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_crosses": "ST_Crosses",
    "s_overlaps": "ST_Overlaps",
    "s_equals": "ST_Equals",
}
MIRRORS = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
KINDS = {"text": "text", "int": "number", "float": "number", "bool": "boolean"}
"""What a value of each kind of column is compared with."""

ToLonlat = Callable[[shapely.Geometry], shapely.Geometry]


class UntranslatableError(Exception):
    """SQL would not mean exactly the same, or we do not know that it would."""


class Translator:
    """Translates filters for one table.

    Parameters
    ----------
    columns
        The column of the table for each property, as SQL.
    kinds
        What each property is: ``text``, ``int``, ``float`` or ``bool``.
    to_lonlat
        Brings geometries of the filter into longitude and latitude; None where they are in them.
    bare_columns
        Columns as they are in the table, where ``columns`` leaves out NaN and Infinity of them.
    moments
        Which properties of texts are all days or times, as ``text-date`` or ``text-date-time``.
    zone
        In which days begin.
    """

    def __init__(  # noqa: PLR0913 -- what is known of a table
        self,
        columns: Mapping[str, Composable],
        kinds: Mapping[str, str],
        to_lonlat: ToLonlat | None,
        bare_columns: Mapping[str, Composable] | None = None,
        *,
        moments: Mapping[str, str] | None = None,
        zone: dt.tzinfo = dt.UTC,
    ) -> None:
        self._columns, self._kinds, self._to_lonlat = columns, kinds, to_lonlat
        self._bare_columns = bare_columns or {}
        self._moments, self._zone = moments or {}, zone
        self._is_within_not = False

    def split(self, tree: Any) -> tuple[list[Condition], bool]:
        """Translate a filter as far as SQL says the same.

        Returns
        -------
        conditions : list of Condition
            All of them hold for each feature that the filter is true for.
        is_whole : bool
            Whether they hold for no other.
        """
        try:
            return [self.translate(tree)], True
        except UntranslatableError:
            pass
        # A part of OR or NOT alone would leave out features; a part of AND only lets more in.
        if isinstance(tree, dict) and tree.get("op") == "and":
            parts = [self.split(part)[0] for part in tree["args"]]
            return [condition for part in parts for condition in part], False
        return [], False

    def translate(self, tree: Any) -> Condition:
        """Translate a filter, or a part of one that is true or false.

        Raises
        ------
        UntranslatableError
            SQL would not say exactly the same.
        """
        if not isinstance(tree, dict) or not isinstance(tree.get("args"), list):
            raise UntranslatableError
        operation, args = str(tree.get("op")).lower(), tree["args"]
        if operation in {"and", "or"} and args:
            return self._join(operation, [self.translate(part) for part in args])
        if operation == "between" and len(args) == 3:
            ends = self._compare(">=", args[0], args[1]), self._compare("<=", args[0], args[2])
            return self._join("and", list(ends))
        return self._translate_one(operation, args)

    def _translate_one(self, operation: str, args: list[Any]) -> Condition:
        """Translate an operation that is not made of others."""
        if operation in {"not", "isnull"} and len(args) == 1:
            if operation == "not":
                before, self._is_within_not = self._is_within_not, True
                try:
                    inner = self.translate(args[0])
                finally:
                    self._is_within_not = before
                return Condition(write_sql("(NOT {})", inner.sql), inner.values)
            return Condition(write_sql("({} IS NULL)", self._read_column(args[0])[0]))
        if len(args) != 2:
            raise UntranslatableError
        if operation in COMPARISONS:
            return self._compare(operation, *args)
        if operation == "in" and isinstance(args[1], list) and args[1]:
            return self._join("or", [self._compare("=", args[0], one) for one in args[1]])
        if operation == "like" and isinstance(args[1], str):
            return self._match_pattern(args[0], args[1])
        if operation in RELATIONS or operation in temporal.RELATIONS:
            relate = self._relate if operation in RELATIONS else self._relate_moments
            return relate(operation, *args)
        raise UntranslatableError

    def _join(self, operation: str, parts: list[Condition]) -> Condition:
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        word = sql.SQL(" AND " if operation == "and" else " OR ")
        joined = word.join(part.sql for part in parts)
        return Condition(write_sql("({})", joined), tuple(v for part in parts for v in part.values))

    def _read_column(self, tree: Any) -> tuple[Composable, str]:
        """Return the column of a property, and of which kind it is."""
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        name = tree.get("property") if isinstance(tree, dict) else None
        if not isinstance(name, str):
            raise UntranslatableError
        known = next((each for each in self._columns if compose(each) == name), None)
        if known is not None:
            return self._columns[known], KINDS[self._kinds[known]]
        if name == "id":
            return sql.Identifier(ID), "text"
        if name in {"geometry", "geom"}:
            return sql.Identifier(GEOMETRY), "geometry"
        raise UntranslatableError  # evaluating it says that there is none, and which there are

    def _find_bare(self, tree: Any) -> Composable | None:
        """Return the column of a property as an index has it, where it is written otherwise."""
        name = next((each for each in self._bare_columns if compose(each) == tree["property"]), "")
        return self._bare_columns.get(name)

    def _compare(self, operation: str, left: Any, right: Any) -> Condition:
        """Compare a property with a value of its kind, or one of days or times with such."""
        if not _is_property(left) and _is_property(right):
            left, right, operation = right, left, MIRRORS[operation]
        if isinstance(right, dict) and not _is_property(right):
            return _write_moments(lambda: self._find_moments(left).compare(operation, right))
        column, kind = self._read_column(left)
        if _find_kind(right) != kind:
            raise UntranslatableError
        # Letters are ordered by their numbers, as everywhere here, and not by a country's rules;
        # whether two texts are the same is no matter of rules, and an index tells it.
        is_ordered = kind == "text" and operation not in {"=", "<>"}
        order = write_sql(' COLLATE "C"' if is_ordered else "")
        sign = write_sql(COMPARISONS[operation])
        # Whole numbers as such, so that an index of whole numbers serves.
        is_whole = isinstance(right, float) and right.is_integer() and abs(right) < 2**53
        value = int(right) if is_whole else right
        bare = self._find_bare(left)
        # What is unknown is as good as false but within NOT, so an index of the column serves.
        if bare is not None and operation in FINITE and not self._is_within_not:
            finite = write_sql(FINITE[operation], *[bare] * (operation != "="))
            return Condition(write_sql("({} {} %s{})", bare, sign, finite), (value,))
        return Condition(write_sql("({}{} {} %s)", column, order, sign), (value,))

    def _relate_moments(self, operation: str, left: Any, right: Any) -> Condition:
        """Relate a property of days or times to an instant or a period of the filter."""
        if _is_property(left) == _is_property(right):
            raise UntranslatableError
        is_left = _is_property(left)
        property_, constant = (left, right) if is_left else (right, left)
        column = self._find_moments(property_)
        return _write_moments(lambda: column.relate(operation, constant, is_left=is_left))

    def _find_moments(self, tree: Any) -> MomentColumn:
        """Return the column of a property all of whose texts are days or times."""
        column, _ = self._read_column(tree)
        names = (name for name in self._columns if compose(name) == tree["property"])
        type_ = self._moments.get(next(names, ""))
        if type_ is None:
            raise UntranslatableError
        return MomentColumn(column, type_, self._zone)

    def _match_pattern(self, left: Any, pattern: str) -> Condition:
        column, kind = self._read_column(left)
        # A backslash before another letter than these is itself for us, and an escape in SQL.
        bare = pattern.replace("\\\\", "").replace("\\%", "").replace("\\_", "")
        if kind != "text" or "\\" in bare:
            raise UntranslatableError
        if "\x00" in pattern:
            raise UntranslatableError
        return Condition(write_sql("({} LIKE %s)", column), (pattern,))

    def _relate(self, operation: str, left: Any, right: Any) -> Condition:
        """Relate the geometry of a feature to one of the filter."""
        names = [isinstance(each, dict) and "property" in each for each in (left, right)]
        if names.count(True) != 1:
            raise UntranslatableError
        column, kind = self._read_column(left if names[0] else right)
        if kind != "geometry":
            raise UntranslatableError
        value = shapely.to_wkb(self._read_geometry(right if names[0] else left))
        given = write_sql("ST_GeomFromWKB(%s, 4326)")
        pair = (column, given) if names[0] else (given, column)
        function = write_sql(RELATIONS[operation])
        # A geometry that is not valid has no answer here, and must not stop all others.
        return Condition(write_sql("({}({}, {}))", function, *pair), (value,))

    def _read_geometry(self, tree: Any) -> shapely.Geometry:
        if not isinstance(tree, dict):
            raise UntranslatableError
        try:
            if isinstance(box := tree.get("bbox"), list) and len(box) == 4:
                west, south, east, north = map(float, box)
                # Across 180 degrees a box is two, which is for the evaluation.
                if west > east or self._to_lonlat is not None:
                    raise UntranslatableError
                geometry = shapely.box(west, south, east, north)
            else:
                geometry = shape(tree)
        except (TypeError, ValueError, KeyError, AttributeError, shapely.GEOSException) as error:
            raise UntranslatableError from error
        geometry = geometry if self._to_lonlat is None else self._to_lonlat(geometry)
        is_sound = geometry.is_valid and not geometry.is_empty and not geometry.has_z
        if not is_sound or geometry.geom_type == "GeometryCollection":
            raise UntranslatableError
        return geometry


def _is_property(tree: Any) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("property"), str)


def _write_moments(write: Callable[[], Condition]) -> Condition:
    try:
        return write()
    except ValueError as error:
        raise UntranslatableError from error


def _find_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        # Infinity is refused by the evaluation, with a sentence.
        return "number" if abs(value) < 1e300 else ""
    return "text" if isinstance(value, str) and "\x00" not in value else ""
