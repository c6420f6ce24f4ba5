"""Prepares an application for pages: languages, what templates may ask, where pages are kept."""

from __future__ import annotations

from typing import cast

from flask import Flask
from flask_babel import Babel

from mapserver.drawing import assets
from mapserver.settings import page_colors, palette
from mapserver.text.languages import DEFAULT, LANGUAGES
from mapserver.web.addresses import Addresses, require_host
from mapserver.web.asked import asked_language, mark_language
from mapserver.web.live import Live
from mapserver.web.pages.benefits import PAYMENT_WORDS
from mapserver.web.phrases import say_counted_in_page, say_in_page
from mapserver.web.rendering import Editions


def configure(app: Flask) -> None:
    """Prepare an application for the pages: languages, helpers of the templates, editions."""
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories=";".join(
            dict.fromkeys(str(row.translations) for row in LANGUAGES.values())
        ),
        locale_selector=asked_language,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = assets.asset
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["palette"] = palette
    app.jinja_env.globals["page_colors"] = page_colors
    app.jinja_env.globals["payment_words"] = PAYMENT_WORDS
    # Templates ask the same door as Python does, so that both have the city's words.
    app.jinja_env.globals |= {"_": say_in_page, "ngettext": say_counted_in_page}
    live = cast("Live", app.extensions["mapserver"])
    app.extensions["mapserver-editions"] = Editions(live.settings)
    app.extensions["mapserver-addresses"] = Addresses()
    app.before_request(require_host)
    app.after_request(mark_language)
