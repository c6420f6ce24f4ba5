"""The city as it is served: the current snapshot, replaced when its files change."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from typing import cast

from flask import current_app

from mapserver.city import City, open_city
from mapserver.errors import MapserverError
from mapserver.features import Features
from mapserver.settings import Settings
from mapserver.store.files import Fingerprint, fingerprint

log = logging.getLogger("mapserver")

LOOK_EVERY_S = 2.0


@dataclass(frozen=True)
class Snapshot:
    """An opened city, the time of its newest file, and its features as they are written.

    The time is that of the data and not of the clock, so that every worker gives the same bytes.
    """

    city: City
    changed_at: dt.datetime
    features: dict[str, Features]

    @classmethod
    def of(cls, city: City, files: Fingerprint) -> Snapshot:
        """Take a city whose files had this state when it was opened."""
        newest_s = max((written_ns for _, _, written_ns in files), default=0) // 10**9
        features = {id_: Features(frame) for id_, frame in city.layers.items()}
        return cls(city, dt.datetime.fromtimestamp(newest_s, dt.UTC), features)


class Live:
    """Holds the snapshot that requests are answered from.

    A request takes ``snapshot`` once and keeps to it, so an answer never mixes two states. When
    the files of the city change, a thread opens them anew and then swaps the snapshot; until then,
    and when the folder cannot be opened, the old one is served.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._fingerprint = fingerprint(settings.city)
        self._snapshot = self._open()
        self._looked_at = time.monotonic()
        self._busy = threading.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot; looks for changed files at most every two seconds."""
        now = time.monotonic()
        if now - self._looked_at > LOOK_EVERY_S and self._busy.acquire(blocking=False):
            self._looked_at = now
            threading.Thread(target=self._look, name="reload", daemon=True).start()
        return self._snapshot

    @property
    def city(self) -> City:
        """The city of the current snapshot."""
        return self.snapshot.city

    def _open(self) -> Snapshot:
        city = open_city(self.settings.city)
        for finding in city.findings:
            log.warning("%s: %s", finding.severity, finding)
        return Snapshot.of(city, self._fingerprint)

    def _look(self) -> None:
        try:
            found = fingerprint(self.settings.city)
            if found == self._fingerprint:
                return
            self._fingerprint = found
            snapshot = self._open()
            if snapshot.city.version != self._snapshot.city.version:
                self._snapshot = snapshot
                log.info("city reloaded, version %s", snapshot.city.version)
        except (MapserverError, OSError) as error:
            log.error("the changed city could not be opened, the old one stays: %s", error)
        finally:
            self._busy.release()


def current() -> Live:
    """Give the live city of the application that answers the current request."""
    return cast("Live", current_app.extensions["mapserver"])
