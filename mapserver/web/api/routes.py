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
from mapserver.web.api.states import COLUMNS, read_datetime, states_on
from mapserver.web.live import ServedCity, current
from mapserver.web.responses import Body, send
from mapserver.writers import answers

blueprint = Blueprint("api", __name__, url_prefix="/api")

GEOJSON = "application/geo+json"


@blueprint.get("/nearest")
def nearest() -> Response:
    """Answer which features of a collection are nearest to a point."""
    given = Parameters(
        request.args, {"lon", "lat", "collection", "limit", "max_distance", "datetime", "f"}
    )
    given.choice("f", ("json",), "json")
    snapshot = current().snapshot
    collection = _collection(snapshot, given.text("collection", "trails"), "collection")
    limit = min(given.integer("limit", 1, least=1), limits.MAX_NEAREST_ITEMS)
    max_distance_m = given.optional_number("max_distance")
    if max_distance_m is not None and max_distance_m < 0:
        raise QueryError(N_("a distance is 0 or more metres"), parameter="max_distance")
    found = snapshot.city.find_nearest(
        given.number("lon"),
        given.number("lat"),
        layer=collection,
        k=limit,
        max_distance_m=max_distance_m,
    )
    return _features(
        snapshot,
        answers.describe_nearest(
            snapshot.features[collection],
            found,
            states_on(snapshot.city, collection, read_datetime(given, snapshot.city)),
        ),
        matched=len(found.feature),
        links=[_link("self", request.args.to_dict())],
    )


@blueprint.get("/locate")
def locate() -> Response:
    """Answer which districts, neighbourhood and zone contain a point."""
    given = Parameters(request.args, {"lon", "lat", "f"})
    given.choice("f", ("json",), "json")
    found = current().city.locate(given.number("lon"), given.number("lat"))
    body = Body(encode(answers.describe_location(found)), "application/json", kept=False)
    return send(body, request)


@blueprint.post("/nearest")
def nearest_of_many() -> Response:
    """Answer what is nearest to each of many points, beside the rows that were sent."""
    given = Parameters(request.args, {"collection", "limit", "max_distance", "datetime"})
    snapshot = current().snapshot
    collection = _collection(snapshot, given.text("collection", "trails"), "collection")
    limit = min(given.integer("limit", 1, least=1), limits.MAX_NEAREST_ITEMS)
    max_distance_m = given.optional_number("max_distance")
    day = read_datetime(given, snapshot.city)
    asked = batch.read(request)
    asked.require_answerable(min(limit, max(1, len(snapshot.features[collection]))))
    city = snapshot.city
    found = city.find_nearest(
        asked.lon, asked.lat, layer=collection, k=limit, max_distance_m=max_distance_m
    )
    table = answers.round_answers(city.nearest_table(collection, found))
    states = states_on(city, collection, day)
    if states is not None:
        rows = [states[int(position)] for position in found.feature]
        table = table.join(pd.DataFrame(rows, table.index, COLUMNS))
    row, table = align_answers(len(asked.lon), found.point, table)
    return send(asked.answer(row, table), request)


@blueprint.post("/locate")
def locate_many() -> Response:
    """Answer where each of many points lies, beside the rows that were sent."""
    Parameters(request.args, set())
    asked = batch.read(request)
    asked.require_answerable(1)
    table = current().city.locate_table(asked.lon, asked.lat)
    return send(asked.answer(np.arange(len(table)), table), request)


@blueprint.get("/collections/<collection>/items")
def items(collection: str) -> Response:
    """Answer with the features of a collection, those in a box or all, page by page."""
    given = Parameters(request.args, {"bbox", "limit", "offset", "datetime", "f"})
    given.choice("f", ("json",), "json")
    snapshot = current().snapshot
    _collection(snapshot, collection)
    limit = min(given.integer("limit", limits.DEFAULT_PAGE_ITEMS, least=1), limits.MAX_PAGE_ITEMS)
    offset = given.integer("offset", 0, least=0)
    found = snapshot.city.in_bbox(collection, given.bbox())
    page = found[offset : offset + limit]
    features = snapshot.features[collection]
    states = states_on(snapshot.city, collection, read_datetime(given, snapshot.city))
    return _features(
        snapshot,
        [features.feature(int(i), states[int(i)] if states else None) for i in page],
        matched=len(found),
        links=_paging(limit, offset, len(found)),
    )


def _collection(snapshot: ServedCity, collection: str, parameter: str = "") -> str:
    if collection not in snapshot.features:
        raise NotFoundError(
            N_("there is no collection {collection}"),
            parameter=parameter,
            mend=N_("This city has: {collections}"),
            collection=repr(collection[:60]),
            collections=", ".join(snapshot.features) or "-",
        )
    return collection


def _features(
    snapshot: ServedCity,
    features: list[dict[str, Any]],
    *,
    matched: int,
    links: list[dict[str, str]],
) -> Response:
    document = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(features),
        # The answer is that of the snapshot: equal questions get equal bytes, so 304 can hold.
        "timeStamp": snapshot.changed_at,
        "links": links,
        "features": features,
    }
    return send(Body(encode(document), GEOJSON, kept=False), request)


def _paging(limit: int, offset: int, matched: int) -> list[dict[str, str]]:
    given = request.args.to_dict()
    links = [_link("self", given)]
    if offset + limit < matched:
        links.append(_link("next", given | {"offset": str(offset + limit)}))
    if offset > 0:
        links.append(_link("prev", given | {"offset": str(max(0, offset - limit))}))
    return links


def _link(rel: str, parameters: dict[str, str]) -> dict[str, str]:
    base = current().settings.base_url or request.host_url.rstrip("/")
    query = f"?{urlencode(parameters)}" if parameters else ""
    return {"rel": rel, "type": GEOJSON, "href": f"{base}{request.path}{query}"}
