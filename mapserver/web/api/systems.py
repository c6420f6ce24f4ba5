"""Coordinate reference systems of the API, in the axis order of their authority (18-058r1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver.errors import N_, QueryError
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Geometries
from mapserver.model import Snapshot
from mapserver.web.refusals import refuse_value

URI = "http://www.opengis.net/def/crs"
EVERYWHERE = ("EPSG:4326", "EPSG:3857")
IN_KOREA = ("EPSG:5179", "EPSG:5186", "EPSG:5174")
"""Addresses and statistics, new cadastres and plans, old land registers."""
EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[\w.]+/|\[?EPSG:|urn:ogc:def:crs:EPSG:[\w.]*:)"
    r"(\d{4,6})\]?"
)
"""How clients name one: as the standard has it, as a CURIE, and as older services had it."""
CRS84_NAMES = re.compile(
    r"https?://www\.opengis\.net/def/crs/OGC/(?:1\.3|0)/CRS84|\[?OGC:CRS84\]?"
    r"|urn:ogc:def:crs:OGC:(?:1\.3)?:CRS84"
)
DEGREE_DECIMALS, METRE_DECIMALS = 7, 3
"""Decimals that are written: a centimetre, and a millimetre."""
BOX_EAST_FIRST = N_("Write bbox=west,south,east,north in degrees, south not above north")
BOX_NORTH_FIRST = N_("Write bbox=south,west,north,east in degrees, south not above north")
BOX_OF_A_PLANE = N_("Write the box in the axis order of its system")
SIDE_POINTS = 33
"""Points to a side of a box that is turned into degrees, where straight sides are curves."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """A coordinate reference system that answers may be in.

    Attributes
    ----------
    uri
        Its name in the standards of the OGC.
    crs
        The system itself.
    has_north_first
        Whether its authority writes latitude or northing before the other.
    decimals
        Decimals that are written.
    """

    uri: str
    crs: CRS
    has_north_first: bool
    decimals: int

    @property
    def is_crs84(self) -> bool:
        """Whether it is longitude and latitude, in which everything is kept."""
        return self.uri == CRS84.uri

    def project(self, geometries: Geometries) -> Geometries:
        """Bring geometries from longitude and latitude into this system, in its axis order.

        Parameters
        ----------
        geometries
            Shape (n,); heights are left out.

        Returns
        -------
        ndarray
            Rounded geometries, shape (n,). Outer rings run counter-clockwise on the map, whatever
            the order of the axes.
        """
        flat = shapely.force_2d(np.asarray(geometries, dtype=object))
        oriented = shapely.orient_polygons(flat, exterior_cw=False)
        placed: Geometries = shapely.transform(oriented, self._convert)
        return placed

    def _convert(self, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Convert places, shape (n, 2): lon and lat to what this system writes first and second."""
        # Latitude and longitude of WGS 84 are those that are kept; only their order changes.
        x, y = places[:, 0], places[:, 1]
        if not self.crs.is_geographic:
            x, y = geodesy.build_transformer(geodesy.LONLAT, self.crs).transform(x, y)
        columns = (y, x) if self.has_north_first else (x, y)
        rounded: npt.NDArray[np.float64] = np.column_stack(columns).round(self.decimals)
        return rounded

    def to_degrees(self, first: float, second: float) -> tuple[float, float]:
        """Return longitude and latitude of a place that is given in this system's axis order."""
        x, y = (second, first) if self.has_north_first else (first, second)
        if self.crs.is_geographic:
            return x, y
        lon, lat = geodesy.build_transformer(self.crs, geodesy.LONLAT).transform(x, y)
        return float(lon), float(lat)

    def to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Bring a geometry of this system, in its axis order, into longitude and latitude."""

        def convert(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            x, y = (places[:, 1], places[:, 0]) if self.has_north_first else places.T
            if not self.crs.is_geographic:
                x, y = geodesy.build_transformer(self.crs, geodesy.LONLAT).transform(x, y)
            return np.column_stack([x, y])

        return shapely.transform(geometry, convert)

    def order_box(self, box: Box) -> Box:
        """Return a box that is given in this system's axis order as west, south, east, north."""
        first, second, third, fourth = box
        return (second, first, fourth, third) if self.has_north_first else box

    @property
    def box_order(self) -> str:
        """How a box of this system is written, for those who wrote it otherwise."""
        if not (self.is_crs84 or self.crs.is_geographic):
            return BOX_OF_A_PLANE
        return BOX_NORTH_FIRST if self.has_north_first else BOX_EAST_FIRST

    def find_degrees(self, box: Box) -> Box:
        """Return the bounds of a box of this system in degrees.

        Parameters
        ----------
        box
            West, south, east, north in its units.

        Raises
        ------
        QueryError
            A part of it lies where the system does not hold.
        """
        west, south, east, north = box
        # Sides are sampled, since a straight side of a plane is curved in degrees.
        # All four sides: the point that lies farthest out may be in the middle of one.
        # Numbers of which the difference is beyond all numbers lie nowhere, which is said below.
        with np.errstate(over="ignore", invalid="ignore"):
            xs, ys = np.linspace(west, east, SIDE_POINTS), np.linspace(south, north, SIDE_POINTS)
        x = np.concatenate([xs, xs, np.full(SIDE_POINTS, west), np.full(SIDE_POINTS, east)])
        y = np.concatenate([np.full(SIDE_POINTS, south), np.full(SIDE_POINTS, north), ys, ys])
        lon, lat = geodesy.build_transformer(self.crs, geodesy.LONLAT).transform(x, y)
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise QueryError(
                N_("the box lies where {crs} does not hold"),
                parameter="bbox",
                mend=self.box_order,
                crs=self.uri,
            )
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


CRS84 = ReferenceSystem(
    f"{URI}/OGC/1.3/CRS84", CRS("OGC:CRS84"), has_north_first=False, decimals=DEGREE_DECIMALS
)


@lru_cache
def make_system(name: str) -> ReferenceSystem:
    """Make the system of a name (``EPSG:5186``)."""
    crs = CRS(name)
    code = name.partition(":")[2]
    first_axis = crs.axis_info[0].direction
    decimals = DEGREE_DECIMALS if crs.is_geographic else METRE_DECIMALS
    return ReferenceSystem(f"{URI}/EPSG/0/{code}", crs, first_axis == "north", decimals)


def list_systems(city: Snapshot) -> list[ReferenceSystem]:
    """List the systems of a city: those of everywhere, of its country, and of its catalogue."""
    names = [*EVERYWHERE, *(IN_KOREA if city.is_in_korea else ())]
    own_code = city.metric_crs.to_epsg()
    if own_code is not None:
        names.append(f"EPSG:{own_code}")
    return [CRS84, *(make_system(name) for name in dict.fromkeys(names))]


def find_system(city: Snapshot, name: str | None, parameter: str) -> ReferenceSystem:
    """Find the system that a client names; longitude and latitude where it names none.

    Parameters
    ----------
    city
        The city, whose systems there are.
    name
        ``http://www.opengis.net/def/crs/EPSG/0/5186``, ``EPSG:5186`` or an older way to write it.
    parameter
        Name of the parameter, for messages.

    Raises
    ------
    QueryError
        The city is not offered in that system.
    """
    if name is None or CRS84_NAMES.fullmatch(name):
        return CRS84
    # What is not listed by the collections is refused, also where PROJ would know it.
    offered = {system.uri: system for system in list_systems(city)}
    code = EPSG.fullmatch(name)
    system = offered.get(f"{URI}/EPSG/0/{code[1]}") if code else None
    if system is None:
        raise refuse_value(parameter, name, offered)
    return system
