"""A city: a snapshot of its layers that is examined, drawn and written out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mapserver import check
from mapserver.model import Snapshot
from mapserver.readers.city_folder import read_city
from mapserver.settings import expand_home
from mapserver.stores.addresses import is_address, read_address
from mapserver.stores.postgis import PostgisStore
from mapserver.text.findings import Finding

if TYPE_CHECKING:
    import folium

    from mapserver.writers.export import Exported


def open_city(path: str | Path = ".") -> City:
    """Open a city folder, or a city in a database.

    Parameters
    ----------
    path
        A folder with ``gpx/`` and ``layers/``, or the address of a database into which
        ``mapserver load`` has copied one: ``postgresql://user@host/database?schema=seogu``.

    Returns
    -------
    City
        A snapshot of the city as it is now. What could not be read is left out and named in
        ``city.findings``.

    Raises
    ------
    DataError
        The folder is not a city, or the database has none.
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
        return City(PostgisStore(read_address(str(path))).read())
    return City(read_city(expand_home(path)))


class City(Snapshot):
    """One immutable state of a city: layers, answers, findings, maps and files.

    Made by :func:`open_city`. What it knows and answers is ``Snapshot`` of ``mapserver.model``; the
    city adds what examines, draws and writes it.
    """

    def check(self) -> list[Finding]:
        """Examine the data: what went wrong while opening, and what looks wrong; worst first."""
        return check.in_order([*self.findings, *check.examine(self)])

    @property
    def has_certificates(self) -> bool:
        """Whether shops of the city take certificates, or nobody can tell where they are common."""
        from mapserver.drawing import shop_counts  # noqa: PLC0415 -- few questions are about shops

        return shop_counts.has_certificates(self)

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
