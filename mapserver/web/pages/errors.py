"""What a person reads when an address leads nowhere, or the server has made a mistake."""

from __future__ import annotations

from flask import Response, render_template, request
from flask_babel import force_locale

from mapserver.errors import N_
from mapserver.text import language
from mapserver.web.asked import asked_language
from mapserver.web.rendering import HTML


def error_page(status_code: int, detail: str) -> Response:
    """Render what went wrong, for a person."""
    lang = asked_language()
    with force_locale(lang):
        text = render_template(
            "error.html",
            lang=lang,
            status=status_code,
            heading=language.translator(lang).gettext(_HEADINGS.get(status_code, _FAILED)),
            detail=detail if status_code not in _HEADINGS else "",
            root=request.script_root,
        )
    response = Response(text, status_code, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    return response


_FAILED = N_("This did not work")
_HEADINGS = {
    404: N_("There is no such page"),
    405: N_("This page can only be read"),
    500: N_("The server made a mistake"),
}
