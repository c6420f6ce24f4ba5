"""What lies at a point: the answer of ``City.locate``, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True, slots=True)
class LocatedArea:
    """An area that contains a point: its id and names."""

    id: str
    name: str | None
    name_en: str | None

    @classmethod
    def from_frame(cls, rows: gpd.GeoDataFrame) -> tuple[Self, ...]:
        """Return one for each row of a layer, in the order of the rows.

        A column that is missing, and a missing value, are None.
        """
        # A subclass has more columns; reindex adds those that the layer lacks, empty.
        names = [field.name for field in fields(cls) if field.name != "id"]
        table = pd.DataFrame(rows).reindex(columns=names)
        return tuple(
            cls(str(id_), *(_convert_text(value) for value in values))
            for id_, *values in table.itertuples(name=None)
        )


@dataclass(frozen=True, slots=True)
class Neighborhood(LocatedArea):
    """A neighbourhood with its part in its zone (hub or linked) and its brand."""

    role: str | None
    brand: str | None


@dataclass(frozen=True, slots=True)
class Zone(LocatedArea):
    """A zone with the id of its hub neighbourhood."""

    hub: str | None


@dataclass(frozen=True, slots=True)
class NearestDistrict:
    """The district nearest to a point that lies in none."""

    id: str
    name: str | None
    distance_m: float


@dataclass(frozen=True, slots=True)
class Location:
    """What lies at a point.

    Attributes
    ----------
    lon, lat
        The point, in degrees.
    in_city
        Whether the neighbourhoods (or, where there are none, the other areas) contain it.
    districts
        Every district that contains it; on a border that is more than one.
    neighborhood, zone
        The neighbourhood and the zone that contain it; on a border the first by id.
    nearest_district
        The nearest one, when no district contains it.
    border_distance_m
        Geodesic metres to the nearest border of a containing, else of the nearest, district.
    """

    lon: float
    lat: float
    in_city: bool
    districts: tuple[LocatedArea, ...]
    neighborhood: Neighborhood | None
    zone: Zone | None
    nearest_district: NearestDistrict | None
    border_distance_m: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the location as plain values, in the shape of ``GET /api/locate``."""
        return {
            "lon": self.lon,
            "lat": self.lat,
            "in_city": self.in_city,
            "districts": [_read_fields(place) for place in self.districts],
            "neighborhood": self.neighborhood and _read_fields(self.neighborhood),
            "zone": self.zone and _read_fields(self.zone),
            "nearest_district": self.nearest_district and _read_fields(self.nearest_district),
            "border_distance_m": self.border_distance_m,
        }


def _read_fields(place: LocatedArea | NearestDistrict) -> dict[str, Any]:
    """Return the fields of a place by name, as ``asdict`` does, in a fifth of its time."""
    return {name: getattr(place, name) for name in FIELDS[type(place)]}


FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (LocatedArea, Neighborhood, Zone, NearestDistrict)
}
"""The names of the fields of each kind of place."""


def _convert_text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
