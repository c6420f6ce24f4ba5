"""Examples of the description: values that work on the city that is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import shapely

from mapserver.geo import extent
from mapserver.model import plain_records
from mapserver.settings import limits
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.schemas import list_answered, list_sortable
from mapserver.web.api.systems import list_systems
from mapserver.web.api.tiles import find_tile_of
from mapserver.web.served_city import ServedCity

BOX_DEG = 0.01
"""From the middle of a box to its sides: a walk of a quarter of an hour."""
SYSTEM_PARAMETERS = ("crs", "bbox-crs", "filter-crs")


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples of parameters on one city.

    Attributes
    ----------
    lon, lat
        A place in the city, in degrees.
    shared
        Examples of what all collections have in common, by the name of the parameter.
    by_collection
        Examples for each collection.
    values
        For each collection a value of each property that has any which can be asked for.
    """

    lon: float
    lat: float
    shared: Mapping[str, Any]
    by_collection: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Mapping[str, Any]]

    def find(self, parameter: str, collection: str = "") -> Any:
        """Find the example of a parameter; None where the city has none."""
        return self.by_collection.get(collection, self.shared).get(parameter)


def find_examples(served: ServedCity) -> Examples:
    """Find examples for all parameters of which a city has any."""
    city = served.city
    lon, lat = find_place(served)
    column, row = find_tile_of(lon, lat, limits.MAX_TILE_ZOOM)
    here = [id_ for id_ in served.features if id_ not in city.data.large]
    views = [view_collection(served, id_, city.today()) for id_ in here]
    own_system = list_systems(city)[-1]
    shared: dict[str, Any] = {
        "lon": lon,
        "lat": lat,
        "bbox": [round(value, 4) for value in _make_box(lon, lat)],
        "tileMatrix": limits.MAX_TILE_ZOOM,
        "tileRow": row,
        "tileCol": column,
        **dict.fromkeys(SYSTEM_PARAMETERS, own_system.uri),
    }
    if views:
        shared["collection"] = shared["collectionId"] = views[0].id
        shared |= _find_own_examples(views[0])
    own = {view.id: shared | _find_own_examples(view) for view in views}
    values = {view.id: dict(_list_values(view)) for view in views}
    return Examples(lon, lat, shared, own, values)


def _find_own_examples(view: CollectionView) -> dict[str, Any]:
    """Find the examples that a collection has of its own, and none of what it lacks."""
    names = [each.name for each in list_answered(view)]
    numbers = [each.name for each in list_sortable(view) if each.kind in {"number", "integer"}]
    examples: dict[str, Any] = {
        "collectionId": view.id,
        "properties": names[:2],
        "sortby": [f"-{name}" for name in numbers[:1]] or names[:1],
    }
    if numbers:
        examples["filter"] = f'"{numbers[0]}" > 0'
    elif names:
        examples["filter"] = f'"{names[0]}" IS NOT NULL'
    if len(view.features):
        examples["featureId"] = view.features.id_of(0)
    return {name: value for name, value in examples.items() if value}


def _list_values(view: CollectionView) -> Iterator[tuple[str, Any]]:
    """List the first value that is known of each property, as an answer writes it."""
    for each in list_answered(view):
        known = view.frame[each.name].dropna().iloc[:1]
        for record in msgspec.to_builtins(plain_records(known.to_frame())):
            if isinstance(record[each.name], str | int | float):
                yield each.name, record[each.name]


def find_place(served: ServedCity) -> tuple[float, float]:
    """Find a place within the first feature of a city, in degrees; 0, 0 where nothing has one."""
    for frame in served.city.layers.values():
        if extent.find_frame_bounds([frame]) is None:
            continue
        shapes = frame.geometry.to_numpy()
        is_placeless = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        place = shapely.point_on_surface(shapes[~is_placeless][0])
        return round(place.x, 4), round(place.y, 4)
    return 0.0, 0.0


def _make_box(lon: float, lat: float) -> extent.Box:
    return (
        max(lon - BOX_DEG, -180.0),
        max(lat - BOX_DEG, -90.0),
        min(lon + BOX_DEG, 180.0),
        min(lat + BOX_DEG, 90.0),
    )
