"""The page of the direct line: how many messages came, and how soon they were answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request

from mapserver.analysis.city_messages import has_messages, is_made_up, tabulate_messages
from mapserver.analysis.frozen_months import Standing
from mapserver.errors import N_, fill
from mapserver.model import Hidden
from mapserver.text import language
from mapserver.text.languages import LANGUAGES
from mapserver.web.api.statistics import gather_tables
from mapserver.web.pages.site import Site
from mapserver.web.rendering import Edition, edition, get_today, send_page
from mapserver.web.responses import send
from mapserver.writers.message_table import list_figures, write_figures

blueprint = Blueprint("statistics", __name__)

SHOWN_MONTHS = 12
"""So many months stand side by side; the table of months and the CSV have all of them."""

Record = dict[str, Any]

TOO_SMALL = N_("This table is not shown: its numbers are too small.")
REASONS_OF_YEARS = {
    Standing.CHANGED: N_(
        "This year is not shown: the ledger no longer says what was published of its months, and"
        " the difference could tell of a few people."
    ),
    Standing.WAITING: N_("This year appears when all its months are published."),
    Standing.UNKNOWN: N_(
        "What was published of this year cannot be read, so it is not known here."
    ),
}
"""Why nothing is shown of a year."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A cell of the tables in words.

    Attributes
    ----------
    requests
        How many messages, or why that is not shown.
    share_48h, share_working
        The share answered in time by the two clocks; a dash where it is not known.
    median
        The median of the hours to the answer.
    is_hidden
        The number is not shown.
    published
        When it was published; that it may still change, where it was not.
    """

    requests: str
    share_48h: str
    share_working: str
    median: str
    is_hidden: bool
    published: str = ""


@blueprint.get("/statistics")
def show_statistics() -> Response:
    """Show the direct line in figures, by month, neighbourhood, category and year."""
    pages = edition()
    if not has_messages(pages.city):
        abort(404)
    # Whatever day the page is of: what is published is what can be told today.
    page = pages.page("statistics", "statistics.html", lambda: _describe(pages))
    return send_page(page)


@blueprint.get("/statistics.csv")
def send_statistics() -> Response:
    """Send all figures for a spreadsheet."""
    pages = edition()
    figures = tabulate_messages(pages.city, get_today(pages.city))
    if figures is None:
        abort(404)
    body = pages.file("statistics.csv", lambda: write_figures(figures), "text/csv; charset=utf-8")
    return send(body, request)


def describe_latest_month(site: Site) -> tuple[str, str] | None:
    """Describe the last month of the direct line for the board; None where there is none."""
    figures = tabulate_messages(site.city)
    if figures is None:
        return None
    months = [row for row in list_figures(figures) if row["table"] == "month"]
    if not months:
        return None
    cell = _write_figures(site, months[-1])
    text = N_("{month}: {share} of {count} messages answered within 48 hours")
    if months[-1]["share_48h"] is None:
        text = N_("{month}: messages: {count}")
    if months[-1]["hidden"] == Hidden.UNKNOWN:
        text = N_("{month}: what was published cannot be read")
    values = {"month": _write_month(site, months[-1]["period"]), "count": cell.requests}
    return fill(site.say(text), {**values, "share": cell.share_48h}), "statistics"


def _describe(pages: Edition) -> dict[str, Any]:
    site, city = pages.site, pages.city
    figures = tabulate_messages(city, get_today(city))
    tables = gather_tables([] if figures is None else list_figures(figures))
    months = list(reversed([row["month"] for row in tables["months"]]))
    missing = sorted({row["missing_holidays"] for row in tables["months"]} - {None})
    periods = [*tables["months"], *tables["years"]]
    unknown = [row["month"] for row in tables["months"] if row["standing"] == Standing.UNKNOWN]
    return {
        "months": [
            (_write_month(site, row["month"]), _write_figures(site, row))
            for row in reversed(tables["months"])
        ],
        "grids": [
            _make_grid(site, tables["neighborhoods"], "neighborhood", months[:SHOWN_MONTHS]),
            _make_grid(site, tables["categories"], "category", months[:SHOWN_MONTHS]),
        ],
        "years": [
            (_write_year(site, row), _write_figures(site, row), _make_year(site, tables, row))
            for row in reversed(tables["years"])
        ],
        "may_change": any(row["standing"] == Standing.PROVISIONAL for row in periods),
        "unknown_months": ", ".join(_write_month(site, month) for month in unknown),
        "missing_holidays": ", ".join(missing),
        "smallest_counts": _list_smallest_counts(site, periods),
        "is_sample": is_made_up(city),
    }


def _list_smallest_counts(site: Site, periods: list[Record]) -> list[tuple[int, str]]:
    """List the smallest counts of what is shown, each with its periods where there are several."""
    counts: dict[int, list[str]] = {}
    for row in periods:
        # Of what cannot be read nobody knows with which count it was published.
        if row["standing"] != Standing.UNKNOWN:
            names = counts.setdefault(row["smallest_count"], [])
            names.append(_write_month(site, row["month"]) if "month" in row else row["year"])
    if len(counts) < 2:
        return [(count, "") for count in counts or [site.city.catalog.smallest_count]]
    return [(count, ", ".join(names)) for count, names in sorted(counts.items())]


def _make_grid(site: Site, rows: list[Record], key: str, months: list[str]) -> dict[str, Any]:
    """Lay out the figures of lines by month: a row for each, the latest month first."""
    # A month that was published before a line came up has no cell of it, which is shown as a dash.
    cells = {(row[key], row["month"]): _write_figures(site, row) for row in rows}
    names = list(dict.fromkeys(row[key] for row in rows))
    heading = N_("Neighborhood") if key == "neighborhood" else N_("Category")
    title = (
        N_("By neighborhood and month") if key == "neighborhood" else N_("By category and month")
    )
    return {
        "id": f"by-{key}",
        "title": site.say(title),
        "heading": site.say(heading),
        "columns": [_write_month(site, month) for month in months],
        "rows": [
            (_write_name(site, name), [cells.get((name, month)) for month in months])
            for name in names
        ],
    }


def _make_year(site: Site, tables: dict[str, list[Record]], total: Record) -> dict[str, Any]:
    """Lay out the figures of a year: a row for each neighbourhood, a column for each category."""
    year = total["year"]
    rows = [row for row in tables["neighborhoods_categories"] if row["year"] == year]
    cells = {(row["neighborhood"], row["category"]): _write_figures(site, row) for row in rows}
    categories = list(dict.fromkeys(row["category"] for row in rows))
    # A year of which nothing can be shown is said in a sentence, not in a table of dashes.
    is_shown = any(not cell.is_hidden for cell in cells.values())
    return {
        "id": f"year-{year}",
        "is_part": (total["first_month"] or "-01")[-3:] != "-01",
        "title": site.say(N_("By neighborhood and category")),
        "heading": site.say(N_("Neighborhood")),
        "columns": [_write_name(site, category) for category in categories],
        "rows": [
            (_write_name(site, name), [cells.get((name, category)) for category in categories])
            for name in dict.fromkeys(row["neighborhood"] for row in rows)
        ]
        if is_shown
        else [],
        "reason": site.say(REASONS_OF_YEARS.get(total["standing"], TOO_SMALL)),
    }


def _write_figures(site: Site, row: Record) -> Figures:
    """Write a cell in words: a small count as such, and what is hidden beside it as not shown."""
    if row["hidden"] == Hidden.SMALL:
        text = site.say(N_("under {count}"))
        requests = fill(text, {"count": site.number(row["smallest_count"])})
    elif row["hidden"] == Hidden.UNKNOWN:
        requests = site.say(N_("not known"))
    elif row["suppressed"]:
        requests = site.say(N_("not shown"))
    else:
        requests = site.number(row["requests"])
    share_48h, share_working = (
        language.UNKNOWN_NUMBER if share is None else language.percent(share, site.lang)
        for share in (row["share_48h"], row["share_working"])
    )
    median_h = row["median_h"]
    median = language.UNKNOWN_NUMBER
    if median_h is not None:
        hours = language.number(median_h, site.lang, 1)
        median = fill(site.say(N_("{hours} hours")), {"hours": hours})
    published = site.say(N_("may still change"))
    if row["published_on"]:
        day = dt.date.fromisoformat(row["published_on"])
        published = LANGUAGES[site.lang].write_day(day)
    elif row["standing"] != Standing.PROVISIONAL:
        published = site.say(N_("not known"))
    is_hidden = row["requests"] is None
    return Figures(requests, share_48h, share_working, median, is_hidden, published)


def _write_year(site: Site, row: Record) -> str:
    """Write a year; where the ledger has a part of it alone, with the month that it begins with."""
    first_month = row["first_month"]
    if not first_month or first_month.endswith("-01"):
        return str(row["year"])
    return fill(site.say(N_("From {month} on")), {"month": _write_month(site, first_month)})


def _write_month(site: Site, month: str) -> str:
    return LANGUAGES[site.lang].write_month(int(month[:4]), int(month[5:]))


def _write_name(site: Site, name: str | None) -> str:
    return name or site.say(N_("not known"))
