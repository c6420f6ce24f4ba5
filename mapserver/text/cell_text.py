"""The text of a cell of a table, whatever type the column has."""

from __future__ import annotations

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
