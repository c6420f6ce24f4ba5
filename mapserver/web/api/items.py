"""The features of a collection: those that are asked for, page by page, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_, NotFoundError
from mapserver.model import encode
from mapserver.settings import limits
from mapserver.web.api import jsonfg, systems
from mapserver.web.api import parameter_rows as rows
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.downloads import (
    DOWNLOADS,
    is_download,
    list_downloads_of,
    offer_formats,
    send_file,
)
from mapserver.web.api.formats import GEOJSON, HTML, JSON, JSONFG, Format
from mapserver.web.api.links import (
    Link,
    encode_format_links,
    link_formats,
    link_formats_of,
    make_link,
    write_link_header,
    write_schemas_header,
)
from mapserver.web.api.operations import Document, Encoded, Operation, Question
from mapserver.web.api.selection import choose_properties, select_rows
from mapserver.web.api.states import read_datetime
from mapserver.web.api.systems import CRS84, ReferenceSystem
from mapserver.web.responses import Body

Rows = npt.NDArray[np.intp]


def answer_items(question: Question) -> Document | Encoded:
    """Answer with the features that were asked for, page by page."""
    view = question.read_once("view", _view_collection)
    selected = select_rows(question, view)
    properties = choose_properties(question, view)
    if is_download(question.format):
        start = question.parameters.integer("offset", 0, minimum=0)
        # A file holds everything, unless a limit is asked for.
        most = question.parameters.integer("limit", max(len(selected), 1), minimum=1)
        return send_file(question, view, selected[start : start + most], view.id)
    limit, offset, system = question.read_once("page", read_page)
    page = selected[offset : offset + limit]
    features = encode_features(view, page, properties, system)
    pages = link_pages(question, limit, offset, len(selected))
    return send_features(
        question, view.id, features, number_matched=len(selected), more_links=pages, system=system
    )


def _view_collection(question: Question) -> CollectionView:
    """View the collection that the path names on the day that is asked for."""
    day = read_datetime(question.parameters, question.served.city)
    return view_collection(question.served, question.collection, day)


def read_page(question: Question) -> tuple[int, int, ReferenceSystem]:
    """Read how many features are wanted, from which on, and in which reference system."""
    parameters = question.parameters
    limit = parameters.integer("limit", limits.DEFAULT_PAGE_ITEMS, minimum=1)
    offset = parameters.integer("offset", 0, minimum=0)
    city = question.served.city
    system = systems.find_system(city, parameters.optional_text("crs"), "crs")
    return min(limit, limits.MAX_PAGE_ITEMS), offset, system


def answer_item(question: Question) -> Document | Encoded:
    """Answer with one feature."""
    view = _view_collection(question)
    position = find_position(view, question.places["featureId"])
    return send_item(question, view, position, choose_properties(question, view))


def send_item(
    question: Question, view: CollectionView, position: int, properties: Sequence[str] | None
) -> Document | Encoded:
    """Send one feature of a collection with some of its properties, or all."""
    if is_download(question.format):
        return send_file(question, view, np.array([position]), view.features.id_of(position))
    system = systems.find_system(view.city, question.parameters.optional_text("crs"), "crs")
    [feature] = encode_features(view, [position], properties, system)
    shapes = view.source.geometry.to_numpy()[position : position + 1]
    question.read_once("files", lambda _: list_downloads_of(shapes))
    links = [
        *link_formats(question),
        *link_formats_of(question, "collection", f"/api/collections/{view.id}", (JSON, HTML)),
    ]
    if not question.is_page:
        members: dict[str, Any] = {"links": links}
        if question.format is JSONFG:
            feature = jsonfg.write_feature(feature, system)
            members |= jsonfg.describe_document(view.id, system)
        body = join_members(feature, members)
        return Encoded(
            Body(body, question.format.mimetype, kept=False, tag=question.tag),
            write_headers(question, view.id, system),
        )
    content = msgspec.json.decode(feature) | {"links": links}
    return Document(content, "api/item.html", context={"collection": view.id})


def _offer_item_formats(question: Question) -> list[Format]:
    """List the formats in which the feature of an answer can be had."""
    fitting = question.notes.get("files", DOWNLOADS)
    formats = offer_formats(question)
    return [format_ for format_ in formats if not is_download(format_) or format_ in fitting]


def find_position(view: CollectionView, id_: str) -> int:
    """Find a feature by its id.

    Raises
    ------
    NotFoundError
        The collection has no such feature.
    """
    position = view.features.position(id_)
    if position is None:
        raise describe_missing_feature(view.id, id_)
    return position


def describe_missing_feature(collection: str, id_: str) -> NotFoundError:
    """Describe that a collection has no such feature."""
    return NotFoundError(
        N_("there is no feature {feature} in {collection}"),
        mend=N_("The collection's items have the ids"),
        feature=repr(id_[:60]),
        collection=collection,
    )


def encode_features(
    view: CollectionView,
    positions: Sequence[int] | Rows,
    properties: Sequence[str] | None,
    system: ReferenceSystem = CRS84,
) -> list[msgspec.Raw]:
    """Encode features as GeoJSON, from the bytes that are kept where all properties are wanted.

    Parameters
    ----------
    view
        The collection.
    positions
        Which features.
    properties
        Names of the properties to keep; None for all.
    system
        The reference system of the geometries.
    """
    # Most questions want features as they are: their bytes are only put together.
    numbers = positions.tolist() if isinstance(positions, np.ndarray) else positions
    encoded = view.encode_features(numbers)
    if properties is None and system.is_crs84:
        return encoded
    features = [msgspec.json.decode(each, type=dict[str, msgspec.Raw]) for each in encoded]
    if properties is not None:
        for feature in features:
            members = msgspec.json.decode(feature["properties"], type=dict[str, msgspec.Raw])
            chosen = {name: members[name] for name in properties if name in members}
            feature["properties"] = msgspec.Raw(encode(chosen))
    if not system.is_crs84:
        shapes = system.project(view.frame.geometry.to_numpy()[np.asarray(positions, np.intp)])
        for feature, shape in zip(features, shapely.to_geojson(shapes), strict=True):
            # What has no place has none in any system.
            if bytes(feature["geometry"]) != b"null":
                feature["geometry"] = msgspec.Raw(shape.encode())
    return [msgspec.Raw(encode(feature)) for feature in features]


def write_headers(question: Question, collection: str, system: ReferenceSystem) -> dict[str, str]:
    """Write the headers of features: their reference system (18-058r1, 6.4), and their schemas."""
    header = write_schemas_header(question.root, collection)
    return {"Content-Crs": f"<{system.uri}>", "Link": header}


def add_links(headers: dict[str, str], links: Sequence[Link]) -> dict[str, str]:
    """Add links to other pages to the header ``Link``, for programs that turn pages by it."""
    text = write_link_header(links)
    if not links or len(text) > limits.MAX_LINKED_LETTERS:
        return headers
    return headers | {"Link": f"{headers['Link']}, {text}"}


def send_features(  # noqa: PLR0913 -- what stands in the document
    question: Question,
    collection: str,
    features: list[msgspec.Raw],
    *,
    number_matched: int,
    more_links: Sequence[Link] = (),
    system: ReferenceSystem = CRS84,
) -> Document | Encoded:
    """Send features as a collection, with how many there are in all.

    There is no time stamp: equal questions get equal bytes, so a client keeps what it has. The
    time of the data stands in the headers.

    Parameters
    ----------
    question
        The answer links to itself and its twins.
    collection
        Id of the collection.
    features
        The features, encoded as GeoJSON.
    number_matched
        How many there are in all.
    more_links
        Further links, to other pages.
    system
        The reference system of the geometries.
    """
    if question.format is GEOJSON:
        # All parts are bytes already, so they are only put together.
        links_json = encode_format_links(question)
        if more_links:
            links_json = links_json[:-1] + b"," + encode(more_links)[1:]
        start = (
            f'{{"type":"FeatureCollection","numberMatched":{number_matched},'
            f'"numberReturned":{len(features)},"links":'
        )
        data = join_features(b'%b%b,"features":[' % (start.encode(), links_json), features)
        body = Body(data, question.format.mimetype, kept=False, tag=question.tag)
        # Collection and system are those of all questions of the shape.
        headers = question.read_once(
            "headers", lambda question: write_headers(question, collection, system)
        )
        return Encoded(body, add_links(headers, more_links))
    headers = add_links(write_headers(question, collection, system), more_links)
    links = [*link_formats(question), *more_links]
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "numberMatched": number_matched,
        "numberReturned": len(features),
        "links": links,
        "features": features,
    }
    if question.format is JSONFG:
        content |= jsonfg.describe_document(collection, system)
        content["features"] = [jsonfg.write_feature(each, system) for each in features]
    if not question.is_page:
        body = Body(encode(content), question.format.mimetype, kept=False, tag=question.tag)
        return Encoded(body, headers)
    content["features"] = [msgspec.json.decode(feature) for feature in features]
    return Document(content, "api/items.html", headers)


def join_features(start: bytes, features: Sequence[msgspec.Raw]) -> bytes:
    """Join the start of a collection and its features, of which each byte is copied once."""
    if len(features) < 2:
        return b"".join([start, *features, b"]}"])
    first, *between, last = features
    return b",".join([start + bytes(first), *between, bytes(last) + b"]}"])


def join_members(feature: msgspec.Raw, members: dict[str, Any]) -> bytes:
    """Add members to a feature that is encoded already."""
    return bytes(feature)[:-1] + b"," + encode(members)[1:]


def link_pages(question: Question, limit: int, offset: int, number_matched: int) -> list[Link]:
    """Link to the page before and the page after this one, where there are such."""

    def link(rel: str, start: int) -> Link:
        query = {**question.query, "offset": str(start)}
        return make_link(question, rel, question.path, question.format.mimetype, query=query)

    links = []
    if offset + limit < number_matched:
        links.append(link("next", offset + limit))
    if offset > 0:
        links.append(link("prev", max(0, offset - limit)))
    return links


QUICK_PARAMETERS = frozenset({"bbox", "crs", "f", "lang", "limit", "offset"})
"""Parameters of items that select by the index alone; filters and orders look at every feature."""


def _lists_few(question: Question) -> bool:
    """Return whether a question about items is answered at once, whatever its box."""
    if is_download(question.format) or not question.query.keys() <= QUICK_PARAMETERS:
        return False
    if question.collection in question.served.city.data.large:
        return False  # a database is asked, which may take seconds
    limit, _, system = question.read_once("page", read_page)
    features = len(question.served.features[question.collection])
    is_small = features <= limits.MAX_QUICK_LAYER_FEATURES
    return is_small and system.is_crs84 and min(limit, features) <= limits.MAX_QUICK_FEATURES


OF_FILES = (206, 416, 503)
"""Statuses of files, of which a client may ask for a part, and which some may take at once."""
OPERATIONS = (
    Operation(
        "getItems",
        "/collections/{collectionId}/items",
        "The features of a collection, page by page",
        (GEOJSON, JSONFG, HTML, *DOWNLOADS),
        answer_items,
        (
            *(rows.BBOX, rows.BBOX_CRS, rows.CRS, rows.DATETIME, rows.LIMIT, rows.OFFSET),
            *(rows.FILTER, rows.FILTER_LANG, rows.FILTER_CRS, rows.SORTBY, rows.PROPERTIES),
        ),
        has_words=False,
        tag="Features",
        has_properties=True,
        schemas={"json": "Features", "jsonfg": "FeaturesJSONFG"},
        statuses=OF_FILES,
        offer=offer_formats,
        is_quick=_lists_few,
    ),
    Operation(
        "getItem",
        "/collections/{collectionId}/items/{featureId}",
        "One feature",
        (GEOJSON, JSONFG, HTML, *DOWNLOADS),
        answer_item,
        (rows.CRS, rows.DATETIME, rows.PROPERTIES),
        has_words=False,
        tag="Features",
        schemas={"json": "Feature", "jsonfg": "FeatureJSONFG"},
        statuses=OF_FILES,
        offer=_offer_item_formats,
        is_quick=lambda question: not is_download(question.format),
    ),
)
