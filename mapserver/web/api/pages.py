"""What the API's pages show beside the members of their documents: forms, tables, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import shapely

from mapserver import headings
from mapserver.settings import limits
from mapserver.text import language
from mapserver.text.dates import read_day
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.collections import describe_collection
from mapserver.web.api.downloads import list_downloads
from mapserver.web.api.fields import list_property_fields, list_sort_choices
from mapserver.web.api.links import link_formats, make_link
from mapserver.web.api.operations import Document, Question
from mapserver.web.api.pictures import draw_features
from mapserver.web.api.states import read_datetime

Content = dict[str, Any]
PLACE_DIGITS = 5
"""Decimals of the degrees of an example: a metre."""


def describe_page(question: Question, document: Document) -> Content:
    """Describe what the page of a document shows beside its members."""
    describe = PAGES.get(document.template, _describe_nothing)
    own, *twins = link_formats(question)
    return {
        "address": own["href"],
        # The first format of an operation is JSON, so it is the first of the others of a page;
        # what is a page and nothing else has none.
        "json_address": twins[0]["href"] if twins and _is_complete(question) else "",
        # In the other language, the same is asked.
        "query_in": lambda lang: urlencode(dict(question.query) | {"lang": lang}),
        "of_day": _write_day_of_links(question),
        **describe(question, document),
    }


def _write_day_of_links(question: Question) -> dict[str, str]:
    """Write what links add to be about the same day: pages have another word for it than the API.

    Returns
    -------
    dict
        For ``pages`` of residents and for ``questions`` of the API; both empty for today.
    """
    city = question.served.city
    day = read_datetime(question.parameters, city)
    if day == city.today():
        return {"pages": "", "questions": ""}
    return {"pages": f"&date={day}", "questions": f"&datetime={day}"}


def _is_complete(question: Question) -> bool:
    """Return whether all is asked that must be: a form that is empty yet has no twin as data."""
    rows = question.operation.parameters
    return all(row.name in question.parameters for row in rows if row.is_required)


def _describe_nothing(question: Question, document: Document) -> Content:  # noqa: ARG001
    """Return nothing: the members say it all."""
    return {}


def _describe_front(question: Question, document: Document) -> Content:  # noqa: ARG001
    collections = [describe_collection(question, each) for each in question.served.features]
    return {"collections": collections, "example": find_example_place(question)}


def _describe_collection_page(question: Question, document: Document) -> Content:
    collection = document.context["collection"]
    city = question.served.city
    frame = city.find_columns(collection)
    path = f"/api/collections/{collection}/items"
    return {
        "downloads": _link_downloads(question, collection, path, {}),
        "picture": draw_features(city, frame.geometry.to_numpy()[: limits.DEFAULT_PAGE_ITEMS]),
        "properties": _list_titles(
            question, map(str, frame.columns.drop(frame.geometry.name)), is_converted=False
        ),
    }


def _describe_schema_page(question: Question, document: Document) -> Content:
    collection = document.context["collection"]
    return {"collection_title": _read_title(question, collection)}


def _describe_items_page(question: Question, document: Document) -> Content:
    view = view_collection(
        question.served,
        question.collection,
        read_datetime(question.parameters, question.served.city),
    )
    features = document.content["features"]
    # A file holds everything that fits, and not the page alone.
    chosen = {k: v for k, v in question.query.items() if k not in {"limit", "offset", "f"}}
    fields = list_property_fields(view, question.lang)
    shown = {field.name for field in fields} | OWN_FIELDS
    return {
        "collection": view.id,
        "collection_title": _read_title(question, view.id),
        "fields": fields,
        "sort_choices": list_sort_choices(view, question.lang),
        "has_days": view.states is not None,
        "is_plain_day": _is_day(question.query.get("datetime", "")),
        "boxes": _list_boxes(question),
        "carried_fields": [(k, v) for k, v in question.query.items() if k not in shown],
        "limit": limits.DEFAULT_PAGE_ITEMS,
        "most": limits.MAX_PAGE_ITEMS,
        "first": question.parameters.integer("offset", 0, minimum=0) + 1,
        "downloads": _link_downloads(question, view.id, question.path, chosen),
        "picture": draw_features(view.city, _list_shapes(view, features)),
        **_describe_table(question, view.id, features),
    }


OWN_FIELDS = {"bbox", "datetime", "filter", "sortby", "limit", "offset", "lang", "size"}
"""The parameters that the form has fields for, or leaves out since it begins anew."""


def _describe_item_page(question: Question, document: Document) -> Content:
    collection = document.context["collection"]
    feature = document.content
    id_ = str(feature["id"])
    view = view_collection(question.served, collection, question.served.city.today())
    kept = {k: v for k, v in question.query.items() if k != "f"}
    names = list(feature["properties"])
    say = question.served.city.phrases(question.lang).say
    shapes = _list_shapes(view, [feature])
    return {
        "collection_title": _read_title(question, collection),
        "name": read_name(feature, question.lang),
        "rows": [
            (key, title, headings.write_value(key, feature["properties"][key], question.lang, say))
            for key, title in _list_titles(question, names).items()
        ],
        "picture": draw_features(view.city, shapes),
        "place": _find_place(shapes),
        "resident": find_resident_page(question, collection, id_),
        "downloads": _link_downloads(question, collection, question.path, kept),
    }


def _describe_search_page(question: Question, document: Document) -> Content:
    """Describe the page that asks for a place, and lists what is nearest to it or there."""
    content: Content = {
        "example": find_example_place(question),
        "titles": {each: _read_title(question, each) for each in question.served.features},
        "most": limits.MAX_NEAREST_ITEMS,
        "is_plain_day": _is_day(question.query.get("datetime", "")),
    }
    if "lon" not in question.parameters or "lat" not in question.parameters:
        return content
    asked = (question.parameters.number("lon"), question.parameters.number("lat"))
    features = document.content.get("features", [])
    shapes: list[shapely.Geometry] = []
    if collection := document.context.get("collection"):
        view = view_collection(question.served, collection, question.served.city.today())
        shapes = _list_shapes(view, features)
        content["found"] = [
            (each, read_name(each, question.lang), _find_page(question, collection, each))
            for each in features
        ]
    content["write_distance"] = partial(language.distance, lang=question.lang)
    return content | {"picture": draw_features(question.served.city, shapes, asked)}


def _find_page(question: Question, collection: str, feature: Content) -> str:
    """Find the page of a feature below the root of the site: a resident's, or else the API's."""
    id_ = str(feature["id"])
    own = f"api/collections/{collection}/items/{quote(id_)}"
    return find_resident_page(question, collection, id_) or own


# -- parts -----------------------------------------------------------------------------------------


def find_example_place(question: Question) -> tuple[float, float] | None:
    """Find longitude and latitude of a place that there is something to say of."""
    city = question.served.city
    frame = city.trails if city.trails is not None else next(iter(city.layers.values()), None)
    corners = np.empty((0, 2)) if frame is None else shapely.get_coordinates(frame.geometry)
    if not len(corners):
        return None
    lon, lat = corners[0].round(PLACE_DIGITS).tolist()
    return lon, lat


def find_resident_page(question: Question, collection: str, id_: str) -> str:
    """Find the page that residents have of a feature, below the root; empty where it has none."""
    city = question.served.city
    role = city.entry(collection).role
    if not role.row.has_pages:
        return ""
    # Of several layers of a role one has pages.
    return f"{role}/{quote(id_, safe='')}" if city.layer_of(role) == collection else ""


def read_name(feature: Content, lang: str) -> str:
    """Read the name of a feature in a language; one without a name has its id."""
    properties = feature["properties"]
    return str(properties.get(f"name_{lang}") or properties.get("name") or feature["id"])


def _read_title(question: Question, collection: str) -> str:
    title: str = question.served.city.entry(collection).title.in_language(question.lang)
    return title


def _list_titles(
    question: Question, names: Iterable[str], *, is_converted: bool = True
) -> dict[str, str]:
    """List the titles of properties in the order in which people look for them."""
    say = question.served.city.phrases(question.lang).say
    ordered = headings.sort_columns(pd.DataFrame(columns=list(names))).columns
    return {
        name: headings.write_title(name, question.lang, say, is_converted=is_converted)
        for name in map(str, ordered)
    }


def _list_shapes(view: CollectionView, features: list[Content]) -> list[shapely.Geometry]:
    """List the geometries of features on WGS 84, whatever system they were asked for in."""
    positions = [view.features.position(str(feature["id"])) for feature in features]
    shapes = view.frame.geometry.to_numpy()
    if view.own_frame is not None:
        # Of a layer that stays in a database, they are here in the answer alone.
        written = [feature["geometry"] for feature in features if feature["geometry"]]
        drawn = [shapely.geometry.shape(each) for each in written]
        return [each for each in drawn if _is_in_degrees(each)]
    return [shapes[each] for each in positions if each is not None]


def _is_in_degrees(shape: shapely.Geometry) -> bool:
    """Return whether a geometry may be in degrees: another system was asked for elsewhere."""
    west, south, east, north = shape.bounds
    return bool(max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90)


def _find_place(shapes: list[shapely.Geometry]) -> tuple[float, float] | None:
    """Find a place on a feature, to ask what else is near; None where it has no geometry."""
    there = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if not there:
        return None
    point = there[0].representative_point()
    return round(point.x, PLACE_DIGITS), round(point.y, PLACE_DIGITS)


def _link_downloads(
    question: Question, collection: str, path: str, query: dict[str, str]
) -> list[tuple[str, str, str]]:
    """List the files of an answer: what ``f`` calls each, its name, and its address."""
    columns = question.served.city.find_columns(collection)
    # A collection's own page offers its files; that of features, those that fit what is asked.
    offered = list_downloads(columns) if question.operation.offer is None else question.offered
    formats = [format_ for format_ in list_downloads(columns) if format_ in offered]
    return [
        (
            each.name,
            each.title,
            make_link(question, "", path, each.mimetype, query=query | {"f": each.name})["href"],
        )
        for each in formats
    ]


def _list_boxes(question: Question) -> list[tuple[str, str]]:
    """List the boxes of the neighbourhoods with their names, to choose from."""
    frame = question.served.city.neighborhoods
    if frame is None:
        return []
    names = headings.names(frame, question.lang)
    boxes = frame.geometry.bounds.round(PLACE_DIGITS).dropna()
    return [
        (",".join(f"{degrees:.{PLACE_DIGITS}f}" for degrees in box), str(names[id_]))
        for id_, *box in boxes.itertuples()
    ]


def _is_day(text: str) -> bool:
    """Return whether a text is a day, or nothing: then a field for days can show it."""
    try:
        return not text or str(read_day(text)) == text
    except ValueError:
        return False


def _describe_table(question: Question, collection: str, features: list[Content]) -> Content:
    """Describe features as a table: of the properties those that any of them has."""
    say = question.served.city.phrases(question.lang).say
    names = {name: None for each in features for name in each["properties"]}
    known = [n for n in names if any(each["properties"].get(n) is not None for each in features)]
    columns = _list_titles(question, known)
    # The first column has the name in the reader's language already.
    columns.pop(f"name_{question.lang}" if f"name_{question.lang}" in columns else "name", None)
    lines = [
        (
            f"api/collections/{collection}/items/{quote(str(each['id']))}",
            each["id"],
            read_name(each, question.lang),
            [
                headings.write_value(name, each["properties"].get(name), question.lang, say)
                for name in columns
            ],
        )
        for each in features
    ]
    return {"columns": columns, "lines": lines}


PAGES: dict[str, Callable[[Question, Document], Content]] = {
    "api/landing.html": _describe_front,
    "api/collections.html": _describe_front,
    "api/collection.html": _describe_collection_page,
    "api/schema.html": _describe_schema_page,
    "api/tilesets.html": _describe_schema_page,
    "api/tileset.html": _describe_schema_page,
    "api/items.html": _describe_items_page,
    "api/item.html": _describe_item_page,
    "api/nearest.html": _describe_search_page,
    "api/locate.html": _describe_search_page,
}
