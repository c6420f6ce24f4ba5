"""The layers of a city, by role and by id, with what describes them."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from mapserver.errors import N_, fill, printable
from mapserver.geo import extent
from mapserver.model import arguments, status
from mapserver.model.catalog import Catalog, LayerEntry
from mapserver.model.city_data import Basemap, CityData, Layer, Photo
from mapserver.model.frozen_figures import FrozenFigures
from mapserver.model.layers import Layers, find_unread
from mapserver.model.metric_crs import choose_metric_crs
from mapserver.model.published import publish_ledgers
from mapserver.model.roles import ROLES, Role
from mapserver.model.time_zone import is_in_korea
from mapserver.model.words import Phrases, find_phrases
from mapserver.text.findings import Finding
from mapserver.text.languages import ENGLISH


class CityLayers:
    """The layers of one state of a city, and what is known of each.

    Frames are in EPSG:4326 and indexed by id; they are shared, so copy one before changing it.

    Parameters
    ----------
    data
        What was read from its folder.

    Attributes
    ----------
    data
        What was read from its folder.
    """

    def __init__(self, data: CityData) -> None:
        self.data = data

    def phrases(self, lang: str) -> Phrases:
        """Return the texts of the program in a language, in the words of this city."""
        return find_phrases(self.catalog.words, lang)

    def choose_phrase(self, texts: Mapping[str, str], lang: str, **values: object) -> str:
        """Return one of a notebook's texts, in the words of this city.

        Parameters
        ----------
        texts
            By code of language; English serves where the language has none.
        lang
            Code of the reader's language.
        **values
            What the texts name in braces. Names belong here, which are no words to be replaced.
        """
        code = lang if lang in texts else ENGLISH.code
        return fill(self.phrases(code).replace_words(texts[code]), values)

    @cached_property
    def is_in_korea(self) -> bool:
        """Whether it lies in Korea, as does a city of which nothing is drawn."""
        if self.bounds is None:
            return True
        return is_in_korea(*extent.find_frame_middle(self.layers.values()))

    @cached_property
    def is_barefoot(self) -> bool:
        """Whether its trails are walked barefoot: in Korea, unless it has a word of its own."""
        return self.catalog.words.trail is None and self.is_in_korea

    @property
    def catalog(self) -> Catalog:
        """Title, languages and the description of each layer."""
        return self.data.catalog

    def today(self) -> dt.date:
        """Return the day that it is in the city, wherever the server stands."""
        return status.today(self._zone)

    @cached_property
    def _zone(self) -> dt.tzinfo:
        return self.catalog.zone

    @property
    def path(self) -> Path:
        """The city folder."""
        return self.data.path

    @property
    def place(self) -> str:
        """Where the city is, as people know it: its folder, or the address of a database."""
        return self.data.label or str(self.path)

    @property
    def version(self) -> str:
        """Digest of all files that were read: the same data has the same version anywhere."""
        return self.data.version

    @property
    def closures(self) -> pd.DataFrame | None:
        """Dated closures, or None."""
        return self.data.closures

    @property
    def benefits(self) -> pd.DataFrame | None:
        """The dated table of offers, or None."""
        return self.data.benefits

    @property
    def ledgers(self) -> Mapping[str, pd.DataFrame]:
        """Inspections and the like by the ledger's id; a ledger that is not here is unknown."""
        return self.data.ledgers

    @property
    def frozen(self) -> FrozenFigures | None:
        """What was published of the direct line, or None where no month was."""
        return self.data.frozen

    @property
    def basemap(self) -> Basemap | None:
        """The backdrop ``layers/basemap.pmtiles``, or None."""
        return self.data.basemap

    @property
    def photos(self) -> Mapping[str, Photo]:
        """Photographs by the id of their trail."""
        return self.data.photos

    @cached_property
    def layers(self) -> Layers:
        """Every layer by id, in the order of the catalogue; it prints as a table."""
        layers = self.data.layers
        return Layers(
            {id_: layer.frame for id_, layer in layers.items()},
            {id_: layer.entry for id_, layer in layers.items()},
            {id_: layer.file for id_, layer in layers.items()},
            frozenset(self.data.large),
            self._unread,
        )

    @cached_property
    def _unread(self) -> dict[str, Finding]:
        """Why layers of the catalogue are not there, by id."""
        present = {*self.data.layers, *self.data.large}
        return find_unread(self.catalog.layers, present, self.data.findings)

    @cached_property
    def published(self) -> Layers:
        """What the API serves: every layer, and then the public ledgers as layers without places.

        A layer that has the id of a ledger stands for it.
        """
        # Layers first, as the catalogue has them; a ledger never takes the place of a layer.
        frames = {id_: table.frame for id_, table in self._tables.items()}
        everything = {**self.data.layers, **self._tables}
        return Layers(
            {**self.layers, **frames},
            {id_: layer.entry for id_, layer in everything.items()},
            {id_: layer.file for id_, layer in everything.items()},
            unread=self._unread,
        )

    @cached_property
    def _tables(self) -> dict[str, Layer]:
        tables = {id_: rows for id_, rows in self.ledgers.items() if id_ not in self.data.layers}
        return publish_ledgers(tables, self.neighborhood_names)

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        """Return a layer by its id: ``city["zones"]``.

        Raises
        ------
        NotFoundError
            There is no such layer; the message names those that there are.
        """
        return self.layers[layer]

    def __iter__(self) -> Iterator[str]:
        """List the ids of the layers."""
        return iter(self.layers)

    def __repr__(self) -> str:
        """Return what the city is, in a line."""
        sizes = {id_: len(frame) for id_, frame in self.layers.items()}
        sizes |= {id_: layer.count for id_, layer in self.data.large.items()}
        counts = ", ".join(f"{size:,} {id_}" for id_, size in sizes.items())
        title = printable(str(self.catalog.title))
        return (
            f"<City {title!r} in {printable(self.place)}: {counts or 'no layers'}; "
            f"version {self.version[:8]}; findings on opening: {len(self.findings)}>"
        )

    def _repr_html_(self) -> str:
        """Return what the city is, for a notebook; texts from files are text."""
        titles = dict.fromkeys(
            self.catalog.title.in_language(lang) for lang in self.catalog.page_languages
        )
        summary = (
            f"{self.place} · version {self.version[:8]} · findings on opening: {len(self.findings)}"
        )
        return (
            f"<p><strong>{html.escape(printable(' · '.join(titles)))}</strong><br>"
            f"{html.escape(printable(summary))}</p>{self.layers._repr_html_()}"
        )

    @property
    def trails(self) -> gpd.GeoDataFrame | None:
        """The trails, with ``length_m`` (geodesic; gaps between segments are not walked)."""
        return self._of(Role.TRAILS)

    @property
    def facilities(self) -> gpd.GeoDataFrame | None:
        """Foot washes, toilets, benches and other points along the trails."""
        return self._of(Role.FACILITIES)

    @property
    def districts(self) -> gpd.GeoDataFrame | None:
        """The shopping districts."""
        return self._of(Role.DISTRICTS)

    @property
    def neighborhoods(self) -> gpd.GeoDataFrame | None:
        """The neighbourhoods, with zone and role."""
        return self._of(Role.NEIGHBORHOODS)

    @cached_property
    def neighborhood_names(self) -> frozenset[str]:
        """The names of the neighbourhoods; none where the city has no such layer."""
        areas = self.neighborhoods
        names = [] if areas is None or "name" not in areas else areas["name"].dropna()
        return frozenset(map(str, names))

    @property
    def zones(self) -> gpd.GeoDataFrame | None:
        """The zones: given, or dissolved from the neighbourhoods."""
        return self._of(Role.ZONES)

    @property
    def shops(self) -> gpd.GeoDataFrame | None:
        """The shops, as points."""
        return self._of(Role.SHOPS)

    def layer_of(self, role: Role | str) -> str | None:
        """Id of the layer that plays a role, or None when this city has none."""
        arguments.require_text(role, "role")
        return self._first_layers.get(role)

    @cached_property
    def _first_layers(self) -> dict[str, str]:
        """The first layer of each role."""
        layers: dict[str, str] = {}
        for id_, layer in self.data.layers.items():
            layers.setdefault(layer.entry.role, id_)
        return layers

    def entry(self, layer: str) -> LayerEntry:
        """Describe a layer as the catalogue does, or a public ledger.

        Raises
        ------
        NotFoundError
            There is no such layer.
        """
        return self._find_published(layer).entry

    def find_columns(self, layer: str) -> gpd.GeoDataFrame:
        """Return a layer or a public ledger, to see which columns it has.

        Of a layer that stays in a database it is one row without values.
        """
        return self._find_published(layer).frame

    def file(self, layer: str) -> str:
        """Return the file a layer or a ledger came from, relative to the city folder."""
        return self._find_published(layer).file

    def _find_published(self, layer: str) -> Layer:
        # Most ask for a layer, which needs no ledger to be looked at.
        if layer in self.layers:
            return self.data.layers[layer]
        if isinstance(layer, str) and layer in self.data.large:
            large = self.data.large[layer]
            return Layer(large.entry, large.prototype, large.file)
        if not isinstance(layer, str) or layer not in self._tables:
            self.layers.require(layer)
        return self._tables[layer]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong while opening; ``check()`` looks closer."""
        return self.data.findings + self._metric[1]

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the city in degrees; None when nothing has a place."""
        for role in (*located_roles(), Role.TRAILS):
            frame = self._of(role)
            box = None if frame is None else extent.find_frame_bounds([frame])
            if box:
                return box
        # Streets of a backdrop reach beyond the city, and are its bounds only if there is no more.
        frames = [
            frame
            for id_, frame in self.layers.items()
            if not self.data.layers[id_].entry.role.row.is_backdrop
        ]
        return extent.find_frame_bounds(frames or self.layers.values())

    @property
    def metric_crs(self) -> CRS:
        """The projected CRS in which this city is searched: the catalogue's, if it fits here."""
        return self._metric[0]

    def lacks(self, *roles: Role | str, lang: str | None = None) -> str:
        """Return which of some layers this city has not; nothing where it has them all.

        Parameters
        ----------
        *roles
            Roles (``shops``, ``districts``) or ids of layers.
        lang
            Language of the sentence; the city's first by default.

        Returns
        -------
        str
            A sentence that names them, or ``""``.
        """
        lang = lang or self.catalog.default_language
        lacking = [self._name_role(role, lang) for role in roles if not self._has(str(role))]
        if not lacking:
            return ""
        say = self.phrases(lang).say
        return fill(say(N_("Not in this city: {layers}")), {"layers": ", ".join(lacking)})

    def _name_role(self, role: Role | str, lang: str) -> str:
        """Return what a city calls the layer of a role, or the id of another layer."""
        title = ROLES[role].layer_title if role in ROLES else None
        return self.phrases(lang).replace_words(title.in_language(lang)) if title else str(role)

    def _of(self, role: Role) -> gpd.GeoDataFrame | None:
        layer = self.layer_of(role)
        return None if layer is None else self.layers[layer]

    def _has(self, role: str) -> bool:
        layer = role if role in self.layers else self.layer_of(role)
        return layer is not None and len(self.layers[layer]) > 0

    def _require(self, layer: str) -> None:
        self.layers.require(layer)

    @cached_property
    def _metric(self) -> tuple[CRS, tuple[Finding, ...]]:
        return choose_metric_crs(
            self.catalog.metric_crs, *extent.find_frame_middle(self.layers.values())
        )


def located_roles() -> list[Role]:
    """Return the roles of which ``locate`` names what contains a point, the outer areas first."""
    return [role for role in ROLES.values() if role.row.is_located]
