"""The collections of a city: each layer, described."""

from __future__ import annotations

from typing import Any

from mapserver.errors import N_
from mapserver.geo import extent
from mapserver.web.api.downloads import list_downloads
from mapserver.web.api.formats import GEOJSON, HTML, JSON
from mapserver.web.api.links import (
    REL,
    Link,
    link_formats,
    link_formats_of,
    link_schemas,
    make_link,
)
from mapserver.web.api.operations import Document, Operation, Question
from mapserver.web.api.systems import CRS84, list_systems


def answer_collections(question: Question) -> Document:
    """Answer with all collections of the city."""
    content = {
        "links": link_formats(question),
        "collections": [
            describe_collection(question, collection) for collection in question.served.features
        ],
    }
    return Document(content, "api/collections.html")


def answer_collection(question: Question) -> Document:
    """Answer with the description of one collection."""
    collection = question.collection
    content = describe_collection(question, collection)
    links = link_formats(question)
    content["links"] = [*links, *(each for each in content["links"] if each["rel"] != "self")]
    return Document(content, "api/collection.html", context={"collection": collection})


def describe_collection(question: Question, collection: str) -> dict[str, Any]:
    """Describe a collection: what it is, where it lies, whose it is, and its links.

    Parameters
    ----------
    question
        Says in which language.
    collection
        Id of a layer of the city.
    """
    city = question.served.city
    entry = city.entry(collection)
    large = city.data.large.get(collection)
    title = entry.title.in_language(question.lang)
    content: dict[str, Any] = {"id": collection, "title": title}
    if source := entry.source.in_language(question.lang):
        content["description"] = content["attribution"] = source
    if entry.licence:
        content["license"] = entry.licence
    if entry.sample:
        content["sample"] = True
    if large is None:
        frame = city.published[collection]
        bounds, count = extent.find_frame_bounds([frame]), len(frame)
    else:
        bounds, count = large.bounds, large.count
    # Of a collection in which nothing has a place no extent is known.
    if bounds is not None:
        content["extent"] = {"spatial": {"bbox": [list(bounds)], "crs": CRS84.uri}}
    return content | {
        "itemType": "feature",
        "crs": [system.uri for system in list_systems(city)],
        "storageCrs": CRS84.uri,
        "numberOfFeatures": count,
        "links": _link_collection(question, collection, title, has_places=bounds is not None),
    }


def _link_collection(
    question: Question, collection: str, title: str, *, has_places: bool
) -> list[Link]:
    path = f"/api/collections/{collection}"
    city = question.served.city
    # A layer that stays in a database is not taken as a whole.
    is_large = collection in city.data.large
    downloads = [] if is_large else list_downloads(city.published[collection])
    return [
        make_link(question, "self", path, JSON.mimetype, title=title),
        # GDAL asks for a feature by writing its id behind this address, so it has no query.
        make_link(question, "items", f"{path}/items", GEOJSON.mimetype, title=f"{title} (GeoJSON)"),
        *link_formats_of(question, "items", f"{path}/items", (HTML,), title),
        *link_schemas(question, collection),
        *link_formats_of(question, "enclosure", f"{path}/items", tuple(downloads), title),
        *link_formats_of(
            question,
            f"{REL}/tilesets-vector",
            f"{path}/tiles",
            (JSON, HTML) if has_places else (),
            city.phrases(question.lang).say(N_("Tiles")),
        ),
    ]


OPERATIONS = (
    Operation(
        "getCollections",
        "/collections",
        "The collections of the city",
        (JSON, HTML),
        answer_collections,
        tag="Collections",
        schemas={"json": "Collections"},
    ),
    Operation(
        "getCollection",
        "/collections/{collectionId}",
        "One collection",
        (JSON, HTML),
        answer_collection,
        tag="Collections",
        schemas={"json": "Collection"},
    ),
)
