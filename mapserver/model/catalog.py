"""What ``layers/catalog.toml`` can say of a city and its layers, as types."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from mapserver.model.roles import Role
from mapserver.model.time_zone import find_zone
from mapserver.model.titles import Title
from mapserver.model.words import Words
from mapserver.text.languages import LANGUAGES, choose_page_languages

FILE = "layers/catalog.toml"
OSM = (".osm", ".pbf")
SUFFIXES = (
    *(".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".geoparquet", ".fgb", ".csv"),
    *OSM,
)
"""Endings of the files that are layers, in the order of preference for files of one name."""
OSM_SOURCE = Title("© OpenStreetMap 기여자", "© OpenStreetMap contributors")
OSM_LICENCE = "ODbL-1.0"
"""What an extract asks to be said, and does not say itself."""

MapLink = Literal["kakao", "naver", "openstreetmap", "google", "apple", "phone"]
"""A map to which a page hands a place over; ``phone`` is the map that a telephone has chosen."""


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a layer is drawn.

    Attributes
    ----------
    color
        Colour of lines, outlines and points as ``#rrggbb``; the role's own when empty.
    fill
        Colour inside polygons and points; the line's colour when empty.
    dash
        Lengths of dashes and gaps in pixels (``6 4``); a full line when empty.
    """

    color: str = ""
    fill: str = ""
    dash: str = ""


class LayerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One layer as the catalogue describes it.

    Attributes
    ----------
    id
        Name of the layer in addresses and in Python: ASCII letters, digits, ``-`` and ``_``.
    role
        What the layer means to the city.
    title
        Its title on the map.
    file
        Its file relative to ``layers/``. None for trails and facilities that come from ``gpx/``,
        and for zones that are dissolved from the neighbourhoods.
    layer
        Name of the layer inside a GeoPackage, or of the shapefile inside a zip, with several.
    crs
        Coordinate reference system of a file that does not say it (``EPSG:5186``).
    encoding
        Text encoding of a file that does not say it (``cp949``).
    header_row
        The row that names the columns of a table, where it is not found by itself; counted from 1.
    id_column, name_column, name_en_column
        Columns with the features' ids and names; found by their usual names when empty.
    style
        How it is drawn.
    source
        Where the data comes from, shown with the map: one text, or one for each language
        (``source = { ko = "...", en = "..." }``).
    licence
        On what terms the data may be used.
    sample
        The data is invented.
    """

    id: str
    role: Role = Role.LAYER
    title: Title = Title()
    file: str | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    header_row: Annotated[int, msgspec.Meta(ge=1)] | None = None
    id_column: str | None = None
    name_column: str | None = None
    name_en_column: str | None = None
    style: Style = Style()
    source: Title = Title()
    licence: str = ""
    sample: bool = False

    @property
    def has_own_color(self) -> bool:
        """Whether the catalogue gives the layer a colour that is not its role's."""
        return self.style.color not in {"", self.role.row.color}

    def source_in(self, lang: str) -> str:
        """Return the source for readers of a language, as notebooks of earlier editions ask."""
        return self.source.in_language(lang)


class Credit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who made the backdrop ``layers/basemap.pmtiles``.

    Attributes
    ----------
    attribution
        What the map shows of it, as text: one, or one for each language.
    """

    attribution: Title = Title()


class RainRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from rain for trails of one class of surfaces.

    Attributes
    ----------
    mm
        So many millimetres on a day, or more.
    source
        Where the number comes from: nobody has published one for all clay paths.
    days
        On so many days after it the rule still holds.
    closes
        Whether the office closes the trail then; without it there is a notice.
    """

    mm: Annotated[float, msgspec.Meta(gt=0, le=2000)]
    source: Annotated[str, msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 1
    closes: bool = False


class Rain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from ``layers/rain.csv``; nothing without a rule.

    Attributes
    ----------
    station
        The weather station whose rows count, as its column has it; needed where the file has
        several. ``156``, ``"156.0"`` and ``"0156"`` are one.
    blank_is_none
        Whether an empty cell means that it did not rain, as the weather service's own documentation
        would have to say; without it nobody knows.
    hours_end
        Whether the time in a row is the end of its hour, so that 00:00 is of the day before.
    natural, low, high
        Rules by the care that a surface asks for: 자연형, 저관리형, 고관리형.
    """

    # Whoever writes 156 without quotes means the same; broken, the rules would be without effect.
    station: str | int | float = ""
    blank_is_none: bool = False
    hours_end: bool = False
    natural: RainRule | None = None
    low: RainRule | None = None
    high: RainRule | None = None

    @property
    def has_rules(self) -> bool:
        """Whether anything follows from rain."""
        return any(rule is not None for rule in (self.natural, self.low, self.high))

    @property
    def closes(self) -> bool:
        """Whether a rule closes trails, so that what is not known of rain puts them in doubt."""
        return any(rule.closes for rule in (self.natural, self.low, self.high) if rule)


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Title and layers of a city.

    Attributes
    ----------
    title
        The city's name.
    languages
        The languages of its names and titles; the first is that of ``name``, and the default.
    time_zone
        Where its days begin and end, as the IANA database names it (``Europe/Vienna``); that of
        Korea when None.
    words
        What it calls its things, where they are no barefoot trails, shopping districts and Onnuri
        certificates.
    map_links
        Maps that show the way to a trail; those of the country when None.
    metric_crs
        Projected CRS in metres in which to search; chosen from the position when None.
    direct_line
        Telephone number that takes messages of residents; without one they copy the text.
    check_days
        After so many days without an inspection a trail stands on the board; 31 unless given, since
        the law has playgrounds inspected once a month at least.
    smallest_count
        The smallest count of people that is published: of messages to the direct line.
    rain
        What follows from rain for trails.
    basemap
        Who made the backdrop ``layers/basemap.pmtiles``.
    layers
        The layers in the order in which they are drawn, lowest first.
    """

    title: Title = Title()
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = tuple(LANGUAGES)
    time_zone: str | None = None
    words: Words = Words()
    map_links: tuple[MapLink, ...] | None = None
    metric_crs: str | None = None
    direct_line: Annotated[str, msgspec.Meta(pattern=r"^[0-9+*#-]*$")] = ""
    check_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 31
    smallest_count: Annotated[int, msgspec.Meta(ge=2, le=100)] = 5
    rain: Rain = Rain()
    basemap: Credit = Credit()
    layers: tuple[LayerEntry, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone; Korea's where none is given, or none that there is."""
        return find_zone(self.time_zone)

    @property
    def page_languages(self) -> tuple[str, ...]:
        """The languages its pages are in: those that the program speaks, the default first."""
        return choose_page_languages(self.languages)

    @property
    def default_language(self) -> str:
        """The language of pages, figures and files where nobody asks for one."""
        return self.page_languages[0]


def has_role_title(entry: LayerEntry) -> bool:
    """Return whether a layer has the title of its role, in all languages that it says or in none.

    ``mapserver add`` writes it in those of the city: one that the program learns later has it, too.
    """
    title = entry.role.layer_title
    return title is not None and entry.title.texts.items() <= title.texts.items()


def _choose_title(entry: LayerEntry) -> Title:
    """Return the title of a layer: its own, or that of its role, or its id."""
    own_title = None if has_role_title(entry) else entry.title
    return own_title or entry.role.layer_title or Title(entry.id)


def complete_entry(entry: LayerEntry) -> LayerEntry:
    """Fill in title, colours, and an extract's source that a layer's description leaves open."""
    style = entry.style
    color = style.color or entry.role.row.color
    if entry.file is not None and PurePosixPath(entry.file).suffix.lower() in OSM:
        if not entry.source:
            entry = msgspec.structs.replace(entry, source=OSM_SOURCE)
        entry = msgspec.structs.replace(entry, licence=entry.licence or OSM_LICENCE)
    return msgspec.structs.replace(
        entry,
        title=_choose_title(entry),
        style=Style(color, style.fill or color, style.dash),
    )
