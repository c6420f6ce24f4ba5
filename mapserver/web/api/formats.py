"""The formats of answers: what ``f=`` and ``Accept`` choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import abort

from mapserver.web.accepted import HEADERS_KEPT, drop_parameters, read_types
from mapserver.web.refusals import refuse_value


# Each is there once and is compared as itself: hashing its texts would take longer than a look-up.
@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """A format of answers.

    Attributes
    ----------
    name
        What ``f=`` calls it.
    mimetype
        Its media type, as answers carry it.
    title
        What a link to it is called.
    synonyms
        Further media types that clients ask for when they mean it.
    """

    name: str
    mimetype: str
    title: str
    synonyms: tuple[str, ...] = ()


JSON = Format("json", "application/json", "JSON")
GEOJSON = Format(
    "json", "application/geo+json", "GeoJSON", ("application/json", "application/vnd.geo+json")
)
JSONFG = Format("jsonfg", "application/vnd.ogc.fg+json", "JSON-FG")
JSON_SCHEMA = Format("json", "application/schema+json", "JSON Schema", ("application/json",))
OPENAPI = Format(
    "json",
    "application/vnd.oai.openapi+json;version=3.0",
    "OpenAPI 3.0",
    ("application/vnd.oai.openapi+json", "application/openapi+json", "application/json"),
)
HTML = Format("html", "text/html", "HTML", ("application/xhtml+xml",))
TILEJSON = Format("tilejson", "application/vnd.mapbox.tilejson+json", "TileJSON")
MAPLIBRE = Format("maplibre", "application/vnd.mapbox.style+json", "MapLibre style")
MVT = Format(
    "mvt", "application/vnd.mapbox-vector-tile", "Mapbox Vector Tile", ("application/x-protobuf",)
)


def choose_format(offered: Sequence[Format], wished: str | None, header: str) -> Format:
    """Choose the format of an answer.

    Parameters
    ----------
    offered
        What there is; the first serves who does not mind.
    wished
        ``f`` of the address, which counts more than headers: a link that is copied keeps it.
    header
        The header ``Accept``; empty where there is none.

    Raises
    ------
    QueryError
        ``f`` names a format that is not offered.
    NotAcceptable
        Nothing that is accepted is offered (HTTP says 406).
    """
    if wished is not None:
        for format_ in offered:
            if format_.name == wished:
                return format_
        raise refuse_value("f", wished, (format_.name for format_ in offered))
    chosen = _choose_accepted(tuple(offered), header) if header else offered[0]
    if chosen is None:
        abort(406, f"This is offered as {', '.join(format_.mimetype for format_ in offered)}")
    return chosen


@lru_cache(HEADERS_KEPT)
def _choose_accepted(offered: tuple[Format, ...], header: str) -> Format | None:
    accepted = read_types(header)
    by_type: dict[str, Format] = {}
    for format_ in offered:
        # What is refused (q=0) is not meant by a wider type that is accepted beside it.
        place = accepted.find(drop_parameters(format_.mimetype))
        if place >= 0 and accepted[place][1] == 0:
            continue
        for mimetype in (format_.mimetype, *format_.synonyms):
            by_type.setdefault(drop_parameters(mimetype), format_)
    best = accepted.best_match(list(by_type))
    return None if best is None else by_type[best]
