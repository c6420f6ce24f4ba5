"""Links of the API's documents: whole addresses, each with its relation and its media type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

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
    address = f"{question.root}{quote(path, safe=PATH_CHARACTERS)}"
    if query:
        address = f"{address}?{urlencode(query)}"
    link: Link = {"rel": rel, "type": mimetype, "href": address}
    if title:
        link["title"] = title
    return link | more


PATH_CHARACTERS = "/:@!$&'()*+,;=~{}"
"""Characters that stand in a path as they are (RFC 3986); braces, since templates have them."""


def link_formats(question: Question) -> list[Link]:
    """Link an answer to itself and to its twins in the other formats.

    The link to itself keeps what was asked for; its twins name their format.
    """
    place = f"{question.root}{quote(question.path, safe=PATH_CHARACTERS)}"
    query = urlencode(question.query)
    others = urlencode({name: text for name, text in question.query.items() if name != "f"})
    start = f"{place}?{others}&f=" if others else f"{place}?f="
    own = question.format
    itself: Link = {
        "rel": "self",
        "type": own.mimetype,
        "href": f"{place}?{query}" if query else place,
        "title": own.title,
    }
    twins: list[Link] = [
        {
            "rel": "alternate",
            "type": format_.mimetype,
            "href": start + format_.name,
            "title": format_.title,
        }
        for format_ in question.operation.formats
        if format_ is not own
    ]
    return [itself, *twins]


def link_formats_of(
    question: Question, rel: str, path: str, formats: tuple[Format, ...], title: str = ""
) -> list[Link]:
    """Link to something else in each of its formats."""
    return [
        make_link(
            question,
            rel,
            path,
            format_.mimetype,
            title=f"{title} ({format_.title})".strip(),
            query={"f": format_.name},
        )
        for format_ in formats
    ]


SCHEMAS = {"schema": "Schema", "queryables": "Queryables", "sortables": "Sortables"}


def link_schemas(question: Question, collection: str) -> list[Link]:
    """Link to the schemas of a collection, as JSON by the address that is their identifier."""
    path = f"/api/collections/{collection}"
    links = []
    for name, title in SCHEMAS.items():
        rel, place = f"{REL}/{name}", f"{path}/{name}"
        links.append(make_link(question, rel, place, JSON_SCHEMA.mimetype, title=title))
        links += link_formats_of(question, rel, place, (HTML,), title)
    return links


def write_link_header(links: Iterable[Link]) -> str:
    """Write links as the header ``Link`` (RFC 8288)."""
    return ", ".join(
        f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"' for link in links
    )
