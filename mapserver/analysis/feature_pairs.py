"""Which feature of one version of a layer is which of the other, also where its id has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapserver.analysis.shifts import measure_shift_m


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a layer, as its features are recognised.

    Attributes
    ----------
    ids, names
        Of each feature; an empty name where it has none.
    shapes
        In a plane in metres, without heights.
    """

    ids: list[str]
    names: list[str]
    shapes: npt.NDArray[np.object_]

    @classmethod
    def from_frame(cls, frame: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_]) -> Version:
        """Make it of a frame; a feature without a name is recognised by its kind."""
        names = ["" for _ in range(len(frame))]
        for column in ("kind", "name"):
            if column in frame:
                cells = frame[column]
                names = [
                    str(cell).strip() if is_known else name
                    for cell, is_known, name in zip(cells, cells.notna(), names, strict=True)
                ]
        return cls([str(id_) for id_ in frame.index], names, shapes)


def pair_features(
    old: Version, new: Version, tolerance_m: float, *, has_stable_ids: bool
) -> list[tuple[int, int]]:
    """Pair the features of two versions that are the same.

    First what has id, name or place in common with its like, best first: id and name, then name and
    place where an id has changed, then the id alone, then the place of a line or an area alone.

    Parameters
    ----------
    old, new
        The versions.
    tolerance_m
        How far a place may lie from what it was and be the same.
    has_stable_ids
        Whether ids mean the same in both versions. Those that are only numbers of rows are followed
        where the name is the same, too.

    Returns
    -------
    list of tuple
        Positions in both versions, each position once.
    """
    pairs: dict[int, int] = {}
    near_pairs = _find_near_pairs(old, new, tolerance_m)
    new_ids = {id_: position for position, id_ in enumerate(new.ids)}
    by_id = [(n, new_ids[id_]) for n, id_ in enumerate(old.ids) if id_ in new_ids]
    near_set = set(near_pairs)
    if has_stable_ids:
        steps = [
            [pair for pair in by_id if _has_same_name(old, new, pair)],
            [pair for pair in near_pairs if _has_same_name(old, new, pair)],
            by_id,
        ]
    else:
        # A row above all others moves every number: name and place say more than it.
        steps = [
            [pair for pair in by_id if _has_same_name(old, new, pair) and pair in near_set],
            [pair for pair in near_pairs if _has_same_name(old, new, pair)],
            [pair for pair in by_id if _has_same_name(old, new, pair) or pair in near_set],
        ]
    is_point = shapely.get_dimensions(old.shapes) == 0
    # Several shops stand on one point, but no two trails or districts on one line.
    steps.append([pair for pair in near_pairs if not is_point[pair[0]]])
    # What one step has paired is out of the question for the next ones.
    for step in steps:
        pairs.update(_select_unique(_select_free(step, pairs)))
    return sorted(pairs.items())


def _has_same_name(old: Version, new: Version, pair: tuple[int, int]) -> bool:
    return old.names[pair[0]] == new.names[pair[1]]


def _select_free(step: list[tuple[int, int]], pairs: dict[int, int]) -> list[tuple[int, int]]:
    """Return the pairs of which neither feature has found its like yet."""
    paired_new = set(pairs.values())
    return [(a, b) for a, b in step if a not in pairs and b not in paired_new]


def _select_unique(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Return the pairs whose features stand in no other pair."""
    counts: tuple[Counter[Hashable], Counter[Hashable]] = (
        Counter(a for a, _ in pairs),
        Counter(b for _, b in pairs),
    )
    return {a: b for a, b in pairs if counts[0][a] == 1 and counts[1][b] == 1}


def _find_near_pairs(old: Version, new: Version, tolerance_m: float) -> list[tuple[int, int]]:
    """Find all pairs of features that lie at the same place."""
    # What lies farther apart than the tolerance anywhere has a larger shift: the tree preselects.
    candidates = shapely.STRtree(new.shapes).query(old.shapes, "dwithin", distance=tolerance_m)
    pairs = []
    for a, b in zip(*candidates.tolist(), strict=True):
        shapes = old.shapes[a], new.shapes[b]
        # Neighbours of a district touch it: boxes say at once that they are elsewhere.
        boxes = np.abs(np.subtract(*(shape.bounds for shape in shapes)))
        if boxes.max() > tolerance_m:
            continue
        shift_m = measure_shift_m(*shapes)
        if shift_m is not None and shift_m <= tolerance_m:
            pairs.append((a, b))
    return pairs
