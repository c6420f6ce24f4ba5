"""What laboratories found in the soil of trails, against the limits of the law.

What was not detected is a result; what was not tested is none, and is never called safe. Without
the land category nobody knows by which limit to measure, so there is no share either; what lies
over the limit of a category can be said all the same.
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
from mapserver.text.ledger_words import NOT_DETECTED, Below, UnreadCell
from mapserver.text.mentions import find_closed_trails

Amount = float | str | Below | UnreadCell | None
"""What is known of a metal: mg/kg, ``NOT_DETECTED``, a bound, a text that was not understood, or
nothing, where it was not tested."""


@dataclass(frozen=True, slots=True)
class SoilSample:
    """One sample of the soil of a trail.

    Attributes
    ----------
    day
        The day on which it was taken; None where that is not known.
    values
        For each metal what is known of it (:data:`Amount`).
    area
        The land category of the limits: 1, 2 or 3; None where nobody has said.
    lab, point, source
        Who tested it, where it was taken, and where that stands, as the office wrote it.
    acidity
        Its pH; None where it was not measured.
    """

    day: dt.date | None
    values: Mapping[str, Amount]
    area: int | None = None
    lab: str = ""
    point: str = ""
    source: str = ""
    acidity: float | None = None

    def find_limit(self, metal: str) -> float | None:
        """Find the limit of a metal in mg/kg; None without the land category."""
        return None if self.area is None else LIMITS_MG_PER_KG[self.area][metal]

    def find_share(self, metal: str) -> float | None:
        """Find the share of its limit that a metal reaches; 0 where it was not detected.

        Of a bound it is the most that it can be. None where nothing is known of the metal, or
        without the land category.
        """
        # A share of one is the limit itself (annex 3 of the enforcement rule, see soil_limits).
        value, limit = self.values[metal], self.find_limit(metal)
        if value is None or limit is None or isinstance(value, UnreadCell):
            return None
        if isinstance(value, Below):
            return value.bound / limit
        return 0.0 if isinstance(value, str) else value / limit

    @property
    def untested(self) -> list[str]:
        """The metals of which the laboratory says nothing."""
        return [metal for metal in METALS if self.values[metal] is None]

    @property
    def unread(self) -> list[str]:
        """The metals of which it says what was not understood."""
        return [metal for metal in METALS if isinstance(self.values[metal], UnreadCell)]

    @property
    def worst(self) -> tuple[str, float] | None:
        """The metal that comes nearest to its limit, with its share; None if none is known.

        What is surely over its limit comes before a bound, of which nobody knows whether it is.
        """
        shares = {metal: share for metal in METALS if (share := self.find_share(metal)) is not None}
        return max(
            shares.items(),
            key=lambda item: (item[1] > 1 and not self.is_bound(item[0]), item[1]),
            default=None,
        )

    def is_bound(self, metal: str) -> bool:
        """Return whether of a metal only a bound is known."""
        return isinstance(self.values[metal], Below)

    @property
    def over(self) -> dict[tuple[int, ...], list[str]]:
        """The metals that are surely over the limit of some land category, by these categories.

        Those that are over the most come first. It holds whatever the category of the sample is.
        """
        metals: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for metal, value in self.values.items():
            areas = tuple(
                area
                for area, limits in LIMITS_MG_PER_KG.items()
                if isinstance(value, float) and value > limits[metal]
            )
            if areas:
                metals[areas].append(metal)
        return dict(sorted(metals.items(), key=lambda item: -len(item[0])))


@dataclass(frozen=True, slots=True)
class TrailSoil:
    """All samples of the soil of one trail."""

    samples: tuple[SoilSample, ...] = ()

    def list_newest(self, day: dt.date) -> list[SoilSample]:
        """List what was known on a day: the samples of the last day on which some were taken.

        Samples of a day that nobody knows are among them, since they may be newer. The sample that
        comes nearest to a limit is the first.
        """
        days = [each.day for each in self.samples if each.day is not None and each.day <= day]
        newest = max(days, default=None)
        chosen = [each for each in self.samples if each.day is None or each.day == newest]
        return sorted(chosen, key=lambda each: -_rank(each))


def _rank(sample: SoilSample) -> float:
    """Rank a sample by its worst share, those over the limit of any category first."""
    if sample.area is None and sample.over:
        return max(map(len, sample.over))
    return sample.worst[1] if sample.worst else -1.0


def gather_soil(trails: gpd.GeoDataFrame, rows: pd.DataFrame) -> dict[str, TrailSoil]:
    """Gather the samples of each trail.

    Parameters
    ----------
    trails
        Trails in EPSG:4326, with their ``name`` if there is one.
    rows
        The ledger of soil tests, as it was read.

    Returns
    -------
    dict
        By the id of each trail; one of which there is no sample is there, too.
    """
    samples: dict[str, list[SoilSample]] = defaultdict(list)
    for text, group in rows.groupby("trail_id", sort=False):
        # A name that may mean several trails means none: a test is never said of another trail.
        named, _ = find_closed_trails(trails, {"trail_id": text})
        own = [_read_sample(row) for row in group.astype(object).to_dict("records")]
        for trail in named:
            samples[trail] += own
    # Every trail has an entry, so that none without a sample passes for one that was not asked.
    return {str(trail): TrailSoil(tuple(samples[str(trail)])) for trail in trails.index}


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
    )


def _read_value(cell: object) -> Amount:
    if isinstance(cell, (Below, UnreadCell)):
        return cell
    if isinstance(cell, str):
        return cell if cell == NOT_DETECTED else None
    return float(cell) if isinstance(cell, (int, float)) and not pd.isna(cell) else None
