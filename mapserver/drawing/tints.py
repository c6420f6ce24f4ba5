"""Tints of areas, so that no two neighbours are alike: four are enough for any map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

TINTS = 4
"""Four are enough where neighbours share a border (Appel and Haken 1976)."""
GAP_DEG = 0.00002
"""Outlines that are not more than this apart, 2 m, are neighbours: borders are drawn twice."""
TINT_STEPS = 20_000
"""Steps of the search, of which a map of a city takes some hundred."""


def choose_tints(areas: Sequence[shapely.Geometry]) -> list[int]:
    """Choose a tint for each area, so that no two neighbours have the same.

    Neighbours that meet in a corner differ, too, where four tints allow it.

    Parameters
    ----------
    areas
        Polygons in EPSG:4326.

    Returns
    -------
    list of int
        From 0 to 3, in the order of the areas; 0 covers the most ground. Where four do not suffice
        (areas of many parts, or that overlap), as few neighbours as the search has found are alike.
    """
    outlines = np.array(areas, dtype=object)
    touching = _find_pairs(outlines)
    tints = _colour_graph(_list_neighbors(touching, len(outlines)))
    if tints is None:
        # A corner where many areas meet is no border.
        sharing = touching[:, _share_border(outlines, touching)]
        neighbors = _list_neighbors(sharing, len(outlines))
        tints = _colour_graph(neighbors) or _colour_greedily(neighbors)
    return _order_by_extent(tints, shapely.area(outlines))


def _order_by_extent(tints: list[int], extents: NDArray[np.float64]) -> list[int]:
    """Order tints by how much ground they cover, the most first: paper, and the coldest last."""
    # The last tint is a grey that is navy by night: it lies on the least of the map.
    covered = np.bincount(np.array(tints, dtype=np.intp), extents, minlength=TINTS)
    numbers = np.argsort(np.argsort(-covered, kind="stable"))
    return [int(numbers[tint]) for tint in tints]


def _find_pairs(outlines: NDArray[np.object_]) -> NDArray[np.intp]:
    """Find which outlines touch: positions of shape (2, pairs), each pair once."""
    pairs: NDArray[np.intp]
    pairs = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=GAP_DEG)
    once: NDArray[np.intp] = pairs[:, pairs[0] < pairs[1]]
    return once


def _share_border(outlines: NDArray[np.object_], pairs: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Check for each pair whether it shares a line, and not a corner alone."""
    first, second = outlines[pairs[0]], outlines[pairs[1]]
    common = shapely.intersection(shapely.buffer(first, GAP_DEG), shapely.boundary(second))
    # Around a corner the buffer holds twice its own reach of either side at most.
    shares: NDArray[np.bool_] = shapely.length(common) > 6 * GAP_DEG
    return shares


def _list_neighbors(pairs: NDArray[np.intp], count: int) -> list[set[int]]:
    neighbors: list[set[int]] = [set() for _ in range(count)]
    for one, other in pairs.T.tolist():
        neighbors[one].add(other)
        neighbors[other].add(one)
    return neighbors


def _colour_graph(neighbors: list[set[int]]) -> list[int] | None:
    """Colour a graph by going back from dead ends; None where no colouring was found.

    The area whose neighbours have the most tints is next (Brélaz 1979), so that a dead end shows
    early. Its tints are tried in turn from one that differs from area to area, which spreads them.
    """
    tints = [-1] * len(neighbors)
    steps = 0
    # Areas that have a tint, and the tints that each may still try.
    trail: list[tuple[int, list[int]]] = []
    while len(trail) < len(neighbors):
        area = _choose_next(neighbors, tints)
        taken = {tints[other] for other in neighbors[area]}
        # The last one is tried first.
        choices = [tint for tint in _turn(area) if tint not in taken]
        while not choices:
            if not trail:
                return None
            area, choices = trail.pop()
            tints[area] = -1
        steps += 1
        if steps > TINT_STEPS:
            return None
        tints[area] = choices.pop()
        trail.append((area, choices))
    return tints


def _choose_next(neighbors: list[set[int]], tints: list[int]) -> int:
    """Choose the area without a tint whose neighbours have the most tints."""

    def count_constraints(area: int) -> tuple[int, int, int]:
        taken = {tints[other] for other in neighbors[area]} - {-1}
        return len(taken), len(neighbors[area]), -area

    return max((area for area, tint in enumerate(tints) if tint < 0), key=count_constraints)


def _colour_greedily(neighbors: list[set[int]]) -> list[int]:
    """Colour a graph with as few neighbours alike as comes about, one area after the other."""
    tints = [-1] * len(neighbors)
    for area in sorted(range(len(neighbors)), key=lambda each: -len(neighbors[each])):
        used = [tints[other] for other in neighbors[area]]
        tints[area] = min(_turn(area), key=used.count)
    return tints


def _turn(area: int) -> list[int]:
    """List all tints, beginning with another one for the next area."""
    return [(area + step) % TINTS for step in range(TINTS)]
