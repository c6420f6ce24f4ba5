"""What changed between two versions of a layer: features, places, measures and cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from mapserver.analysis.city_changes import Change, Value
from mapserver.analysis.feature_pairs import Version, pair_features
from mapserver.analysis.frames import project_shapes
from mapserver.analysis.shifts import measure_shift_m
from mapserver.analysis.shops import payments
from mapserver.analysis.unread import CATALOG, Unread
from mapserver.analysis.values import format_value, is_same_answer, is_same_value
from mapserver.geo import geodesy
from mapserver.geo.slopes import SLOPE_COLUMNS
from mapserver.model import Role

DERIVED_COLUMNS = {
    Role.TRAILS: frozenset(
        (
            *("file", "kind", "segments", "points", "length_m", "ascent_m", "descent_m"),
            *("min_ele_m", "max_ele_m", "time_start", "time_end"),
            *SLOPE_COLUMNS,
        )
    ),
    Role.FACILITIES: frozenset(("file", "elevation_m", "trail")),
}
"""Columns that follow from the line or from how it was recorded: the line itself is compared."""
PLACE_COLUMNS = frozenset(("lon", "lat"))
"""Columns that say again where a point lies."""
MOVE_KINDS = ("moved", "rerouted", "reshaped")
"""The kind of change of a point, a line and an area that lies elsewhere."""
GPX_FILES = "gpx/"
"""What layers are called to come from that are read out of GPX files."""
REGISTER = "gpx/trails.csv"
LEAST_MEASURE_SHARE, LEAST_LENGTH_M, LEAST_AREA_M2 = 0.1, 20.0, 100.0
"""A line or border at the same place has another length or area only where it differs by this much:
rounded coordinates make a line of short steps longer by some percent."""


class Side(NamedTuple):
    """One version of a layer.

    Attributes
    ----------
    frame
        Its features, in EPSG:4326.
    file
        Its file, relative to the city folder.
    unread
        What of its city could not be read.
    """

    frame: gpd.GeoDataFrame
    file: str
    unread: Unread


@dataclass(frozen=True, slots=True)
class LayerPair:
    """Two versions of a layer and how they are compared.

    Attributes
    ----------
    id, role
        Of the layer.
    old, new
        The versions.
    crs
        A plane in metres.
    tolerance_m
        What has moved by less has not moved.
    """

    id: str
    role: Role
    old: Side
    new: Side
    crs: CRS
    tolerance_m: float

    def make_change(self, kind: str, **values: Any) -> Change:
        """Make a change of this layer."""
        role = "" if self.role == Role.LAYER else str(self.role)
        return Change(self.id, kind, role=role, **values)


def compare_layer(pair: LayerPair) -> Iterator[Change]:
    """List what changed between two versions of a layer."""
    sides = pair.old, pair.new
    frames = [_read_certificates(side.frame, pair.role) for side in sides]
    old, new = (
        Version.from_frame(side.frame, project_shapes(side.frame, pair.crs)) for side in sides
    )
    is_numbered = any(side.unread.is_numbered(side.file) for side in sides)
    # Facilities out of GPX files are numbered by their place in them.
    has_stable_ids = not is_numbered and not (
        pair.role == Role.FACILITIES and any(side.file == GPX_FILES for side in sides)
    )
    matches = pair_features(old, new, pair.tolerance_m, has_stable_ids=has_stable_ids)
    new_only = set(range(len(new.ids))) - {b for _, b in matches}
    old_only = set(range(len(old.ids))) - {a for a, _ in matches}
    for kind, only, version, side, other_side in (
        ("come", new_only, new, pair.new, pair.old),
        ("gone", old_only, old, pair.old, pair.new),
    ):
        for position in only:
            is_unknown = _may_be_unread(side, other_side, position)
            yield pair.make_change(
                "unknown" if is_unknown else kind,
                id=version.ids[position],
                name=version.names[position],
                # Which of the two states could not be read.
                attribute=("before" if kind == "come" else "after") if is_unknown else "",
            )
    for a, b in matches:
        if has_stable_ids and old.ids[a] != new.ids[b]:
            yield pair.make_change(
                "renumbered",
                id=new.ids[b],
                name=new.names[b],
                attribute="id",
                before=old.ids[a],
                after=new.ids[b],
            )
        yield from _compare_places(pair, old, new, (a, b))
    yield from _compare_cells(pair, frames, (old, new), matches)


def _read_certificates(frame: gpd.GeoDataFrame, role: Role) -> gpd.GeoDataFrame:
    """Return shops with their certificates written in one way: yes, no, or nothing."""
    if role != Role.SHOPS:
        return frame
    words = payments(frame).drop(columns="any")
    present = {
        f"onnuri_{kind}": words[kind].map({True: "yes", False: "no"}).astype(object)
        for kind in words
        if f"onnuri_{kind}" in frame
    }
    return frame.assign(**present)


def _may_be_unread(side: Side, other_side: Side, position: int) -> bool:
    """Return whether a feature may stand in a file of the other version that cannot be read."""
    if other_side.file != GPX_FILES:
        return other_side.unread.has_lost(other_side.file)
    files = side.frame.get("file")
    own_file = "" if files is None else str(files.iloc[position])
    return any(other_side.unread.has_lost(file) for file in (own_file, GPX_FILES, CATALOG) if file)


# -- places and measures ---------------------------------------------------------------------------


def _compare_places(
    pair: LayerPair, old: Version, new: Version, match: tuple[int, int]
) -> Iterator[Change]:
    """Compare where a feature lies, how long and how large it is."""
    a, b = match
    # How far it lies from where it was, in the plane; lengths and areas are geodesic.
    shift_m = measure_shift_m(old.shapes[a], new.shapes[b])
    feature = {"id": new.ids[b], "name": new.names[b]}
    dimension = max(shapely.get_dimensions([old.shapes[a], new.shapes[b]]).tolist())
    has_moved = shift_m is None or shift_m > pair.tolerance_m
    if has_moved:
        kind = MOVE_KINDS[max(0, min(dimension, 2))]
        distance_m = None if shift_m is None else round(shift_m, 1)
        yield pair.make_change(kind, distance_m=distance_m, **feature)
    if dimension < 1:
        return
    measure, attribute, digits, threshold = (
        (geodesy.length_m, "length_m", 1, LEAST_LENGTH_M)
        if dimension == 1
        else (geodesy.area_m2, "area_m2", 0, LEAST_AREA_M2)
    )
    shapes = [pair.old.frame.geometry.iloc[a], pair.new.frame.geometry.iloc[b]]
    values = [
        None if shape is None or shape.is_empty else float(measure(np.array([shape]))[0])
        for shape in shapes
    ]
    if has_moved or _do_measures_differ(values, threshold):
        before, after = (None if value is None else round(value, digits) for value in values)
        yield pair.make_change(
            "measured", attribute=attribute, before=before, after=after, **feature
        )


def _do_measures_differ(values: list[float | None], threshold: float) -> bool:
    """Return whether two measures of a feature differ by more than rounding brings about."""
    old, new = values
    if old is None or new is None:
        return old is not new
    return abs(new - old) > max(threshold, LEAST_MEASURE_SHARE * max(old, new))


# -- cells -----------------------------------------------------------------------------------------


def _compare_cells(
    pair: LayerPair,
    frames: list[gpd.GeoDataFrame],
    versions: tuple[Version, Version],
    matches: list[tuple[int, int]],
) -> Iterator[Change]:
    """Compare the cells of features that both versions have, column by column."""
    # The cells of both versions in the same order, so that they are compared one by one.
    old_positions = [a for a, _ in matches]
    new_positions = [b for _, b in matches]
    left_out = DERIVED_COLUMNS.get(pair.role, frozenset()) | {*PLACE_COLUMNS, "geometry"}
    columns = [str(c) for frame in frames for c in frame if c != frame.geometry.name]
    for column in dict.fromkeys(columns):
        if column in left_out:
            continue
        has = [column in frame for frame in frames]
        # A column of the register concerns each trail; one of thousands of shops is said once.
        if not all(has) and pair.role != Role.TRAILS:
            yield from _compare_headers(pair, column, has_new=has[1])
            continue
        cells = (
            frame[column].astype(object).iloc[positions].to_list()
            if column in frame
            else [None] * len(positions)
            for frame, positions in zip(frames, (old_positions, new_positions), strict=True)
        )
        for (_, b), before, after in zip(matches, *cells, strict=True):
            is_same = is_same_value(before, after) or (
                column != "name" and is_same_answer(before, after)
            )
            if is_same or _is_cell_unread(pair, column, before, after):
                continue
            yield pair.make_change(
                "renamed" if column == "name" else "changed",
                id=versions[1].ids[b],
                name=versions[1].names[b],
                attribute=column,
                before=_write_cell(before),
                after=_write_cell(after),
            )


def _compare_headers(pair: LayerPair, column: str, *, has_new: bool) -> Iterator[Change]:
    """Return a column that only one version has, once and not for each feature."""
    side = pair.new if has_new else pair.old
    # A column in which nothing stands says nothing.
    if bool(side.frame[column].map(format_value).ne("").any()):
        yield pair.make_change("column_come" if has_new else "column_gone", attribute=column)


def _is_cell_unread(pair: LayerPair, column: str, before: object, after: object) -> bool:
    """Return whether a cell is empty, or not the register's, only since it could not be read."""
    for side, cell in ((pair.old, before), (pair.new, after)):
        files = (side.file, REGISTER) if pair.role == Role.TRAILS else (side.file,)
        for file in files:
            is_empty = format_value(cell) == ""
            if is_empty and side.unread.has_lost_cells(file, column):
                return True
            # Without its register a trail has the name that its line has.
            if pair.role == Role.TRAILS and column == "name" and side.unread.has_lost(file):
                return True
    return False


def _write_cell(cell: Any) -> Value:
    """Return a cell as a change has it: text, or None where nothing is known."""
    return format_value(cell) or None
