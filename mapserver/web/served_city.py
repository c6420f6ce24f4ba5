"""One state of a city, as it is served."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from mapserver.model import CityData, Features, Fingerprint, Snapshot


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
        The features of each layer and public ledger as they are written.
    conditions
        What the city was read under, so that it can be kept; empty where it is not to be.
    """

    city: Snapshot
    files: Fingerprint
    changed_at: dt.datetime
    features: dict[str, Features]
    conditions: bytes = b""

    @cached_property
    def shelf(self) -> dict[Hashable, Any]:
        """What answers have computed from it; it goes when the snapshot goes."""
        return {}

    @cached_property
    def shapes(self) -> dict[Hashable, Any]:
        """Questions that were read, one of each shape; see :mod:`mapserver.web.shortcut`."""
        return {}

    @classmethod
    def from_data(
        cls, data: CityData, earlier: ServedCity | None = None, conditions: bytes = b""
    ) -> ServedCity:
        """Make a snapshot of what was read from a folder.

        What an earlier snapshot computed from frames that have not changed is taken over.
        """
        city = Snapshot(data, earlier=earlier.city if earlier is not None else None)
        newest_s = max((written_ns for _, _, written_ns, _, _ in data.files), default=0) // 10**9
        features = {
            id_: city.derived.get("features", (frame,), partial(Features, frame))
            for id_, frame in city.published.items()
        }
        # One row without values says what the columns are; questions go to the database.
        features |= {id_: Features(layer.prototype) for id_, layer in data.large.items()}
        changed_at = dt.datetime.fromtimestamp(newest_s, dt.UTC)
        return cls(city, data.files, changed_at, features, conditions)
