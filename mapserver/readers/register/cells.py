"""Cells of a table, read one by one: a bad one costs only itself and is reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from typing import TypeVar

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.text.dates import KOREA
from mapserver.text.findings import Finding, Severity

T = TypeVar("T")


class Cells:
    """The cells of a table and the findings about them.

    Parameters
    ----------
    table
        The table; its index says the line or the feature.
    file
        What to call it in messages.
    findings
        Where faults are reported.
    zone
        Where a time with an offset becomes a day.

    Attributes
    ----------
    zone
        Where a time with an offset becomes a day.
    """

    def __init__(
        self, table: pd.DataFrame, file: str, findings: list[Finding], zone: dt.tzinfo = KOREA
    ) -> None:
        self.zone = zone
        self._table = table
        self._file = file
        self._findings = findings

    def parse(
        self, column: str, read: Callable[[str], T], mend: str, *, is_required: bool = False
    ) -> list[T | None]:
        """Read a column; None for an empty or bad cell, or when there is no such column."""
        if column not in self._table:
            return [None] * len(self._table)
        result: list[T | None] = []
        cells = self._table[column]
        rows = zip(cells.index, cells.to_numpy(object), cells.isna().to_numpy(), strict=True)
        for row, cell, is_empty in rows:
            try:
                result.append(None if is_empty else read(str(cell)))
            except ValueError:
                # A bad cell costs only itself: its value is unknown, and the row stands.
                result.append(None)
                self.report(row, N_("{column}: {value} cannot be used"), mend, column, str(cell))
            else:
                if is_required and result[-1] is None:
                    self.report(row, N_("{column} is empty; the row is left out"), mend, column)
        return result

    def has(self, column: str) -> bool:
        """Return whether the table has a column."""
        return column in self._table

    def is_unread(self, column: str, values: list[T | None]) -> list[bool]:
        """Return for each row whether its cell holds something that was not understood."""
        if column not in self._table:
            return [False] * len(self._table)
        filled = self._table[column].notna()
        return [bool(f) and value is None for f, value in zip(filled, values, strict=True)]

    def report(
        self, row: Hashable, what: str, mend: str, column: str = "", value: str = ""
    ) -> Finding:
        """Report a fault of a row and return the finding."""
        values: dict[str, object] = {"column": column, "value": repr(value)}
        finding = Finding(
            Severity.ERROR, "bad-value", self._file, what, mend, self.place(row), values
        )
        self._findings.append(finding)
        return finding

    def place(self, row: Hashable) -> str:
        """Return how a row is named in messages: its line, or its id."""
        return f"line {row}" if self._table.index.name == "line" else str(row)


def require_columns(table: pd.DataFrame, columns: list[str], name: str) -> None:
    """Raise an error that names the first of some columns that a table lacks."""
    missing = next((column for column in columns if column not in table), None)
    if missing is not None:
        raise DataError(
            N_("column {column} is missing"),
            where=name,
            mend=N_("Add it to the first line"),
            column=repr(missing),
        )


def make_object_column(values: list[dt.date | None], table: pd.DataFrame) -> pd.Series[dt.date]:
    """Return dates as dates: pandas would make timestamps and NaT of them."""
    return pd.Series(values, table.index, dtype=object)
