"""The text of a cell of a table, whatever type the column has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd


def read_cell_text(value: Any) -> str:
    """Return the text of a cell without the blanks around it; empty where the cell is missing.

    Parameters
    ----------
    value
        Any value of a column. None, NaN, NaT and pandas' NA are missing.

    Examples
    --------
    >>> [read_cell_text(value) for value in (" 황토 ", 3, None, float("nan"))]
    ['황토', '3', '', '']
    """
    # isna() of a list is an array; only a scalar can be missing.
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return str(value).strip()


def write_cell(value: Any) -> str:
    """Return a cell as text; a day of a typed column without a time that it does not have."""
    day = convert_day(value)
    is_naive = not isinstance(value, dt.datetime) or value.tzinfo is None
    return day.isoformat() if day is not None and is_naive else read_cell_text(value)


def convert_day(value: Any) -> dt.date | None:
    """Return a cell that holds a day as one; None where it holds none."""
    if isinstance(value, dt.datetime):  # a pandas Timestamp is one too
        return None if pd.isna(value) else value.date()
    return value if isinstance(value, dt.date) else None
