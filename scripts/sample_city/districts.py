"""The shopping districts of the sample city: a few street blocks each, around a known position."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sample_city import plane
from sample_city.tables import read_facts
from sample_city.trails import Trail

SEED = 2025
BLOCK_M = (46.0, 74.0)
"""Shortest and longest side of a street block."""
HALF_STREET_M = 4.0
PARK_M = 24.0
"""Kept free around a trail and within its bends: its park, lake or school ground."""
BORDER_M = 12.0
FEWEST_BLOCKS, MOST_BLOCKS = 3, 8
PARTS_APART_M = 130.0
SOURCE = "Drawn for this project; names, numbers and rough positions as reported in 2025"

Floats = npt.NDArray[np.float64]
Cell = tuple[int, int]


def districts(neighborhoods: gpd.GeoDataFrame, trails: Sequence[Trail]) -> gpd.GeoDataFrame:
    """Draw the districts of ``facts/districts.csv``.

    Parameters
    ----------
    neighborhoods
        In metres, with ``name``.
    trails
        Their surroundings stay free.

    Returns
    -------
    GeoDataFrame
        In the CRS of the neighbourhoods, no two overlapping, each within its neighbourhood.
    """
    facts = read_facts("districts.csv").astype({"lon": float, "lat": float, "parts": int})
    facts[["x", "y"]] = plane.to_metres(facts[["lon", "lat"]].to_numpy())
    walked = [shapely.LineString(plane.to_metres(trail.points[:, :2])) for trail in trails]
    parks = shapely.union_all(shapely.buffer(shapely.convex_hull(walked), PARK_M))
    rng = np.random.default_rng(SEED)
    shapes: dict[int, Polygon | MultiPolygon] = {}
    for area in neighborhoods.itertuples():
        here = facts[facts["neighborhood"] == area.name]
        room = area.geometry.buffer(-BORDER_M).difference(parks)
        lots = [
            _Lot(position=np.array([row.x, row.y]), parts=int(str(row.parts)))
            for row in here.itertuples()
        ]
        grid = _Streets.lay(room, rng)
        grid.allot(lots, rng)
        shapes.update(zip(here.index, (grid.outline(lot) for lot in lots), strict=True))
    frame = pd.DataFrame(
        {
            "id": [f"{int(number):03d}" for number in facts["no"]],
            "name": facts["name"],
            "association": facts["association"],
            "neighborhood": facts["neighborhood"],
            **_rounds(len(facts), rng),
            "source": SOURCE,
            "sample": True,
        }
    )
    outlines = shapely.set_precision([shapes[row] for row in facts.index], 0.01)
    return gpd.GeoDataFrame(frame, geometry=outlines, crs=neighborhoods.crs)


def _rounds(count: int, rng: np.random.Generator) -> dict[str, list[str] | list[int]]:
    """Share out the rounds of designation: how many each had is known, which ones is not."""
    facts = read_facts("shops_rounds.csv")
    day = dict(zip(facts["round"].astype(int), facts["designated"], strict=True))
    rounds = np.repeat(facts["round"].astype(int), facts["districts"].astype(int)).to_numpy()
    if len(rounds) != count:
        raise ValueError(f"the rounds have {len(rounds)} districts, the list has {count}")
    shuffled = [int(number) for number in rng.permutation(rounds)]
    return {"round": shuffled, "designated": [day[number] for number in shuffled]}


@dataclass
class _Lot:
    """The blocks of one district, part by part."""

    position: Floats
    parts: int
    cells: list[list[Cell]] = field(default_factory=list)


@dataclass
class _Streets:
    """Street blocks of a neighbourhood, by row and column, and who has which."""

    blocks: dict[Cell, Polygon]
    middles: dict[Cell, Floats]
    taken: dict[Cell, int] = field(default_factory=dict)

    @classmethod
    def lay(cls, room: Polygon | MultiPolygon, rng: np.random.Generator) -> _Streets:
        """Lay two sets of streets over a neighbourhood, a little bent and unevenly apart."""
        turn = rng.uniform(-0.4, 0.4)
        reach = np.hypot(*np.subtract(room.bounds[2:], room.bounds[:2])) / 2
        centre = np.array([room.centroid.x, room.centroid.y])
        across, along = (
            np.cumsum(rng.uniform(*BLOCK_M, int(2.6 * reach / np.mean(BLOCK_M)))) - 1.25 * reach
            for _ in range(2)
        )
        x, y = np.meshgrid(across, along, indexing="ij")
        bent = np.stack([x + 9 * np.sin(y / 260), y + 9 * np.sin(x / 310 + 1)], axis=-1)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        corners = bent @ rotation.T + centre
        blocks = {}
        for i, j in itertools.product(range(len(across) - 1), range(len(along) - 1)):
            ring = corners[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]]
            blocks[i, j] = Polygon(ring)
        shapely.prepare(room)
        inside = {cell: block for cell, block in blocks.items() if room.contains(block)}
        middles = {c: np.array([b.centroid.x, b.centroid.y]) for c, b in inside.items()}
        return cls(inside, middles)

    def allot(self, lots: list[_Lot], rng: np.random.Generator) -> None:
        """Give every lot its first blocks near its position, then one more each in turn."""
        for number, lot in enumerate(lots):
            for _ in range(lot.parts):
                lot.cells.append([self._start(number, lot)])
        sizes = rng.integers(FEWEST_BLOCKS, MOST_BLOCKS + 1, len(lots))
        for size in range(2, MOST_BLOCKS + 1):
            for number, lot in enumerate(lots):
                if size <= sizes[number]:
                    for part in lot.cells if lot.parts > 1 and size == 2 else lot.cells[:1]:
                        self._grow(number, part)

    def outline(self, lot: _Lot) -> Polygon | MultiPolygon:
        """Join the blocks of each part, set back from the streets around."""
        parts = [
            shapely.union_all([self.blocks[cell] for cell in part]).buffer(
                -HALF_STREET_M, join_style="mitre"
            )
            for part in lot.cells
        ]
        return parts[0] if len(parts) == 1 else MultiPolygon(parts)

    def _start(self, number: int, lot: _Lot) -> Cell:
        """Take the free block nearest to the position, not beside an earlier part."""
        earlier = [self.middles[cell] for part in lot.cells for cell in part]
        free = [
            cell
            for cell in self.blocks
            if cell not in self.taken
            and all(np.hypot(*(self.middles[cell] - m)) > PARTS_APART_M for m in earlier)
        ]
        return self._take(number, min(free, key=lambda cell: self._distance(lot, cell)))

    def _grow(self, number: int, part: list[Cell]) -> None:
        """Take a free block across a street, the one that keeps the part compact."""
        beside = [
            cell
            for i, j in part
            for cell in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1))
            if cell in self.blocks and cell not in self.taken and self._alone(number, part, cell)
        ]
        if beside:
            middle = np.mean([self.middles[cell] for cell in part], axis=0)

            def closeness(cell: Cell) -> tuple[int, float]:
                """Fill corners first, so that a district becomes a quarter and no cross."""
                (i, j), far = cell, float(np.hypot(*(self.middles[cell] - middle)))
                return -sum((abs(i - m) + abs(j - n)) == 1 for m, n in part), far

            part.append(self._take(number, min(beside, key=closeness)))

    def _alone(self, number: int, part: list[Cell], cell: Cell) -> bool:
        """Tell whether a block touches no other part of its own district."""
        i, j = cell
        around = itertools.product((i - 1, i, i + 1), (j - 1, j, j + 1))
        return all(self.taken.get(near) != number or near in part for near in around)

    def _take(self, number: int, cell: Cell) -> Cell:
        self.taken[cell] = number
        return cell

    def _distance(self, lot: _Lot, cell: Cell) -> float:
        return float(np.hypot(*(self.middles[cell] - lot.position)))
