"""What answers of the API look like, as schemas of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mapserver.geo.geometry_types import GEOMETRY_TYPES
from mapserver.web.api.collection_views import view_collection
from mapserver.web.api.schemas import KINDS, Property, list_answered
from mapserver.web.served_city import ServedCity

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
ADDRESS: Schema = {"type": "string", "format": "uri"}


def make_object(required: str, more: str = "", **members: Schema) -> Schema:
    """Make the schema of an object whose members are texts unless it says otherwise.

    Parameters
    ----------
    required, more
        Names of the members that are always there, and of those that may be, with spaces between.
    **members
        Schemas of those that are no texts.
    """
    properties = {name: members.get(name, TEXT) for name in f"{required} {more}".split()}
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required.split()
    return schema


def make_list(items: Schema) -> Schema:
    """Make the schema of a list."""
    return {"type": "array", "items": items}


def refer(name: str) -> Schema:
    """Refer to a schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def allow_null(schema: Schema) -> Schema:
    """Make the schema of a value that may be unknown."""
    return schema | {"nullable": True}


def describe_figures(keys: str) -> Schema:
    """Describe a table of the direct line: by what it is, and its figures."""
    numbers = ("share_48h", "share_working", "median_h", "median_working_h")
    unknown = [key for key in keys.split() if key not in {"month", "year"}]
    texts = (*unknown, "hidden", "missing_holidays", "published_on", "first_month")
    members = dict.fromkeys(texts, allow_null(TEXT))
    members |= {"smallest_count": INTEGER, "standing": TEXT}
    members |= dict.fromkeys(numbers, allow_null(NUMBER))
    members |= {"requests": allow_null(INTEGER), "suppressed": {"type": "boolean"}}
    names = f"{keys} requests suppressed hidden {' '.join(numbers)} missing_holidays"
    names = f"{names} smallest_count standing published_on first_month"
    return make_list(make_object(names, "", **members))


LINKS = make_list(refer("Link"))
NAMED = "id name name_en"
GEOMETRY: Schema = {
    "type": "object",
    "nullable": True,
    "description": "A geometry of GeoJSON (RFC 7946); null where no place is known.",
    "required": ["type"],
    "properties": {
        "type": {
            "type": "string",
            "enum": list(GEOMETRY_TYPES),
        },
        "coordinates": make_list({}),
        "geometries": make_list({"type": "object"}),
    },
}
EXTENT = make_object(
    "spatial",
    spatial=make_object(
        "bbox crs", bbox=make_list({**make_list(NUMBER), "minItems": 4, "maxItems": 4}), crs=ADDRESS
    ),
)


def make_feature(properties: Schema, required: str = "type id geometry properties") -> Schema:
    """Make the schema of a feature of GeoJSON with such properties."""
    return make_object(
        required,
        "links",
        type={"type": "string", "enum": ["Feature"]},
        geometry=GEOMETRY,
        properties=properties,
        links=LINKS,
    )


def make_features(feature: Schema, required: str = "numberMatched numberReturned links") -> Schema:
    """Make the schema of a collection of such features."""
    return make_object(
        f"type features {required}".strip(),
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=make_list(feature),
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
        links=LINKS,
    )


def make_jsonfg(members: str, **schemas: Schema) -> Schema:
    """Make the schema of a document of JSON-FG with such members beside those of all."""
    return make_object(
        f"type conformsTo coordRefSys {members}",
        "featureType id place time geometry properties links numberMatched numberReturned",
        conformsTo=make_list(ADDRESS),
        coordRefSys=ADDRESS,
        time=allow_null({"type": "object"}),
        place=GEOMETRY,
        geometry=GEOMETRY,
        links=LINKS,
        numberMatched=INTEGER,
        numberReturned=INTEGER,
        **schemas,
    )


ANY_PROPERTIES: Schema = {"type": "object", "nullable": True}
ANSWERED = make_object(
    "distance_m nearest_lon nearest_lat bearing_deg walk_min",
    distance_m={"type": "number", "minimum": 0, "description": "Geodesic metres."},
    nearest_lon=NUMBER,
    nearest_lat=NUMBER,
    bearing_deg=allow_null({"type": "number", "description": "Degrees, clockwise from north."}),
    walk_min={"type": "number", "minimum": 0, "description": "Minutes on foot, as the crow flies."},
)
TILE_DESCRIPTION: dict[str, Any] = {
    "dataType": {"type": "string", "enum": ["vector"]},
    "links": LINKS,
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        **make_object("type title status detail code description", status=INTEGER),
        "description": "What went wrong and how to mend it (RFC 9457).",
    },
    "Link": make_object(
        "href rel type", "title hreflang", href=TEXT, templated={"type": "boolean"}
    ),
    "Landing": make_object("title description links", links=LINKS),
    "Conformance": make_object("conformsTo links", conformsTo=make_list(ADDRESS), links=LINKS),
    "Description": make_object(
        "openapi info paths components",
        info={"type": "object"},
        paths={"type": "object"},
        components={"type": "object"},
    ),
    "Collections": make_object(
        "links collections", links=LINKS, collections=make_list(refer("Collection"))
    ),
    "Collection": make_object(
        "id title itemType crs storageCrs numberOfFeatures links",
        "description attribution license sample extent",
        crs=make_list(ADDRESS),
        storageCrs=ADDRESS,
        numberOfFeatures={"type": "integer", "minimum": 0},
        sample={"type": "boolean"},
        extent=EXTENT,
        links=LINKS,
    ),
    "Feature": make_feature(ANY_PROPERTIES, "type id geometry properties links"),
    "FeaturesOfFile": make_object(
        "type features",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=make_list({"type": "object"}),
    ),
    "FeatureJSONFG": make_jsonfg(
        "id time place geometry properties featureType links",
        type={"type": "string", "enum": ["Feature"]},
        properties=ANY_PROPERTIES,
    ),
    "FeaturesJSONFG": make_jsonfg(
        "features featureType numberMatched numberReturned links",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=make_list({"type": "object"}),
    ),
    "Schema": {
        **make_object(
            "$schema $id type title description properties", properties={"type": "object"}
        ),
        "description": "A JSON Schema (2020-12) with the members of OGC API - Common Part 3.",
    },
    "NearestFeatures": make_features(make_feature(ANSWERED)),
    "Location": make_object(
        "lon lat in_city districts neighborhood zone nearest_district border_distance_m",
        lon=NUMBER,
        lat=NUMBER,
        in_city={"type": "boolean"},
        districts=make_list(make_object(NAMED, name_en=allow_null(TEXT))),
        neighborhood=allow_null({"type": "object"}),
        zone=allow_null({"type": "object"}),
        nearest_district=allow_null(make_object("id name distance_m", distance_m=NUMBER)),
        border_distance_m=allow_null(NUMBER),
    ),
    "PlacesAnswered": {
        **make_object(
            "type features",
            type={"type": "string", "enum": ["FeatureCollection"]},
            features=make_list(make_object("type properties", properties={"type": "object"})),
        ),
        "description": "The features that were sent, in their order, with the answer's properties.",
    },
    "PlacesAnsweredJSONFG": make_jsonfg(
        "features",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=make_list({"type": "object"}),
    ),
    "RequestStatistics": make_object(
        "title links smallest_count promised_hours promised_working_hours sample "
        "months neighborhoods categories years neighborhoods_categories",
        links=LINKS,
        smallest_count=INTEGER,
        promised_hours=INTEGER,
        promised_working_hours=INTEGER,
        sample={"type": "boolean"},
        months=describe_figures("month"),
        neighborhoods=describe_figures("month neighborhood"),
        categories=describe_figures("month category"),
        years=describe_figures("year"),
        neighborhoods_categories=describe_figures("year neighborhood category"),
    ),
    "Functions": make_object(
        "links functions",
        links=LINKS,
        functions=make_list(
            make_object(
                "name description arguments returns",
                arguments=make_list({"type": "object"}),
                returns=make_list(TEXT),
            )
        ),
    ),
    "Tilesets": make_object(
        "links tilesets",
        links=LINKS,
        tilesets=make_list(
            make_object("title dataType crs tileMatrixSetURI collection links", **TILE_DESCRIPTION)
        ),
    ),
    "Tileset": make_object(
        "title dataType crs tileMatrixSetURI links boundingBox tileMatrixSetLimits layers",
        "attribution collection",
        **TILE_DESCRIPTION,
        boundingBox={"type": "object"},
        tileMatrixSetLimits=make_list({"type": "object"}),
        layers=make_list({"type": "object"}),
    ),
    "TileJSON": make_object(
        "tilejson tiles minzoom maxzoom bounds vector_layers",
        "name attribution scheme",
        tiles=make_list(TEXT),
        minzoom=INTEGER,
        maxzoom=INTEGER,
        bounds=make_list(NUMBER),
        vector_layers=make_list({"type": "object"}),
    ),
    "MapLibreStyle": make_object(
        "version sources layers",
        "name",
        version=INTEGER,
        sources={"type": "object"},
        layers=make_list({"type": "object"}),
    ),
}
"""Schemas of all cities, by name; rows of operations name them."""
FEATURES, FEATURE = "Features", "Feature"
"""Beginnings of the names of schemas that each collection has of its own."""


def list_own_properties(served: ServedCity, collection: str) -> list[Property]:
    """List the properties of a collection as they are today."""
    return list_answered(view_collection(served, collection, served.city.today()))


def make_properties(properties: Iterable[Property]) -> Schema:
    """Make the schema of the properties of features: each may be unknown, or not asked for."""
    members = {}
    for each in properties:
        kind = dict(KINDS[each.kind])
        if each.kind == "array":  # OpenAPI 3.0 wants to know of what
            kind["items"] = {}
        if each.types:
            members[each.name] = {"anyOf": [allow_null({"type": type_}) for type_ in each.types]}
            continue
        members[each.name] = allow_null(kind)
    return {"type": "object", "properties": members, "additionalProperties": False}


def make_own_schemas(served: ServedCity, collection: str) -> dict[str, Schema]:
    """Make the schemas of the features of a collection of a city, by name."""
    feature = f"{FEATURE}.{collection}"
    own = make_properties(list_own_properties(served, collection))
    return {
        feature: make_feature(own),
        f"{FEATURES}.{collection}": make_features(refer(feature)),
    }
