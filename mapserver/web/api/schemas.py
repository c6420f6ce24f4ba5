"""What features of a collection look like: JSON Schemas, as OGC API - Common Part 3 has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver import headings
from mapserver.errors import N_, fill
from mapserver.filters.written_moments import TYPES, find_moment_kind
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.formats import HTML, JSON_SCHEMA
from mapserver.web.api.operations import Document, Operation, Question
from mapserver.web.api.states import list_state_columns

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "text-date": {"type": "string", "format": "date"},
    "text-date-time": {"type": "string", "format": "date-time"},
    "array": {"type": "array"},
    "object": {"type": "object"},
}
"""What a property is, by the kind of its values; texts that are all days or times stay texts."""
GEOMETRY_FORMATS = {
    frozenset({"Point"}): "geometry-point",
    frozenset({"MultiPoint"}): "geometry-multipoint",
    frozenset({"LineString"}): "geometry-linestring",
    frozenset({"MultiLineString"}): "geometry-multilinestring",
    frozenset({"Polygon"}): "geometry-polygon",
    frozenset({"MultiPolygon"}): "geometry-multipolygon",
    frozenset({"Point", "MultiPoint"}): "geometry-point-or-multipoint",
    frozenset({"LineString", "MultiLineString"}): "geometry-linestring-or-multilinestring",
    frozenset({"Polygon", "MultiPolygon"}): "geometry-polygon-or-multipolygon",
}
GEOMETRY = "geometry"
ID = "id"
"""The names of the geometry and the id of a feature, in schemas, filters and sorting."""
STATE_DATES = frozenset({"closed_from", "closed_to", "open_until", "opens_on", "state_on"})


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the features of a collection.

    Attributes
    ----------
    name
        Its name.
    kind
        The kind of its values, a key of :data:`KINDS`.
    may_be_unknown
        Whether features are answered with null for it, today or on another day.
    types
        The types of JSON of its values, where these are several: filters take them for text.
    """

    name: str
    kind: str
    may_be_unknown: bool = False
    types: tuple[str, ...] = ()


def list_properties(view: CollectionView) -> tuple[Property, ...]:
    """List the properties of a collection with the kinds of their values; worked out once."""
    frame = view.frame
    large = view.city.data.large.get(view.id)
    # Of a layer that stays in a database the frame has no values, or those of a page.
    moments = large.moments if large else None
    properties: tuple[Property, ...] = view.city.derived.get(
        ("properties", view.states is not None),
        (view.source,),
        lambda: tuple(
            Property(
                str(name),
                _find_kind(str(name), frame[name], moments),
                _may_be_unknown(str(name), frame[name], has_states=view.states is not None),
                _list_types(frame[name]),
            )
            for name in frame.columns
            if not isinstance(frame[name].dtype, gpd.array.GeometryDtype)
        ),
    )
    return properties


def _may_be_unknown(name: str, column: pd.Series, *, has_states: bool) -> bool:
    """Return whether a value is missing, or is no number, or may be on another day."""
    if has_states and name in list_state_columns():
        return True
    # What is not finite has no number in JSON, and is written as null.
    is_real = pd.api.types.is_float_dtype(column)
    values = column.replace([np.inf, -np.inf], np.nan) if is_real else column
    return bool(values.isna().any())


def _find_kind(name: str, column: pd.Series, moments: Mapping[str, str] | None) -> str:
    if name in STATE_DATES:
        return "date"
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    if pd.api.types.is_numeric_dtype(column):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "datetime"
    kind = _find_kind_of_values(column.dropna())
    return _find_kind_of_texts(name, column, moments) if kind == "string" else kind


def _find_kind_of_texts(name: str, column: pd.Series, moments: Mapping[str, str] | None) -> str:
    """Find whether texts are all days or times: by the column, or as its database knows it."""
    if moments is not None:
        return moments.get(name, "string")
    kind = find_moment_kind(column)
    return TYPES[kind] if kind else "string"


def _list_types(column: pd.Series) -> tuple[str, ...]:
    """List the types of JSON of a column whose values are of several kinds; else nothing."""
    if column.dtype != object:
        return ()
    types = {KINDS[kind]["type"] for kind in _list_kinds(column.dropna())}
    if "number" in types:
        types.discard("integer")  # each whole number is a number
    return tuple(sorted(types)) if len(types) > 1 else ()


def _list_kinds(values: pd.Series) -> set[str]:
    return {_KIND_OF_TYPE.get(type_, "string") for type_ in set(map(type, values))}


def _find_kind_of_values(values: pd.Series) -> str:
    """Find the kind of values whose column says nothing of it; of several kinds they are text."""
    kinds = _list_kinds(values)
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "string"


_KIND_OF_TYPE: dict[type, str] = {
    bool: "boolean",
    np.bool_: "boolean",
    int: "integer",
    np.int64: "integer",
    float: "number",
    np.float64: "number",
    dt.date: "date",
    dt.datetime: "datetime",
    pd.Timestamp: "datetime",
    list: "array",
    tuple: "array",
    np.ndarray: "array",
    dict: "object",
}


def describe_geometry(view: CollectionView) -> dict[str, Any]:
    """Describe the geometry of a collection by the kinds that it has."""
    shapes = view.frame.geometry.to_numpy()
    there = shapes[~shapely.is_missing(shapes)]
    names = frozenset(str(kind) for kind in pd.unique(gpd.GeoSeries(there).geom_type))
    if large := view.city.data.large.get(view.id):
        names = large.shape_kinds  # of which the view has no feature
    return {
        "title": "Geometry",
        "format": GEOMETRY_FORMATS.get(names, "geometry-any"),
        "x-ogc-role": "primary-geometry",
    }


def _describe_property(property_: Property, question: Question) -> dict[str, Any]:
    say = question.served.city.phrases(question.lang).say
    schema: dict[str, Any] = {
        "title": headings.write_title(property_.name, question.lang, say, is_converted=False),
        **KINDS[property_.kind],
    }
    if unit := headings.find_unit(property_.name):
        schema["x-ogc-unit"] = unit
        schema["x-ogc-unitLang"] = "UCUM"
    return schema


def _describe_collection(question: Question, members: Iterable[tuple[str, Any]]) -> Document:
    city, collection = question.served.city, question.collection
    say = city.phrases(question.lang).say
    title = city.entry(collection).title.in_language(question.lang)
    numbered = enumerate(members, start=1)
    content = {
        "$schema": DIALECT,
        "$id": f"{question.root}/api/{question.operation.path.lstrip('/')}".format(
            collectionId=collection
        ),
        "type": "object",
        "title": title,
        "description": fill(say(N_("Features of the collection {id}")), {"id": collection}),
        "properties": {name: {**schema, "x-ogc-propertySeq": n} for n, (name, schema) in numbered},
        "additionalProperties": False,
    }
    return Document(content, "api/schema.html", context={"collection": collection})


def view_today(question: Question) -> CollectionView:
    """Return the collection of a question as it is today."""
    city = question.served.city
    return view_collection(question.served, question.collection, city.today())


def answer_schema(question: Question) -> Document:
    """Answer with what features have: their id, geometry and properties."""
    view = view_today(question)
    members = [
        (ID, {"title": "ID", "type": "string", "x-ogc-role": "id", "readOnly": True}),
        (GEOMETRY, describe_geometry(view)),
        *((each.name, _describe_answered(each, question)) for each in list_answered(view)),
    ]
    return _describe_collection(question, members)


def _describe_answered(property_: Property, question: Question) -> dict[str, Any]:
    """Describe a property as features have it: what may be unknown may be null."""
    schema = _describe_property(property_, question)
    if property_.types:
        schema["type"] = list(property_.types)
    if property_.may_be_unknown:
        # Filters and sorting name one kind alone: clients look for it there (QGIS, OGC tests).
        schema["type"] = [*(property_.types or [schema["type"]]), "null"]
        # A unit stands with one type alone (Common Part 3, /conf/schemas/unit), and null must be
        # valid, too (/conf/returnables-and-receivables/response-1): queryables have the unit.
        for keyword in ("x-ogc-unit", "x-ogc-unitLang"):
            schema.pop(keyword, None)
    return schema


def answer_queryables(question: Question) -> Document:
    """Answer with what filters may ask about."""
    view = view_today(question)
    members = [
        (ID, {"title": "ID", "type": "string", "x-ogc-role": "id"}),
        (GEOMETRY, describe_geometry(view)),
        *((each.name, _describe_property(each, question)) for each in list_answered(view)),
    ]
    return _describe_collection(question, members)


def answer_sortables(question: Question) -> Document:
    """Answer with what features may be sorted by: their id, and properties that have an order."""
    view = view_today(question)
    members = [(ID, {"title": "ID", "type": "string", "x-ogc-role": "id"})]
    members += [(each.name, _describe_property(each, question)) for each in list_sortable(view)]
    return _describe_collection(question, members)


def list_answered(view: CollectionView) -> list[Property]:
    """List the properties of features, without one that is called like their id or geometry."""
    return [each for each in list_properties(view) if each.name not in {ID, GEOMETRY}]


def list_sortable(view: CollectionView) -> list[Property]:
    """List the properties that have an order."""
    return [each for each in list_answered(view) if each.kind not in {"array", "object"}]


OPERATIONS = (
    Operation(
        "getSchema",
        "/collections/{collectionId}/schema",
        "What the features of a collection have",
        (JSON_SCHEMA, HTML),
        answer_schema,
        tag="Schemas",
        schemas={"json": "Schema"},
    ),
    Operation(
        "getQueryables",
        "/collections/{collectionId}/queryables",
        "What filters may ask about",
        (JSON_SCHEMA, HTML),
        answer_queryables,
        tag="Schemas",
        schemas={"json": "Schema"},
    ),
    Operation(
        "getSortables",
        "/collections/{collectionId}/sortables",
        "What features may be sorted by",
        (JSON_SCHEMA, HTML),
        answer_sortables,
        tag="Schemas",
        schemas={"json": "Schema"},
    ),
)
