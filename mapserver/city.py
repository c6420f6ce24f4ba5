"""A city: a snapshot of its layers that is examined, drawn and written out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, QueryError
from mapserver.model import Snapshot
from mapserver.readers.city_folder import read_city
from mapserver.settings import LARGE_ROWS, expand_home
from mapserver.stores.addresses import is_address, read_address
from mapserver.text.findings import Finding

if TYPE_CHECKING:
    import folium

    from mapserver.joining.joined import Joined
    from mapserver.writers.export import Exported

FAR_M = 50_000.0
"""How far the nearest is searched for points in files, unless another distance is said."""


def open_city(path: str | Path = ".", *, large_rows: int = LARGE_ROWS) -> City:
    """Open a city folder, or a city in a database.

    Parameters
    ----------
    path
        A folder with ``gpx/`` and ``layers/``, or the address of a database into which
        ``mapserver load`` has copied one: ``postgresql://user@host/database?schema=seogu``.
    large_rows
        A layer of the role ``layer`` with more rows in a database stays there: it is none of
        ``city.layers``, and asking for it is an error that says so.

    Returns
    -------
    City
        A snapshot of the city as it is now. What could not be read is left out and named in
        ``city.findings``.

    Raises
    ------
    DataError
        The folder is not a city, or the database has none.
    SettingsError
        It is no such address, or one in another form; the message does not repeat it.
    MissingPackageError
        A database is meant, and its driver is not installed.

    Examples
    --------
    >>> city = open_city(".")
    >>> nearest = city.nearest_trails(126.85, 35.14, k=3)
    >>> bool(nearest["distance_m"].is_monotonic_increasing)
    True
    """
    if is_address(path):
        from mapserver.stores.postgis import PostgisStore  # noqa: PLC0415 -- most are folders

        store = PostgisStore(read_address(str(path)), large_rows=large_rows)
        store.close()  # a snapshot asks no more, and a database has few connections
        return City(store.label_data(read_city(store.folder)))
    return City(read_city(expand_home(path)))


def join_city(
    open_one: Callable[[], City], points: Any, out: str | Path | None, **options: Any
) -> Joined:
    """Join points in files with a city that is opened for it, and let go of once it has indexes.

    See :meth:`City.join_files`, which joins with a city that somebody has.
    """
    from mapserver.joining import options as wishes  # noqa: PLC0415 -- few questions are about files
    from mapserver.joining.job import join_files  # noqa: PLC0415 -- likewise

    if out is None or not isinstance(points, str | Path):
        raise QueryError(
            N_("points in files have their answers in files"),
            parameter="points" if out is not None else "out",
            mend=N_('Give both by path: city.join("points/", out="answers/")'),
        )
    for parameter, path in (("points", points), ("out", out)):
        # An empty path would be the current folder, which nobody means who writes "".
        if isinstance(path, str) and not path.strip():
            raise QueryError(
                N_("the path is empty"),
                parameter=parameter,
                mend=N_('Write "." if the current folder is meant'),
            )
    if options.get("nearest") is not None:
        options = {"max_distance_m": FAR_M} | options
    return join_files(open_one, points, out, *wishes.read_options(options))


class City(Snapshot):
    """One immutable state of a city: layers, answers, findings, maps and files.

    Made by :func:`open_city`. What it knows and answers is ``Snapshot`` of ``mapserver.model``; the
    city adds what examines, draws and writes it.
    """

    def check(self) -> list[Finding]:
        """Examine the data: what went wrong while opening, and what looks wrong; worst first."""
        from mapserver import check  # noqa: PLC0415 -- most questions are not about the data

        return check.in_order([*self.findings, *check.examine(self)])

    @property
    def has_certificates(self) -> bool:
        """Whether shops of the city take certificates, or nobody can tell where they are common."""
        from mapserver.drawing import shop_counts  # noqa: PLC0415 -- few questions are about shops

        return shop_counts.has_certificates(self)

    @overload
    def join(self, points: gpd.GeoDataFrame, layer: str = "districts") -> gpd.GeoDataFrame: ...

    @overload
    def join(
        self, points: str | Path, layer: str = "districts", *, out: str | Path, **options: Any
    ) -> Joined: ...

    def join(
        self,
        points: gpd.GeoDataFrame | str | Path,
        layer: str = "districts",
        *,
        out: str | Path | None = None,
        **options: Any,
    ) -> gpd.GeoDataFrame | Joined:
        """Find which features of a layer contain each of many points, in a frame or in files.

        Parameters
        ----------
        points
            Points in any CRS: a frame, or a Parquet file or a folder of them, of any size.
        layer
            Id of a polygon layer.
        out
            For files: the folder of the answers, new, empty or of an earlier join.
        **options
            For files: ``keep`` (columns of the input that are written; None for all), ``crs`` (of
            files that state none), ``on_bad`` (``keep`` or ``stop``), ``progress`` (True),
            ``scheduler`` (None for this process; ``"local"``, an address or a client of Dask; or a
            function that maps another over tasks), and ``nearest`` with ``k`` and
            ``max_distance_m``: the id of a layer whose nearest features are found as well.

        Returns
        -------
        GeoDataFrame or Joined
            Of a frame its points in their own CRS with their index and columns, and
            ``district_id`` and ``district_name`` (after the layer's role; such columns are
            replaced). A point in two features has two rows, a point in none keeps one with empty
            answers. Of files what came of them: the same rows and columns are in ``out``, a file
            for each file of points, with a column ``problem`` for rows without a usable place.

        Raises
        ------
        CrsError
            The CRS of the points is unknown.
        QueryError
            A row of a frame has no point, or one that is no place on earth.
        DataError
            A file cannot be read, or ``out`` is a folder of something else.

        Examples
        --------
        >>> joined = city.join("points/", out="answers/")  # doctest: +SKIP
        >>> joined.bad  # doctest: +SKIP
        """
        if out is None and not isinstance(points, str | Path):
            return super().join(points, layer)
        return self.join_files(points, out, within=layer, **options)

    @overload
    def nearest(
        self,
        points: gpd.GeoDataFrame,
        layer: str = "trails",
        k: int = 1,
        max_distance_m: float | None = None,
    ) -> gpd.GeoDataFrame: ...

    @overload
    def nearest(
        self,
        points: str | Path,
        layer: str = "trails",
        k: int = 1,
        max_distance_m: float | None = None,
        *,
        out: str | Path,
        **options: Any,
    ) -> Joined: ...

    def nearest(
        self,
        points: gpd.GeoDataFrame | str | Path,
        layer: str = "trails",
        k: int = 1,
        max_distance_m: float | None = None,
        *,
        out: str | Path | None = None,
        **options: Any,
    ) -> gpd.GeoDataFrame | Joined:
        """Find what is nearest to each of many points, in a frame or in files.

        Parameters
        ----------
        points
            Points in any CRS: a frame, or a Parquet file or a folder of them, of any size.
        layer
            Id of the layer to search.
        k
            How many features a point gets at most.
        max_distance_m
            Leave out features farther away, in geodesic metres. None is no limit for a frame, and
            50,000 for files, of which many points may lie far away; there ``math.inf`` is none.
        out, **options
            For files, as in :meth:`join`.

        Returns
        -------
        GeoDataFrame or Joined
            Of a frame its points in their own CRS with their index and columns, ``k`` rows each,
            nearest first, and the columns ``trail_id``, ``trail_name`` (after the layer's role),
            ``rank`` (from 1), ``distance_m``, ``nearest_lon``, ``nearest_lat``, ``bearing_deg``
            and ``walk_min``. A point with nothing within ``max_distance_m`` keeps one row with
            empty answers. Of files what came of them, as in :meth:`join`.

        Raises
        ------
        CrsError
            The CRS of the points is unknown.
        QueryError
            A row of a frame has no point, or one that is no place on earth.
        DataError
            A file cannot be read, or ``out`` is a folder of something else.
        """
        if out is None and not isinstance(points, str | Path):
            return super().nearest(points, layer, k, max_distance_m)
        reach_m = FAR_M if max_distance_m is None else max_distance_m
        return self.join_files(points, out, nearest=layer, k=k, max_distance_m=reach_m, **options)

    def join_files(self, points: Any, out: str | Path | None, **options: Any) -> Joined:
        """Find areas around and what is nearest to points in files, in one pass.

        Parameters
        ----------
        points, out
            As in :meth:`join`.
        **options
            ``within`` and ``nearest``, ids of layers, and the options of :meth:`join`.

        Raises
        ------
        QueryError
            Points or answers are no files, or an option is unknown.
        """
        return join_city(lambda: self, points, out, **options)

    def map(
        self,
        *,
        lang: str | None = None,
        day: dt.date | None = None,
        color: str | pd.Series | None = None,
        unit: str = "",
    ) -> folium.Map:
        """Draw the map that the server shows, to be shown in a notebook or saved.

        Parameters
        ----------
        lang
            Code of the language; the city's first by default.
        day
            The day whose closures are drawn; today by default.
        color
            Colour the neighbourhoods by a measure: ``membership_rate``, ``shops``, ``members``,
            ``districts``, ``trails`` or ``trail_length_m``; or by your own numbers, a Series that
            is indexed by their ids and named by its title.
        unit
            Of your own numbers: ``%`` for shares of one, ``m`` for metres, or any other word.
        """
        from mapserver.drawing import maps  # noqa: PLC0415 -- folium is heavy; most questions need no map

        return maps.build_map(self, lang=lang, day=day, color=color, unit=unit)

    def export(self, out: str | Path, **options: Any) -> Exported:
        """Write the city, or some of its layers, as files.

        See :func:`mapserver.writers.export.export`.
        """
        from mapserver.writers import export  # noqa: PLC0415 -- few questions write files

        return export.export(self, out, **options)
