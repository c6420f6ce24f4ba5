"""Pages of large layers by the key of the row before them: the last costs what the first does.

Links of pages say an offset, as for all layers. Where a page begins is remembered as the key of the
row before it, so the next page is found by an index, or by one pass over the rows, and none of the
rows before it is sorted or counted again.
"""

from __future__ import annotations

import threading
from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mapserver.settings import limits
from mapserver.stores.conditions import Condition
from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    from psycopg.sql import Composable

Anchor = Sequence[Any]
"""The values of a row by which the rows are sorted."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column by which rows are sorted; what is unknown comes last either way.

    Attributes
    ----------
    column
        As SQL.
    is_descending
        Whether the largest comes first.
    collation
        Behind the column where it is text.
    is_known
        Whether no row lacks a value.
    """

    column: Composable
    is_descending: bool = False
    collation: str = ""
    is_known: bool = False

    def write_order(self) -> Composable:
        """Write the part of ORDER BY."""
        return write_sql(
            "{}{} {} NULLS LAST",
            self.column,
            write_sql(self.collation),
            write_sql("DESC" if self.is_descending else "ASC"),
        )


def write_after(keys: Sequence[SortKey], values: Anchor) -> Condition:
    """Write the condition that a row comes behind one with these values.

    Of several columns the first in which the two differ decides.
    """
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    if all(key.is_known and not key.is_descending and not key.collation for key in keys):
        # As one comparison, which an index of these columns answers.
        columns = sql.SQL(", ").join(key.column for key in keys)
        places = sql.SQL(", ").join([sql.Placeholder()] * len(keys))
        return Condition(write_sql("(({}) > ({}))", columns, places), tuple(values))
    choices: list[Composable] = []
    bound: list[Any] = []
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        if value is None:
            continue  # nothing comes behind what is unknown, in this column
        same = [
            write_sql("{} IS NOT DISTINCT FROM {}", before.column, sql.Placeholder())
            for before in keys[:number]
        ]
        behind = write_sql(
            "({}{} {} {} OR {} IS NULL)",
            key.column,
            write_sql(key.collation),
            write_sql("<" if key.is_descending else ">"),
            sql.Placeholder(),
            key.column,
        )
        choices.append(write_sql("({})", sql.SQL(" AND ").join([*same, behind])))
        bound += [*values[:number], value]
    if not choices:
        return Condition(write_sql("(false)"))
    return Condition(write_sql("({})", sql.SQL(" OR ").join(choices)), tuple(bound))


@dataclass(eq=False)
class PageKeys:
    """Where pages end that were read of one state of a layer, and how many rows questions match."""

    _ends: OrderedDict[tuple[str, ...], tuple[list[int], dict[int, Anchor]]] = field(
        default_factory=OrderedDict
    )
    _counts: OrderedDict[tuple[str, ...], int] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find_start(self, question: tuple[str, ...], offset: int) -> tuple[int, Anchor | None]:
        """Find the last known row before an offset: how many rows lie before it, and its key."""
        with self._lock:
            offsets, keys = self._ends.get(question, ([], {}))
            place = bisect_right(offsets, offset)
            return (offsets[place - 1], keys[offsets[place - 1]]) if place else (0, None)

    def note_key(self, question: tuple[str, ...], offset: int, key: Anchor) -> None:
        """Note the key of the row behind which the rows from an offset on begin."""
        with self._lock:
            offsets, keys = self._ends.setdefault(question, ([], {}))
            self._ends.move_to_end(question)
            if offset not in keys and len(offsets) < limits.MAX_PAGE_KEYS:
                insort(offsets, offset)
                keys[offset] = tuple(key)
            while len(self._ends) > limits.MAX_PAGED_QUESTIONS:
                self._ends.popitem(last=False)

    def find_count(self, question: tuple[str, ...]) -> int | None:
        """Find how many rows a question matches; None where nobody has counted them yet."""
        with self._lock:
            return self._counts.get(question)

    def note_count(self, question: tuple[str, ...], count: int) -> int:
        """Note how many rows a question matches."""
        with self._lock:
            self._counts[question] = count
            while len(self._counts) > limits.MAX_PAGED_QUESTIONS:
                self._counts.popitem(last=False)
        return count
