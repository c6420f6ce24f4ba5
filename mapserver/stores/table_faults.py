"""Tables that cannot be read: each costs what it stands for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mapserver.errors import N_, Phrase, printable
from mapserver.settings import limits
from mapserver.stores.columns import GEOMETRY, ID, list_columns
from mapserver.stores.connecting import import_psycopg, is_of_one_question
from mapserver.stores.places import UNREAD
from mapserver.stores.tables import SHEET, StoredTable
from mapserver.text.findings import Doubt, Finding, Severity

if TYPE_CHECKING:
    import pandas as pd
    import psycopg

Result = TypeVar("Result")
NO_RIGHT = "42501"
"""SQLSTATE of who may not read a table."""
AS_LAST = N_("it is served as it was last read")
AS_LOADED = N_("it is served as it was loaded")
NOT_SERVED = N_("it is not served")
DECIDING = ("trail_register", "closures")
"""Sheets by which trails are open or not: while they are not known, no trail is called open."""


class UnreadPlacesError(Exception):
    """No row of a table has a place that can be read."""


@dataclass(frozen=True, slots=True)
class TableFault:
    """Why a table cannot be read.

    Attributes
    ----------
    table
        The table.
    reason
        What is wrong with it.
    mend
        How to put it right, as an English template.
    column
        The column that is missing; empty where it is another fault.
    """

    table: StoredTable
    reason: Phrase | str
    mend: str
    column: str = ""

    def describe(self, schema: str, state: str) -> Finding:
        """Describe the fault, with what is served meanwhile."""
        is_deciding = self.table.name in DECIDING or self.table.kind == "trails"
        return Finding(
            Severity.ERROR,
            "table-unreadable",
            self.table.source,
            N_("the table {table} of the database cannot be read: {reason}; {state}"),
            self.mend,
            values={
                "table": self.table.name,
                "reason": self.reason,
                "state": Phrase(state),
                "place": f'"{schema}"."{self.table.name}"',
                "column": self.column,
            },
            doubt=Doubt() if is_deciding else None,
        )


def describe_rows(
    table: StoredTable, schema: str, unread: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Describe rows whose place cannot be read; all others are served as they were edited."""
    if not unread:
        return ()
    ids = [printable(id_)[:40] for id_ in list(unread)[: limits.MAX_NAMED_ROWS]]
    return (
        Finding(
            Severity.ERROR,
            "place-unreadable",
            table.source,
            N_(
                "rows of the table {table} of the database have places that cannot be read, and "
                "are served without: {count} ({ids}{more}; {reason})"
            ),
            N_(
                "Draw them anew; where only the system of the places is missing, run UPDATE "
                "{place} SET geom = ST_SetSRID(geom, 4326) WHERE ST_SRID(geom) = 0"
            ),
            values={
                "table": table.name,
                "count": len(unread),
                "ids": ", ".join(ids),
                "more": ", ..." if len(unread) > len(ids) else "",
                "reason": next(iter(unread.values())),
                "place": f'"{schema}"."{table.name}"',
            },
        ),
    )


class TableReader:
    """Reads tables one by one, and notes which cannot be read.

    Parameters
    ----------
    cursor
        In a transaction, which a table that cannot be read leaves as it was.
    schema
        Of the city.

    Attributes
    ----------
    faults
        By the name of the table.
    row_findings
        Of the tables that were read by this, by their names.
    cursor, schema
        As given.
    """

    def __init__(self, cursor: psycopg.Cursor[Any], schema: str) -> None:
        self.faults: dict[str, TableFault] = {}
        self.row_findings: dict[str, tuple[Finding, ...]] = {}
        self.cursor, self.schema = cursor, schema

    def require_columns(self, tables: Iterable[StoredTable]) -> list[StoredTable]:
        """Return the tables that are there with what they need; of others it is noted."""
        sound = []
        for table in tables:
            present = list_columns(self.cursor, self.schema, table.name)
            needed = () if table.kind == SHEET else (ID, GEOMETRY)
            missing = next((name for name in needed if name not in present), "")
            if not present:
                self.faults[table.name] = TableFault(
                    table,
                    Phrase(N_("it is gone")),
                    N_("Give it this name again or restore it, or load the city again"),
                )
            elif missing:
                self.faults[table.name] = TableFault(
                    table,
                    Phrase(N_("it has no column {column}"), column=missing),
                    N_("Call the column {column} again, or load the city again"),
                    missing,
                )
            else:
                sound.append(table)
        return sound

    def note_rows(self, table: StoredTable, frame: pd.DataFrame) -> None:
        """Note the rows of a table whose places cannot be read.

        Where that is so of every row with a place, the column is at fault and not what is in it.

        Raises
        ------
        UnreadPlacesError
            No row has a place that can be read.
        """
        unread = frame.attrs.get(UNREAD, {})
        if unread and frame.geometry.isna().all():
            raise UnreadPlacesError(next(iter(unread.values())))
        self.row_findings[table.name] = describe_rows(table, self.schema, unread)

    def attempt(self, table: StoredTable, read: Callable[[], Result]) -> Result | None:
        """Read something of a table; None, and a note of it, where the database refuses it."""
        driver = import_psycopg()
        try:
            with self.cursor.connection.transaction():  # a savepoint, since there is one already
                return read()
        except (driver.Error, UnreadPlacesError) as error:
            is_refused = isinstance(error, UnreadPlacesError) or is_of_one_question(error)
            if not is_refused:
                raise
            mend = N_("Look at the table in the database, or load the city again")
            if getattr(error, "sqlstate", "") == NO_RIGHT:
                mend = N_("Grant the role what docs/postgis.md lists")
            elif "SRID" in str(error):
                mend = N_(
                    "Set the system of its places with UPDATE {place} SET geom = "
                    "ST_SetSRID(geom, 4326) WHERE ST_SRID(geom) <> 4326, in QGIS in the window "
                    "of SQL of Database ▸ DB Manager"
                )
            reason = printable(" ".join(str(error).split()))[:200]
            self.faults[table.name] = TableFault(table, reason, mend)
            return None
