"""Rows of tables brought into a ledger, so that nothing is lost without a word."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from mapserver.errors import N_
from mapserver.model import Ledger
from mapserver.text.findings import Finding, Severity

Saying = frozenset[tuple[str, str]]
"""What a row says: its cells that are not empty, whatever columns its table has besides."""
UNSAID = frozenset({"sample"})
"""What a row does not say of the world: a real row has no mark of a sample to lose."""


@dataclass(slots=True, eq=False)
class LedgerRow:
    """A row of a ledger.

    Attributes
    ----------
    written
        Its cells as they stand in its file.
    cells
        Its cells in the one way in which ``add`` writes them, without those that are empty.
    line
        On which line of its file it stands.
    """

    written: dict[str, str]
    cells: dict[str, str]
    line: object

    def list_key(self, columns: Iterable[str]) -> tuple[str, ...]:
        """List its cells of the columns that tell rows apart."""
        return tuple(self.cells.get(column, "") for column in columns)

    def say(self, without: str = "") -> Saying:
        """Return what it says, without a column."""
        return frozenset(pair for pair in self.cells.items() if pair[0] != without)


@dataclass(slots=True)
class MergeCounts:
    """How many new rows became what, and how many of the ledger gave way.

    Attributes
    ----------
    added, replaced, completed
        New; in the place of one with their key; and one that was there, with a cell filled in.
    same, doubled, lesser
        There already; standing twice in a table whose rows have a key; and knowing less than the
        row that is there, which stays.
    removed
        Rows of the ledger that gave way beyond those that were replaced one for one.
    """

    added: int = 0
    replaced: int = 0
    completed: int = 0
    same: int = 0
    doubled: int = 0
    lesser: int = 0
    removed: int = 0


@dataclass(slots=True)
class _Oddities:
    """Rows of one table of which nobody knows what they mean for those that are there.

    Attributes
    ----------
    shared
        Those that share a key.
    emptied
        Those that give way, with a cell of which nothing is said any more.
    differing
        Those that say something else than a row that stays, in the cell that is filled in later.
    """

    shared: list[LedgerRow] = field(default_factory=list)
    emptied: list[tuple[LedgerRow, str]] = field(default_factory=list)
    differing: list[LedgerRow] = field(default_factory=list)


class LedgerMerger:
    """The rows of a ledger, to which tables are added one after another.

    Where rows have a key, those of a table take the place of those with their key. Of rows that
    share one in a single table nobody knows which holds, so all of them stay. Without a key equal
    rows may mean several things that happened: of a row that stands twice in one table and once in
    the ledger two are left.

    Parameters
    ----------
    ledger
        What they are rows of.
    zone
        The city's time zone.
    rows, plain
        The rows that it has, as they are written and as ``add`` writes them, in one order.
    """

    def __init__(
        self, ledger: Ledger, zone: dt.tzinfo, rows: pd.DataFrame, plain: pd.DataFrame
    ) -> None:
        self.counts = MergeCounts()
        self.findings: list[Finding] = []
        self._ledger, self._zone = ledger, zone
        self._columns = [str(column) for column in rows]
        self._rows = list_rows(rows, plain)

    def add_table(self, name: str, table: pd.DataFrame) -> None:
        """Add the rows of a table, which are written as ``add`` writes them."""
        self._columns += [str(c) for c in table if c not in self._columns]
        keyed, loose = self._split_rows(list_rows(table, table))
        old_keyed, old_loose = self._split_rows(self._rows)
        oddities = _Oddities()
        gone: set[int] = set()
        fresh: list[LedgerRow] = []
        for key, group in keyed.items():
            fresh += self._meet_key(old_keyed.get(key, []), group, gone, oddities)
        fresh += self._meet_equals(old_loose, loose, gone, oddities)
        self._rows = [row for row in self._rows if id(row) not in gone] + fresh
        self.findings += _report_oddities(oddities, name, self._ledger)

    def tabulate(self) -> pd.DataFrame:
        """Return all rows as they are to be written: those that stay, and the new ones below."""
        records = [[row.written.get(column, "") for column in self._columns] for row in self._rows]
        return pd.DataFrame(records, columns=self._columns, dtype=object)

    def _split_rows(
        self, rows: Sequence[LedgerRow]
    ) -> tuple[dict[tuple[str, ...], list[LedgerRow]], list[LedgerRow]]:
        """Split rows into those of each key and those that nothing tells apart."""
        keyed: dict[tuple[str, ...], list[LedgerRow]] = defaultdict(list)
        loose = []
        for row in rows:
            key = row.list_key(self._ledger.key)
            if any(key):
                keyed[key].append(row)
            else:
                loose.append(row)
        return keyed, loose

    def _meet_key(
        self,
        old_rows: Sequence[LedgerRow],
        new_rows: Sequence[LedgerRow],
        gone: set[int],
        oddities: _Oddities,
    ) -> list[LedgerRow]:
        """Return the new rows of a key that are to be written; old ones that give way are gone."""
        by_saying = {row.say(): row for row in reversed(new_rows)}
        different = list(reversed(by_saying.values()))
        self.counts.doubled += len(new_rows) - len(different)
        oddities.shared += different[1:]
        known_sayings = {row.say() for row in old_rows}
        fresh = [row for row in different if row.say() not in known_sayings]
        self.counts.same += len(different) - len(fresh)
        measured = self._ledger.measured
        if measured and any(self._knows(row, measured) for row in old_rows):
            # What was measured stays known: an empty cell says nothing against it, and one that
            # nobody understands stands beside it, so that the check still reports it.
            telling = [row for row in fresh if row.cells.get(measured)]
            self.counts.lesser += len(fresh) - len(telling)
            fresh = telling
            if not any(self._knows(row, measured) for row in fresh):
                self.counts.added += len(fresh)
                return fresh
        leaving = [row for row in old_rows if fresh and row.say() not in by_saying]
        gone |= {id(row) for row in leaving}
        in_place = min(len(leaving), len(fresh))
        self.counts.replaced += in_place
        self.counts.added += len(fresh) - in_place
        self.counts.removed += len(leaving) - in_place
        oddities.emptied += _list_emptied(leaving, different)
        return fresh

    def _meet_equals(
        self,
        old_rows: Sequence[LedgerRow],
        new_rows: Sequence[LedgerRow],
        gone: set[int],
        oddities: _Oddities,
    ) -> list[LedgerRow]:
        """Return the new rows to be written that nothing tells apart but what they say.

        Each row of the ledger stands for one new row: first for one that is equal, then for one
        that knows what was not known when it was written, such as when its message was answered.
        """
        spare: dict[Saying, list[LedgerRow]] = defaultdict(list)
        for row in old_rows:
            spare[row.say()].append(row)
        rest = []
        for row in new_rows:
            if spare[row.say()]:
                spare[row.say()].pop()
                self.counts.same += 1
            else:
                rest.append(row)
        later = self._ledger.filled_later
        if not later:
            self.counts.added += len(rest)
            return rest
        waiting: dict[tuple[Saying, bool], list[LedgerRow]] = defaultdict(list)
        for row in (row for rows in spare.values() for row in rows):
            waiting[row.say(later), self._knows(row, later)].append(row)
        fresh = []
        for row in rest:
            is_known = self._knows(row, later)
            others = waiting[row.say(later), not is_known]
            # Where a trail may be closed by a row, one too many costs nothing.
            if not others or not (is_known or not self._ledger.decides_states):
                self.counts.added += 1
                fresh.append(row)
                # Two known answers may be of one message that was corrected, or of two messages.
                if is_known and waiting[row.say(later), True]:
                    oddities.differing.append(row)
            elif is_known:
                self.counts.completed += 1
                gone.add(id(others.pop()))
                fresh.append(row)
            else:
                # An older table of what the ledger knows by now.
                others.pop()
                self.counts.lesser += 1
        return fresh

    def _knows(self, row: LedgerRow, column: str) -> bool:
        """Return whether a cell says something that is understood."""
        text, read = row.cells.get(column, ""), self._ledger.columns[column].read
        try:
            return bool(text) and (read is None or read(text, self._zone) is not None)
        except ValueError:
            return False


def list_rows(rows: pd.DataFrame, plain: pd.DataFrame) -> list[LedgerRow]:
    """List the rows of a table with what they say, which ``plain`` has in the same order."""
    names, plain_names = ([str(column) for column in table] for table in (rows, plain))
    return [
        LedgerRow(
            dict(zip(names, written, strict=True)),
            {name: text for name, text in zip(plain_names, cells, strict=True) if text},
            line,
        )
        for line, written, cells in zip(
            rows.index, _list_texts(rows), _list_texts(plain), strict=True
        )
    ]


def _list_texts(table: pd.DataFrame) -> list[list[str]]:
    texts: list[list[str]] = table.astype(object).fillna("").to_numpy().tolist()
    return texts


def _list_emptied(
    leaving: Iterable[LedgerRow], new_rows: Sequence[LedgerRow]
) -> list[tuple[LedgerRow, str]]:
    """List the cells of rows that give way of which no new row with their key says anything."""
    said = {column for row in new_rows for column in row.cells} | UNSAID
    return [(row, column) for row in leaving for column in row.cells if column not in said]


def _report_oddities(oddities: _Oddities, name: str, ledger: Ledger) -> list[Finding]:
    """Report rows of which nobody knows which holds, and what is no longer known."""
    findings = []
    if oddities.shared:
        findings.append(
            Finding(
                Severity.WARNING,
                "key-shared",
                name,
                N_(
                    "rows with the same {columns} as another that say something else: {count}; "
                    "all of them stay"
                ),
                N_("Look which of them holds, and remove the others"),
                f"line {oddities.shared[0].line}",
                {"columns": ", ".join(ledger.key), "count": len(oddities.shared)},
            )
        )
    if oddities.differing:
        findings.append(
            Finding(
                Severity.WARNING,
                "rows-differ-in-one-cell",
                name,
                N_(
                    "rows that agree with one that is there in all but {column}: {count}; nobody "
                    "can tell whether they are the same, so both stay"
                ),
                N_("Where a row was corrected, remove the one that no longer holds"),
                f"line {oddities.differing[0].line}",
                {"column": ledger.filled_later, "count": len(oddities.differing)},
            )
        )
    if oddities.emptied:
        row, column = oddities.emptied[0]
        findings.append(
            Finding(
                Severity.WARNING,
                "cells-emptied",
                name,
                N_(
                    "cells that said something and are empty now: {count}; the first is {column} "
                    "of {row}"
                ),
                N_("If it still holds, write it again; the file that was is in originals/"),
                values={
                    "count": len(oddities.emptied),
                    "column": column,
                    "row": repr(" ".join(filter(None, row.list_key(ledger.key)))),
                },
            )
        )
    return findings
