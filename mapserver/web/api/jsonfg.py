"""JSON-FG 1.0 (OGC 21-045r1): features as GeoJSON, in any reference system, and with their type."""

from __future__ import annotations

from typing import Any

import msgspec

from mapserver.model import encode
from mapserver.web.api.systems import ReferenceSystem

CORE = "http://www.opengis.net/spec/json-fg-1/1.0/conf/core"
NULL = msgspec.Raw(b"null")


def write_feature(feature: msgspec.Raw, system: ReferenceSystem) -> msgspec.Raw:
    """Rewrite an encoded GeoJSON feature as one of JSON-FG.

    Parameters
    ----------
    feature
        Its geometry is in ``system``.
    system
        A geometry in longitude and latitude stays where GeoJSON has it; any other is in ``place``,
        so that a reader of GeoJSON does not take metres for degrees.
    """
    members = msgspec.json.decode(feature, type=dict[str, msgspec.Raw])
    # One of the two is always null: a document has one reference system for all its places.
    place, geometry = NULL, members["geometry"]
    if not system.is_crs84:
        place, geometry = geometry, NULL
    return msgspec.Raw(
        encode(
            {
                "type": "Feature",
                "id": members["id"],
                "time": None,
                "place": place,
                "geometry": geometry,
                "properties": members["properties"],
            }
        )
    )


def describe_document(collection: str, system: ReferenceSystem) -> dict[str, Any]:
    """Return the members that a document of JSON-FG has beside those of GeoJSON."""
    return {"conformsTo": [CORE], "featureType": collection, "coordRefSys": system.uri}
