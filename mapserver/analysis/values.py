"""Values of two versions compared, in whatever way a format has written them."""

from __future__ import annotations

import datetime as dt
import numbers
from typing import Any

import numpy as np
import pandas as pd

from mapserver.text.yes_no import read_yes_or_no

DIGITS = 12
"""Numbers that agree to so many significant digits are the same: formats round differently."""
BOOLEAN_WORDS = {"True", "False", "true", "false", "TRUE", "FALSE"}
"""Boolean values as text: Python, GeoJSON and Excel write them differently."""


def is_same_value(old: object, new: object) -> bool:
    """Return whether two values are the same, in whatever way they are written."""
    if old is new or format_value(old) == format_value(new):
        return True
    old_number, new_number = _parse_value(old), _parse_value(new)
    if old_number is None or new_number is None:
        return False
    # Two texts are compared as texts: "1" and "1.0" differ. A text and a number are compared as
    # numbers, to the digits that all formats write.
    are_texts = isinstance(old, str) and isinstance(new, str)
    return not are_texts and (
        old_number == new_number or f"{old_number:.{DIGITS}g}" == f"{new_number:.{DIGITS}g}"
    )


def is_same_answer(old: object, new: object) -> bool:
    """Return whether two cells say yes, or both no, in whatever words: ``Y``, ``예``, ``있음``."""
    try:
        answers = [read_yes_or_no(format_value(cell)) for cell in (old, new)]
    except ValueError:
        return False
    return answers[0] == answers[1]


def _parse_value(value: object) -> float | None:
    """Return a value as a number, None where it is none or a code such as "007"."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        # Leading zeros belong to a code, not to a number: "007" is not 7, but "0.7" is 0.7.
        digits = value.strip().lstrip("-")
        has_leading_zeros = len(digits) > 1 and digits[0] == "0" and digits[1] != "."
        return None if has_leading_zeros else number
    return None


def format_value(value: Any) -> str:
    """Return a value as text, written in one way: empty when missing, a day without its time."""
    if value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value))):
        return ""
    if isinstance(value, pd.Timestamp | dt.datetime | np.datetime64):
        moment = pd.Timestamp(value)
        return "" if pd.isna(moment) else moment.isoformat().removesuffix("T00:00:00")
    if isinstance(value, bool | np.bool_) or (
        isinstance(value, str) and value.strip() in BOOLEAN_WORDS
    ):
        return str(value).strip().lower()
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        # 15 significant digits are what a double holds of a decimal: 1.0 becomes "1".
        return f"{float(value):.15g}"
    return value.strip() if isinstance(value, str) else str(value)
