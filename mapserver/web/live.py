"""The city as it is served: the current snapshot, and how the last attempts to renew it went."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from flask import current_app

from mapserver.model import CityData, Features, Fingerprint, Snapshot
from mapserver.readers.city_folder import read_city
from mapserver.settings import Settings
from mapserver.web.condition import Condition

log = logging.getLogger("mapserver")


@dataclass(frozen=True)
class ServedCity:
    """One state of a city folder, opened.

    Attributes
    ----------
    city
        The city.
    files
        The state of the folder that it is of.
    changed_at
        The time of its newest file. It is that of the data and not of the clock, so that every
        worker gives the same bytes.
    features
        The features of each layer as they are written.
    """

    city: Snapshot
    files: Fingerprint
    changed_at: dt.datetime
    features: dict[str, Features]

    @classmethod
    def from_data(cls, data: CityData, earlier: ServedCity | None = None) -> ServedCity:
        """Make a snapshot of what was read from a folder.

        What an earlier snapshot computed from frames that have not changed is taken over.
        """
        city = Snapshot(data, earlier=earlier.city if earlier is not None else None)
        newest_s = max((written_ns for _, _, written_ns, _, _ in data.files), default=0) // 10**9
        features = {
            id_: city.derived.get("features", (frame,), partial(Features, frame))
            for id_, frame in city.layers.items()
        }
        return cls(city, data.files, dt.datetime.fromtimestamp(newest_s, dt.UTC), features)


def open_snapshot(path: Path, earlier: ServedCity | None = None) -> ServedCity:
    """Open a city folder as a snapshot, and log what was found in it.

    Parameters
    ----------
    path
        The folder.
    earlier
        A snapshot of the folder as it was: of files that have not changed since, nothing is read
        or computed again.

    Raises
    ------
    DataError
        The folder is no city, or its files change while they are read.
    """
    data = read_city(path, earlier=earlier.city.data if earlier is not None else None)
    snapshot = ServedCity.from_data(data, earlier)
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
        The city and how it is served.
    snapshot
        The current snapshot.
    condition
        How the attempts to renew it went; shared by all processes that were forked after this was
        made.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.snapshot = open_snapshot(settings.city)
        self.condition = Condition(self.snapshot.city.version)

    @property
    def city(self) -> Snapshot:
        """The city of the current snapshot."""
        return self.snapshot.city

    def replace(self, snapshot: ServedCity) -> None:
        """Answer requests that begin from now on from another snapshot."""
        self.snapshot = snapshot


def current() -> Live:
    """Return the live city of the application that answers the current request."""
    return cast("Live", current_app.extensions["mapserver"])
