"""What every check needs of a city: its layers with their files, and its outline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver.geo import extent, geodesy
from mapserver.model import ROLES, Role
from mapserver.readers.vector.repair import POLYGONAL
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity
from mapserver.text.register_words import REGISTER

if TYPE_CHECKING:
    from mapserver.model import Snapshot

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

FAR_M = 100_000
"""A feature farther from the middle of all is no part of the city: Korea's largest city district
measures 70 km, and swapped or mistaken coordinates land much farther away."""


@dataclass(frozen=True)
class Subject:
    """One layer under examination.

    Attributes
    ----------
    layer, role, file
        Its id, what it means to the city, the file it came from.
    frame
        Its features.
    ids, files
        Id and file of each feature, shape ``(n,)``; trails have a file each.
    geometries
        In EPSG:4326, shape ``(n,)``; None where a feature has none or lies far outside, so that
        what is reported once does not disturb the other checks.
    is_missing, is_far
        Which features have no geometry, and which lie far outside; shape ``(n,)``.
    """

    layer: str
    role: Role
    file: str
    frame: gpd.GeoDataFrame
    ids: npt.NDArray[np.object_]
    files: npt.NDArray[np.object_]
    geometries: geodesy.Geometries
    is_missing: Bools
    is_far: Bools

    def report_one(
        self,
        row: int | np.intp,
        severity: Severity,
        code: str,
        what: str,
        mend: str,
        **values: object,
    ) -> Finding:
        """Make a finding about one feature, given by its position in the layer."""
        return Finding(
            severity, code, str(self.files[row]), what, mend, str(self.ids[row]), dict(values)
        )

    def report_some(
        self,
        rows: Positions,
        severity: Severity,
        code: str,
        what: str,
        mend: str,
        **values: object,
    ) -> list[Finding]:
        """Make one finding about some features; the texts use ``{count}`` and ``{ids}``."""
        if not len(rows):
            return []
        counts = {"count": len(rows), "ids": list_first_ids(self.ids[rows])}
        return [Finding(severity, code, self.file, what, mend, values=counts | values)]


class Survey:
    """The layers of a city, prepared for examination.

    Attributes
    ----------
    city
        The city.
    subjects
        Its layers in the order of the catalogue. Zones that were dissolved from the
        neighbourhoods are left out: they have no faults of their own.
    middle
        A point amid the features, lon and lat.
    """

    def __init__(self, city: Snapshot) -> None:
        self.city = city
        self.middle = extent.find_frame_middle(city.layers.values())
        neighborhoods = city.layer_of(Role.NEIGHBORHOODS)
        self.subjects = [
            _make_subject(city, layer, self.middle)
            for layer in city.layers
            if not _is_dissolved(city, layer, neighborhoods)
        ]

    def find_subject(self, role: Role) -> Subject | None:
        """Return the layer of a role, if there is one."""
        return next((s for s in self.subjects if s.role == role), None)

    @cached_property
    def outline(self) -> shapely.Geometry | None:
        """The area of the city: its neighbourhoods, or else its zones, or None."""
        for role in ROLES.values():
            areas = self.find_subject(role)
            if role.row.covers_city and areas is not None:
                # Prepared, since every trail and shop is asked for whether it lies within.
                union = shapely.union_all(areas.geometries[is_kind(areas.geometries, 2)])
                if not union.is_empty:
                    shapely.prepare(union)
                    return union
        return None

    def table_of(self, subject: Subject) -> str:
        """Return which table holds a layer's attributes: the register, or the layer's file."""
        is_register = subject.role == Role.TRAILS and (self.city.path / REGISTER).is_file()
        return REGISTER if is_register else subject.file

    def project(self, geometries: geodesy.Geometries) -> geodesy.Geometries:
        """Bring geometries into the city's metric CRS, where metres can be read off."""
        return _transform_geometries(geometries, geodesy.LONLAT, self.city.metric_crs)

    def unproject(self, geometries: geodesy.Geometries) -> geodesy.Geometries:
        """Bring geometries from the metric CRS back to EPSG:4326."""
        return _transform_geometries(geometries, self.city.metric_crs, geodesy.LONLAT)


def is_kind(geometries: geodesy.Geometries, dimension: int) -> Bools:
    """Find which geometries are points (0), lines (1) or polygons (2); missing ones are none."""
    result: Bools = shapely.get_dimensions(geometries) == dimension
    return result


def extract_polygons(geometries: geodesy.Geometries) -> geodesy.Geometries:
    """Return the polygons of what an intersection left over: it may also be points and lines."""
    result = geometries.copy()
    mixed = ~shapely.is_missing(result) & ~np.isin(shapely.get_type_id(result), POLYGONAL)
    for row in np.flatnonzero(mixed):
        # Twice, since a collection may hold multipolygons.
        parts = shapely.get_parts(shapely.get_parts(result[row]))
        result[row] = shapely.multipolygons(parts[is_kind(parts, 2)])
    return result


def describe_position(geometry: shapely.Geometry) -> dict[str, object]:
    """Describe a place within a geometry, to be looked up on a map."""
    point = shapely.point_on_surface(geometry)
    return round_place(point.x, point.y)


def round_place(lon: float, lat: float) -> dict[str, object]:
    """Round a place to a metre, which is what one can point at."""
    return {"lon": round(float(lon), 5), "lat": round(float(lat), 5)}


def round_metres(value: float) -> float | int:
    """Round metres or square metres so that they can be read: tenths only below 10."""
    return round(float(value), 1) if value < 10 else round(float(value))


def list_first_ids(ids: Iterable[object]) -> str:
    """List the first few ids."""
    texts: Sequence[object] = list(ids)
    shown = ", ".join(str(id_) for id_ in texts[: limits.MAX_CHECKED_IDS])
    return f"{shown}, ..." if len(texts) > limits.MAX_CHECKED_IDS else shown


def _transform_geometries(
    geometries: geodesy.Geometries, source: CRS, target: CRS
) -> geodesy.Geometries:
    transform = geodesy.build_transformer(source, target).transform
    result: geodesy.Geometries = shapely.transform(geometries, transform, interleaved=False)
    return result


def _is_dissolved(city: Snapshot, layer: str, neighborhoods: str | None) -> bool:
    entry = city.entry(layer)
    return (
        entry.role == Role.ZONES
        and neighborhoods is not None
        and city.file(layer) == city.file(neighborhoods)
    )


def _make_subject(city: Snapshot, layer: str, middle: tuple[float, float]) -> Subject:
    frame, entry = city.layers[layer], city.entry(layer)
    geometries = frame.geometry.to_numpy().copy()
    is_missing = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    # What has no place, or one in another part of the world, is reported once and then set aside.
    is_far = _find_far(geometries, is_missing, middle)
    geometries[is_missing | is_far] = None
    files = np.full(len(frame), city.file(layer), dtype=object)
    if entry.role.row.from_gpx and entry.file is None and "file" in frame:
        has_file = frame["file"].notna().to_numpy()
        files[has_file] = frame["file"].to_numpy(dtype=object)[has_file]
    return Subject(
        layer=layer,
        role=entry.role,
        file=city.file(layer),
        frame=frame,
        ids=frame.index.to_numpy(dtype=object),
        files=files,
        geometries=geometries,
        is_missing=is_missing,
        is_far=is_far,
    )


def _find_far(
    geometries: geodesy.Geometries, is_missing: Bools, middle: tuple[float, float]
) -> Bools:
    """Find which geometries lie farther from the middle of all than a city reaches."""
    result = np.zeros(len(geometries), dtype=bool)
    # Geodesic distances: degrees would reach farther to the north than to the east.
    centres = extent.find_centres(geometries[~is_missing])
    result[~is_missing] = geodesy.distance_m(*middle, centres[:, 0], centres[:, 1]) > FAR_M
    return result
