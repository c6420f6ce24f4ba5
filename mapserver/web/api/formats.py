"""The formats of answers: what ``f=`` and ``Accept`` choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort
from werkzeug.datastructures import MIMEAccept

from mapserver.errors import N_, QueryError


@dataclass(frozen=True, slots=True)
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
    ("application/openapi+json", "application/json"),
)
HTML = Format("html", "text/html", "HTML", ("application/xhtml+xml",))
TILEJSON = Format("tilejson", "application/vnd.mapbox.tilejson+json", "TileJSON")
MAPLIBRE = Format("maplibre", "application/vnd.mapbox.style+json", "MapLibre style")
MVT = Format(
    "mvt", "application/vnd.mapbox-vector-tile", "Mapbox Vector Tile", ("application/x-protobuf",)
)


def choose_format(offered: Sequence[Format], wished: str | None, accepted: MIMEAccept) -> Format:
    """Choose the format of an answer.

    Parameters
    ----------
    offered
        What there is; the first serves who does not mind.
    wished
        ``f`` of the address, which counts more than headers: a link that is copied keeps it.
    accepted
        The header ``Accept``.

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
        raise QueryError(
            N_("{value} is not offered"),
            parameter="f",
            mend=N_("Choose from: {choices}"),
            value=repr(wished[:40]),
            choices=", ".join(format_.name for format_ in offered),
        )
    if not accepted:
        return offered[0]
    by_type: dict[str, Format] = {}
    for format_ in offered:
        for mimetype in (format_.mimetype, *format_.synonyms):
            by_type.setdefault(mimetype, format_)
    chosen = accepted.best_match(list(by_type))
    if chosen is None:
        abort(406, f"This is offered as {', '.join(format_.mimetype for format_ in offered)}")
    return by_type[chosen]
