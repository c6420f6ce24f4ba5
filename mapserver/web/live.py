"""The city as it is served: the current snapshot, and how the last attempts to renew it went."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Protocol, cast

from flask import current_app

from mapserver.model import CityData, Snapshot
from mapserver.readers.city_folder import read_city
from mapserver.readers.opened_city import digest_conditions, forget_city, reopen_city
from mapserver.settings import Settings
from mapserver.web.condition import Condition
from mapserver.web.served_city import ServedCity

log = logging.getLogger("mapserver")


class Store(Protocol):
    """A database that a folder follows; see :class:`mapserver.stores.postgis.PostgisStore`."""

    folder: Path
    is_away: bool

    def refresh(self) -> bool:
        """Make the folder equal to the database."""

    def label_data(self, data: CityData) -> CityData:
        """Return what was read from the folder, as of the database."""


def open_snapshot(
    path: Path,
    earlier: ServedCity | None = None,
    store: Store | None = None,
    *,
    may_reopen: bool = False,
) -> ServedCity:
    """Open a city folder as a snapshot, and log what was found in it.

    Parameters
    ----------
    path
        The folder.
    earlier
        A snapshot of the folder as it was: of files that have not changed since, nothing is read
        or computed again.
    store
        The database that the folder follows, if it does.
    may_reopen
        Whether a city that was kept as it was read will do; else, without an earlier one, the
        files themselves are read, and what was kept of them is forgotten.

    Raises
    ------
    DataError
        The folder is no city, or its files change while they are read.
    """
    # The folder of a database is another one at each start.
    conditions = digest_conditions(path) if store is None else b""
    if data := reopen_city(path, conditions) if may_reopen else None:
        conditions = b""  # it is kept already
    else:
        if earlier is None and not may_reopen:
            forget_city(path)
        data = read_city(path, earlier=earlier.city.data if earlier is not None else None)
    if store is not None:
        data = store.label_data(data)
    snapshot = ServedCity.from_data(data, earlier, conditions)
    for finding in snapshot.city.findings:
        log.warning("%s: %s", finding.severity, finding)
    return snapshot


class Live:
    """Holds the snapshot that requests are answered from.

    A request takes ``snapshot`` once and keeps to it, so an answer never mixes two states. Whoever
    watches the folder (:class:`mapserver.web.watching.Watcher`) replaces it; requests do not.

    Attributes
    ----------
    settings
        The city and how it is served. Of a city in a database, its folder is that of ``store``.
    store
        The database that the city is in; None for one that is a folder.
    snapshot
        The current snapshot.
    condition
        How the attempts to renew it went; shared by all processes that were forked after this was
        made.
    is_backdrop_due
        Whether the streets below the map are still to be made: the server answers before.
    is_warm
        Whether what everybody loads has been made, or nobody is to make it before it is asked for.
    served_since
        When the current snapshot began to be served, in whole seconds.
    """

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        self.store = store
        self.settings = settings
        self.snapshot = open_snapshot(settings.city, store=self.store, may_reopen=True)
        self.served_since = _read_clock()
        self.condition = Condition(self.snapshot.city.version)
        self.is_backdrop_due = False
        self.is_warm = True

    @property
    def city(self) -> Snapshot:
        """The city of the current snapshot."""
        return self.snapshot.city

    def replace(self, snapshot: ServedCity) -> None:
        """Answer requests that begin from now on from another snapshot."""
        self.snapshot = snapshot
        # Two states of one second have two times all the same.
        self.served_since = max(_read_clock(), self.served_since + dt.timedelta(seconds=1))


def _read_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def current() -> Live:
    """Return the live city of the application that answers the current request."""
    return cast("Live", current_app.extensions["mapserver"])
