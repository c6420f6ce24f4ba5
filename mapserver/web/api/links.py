"""Links of the API's documents: whole addresses, each with its relation and its media type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from mapserver.errors import N_
from mapserver.model import encode
from mapserver.web.accepted import HEADERS_KEPT
from mapserver.web.api.formats import HTML, JSON_SCHEMA, Format
from mapserver.web.api.operations import Question

Link = dict[str, Any]
REL = "http://www.opengis.net/def/rel/ogc/1.0"
"""The relations of the OGC."""


def make_link(  # noqa: PLR0913 -- three of them by name only
    question: Question,
    rel: str,
    path: str,
    mimetype: str,
    *,
    title: str = "",
    query: Mapping[str, str] | None = None,
    **more: Any,
) -> Link:
    """Make a link.

    Parameters
    ----------
    question
        Has the address of the site.
    rel
        Its relation (``self``, ``next``, ``items``), or the whole address of one of the OGC.
    path
        Path below the root of the site, not quoted (``/api/collections``).
    mimetype
        Media type of what it leads to.
    title
        What a person reads.
    query
        Parameters of the address.
    **more
        Further members (``hreflang``).
    """
    address = f"{question.root}{quote_path(path)}"
    if query:
        address = f"{address}?{write_query(query)}"
    link: Link = {"rel": rel, "type": mimetype, "href": address}
    if title:
        link["title"] = title
    return link | more


PATH_CHARACTERS = "/:@!$&'()*+,;=~{}"
"""Characters that stand in a path as they are (RFC 3986); braces, since templates have them."""


PLAIN_PATH = re.compile(f"[A-Za-z0-9_.{re.escape(PATH_CHARACTERS)}-]*")
PLAIN_VALUE = re.compile(r"[A-Za-z0-9_.,~-]*")
"""A value in which commas alone need quoting: numbers, boxes, most names."""


def quote_path(path: str) -> str:
    """Quote a path, at once where nothing in it needs that."""
    return path if PLAIN_PATH.fullmatch(path) else quote(path, safe=PATH_CHARACTERS)


def write_query(query: Mapping[str, str]) -> str:
    """Write the query of an address as ``urlencode`` does, which takes a microsecond a letter."""
    return "&".join(f"{_quote_value(name)}={_quote_value(text)}" for name, text in query.items())


def _quote_value(text: str) -> str:
    return text.replace(",", "%2C") if PLAIN_VALUE.fullmatch(text) else quote_plus(text)


def link_formats(question: Question) -> list[Link]:
    """Link an answer to itself and to its twins in the other formats.

    The link to itself keeps what was asked for; its twins name their format.
    """
    links: list[Link] = msgspec.json.decode(encode_format_links(question))
    return links


def encode_format_links(question: Question) -> bytes:
    """Return the links of :func:`link_formats` as JSON, of which only the query is written anew."""
    query = question.plain_query.replace(",", "%2C") or write_query(question.query)
    others = query
    if "f" in question.query:
        others = write_query({name: text for name, text in question.query.items() if name != "f"})
    start, parts = question.read_once("links", _encode_link_template)
    # What is put in is quoted, so it is ASCII in which JSON escapes nothing.
    own_query = f"?{query}" if query else ""
    twin_query = f"?{others}&f=" if others else "?f="
    return start + own_query.encode() + twin_query.encode().join(parts)


OWN_QUERY, TWIN_QUERY = b"<own>", b"<twin>"
"""Where queries stand in a template of links; no address holds such brackets."""


def _encode_link_template(question: Question) -> tuple[bytes, list[bytes]]:
    """Encode the links of an answer to itself and to its twins, divided where queries stand."""
    own, place = question.format, f"{question.root}{quote_path(question.path)}"
    links = [
        {
            "rel": "self",
            "type": own.mimetype,
            "href": f"{place}{OWN_QUERY.decode()}",
            "title": own.title,
        }
    ]
    links += [
        {
            "rel": "alternate",
            "type": format_.mimetype,
            "href": f"{place}{TWIN_QUERY.decode()}{format_.name}",
            "title": format_.title,
        }
        for format_ in question.offered
        if format_ is not own
    ]
    start, rest = encode(links).split(OWN_QUERY)
    return start, rest.split(TWIN_QUERY)


def link_formats_of(
    question: Question, rel: str, path: str, formats: tuple[Format, ...], title: str = ""
) -> list[Link]:
    """Link to something else in each of its formats."""
    start = f"{question.root}{quote_path(path)}?f="
    return [
        {
            "rel": rel,
            "type": format_.mimetype,
            "href": f"{start}{format_.name}",
            "title": f"{title} ({format_.title})" if title else format_.title,
        }
        for format_ in formats
    ]


SCHEMAS = {
    "schema": N_("What the features have"),
    "queryables": N_("What filters may ask about"),
    "sortables": N_("What they may be sorted by"),
}
"""The schemas of a collection: the end of the address of each, and what it tells."""


def link_schemas(question: Question, collection: str) -> list[Link]:
    """Link to the schemas of a collection, as JSON by the address that is their identifier."""
    path = f"/api/collections/{collection}"
    say = question.served.city.phrases(question.lang).say
    links = []
    for name, text in SCHEMAS.items():
        title = say(text)
        rel, place = f"{REL}/{name}", f"{path}/{name}"
        links.append(make_link(question, rel, place, JSON_SCHEMA.mimetype, title=title))
        links += link_formats_of(question, rel, place, (HTML,), title)
    return links


@lru_cache(HEADERS_KEPT)
def write_schemas_header(root: str, collection: str) -> str:
    """Write the header ``Link`` to the schemas of a collection, as programs read them."""
    place = f"{root}{quote_path(f'/api/collections/{collection}')}"
    links = [
        {"href": f"{place}/{name}", "rel": f"{REL}/{name}", "type": JSON_SCHEMA.mimetype}
        for name in SCHEMAS
    ]
    return write_link_header(links)


def write_link_header(links: Iterable[Link]) -> str:
    """Write links as the header ``Link`` (RFC 8288)."""
    return ", ".join(
        f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"' for link in links
    )
