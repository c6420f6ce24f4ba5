"""The steps of lines from vertex to vertex, divided at the borders of areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries


@dataclass(frozen=True)
class LineSteps:
    """The steps of lines, each from one vertex to the next.

    Attributes
    ----------
    xyz
        Shape (s, 2, 3), both ends of each: degrees, and metres above the sea.
    trail, part
        Shape (s,), the positions of the line and of the segment to which each belongs.
    length_m, climb_m
        Shape (s,), geodesic, and upward (0 without heights).
    """

    xyz: Floats
    trail: np.ndarray
    part: np.ndarray
    length_m: Floats
    climb_m: Floats

    @classmethod
    def from_lines(cls, lines: Geometries) -> LineSteps:
        """Return the steps of lines in degrees."""
        parts, trail = shapely.get_parts(lines, return_index=True)
        xyz, part = shapely.get_coordinates(parts, include_z=True, return_index=True)
        # Two vertices of one segment are a step. Where a vertex is repeated there is none: on a
        # border it would be a piece without length.
        is_step = (part[1:] == part[:-1]) & (xyz[1:, :2] != xyz[:-1, :2]).any(axis=1)
        steps = np.stack([xyz[:-1][is_step], xyz[1:][is_step]], axis=1)
        lon, lat, height_m = np.moveaxis(steps, 2, 0)
        length_m = geodesy.distance_m(lon[:, 0], lat[:, 0], lon[:, 1], lat[:, 1])
        # Only rises count. An unknown height gives no rise; the trail's own ascent is then NaN.
        climb_m = np.nan_to_num(np.clip(height_m[:, 1] - height_m[:, 0], 0, None))
        part = part[1:][is_step]
        return cls(steps, trail[part], part, length_m, climb_m)

    def cut_steps(self, areas: Geometries) -> tuple[np.ndarray, Floats, Floats, np.ndarray]:
        """Divide the steps at the borders of areas.

        Returns
        -------
        step, start, end, area
            Shape (p,), in the order in which they are walked. The pieces of a step go from 0 to 1
            without a gap; ``area`` is the first that contains the piece, -1 for none.
        """
        lines = np.asarray(shapely.linestrings(self.xyz[:, :, :2]), dtype=object)
        lines = lines.reshape(len(self.xyz))
        shapely.prepare(areas)
        step, area = shapely.STRtree(areas).query(lines, predicate="intersects")
        is_covered = shapely.covers(areas[area], lines[step])
        # The first area by position that each step meets; `len(areas)` where it meets none.
        first_area = np.full(len(lines), len(areas))
        np.minimum.at(first_area, step, area)
        # A step that its first area covers needs no cutting; neither does one that meets none.
        is_done = np.isin(np.arange(len(lines)), step[is_covered & (area == first_area[step])])
        crossing_steps = np.flatnonzero(~is_done & (first_area < len(areas)))
        plain_steps = np.setdiff1d(np.arange(len(lines)), crossing_steps)
        plain_areas = np.where(is_done, first_area, -1)[plain_steps]
        pieces = [(plain_steps, np.zeros(len(plain_steps)), np.ones(len(plain_steps)), plain_areas)]
        for position in crossing_steps:
            step_areas = np.sort(area[step == position])
            start, end, owner = _divide_step(
                self.xyz[position, :, :2], lines[position], step_areas, areas[step_areas]
            )
            pieces.append((np.full(len(start), position), start, end, owner))
        step, start, end, owner = (np.concatenate(column) for column in zip(*pieces, strict=True))
        order = np.lexsort((start, step))
        return step[order], start[order], end[order], owner[order]

    def share_lengths(self, step: np.ndarray, start: Floats, end: Floats) -> Floats:
        """Compute the share of each piece in the metres of its step; shares of a step sum to 1."""
        # Metres of the pieces are divided by their own sum, not by the length of the step, because
        # a straight line in lon/lat is slightly longer than the geodesic.
        from_xy, step_xy = self.xyz[step, 0, :2], self.xyz[step, 1, :2] - self.xyz[step, 0, :2]
        start_xy, end_xy = from_xy + step_xy * start[:, None], from_xy + step_xy * end[:, None]
        piece_m = geodesy.distance_m(start_xy[:, 0], start_xy[:, 1], end_xy[:, 0], end_xy[:, 1])
        total_m = np.bincount(step, piece_m, len(self.xyz))[step]
        shares: Floats = np.where(
            total_m > 0, piece_m / np.where(total_m > 0, total_m, 1), end - start
        )
        return shares

    def join_lines(
        self, step: np.ndarray, start: Floats, end: Floats, area: np.ndarray, rows: pd.DataFrame
    ) -> Geometries:
        """Join successive pieces of the same trail and area to lines, one for each of some rows."""
        if not len(step):
            return np.empty(0, dtype=object)
        from_xyz, to_xyz = self.xyz[step, 0], self.xyz[step, 1]
        start_xyz = from_xyz + (to_xyz - from_xyz) * start[:, None]
        end_xyz = np.where(end[:, None] == 1, to_xyz, from_xyz + (to_xyz - from_xyz) * end[:, None])
        # A run is a sequence of pieces in one area and one segment of a trail: one line string.
        begins_run = np.r_[
            True, (area[1:] != area[:-1]) | (self.part[step[1:]] != self.part[step[:-1]])
        ]
        run_number = np.cumsum(begins_run) - 1
        # The vertices of a run are the start of its first piece and the ends of all its pieces.
        # A start is ranked half a place before the end of the same piece.
        rank = np.r_[np.flatnonzero(begins_run) - 0.5, np.arange(len(step))]
        rank_order = np.argsort(rank, kind="stable")
        xyz = np.concatenate([start_xyz[begins_run], end_xyz])[rank_order]
        vertex_run = np.concatenate([run_number[begins_run], run_number])[rank_order]
        is_flat = np.isnan(xyz[:, 2]).any()
        parts = shapely.linestrings(xyz[:, :2] if is_flat else xyz, indices=vertex_run)
        # Runs of the same trail and area, which need not follow one another, are one multi-line.
        run_step = step[begins_run]
        run_key = pd.MultiIndex.from_arrays([self.trail[run_step], area[begins_run]])
        run_row = pd.MultiIndex.from_frame(rows[["trail", "area"]]).get_indexer(run_key)
        row_order = np.argsort(run_row, kind="stable")
        lines: Geometries = np.asarray(
            shapely.multilinestrings(parts[row_order], indices=run_row[row_order])
        )
        return lines


def _divide_step(
    xy: Floats, line: shapely.LineString, names: np.ndarray, areas: Geometries
) -> tuple[Floats, Floats, np.ndarray]:
    """Divide one step at the borders of the areas that it meets.

    Returns
    -------
    start, end, area
        Shape (p,): pieces from 0 to 1 along the step, and the first area that contains each,
        -1 for none.
    """
    intervals = []
    for name, intersection in zip(names, shapely.intersection(line, areas), strict=True):
        parts = shapely.get_parts(intersection)
        parts = parts[shapely.length(parts) > 0]
        ends = np.stack(
            [_locate_on_step(xy, shapely.get_point(parts, n)) for n in (0, -1)], axis=-1
        )
        intervals += [(*sorted(pair), name) for pair in ends.tolist()]
    cuts = np.unique([0.0, 1.0, *(t for start, end, _ in intervals for t in (start, end))])
    middle = (cuts[:-1] + cuts[1:]) / 2
    # A piece belongs to the areas whose interval contains its middle. Written in reverse order,
    # the first area by id overwrites the later ones.
    owner = np.full(len(middle), -1)
    for start, end, name in reversed(intervals):
        owner[(start <= middle) & (middle <= end)] = name
    return cuts[:-1], cuts[1:], owner


def _locate_on_step(xy: Floats, points: Geometries) -> Floats:
    """Return the positions of points on a step, from 0 at its start to 1 at its end."""
    # Projection of the offset on the direction of the step: t = (p - a)·(b - a) / |b - a|².
    step_xy = xy[1] - xy[0]
    offset_xy = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=-1) - xy[0]
    fractions: Floats = np.clip((offset_xy @ step_xy) / (step_xy @ step_xy), 0.0, 1.0)
    return fractions
