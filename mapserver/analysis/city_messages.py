"""The direct line of a city in figures, computed once for a day."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from mapserver.analysis.direct_line import publish
from mapserver.model import FROZEN, Snapshot

NO_REQUESTS = pd.DataFrame(
    columns=["received", "answered", "neighborhood", "category", "unclear"], dtype=object
)
"""A ledger without a message."""


def has_messages(city: Snapshot) -> bool:
    """Return whether a city keeps a ledger of messages to its direct line, or published one."""
    return "requests" in city.ledgers or city.frozen is not None


def tabulate_messages(
    city: Snapshot, day: dt.date | None = None, *, opens_years: bool = False
) -> pd.DataFrame | None:
    """Tabulate what may be published of a city's direct line.

    Parameters
    ----------
    city
        A city.
    day
        The day on which one asks; the city's today by default. Messages of later days are not
        counted, whatever their ledger says.
    opens_years
        Tabulate years that wait to be published, too.

    Returns
    -------
    DataFrame or None
        As :func:`mapserver.analysis.direct_line.publish`; None without a ledger of messages.
    """
    requests, holidays = city.ledgers.get("requests"), city.ledgers.get("holidays")
    if requests is None:
        if city.frozen is None:
            return None
        # What was published stays, also while the ledger cannot be read.
        requests = NO_REQUESTS
    zone, areas = city.catalog.zone, city.neighborhoods
    # The figures of a day are those of its beginning, so all who ask on it are told the same.
    now = dt.datetime.combine(day or city.today(), dt.time(), zone)
    names = [] if areas is None or "name" not in areas else sorted(map(str, areas["name"].dropna()))
    return city.derived.get(
        ("messages", now, city.catalog.smallest_count, opens_years),
        (requests, holidays, areas, city.frozen),
        lambda: publish(
            requests,
            holidays,
            names,
            now=now,
            zone=zone,
            smallest_count=city.catalog.smallest_count,
            frozen=city.frozen,
            opens_years=opens_years,
        ),
    )


def is_made_up(city: Snapshot) -> bool:
    """Return whether any message of a city's direct line, or what was published, is invented."""
    tables = [city.ledgers[id_] for id_ in ("requests", FROZEN.id) if id_ in city.ledgers]
    return any(bool(table["sample"].notna().any()) for table in tables)
