"""What a person reads when an address leads nowhere, or the server has made a mistake."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, render_template, request
from flask_babel import force_locale

from mapserver.errors import N_, QueryError
from mapserver.text import language
from mapserver.web.asked import asked_language
from mapserver.web.live import current
from mapserver.web.rendering import HTML, Edition, edition, editions, get_today


def error_page(status_code: int, detail: str) -> Response:
    """Render what went wrong, for a person: with the bar, a search and the way home."""
    lang = asked_language()
    content = {
        "status": status_code,
        "heading": language.translator(lang).gettext(_HEADINGS.get(status_code, _FAILED)),
        "detail": detail if status_code not in _HEADINGS else "",
        # It is shown below any address, so its links begin at the root of the host.
        "root": f"{request.script_root}/",
    }
    pages = _find_pages(lang) if status_code in _WHOLE_PAGES else None
    if status_code == HTTPStatus.TOO_MANY_REQUESTS:
        # Made once, of today whatever day is asked for: refusing must cost less than answering.
        city = current().city
        today = editions().get(city, lang, get_today(city))
        address = f"error?{status_code}&{request.script_root}"
        page = today.page(address, "error.html", lambda: content, is_made_up=True)
        text = page.data.decode()
    elif pages is not None:
        # One page for all addresses that lead nowhere, which are without number.
        address = f"404?{status_code}&{request.script_root}"
        page = pages.page(address, "missing.html", lambda: content, is_made_up=True)
        text = page.data.decode()
    else:
        with force_locale(lang):
            text = render_template("error.html", lang=lang, **content)
    response = Response(text, status_code, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    return response


def _find_pages(lang: str) -> Edition | None:
    """Find the pages of the day that is asked for; None where that is no day either."""
    try:
        return edition(lang)
    except QueryError:
        return None


_WHOLE_PAGES = frozenset({404, 405})
"""Of these only the address is wrong: the rest of the site can be shown beside them."""
_FAILED = N_("This did not work")
_HEADINGS = {
    404: N_("There is no such page"),
    429: N_("Too many requests at once; please try again in a moment"),
    405: N_("This page can only be read"),
    412: N_("This page has changed since it was asked for"),
    500: N_("The server made a mistake"),
}
