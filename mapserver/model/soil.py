"""What laboratories found in the soil of trails, against the limits of the law.

What was not detected is a result; what was not tested is none, and is never called safe. Without
the land category nobody knows by which limit to measure, so there is no share either.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.model.ledgers import METALS
from mapserver.settings.soil_limits import LIMITS_MG_PER_KG
from mapserver.text.cell_text import convert_day, read_cell_text
from mapserver.text.ledger_words import NOT_DETECTED
from mapserver.text.mentions import find_closed_trails


@dataclass(frozen=True, slots=True)
class SoilSample:
    """One sample of the soil of a trail.

    Attributes
    ----------
    day
        The day on which it was taken; None where that is not known.
    values
        For each metal mg/kg, ``NOT_DETECTED``, or None where it was not tested or not understood.
    area
        The land category of the limits: 1, 2 or 3; None where nobody has said.
    lab, point, source
        Who tested it, where it was taken, and where that stands, as the office wrote it.
    acidity
        Its pH; None where it was not measured.
    is_unclear
        Whether a cell of the row was not understood.
    """

    day: dt.date | None
    values: Mapping[str, float | str | None]
    area: int | None = None
    lab: str = ""
    point: str = ""
    source: str = ""
    acidity: float | None = None
    is_unclear: bool = False

    def find_limit(self, metal: str) -> float | None:
        """Find the limit of a metal in mg/kg; None without the land category."""
        return None if self.area is None else LIMITS_MG_PER_KG[self.area][metal]

    def find_share(self, metal: str) -> float | None:
        """Find the share of its limit that a metal reaches; 0 where it was not detected.

        None where it was not tested, or without the land category.
        """
        # A share of one is the limit itself (annex 3 of the enforcement rule, see soil_limits).
        value, limit = self.values[metal], self.find_limit(metal)
        if value is None or limit is None:
            return None
        return 0.0 if isinstance(value, str) else value / limit

    @property
    def untested(self) -> list[str]:
        """The metals of which nothing is known."""
        return [metal for metal in METALS if self.values[metal] is None]

    @property
    def worst(self) -> tuple[str, float] | None:
        """The metal that comes nearest to its limit, with its share; None if none is known."""
        shares = {metal: share for metal in METALS if (share := self.find_share(metal)) is not None}
        return max(shares.items(), key=lambda item: item[1], default=None)


def gather_soil(trails: gpd.GeoDataFrame, rows: pd.DataFrame) -> dict[str, list[SoilSample]]:
    """Gather the newest samples of each trail: all of the last day on which some were taken.

    Parameters
    ----------
    trails
        Trails in EPSG:4326, with their ``name`` if there is one.
    rows
        The ledger of soil tests, as it was read.

    Returns
    -------
    dict
        By the id of each trail, the sample that comes nearest to a limit first; empty lists where
        there is no sample.
    """
    samples: dict[str, list[SoilSample]] = defaultdict(list)
    for text, group in rows.groupby("trail_id", sort=False):
        # A name that may mean several trails means none: a test is never said of another trail.
        named, _ = find_closed_trails(trails, {"trail_id": text})
        own = [_read_sample(row) for row in group.astype(object).to_dict("records")]
        for trail in named:
            samples[trail] += own
    # Every trail has an entry, so that none without a sample passes for one that was not asked.
    return {str(trail): _choose_newest(samples[str(trail)]) for trail in trails.index}


def _choose_newest(samples: list[SoilSample]) -> list[SoilSample]:
    # A sample of a day that nobody knows may be the newest, and cannot be called so.
    newest = max((sample.day for sample in samples if sample.day), default=None)
    chosen = [sample for sample in samples if sample.day == newest]
    return sorted(chosen, key=lambda sample: -(sample.worst or ("", -1.0))[1])


def _read_sample(row: dict[Any, Any]) -> SoilSample:
    acidity, area = row["ph"], row["area"]
    return SoilSample(
        day=convert_day(row["sampled_on"]),
        values={metal: _read_value(row[metal]) for metal in METALS},
        area=None if pd.isna(area) else int(area),
        lab=read_cell_text(row["lab"]),
        point=read_cell_text(row["point"]),
        source=read_cell_text(row["source"]),
        acidity=None if pd.isna(acidity) else float(acidity),
        is_unclear=row["unclear"] is not None,
    )


def _read_value(cell: object) -> float | str | None:
    if isinstance(cell, str):
        return cell if cell == NOT_DETECTED else None
    return float(cell) if isinstance(cell, (int, float)) and not pd.isna(cell) else None
