"""The indexes of a city's layers, built when a question first needs them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_, QueryError
from mapserver.geo.threads import map_in_threads
from mapserver.index import NearestIndex, WithinIndex, open_nearest, open_within
from mapserver.model import arguments
from mapserver.model.city_data import CityData
from mapserver.model.city_layers import CityLayers
from mapserver.model.derived import Derived
from mapserver.model.points import take_values

FOUR_FLOATS = (float,) * 4


class CityIndexes(CityLayers):
    """The layers of a city with their indexes.

    Parameters
    ----------
    data
        What was read from the city's folder.
    earlier
        The city as it was: what it computed from frames that are the same is taken over.

    Attributes
    ----------
    derived
        What was computed from the layers.
    """

    def __init__(self, data: CityData, *, earlier: CityIndexes | None = None) -> None:
        super().__init__(data)
        frames = [layer.frame for layer in data.layers.values()]
        self.derived: Derived = Derived(frames, earlier.derived if earlier else None)
        self._nearest: dict[str, NearestIndex] = {}
        self._within: dict[str, WithinIndex] = {}
        self._placeless: dict[str, npt.NDArray[np.intp]] = {}

    def nearest_index(self, layer: str) -> NearestIndex:
        """Return the index that finds what of a layer is nearest; it is built once."""
        if layer not in self._nearest:
            frame, crs = self.layers[layer], self.metric_crs
            self._nearest[layer] = self.derived.get(
                ("nearest", crs),
                (frame,),
                lambda: open_nearest(frame.geometry.to_numpy(), crs),
            )
        return self._nearest[layer]

    def within_index(self, layer: str) -> WithinIndex:
        """Return the index that finds which polygons of a layer contain a point; built once."""
        if layer not in self._within:
            frame = self.layers[layer]
            self._within[layer] = self.derived.get(
                "within", (frame,), lambda: open_within(frame.geometry.to_numpy())
            )
        return self._within[layer]

    @cached_property
    def border_index(self) -> NearestIndex | None:
        """The index of the borders of districts, as lines; None where there are no districts."""
        districts, crs = self.districts, self.metric_crs
        if districts is None:
            return None
        return self.derived.get(
            ("borders", crs),
            (districts,),
            lambda: open_nearest(shapely.boundary(districts.geometry.to_numpy()), crs),
        )

    def in_bbox(
        self, layer: str, bbox: tuple[float, float, float, float] | None
    ) -> npt.NDArray[np.intp]:
        """Find the features of a layer that have any part in a box.

        Parameters
        ----------
        layer
            Id of the layer.
        bbox
            West, south, east, north in degrees; None for everything.

        Returns
        -------
        ndarray of int
            Positions in the layer's frame. Features without geometry are in every box, as
            OGC API - Features has it (17-069r4, 7.15.3).
        """
        # A server has four floats; making an array of them would take as long as the search.
        is_plain = isinstance(bbox, tuple) and tuple(map(type, bbox)) == FOUR_FLOATS
        placeless = self._placeless.get(layer) if isinstance(layer, str) else None
        if is_plain and placeless is not None:  # the layer was asked before, so there is one
            return self._find_in_box(layer, cast("Sequence[float]", bbox), placeless)
        frame = self.published[layer]
        if bbox is None:
            return np.arange(len(frame))
        box = bbox if is_plain else arguments.read_degrees(bbox, "bbox").tolist()
        if len(box) != 4:
            raise QueryError(
                N_("{value} is no box"),
                parameter="bbox",
                mend=N_("Give west, south, east, north in degrees"),
                value=repr(bbox),
            )
        if layer not in self.layers:  # rows of a ledger, none of which has a place
            return np.arange(len(frame))
        if placeless is None:
            placeless = self._placeless[layer] = self.derived.get(
                "placeless", (frame,), lambda: _find_placeless(frame.geometry.to_numpy())
            )
        return self._find_in_box(layer, box, placeless)

    def _find_in_box(
        self, layer: str, box: Sequence[float], placeless: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.intp]:
        west, south, east, north = box
        matches = self.within_index(layer).in_box(west, south, east, north)
        return np.union1d(matches, placeless) if len(placeless) else matches

    def identify_features(self, layer: str, feature: npt.NDArray[np.intp]) -> dict[str, Any]:
        """Return ids and names of features by their positions; of ``NO_AREA`` none."""
        frame = self.layers[layer]
        word = self.entry(layer).role.row.noun or layer
        columns = {f"{word}_id": frame.index.array}
        if "name" in frame:
            columns[f"{word}_name"] = frame["name"].array
        values = map_in_threads(
            lambda column: take_values(column, feature), columns.values(), len(feature)
        )
        return dict(zip(columns, values, strict=True))


def _find_placeless(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    """Return the positions of geometries that are missing or empty."""
    return np.flatnonzero(shapely.is_missing(geometries) | shapely.is_empty(geometries))
