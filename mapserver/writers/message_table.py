"""The direct line in figures as CSV and as records: what is hidden is empty and says why."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

from mapserver.model import Hidden
from mapserver.writers.change_table import write_safe_cell


def list_figures(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """List published cells as plain values: None for what is hidden or not known.

    Parameters
    ----------
    figures
        As :func:`mapserver.analysis.direct_line.publish` returns them.
    """
    records = figures.astype(object).where(figures.notna(), None).to_dict("records")
    return [
        {
            **{str(key): value for key, value in record.items() if key != "hidden"},
            # What cannot be read is not hidden from anybody: nobody knows it.
            "suppressed": record["hidden"] not in {Hidden.SHOWN, Hidden.UNKNOWN},
            "hidden": record["hidden"] or None,
        }
        for record in records
    ]


def write_figures(figures: pd.DataFrame) -> bytes:
    """Write published cells as CSV in UTF-8 with a byte order mark, by which Excel knows it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = [str(column) for column in figures.columns]
    writer.writerow(columns)
    for record in list_figures(figures):
        writer.writerow([write_safe_cell(record[column]) for column in columns])
    return text.getvalue().encode("utf-8-sig")
