"""What adding files would do: read, concluded and counted, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver import encoding, geodesy
from mapserver.adding.columns import id_column, with_known_columns
from mapserver.adding.inputs import BESIDE, Input, inputs, parts
from mapserver.adding.members import read_members, with_members
from mapserver.catalog import Catalog, LayerEntry, Role, slug
from mapserver.city import City
from mapserver.errors import N_, CrsError, DataError, MapserverError, SettingsError
from mapserver.findings import Finding, Severity
from mapserver.formats.gpx import gpx
from mapserver.gpx import read_gpx
from mapserver.vector import read_layer
from mapserver.vector.projection import CANDIDATES

Box = tuple[float, float, float, float]
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
UNUSABLE = frozenset({"no-coordinates", "coordinate-out-of-range", "row-shape"})
"""Codes of findings about a row that was left out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for beside the files.

    Attributes
    ----------
    role
        What the data means to the city.
    id, title, title_en, source
        Of the layer; chosen from the role and the file when empty.
    crs, encoding, layer, name_column
        As in the catalogue: of files that do not say them.
    replace
        A layer or trail that is there gives way.
    """

    role: Role
    id: str = ""
    title: str = ""
    title_en: str = ""
    source: str = ""
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    name_column: str | None = None
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one file gives.

    Attributes
    ----------
    name
        The file, as it was named.
    frame
        Its features: EPSG:4326, indexed by id.
    crs, crs_from, encoding, encoding_from
        What was concluded of it, and from what (message ids).
    left_out
        How many rows could not be used; each is in the findings.
    columns
        Columns that were filled from others: ``category = 상권업종대분류명``.
    """

    name: str
    frame: gpd.GeoDataFrame
    crs: str = "EPSG:4326"
    crs_from: str = N_("the format means degrees")
    encoding: str = "utf-8"
    encoding_from: str = N_("the format has no other")
    left_out: int = 0
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What would be written.

    Attributes
    ----------
    city
        The folder.
    wish
        What was asked for.
    layer
        Id of the layer to be written; empty for trails, which become GPX files.
    parts
        What each file gives; a file that could not be used is in the findings instead.
    frame
        All of them together, as they will be written.
    trails
        For trails the GPX files, by the trail's id.
    originals
        The files that were named, to be kept beside.
    city_box
        West, south, east, north of what the city has; None when it is empty.
    findings
        What was left out or is odd.
    refused
        How many files could not be used.
    """

    city: Path
    wish: Wish
    layer: str
    parts: list[Part]
    frame: gpd.GeoDataFrame
    trails: dict[str, bytes]
    originals: list[Path]
    city_box: Box | None
    findings: list[Finding]
    refused: int

    @property
    def sources(self) -> list[Path]:
        """The originals as people speak of them: of a shapefile's files only the .shp."""
        return [p for p in self.originals if p.suffix.lower() not in BESIDE]


def make_plan(  # noqa: PLR0913 -- files, what they are, where they go, and two for the work
    files: Sequence[Path],
    wish: Wish,
    city: City | None,
    folder: Path,
    *,
    unpacked: Path,
    progress: Callable[[Sequence[Input]], Any] = iter,
) -> Plan:
    """Read files and conclude what adding them would do; nothing is written.

    Parameters
    ----------
    files
        Files, folders and zip archives.
    wish
        What they are, and what they do not say themselves.
    city
        The city as it is; None when the folder is to become one.
    folder
        The city folder.
    unpacked
        An empty folder for what is in archives; the plan needs it until it is carried out.
    progress
        Passes the files on one by one, and may show how far it has come.

    Raises
    ------
    DataError
        No file could be used, or what they hold has no place in this city.
    """
    every = inputs(files, unpacked)
    box = None if city is None else city.bounds
    reader = _Reader(wish, box, city)
    for one in progress(every):
        reader.read(one)
    if not reader.parts and reader.members is None:
        raise reader.failure or DataError(
            N_("nothing in it can be used"), where=", ".join(one.name for one in every)
        )
    frame, findings = reader.together()
    layer = "" if wish.role is Role.TRAILS else _layer_id(wish, every[0], city)
    if wish.role is not Role.TRAILS:
        frame = frame.set_index(_apart(list(frame.index), every[0].name, reader.findings))
    findings += _outside(frame, reader.parts, box)
    findings += _odd_texts(frame, every[0].name) if wish.role is Role.SHOPS else []
    originals = list(dict.fromkeys(p for one in every for p in parts(one.origin)))
    return Plan(
        folder, wish, layer, reader.parts, frame, reader.trails, originals, box,
        [*reader.findings, *findings], reader.refused,
    )  # fmt: skip


class _Reader:
    """Reads one file after the other; one that cannot be used costs only itself."""

    def __init__(self, wish: Wish, box: Box | None, city: City | None) -> None:
        self.wish = wish
        self.box = box
        self.city = city
        self.parts: list[Part] = []
        self.trails: dict[str, bytes] = {}
        self.members: tuple[str, pd.DataFrame] | None = None
        self.findings: list[Finding] = []
        self.failure: MapserverError | None = None
        self.refused = 0

    def read(self, one: Input) -> None:
        try:
            self._read(one)
        except (MapserverError, OSError) as error:
            told = (
                _with_fit(error, self.box)
                if isinstance(error, MapserverError)
                else DataError(
                    N_("the file cannot be opened: {reason}"),
                    where=one.name,
                    mend=N_("Look whether it is there and may be read"),
                    reason=str(error.strerror),
                )
            )
            self.refused += 1
            self.failure = self.failure or told
            self.findings.append(Finding.from_error(told, code="file-refused", file=one.name))

    def _read(self, one: Input) -> None:
        if one.path.suffix.lower() == ".gpx":
            self._read_gpx(one)
            return
        if self.wish.role is Role.SHOPS:
            members = read_members(one.path, name=one.name, label=self.wish.encoding)
            if members is not None:
                self.members = one.name, members
                return
        wish = self.wish
        # Rows without ids are numbered: districts-1; those of a second file after the file.
        first = wish.role not in {Role.LAYER, Role.TRAILS} and not self.parts
        stem = str(wish.role) if first else slug(one.path.stem) or str(wish.role)
        entry = LayerEntry(
            stem,
            wish.role,
            layer=wish.layer,
            crs=wish.crs,
            encoding=wish.encoding,
            name_column=wish.name_column,
        )
        frame, findings = read_layer(one.path, entry, name=one.name, near=self.box)
        for missing in (f for f in findings if f.code == "column-missing"):
            raise DataError(
                missing.what,
                where=one.name,
                mend=N_("Name one that the file has: {columns}"),
                **missing.values,
            )
        about = dict(frame.attrs)
        # The reader numbers rows without ids by itself; a column that is unique does better.
        column = id_column(frame, wish.role)
        if column is not None:
            ids = [_as_id(value) for value in frame[column]]
            frame = frame.set_index(_apart(ids, one.name, self.findings))
            findings = [f for f in findings if f.code != "id-missing"]
        frame, taken = with_known_columns(frame, wish.role)
        part = Part(
            one.name,
            frame,
            about["file_crs"],
            about["file_crs_from"],
            about["file_encoding"],
            about["file_encoding_from"],
            len({f.feature for f in findings if f.code in UNUSABLE and f.feature}),
            taken,
        )
        self.findings += findings
        if wish.role is Role.TRAILS:
            self._add_lines(part, one)
        self.parts.append(part)

    def _read_gpx(self, one: Input) -> None:
        content = read_gpx(one.path, name=one.name)
        self.findings += content.findings
        frame = content.trails if self.wish.role is Role.TRAILS else content.waypoints
        if frame.empty:
            what = (
                N_("it holds no track")
                if self.wish.role is Role.TRAILS
                else N_("it holds no waypoints")
            )
            raise DataError(what, where=one.name, mend=N_("Record or export it again"))
        if self.wish.role is Role.TRAILS:
            self._add_trails({one.path.stem: one.path.read_bytes()}, one)
        part = Part(one.name, frame, crs_from=N_("GPX has no other"))
        self.parts.append(replace(part, encoding_from=N_("the XML says so")))

    def _add_lines(self, part: Part, one: Input) -> None:
        drawn = part.frame[np.isin(shapely.get_type_id(part.frame.geometry.to_numpy()), LINES)]
        texts = {
            str(id_): gpx([drawn.loc[[id_], ["name", "geometry"]]], [], {"name": name or ""})
            for id_, name in drawn["name"].items()
            if not drawn.geometry.loc[id_].is_empty
        }
        if not texts:
            raise DataError(
                N_("it holds no lines"), where=one.name, mend=N_("Trails are lines, or GPX files")
            )
        self._add_trails(texts, one)

    def _add_trails(self, texts: dict[str, bytes], one: Input) -> None:
        """Take the trails of one file, all or none."""
        taken = dict(self.trails)
        for stem, data in texts.items():
            id_ = trail_id(stem, taken)
            there = self.city is not None and (self.city.path / "gpx" / f"{id_}.gpx").exists()
            if there and not self.wish.replace:
                raise DataError(
                    N_("there is a trail {id} already"),
                    where=one.name,
                    mend=N_("Add it with --replace, or give the file another name"),
                    id=repr(id_),
                )
            taken[id_] = data
        self.trails = taken

    def together(self) -> tuple[gpd.GeoDataFrame, list[Finding]]:
        """Put the files' features into one frame, and mark the members among the shops."""
        if self.parts:
            frame = gpd.GeoDataFrame(pd.concat([part.frame for part in self.parts]))
        else:
            shops = None if self.city is None else self.city.shops
            if shops is None:
                raise DataError(
                    N_("this is a list of members, and the city has no shops to mark"),
                    where=self.members[0] if self.members else "",
                    mend=N_("Add the shops first, or in the same command"),
                )
            frame = shops
        if self.members is None:
            return frame, []
        name, table = self.members
        placed = self._with_areas(frame)
        marked, findings = with_members(placed, table, name)
        extra = [column for column in marked if column not in frame and "onnuri" not in column]
        return marked.drop(columns=extra), findings

    def _with_areas(self, shops: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Say of each shop in which district and neighbourhood it lies, as member lists do."""
        for role in (Role.DISTRICTS, Role.NEIGHBORHOODS):
            layer = None if self.city is None else self.city.layer_of(role)
            if self.city is None or layer is None or "name" not in self.city.layers[layer]:
                continue
            joined = self.city.join(shops[["geometry"]], layer)
            named = joined[f"{role[:-1]}_name"].groupby(level=0).first()
            shops = shops.assign(**{f"{role[:-1]}_name": named.reindex(shops.index)})
        return shops


def trail_id(stem: str, taken: dict[str, bytes]) -> str:
    """Make the id of a trail from a file's name or a feature's id: a slug of its own."""
    wanted = slug(encoding.file_name(stem))
    number = len(taken) + 1
    base = wanted or f"trail-{number:03}"
    free, n = base, 1
    while free in taken:
        n += 1
        free = f"{base}-{n}"
    return free


def _as_id(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value).strip()  # type: ignore[call-overload]


def _layer_id(wish: Wish, first: Input, city: City | None) -> str:
    catalog = Catalog() if city is None else city.catalog
    there = {entry.id: entry for entry in catalog.layers}
    of_role = [entry.id for entry in catalog.layers if entry.role is wish.role and entry.file]
    role_id = None if wish.role is Role.LAYER else (of_role or [str(wish.role)])[0]
    id_ = wish.id or role_id or slug(first.path.stem) or "layer"
    if slug(id_) != id_.lower():
        raise SettingsError(
            N_("{id} cannot be the id of a layer"),
            where="--id",
            mend=N_("Use letters, digits, hyphens and underscores"),
            id=repr(id_),
        )
    taken = there.get(id_)
    if taken is not None and taken.file and not wish.replace and not _only_members(wish, first):
        raise DataError(
            N_("the city has a layer {id} already, from {file}"),
            where=first.name,
            mend=N_("Add it with --replace (the old file is kept), or with another --id"),
            id=repr(id_),
            file=taken.file,
        )
    return id_


def _only_members(wish: Wish, first: Input) -> bool:
    """Tell whether what is added marks the shops that are there, which stay what they are."""
    if wish.role is not Role.SHOPS:
        return False
    return read_members(first.path, name=first.name, label=wish.encoding) is not None


def _apart(ids: list[str], file: str, findings: list[Finding]) -> pd.Index:
    """Mark the second and further rows of one id with ``~2``, ``~3``, so that none is lost."""
    seen: dict[str, int] = {}
    result = []
    for id_ in ids:
        seen[id_] = seen.get(id_, 0) + 1
        free = id_ if seen[id_] == 1 else f"{id_}~{seen[id_]}"
        if free != id_:
            findings.append(
                Finding(
                    Severity.WARNING,
                    "id-duplicate",
                    file,
                    N_("another row has the id {id}; this one is called {free}"),
                    N_("Take out the one that is there twice"),
                    free,
                    {"id": repr(id_), "free": repr(free)},
                )
            )
        result.append(free)
    return pd.Index(result, name="id", dtype="str")


def _with_fit(error: MapserverError, box: Box | None) -> MapserverError:
    """Say of each CRS that a file could be in whether it would lie in the city."""
    x, y = error.values.get("x"), error.values.get("y")
    if not isinstance(error, CrsError) or x is None:
        return error
    fitting = []
    for code in CANDIDATES if box else ():
        lon, lat = geodesy.transformer(geodesy.parse_crs(f"EPSG:{code}"), geodesy.LONLAT).transform(
            x, y
        )
        if box and box[0] <= lon <= box[2] and box[1] <= lat <= box[3]:
            fitting.append(f"EPSG:{code}")
    return CrsError(
        N_("the CRS is not stated; in the city it would lie as {fitting}: {places}")
        if box
        else N_("the CRS is not stated; the first point would be at {places}"),
        where=error.where,
        mend=N_("Ask who made the file, and name it: --crs EPSG:5186, for example"),
        fitting=" / ".join(fitting) or "-",
        places=error.values["places"],
    )


def _outside(frame: gpd.GeoDataFrame, read: list[Part], box: Box | None) -> list[Finding]:
    """Refuse what lies wholly elsewhere; count what partly does."""
    if box is None or not read:
        return []
    west, south, east, north = frame.geometry.bounds.to_numpy().T
    placed = np.isfinite(west)
    out = placed & ((east < box[0]) | (west > box[2]) | (north < box[1]) | (south > box[3]))
    if out.any() and out.sum() == placed.sum():
        first = frame.geometry.iloc[int(np.flatnonzero(out)[0])].centroid
        raise DataError(
            N_("all of it lies outside of the city, the first at {lon}, {lat}, by {crs} ({proof})"),
            where=read[0].name,
            mend=N_("Check --crs; for another city name another folder with --city"),
            lon=round(first.x, 4),
            lat=round(first.y, 4),
            crs=read[0].crs,
            proof=read[0].crs_from,
        )
    return [
        Finding(
            Severity.WARNING,
            "outside-city",
            read[0].name,
            N_("it lies outside of the city, at {lon}, {lat}; it is kept"),
            N_("Look whether it belongs to this city"),
            str(frame.index[at]),
            {
                "lon": round(float(frame.geometry.iloc[at].centroid.x), 4),
                "lat": round(float(frame.geometry.iloc[at].centroid.y), 4),
            },
        )
        for at in np.flatnonzero(out)
    ]


def _odd_texts(shops: gpd.GeoDataFrame, file: str) -> list[Finding]:
    """Point at names that somebody should look at; they are kept as they are."""
    names = shops["name"].astype(object).where(shops["name"].notna(), "")
    doubled = (
        names.ne("")
        & pd.DataFrame({"name": names, "x": shops.geometry.x, "y": shops.geometry.y}).duplicated()
    )
    codes = shops.get("행정동코드")
    tests: list[tuple[str, Any, str]] = [
        ("name-missing", names == "", N_("it has no name")),
        ("name-lines", names.str.contains(r"[\r\n]"), N_("its name has a line break: {name}")),
        (
            "name-formula",
            names.str.contains(r"^[=+@-]"),
            N_("its name begins as a formula: {name}"),
        ),
        ("name-markup", names.str.contains(r"<[^>]+>"), N_("its name holds markup: {name}")),
        ("name-quotes", names.str.contains(r'[",]'), N_("its name has a comma or quotes: {name}")),
        ("name-rare", ~names.map(_is_common), N_("its name has rare syllables: {name}")),
        ("doubled", doubled, N_("another row has the same name and place: {name}")),
    ]
    if codes is not None:
        tests.append(("code-missing", codes.isna(), N_("it has no code of a neighbourhood")))
    return [
        Finding(
            Severity.NOTE,
            code,
            file,
            what,
            N_("Look whether this is meant; it is kept as it is"),
            str(id_),
            {"name": repr(names[id_])},
        )
        for code, found, what in tests
        for id_ in shops.index[np.asarray(found, dtype=bool)]
    ]


def _is_common(name: str) -> bool:
    """Tell whether all syllables are among the 2,350 of KS X 1001, which every font has."""
    # Python writes the others in pieces, each of eight bytes.
    return all(len(letter.encode("euc-kr", "replace")) <= 2 for letter in name)
