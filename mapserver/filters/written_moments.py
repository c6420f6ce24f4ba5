"""Columns of texts that are days or times as ISO 8601 writes them, all of their values."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd

from mapserver.filters.moments import read_column_moment
from mapserver.filters.operands import Kind, Operand, change_texts

DAY = (
    "(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
    "|(?:0[48]|[2468][048]|[13579][26])00)-02-29)"
)
"""A day that exists, as 2026-11-26, for Python and PostgreSQL alike."""

TIME = (
    DAY + "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?"
    "(?:Z|[-+](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
"""A time of such a day with its offset from UTC, as 2026-11-26T09:00:00+09:00."""

PATTERNS = {Kind.DATE: DAY, Kind.TIMESTAMP: TIME}
"""What each text of a column is, by what the column counts as."""

TYPES = {Kind.DATE: "text-date", Kind.TIMESTAMP: "text-date-time"}
"""What the types of such columns are called."""

KINDS_OF_TYPES = {type_: kind for kind, type_ in TYPES.items()}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}


def find_moment_kind(column: pd.Series[Any]) -> Kind | None:
    """Find whether all values of a column are texts of days, or of times with an offset.

    Parameters
    ----------
    column
        Of any type; what is missing does not count.

    Returns
    -------
    Kind or None
        ``Kind.DATE`` or ``Kind.TIMESTAMP``; None where a value is neither, or there is none.

    Examples
    --------
    >>> find_moment_kind(pd.Series(["2024-02-29", None]))
    <Kind.DATE: 'date'>
    >>> find_moment_kind(pd.Series(["2026-11-26", "2026-11-31"])) is None
    True
    """
    values = column.dropna()
    # Most columns are told by their first value.
    kind = _find_kind(values.iloc[0]) if len(values) else None
    if kind is None:
        return None
    # Of a column of texts alone each different one is looked at once.
    cells = values if values.dtype == object else values.unique()
    return kind if all(_find_kind(value) is kind for value in cells) else None


def _find_kind(value: object) -> Kind | None:
    if not isinstance(value, str):
        return None
    return next((kind for kind, form in _COMPILED.items() if form.fullmatch(value)), None)


def read_written_moments(texts: Operand, kind: Kind, zone: dt.tzinfo) -> Operand:
    """Return a column of texts as the dates or times that they are.

    Parameters
    ----------
    texts
        As an operand; a text that is none is unknown.
    kind
        ``Kind.DATE`` or ``Kind.TIMESTAMP``.
    zone
        Of times without an offset.
    """
    numbers = change_texts(texts.values, lambda text: read_column_moment(text, kind, zone))
    # Where there is no number, 0 holds the place, which nobody reads.
    is_unknown = texts.is_unknown | np.array([number is None for number in numbers], dtype=bool)
    values = np.where(is_unknown, 0, numbers).astype(np.int64)
    return Operand(kind, values, is_unknown, texts.name)
