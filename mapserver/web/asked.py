"""What the reader of a page asked for: its language, and the size of its text."""

from __future__ import annotations

from flask import Response, current_app, g, has_request_context, request

from mapserver.web.accepted import choose_language as choose_language_of


def asked_size() -> str:
    """Return the size of text that is asked for: ``large``, or empty for what everybody gets."""
    is_large = has_request_context() and request.args.get("size") == "large"
    return "large" if is_large else ""


def asked_language() -> str:
    """Choose the language of the current request, whose answer then says that it depends on it."""
    g.depends_on_language = True
    header = request.headers.get("Accept-Language", "")
    return choose_language_of(request.args.get("lang"), header, page_languages())


def page_languages() -> tuple[str, ...]:
    """Return the languages of the city that answers the current request, the default first."""
    # Not by live.current, which would stand this module one level higher than it needs to.
    languages: tuple[str, ...] = current_app.extensions["mapserver"].city.catalog.page_languages
    return languages


def choose_language(wished: str | None = None) -> str:
    """Return a language that an address names, if the city has it, or else the city's default."""
    offered = page_languages()
    return wished if wished in offered else offered[0]


def mark_language(response: Response) -> Response:
    """Mark that an answer depends on the language, of whatever kind it is, if anybody asked for it.

    So a cache between gives nobody the other language.
    """
    if g.get("depends_on_language"):
        response.vary.add("Accept-Language")
    return response
