"""The text of a cell is the same wherever it is shown."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapserver.text.cell_text import read_cell_text


@pytest.mark.parametrize("missing", [None, np.nan, pd.NaT, pd.NA])
def test_a_missing_cell_has_no_text(missing):
    assert read_cell_text(missing) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(" 황토 ", "황토"), (3, "3"), (1.5, "1.5"), (False, "False"), ([1, None], "[1, None]")],
)
def test_a_cell_of_any_type_has_a_text(value, text):
    assert read_cell_text(value) == text


def test_a_day_is_written_as_iso_8601():
    assert read_cell_text(dt.date(2026, 11, 26)) == "2026-11-26"
