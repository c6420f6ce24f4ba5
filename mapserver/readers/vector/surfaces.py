"""Triangles, TINs and polyhedral surfaces as the polygons that they are, in well-known binary."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from mapserver.errors import N_
from mapserver.readers.vector.source import with_unique_columns
from mapserver.text.findings import Finding, Severity

POLYGON, MULTIPOLYGON = 3, 6
SURFACES = {15: MULTIPOLYGON, 16: MULTIPOLYGON, 17: POLYGON}
"""Types of well-known binary that GEOS does not know, PolyhedralSurface, TIN and Triangle, and the
types whose layout they share (OGC 06-103r4, 8.2.8)."""

COLLECTIONS = frozenset({4, 5, 6, 7, 15, 16})
HIGH_BITS = 0xF0000000
"""Marks of heights and measures as GDAL and PostGIS write them; ISO adds 1000, 2000 or 3000."""


def read_frame(path: Path, fields: Iterable[str], **options: Any) -> gpd.GeoDataFrame:
    """Read a layer with GDAL, surfaces among its geometries as polygons.

    Parameters
    ----------
    path
        The file.
    fields
        Names of the file's columns, as ``pyogrio.read_info`` has them.
    options
        Of :func:`pyogrio.read_dataframe`.

    Returns
    -------
    GeoDataFrame
        A geometry that is none that we know is None there; ``attrs["unknown_geometries"]`` are
        the positions of such rows.
    """
    try:
        if "geometry" in fields:
            return with_unique_columns(_read_geometry_column(path, options))
        # The quick way first; only files with surfaces raise, and are read a second time.
        return with_unique_columns(pyogrio.read_dataframe(path, **options))
    except shapely.errors.GEOSException:
        return with_unique_columns(_read_surfaces(path, options))


def report_unknown_geometries(frame: gpd.GeoDataFrame, name: str) -> list[Finding]:
    """List the rows of :func:`read_frame` whose geometries are none that we know."""
    return [
        Finding(
            Severity.ERROR,
            "geometry-unreadable",
            name,
            N_("the geometry cannot be read: {reason}"),
            N_("Draw it as points, lines or polygons"),
            f"number {at + 1}",
            {"reason": reason},
        )
        for at, reason in frame.attrs.get("unknown_geometries", {}).items()
    ]


def _read_geometry_column(path: Path, options: dict[str, Any]) -> gpd.GeoDataFrame:
    """Read a layer with a column called ``geometry``, in whose place GDAL's reader puts another."""
    places = pyogrio.read_dataframe(path, columns=[], **options)
    table = pyogrio.read_dataframe(path, **options, read_geometry=False)
    free = next(
        name
        for name in ("original_geometry", *(f"original_geometry_{n}" for n in range(2, 10_000)))
        if name not in table
    )
    renamed = table.rename(columns={"geometry": free})
    return gpd.GeoDataFrame(renamed, geometry=places.geometry.to_numpy(), crs=places.crs)


def _read_surfaces(path: Path, options: dict[str, Any]) -> gpd.GeoDataFrame:
    plain = pyogrio.read_dataframe(path, **options, read_geometry=False)
    layer_options = {key: options[key] for key in ("layer", "encoding") if key in options}
    meta, _, raw, _ = pyogrio.raw.read(path, columns=[], **layer_options)
    geometries, reasons = parse_as_polygons(raw)
    frame = gpd.GeoDataFrame(plain, geometry=geometries, crs=meta["crs"])
    frame.attrs["unknown_geometries"] = reasons
    return frame


def parse_as_polygons(raw: npt.NDArray[np.object_]) -> tuple[Any, dict[int, str]]:
    """Read well-known binary in which surfaces are polygons.

    Returns
    -------
    geometries : ndarray of geometry
        None where there is none, or none that can be read.
    reasons : dict
        Positions of those that cannot be read, and why.
    """
    geometries = np.full(len(raw), None, dtype=object)
    reasons = {}
    for position, data in enumerate(raw):
        if data is None:
            continue
        try:
            geometries[position] = shapely.from_wkb(_TypeRewriter(bytearray(data)).rewrite_types())
        except (shapely.errors.GEOSException, struct.error, ValueError) as error:
            reasons[position] = str(error)
    return geometries, reasons


@dataclass
class _TypeRewriter:
    """Walks through one geometry and overwrites types that GEOS does not know by those it knows."""

    data: bytearray
    offset: int = 0

    def rewrite_types(self) -> bytes:
        self._rewrite_geometry()
        return bytes(self.data)

    def _rewrite_geometry(self) -> None:
        # Well-known binary (OGC 06-103r4, 8.2): one byte for the byte order, four for the type.
        order = "<" if self.data[self.offset] else ">"
        (code,) = struct.unpack_from(f"{order}I", self.data, self.offset + 1)
        # EWKB marks height, measure and SRID in the high bits; ISO adds 1000, 2000 or 3000 to the
        # type.
        marks = code & HIGH_BITS
        thousands, kind = divmod(code & ~HIGH_BITS, 1000)
        ordinates = 2 + _extra_ordinates(marks, thousands)
        if kind in SURFACES:
            type_code = marks | (thousands * 1000 + SURFACES[kind])
            struct.pack_into(f"{order}I", self.data, self.offset + 1, type_code)
        # An SRID of four bytes follows the type where its bit is set.
        self.offset += 5 + (4 if marks & 0x20000000 else 0)
        if kind in COLLECTIONS:
            for _ in range(self._read_count(order)):
                self._rewrite_geometry()
        elif kind == 1:
            self.offset += 8 * ordinates
        elif kind == 2:
            self._skip_vertices(order, ordinates)
        elif kind in {POLYGON, 17}:
            for _ in range(self._read_count(order)):
                self._skip_vertices(order, ordinates)
        else:
            message = f"WKB type {kind}"
            raise ValueError(message)

    def _skip_vertices(self, order: str, ordinates: int) -> None:
        count = self._read_count(order)
        self.offset += 8 * ordinates * count

    def _read_count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self.data, self.offset)
        self.offset += 4
        return int(count)


def _extra_ordinates(marks: int, thousands: int) -> int:
    """Count heights and measures of a vertex, by the marks of EWKB or the thousands of ISO."""
    by_marks = bool(marks & 0x80000000) + bool(marks & 0x40000000)
    return by_marks or {0: 0, 1: 1, 2: 1, 3: 2}.get(thousands, 0)
