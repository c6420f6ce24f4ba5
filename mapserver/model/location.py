"""What lies at a point: the answer of ``City.locate``, as plain values.

They are structs of msgspec, which are made and encoded in a tenth of the time of dataclasses.
"""

from __future__ import annotations

from typing import Any, Self

import geopandas as gpd
import msgspec
import pandas as pd


class LocatedArea(msgspec.Struct, frozen=True):
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
        names = [name for name in cls.__struct_fields__ if name != "id"]
        table = pd.DataFrame(rows).reindex(columns=names)
        return tuple(
            cls(str(id_), *(_convert_text(value) for value in values))
            for id_, *values in table.itertuples(name=None)
        )


class Neighborhood(LocatedArea, frozen=True):
    """A neighbourhood with its part in its zone (hub or linked) and its brand."""

    role: str | None
    brand: str | None


class Zone(LocatedArea, frozen=True):
    """A zone with the id of its hub neighbourhood."""

    hub: str | None


class NearestDistrict(msgspec.Struct, frozen=True):
    """The district nearest to a point that lies in none."""

    id: str
    name: str | None
    distance_m: float


class Location(msgspec.Struct, frozen=True):
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
        values: dict[str, Any] = msgspec.to_builtins(self)
        return values | {"districts": list(values["districts"])}


def _convert_text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
