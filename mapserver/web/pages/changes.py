"""What changed: a page by the day of each release, the same as CSV, and as a feed (RFC 4287)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, request

from mapserver.analysis.city_changes import Changes
from mapserver.drawing.change_words import ChangeLine, ChangeSection, describe_changes
from mapserver.errors import N_, fill, printable
from mapserver.model import ROLES, Snapshot
from mapserver.readers.releases import Release, list_release_names, list_releases
from mapserver.settings import limits
from mapserver.text.languages import LANGUAGES
from mapserver.web.addresses import addresses, require_host
from mapserver.web.live import current
from mapserver.web.rendering import Edition, edition, send_page
from mapserver.web.responses import FIXED, Body, send
from mapserver.writers.change_table import write_changes

blueprint = Blueprint("changes", __name__)

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has not."""
MESSAGES_ELSEWHERE = N_(
    "Messages to the direct line are not listed here; their figures are published by month."
)


@dataclass(frozen=True, slots=True)
class ShownRelease:
    """A release as the page and the feed show it.

    Attributes
    ----------
    key
        What its address on the page ends in.
    served_at
        From when it was served, in the city's time zone.
    day, time
        The same as text.
    count
        How many changes there are.
    sections
        The changes in words.
    """

    key: str
    served_at: dt.datetime
    day: str
    time: str
    count: int
    sections: list[ChangeSection]


@blueprint.get("/changes")
def show_changes() -> Response:
    """Show what changed with each release, the latest first."""
    folder = _require_folder()
    pages = edition()
    # The page depends on the releases that are there, and not on the snapshot alone.
    names = "\n".join(list_release_names(folder))
    state = hashlib.sha256(names.encode()).hexdigest()[:16]
    page = pages.page(f"changes?{state}", "changes.html", lambda: _describe(pages, folder))
    return _without_memory(send_page(page, is_dated=False))


@blueprint.get("/changes.csv")
def send_table() -> Response:
    """Send every change of every release, the latest first, for a spreadsheet."""
    shown = _read_changes(list_releases(_require_folder()))
    groups = [
        ((release.served_at.isoformat(), release.key), changes.rows) for release, changes in shown
    ]
    data = write_changes(groups, ("released_at", "release"))
    body = Body(data, "text/csv; charset=utf-8", kept=False)
    return _send_dated(body, [release for release, _ in shown])


@blueprint.get("/changes.atom")
def send_feed() -> Response:
    """Send what changed as a feed: an entry for each release, the latest first."""
    folder = _require_folder()
    pages = edition()
    require_host()
    root = pages.base_url or request.url_root.rstrip("/")
    if addresses().is_static and not pages.base_url:
        abort(404)  # a feed has whole addresses, and nobody knows that of the site
    # Links hold the name of the host, which a client makes up: nothing of it is kept.
    releases = list_releases(folder)
    shown = _read_changes(releases)
    # A feed that has no entry yet is as old as the first state that was kept.
    dated = [release for release, _ in shown] or releases[:1]
    data = _write_feed(pages, shown, dated, root)
    return _send_dated(Body(data, "application/atom+xml; charset=utf-8", kept=False), dated)


def _require_folder() -> Path:
    """Return where releases are kept; where none are, there is no such page."""
    folder = current().settings.releases
    if folder is None:
        abort(404)
    return folder


def _read_changes(releases: list[Release]) -> list[tuple[Release, Changes]]:
    """Read what changed with releases, the latest first; one that tells the public nothing is none.

    A record that nobody wrote like this says nothing. Records of earlier editions of the program
    have counts of messages, so the public part is selected here, too.
    """
    read = []
    for release in reversed(releases):
        try:
            changes = Changes.from_records(list(release.records or ())).select_public()
        except (ValueError, TypeError, AttributeError):
            continue
        if changes.rows:
            read.append((release, changes))
    return read


def _show_releases(
    pages: Edition, shown_changes: list[tuple[Release, Changes]]
) -> list[ShownRelease]:
    city: Snapshot = pages.city
    shown = []
    for release, changes in shown_changes:
        # The day of a release is that of the city, wherever the server stands.
        moment = release.served_at.astimezone(city.catalog.zone)
        shown.append(
            ShownRelease(
                key=release.key,
                served_at=release.served_at,
                day=LANGUAGES[pages.lang].write_day(moment.date()),
                time=f"{moment:%H:%M}",
                count=len(changes),
                sections=describe_changes(changes, city, pages.lang),
            )
        )
    return shown


def _describe(pages: Edition, folder: Path) -> dict[str, Any]:
    releases = list_releases(folder)
    first = releases[0].served_at.astimezone(pages.city.catalog.zone) if releases else None
    days: dict[str, list[ShownRelease]] = {}
    for release in _show_releases(pages, _read_changes(releases)):
        days.setdefault(release.day, []).append(release)
    return {
        "days": days,
        "messages_elsewhere": pages.site.say(MESSAGES_ELSEWHERE),
        "find_page": partial(_find_page, pages),
        "since": LANGUAGES[pages.lang].write_day(first.date()) if first else "",
    }


def _find_page(pages: Edition, line: ChangeLine) -> str:
    """Find the page of what a sentence is about, below the root; empty where it has none (now)."""
    row = ROLES[line.role].row if line.role in ROLES else None
    if row is None or not row.has_pages or line.id not in pages.site.places(ROLES[line.role]):
        return ""
    return f"{line.role}/{quote(line.id, safe='')}"


def _without_memory(response: Response) -> Response:
    """Have an answer made anew each time: a release comes without a new snapshot."""
    request.environ.pop(FIXED, None)
    return response


def _send_dated(body: Body, releases: list[Release]) -> Response:
    """Send a file with the time of the latest release; readers that have it are told so by its tag.

    A condition by time alone is about the snapshot on all of this server, and not answered here.
    """
    response = _without_memory(send(body, request, is_dated=False))
    if releases:
        response.last_modified = max(release.served_at for release in releases)
    return response


# -- the feed --------------------------------------------------------------------------------------


def _write_feed(
    pages: Edition, shown: list[tuple[Release, Changes]], dated: list[Release], root: str
) -> bytes:
    """Write releases as Atom, in the language of an edition, with whole addresses below a root.

    The feed is as new as the latest of the dated releases.
    """
    find = addresses()
    lang, say = pages.lang, pages.site.say
    own = find.public("changes.atom", lang, root)
    page = find.public("changes", lang, root)
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    title = fill(say(N_("{city}: what changed")), {"city": pages.site.title})
    updated = max((r.served_at for r in dated), default=current().snapshot.changed_at)
    add = _make_adder(feed)
    add("id", own)
    add("title", title)
    add("updated", updated.isoformat())
    add("link", rel="self", type="application/atom+xml", href=own)
    add("link", rel="alternate", type="text/html", hreflang=lang, href=page)
    _make_adder(add("author"))("name", pages.site.title)
    if pages.site.has_messages:
        add("subtitle", say(MESSAGES_ELSEWHERE))
    for release in _show_releases(pages, shown):
        put = _make_adder(add("entry"))
        put("id", _write_tag(release, root))
        count = pages.site.number(release.count)
        put(
            "title", fill(say(N_("{day} · changes: {count}")), {"day": release.day, "count": count})
        )
        put("updated", release.served_at.isoformat())
        put("published", release.served_at.isoformat())
        put(
            "link", rel="alternate", type="text/html", hreflang=lang, href=f"{page}#r-{release.key}"
        )
        table = find.public("changes.csv", lang, root)
        put("link", rel="related", type="text/csv", href=table)
        put("summary", _summarise(release))
    text = ElementTree.tostring(feed, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def _make_adder(parent: ElementTree.Element) -> Callable[..., ElementTree.Element]:
    """Return what adds an element with text to another one; text of files is text."""

    def add(name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, name, attributes)
        element.text = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text) or None
        return element

    return add


def _write_tag(release: ShownRelease, root: str) -> str:
    """Write the id of an entry (RFC 4151), which stays when the site's addresses change."""
    host = (urlsplit(root).hostname or "localhost").replace(":", "-")
    return f"tag:{host},{release.served_at:%Y-%m-%d}:release/{release.key}"


def _summarise(release: ShownRelease) -> str:
    """Write the changes of a release as plain text, a line each."""
    lines = [
        f"{printable(section.title)}: {line.text}"
        for section in release.sections
        for line in section.lines
    ]
    more = ["…"] if len(lines) > limits.MAX_FEED_SENTENCES else []
    return "\n".join([*lines[: limits.MAX_FEED_SENTENCES], *more])
