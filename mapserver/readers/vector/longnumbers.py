"""Whole numbers of more digits than a decimal number holds: read exactly, or named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mapserver.readers.csv_text import DIGITS_LOST
from mapserver.settings import limits
from mapserver.text.findings import Finding

WHOLE = re.compile(r"[+-]?\d+")
LEAST_DIGITS = 16
"""Decimal numbers, in which GDAL reads wide fields of a DBF table, hold 15 digits for certain."""


def with_wide_fields(frame: pd.DataFrame, dbf: Path, fields: list[str]) -> pd.DataFrame:
    """Return whole numbers of wide fields of a DBF table with all their digits.

    GDAL reads a field N(19) or wider as decimal numbers, and pandas makes such of a narrower one
    with an empty cell. Their texts are read here once more.

    Parameters
    ----------
    frame
        As GDAL read it.
    dbf
        The table.
    fields
        The names of its fields, as GDAL gives them, in their order.

    Returns
    -------
    DataFrame
        Columns of whole numbers as ``int64`` or ``Int64``, as text beyond 64 bits.
    """
    texts_by_field = _read_wide_fields(dbf)
    exact = {}
    for position, texts in texts_by_field.items():
        column = fields[position] if position < len(fields) else None
        is_numeric = column is not None and pd.api.types.is_numeric_dtype(frame[column].dtype)
        if column is None or not is_numeric or len(texts) != len(frame):
            continue
        if all(text is None or WHOLE.fullmatch(text) for text in texts):
            exact[column] = make_whole(pd.Series(texts, frame.index, dtype=object))
    return frame.assign(**exact)


def _read_wide_fields(dbf: Path) -> dict[int, list[str | None]]:
    """Read the texts of fields of whole numbers that are too wide, by the field's position."""
    data = dbf.read_bytes()
    # dBASE III header: length of the header at byte 8, length of a record at byte 10, both little
    # endian.
    header, width = (int.from_bytes(data[offset : offset + 2], "little") for offset in (8, 10))
    rows, start = (len(data) - header) // width, 1  # a row begins with its deletion mark
    if not rows:
        return {}
    # A view on the bytes with the record length as its stride: no row is copied.
    marks: Any = np.ndarray(rows, "S1", data, header, (width,))
    texts: dict[int, list[str | None]] = {}
    # Field descriptors of 32 bytes follow the first 32: kind at 11, length at 16, decimals at 17.
    for field, offset in enumerate(range(32, header - 32, 32)):
        kind, length, decimals = (
            data[offset + 11 : offset + 12],
            data[offset + 16],
            data[offset + 17],
        )
        is_within = start + length <= width  # which a damaged header may not keep to
        if kind in {b"N", b"F"} and length >= LEAST_DIGITS and not decimals and is_within:
            cells: Any = np.ndarray(rows, f"S{length}", data, header + start, (width,))
            # An asterisk marks a deleted record, which GDAL does not return either.
            present = cells[marks != b"*"].tolist()
            texts[field] = [cell.decode("latin-1").strip("\0 ") or None for cell in present]
        start += length
    return texts


def make_whole(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return whole numbers, or texts of them, as 64-bit integers, and as text where one is larger.

    Missing values stay missing.
    """
    numbers = [None if pd.isna(value) else int(value) for value in values]
    if any(number is not None and not -(2**63) <= number < 2**63 for number in numbers):
        texts = [None if number is None else str(number) for number in numbers]
        return pd.Series(texts, values.index, dtype="str")
    integers = pd.Series(pd.array(numbers, dtype="Int64"), values.index)
    return integers if integers.hasnans else integers.astype("int64")


def is_unsigned(column: pd.Series[Any]) -> bool:
    """Check whether a column holds whole numbers of another kind than 64 bits with a sign."""
    if str(column.dtype).lower() == "uint64":
        return True
    types = {type(value) for value in column if value is not None} if column.dtype == object else ()
    return set(types) == {int}


def has_lost_digits(column: pd.Series[Any]) -> bool:
    """Check whether decimal numbers are whole ones of which the last digits may be wrong."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return False
    values = column.dropna().to_numpy(dtype=float)
    # Beyond 2**53 neighbouring whole numbers share one decimal, so the last digits are not certain.
    values = values[np.isfinite(values)]
    is_whole = bool((values == np.floor(values)).all())
    return is_whole and bool((np.abs(values) >= limits.MAX_EXACT_INTEGER).any())


def find_inexact_columns(findings: list[Finding]) -> set[str]:
    """Return the columns that a finding describes, as ``repr`` has them."""
    return {str(f.values["column"]) for f in findings if f.code == DIGITS_LOST}
