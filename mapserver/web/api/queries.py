"""Questions about one place or many: what is nearest, and what lies there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from flask import request

from mapserver.errors import N_, QueryError
from mapserver.index import Snap
from mapserver.model import align_answers
from mapserver.settings import limits
from mapserver.web.api import batch
from mapserver.web.api import parameter_rows as rows
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.formats import GEOJSON, HTML, JSON, JSONFG
from mapserver.web.api.items import send_features
from mapserver.web.api.links import link_formats
from mapserver.web.api.operations import (
    Document,
    Encoded,
    Operation,
    Question,
    Streamed,
    require_collection,
)
from mapserver.web.api.states import list_state_columns, read_datetime, states_on
from mapserver.writers import answers


def answer_nearest(question: Question) -> Document | Encoded:
    """Answer which features of a collection are nearest to a point."""
    if question.is_page and not names_place(question):
        return Document({"links": link_formats(question)}, "api/nearest.html")
    collection, limit, max_distance_m = question.read_once("search", read_search)
    view = question.read_once("view", _view_collection)
    city = question.served.city
    snaps = city.find_nearest_snaps(
        question.parameters.number("lon"),
        question.parameters.number("lat"),
        layer=collection,
        k=limit,
        max_distance_m=max_distance_m,
    )
    return send_nearest(question, view, snaps)


def send_nearest(
    question: Question, view: CollectionView, snaps: Sequence[Snap]
) -> Document | Encoded:
    """Send features with what a search has found of each."""
    # The bytes of a feature are kept; only the numbers of the search are written anew.
    encoded = [view.extend_feature(snap.feature, answers.describe_snap(snap)) for snap in snaps]
    answer = send_features(question, view.id, encoded, number_matched=len(encoded))
    if isinstance(answer, Document):
        return Document(answer.content, "api/nearest.html", context={"collection": view.id})
    return answer


def answer_locate(question: Question) -> Document:
    """Answer which districts, neighbourhood and zone contain a point."""
    if question.is_page and not names_place(question):
        return Document({"links": link_formats(question)}, "api/locate.html")
    place = question.served.city.locate(
        question.parameters.number("lon"), question.parameters.number("lat")
    )
    # As JSON its fields are written as they are, which spares making a dictionary of each.
    content = (
        answers.describe_location(place) if question.is_page else answers.round_location(place)
    )
    return Document(content, "api/locate.html")


def answer_nearest_of_many(question: Question) -> Encoded | Streamed:
    """Answer what is nearest to each of many points, beside the rows that were sent."""
    collection, limit, max_distance_m = read_search(question)
    city = question.served.city
    day = read_datetime(question.parameters, city)
    points = batch.read_points(request, question.served.city)
    points.require_answerable(min(limit, max(1, len(question.served.features[collection]))))
    pairs = city.find_nearest(
        points.lon, points.lat, layer=collection, k=limit, max_distance_m=max_distance_m
    )
    table = answers.round_answers(city.nearest_table(collection, pairs))
    states = states_on(city, collection, day)
    if states is not None:
        records = [states[int(position)] for position in pairs.feature]
        # The day is a column, too, since what is kept as a file is read on another.
        columns = [*list_state_columns(), "state_on"]
        table = table.join(pd.DataFrame(records, table.index, columns))
    row, table = align_answers(len(points.lon), pairs.point, table)
    return points.write_answer(row, table, question.tag)


def answer_locate_of_many(question: Question) -> Encoded | Streamed:
    """Answer where each of many points lies, beside the rows that were sent."""
    points = batch.read_points(request, question.served.city)
    points.require_answerable(1)
    table = question.served.city.locate_table(points.lon, points.lat)
    return points.write_answer(np.arange(len(table)), table, question.tag)


def names_place(question: Question) -> bool:
    """Return whether a place is named; a person who has named none gets a form to do it."""
    return "lon" in question.parameters or "lat" in question.parameters


def _view_collection(question: Question) -> CollectionView:
    """View the collection that is searched on the day that is asked for."""
    collection, _, _ = read_search(question)
    day = read_datetime(question.parameters, question.served.city)
    return view_collection(question.served, collection, day)


def read_search(question: Question) -> tuple[str, int, float | None]:
    """Read what is searched: the collection, how many, and how far in geodesic metres."""
    collection = require_collection(
        question.served, question.parameters.text("collection", "trails"), "collection"
    )
    city = question.served.city
    if collection not in city.layers and collection not in city.data.large:
        raise QueryError(
            N_("nothing in {collection} has a place"),
            parameter="collection",
            mend=N_("Ask for one of: {layers}"),
            collection=collection,
            layers=", ".join([*city.layers, *city.data.large]),
        )
    limit = question.parameters.integer("limit", 1, minimum=1)
    max_distance_m = question.parameters.optional_number("max_distance")
    if max_distance_m is not None and max_distance_m < 0:
        raise QueryError(N_("a distance is 0 or more metres"), parameter="max_distance")
    return collection, min(limit, limits.MAX_NEAREST_ITEMS), max_distance_m


def _seeks_few(question: Question) -> bool:
    """Return whether a question asks for so few features that it is answered at once."""
    collection, limit, _ = question.read_once("search", read_search)
    # Of a layer that stays in a database, that is asked, which may take seconds.
    return collection not in question.served.city.data.large and limit <= limits.MAX_QUICK_FEATURES


SEARCH = (rows.COLLECTION, rows.NEAREST_LIMIT, rows.MAX_DISTANCE, rows.DATETIME)
OF_MANY = {"json": "PlacesAnswered", "jsonfg": "PlacesAnsweredJSONFG"}
OPERATIONS = (
    Operation(
        "getNearest",
        "/nearest",
        "What is nearest to a place",
        (GEOJSON, JSONFG, HTML),
        answer_nearest,
        (rows.LON, rows.LAT, *SEARCH),
        has_words=False,
        tag="Queries",
        schemas={"json": "NearestFeatures", "jsonfg": "FeaturesJSONFG"},
        is_quick=_seeks_few,
    ),
    Operation(
        "getLocation",
        "/locate",
        "Which districts, neighbourhood and zone contain a place",
        (JSON, HTML),
        answer_locate,
        (rows.LON, rows.LAT),
        has_words=False,
        tag="Queries",
        schemas={"json": "Location"},
        is_quick=lambda _: True,
    ),
    Operation(
        "postNearest",
        "/nearest",
        "What is nearest to each of many places",
        batch.FORMATS,
        answer_nearest_of_many,
        SEARCH,
        method="post",
        tag="Queries",
        schemas=OF_MANY,
    ),
    Operation(
        "postLocation",
        "/locate",
        "What contains each of many places",
        batch.FORMATS,
        answer_locate_of_many,
        method="post",
        tag="Queries",
        schemas=OF_MANY,
    ),
)
