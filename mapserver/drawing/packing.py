"""Features as maps of residents carry them: without what only cards say, coordinates packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mapserver.geo.geodesy import MAP_DECIMALS

SHOWN = ("name", "place", "state", "stateText", "kind", "trail", "fill", "tint", "label")
"""What the map and the page around it read of a feature; all else stands on cards alone."""
STEPS_PER_DEG = 10**MAP_DECIMALS
"""Coordinates are whole steps of 0.1 m, which is what they were rounded to before: none is lost."""


def pack_collection(collection: dict[str, Any]) -> dict[str, Any]:
    """Return a collection for a map without cards; ``frontend/map/unpacking.js`` reads it.

    Parameters
    ----------
    collection
        GeoJSON as ``layer_features`` encodes it, coordinates in degrees.

    Returns
    -------
    dict
        The same with ``steps`` in place of ``coordinates``: nested as they are, but each line and
        ring is one list ``[lon, lat, lon, lat, ...]`` in steps from the position before it, the
        first from zero.
    """
    return collection | {"features": [_pack_feature(each) for each in collection["features"]]}


def _pack_feature(feature: dict[str, Any]) -> dict[str, Any]:
    geometry, properties = feature["geometry"], feature["properties"]
    shown = {name: properties[name] for name in SHOWN if name in properties}
    # Where the mark stands on the first position, that is told by the geometry.
    if "label" in shown and shown["label"] == _find_first_position(geometry):
        del shown["label"]
    packed = _pack_geometry(geometry)
    return {"type": "Feature", "id": feature["id"], "geometry": packed, "properties": shown}


def _pack_geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    if geometry["type"] == "GeometryCollection":
        return geometry  # rare, and read as it is
    return {"type": geometry["type"], "steps": _pack_coordinates(geometry["coordinates"])}


def _pack_coordinates(coordinates: Sequence[Any]) -> list[Any]:
    """Pack a position or positions into one list, and what holds several of them part by part."""
    if not coordinates:
        return []  # an empty part of several
    if not isinstance(coordinates[0], (list, tuple)):
        return _pack_coordinates([coordinates])
    if not coordinates[0] or isinstance(coordinates[0][0], (list, tuple)):
        return [_pack_coordinates(part) for part in coordinates]
    positions = np.rint(np.array(coordinates) * STEPS_PER_DEG).astype(int)
    # Each from the one before it: small numbers, of which many are alike.
    steps: list[int] = np.diff(positions, axis=0, prepend=[[0, 0]]).ravel().tolist()
    return steps


def _find_first_position(geometry: dict[str, Any]) -> list[float] | None:
    """Find the first position of points and lines; an area's mark stands inside of it."""
    if "Polygon" in geometry["type"] or geometry["type"] == "GeometryCollection":
        return None
    coordinates = geometry["coordinates"]
    while coordinates and isinstance(coordinates[0], (list, tuple)):
        coordinates = coordinates[0]
    return list(coordinates)
