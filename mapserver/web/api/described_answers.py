"""What operations answer with and are sent, for the description of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mapserver.settings import limits
from mapserver.web.api import batch, formats
from mapserver.web.api.answer_schemas import Schema, make_list, make_object, refer
from mapserver.web.api.downloads import is_download
from mapserver.web.api.formats import Format
from mapserver.web.api.jsonfg import CORE
from mapserver.web.api.operations import Operation
from mapserver.web.api.systems import URI

PROBLEM = {"application/problem+json": {"schema": refer("Problem")}}
RETRY_AFTER = {
    "Retry-After": {
        "required": True,
        "description": "Seconds after which to ask again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
POINT = make_object(
    "type coordinates",
    type={"type": "string", "enum": ["Point"]},
    coordinates={**make_list({"type": "number"}), "minItems": 2, "maxItems": 3},
)
"""A place that is sent."""
ETAG = {
    "ETag": {
        "required": True,
        "description": "Names these bytes; who sends it back in If-None-Match gets 304.",
        "schema": {"type": "string"},
    }
}
CONTENT_CRS = {
    "Content-Crs": {
        "description": "The reference system of the geometries, between < and >.",
        "schema": {"type": "string"},
    }
}
ALLOW = {
    "Allow": {
        "required": True,
        "description": "The methods that the address has.",
        "schema": {"type": "string"},
    }
}
HEADERS_OF_PROBLEMS = {405: ALLOW, 429: RETRY_AFTER, 503: RETRY_AFTER}
PROBLEMS = {
    400: ("BadRequest", "A parameter or the body cannot be used; the answer names it."),
    404: ("NotFound", "There is no such collection, feature or tile."),
    405: ("MethodNotAllowed", "The address has no such method; Allow names those that it has."),
    406: ("NotAcceptable", "It is not offered in a format that is accepted."),
    412: ("PreconditionFailed", "It is not what If-Match or If-Unmodified-Since names."),
    413: ("PayloadTooLarge", "The body or its answer would be larger than may be."),
    415: ("UnsupportedMediaType", "The body is of another type, or is compressed."),
    416: ("RangeNotSatisfiable", "The file has no such part."),
    429: ("TooManyRequests", "The operator has set a limit, and it is reached."),
    500: ("ServerError", "The server made a mistake; the answer has its number in the log."),
    503: ("ServiceUnavailable", "Others are sending or taking files just now."),
}
"""Errors of all operations: status, name and what they mean."""
ANSWERS: dict[str, dict[str, Any]] = {
    "NotModified": {"description": "The client has it already."},
    "NoContent": {"description": "Nothing lies in it."},
} | {
    name: {
        "description": text,
        "content": PROBLEM,
        **({"headers": HEADERS_OF_PROBLEMS[status]} if status in HEADERS_OF_PROBLEMS else {}),
    }
    for status, (name, text) in PROBLEMS.items()
}
"""Answers that operations share, by their names in the document."""
NAMES = {304: "NotModified", 204: "NoContent"} | {
    status: name for status, (name, _) in PROBLEMS.items()
}
OF_GET = (304, 400, 405, 406, 412, 429, 500)
OF_POST = (400, 405, 413, 415, 429, 500, 503)


def list_statuses(operation: Operation) -> list[int]:
    """List the statuses of HTTP that an operation may answer with, beside 200."""
    statuses = {*(OF_GET if operation.method == "get" else OF_POST), *operation.statuses}
    names = {row.name for row in operation.parameters}
    if "{" in operation.path or "collection" in names:
        statuses.add(404)
    return sorted(statuses)


def describe_answers(
    operation: Operation, offered: Iterable[Format], schemas: Mapping[str, str]
) -> dict[str, Any]:
    """Describe all that an operation may answer.

    Parameters
    ----------
    operation
        The operation.
    offered
        The formats that it has.
    schemas
        For the name of a format, that of its schema in the document.
    """
    content = describe_content(offered, schemas)
    answer: dict[str, Any] = {"description": operation.summary, "content": content, "headers": ETAG}
    if any(row.name == "crs" for row in operation.parameters):
        answer["headers"] = ETAG | CONTENT_CRS
    answers: dict[str, Any] = {"200": answer}
    for status in list_statuses(operation):
        if status == 206:  # a part of what 200 answers with
            answers["206"] = {
                "description": "The part of a file that was asked for.",
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        else:
            answers[str(status)] = NAMES[status]
    return answers


def describe_content(offered: Iterable[Format], schemas: Mapping[str, str]) -> dict[str, Any]:
    """Describe what an answer has in each format, by media type.

    Two formats may have the same media type: then an answer is as either of them.
    """
    choices: dict[str, list[dict[str, Any]]] = {}
    for format_ in offered:
        if format_.name in schemas:
            schema = refer(schemas[format_.name])
        elif is_download(format_) and format_.name == "geojson":
            schema = refer("FeaturesOfFile")
        elif format_.mimetype.startswith("text/"):
            schema = {"type": "string"}
        else:
            schema = {"type": "string", "format": "binary"}
        choices.setdefault(format_.mimetype, []).append(schema)
    return {
        mimetype: {"schema": each[0] if len(each) == 1 else {"anyOf": each}}
        for mimetype, each in choices.items()
    }


def describe_body(lon: float, lat: float) -> dict[str, Any]:
    """Describe what is sent to an operation that answers about many places.

    Parameters
    ----------
    lon, lat
        The place of the examples, in degrees.
    """
    point = {"type": "Point", "coordinates": [lon, lat]}
    feature = {"type": "Feature", "properties": {"name": "A"}, "geometry": point}
    geojson = {
        "schema": _describe_sent("type geometry", geometry=POINT),
        "example": {"type": "FeatureCollection", "features": [feature]},
    }
    # In the axis order of the system's authority, which GeoJSON does not have.
    in_system = {"type": "Point", "coordinates": [lat, lon]}
    jsonfg_feature = feature | {"time": None, "place": in_system, "geometry": None}
    system_name = {"type": "string", "nullable": True, "description": "The system of the places."}
    maybe_point = POINT | {"nullable": True}
    members = {"geometry": maybe_point, "place": maybe_point, "coordRefSys": system_name}
    jsonfg_schema = _describe_sent("type", "geometry place coordRefSys", **members)
    jsonfg_schema["properties"]["coordRefSys"] = system_name
    jsonfg = {
        "schema": jsonfg_schema,
        "example": {
            "type": "FeatureCollection",
            "conformsTo": [CORE],
            "coordRefSys": f"{URI}/EPSG/0/4326",
            "features": [jsonfg_feature],
        },
    }
    table = {
        "schema": {"type": "string"},
        "example": f"name,lon,lat\nA,{lon},{lat}\n",
    }
    return {
        "required": True,
        "description": "Places, one to a feature or a row; columns lon and lat, longitude and "
        "latitude, or 경도 and 위도. The charset of a table may be named.",
        "content": {
            batch.GEOJSON: geojson,
            formats.JSON.mimetype: geojson,
            batch.JSONFG: jsonfg,
            batch.CSV: table,
        },
    }


def _describe_sent(required: str, optional: str = "", **members: Schema) -> Schema:
    """Describe a collection of features that have such members beside their properties."""
    feature = make_object(
        required,
        f"properties {optional}",
        type={"type": "string", "enum": ["Feature"]},
        properties={"type": "object", "nullable": True},
        **members,
    )
    return make_object(
        "type features",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=make_list(feature) | {"maxItems": limits.MAX_BODY_POINTS},
    )
