"""Since when answers are what they are: Last-Modified, and whether If-Modified-Since is true."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import http_date, parse_date

from mapserver.settings import limits
from mapserver.web.live import Live
from mapserver.web.responses import MODIFIED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def find_modified(live: Live) -> dt.datetime:
    """Find since when answers of a city are what they are.

    Parameters
    ----------
    live
        The city that is served.

    Returns
    -------
    datetime
        In whole seconds of UTC: the later of the moment from which this state of the data is
        served and of the city's last midnight, since a trail may open or close then. The time of
        the newest file is earlier than either, and would not do: a file may be put back, and the
        program or a setting may change.
    """
    # The moment is read first: if newer data comes meanwhile, it is only asked for once more.
    served_since = live.served_since
    return _compute_modified(served_since, live.city.today(), live.city.catalog.zone)


@lru_cache(maxsize=64)
def _compute_modified(served_since: dt.datetime, today: dt.date, zone: dt.tzinfo) -> dt.datetime:
    midnight = dt.datetime.combine(today, dt.time.min, zone).astimezone(dt.UTC)
    return max(served_since, midnight)


@lru_cache(maxsize=64)
def write_modified(modified: dt.datetime) -> str:
    """Write a time as the header Last-Modified."""
    return http_date(modified)


def note_modified(environ: WSGIEnvironment, live: Live) -> None:
    """Note the time in a request, and leave out conditions by time that nobody can answer truly.

    A client that sends back what it was given has what is served now. So has one that states a time
    so much later that no worker of before could answer any more; of a time between, nobody knows.
    """
    environ[MODIFIED] = modified = find_modified(live)
    if "HTTP_IF_MODIFIED_SINCE" in environ:
        asked = parse_date(environ["HTTP_IF_MODIFIED_SINCE"])
        certain_from = modified + dt.timedelta(seconds=limits.RETIRE_WAIT_S)
        if asked is None or (asked != modified and asked < certain_from):
            del environ["HTTP_IF_MODIFIED_SINCE"]
    # A part of a file is only joined to what was got at the very same time (RFC 9110, 13.1.5).
    condition = parse_date(environ.get("HTTP_IF_RANGE"))
    if condition is not None and condition != modified:
        environ.pop("HTTP_RANGE", None)
