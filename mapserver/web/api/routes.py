"""The API: features of each layer, what is nearest, and what lies at a point."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from flask import Blueprint, Response, request

from mapserver.errors import N_, NotFoundError, QueryError
from mapserver.model import align_answers, encode
from mapserver.settings import limits
from mapserver.web.api import batch
from mapserver.web.api.parameters import Parameters
from mapserver.web.api.states import list_state_columns, read_datetime, states_on
from mapserver.web.live import ServedCity, current
from mapserver.web.responses import Body, send
from mapserver.writers import answers

blueprint = Blueprint("api", __name__, url_prefix="/api")

GEOJSON = "application/geo+json"


@blueprint.get("/nearest")
def answer_nearest() -> Response:
    """Answer which features of a collection are nearest to a point."""
    parameters = Parameters(
        request.args, {"lon", "lat", "collection", "limit", "max_distance", "datetime", "f"}
    )
    parameters.choice("f", ("json",), "json")
    snapshot = current().snapshot
    collection = _require_collection(
        snapshot, parameters.text("collection", "trails"), "collection"
    )
    limit = min(parameters.integer("limit", 1, minimum=1), limits.MAX_NEAREST_ITEMS)
    max_distance_m = parameters.optional_number("max_distance")
    if max_distance_m is not None and max_distance_m < 0:
        raise QueryError(N_("a distance is 0 or more metres"), parameter="max_distance")
    pairs = snapshot.city.find_nearest(
        parameters.number("lon"),
        parameters.number("lat"),
        layer=collection,
        k=limit,
        max_distance_m=max_distance_m,
    )
    return _send_features(
        snapshot,
        answers.describe_nearest(
            snapshot.features[collection],
            pairs,
            states_on(snapshot.city, collection, read_datetime(parameters, snapshot.city)),
        ),
        number_matched=len(pairs.feature),
        links=[_make_link("self", request.args.to_dict())],
    )


@blueprint.get("/locate")
def answer_locate() -> Response:
    """Answer which districts, neighbourhood and zone contain a point."""
    parameters = Parameters(request.args, {"lon", "lat", "f"})
    parameters.choice("f", ("json",), "json")
    location = current().city.locate(parameters.number("lon"), parameters.number("lat"))
    body = Body(encode(answers.describe_location(location)), "application/json", kept=False)
    return send(body, request)


@blueprint.post("/nearest")
def answer_nearest_of_many() -> Response:
    """Answer what is nearest to each of many points, beside the rows that were sent."""
    parameters = Parameters(request.args, {"collection", "limit", "max_distance", "datetime"})
    snapshot = current().snapshot
    collection = _require_collection(
        snapshot, parameters.text("collection", "trails"), "collection"
    )
    limit = min(parameters.integer("limit", 1, minimum=1), limits.MAX_NEAREST_ITEMS)
    max_distance_m = parameters.optional_number("max_distance")
    day = read_datetime(parameters, snapshot.city)
    points = batch.read_points(request)
    points.require_answerable(min(limit, max(1, len(snapshot.features[collection]))))
    city = snapshot.city
    pairs = city.find_nearest(
        points.lon, points.lat, layer=collection, k=limit, max_distance_m=max_distance_m
    )
    table = answers.round_answers(city.nearest_table(collection, pairs))
    states = states_on(city, collection, day)
    if states is not None:
        rows = [states[int(position)] for position in pairs.feature]
        # The day is a column, too, since what is kept as a file is read on another.
        columns = [*list_state_columns(), "state_on"]
        table = table.join(pd.DataFrame(rows, table.index, columns))
    row, table = align_answers(len(points.lon), pairs.point, table)
    return send(points.write_answer(row, table), request)


@blueprint.post("/locate")
def answer_locate_of_many() -> Response:
    """Answer where each of many points lies, beside the rows that were sent."""
    Parameters(request.args, set())
    points = batch.read_points(request)
    points.require_answerable(1)
    table = current().city.locate_table(points.lon, points.lat)
    return send(points.write_answer(np.arange(len(table)), table), request)


@blueprint.get("/collections/<collection>/items")
def send_items(collection: str) -> Response:
    """Answer with the features of a collection, those in a box or all, page by page."""
    parameters = Parameters(request.args, {"bbox", "limit", "offset", "datetime", "f"})
    parameters.choice("f", ("json",), "json")
    snapshot = current().snapshot
    _require_collection(snapshot, collection)
    limit = min(
        parameters.integer("limit", limits.DEFAULT_PAGE_ITEMS, minimum=1), limits.MAX_PAGE_ITEMS
    )
    offset = parameters.integer("offset", 0, minimum=0)
    rows = snapshot.city.in_bbox(collection, parameters.bbox())
    page = rows[offset : offset + limit]
    features = snapshot.features[collection]
    states = states_on(snapshot.city, collection, read_datetime(parameters, snapshot.city))
    return _send_features(
        snapshot,
        [features.feature(int(i), states[int(i)] if states else None) for i in page],
        number_matched=len(rows),
        links=_link_pages(limit, offset, len(rows)),
    )


def _require_collection(snapshot: ServedCity, collection: str, parameter: str = "") -> str:
    if collection not in snapshot.features:
        raise NotFoundError(
            N_("there is no collection {collection}"),
            parameter=parameter,
            mend=N_("This city has: {collections}"),
            collection=repr(collection[:60]),
            collections=", ".join(snapshot.features) or "-",
        )
    return collection


def _send_features(
    snapshot: ServedCity,
    features: list[dict[str, Any]],
    *,
    number_matched: int,
    links: list[dict[str, str]],
) -> Response:
    document = {
        "type": "FeatureCollection",
        "numberMatched": number_matched,
        "numberReturned": len(features),
        # The answer is that of the snapshot: equal questions get equal bytes, so 304 can hold.
        "timeStamp": snapshot.changed_at,
        "links": links,
        "features": features,
    }
    return send(Body(encode(document), GEOJSON, kept=False), request)


def _link_pages(limit: int, offset: int, number_matched: int) -> list[dict[str, str]]:
    parameters = request.args.to_dict()
    links = [_make_link("self", parameters)]
    if offset + limit < number_matched:
        links.append(_make_link("next", parameters | {"offset": str(offset + limit)}))
    if offset > 0:
        links.append(_make_link("prev", parameters | {"offset": str(max(0, offset - limit))}))
    return links


def _make_link(rel: str, parameters: dict[str, str]) -> dict[str, str]:
    base = current().settings.base_url or request.host_url.rstrip("/")
    query = f"?{urlencode(parameters)}" if parameters else ""
    return {"rel": rel, "type": GEOJSON, "href": f"{base}{request.path}{query}"}
