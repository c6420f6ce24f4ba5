"""Questions about layers that stay in a database: what they ask is asked there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np

from mapserver.errors import N_, QueryError
from mapserver.geo.geodesy import require_lonlat
from mapserver.index import Snap
from mapserver.model import Features, Layer, Snapshot
from mapserver.settings import limits
from mapserver.stores.areas import box_condition, join_any, placeless_condition, write_area
from mapserver.stores.conditions import Condition
from mapserver.stores.filtering import Translator
from mapserver.stores.large import LargeLayer
from mapserver.stores.quoting import write_sql
from mapserver.web.api.collection_views import CollectionView, view_collection
from mapserver.web.api.downloads import is_download, send_file
from mapserver.web.api.items import (
    describe_missing_feature,
    encode_features,
    link_pages,
    read_page,
    send_features,
    send_item,
)
from mapserver.web.api.operations import Operation, Outcome, Question
from mapserver.web.api.parameters import read_number, read_whole, require_box
from mapserver.web.api.queries import names_place, read_search, send_nearest
from mapserver.web.api.schemas import list_answered
from mapserver.web.api.selection import (
    BOOLEANS,
    choose_properties,
    find_box_system,
    list_other_names,
    read_filter_terms,
    read_order,
    read_question_filter,
)
from mapserver.web.api.states import read_datetime

Evaluate = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


def add_large_answers(operations: Iterable[Operation]) -> list[Operation]:
    """Return operations that also answer about layers that stay in a database, where they can."""
    return [replace(each, answer_large=ANSWERS.get(each.id)) for each in operations]


def view_features(question: Question, layer: LargeLayer, frame: gpd.GeoDataFrame) -> CollectionView:
    """View some features of a layer as a collection."""
    return CollectionView(layer.entry.id, None, question.served.city, Features(frame), None, frame)


def answer_large_items(question: Question, layer: LargeLayer) -> Outcome:
    """Answer with the features that were asked for, page by page."""
    view = _view_prototype(question, layer)
    conditions, evaluate = select_features(question, view, layer)
    order = read_order(question, view)
    properties = choose_properties(question, view)
    limit, offset, system = read_page(question)
    with layer.ask() as cursor:
        if is_download(question.format):
            limit = question.parameters.integer("limit", limits.MAX_PAGE_ITEMS + 1, minimum=1)
            is_too_many = limit > limits.MAX_PAGE_ITEMS and evaluate is None
            # Whether there are more is known after looking at so many: no more are counted.
            if is_too_many and layer.has_more(cursor, conditions, limits.MAX_PAGE_ITEMS + offset):
                raise _refuse_file(layer)
            limit = min(limit, limits.MAX_PAGE_ITEMS + 1)
        if evaluate is None:
            # A file does not say how many there are, so nobody waits for that.
            counts = not is_download(question.format)
            matched = layer.count_matches(cursor, conditions) if counts else 0
            frame = layer.fetch(cursor, conditions, order=order, most=limit, offset=offset)
        else:
            most = limits.MAX_LARGE_CANDIDATES
            # Before they are sorted and read, which takes seconds.
            if layer.has_more(cursor, conditions, most):
                raise QueryError(
                    N_("the filter would have to look at more than {most} features itself"),
                    parameter="filter",
                    mend=N_("Add a bbox, or a plain comparison joined by AND"),
                    most=f"{most:,}",
                )
            frame = layer.fetch(cursor, conditions, order=order, most=most)
            frame = evaluate(frame)
            matched = len(frame)
            frame = frame.iloc[offset : offset + limit]
    # A file that lacks rows without a word would be taken for the whole.
    if len(frame) > limits.MAX_PAGE_ITEMS:
        raise _refuse_file(layer)
    page = view_features(question, layer, frame)
    if is_download(question.format):
        return send_file(question, page, np.arange(len(frame)), layer.entry.id)
    features = encode_features(page, range(len(frame)), properties, system)
    return send_features(
        question,
        layer.entry.id,
        features,
        number_matched=matched,
        more_links=link_pages(question, limit, offset, matched),
        system=system,
    )


def _refuse_file(layer: LargeLayer) -> QueryError:
    return QueryError(
        N_("more than {most} features of {collection} match, which no file has"),
        parameter="limit",
        mend=N_("Add a bbox or a filter, or ask for parts with limit={limit} and offset"),
        collection=layer.entry.id,
        most=f"{limits.MAX_PAGE_ITEMS:,}",
        limit=limits.MAX_PAGE_ITEMS,
    )


def select_features(
    question: Question, view: CollectionView, layer: LargeLayer
) -> tuple[list[Condition], Evaluate | None]:
    """Translate what a question selects by.

    Returns
    -------
    conditions : list of Condition
        They hold for every feature that is asked for.
    evaluate : function or None
        Finds among features for which they hold those that are asked for; None where all are.
    """
    conditions = _read_box_conditions(question, layer)
    wished = question.read_once("properties", list_other_names)
    for each in list_answered(view) if wished else ():
        if each.name in wished:
            text = question.parameters.text(each.name, "")
            conditions.append(_match_property(layer, each.name, each.kind, text))
    question.read_once("filter terms", read_filter_terms)
    if "filter" not in question.parameters:
        return conditions, None
    asked, kinds, system = read_question_filter(question, view)
    to_lonlat = None if system.is_crs84 else system.to_lonlat
    find_rows = partial(
        asked.find_rows, properties=kinds, to_lonlat=to_lonlat, zone=view.city.catalog.zone
    )
    find_rows(view.frame)  # what it names is there and can be compared, or it is refused
    translator = Translator(
        layer.written_columns,
        layer.kinds,
        to_lonlat,
        layer.bare_columns,
        moments=layer.moments,
        zone=view.city.catalog.zone,
    )
    translated, is_whole = translator.split(asked.tree)
    return [*conditions, *translated], None if is_whole else lambda frame: frame[find_rows(frame)]


def _read_box_conditions(question: Question, layer: LargeLayer) -> list[Condition]:
    """Return the condition of the box of a question; what has no place is in every box."""
    system = question.read_once("system of the box", find_box_system)
    given = question.parameters.box("bbox", system.box_order)
    if given is None:
        return []
    box = system.order_box(given)
    if system.is_crs84 or system.crs.is_geographic:
        inside = box_condition(require_box(box, system.box_order))
    else:
        west, south, east, north = box
        if west > east or south > north:
            raise QueryError(
                N_("the box ends before it begins"),
                parameter="bbox",
                mend=system.box_order,
            )
        # The index knows degrees; what it finds is looked at in the plane of the box.
        srid = system.crs.to_epsg()
        near = box_condition(require_box(system.find_degrees(box), system.box_order))
        area, values = write_area(box, srid or 0)
        exact = write_sql('({} AND ST_Intersects(ST_Transform("geom", %s), {}))', near.sql, area)
        inside = Condition(exact, (*near.values, srid, *values))
    # Asking for what has no place looks at every row, so it is left out where there is none.
    return [join_any([inside, placeless_condition()]) if layer.placeless else inside]


def _match_property(layer: LargeLayer, name: str, kind: str, text: str) -> Condition:
    """Return the condition that a property has the value that an address gives as text."""
    value: object = text
    if kind == "integer":
        value = read_whole(name, text)
    elif kind == "number":
        number = read_number(name, text)
        value = int(number) if number.is_integer() and abs(number) < 2**53 else number
    elif kind == "boolean":
        if text.lower() not in BOOLEANS:
            raise QueryError(
                N_("{value} is neither true nor false"), parameter=name, value=repr(text[:40])
            )
        value = BOOLEANS[text.lower()]
    elif "\x00" in text:
        return Condition(write_sql("(false)"))  # PostgreSQL holds no such text
    # A number that is equal to one is neither NaN nor Infinity, so the index of a column serves.
    column = layer.bare_columns.get(name, layer.written_columns[name])
    return Condition(write_sql("({} = %s)", column), (value,))


def answer_large_item(question: Question, layer: LargeLayer) -> Outcome:
    """Answer with one feature."""
    properties = choose_properties(question, _view_prototype(question, layer))
    id_ = question.places["featureId"]
    frame = layer.fetch_item(id_)
    if not len(frame) or "\x00" in id_:
        raise describe_missing_feature(layer.entry.id, id_)
    return send_item(question, view_features(question, layer, frame), 0, properties)


def answer_large_nearest(question: Question, layer: LargeLayer) -> Outcome:
    """Answer which features are nearest to a point, in geodesic metres."""
    if question.is_page and not names_place(question):
        return question.operation.answer(question)
    id_, limit, max_distance_m = read_search(question)
    lon, lat = question.parameters.number("lon"), question.parameters.number("lat")
    require_lonlat(lon, lat)
    read_datetime(question.parameters, question.served.city)  # refused as for all other layers
    city = question.served.city

    def search(frame: gpd.GeoDataFrame, most_m: float | None) -> list[Snap]:
        found = Snapshot(
            replace(city.data, layers={id_: Layer(layer.entry, frame, layer.file)}, large={})
        )
        # Of one alone the plane would decide among equals, and this one is not that of memory.
        snaps = found.find_nearest_snaps(
            lon, lat, layer=id_, k=max(limit, 2), max_distance_m=most_m
        )
        return snaps[:limit]

    frame = layer.fetch_near(
        lon, lat, limit, max_distance_m, lambda first: search(first, None)[-1].distance_m
    )
    snaps = search(frame, max_distance_m) if len(frame) else []
    return send_nearest(question, view_features(question, layer, frame), snaps)


def _view_prototype(question: Question, layer: LargeLayer) -> CollectionView:
    day = read_datetime(question.parameters, question.served.city)
    return view_collection(question.served, layer.entry.id, day)


def _describe(question: Question, _: LargeLayer) -> Outcome:
    """Answer what describes a collection, which knows of these layers itself."""
    return question.operation.answer(question)


ANSWERS: dict[str, Callable[[Question, LargeLayer], Outcome]] = {
    **dict.fromkeys(("getCollection", "getSchema", "getQueryables", "getSortables"), _describe),
    **dict.fromkeys(("getTilesets", "getTileset", "getTile"), _describe),
    "getItems": answer_large_items,
    "getItem": answer_large_item,
    "getNearest": answer_large_nearest,
}
"""What can be asked about such a layer, by the operation; all else is refused."""
