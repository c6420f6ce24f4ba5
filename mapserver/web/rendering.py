"""Renders pages: each once for a snapshot, a language and a day, then sent from memory."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

from flask import Flask, Response, current_app, render_template, request
from flask_babel import Babel, force_locale

from mapserver.drawing import assets, maps
from mapserver.drawing.symbols import choose_icon_colors
from mapserver.errors import N_, fill
from mapserver.model import Role, Snapshot, encode
from mapserver.settings import Settings, limits, page_colors, palette
from mapserver.text.languages import DEFAULT, LANGUAGES
from mapserver.web import roots
from mapserver.web.addresses import Addresses, addresses, require_host
from mapserver.web.asked import asked_language, asked_size, mark_language, page_languages
from mapserver.web.kept import Kept
from mapserver.web.live import Live, current
from mapserver.web.pages import days
from mapserver.web.pages.benefits import PAYMENT_WORDS
from mapserver.web.pages.content import has_sample
from mapserver.web.pages.site import Site
from mapserver.web.phrases import say_counted_in_page, say_in_page
from mapserver.web.responses import IMMUTABLE, REVALIDATE, Body, send

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


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
    pages, made_up_pages
        Where pages of the city are kept, and those that hold what a client has made up.
    """

    def __init__(  # noqa: PLR0913 -- what pages depend on, and where they are kept
        self,
        city: Snapshot,
        lang: str,
        day: dt.date,
        settings: Settings,
        *,
        is_static: bool = False,
        pages: Kept,
        made_up_pages: Kept,
    ) -> None:
        self.is_static = is_static
        self.city = city
        self.lang = lang
        self.day = day
        self.site = Site(city, lang, day)
        self._settings = settings
        self._pages = pages
        self._made_up_pages = made_up_pages
        self._scripts: dict[str, Body] = {}
        self._lock = threading.RLock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    @property
    def script(self) -> Body:
        """The script that Folium writes for the map."""
        return self._render_map("")

    @property
    def script_name(self) -> str:
        """Address of that script below the root of the site; it changes when the bytes do."""
        return f"map-{self.script.digest}.{self.lang}.js"

    def coloured_name(self, measure: str) -> str:
        """Address of the script of a map whose neighbourhoods show a measure."""
        return f"map-{self._render_map(measure).digest}.{self.lang}.js"

    def _render_map(self, color: str) -> Body:
        with self._lock:
            if color not in self._scripts:
                public_map = maps.build_map(
                    self.city,
                    lang=self.lang,
                    day=self.day,
                    color=color or None,
                    web=maps.WebOptions(
                        tile_url=self._settings.tile_url,
                        tile_attribution=self._settings.tile_attribution,
                        fetched=[layer] if (layer := self.city.layer_of(Role.SHOPS)) else [],
                        is_for_residents=True,
                        has_states=not self.is_static,
                    ),
                )
                text = maps.render_script(public_map).encode()
                self._scripts[color] = Body(text, SCRIPT, IMMUTABLE)
            return self._scripts[color]

    def named(self, name: str) -> Body | None:
        """Find a map script or the shops by the name that a page gave."""
        named = {self.shops_name: self.shops} if self.shops_name else {}
        if self.is_static:
            named[self.days_name] = self.days
        named |= {
            f"map-{script.digest}.{self.lang}.js": script for script in self._scripts.values()
        }
        return named.get(name)

    @cached_property
    def days(self) -> Body:
        """What holds on each day to come, as a script."""
        table = encode(days.tabulate_days(self.city, self.lang, self.day)).decode()
        return Body(f"maenballoDays.use({table});\n".encode(), SCRIPT, IMMUTABLE)

    @property
    def days_name(self) -> str:
        """Address of that script below the root of the site; empty where a server knows the day."""
        return f"days-{self.days.digest}.{self.lang}.js" if self.is_static else ""

    @cached_property
    def shops(self) -> Body:
        """All shops as compact JSON, fetched when a visitor wants them."""
        # A city whose shops and districts are as they were has the same, and compressed already.
        city = self.city
        return city.derived.get(
            ("shops", self.lang),
            (city.shops, city.districts),
            lambda: Body(encode(self.site.shops.map_table), "application/json", IMMUTABLE),
        )

    @property
    def shops_name(self) -> str:
        """Address of the shops below the root of the site; empty when there are none."""
        if not self.site.count_features(Role.SHOPS):
            return ""
        return f"shops-{self.shops.digest}.{self.lang}.json"

    def _choose_shop_colors(self) -> dict[str, str]:
        """Choose the colours of shops and their clusters; none where there are no shops."""
        layer = self.city.layer_of(Role.SHOPS)
        return choose_icon_colors(self.city.entry(layer), palette.WHITE) if layer else {}

    @property
    def size_bytes(self) -> int:
        """Bytes of the scripts and shops, which stay as long as the edition, as in ``Kept``."""
        bodies = [*self._scripts.values()]
        bodies += [self.__dict__[name] for name in ("shops", "days") if name in self.__dict__]
        return sum(body.size_bytes for body in bodies)

    def is_free(self) -> bool:
        """Return whether no other thread makes a page just now."""
        if free := self._lock.acquire(blocking=False):
            self._lock.release()
        return free

    def page(
        self,
        address: str,
        template: str,
        content: Callable[[], dict[str, Any]] = dict,
        *,
        mimetype: str = HTML,
        is_made_up: bool = False,
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
        mimetype
            Media type.
        is_made_up
            Whether the address holds what a client has made up: a search, the name of a host.
        """
        size = asked_size()

        def render() -> Body:
            path = address.partition("?")[0]
            shared = self._list_shared_texts(path, size)
            with force_locale(self.lang):
                text = render_template(template, **(shared | content()))
            return Body(text.encode(), mimetype)

        kept = self._made_up_pages if is_made_up else self._pages
        return self._take_from_memory(kept, f"{address} {size}".strip(), render)

    def file(
        self,
        address: str,
        make: Callable[[], bytes],
        mimetype: str,
        cache_control: str = REVALIDATE,
    ) -> Body:
        """Make a file to be taken along, or take it from memory.

        Parameters
        ----------
        address
            Path below the root of the site.
        make
            Writes it; called only when it is made.
        mimetype, cache_control
            Media type, and how long others may keep it.
        """
        return self._take_from_memory(
            self._pages, address, lambda: Body(make(), mimetype, cache_control)
        )

    def _take_from_memory(self, place: Kept, address: str, make: Callable[[], Body]) -> Body:
        # The day is in the key: a page of yesterday calls open what is closed today.
        key = (self.city.version, self.lang, self.day, address)
        with self._lock:
            return place.get(key, make)

    def query_in(self, lang: str, size: str = "") -> str:
        """Return what links carry on from page to page, in a language: it, and the size of text."""
        return f"lang={lang}" + (f"&size={size}" if size else "")

    def _list_shared_texts(self, path: str, size: str) -> dict[str, Any]:
        say = self.site.say
        title = self.site.title
        return {
            "lang": self.lang,
            "size": size,
            "query": self.query_in(self.lang, size),
            "query_in": lambda lang: self.query_in(lang, size),
            "page_languages": {lang: LANGUAGES[lang] for lang in self.city.catalog.page_languages},
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
            "shops_colors": self._choose_shop_colors(),
            "shops_layer": self.city.layer_of(Role.SHOPS) or "",
            "map_styles": assets.MAP_STYLES,
            "map_scripts": assets.MAP_SCRIPTS,
            "sample": has_sample(self.city),
            "description": fill(
                say(N_("{city}: barefoot trails and shopping districts on a map")), {"city": title}
            ),
        }


class Editions:
    """Makes editions when they are first asked for, and keeps the latest."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pages = Kept(limits.MAX_KEPT_PAGES_BYTES)
        self._made_up_pages = Kept(limits.MAX_KEPT_SEARCHES_BYTES)
        self._kept: OrderedDict[tuple[str, str, dt.date], Edition] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    @property
    def size_bytes(self) -> int:
        """Bytes that all answers kept for later take, compressed twins included."""
        with self._lock:
            editions = list(self._kept.values())
        return (
            self._pages.size_bytes
            + self._made_up_pages.size_bytes
            + sum(edition.size_bytes for edition in editions)
        )

    def get(self, city: Snapshot, lang: str, day: dt.date) -> Edition:
        """Return the pages of a city in a language on a day."""
        key = (city.version, lang, day)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Edition(
                    city,
                    lang,
                    day,
                    self._settings,
                    is_static=addresses().is_static,
                    pages=self._pages,
                    made_up_pages=self._made_up_pages,
                )
                while len(self._kept) > limits.MAX_EDITIONS:
                    self._kept.popitem(last=False)
            return self._kept[key]

    def place_at(self, body: Body, root: str) -> Body:
        """Return a page with the address of the site in it, where the request alone knows it."""
        if not roots.lacks_root(body.data):
            return body
        # A client makes up the name of the host.
        return self._made_up_pages.get(
            ("at", body.digest, root),
            lambda: replace(body, data=roots.write_root(body.data, root)),
        )

    def renew_locks(self) -> None:
        """Make all locks free in a forked process, and forget what nobody makes any more there."""
        self._lock = threading.Lock()
        self._pages.renew_lock()
        self._made_up_pages.renew_lock()
        for key, edition in list(self._kept.items()):
            if not edition.is_free():
                del self._kept[key]

    def named(self, name: str) -> Body | None:
        """Find a map script or the shops by the name that a page gave."""
        with self._lock:
            editions = list(self._kept.values())
        return next((body for edition in editions if (body := edition.named(name))), None)


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


def editions() -> Editions:
    """Return the editions of the application that answers the current request."""
    return cast("Editions", current_app.extensions["mapserver-editions"])


def edition(lang: str | None = None) -> Edition:
    """Return today's pages in the language that is asked for."""
    city = current().city
    day = current_app.config.get("MAPSERVER_DAY") or city.today()
    return editions().get(city, lang or asked_language(), day)


def send_page(body: Body) -> Response:
    """Send a page that depends on the language asked for, and say where its twins are.

    Search engines want whole addresses there. A page that is the same for every visitor does not
    know its own, unless it is set; the request does.
    """
    root = editions().base_url or request.url_root.rstrip("/")
    response = send(editions().place_at(body, root), request)
    for lang in page_languages():
        address = quote(f"{root}{request.path}", safe=":/%")
        response.headers.add("Link", f'<{address}?lang={lang}>; rel="alternate"; hreflang="{lang}"')
    return response
