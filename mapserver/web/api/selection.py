"""Which features a question asks for: in a box, with values of properties, in an order."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.errors import N_, QueryError
from mapserver.filters import LANGUAGES, Filter, read_filter
from mapserver.filters.columns import write_text
from mapserver.web.api import systems
from mapserver.web.api.collection_views import CollectionView
from mapserver.web.api.operations import Question, list_parameter_names
from mapserver.web.api.parameters import read_number, read_whole, require_box
from mapserver.web.api.schemas import ID, list_answered, list_sortable

Rows = npt.NDArray[np.intp]


def select_rows(question: Question, view: CollectionView) -> Rows:
    """Select the features of a collection that match a question, in the order that it asks for.

    Returns
    -------
    ndarray of int
        Positions in the collection, shape (n,).
    """
    selected = find_in_box(question, view)
    question.read_once("filter terms", read_filter_terms)
    if question.read_once("by box alone", selects_by_box_alone):
        return selected
    # A property that is called like a parameter is asked for by a filter alone.
    properties = question.read_once("properties", list_other_names)
    for each in list_answered(view) if properties else ():
        if each.name in properties:
            wished = question.parameters.text(each.name, "")
            is_match = match_values(view.frame[each.name], each.kind, each.name, wished)
            selected = selected[is_match[selected]]
    if "filter" in question.parameters:
        selected = selected[find_matches(question, view)[selected]]
    return sort_rows(question, view, selected)


def selects_by_box_alone(question: Question) -> bool:
    """Return whether a question neither filters what is in its box nor orders it, as most do."""
    is_refined = "filter" in question.parameters or "sortby" in question.parameters
    return not is_refined and not list_other_names(question)


def list_other_names(question: Question) -> set[str]:
    """List the names of what is asked for that is no parameter of the operation."""
    return question.query.keys() - list_parameter_names(question.operation)


def find_box_system(question: Question) -> systems.ReferenceSystem:
    """Find the reference system of the box of a question."""
    wished = question.parameters.optional_text("bbox-crs")
    return systems.find_system(question.served.city, wished, "bbox-crs")


def find_matches(question: Question, view: CollectionView) -> npt.NDArray[np.bool_]:
    """Find the features for which the filter of a question is true.

    Returns
    -------
    ndarray of bool
        Shape (n,), for each feature of the collection.
    """
    asked, kinds, system = read_question_filter(question, view)
    return asked.find_rows(
        view.frame,
        properties=kinds,
        to_lonlat=None if system.is_crs84 else system.to_lonlat,
        zone=view.city.catalog.zone,
    )


def read_question_filter(
    question: Question, view: CollectionView
) -> tuple[Filter, dict[str, str], systems.ReferenceSystem]:
    """Read the filter of a question, the kinds of what it may name, and its reference system."""
    language, system = question.read_once("filter terms", read_filter_terms)
    kinds = {each.name: FILTER_KINDS.get(each.kind, each.kind) for each in list_answered(view)}
    asked = read_filter(
        question.parameters.text("filter", ""),
        language,
        booleans={name for name, kind in kinds.items() if kind == "boolean"},
        times={name for name, kind in kinds.items() if kind == "text-date-time"},
    )
    return asked, kinds, system


def read_filter_terms(question: Question) -> tuple[str, systems.ReferenceSystem]:
    """Read in which language and reference system a filter is, also where there is none yet."""
    wished = question.parameters.optional_text("filter-crs")
    system = systems.find_system(question.served.city, wished, "filter-crs")
    return question.parameters.choice("filter-lang", LANGUAGES, LANGUAGES[0]), system


FILTER_KINDS = {"datetime": "date-time"}
"""Kinds of properties that filters call by another name."""
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
"""Texts of an address that are a boolean; GDAL asks by numbers."""


def find_in_box(question: Question, view: CollectionView) -> Rows:
    """Find the features with any part in the box of a question, and those without a place.

    Raises
    ------
    QueryError
        The box is no place, or its reference system is not offered.
    """
    city = view.city
    system = question.read_once("system of the box", find_box_system)
    given = question.parameters.box("bbox", system.box_order)
    if given is None:
        return city.in_bbox(view.id, None)
    box = system.order_box(given)
    if system.is_crs84 or system.crs.is_geographic:
        return city.in_bbox(view.id, require_box(box, system.box_order))
    west, south, east, north = box
    if west > east or south > north:
        raise QueryError(
            N_("the box ends before it begins"),
            parameter="bbox",
            mend=system.box_order,
        )
    # What the box may touch is found in degrees, and then looked at in the plane of the box.
    degrees = require_box(system.find_degrees(box), system.box_order)
    candidates = city.in_bbox(view.id, degrees)
    shapes = view.frame.geometry.to_numpy()[candidates]
    is_placeless = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    plane_box = shapely.box(*given)
    is_match = is_placeless | shapely.intersects(system.project(shapes), plane_box)
    matches: Rows = candidates[is_match]
    return matches


def match_values(column: pd.Series, kind: str, name: str, wished: str) -> npt.NDArray[np.bool_]:
    """Find the rows whose value is the one that an address gives as text.

    Raises
    ------
    QueryError
        The text is no value of that kind.
    """
    if kind in {"number", "integer"}:
        number = (read_whole if kind == "integer" else read_number)(name, wished)
        return np.asarray((column == number).fillna(False), dtype=bool)
    if kind == "boolean":
        if wished.lower() not in BOOLEANS:
            raise QueryError(
                N_("{value} is neither true nor false"), parameter=name, value=repr(wished[:40])
            )
        return np.asarray((column == BOOLEANS[wished.lower()]).fillna(False), dtype=bool)
    texts = column.astype(object)
    is_there = texts.notna().to_numpy()
    return is_there & (texts.map(write_text) == wished).to_numpy()


def sort_rows(question: Question, view: CollectionView, selected: Rows) -> Rows:
    """Sort positions by the properties that a question names; what is unknown comes last.

    Raises
    ------
    QueryError
        It names a property that features cannot be sorted by.
    """
    # The last key first, each by a sort that keeps the order of equals.
    for name, is_descending in reversed(read_order(question, view)):
        column = pd.Series(view.frame.index) if name == ID else view.frame[name]
        selected = selected[_rank(column.iloc[selected], is_descending=is_descending)]
    return selected


def read_order(question: Question, view: CollectionView) -> list[tuple[str, bool]]:
    """Read by which properties features are sorted, each with whether the largest come first.

    Raises
    ------
    QueryError
        One of them is none that features can be sorted by.
    """
    order: list[tuple[str, bool]] = []
    if "sortby" not in question.parameters:
        return order
    sortable = [ID, *(each.name for each in list_sortable(view))]
    choices = {f"{sign}{name}" for name in sortable for sign in ("", "+", "-")}
    for text in question.parameters.names("sortby", choices) or ():
        name = text if text in sortable else re.sub("^[+-]", "", text)
        if name not in sortable:
            raise QueryError(
                N_("features cannot be sorted by {name}"),
                parameter="sortby",
                mend=N_("Choose from: {choices}"),
                name=repr(name[:40]),
                choices=", ".join(sortable),
            )
        order.append((name, name != text and text.startswith("-")))
    return order


def _rank(column: pd.Series, *, is_descending: bool) -> Rows:
    """Return the positions of values in their order, equals as they stand and unknown ones last."""
    # Ranks in place of values: equal ones have equal ranks, and what is missing has -1.
    codes = pd.Series(pd.factorize(_as_comparable(column), sort=True)[0])
    is_unknown = (codes < 0).to_numpy()
    keys = -codes.to_numpy() if is_descending else codes.to_numpy()
    order: Rows = np.lexsort((keys, is_unknown))
    return order


def _as_comparable(column: pd.Series) -> pd.Series:
    """Return a column whose values can be compared: text where they are of several kinds.

    Infinity is as unknown as in filters and answers, which have no such number.
    """
    if pd.api.types.is_float_dtype(column.dtype):
        return column.replace([np.inf, -np.inf], np.nan)
    if column.dtype != object:
        return column
    types = {type(value) for value in column.dropna()}
    return column if len(types) <= 1 else column.map(str, na_action="ignore")


def choose_properties(question: Question, view: CollectionView) -> list[str] | None:
    """Choose the properties that are answered with; None for all.

    Raises
    ------
    QueryError
        A name is none of the collection's.
    """
    if "properties" not in question.parameters:
        return None
    known = [each.name for each in list_answered(view)]
    names = question.parameters.names("properties", known) or []
    for name in names:
        if name not in known:
            raise QueryError(
                N_("there is no property {name}"),
                parameter="properties",
                mend=N_("Choose from: {choices}"),
                name=repr(name[:40]),
                choices=", ".join(known),
            )
    return names
