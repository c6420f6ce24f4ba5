"""One immutable state of a city, and the questions that it answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.geo import extent, geodesy
from mapserver.index import Nearest, Snap
from mapserver.model.city_data import CityData
from mapserver.model.city_layers import located_roles
from mapserver.model.city_states import CityStates
from mapserver.model.location import LocatedArea, Location, NearestDistrict, Neighborhood, Zone
from mapserver.model.points import (
    align_answers,
    attach_columns,
    convert_to_degrees,
    extract_xy,
    read_places,
)
from mapserver.model.questions import (
    nearest_columns,
    rank_within,
    require_distance,
    require_k,
    require_place,
)
from mapserver.model.roles import Role
from mapserver.settings import limits

Search = tuple[Callable[[float, float], list[int]], tuple[Any, ...]]
AREA_CLASSES: dict[Role, type[LocatedArea]] = {
    Role.DISTRICTS: LocatedArea,
    Role.NEIGHBORHOODS: Neighborhood,
    Role.ZONES: Zone,
}

TIES = 8
"""How many more are asked for than wanted: a place amid a lattice has four, or some more, that are
equally near. Those that lie one on the other are equally near in the plane, too."""


class Snapshot(CityStates):
    """One immutable snapshot of a city: layers, indexes, answers.

    Frames are in EPSG:4326 and indexed by id; they are shared, so copy
    one before changing it. Every distance is geodesic on WGS 84, in metres.

    Parameters
    ----------
    data
        What was read from its folder.
    earlier
        The city as it was: what it computed from frames that are the same is taken over.

    Attributes
    ----------
    data
        What was read from its folder.
    derived
        What was computed from its layers.
    """

    def __init__(self, data: CityData, *, earlier: Snapshot | None = None) -> None:
        super().__init__(data, earlier=earlier)
        self._areas: dict[Role, tuple[Any, ...]] = {}

    def nearest_trails(
        self, lon: float, lat: float, k: int = 1, max_distance_m: float | None = None
    ) -> gpd.GeoDataFrame:
        """Find the trails nearest to a point.

        Parameters
        ----------
        lon, lat
            Degrees on WGS 84.
        k
            How many trails at most.
        max_distance_m
            Leave out trails farther away, in geodesic metres.

        Returns
        -------
        GeoDataFrame
            The trails, nearest first, with ``distance_m``, the snapped point as ``nearest_lon``
            and ``nearest_lat``, ``bearing_deg`` (clockwise from north, NaN on the trail) and
            ``walk_min`` (at 4 km/h in a straight line).

        Raises
        ------
        QueryError
            The point is no place on earth, or ``k`` or the distance makes no sense.
        NotFoundError
            This city has no trails.
        """
        require_place(lon, lat)
        layer = self.layer_of(Role.TRAILS) or "trails"
        pairs = self.find_nearest(lon, lat, layer=layer, k=k, max_distance_m=max_distance_m)
        return self.layers[layer].iloc[pairs.feature].assign(**nearest_columns(pairs))

    def nearest(
        self,
        points: gpd.GeoDataFrame,
        layer: str = "trails",
        k: int = 1,
        max_distance_m: float | None = None,
    ) -> gpd.GeoDataFrame:
        """Find what is nearest to each of many points.

        Parameters
        ----------
        points
            Points in any CRS.
        layer
            Id of the layer to search.
        k
            How many features a point gets at most.
        max_distance_m
            Leave out features farther away, in geodesic metres.

        Returns
        -------
        GeoDataFrame
            The points in their own CRS with their index and columns, ``k`` rows each, nearest
            first, and the columns ``trail_id``, ``trail_name`` (after the layer's role),
            ``rank`` (from 1), ``distance_m``, ``nearest_lon``, ``nearest_lat``, ``bearing_deg``
            and ``walk_min``. A point with nothing within ``max_distance_m`` keeps one row with
            empty answers.

        Raises
        ------
        CrsError
            The points have no CRS.
        QueryError
            A row has no point, or one that is no place on earth.
        """
        x, y = extract_xy(points)
        lon, lat = convert_to_degrees(points.crs, x, y)
        plane = (x, y) if points.crs.equals(self.metric_crs, ignore_axis_order=True) else None
        pairs = self.find_nearest(
            lon, lat, layer=layer, k=k, max_distance_m=max_distance_m, plane=plane
        )
        row, answers = align_answers(len(points), pairs.point, self.nearest_table(layer, pairs))
        # Arrays as pandas holds them: as numpy arrays, columns of text would become objects.
        return attach_columns(
            points, row, {str(name): column.array for name, column in answers.items()}
        )

    def nearest_table(self, layer: str, pairs: Nearest) -> pd.DataFrame:
        """Tabulate the pairs that :meth:`find_nearest` returns: columns as of ``nearest``."""
        return pd.DataFrame(
            self.identify_features(layer, pairs.feature)
            | {"rank": rank_within(pairs.point)}
            | nearest_columns(pairs)
        )

    def find_nearest(  # noqa: PLR0913 -- four of them by name only
        self,
        lons: npt.ArrayLike,
        lats: npt.ArrayLike,
        *,
        layer: str = "trails",
        k: int = 1,
        max_distance_m: float | None = None,
        plane: tuple[geodesy.Floats, geodesy.Floats] | None = None,
    ) -> Nearest:
        """Find what is nearest as arrays: what every other nearest question is built on.

        Parameters
        ----------
        lons, lats
            ``n`` points in degrees on WGS 84, or one.
        layer
            Id of the layer to search.
        k, max_distance_m
            As in :meth:`nearest_trails`.
        plane
            The points in ``metric_crs``, where that is what they came in; they are not projected
            then.

        Returns
        -------
        Nearest
            Rows sorted by point, nearest first; ``feature`` is a position in the layer's frame.
        """
        self._require(layer)
        require_k(k)
        require_distance(max_distance_m)
        if k == 1 and isinstance(lons, float) and isinstance(lats, float):
            geodesy.require_lonlat(lons, lats)
            return Nearest.from_snap(
                self.nearest_index(layer).query_one(lons, lats), max_distance_m
            )
        lon, lat = read_places(lons, lats)
        return self.nearest_index(layer).query(lon, lat, k, max_distance_m, plane)

    def find_nearest_snaps(
        self, lon: float, lat: float, *, layer: str, k: int, max_distance_m: float | None
    ) -> list[Snap]:
        """Find what is nearest to one point, nearest first, as plain values.

        Parameters are those of :meth:`find_nearest`, whose answers these are; for one feature no
        array is made, so a server answers in microseconds.
        """
        require_k(k)
        if k != 1:
            require_k(k)
            # Which of two that are equally near comes first in the plane depends on where the
            # middle of it is. So some more are asked for, and those whose metres are the same to
            # a micrometre stay in the order of the layer, wherever that is kept.
            snaps = self.find_nearest(
                lon, lat, layer=layer, k=min(k + TIES, limits.MAX_K), max_distance_m=max_distance_m
            ).list_snaps()
            snaps.sort(key=lambda snap: (round(snap.distance_m, 6), snap.feature))
            return snaps[:k]
        self._require(layer)
        require_distance(max_distance_m)
        geodesy.require_lonlat(lon, lat)
        snap = self.nearest_index(layer).query_one(lon, lat)
        is_far = snap is None or (max_distance_m is not None and snap.distance_m > max_distance_m)
        return [] if snap is None or is_far else [snap]

    def locate(self, lon: float, lat: float) -> Location:
        """Find what lies at a point: districts, neighbourhood, zone.

        Raises
        ------
        QueryError
            The point is no place on earth.
        """
        require_place(lon, lat)
        rows, places = [], []
        for find, areas in self._searches:
            containing = find(lon, lat)
            if len(containing) > 1:
                containing.sort(key=lambda row: areas[row].id)
            rows.append(containing)
            places.append([areas[row] for row in containing])
        districts, neighborhoods, zones = places
        nearest, border_m = self._measure_border(rows[0], lon, lat)
        ground = self._ground_position
        return Location(
            lon,
            lat,
            ground is not None and bool(rows[ground]),
            tuple(districts),
            neighborhoods[0] if neighborhoods else None,
            zones[0] if zones else None,
            nearest,
            border_m,
        )

    @cached_property
    def _searches(self) -> tuple[Search, ...]:
        """What finds the areas that contain a point, and the areas; by role, districts first."""
        searches = []
        for role in AREA_CLASSES:
            layer = self.layer_of(role)
            find = self.within_index(layer).query_one if layer else lambda *_: []
            searches.append((find, self._list_areas(role)))
        return tuple(searches)

    @cached_property
    def _ground_position(self) -> int | None:
        """Where among these searches that of the city's ground is; None where it has none."""
        return None if self._ground is None else [*AREA_CLASSES].index(self._ground)

    @cached_property
    def _ground(self) -> Role | None:
        """The role of the layer that is the city's ground: neighbourhoods, where there are some."""
        return next((role for role in located_roles() if self.layer_of(role)), None)

    def locate_table(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> pd.DataFrame:
        """Find for each of many points in which district, neighbourhood and zone it lies.

        Parameters
        ----------
        lons, lats
            ``n`` points in degrees on WGS 84.

        Returns
        -------
        DataFrame
            ``n`` rows: ``in_city`` and, of each layer that this city has, ``district_id``,
            ``district_name`` and so on. Of a point in several, all stand there, with ``|`` between.

        Raises
        ------
        QueryError
            A point is no place on earth.
        """
        lon, lat = read_places(lons, lats)
        table = pd.DataFrame({"in_city": np.zeros(len(lon), bool)})
        ground = self._ground
        for role in (Role.DISTRICTS, Role.NEIGHBORHOODS, Role.ZONES):
            layer = self.layer_of(role)
            if layer is None:
                continue
            point, feature = self.within_index(layer).query(lon, lat)
            if role is ground:
                table.loc[np.unique(point), "in_city"] = True
            names = pd.DataFrame(self.identify_features(layer, feature))
            # A row for each point, since a point may lie in several features.
            table = table.join(names.groupby(point).agg("|".join))
        return table

    def join(self, points: gpd.GeoDataFrame, layer: str = "districts") -> gpd.GeoDataFrame:
        """Find for each of many points which features of a layer contain it.

        Parameters
        ----------
        points
            Points in any CRS.
        layer
            Id of a polygon layer.

        Returns
        -------
        GeoDataFrame
            The points in their own CRS with their index and columns, and ``district_id`` and
            ``district_name`` (after the layer's role; such columns are replaced). A point in two
            features has two rows, a point in none keeps one with empty answers.

        Raises
        ------
        CrsError
            The points have no CRS.
        QueryError
            A row has no point, or one that is no place on earth.
        """
        self._require(layer)
        x, y = extract_xy(points)
        if points.crs.equals(geodesy.LONLAT, ignore_axis_order=True):
            read_places(x, y)
        row, feature = self.within_index(layer).find_containment(points.crs, x, y).list_rows()
        return attach_columns(points, row, self.identify_features(layer, feature))

    def build_indexes(self, most_features: int | None = None) -> None:
        """Build the indexes that questions need, so that the first of them does not wait for it.

        Parameters
        ----------
        most_features
            Leave out the nearest of layers with more features; they are built when asked for.
        """
        if self.bounds is None:
            return
        lon, lat = extent.find_frame_middle(self.layers.values())
        self.locate(lon, lat)
        for layer, frame in self.layers.items():
            if len(frame) and (most_features is None or len(frame) <= most_features):
                self.find_nearest(lon, lat, layer=layer, k=1)

    def _list_areas(self, role: Role) -> tuple[Any, ...]:
        """Return the features of a role as areas of its class, in their order; made once."""
        if role not in self._areas:
            layer = self.layer_of(role)
            frame = self.layers[layer] if layer else gpd.GeoDataFrame()
            self._areas[role] = AREA_CLASSES[role].from_frame(frame)
        return self._areas[role]

    def _measure_border(
        self, districts: list[int], lon: float, lat: float
    ) -> tuple[NearestDistrict | None, float | None]:
        """Find the nearest district, if the point is in none, and the metres to a border.

        Parameters
        ----------
        districts
            Positions of the districts that contain the point.
        lon, lat
            The point, in degrees.
        """
        index = self.border_index
        border = None if index is None else index.query_one(lon, lat)
        if index is None or border is None:
            return None, None
        if not districts:
            area = self._list_areas(Role.DISTRICTS)[border.feature]
            return NearestDistrict(area.id, area.name, border.distance_m), border.distance_m
        if border.feature in districts:
            return None, border.distance_m
        # The border of a district that lies within this one is nearer than its own.
        feature = np.array(districts, np.intp)
        point = np.zeros(len(feature), np.intp)
        pairs = index.measure_pairs(np.array([lon]), np.array([lat]), point, feature)
        return None, float(pairs.distance_m.min())
