"""One state of a city, as it is served."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import geopandas as gpd

from mapserver.model import CityData, Features, Fingerprint, Snapshot


class LayerFeatures(Mapping[str, Features]):
    """The features of each layer and public ledger as they are written, made when asked for.

    The first answer of a server needs those of one layer, and all take longer than opening a city
    that was kept. What everybody loads is made before visitors ask (:mod:`mapserver.web.warming`).

    Parameters
    ----------
    city
        The city.
    """

    def __init__(self, city: Snapshot) -> None:
        self._city = city
        self._made: dict[str, Features] = {}

    @cached_property
    def _frames(self) -> dict[str, gpd.GeoDataFrame]:
        # One row without values says what the columns are; questions go to the database.
        large = {id_: layer.prototype for id_, layer in self._city.data.large.items()}
        return {**self._city.published, **large}

    def __getitem__(self, id_: str) -> Features:
        """Return the features of a layer, or take over those of an earlier city."""
        features = self._made.get(id_)
        if features is None:
            frame = self._find_frame(id_)
            make = partial(Features, frame)
            is_large = id_ in self._city.data.large
            features = make() if is_large else self._city.derived.get("features", (frame,), make)
            self._made[id_] = features
        return features

    def __contains__(self, id_: object) -> bool:
        """Return whether there is such a layer, without making anything of it."""
        data = self._city.data
        return id_ in data.layers or id_ in data.large or id_ in self._frames

    def _find_frame(self, id_: str) -> gpd.GeoDataFrame:
        # Ledgers are published when somebody asks for one: the first visitors ask for layers.
        layer = self._city.data.layers.get(id_)
        return self._frames[id_] if layer is None else layer.frame

    def __iter__(self) -> Iterator[str]:
        """List the ids of the layers, in the order of the catalogue."""
        return iter(self._frames)

    def __len__(self) -> int:
        """Count the layers."""
        return len(self._frames)


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
        The features of each layer and public ledger as they are written; see ``LayerFeatures``.
    conditions
        What the city was read under, so that it can be kept; empty where it is not to be.
    """

    city: Snapshot
    files: Fingerprint
    changed_at: dt.datetime
    features: Mapping[str, Features]
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
        return cls(city, data.files, data.changed_at, LayerFeatures(city), conditions)
