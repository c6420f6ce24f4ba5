"""The fields of the form that filters a collection: properties to choose a value of, and orders."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from mapserver import headings
from mapserver.settings import limits
from mapserver.web.api.collection_views import CollectionView
from mapserver.web.api.schemas import Property, list_answered, list_sortable

NO_CHOICE = frozenset({"name", "description", "file", "source", "notes", "sample", "state_on"})
"""Properties that nobody chooses features by."""
TEXTS = frozenset({"string", "text-date", "text-date-time"})
"""Kinds of properties that are texts."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property that a form has a choice of.

    Attributes
    ----------
    name, title
        Its name in addresses, and what people read.
    choices
        Its values as addresses have them, and as people read them.
    """

    name: str
    title: str
    choices: tuple[tuple[str, str], ...]


def list_property_fields(view: CollectionView, lang: str) -> list[Field]:
    """List the properties of a collection that have few values, with these."""
    say = view.city.phrases(lang).say
    fields = []
    for name, values in _list_choices(view):
        choices = [
            (text, headings.write_value(name, value, lang, say) or text) for text, value in values
        ]
        fields.append(Field(name, headings.write_title(name, lang, say), tuple(choices)))
    return fields


def _list_choices(view: CollectionView) -> list[tuple[str, list[tuple[str, str | bool]]]]:
    """List properties with their values: once for a layer, unless they change with the day."""
    layer = view.source
    kinds = {each.name: each for each in list_answered(view) if each.name not in NO_CHOICE}
    ordered = map(str, headings.sort_columns(pd.DataFrame(columns=list(kinds))).columns)
    if view.states is not None:
        return _find_choices(view.frame, [kinds[name] for name in ordered])
    choices: list[tuple[str, list[tuple[str, str | bool]]]] = view.city.derived.get(
        "choices of fields", (layer,), lambda: _find_choices(layer, [kinds[n] for n in ordered])
    )
    return choices


def _find_choices(
    frame: gpd.GeoDataFrame, properties: list[Property]
) -> list[tuple[str, list[tuple[str, str | bool]]]]:
    found: list[tuple[str, list[tuple[str, str | bool]]]] = []
    for property_ in properties:
        name = property_.name
        if len(found) == limits.MAX_FORM_FIELDS:
            break
        if property_.kind == "boolean":
            found.append((name, [("true", True), ("false", False)]))
        elif property_.kind in TEXTS:
            values = sorted(map(str, frame[name].dropna().astype(str).unique()))
            # A value alone chooses nothing, and an empty one is no choice in a form.
            if 1 < len(values) <= limits.MAX_CHOICE_VALUES and all(values):
                found.append((name, [(value, value) for value in values]))
    return found


def list_sort_choices(view: CollectionView, lang: str) -> list[tuple[str, str]]:
    """List the properties that features can be sorted by, with their titles."""
    say = view.city.phrases(lang).say
    sortable = {each.name for each in list_sortable(view)}
    ordered = headings.sort_columns(pd.DataFrame(columns=sorted(sortable))).columns
    return [(str(name), headings.write_title(str(name), lang, say)) for name in ordered]
