"""What a city is: roles, layers, their catalogue, the state of a day, and answers to questions."""

from mapserver.model.bus_lines import (
    BUS_LINES,
    LINES,
    find_row_stops,
    name_lines,
    sort_naturally,
)
from mapserver.model.catalog import (
    FILE,
    SUFFIXES,
    Catalog,
    LayerEntry,
    MapLink,
    complete_entry,
)
from mapserver.model.catalog_editing import write_city_keys, write_layer_entry
from mapserver.model.catalog_reading import (
    derive_catalog,
    make_slug,
    parse_catalog,
    read_catalog,
    salvage_catalog,
)
from mapserver.model.city_data import Basemap, CityData, Fingerprint, Layer, Photo
from mapserver.model.facilities import (
    ORDER,
    choose_kind,
    count_kinds,
    facility_label,
    match_kind,
    with_kinds,
)
from mapserver.model.features import DECIMALS, Features, drop_infinite, encode, plain_records
from mapserver.model.frozen import FROZEN, compute_checksum, read_frozen, write_figure
from mapserver.model.frozen_figures import (
    BY_MONTH,
    TABLES,
    TIMES,
    UNKNOWN_NAME,
    YEARLY,
    FrozenFigures,
    Hidden,
)
from mapserver.model.inspected_items import Fault
from mapserver.model.inspections import TrailChecks
from mapserver.model.ledger_kinds import LEDGERS, Ledger, LedgerColumn
from mapserver.model.ledgers import METALS
from mapserver.model.location import Location
from mapserver.model.points import align_answers, convert_to_degrees, extract_xy, read_places
from mapserver.model.programmes import Programme, list_programmes
from mapserver.model.prohibitions import describe_faults
from mapserver.model.published import is_table, restore_cells
from mapserver.model.questions import nearest_columns, require_areas, require_distance, require_k
from mapserver.model.rain import LAST_HOUR, choose_station, list_rain_days, simplify_station
from mapserver.model.reasons import leave_out_files
from mapserver.model.roles import ROLES, Role, RoleRow, find_role, register_role, restored_roles
from mapserver.model.snapshot import Snapshot
from mapserver.model.soil import SoilSample, TrailSoil
from mapserver.model.status import State, today
from mapserver.model.time_zone import (
    find_nearest_zone,
    find_zone,
    is_in_korea,
    is_zone,
)
from mapserver.model.titles import Title
from mapserver.model.undated_rain import find_undated_rows
from mapserver.model.words import OWN_WORDS, Phrases, Words, find_phrases

__all__ = [
    "BUS_LINES",
    "BY_MONTH",
    "DECIMALS",
    "FILE",
    "FROZEN",
    "LAST_HOUR",
    "LEDGERS",
    "LINES",
    "METALS",
    "ORDER",
    "OWN_WORDS",
    "ROLES",
    "SUFFIXES",
    "TABLES",
    "TIMES",
    "UNKNOWN_NAME",
    "YEARLY",
    "Basemap",
    "Catalog",
    "CityData",
    "Fault",
    "Features",
    "Fingerprint",
    "FrozenFigures",
    "Hidden",
    "Layer",
    "LayerEntry",
    "Ledger",
    "LedgerColumn",
    "Location",
    "MapLink",
    "Photo",
    "Phrases",
    "Programme",
    "Role",
    "RoleRow",
    "Snapshot",
    "SoilSample",
    "State",
    "Title",
    "TrailChecks",
    "TrailSoil",
    "Words",
    "align_answers",
    "choose_kind",
    "choose_station",
    "complete_entry",
    "compute_checksum",
    "convert_to_degrees",
    "count_kinds",
    "derive_catalog",
    "describe_faults",
    "drop_infinite",
    "encode",
    "extract_xy",
    "facility_label",
    "find_nearest_zone",
    "find_phrases",
    "find_role",
    "find_row_stops",
    "find_undated_rows",
    "find_zone",
    "is_in_korea",
    "is_table",
    "is_zone",
    "leave_out_files",
    "list_programmes",
    "list_rain_days",
    "make_slug",
    "match_kind",
    "name_lines",
    "nearest_columns",
    "parse_catalog",
    "plain_records",
    "read_catalog",
    "read_frozen",
    "read_places",
    "register_role",
    "require_areas",
    "require_distance",
    "require_k",
    "restore_cells",
    "restored_roles",
    "salvage_catalog",
    "simplify_station",
    "sort_naturally",
    "today",
    "with_kinds",
    "write_city_keys",
    "write_figure",
    "write_layer_entry",
]
