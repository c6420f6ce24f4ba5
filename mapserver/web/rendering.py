"""Renders pages: each once for a snapshot, a language and a day, then sent from memory."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

from flask import Flask, Response, current_app, render_template, request
from flask_babel import Babel, force_locale

from mapserver import assets, language, maps, status
from mapserver.catalog import Role
from mapserver.city import City
from mapserver.errors import N_, fill
from mapserver.features import encode
from mapserver.settings import Settings
from mapserver.web import days
from mapserver.web.addresses import Addresses, addresses
from mapserver.web.content import sample
from mapserver.web.live import Live, current
from mapserver.web.responses import IMMUTABLE, Body, send
from mapserver.web.site import Site

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
EDITIONS_KEPT = 6
"""Two languages, and the last ones for browsers that are still loading them."""
PAGES_KEPT = 2000
"""Pages kept in an edition; a city has some hundreds, the rest are searches in lists."""


class Edition:
    """All pages of one city in one language on one day.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    day
        The day whose closures and benefits are told.
    settings
        Tiles and the public address.
    is_static
        Whether its pages are kept as files and read on other days: then states and offers are put
        in by the browser.
    """

    def __init__(
        self, city: City, lang: str, day: dt.date, settings: Settings, *, is_static: bool = False
    ) -> None:
        self.is_static = is_static
        self.city = city
        self.lang = lang
        self.day = day
        self.site = Site(city, lang, day)
        self._settings = settings
        self._kept: OrderedDict[str, Body] = OrderedDict()
        self._scripts: dict[str, Body] = {}
        self._lock = threading.RLock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    @property
    def script(self) -> Body:
        """The script that Folium writes for the map."""
        return self._drawn("")

    @property
    def script_name(self) -> str:
        """Address of that script below the root of the site; it changes when the bytes do."""
        return f"map-{self.script.digest}.{self.lang}.js"

    def coloured_name(self, measure: str) -> str:
        """Address of the script of a map whose neighbourhoods show a measure."""
        return f"map-{self._drawn(measure).digest}.{self.lang}.js"

    def _drawn(self, color: str) -> Body:
        with self._lock:
            if color not in self._scripts:
                drawn = maps.build_map(
                    self.city,
                    lang=self.lang,
                    day=self.day,
                    color=color or None,
                    tile_url=self._settings.tile_url,
                    tile_attribution=self._settings.tile_attribution,
                    fetched=[layer] if (layer := self.city.layer_of(Role.SHOPS)) else [],
                    states=not self.is_static,
                )
                text = maps.parts(drawn).encode()
                self._scripts[color] = Body(text, SCRIPT, IMMUTABLE)
            return self._scripts[color]

    def named(self, name: str) -> Body | None:
        """Find a map script or the shops by the name that a page gave."""
        named = {self.shops_name: self.shops} if self.shops_name else {}
        if self.is_static:
            named[self.days_name] = self.days
        named |= {f"map-{each.digest}.{self.lang}.js": each for each in self._scripts.values()}
        return named.get(name)

    @cached_property
    def days(self) -> Body:
        """What holds on each day to come, as a script."""
        table = encode(days.make_table(self.city, self.lang, self.day)).decode()
        return Body(f"maenballoDays.use({table});\n".encode(), SCRIPT, IMMUTABLE)

    @property
    def days_name(self) -> str:
        """Address of that script below the root of the site; empty where a server knows the day."""
        return f"days-{self.days.digest}.{self.lang}.js" if self.is_static else ""

    @cached_property
    def shops(self) -> Body:
        """All shops as compact JSON, fetched when a visitor wants them."""
        return Body(encode(self.site.shop_table), "application/json", IMMUTABLE)

    @property
    def shops_name(self) -> str:
        """Address of the shops below the root of the site; empty when there are none."""
        if not self.site.places_count(Role.SHOPS):
            return ""
        return f"shops-{self.shops.digest}.{self.lang}.json"

    def page(
        self, address: str, template: str, content: Callable[[], dict[str, Any]] = dict
    ) -> Body:
        """Render a page, or take it from memory.

        Parameters
        ----------
        address
            Path below the root of the site, with whatever else the page depends on.
        template
            Name of the template.
        content
            Gives what it shows; called only when the page is rendered.
        """
        with self._lock:
            found = self._kept.get(address)
            if found is None:
                found = self._kept[address] = self._render(address, template, content())
                while len(self._kept) > PAGES_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(address)
            return found

    def _render(self, address: str, template: str, content: dict[str, Any]) -> Body:
        path = address.partition("?")[0]
        with force_locale(self.lang):
            text = render_template(template, **(self._common(path) | content))
        return Body(text.encode(), HTML)

    def _common(self, path: str) -> dict[str, Any]:
        say = language.translator(self.lang).gettext
        title = self.site.title
        return {
            "lang": self.lang,
            "languages": LANGUAGE_NAMES,
            "site": self.site,
            "title": title,
            "path": path,
            # Addresses are relative, so the site works below any prefix and from a USB stick.
            "root": "../" * path.count("/"),
            "base_url": self._settings.base_url,
            "map_script": self.script_name,
            "shops_name": self.shops_name,
            "is_static": self.is_static,
            "days_name": self.days_name,
            "shops_title": self.site.heading(Role.SHOPS),
            "shops_layer": self.city.layer_of(Role.SHOPS) or "",
            "map_styles": assets.MAP_STYLES,
            "map_scripts": assets.MAP_SCRIPTS,
            "sample": sample(self.city),
            "description": fill(
                say(N_("{city}: barefoot trails and shopping districts on a map")), {"city": title}
            ),
        }


class Editions:
    """Makes editions when they are first asked for, and keeps the latest."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: OrderedDict[tuple[str, str, dt.date], Edition] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    def get(self, city: City, lang: str, day: dt.date) -> Edition:
        """Give the pages of a city in a language on a day."""
        key = (city.version, lang, day)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Edition(
                    city, lang, day, self._settings, is_static=addresses().is_static
                )
                while len(self._kept) > EDITIONS_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]

    def named(self, name: str) -> Body | None:
        """Find a map script or the shops by the name that a page gave."""
        with self._lock:
            kept = list(self._kept.values())
        return next((body for each in kept if (body := each.named(name))), None)


def configure(app: Flask) -> None:
    """Prepare an application for the pages: languages, helpers of the templates, editions."""
    Babel(
        app,
        default_locale=language.DEFAULT,
        default_translation_directories=str(language.TRANSLATIONS),
        locale_selector=asked_language,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = assets.asset
    live = cast("Live", app.extensions["mapserver"])
    app.extensions["mapserver-editions"] = Editions(live.settings)
    app.extensions["mapserver-addresses"] = Addresses()


def editions() -> Editions:
    """Give the editions of the application that answers the current request."""
    return cast("Editions", current_app.extensions["mapserver-editions"])


def edition(lang: str | None = None) -> Edition:
    """Give today's pages in the language that is asked for."""
    day = current_app.config.get("MAPSERVER_DAY") or status.today()
    return editions().get(current().city, lang or asked_language(), day)


def asked_language() -> str:
    """Choose the language of the current request."""
    accepted = [value for value, _ in request.accept_languages]
    return language.negotiate(request.args.get("lang"), accepted)


def send_page(body: Body) -> Response:
    """Send a page that depends on the language asked for, and say where its twins are.

    Search engines want whole addresses there. A page that is the same for every visitor does not
    know its own, unless it is set; the request does.
    """
    response = send(body, request, vary=("Accept-Language",))
    root = editions().base_url or request.url_root.rstrip("/")
    for lang in language.LANGUAGES:
        address = quote(f"{root}{request.path}", safe=":/%")
        response.headers.add("Link", f'<{address}?lang={lang}>; rel="alternate"; hreflang="{lang}"')
    return response
