"""Rows of tables whose coordinates are no place: which they are, and what is said of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.text.findings import Finding, Severity

Fault = tuple[str, str, str, dict[str, Any]]
"""Code, what and mend of a finding, and its values."""


def find_row_faults(
    texts: pd.DataFrame,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    *,
    in_degrees: bool,
) -> dict[int, Fault]:
    """Find the rows that have no place, by position; ``texts`` is what the two cells say."""
    # 0, 0 is what receivers and forms write for an unknown place.
    is_nowhere = ~(np.isfinite(x) & np.isfinite(y)) | ((x == 0) & (y == 0))
    if in_degrees:
        with np.errstate(invalid="ignore"):
            is_nowhere |= (np.abs(x) > 180) | (np.abs(y) > 90)
    faults = {}
    # Of some national files no row has a place, and rows of a frame are slow to ask for.
    cells = texts.to_numpy(dtype=object)
    for row in np.flatnonzero(is_nowhere):
        x_text, y_text = cells[row]
        faults[int(row)] = _describe_row_fault(x_text, y_text, float(x[row]), float(y[row]))
    return faults


def _describe_row_fault(x_text: str, y_text: str, x: float, y: float) -> Fault:
    if pd.isna(x_text) or pd.isna(y_text) or (x == 0 and y == 0):
        return (
            "no-coordinates",
            N_("the row has no coordinates; it is left out"),
            N_("Look the place up and enter its longitude and latitude"),
            {},
        )
    if not (np.isfinite(x) and np.isfinite(y)):
        return (
            "coordinate-not-a-number",
            N_("{x}, {y} are not coordinates; the row is left out"),
            N_("Write degrees, such as 126.8514 or 126°51'05\""),
            {"x": x_text, "y": y_text},
        )
    what, mend = geodesy.find_lonlat_fault(x, y) or ("", "")
    return "coordinate-out-of-range", what, mend, {"lon": x, "lat": y}


def report_row_fault(name: str, place: str, fault: Fault, *, stays: bool) -> Finding:
    """Report what is wrong with the place of a row, which is left out or stays without one."""
    code, what, mend, values = fault
    if not stays:
        return Finding(Severity.ERROR, code, name, what, mend, place, values)
    if code == "coordinate-not-a-number":
        what = N_("{x}, {y} are not coordinates; the row stays without a place")
    return Finding(Severity.WARNING, "place-not-read", name, what, mend, place, values)
