"""The site map that search engines read: every page in each language, with the time of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr


def write_site_map(rows: Iterable[tuple[str, Mapping[str, str]]], changed_at: dt.datetime) -> bytes:
    """Write a site map (sitemaps.org): each page with its twins in all languages.

    Parameters
    ----------
    rows
        Whole addresses of pages, quoted; with each the addresses of the same page by language, its
        own included.
    changed_at
        Time of the data.
    """
    lastmod = changed_at.isoformat(timespec="seconds")
    written = "".join(
        f"<url><loc>{escape(place)}</loc><lastmod>{lastmod}</lastmod>{_write_twins(twins)}</url>\n"
        for place, twins in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{written}</urlset>\n'
    ).encode()


def _write_twins(twins: Mapping[str, str]) -> str:
    return "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href={quoteattr(place)}/>'
        for lang, place in twins.items()
    )
