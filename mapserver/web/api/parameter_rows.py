"""The parameters of the API: each a row that requests are checked by and the description has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mapserver.filters import LANGUAGES
from mapserver.settings import limits


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    Attributes
    ----------
    name
        Its name.
    schema
        What it may be, as a schema of OpenAPI 3.0.
    description
        What it does, in a line or two of English.
    example
        A value that works on the sample city.
    is_required
        Whether there is no answer without it.
    is_list
        Whether it is a list with commas between (``style: form``, ``explode: false``).
    """

    name: str
    schema: dict[str, Any]
    description: str
    example: Any = None
    is_required: bool = False
    is_list: bool = False


LON = Parameter(
    "lon",
    {"type": "number", "minimum": -180, "maximum": 180},
    "Longitude of the place, in degrees on WGS 84.",
    126.8526,
    is_required=True,
)
LAT = Parameter(
    "lat",
    {"type": "number", "minimum": -90, "maximum": 90},
    "Latitude of the place, in degrees on WGS 84.",
    35.1467,
    is_required=True,
)
COLLECTION = Parameter(
    "collection",
    {"type": "string", "default": "trails"},
    "Id of the collection that is searched.",
    "trails",
)
NEAREST_LIMIT = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": limits.MAX_NEAREST_ITEMS, "default": 1},
    "How many features at most, the nearest first; more than the maximum is cut to it.",
    3,
)
MAX_DISTANCE = Parameter(
    "max_distance",
    {"type": "number", "minimum": 0},
    "Leaves out what is farther away, in geodesic metres.",
    1000,
)
DATETIME = Parameter(
    "datetime",
    {"type": "string"},
    "The day that states are of, which state_on repeats: a day or time of RFC 3339, or an interval "
    "(2026-12-01/2026-12-20, .. for an open end), whose first known day is taken. Features that "
    "have no time of their own always match.",
    "2026-12-20",
)
LIMIT = Parameter(
    "limit",
    {
        "type": "integer",
        "minimum": 1,
        "maximum": limits.MAX_PAGE_ITEMS,
        "default": limits.DEFAULT_PAGE_ITEMS,
    },
    "How many features a page has at most; more than the maximum is cut to it, and said.",
    10,
)
OFFSET = Parameter(
    "offset",
    {"type": "integer", "minimum": 0, "default": 0},
    "How many features come before the page.",
    0,
)
BBOX = Parameter(
    "bbox",
    {
        "type": "array",
        # Part 1 has the two bounds in its version 1.0, and the choice of two from 1.0.1 on.
        "minItems": 4,
        "maxItems": 6,
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    },
    "Features with any part in the box: west, south, east, north (or with heights, which do not "
    "count). West greater than east crosses 180 degrees. What has no geometry always matches.",
    [126.84, 35.14, 126.86, 35.16],
    is_list=True,
)
BBOX_CRS = Parameter(
    "bbox-crs",
    {"type": "string", "format": "uri"},
    "The reference system of bbox, in the axis order of its authority; longitude and latitude by "
    "default. The collection lists those that there are.",
    "http://www.opengis.net/def/crs/EPSG/0/5186",
)
CRS = Parameter(
    "crs",
    {"type": "string", "format": "uri"},
    "The reference system of the answer, in the axis order of its authority; longitude and "
    "latitude by default. The header Content-Crs repeats it.",
    "http://www.opengis.net/def/crs/EPSG/0/5186",
)
FILTER = Parameter(
    "filter",
    {"type": "string", "maxLength": limits.MAX_FILTER_BYTES},
    "Features for which this is true, in CQL2 1.0. The collection's queryables are what may be "
    "named; what is unknown of a feature is no match.",
    "length_m > 300 AND surface LIKE '황토%'",
)
FILTER_LANG = Parameter(
    "filter-lang",
    {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]},
    "The form of the filter; cql-text is what the draft called cql2-text, and GDAL asks by it.",
    LANGUAGES[0],
)
FILTER_CRS = Parameter(
    "filter-crs",
    {"type": "string", "format": "uri"},
    "The reference system of geometries in the filter, in the axis order of its authority; "
    "longitude and latitude by default.",
    "http://www.opengis.net/def/crs/EPSG/0/5186",
)
SORTBY = Parameter(
    "sortby",
    {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "[+|-]?.+"}},
    "Properties to sort by; with - before the name the largest first. What is unknown comes last.",
    ["-length_m"],
    is_list=True,
)
PROPERTIES = Parameter(
    "properties",
    {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "The properties that are answered with; all by default, and always all in files.",
    ["name", "length_m"],
    is_list=True,
)
FORMAT = Parameter(
    "f", {"type": "string"}, "The format of the answer; it counts more than the header Accept."
)
LANG = Parameter(
    "lang", {"type": "string"}, "The language of titles and pages; by default what the client asks."
)
SIZE = Parameter(
    "size", {"type": "string", "enum": ["large"]}, "Larger text, of pages that are read.", "large"
)
EVERYWHERE = (FORMAT, LANG, SIZE)
"""The parameters that every operation knows."""

COLLECTION_ID = Parameter(
    "collectionId", {"type": "string"}, "Id of the collection.", "trails", is_required=True
)
FEATURE_ID = Parameter(
    "featureId", {"type": "string", "minLength": 1}, "Id of the feature.", is_required=True
)
TILE_MATRIX = Parameter(
    "tileMatrix",
    {"type": "integer", "minimum": 0, "maximum": limits.MAX_TILE_ZOOM},
    "Zoom level.",
    is_required=True,
)
TILE_ROW = Parameter(
    "tileRow", {"type": "integer", "minimum": 0}, "Row, from the north.", is_required=True
)
TILE_COL = Parameter(
    "tileCol", {"type": "integer", "minimum": 0}, "Column, from the west.", is_required=True
)
IN_PATHS = {row.name: row for row in (COLLECTION_ID, FEATURE_ID, TILE_MATRIX, TILE_ROW, TILE_COL)}
"""What varies in paths, by name."""
