"""What a city is: roles, layers, their catalogue, the state of a day, and answers to questions."""

from mapserver.model.catalog import (
    DIMENSIONS,
    FILE,
    FROM_GPX,
    SUFFIXES,
    Catalog,
    LayerEntry,
    Role,
    Title,
    complete_entry,
    derive_catalog,
    read_catalog,
    slug,
)
from mapserver.model.city_data import CityData, Fingerprint, Layer, Photo
from mapserver.model.facilities import (
    ORDER,
    choose_kind,
    count_kinds,
    facility_label,
    match_kind,
    with_kinds,
)
from mapserver.model.features import DECIMALS, Features, encode, plain_records
from mapserver.model.location import Location
from mapserver.model.points import degrees_of, for_each, places, xy_of
from mapserver.model.questions import nearest_columns
from mapserver.model.snapshot import Snapshot
from mapserver.model.status import State, today

__all__ = [
    "DECIMALS",
    "DIMENSIONS",
    "FILE",
    "FROM_GPX",
    "ORDER",
    "SUFFIXES",
    "Catalog",
    "CityData",
    "Features",
    "Fingerprint",
    "Layer",
    "LayerEntry",
    "Location",
    "Photo",
    "Role",
    "Snapshot",
    "State",
    "Title",
    "choose_kind",
    "complete_entry",
    "count_kinds",
    "degrees_of",
    "derive_catalog",
    "encode",
    "facility_label",
    "for_each",
    "match_kind",
    "nearest_columns",
    "places",
    "plain_records",
    "read_catalog",
    "slug",
    "today",
    "with_kinds",
    "xy_of",
]
