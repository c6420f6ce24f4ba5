"""Collections as the API sees them: on a day, and with each feature encoded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from operator import itemgetter
from typing import Any

import geopandas as gpd
import msgspec
import pandas as pd

from mapserver.model import Features, Role, Snapshot, encode
from mapserver.web.api.states import list_state_columns, states_on
from mapserver.web.served_city import ServedCity

VIEWS_KEPT = 24
"""Collections on a day that are held at once; each has the bytes of its features."""


@dataclass(frozen=True, eq=False)
class CollectionView:
    """A collection on a day.

    Attributes
    ----------
    id
        Id of the layer.
    day
        The day that its states are of; None where it has none.
    city
        The city that it belongs to.
    features
        Its features, as they are written.
    states
        For each feature what is said of its day; None where the collection has no states.
    own_frame
        Its features, where the layer stays in a database: one row without values, or a page.
    """

    id: str
    day: dt.date | None
    city: Snapshot
    features: Features
    states: list[dict[str, Any]] | None
    own_frame: gpd.GeoDataFrame | None = None

    @property
    def source(self) -> gpd.GeoDataFrame:
        """The layer, or the features of it that are here where it stays in a database."""
        return self.city.published[self.id] if self.own_frame is None else self.own_frame

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The layer with its states as columns: what filters and sorting ask."""
        frame = self.source
        if self.states is None:
            return frame
        columns = pd.DataFrame(self.states, frame.index, [*list_state_columns(), "state_on"])
        return frame.join(columns[[name for name in columns if name not in frame]])

    @cached_property
    def _encoded(self) -> dict[int, msgspec.Raw]:
        return {}

    def encode_feature(self, position: int) -> msgspec.Raw:
        """Return a feature as bytes of GeoJSON, which are made when first asked for and kept."""
        # Two threads may encode the same feature at once: both write the same bytes.
        raw = self._encoded.get(position)
        if raw is None:
            extra = self.states[position] if self.states is not None else None
            raw = msgspec.Raw(encode(self.features.feature(position, extra)))
            self._encoded[position] = raw
        return raw

    def encode_features(self, positions: Sequence[int]) -> list[msgspec.Raw]:
        """Return features as :meth:`encode_feature` does, without a call for each that is kept."""
        if len(positions) < 2:  # of one the getter below would return no row
            return [self.encode_feature(position) for position in positions]
        try:
            return [*itemgetter(*positions)(self._encoded)]
        except KeyError:
            return [self.encode_feature(position) for position in positions]

    def extend_feature(self, position: int, extra: Mapping[str, Any]) -> msgspec.Raw:
        """Return a feature as bytes of GeoJSON with more properties at its end."""
        if extra and self._property_names and self._property_names.isdisjoint(extra):
            # The bytes that are kept end with the brackets of the properties and of the feature.
            start, more = memoryview(self.encode_feature(position))[:-2], encode(extra)
            return msgspec.Raw(b"".join([start, b",", memoryview(more)[1:], b"}"]))
        states = self.states[position] if self.states is not None else {}
        return msgspec.Raw(encode(self.features.feature(position, {**states, **extra})))

    @cached_property
    def _property_names(self) -> frozenset[str]:
        if not len(self.features):
            return frozenset()
        states = self.states[0] if self.states is not None else {}
        return frozenset(self.features.feature(0, states)["properties"])


def view_collection(served: ServedCity, collection: str, day: dt.date) -> CollectionView:
    """Return a collection on a day; one without states is the same on all days."""
    has_states = served.city.layer_of(Role.TRAILS) == collection
    view: Callable[[str, dt.date | None], CollectionView] | None = served.shelf.get("views")
    if view is None:
        make_view = partial(_make_view, served.city, served.features)
        view = served.shelf.setdefault("views", lru_cache(maxsize=VIEWS_KEPT)(make_view))
    return view(collection, day if has_states else None)


def _make_view(
    city: Snapshot, features: Mapping[str, Features], collection: str, day: dt.date | None
) -> CollectionView:
    if large := city.data.large.get(collection):
        return CollectionView(collection, None, city, features[collection], None, large.prototype)
    states = states_on(city, collection, day) if day is not None else None
    return CollectionView(collection, day, city, features[collection], states)


def list_property_names(served: ServedCity, collection: str) -> frozenset[str]:
    """List the names of the properties of a collection; worked out once."""
    names: frozenset[str] | None = served.shelf.get(("names", collection))
    if names is None:
        large = served.city.data.large.get(collection)
        frame = large.prototype if large else served.city.published[collection]
        columns = [str(name) for name in frame.columns if name != frame.geometry.name]
        has_states = served.city.layer_of(Role.TRAILS) == collection
        names = frozenset([*columns, *((*list_state_columns(), "state_on") if has_states else ())])
        served.shelf["names", collection] = names
    return names
