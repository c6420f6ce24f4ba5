"""Keeps what is served: for the next start, and as a release; a fault costs no visitor."""

from __future__ import annotations

import datetime as dt
import logging

from mapserver.errors import MapserverError
from mapserver.model import Snapshot
from mapserver.readers.opened_city import keep_city
from mapserver.settings import Settings
from mapserver.web.served_city import ServedCity

log = logging.getLogger("mapserver")


def keep_opened(snapshot: ServedCity) -> None:
    """Keep a city as it was read in the cache folder, from which the next start opens it."""
    keep_city(snapshot.city.data.path, snapshot.conditions, snapshot.city.data)


def keep_served(settings: Settings, city: Snapshot, served_at: dt.datetime) -> None:
    """Keep a state of a city as a release; what goes wrong is logged, and the city served on.

    Parameters
    ----------
    settings
        Where releases are kept, and how many.
    city
        The state.
    served_at
        The time from which it was served.
    """
    if settings.releases is None:
        return
    # Keeping is a service to readers of tomorrow: no fault of it may reach those of today.
    try:
        from mapserver.writers.releases import keep_release  # noqa: PLC0415 -- few cities keep any

        place = keep_release(city, settings.releases, settings.releases_kept, served_at)
    except (MapserverError, OSError) as error:
        log.error("no release was kept of version %s: %s", city.version, error)
    except Exception:
        log.exception("no release was kept of version %s", city.version)
    else:
        if place is not None:
            log.info("version %s was kept as release %s", city.version, place.name)
