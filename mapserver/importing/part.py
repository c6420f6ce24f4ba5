"""What one file gives to a layer or to the trails."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd

from mapserver.errors import N_
from mapserver.text.findings import Finding

UNUSABLE = frozenset(
    {"no-coordinates", "coordinate-not-a-number", "coordinate-out-of-range", "row-shape"}
)
"""Codes of findings about a line of a table that was left out."""
TABLE_ROWS = ("line ", "row ")
"""How the rows of a CSV and of a workbook are named."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one file gives.

    Attributes
    ----------
    name
        The file, as it was named.
    frame
        Its features that are written: EPSG:4326, indexed by id.
    crs, crs_from, encoding, encoding_from
        What was concluded of it, and from what (message ids).
    left_out
        How many rows are not written; each is in the findings.
    columns
        Columns that were filled from others: ``category = 상권업종대분류명``.
    """

    name: str
    frame: gpd.GeoDataFrame
    crs: str = "EPSG:4326"
    crs_from: str = N_("the format means degrees")
    encoding: str = "utf-8"
    encoding_from: str = N_("the format has no other")
    left_out: int = 0
    columns: list[str] = field(default_factory=list)


def is_row_left_out(finding: Finding) -> bool:
    """Check whether a finding is about a row of a table that its reader left out."""
    # In other formats the feature stays, and the finding is about a part of it.
    return finding.code in UNUSABLE and finding.feature.startswith(TABLE_ROWS)
