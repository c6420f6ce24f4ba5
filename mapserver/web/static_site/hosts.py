"""Files for the host and for search engines: headers, robots, site map, and the page of no page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import quote, urlsplit

from flask import Flask

from mapserver.settings import limits
from mapserver.web.site_map import write_site_map
from mapserver.web.static_site.addresses import StaticAddresses
from mapserver.web.static_site.crawl import Page, ask, page_policy
from mapserver.web.static_site.rewriting import PageRewriter

NOT_SEARCHED = ("offline", "map", "embed")
"""Pages that nobody looks for; posters neither."""

HEADERS = """\
# Read by Cloudflare Pages and Netlify; docs/deploying.md has the same for other hosts.
/*
  Content-Security-Policy: frame-ancestors 'self'
  X-Content-Type-Options: nosniff
  Referrer-Policy: strict-origin-when-cross-origin
  Permissions-Policy: geolocation=(self), camera=(), microphone=()
"""
NAMED_BY_CONTENT = ("/static/*", "/map-*", "/days-*", "/shops-*", "/basemap-*")
KEPT = """\
{path}
  Cache-Control: public, max-age=31536000, immutable
"""
"""What is named by its content is kept for ever; no outline of a trail is."""
EMBEDDED = """\
{path}
  ! Content-Security-Policy
"""
"""The bare map is meant for other sites' pages."""


def write_for_hosts(app: Flask, write: Callable[[str, bytes], None], pages: Sequence[Page]) -> None:
    """Write what hosts and search engines look for.

    Parameters
    ----------
    app
        The application.
    write
        Writes a file, given by its path below the root of the site and its bytes.
    pages
        The pages that were written.
    """
    addresses = cast("StaticAddresses", app.extensions["mapserver-addresses"])
    root = addresses.base_url
    folders = ["", *(f"/{lang}" for lang in addresses.languages[1:])]
    maps = [f"{folder}/map{ending}" for folder in folders for ending in ("", ".html")]
    kept = [*NAMED_BY_CONTENT, *(f"/cards/:version/{lang}/*" for lang in addresses.languages)]
    rules = [KEPT.format(path=path) for path in kept] + [EMBEDDED.format(path=x) for x in maps]
    write("_headers", (HEADERS + "".join(rules)).encode())
    write("404.html", _not_found(app, addresses))
    robots = "User-agent: *\nAllow: /\n"
    if root:
        changed_at = app.extensions["mapserver"].snapshot.changed_at
        rows = _list_rows(addresses, [page for page in pages if _is_searched(page)])
        names = _write_site_maps(write, rows, changed_at)
        robots += "".join(f"Sitemap: {root}/{name}\n" for name in names)
    write("robots.txt", robots.encode())


def _is_searched(page: Page) -> bool:
    # Maps to be taken along are files of their own, and no pages.
    is_file = "files" in page.file.split("/")[:2]
    return page.path not in NOT_SEARCHED and not page.path.endswith("/poster") and not is_file


def _list_rows(
    addresses: StaticAddresses, pages: Sequence[Page]
) -> list[tuple[str, dict[str, str]]]:
    """List the whole address of each page with those of its twins, by language."""
    twins: dict[str, dict[str, str]] = {}
    for page in pages:
        # As the page itself names its canonical address.
        place = addresses.public(quote(page.path), page.lang, addresses.base_url)
        twins.setdefault(page.path, {})[page.lang] = place
    return [(twins[page.path][page.lang], twins[page.path]) for page in pages]


def _write_site_maps(
    write: Callable[[str, bytes], None],
    rows: Sequence[tuple[str, dict[str, str]]],
    changed_at: dt.datetime,
) -> list[str]:
    """Write as many site maps as there must be, and return their names."""
    names = []
    for start in range(0, len(rows), limits.MAX_SITEMAP_ADDRESSES):
        name = f"sitemap{start // limits.MAX_SITEMAP_ADDRESSES or ''}.xml"
        some = rows[start : start + limits.MAX_SITEMAP_ADDRESSES]
        write(name, write_site_map(some, changed_at))
        names.append(name)
    return names


def _not_found(app: Flask, addresses: StaticAddresses) -> bytes:
    """Return the page that a host shows for an address that is not there, at whatever depth."""
    answer = ask(app.test_client(), "404", addresses.languages[0])
    rewriter = PageRewriter(
        "404",
        addresses.languages[0],
        addresses,
        page_policy(answer),
        lambda *_: True,
        # It is shown below any folder, so its links begin at the root of the host.
        prefix=f"{urlsplit(addresses.base_url).path}/",
    )
    return rewriter.rewrite(answer.get_data(as_text=True)).encode()
