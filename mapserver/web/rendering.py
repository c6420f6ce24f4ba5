"""Renders pages: each once for a snapshot, a language and a day, then sent from memory."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, cast
from urllib.parse import quote

from flask import Response, current_app, render_template, request
from flask_babel import force_locale

from mapserver.drawing import assets
from mapserver.drawing.symbols import choose_icon_colors
from mapserver.errors import N_, fill
from mapserver.model import Role, Snapshot
from mapserver.settings import Settings, limits, palette
from mapserver.text.languages import LANGUAGES
from mapserver.web import roots
from mapserver.web.addresses import addresses
from mapserver.web.asked import asked_language, asked_size, page_languages
from mapserver.web.backdrop import find_backdrop, write_credit
from mapserver.web.chosen_day import read_date
from mapserver.web.kept import Kept, Latest
from mapserver.web.live import current
from mapserver.web.named_files import NamedFiles
from mapserver.web.pages.content import has_sample
from mapserver.web.pages.days import name_days, write_days, write_season_end
from mapserver.web.pages.site import Site
from mapserver.web.responses import REVALIDATE, Body, send

HTML = "text/html; charset=utf-8"


class Edition:
    """All pages of one city in one language on one day.

    Parameters
    ----------
    site
        What the pages show of a city in a language on a day.
    settings
        The public address.
    files
        What pages load, whatever the day.
    days
        What holds on each of many days, as a script.
    is_static
        Whether its pages are kept as files: then they say of no trail that it is open today until
        the browser has put in what holds.
    pages, made_up_pages
        Where pages of the city are kept, and those that hold what a client has made up; both are
        the same for a day that a client has chosen, of which there are many.
    """

    def __init__(  # noqa: PLR0913 -- what pages depend on, and where they are kept
        self,
        site: Site,
        files: NamedFiles,
        days: Body,
        settings: Settings,
        *,
        is_static: bool = False,
        pages: Kept,
        made_up_pages: Kept,
    ) -> None:
        self.is_static = is_static
        self.is_chosen = pages is made_up_pages
        self.city = site.city
        self.lang = site.lang
        self.day = site.day
        self.site = site
        self.files = files
        self.days = days
        self._settings = settings
        self._pages = pages
        self._made_up_pages = made_up_pages
        self._lock = threading.RLock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    @property
    def script(self) -> Body:
        """The script that Folium writes for the map."""
        return self.files.render_map()

    @property
    def script_name(self) -> str:
        """Address of that script below the root of the site; it changes when the bytes do."""
        return self.files.name_map()

    def coloured_name(self, measure: str) -> str:
        """Address of the script of a map whose neighbourhoods show a measure."""
        return self.files.name_map(measure)

    @property
    def days_name(self) -> str:
        """Address of the table of days below the root of the site."""
        return name_days(self.days, self.lang)

    def _choose_shop_colors(self) -> dict[str, str]:
        """Choose the colours of shops and their clusters; none where there are no shops."""
        layer = self.city.layer_of(Role.SHOPS)
        return choose_icon_colors(self.city.entry(layer), palette.WHITE) if layer else {}

    def is_free(self) -> bool:
        """Return whether no other thread makes a page just now."""
        if free := self._lock.acquire(blocking=False):
            self._lock.release()
        return free and self.files.is_free()

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
            text = self.render(address.partition("?")[0], template, content())
            return Body(text.encode(), mimetype)

        kept = self._made_up_pages if is_made_up else self._pages
        # A page that was made before the streets below its map is another one.
        backdrop = find_backdrop(self.city)
        key = f"{address} {size} {backdrop.name if backdrop else ''}".strip()
        return self._take_from_memory(kept, key, render)

    def render(self, address: str, template: str, content: dict[str, Any]) -> str:
        """Render a page that nobody else will ask for, and keep nothing.

        Parameters
        ----------
        address
            Path below the root of the site.
        template
            Name of the template.
        content
            What it shows.
        """
        with force_locale(self.lang):
            shared = self._list_shared_texts(address, asked_size())
            return render_template(template, **(shared | content))

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
        """Return what links carry on from page to page: language, chosen day and size of text."""
        date = f"&date={self.day.isoformat()}" if self.is_chosen else ""
        return f"lang={lang}{date}" + (f"&size={size}" if size else "")

    def _write_chosen_day(self) -> str:
        """Write the day of the pages, if it is not today; empty where it is."""
        if not self.is_chosen:
            return ""
        return LANGUAGES[self.lang].write_day(self.day, get_today(self.city))

    def _list_shared_texts(self, path: str, size: str) -> dict[str, Any]:
        say = self.site.say
        title = self.site.title
        return {
            "lang": self.lang,
            "size": size,
            "day_words": self._write_chosen_day(),
            "write_season_end": partial(write_season_end, self.city, self.lang, self.day),
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
            "backdrop": find_backdrop(self.city),
            "backdrop_credit": write_credit(self.city, self.lang),
            "shops_name": self.files.shops_name,
            "is_static": self.is_static,
            "has_changes": self._settings.releases is not None,
            "days_name": self.days_name,
            "shops_title": self.site.heading(Role.SHOPS),
            "shops_colors": self._choose_shop_colors(),
            "shops_layer": self.city.layer_of(Role.SHOPS) or "",
            "map_style": assets.MAP_STYLE,
            "map_program": assets.MAP_SCRIPT,
            "sample": has_sample(self.city),
            "description": fill(
                say(N_("{city}: barefoot trails and shopping districts on a map")), {"city": title}
            ),
        }


class Editions:
    """Makes editions when they are first asked for, and keeps the latest.

    Those of today and those of days that clients choose are kept apart, a few of each, so that
    asking for ten thousand days costs no memory and pushes out nothing that others read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pages = Kept(limits.MAX_KEPT_PAGES_BYTES)
        self._made_up_pages = Kept(limits.MAX_KEPT_SEARCHES_BYTES)
        self._kept: Latest[Edition] = Latest(limits.MAX_EDITIONS)
        self._chosen: Latest[Edition] = Latest(limits.MAX_CHOSEN_DAYS)
        self._files: Latest[NamedFiles] = Latest(limits.MAX_EDITIONS)
        self._lock = threading.RLock()

    @property
    def base_url(self) -> str:
        """Public address of the site, empty when it follows the request's."""
        return self._settings.base_url

    @property
    def size_bytes(self) -> int:
        """Bytes that all answers kept for later take, compressed twins included."""
        with self._lock:
            files = list(self._files.values())
        size_bytes = self._pages.size_bytes + self._made_up_pages.size_bytes
        return size_bytes + sum(each.size_bytes for each in files)

    def get(self, city: Snapshot, lang: str, day: dt.date, *, is_chosen: bool = False) -> Edition:
        """Return the pages of a city in a language on a day.

        Parameters
        ----------
        city, lang, day
            What the pages are of.
        is_chosen
            Whether a client has asked for that day, which is not today.
        """
        place = self._chosen if is_chosen else self._kept

        def make() -> Edition:
            site = Site(city, lang, day)
            return Edition(
                site,
                self._files.get((city.version, lang), lambda: NamedFiles(site, self._settings)),
                self.get_days(city, lang, self._find_first_day(city, day)),
                self._settings,
                is_static=addresses().is_static,
                # What is of no use on other days pushes out no page of today.
                pages=self._made_up_pages if is_chosen else self._pages,
                made_up_pages=self._made_up_pages,
            )

        with self._lock:
            return place.get((city.version, lang, day), make)

    def _find_first_day(self, city: Snapshot, day: dt.date) -> dt.date:
        """Find the first day of the table that has a day: today's, if that has it."""
        first_day = self.find_first_day(city)
        is_covered = 0 <= (day - first_day).days < limits.DAYS_AHEAD
        return first_day if is_covered else day.replace(day=1)

    def find_first_day(self, city: Snapshot) -> dt.date:
        """Find the first day of the table of days.

        That of a server begins with the month: what a telephone keeps then need not be fetched
        anew each day. Files begin with the day on which they are written.
        """
        today = get_today(city)
        return today if addresses().is_static else today.replace(day=1)

    def get_days(self, city: Snapshot, lang: str, first_day: dt.date) -> Body:
        """Return the table of days from a day on, as a script."""
        is_usual = first_day == self.find_first_day(city)
        place = self._pages if is_usual else self._made_up_pages
        key = (city.version, lang, first_day, "days")
        return place.get(key, lambda: write_days(city, lang, first_day))

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
        self._lock = threading.RLock()
        self._pages.renew_lock()
        self._made_up_pages.renew_lock()
        for place in (self._kept, self._chosen):
            for key, pages in list(place.items()):
                if not pages.is_free():
                    del place[key]
        for key, files in list(self._files.items()):
            if not files.is_free():
                del self._files[key]

    def named(self, name: str) -> Body | None:
        """Find a map script or the shops by the name that a page gave."""
        with self._lock:
            files = list(self._files.values())
        return next((body for each in files if (body := each.find(name))), None)


def editions() -> Editions:
    """Return the editions of the application that answers the current request."""
    return cast("Editions", current_app.extensions["mapserver-editions"])


def edition(lang: str | None = None) -> Edition:
    """Return the pages in the language that is asked for, of the day that the address names.

    Raises
    ------
    QueryError
        ``date`` is no day.
    """
    city = current().city
    today = get_today(city)
    day = read_date(request.args.get("date"), today)
    return editions().get(city, lang or asked_language(), day, is_chosen=day != today)


def get_today(city: Snapshot) -> dt.date:
    """Return the day that it is in the city, or that on which its files are written."""
    return current_app.config.get("MAPSERVER_DAY") or city.today()


def send_page(body: Body, *, is_dated: bool = True) -> Response:
    """Send a page that depends on the language asked for, and say where its twins are.

    Search engines want whole addresses there. A page that is the same for every visitor does not
    know its own, unless it is set; the request does.

    Parameters
    ----------
    body
        The page.
    is_dated
        Whether it stays while the snapshot and the day stay.
    """
    root = editions().base_url or request.url_root.rstrip("/")
    response = send(editions().place_at(body, root), request, is_dated=is_dated)
    for lang in page_languages():
        address = quote(f"{root}{request.path}", safe=":/%")
        response.headers.add("Link", f'<{address}?lang={lang}>; rel="alternate"; hreflang="{lang}"')
    return response
