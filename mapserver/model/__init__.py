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
from mapserver.model.points import align_answers, convert_to_degrees, extract_xy, read_places
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
    "align_answers",
    "choose_kind",
    "complete_entry",
    "convert_to_degrees",
    "count_kinds",
    "derive_catalog",
    "encode",
    "extract_xy",
    "facility_label",
    "match_kind",
    "nearest_columns",
    "plain_records",
    "read_catalog",
    "read_places",
    "slug",
    "today",
    "with_kinds",
]
