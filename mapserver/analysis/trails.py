"""Trails in numbers: length, ascent, sinuosity, surface; by area they add up to the whole."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver import along, arguments, extent, geodesy
from mapserver.analysis.frames import AREA, OUTSIDE, convert_indexed_layer, select_polygons
from mapserver.analysis.shops import assign
from mapserver.geodesy import Floats, Geometries

__all__ = ["OUTSIDE", "by_area", "by_surface", "by_trail", "split"]

THROUGH_M = 0.001
"""A trail passes through an area if so much of it lies there: less is a border drawn twice."""
COUNTED = ("trails", "trails_through", "length_m", "ascent_m")


def by_trail(trails: gpd.GeoDataFrame) -> pd.DataFrame:
    """Describe each trail by numbers.

    Parameters
    ----------
    trails
        Lines in any CRS, indexed by id, as ``city.trails``; their ``ascent_m`` and ``descent_m``
        are those of the layer.

    Returns
    -------
    DataFrame
        Indexed as the trails: ``name`` and ``surface`` where they are there, ``length_m``
        (geodesic; a gap between two segments is not walked), ``ascent_m``, ``descent_m`` (NaN
        without heights), ``sinuosity`` (length over the straight distance between the ends, Mueller
        1968; NaN for a loop and without a line; a gap counts only in the straight distance) and
        ``loop`` (the ends are within 20 m). Of a trail without a line all of these are unknown.

    Raises
    ------
    CrsError
        The trails have no CRS.

    Examples
    --------
    >>> import geopandas, shapely
    >>> corner = shapely.LineString([(0, 0), (0, 300), (400, 300)])
    >>> trails = geopandas.GeoDataFrame(geometry=[corner], crs="EPSG:5186")
    >>> trails.geometry = trails.translate(186_000, 282_000)
    >>> round(by_trail(trails)["sinuosity"].iloc[0], 3)  # 700 m for 500 m
    np.float64(1.4)
    """
    trails = convert_indexed_layer(trails, "trails")
    ways = [along.way(line) for line in trails.geometry]
    straight = np.array(
        [
            geodesy.distance_m(way.lon[0], way.lat[0], way.lon[-1], way.lat[-1])
            if len(way.lon)
            else np.nan
            for way in ways
        ],
        dtype=float,
    )
    is_line = np.array([len(way.lon) > 0 for way in ways], bool)
    loop = np.array([way.is_loop for way in ways], bool)
    length = np.where(is_line, geodesy.length_m(trails.geometry.to_numpy()), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        sinuosity = np.where(loop | (straight == 0), np.nan, length / straight)
    table = pd.DataFrame({"length_m": length}, index=trails.index)
    for column in ("ascent_m", "descent_m"):
        table[column] = trails.get(column, np.nan)
    named = [column for column in ("name", "surface") if column in trails]
    table = table.assign(sinuosity=sinuosity, loop=loop)
    if not is_line.all():
        table["loop"] = table["loop"].astype("boolean").mask(~is_line)
    return pd.DataFrame(trails[named]).join(table)


def split(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut trails at the borders of areas, so that every metre belongs to one area or to none.

    Parameters
    ----------
    trails, areas
        Lines and polygons in any CRS, indexed by id. Where polygons overlap, or share a border
        that a trail follows, the metres belong to the first by id.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by ``area`` (``""`` outside of all) and ``trail``, trail by trail:
        ``length_m`` (geodesic), ``ascent_m`` (NaN without heights) and the part of the line. Of
        each trail they add up to its own. A trail without a line has no row.

    Raises
    ------
    CrsError
        A layer has no CRS.

    Notes
    -----
    Each step from vertex to vertex is cut by itself, where it crosses a border (edges are straight
    in lon/lat), and shared by how much of it lies where; so a way walked twice, there and back,
    counts twice, as it does in the trail's length. The trail's own ``ascent_m`` is shared by where
    its line rises: its small wavers, which it leaves out, shrink with the rest.
    """
    trails, areas = convert_indexed_layer(trails, "trails"), convert_indexed_layer(areas, "areas")
    by_id = select_polygons(areas).sort_index()
    lines = trails.geometry.to_numpy()
    about, _ = extent.find_middle(shapely.get_coordinates(lines))
    # A step over 180 degrees is one where all is counted on from the trails' side of it.
    is_over = bool((np.ptp(shapely.bounds(lines)[:, [0, 2]], axis=1) > 180).any())
    if is_over:
        lines = extent.unroll(lines, about)
        by_id = gpd.GeoSeries(extent.unroll(by_id.to_numpy(), about), by_id.index)
    steps = _Steps.of(lines)
    step, start, end, area = steps.cut(by_id.to_numpy())
    share = steps.share(step, start, end)
    pieces = pd.DataFrame(
        {
            "trail": steps.trail[step],
            "area": area,
            "length_m": steps.length_m[step] * share,
            "climb": steps.climb_m[step] * share,
        }
    )
    pieces = pieces.groupby(["trail", "area"], as_index=False).sum()
    # Outside of all (-1) comes last.
    pieces = pieces.sort_values(["trail", "area"], key=lambda c: c.where(c >= 0, len(by_id)))
    ascent = np.full(len(pieces), np.nan)
    if "ascent_m" in trails:
        ascent = _shared(pieces, trails["ascent_m"].to_numpy(float))
    names = np.append(by_id.index.to_numpy(dtype=object), OUTSIDE)
    return gpd.GeoDataFrame(
        {
            AREA: names[pieces["area"]],
            "trail": trails.index.to_numpy()[pieces["trail"]],
            "length_m": pieces["length_m"].to_numpy(),
            "ascent_m": ascent,
        },
        geometry=extent.roll(steps.lines(step, start, end, area, pieces)),
        crs=geodesy.LONLAT,
    ).set_index([AREA, "trail"])


def by_area(
    trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Count the trails of each area.

    Parameters
    ----------
    trails, areas
        As for :func:`split`.
    facilities
        Points in any CRS with ``kind``, to be counted where they lie; on a border in the first
        area by id, without a place outside.

    Returns
    -------
    DataFrame
        Indexed by ``area``, with a row ``""`` for what lies outside of all: ``trails`` (each
        counted once, where most of it lies; without a line outside), ``trails_through`` (at least
        a millimetre of it lies there, not only a point), ``length_m``, ``ascent_m`` (NaN where one
        of the trails has no heights), and a
        column for each kind of facility (``facility_<kind>`` if it is named as one of ours,
        ``other`` without a kind). All but ``trails_through`` add up to the whole.

    Raises
    ------
    CrsError
        A layer has no CRS.

    Notes
    -----
    Zones that were dissolved from the neighbourhoods have the sums of their neighbourhoods. Zones
    from a file of their own have them only where both follow the same borders.
    """
    pieces = split(trails, areas).reset_index()
    most = pieces.sort_values(["length_m", "area"], ascending=[False, True], kind="stable")
    most = most.drop_duplicates("trail")
    by = pieces.groupby(AREA)
    table = pd.DataFrame(
        {
            "trails": most.groupby(AREA).size(),
            "trails_through": pieces[pieces["length_m"] >= THROUGH_M].groupby(AREA).size(),
            "length_m": by["length_m"].sum(),
            # A sum of which a part is unknown is unknown.
            "ascent_m": by["ascent_m"].agg(lambda parts: parts.sum(skipna=False)),
        }
    )
    table = table.reindex([*areas.index, OUTSIDE])
    is_empty = ~table.index.isin(pieces["area"])
    table["ascent_m"] = table["ascent_m"].mask(is_empty, 0.0)
    if facilities is not None:
        arguments.require_frame(facilities, "facilities")
    if facilities is not None and len(facilities):
        table = table.join(_facilities(facilities, areas))
    others = table.columns != "ascent_m"
    table.loc[:, others] = table.loc[:, others].fillna(0.0)
    lineless = len(trails) - len(most)
    table["trails"] += np.where(table.index == OUTSIDE, lineless, 0)
    counts = [column for column in table if column not in {"length_m", "ascent_m"}]
    return table.astype(dict.fromkeys(counts, int)).rename_axis(AREA)


def by_surface(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Add up the length of each surface, in all or area by area.

    Parameters
    ----------
    trails, areas
        As for :func:`split`; the trails' ``surface`` is one for the whole trail.

    Returns
    -------
    DataFrame
        ``length_m`` of each surface, indexed by ``area`` (areas and ``""``, or one row ``all``);
        a trail without a surface counts as ``unknown``. The sum of all is the length of all
        trails, in metres.

    Raises
    ------
    CrsError
        A layer has no CRS.
    """
    trails = convert_indexed_layer(trails, "trails")
    surface = trails["surface"] if "surface" in trails else pd.Series(None, trails.index, dtype=str)
    surface = surface.fillna("unknown").replace("", "unknown")
    if areas is None:
        length = pd.Series(geodesy.length_m(trails.geometry.to_numpy()), trails.index)
        return length.groupby(surface).sum().to_frame("all").T.rename_axis(AREA)
    pieces = split(trails, areas).reset_index()
    table = pieces.groupby(["area", pieces["trail"].map(surface)])["length_m"].sum().unstack()
    every: pd.DataFrame = table.reindex([*areas.index, OUTSIDE]).fillna(0.0)
    return every.rename_axis(AREA).rename_axis(columns=None)


@dataclass(frozen=True)
class _Steps:
    """The steps of lines from vertex to vertex.

    Attributes
    ----------
    xyz
        Shape (s, 2, 3), both ends of each: degrees, and metres above the sea.
    trail, part
        Shape (s,), the line each belongs to, and the segment.
    length_m, climb_m
        Shape (s,), geodesic, and upward (0 without heights).
    """

    xyz: Floats
    trail: np.ndarray
    part: np.ndarray
    length_m: Floats
    climb_m: Floats

    @classmethod
    def of(cls, lines: Geometries) -> _Steps:
        parts, trail = shapely.get_parts(lines, return_index=True)
        xyz, part = shapely.get_coordinates(parts, include_z=True, return_index=True)
        # A point that stands twice is no step: on a border it would have no length in either area.
        is_step = (part[1:] == part[:-1]) & (xyz[1:, :2] != xyz[:-1, :2]).any(axis=1)
        steps = np.stack([xyz[:-1][is_step], xyz[1:][is_step]], axis=1)
        lon, lat, height = np.moveaxis(steps, 2, 0)
        length = geodesy.distance_m(lon[:, 0], lat[:, 0], lon[:, 1], lat[:, 1])
        climb = np.nan_to_num(np.clip(height[:, 1] - height[:, 0], 0, None))
        part = part[1:][is_step]
        return cls(steps, trail[part], part, length, climb)

    def cut(self, areas: Geometries) -> tuple[np.ndarray, Floats, Floats, np.ndarray]:
        """Divide the steps at the borders of areas.

        Returns
        -------
        step, start, end, area
            Shape (p,), in the order in which they are walked. Of each step the pieces go from 0 to
            1 without a gap; ``area`` is the first that holds the piece, -1 for none.
        """
        lines = np.asarray(shapely.linestrings(self.xyz[:, :, :2]), dtype=object)
        lines = lines.reshape(len(self.xyz))
        shapely.prepare(areas)
        step, area = shapely.STRtree(areas).query(lines, predicate="intersects")
        whole = shapely.covers(areas[area], lines[step])
        first = np.full(len(lines), len(areas))
        np.minimum.at(first, step, area)
        # A step that its first area covers needs no cutting; neither does one that meets none.
        done = np.isin(np.arange(len(lines)), step[whole & (area == first[step])])
        crossing = np.flatnonzero(~done & (first < len(areas)))
        plain = np.setdiff1d(np.arange(len(lines)), crossing)
        inner = np.where(done, first, -1)[plain]
        pieces = [(plain, np.zeros(len(plain)), np.ones(len(plain)), inner)]
        for at in crossing:
            here = np.sort(area[step == at])
            a, b, owner = _intervals(self.xyz[at, :, :2], lines[at], here, areas[here])
            pieces.append((np.full(len(a), at), a, b, owner))
        step, a, b, owner = (np.concatenate(each) for each in zip(*pieces, strict=True))
        order = np.lexsort((a, step))
        return step[order], a[order], b[order], owner[order]

    def share(self, step: np.ndarray, start: Floats, end: Floats) -> Floats:
        """Tell what share of its step, in metres, each piece is: of each step they make 1."""
        first, way = self.xyz[step, 0, :2], self.xyz[step, 1, :2] - self.xyz[step, 0, :2]
        a, b = first + way * start[:, None], first + way * end[:, None]
        metres = geodesy.distance_m(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
        whole = np.bincount(step, metres, len(self.xyz))[step]
        made: Floats = np.where(whole > 0, metres / np.where(whole > 0, whole, 1), end - start)
        return made

    def lines(
        self, step: np.ndarray, start: Floats, end: Floats, area: np.ndarray, rows: pd.DataFrame
    ) -> Geometries:
        """Join the pieces of each trail and area that follow one another to lines."""
        if not len(step):
            return np.empty(0, dtype=object)
        first, last = self.xyz[step, 0], self.xyz[step, 1]
        a = first + (last - first) * start[:, None]
        b = np.where(end[:, None] == 1, last, first + (last - first) * end[:, None])
        fresh = np.r_[True, (area[1:] != area[:-1]) | (self.part[step[1:]] != self.part[step[:-1]])]
        run = np.cumsum(fresh) - 1
        # Of each run the beginning of its first piece, and the ends of all.
        at = np.r_[np.flatnonzero(fresh) - 0.5, np.arange(len(step))]
        order = np.argsort(at, kind="stable")
        xyz = np.concatenate([a[fresh], b])[order]
        of_run = np.concatenate([run[fresh], run])[order]
        flat = np.isnan(xyz[:, 2]).any()
        parts = shapely.linestrings(xyz[:, :2] if flat else xyz, indices=of_run)
        begins = step[fresh]
        key = pd.MultiIndex.from_arrays([self.trail[begins], area[fresh]])
        row = pd.MultiIndex.from_frame(rows[["trail", "area"]]).get_indexer(key)
        together = np.argsort(row, kind="stable")
        made: Geometries = np.asarray(
            shapely.multilinestrings(parts[together], indices=row[together])
        )
        return made


def _intervals(
    xy: Floats, line: shapely.LineString, names: np.ndarray, areas: Geometries
) -> tuple[Floats, Floats, np.ndarray]:
    """Divide one step at the borders of the areas that it meets: from 0 to 1, whose it is."""
    inside = []
    for name, each in zip(names, shapely.intersection(line, areas), strict=True):
        parts = shapely.get_parts(each)
        parts = parts[shapely.length(parts) > 0]
        ends = np.stack([_along(xy, shapely.get_point(parts, n)) for n in (0, -1)], axis=-1)
        inside += [(*sorted(pair), name) for pair in ends.tolist()]
    cuts = np.unique([0.0, 1.0, *(t for low, high, _ in inside for t in (low, high))])
    middle = (cuts[:-1] + cuts[1:]) / 2
    owner = np.full(len(middle), -1)
    for low, high, name in reversed(inside):  # the first by id has the last word
        owner[(low <= middle) & (middle <= high)] = name
    return cuts[:-1], cuts[1:], owner


def _along(xy: Floats, points: Geometries) -> Floats:
    """Tell where points lie on a step, from 0 to 1."""
    way = xy[1] - xy[0]
    apart = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=-1) - xy[0]
    part: Floats = np.clip((apart @ way) / (way @ way), 0.0, 1.0)
    return part


def _facilities(facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    where = assign(facilities, areas).fillna(OUTSIDE)
    kinds = facilities["kind"] if "kind" in facilities else pd.Series(None, facilities.index)
    kinds = kinds.astype(object).where(kinds.notna(), "").replace("", "other")
    table = pd.crosstab(where, kinds)
    return table.rename(columns={kind: f"facility_{kind}" for kind in COUNTED})


def _shared(pieces: pd.DataFrame, whole: Floats) -> Floats:
    """Share the ascent of each trail by where its line rises, or by length where it does not."""
    by = pieces.groupby("trail")
    climb, length = by["climb"].transform("sum"), by["length_m"].transform("sum")
    share = np.where(climb > 0, pieces["climb"] / climb, pieces["length_m"] / length)
    part: Floats = whole[pieces["trail"]] * share
    return part
