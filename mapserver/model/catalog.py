"""The catalogue: ``layers/catalog.toml`` as a typed description of the city and its layers."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import msgspec
import tomlkit
import tomlkit.items

from mapserver.errors import N_, CatalogError, DataError
from mapserver.files.links import is_own_file
from mapserver.geo import geodesy
from mapserver.model.roles import ROLES, Role, find_role
from mapserver.model.titles import Title
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity
from mapserver.text.hangul import romanize_korean

FILE = "layers/catalog.toml"
TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
"""Strings and comments of TOML, in which brackets and points mean nothing."""
LONG_KEY = re.compile(rf"(?:\.[ \t]*[\w-]+[ \t]*){{{limits.MAX_CATALOG_DEPTH}}}")
OSM = (".osm", ".pbf")
SUFFIXES = (
    *(".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".geoparquet", ".fgb", ".csv"),
    *OSM,
)
"""Endings of the files that are layers, in the order of preference for files of one name."""

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
DASH = re.compile(r"\d+(?:\.\d+)?(?:[ ,]+\d+(?:\.\d+)?)*")

Language = Literal["ko", "en"]


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a layer is drawn.

    Attributes
    ----------
    color
        Colour of lines, outlines and points as ``#rrggbb``; the role's own when empty.
    fill
        Colour inside polygons and points; the line's colour when empty.
    dash
        Lengths of dashes and gaps in pixels (``6 4``); a full line when empty.
    """

    color: str = ""
    fill: str = ""
    dash: str = ""


class LayerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One layer as the catalogue describes it.

    Attributes
    ----------
    id
        Name of the layer in addresses and in Python: ASCII letters, digits, ``-`` and ``_``.
    role
        What the layer means to the city.
    title
        Its title on the map.
    file
        Its file relative to ``layers/``. None for trails and facilities that come from ``gpx/``,
        and for zones that are dissolved from the neighbourhoods.
    layer
        Name of the layer inside a GeoPackage, or of the shapefile inside a zip, with several.
    crs
        Coordinate reference system of a file that does not say it (``EPSG:5186``).
    encoding
        Text encoding of a file that does not say it (``cp949``).
    header_row
        The row that names the columns of a table, where it is not found by itself; counted from 1.
    id_column, name_column, name_en_column
        Columns with the features' ids and names; found by their usual names when empty.
    style
        How it is drawn.
    source, licence
        Where the data comes from and on what terms, shown with the map.
    source_ko
        The source in Korean, where the catalogue has it in both languages:
        ``source = { ko = "...", en = "..." }``.
    sample
        The data is invented.
    """

    id: str
    role: Role = Role.LAYER
    title: Title = Title("")
    file: str | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    header_row: Annotated[int, msgspec.Meta(ge=1)] | None = None
    id_column: str | None = None
    name_column: str | None = None
    name_en_column: str | None = None
    style: Style = Style()
    source: str = ""
    source_ko: str = ""
    licence: str = ""
    sample: bool = False

    def source_in(self, lang: str) -> str:
        """Return the source in a language: in the other where it is written in one only."""
        return self.source if lang == "en" or not self.source_ko else self.source_ko


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Title and layers of a city.

    Attributes
    ----------
    title
        The city's name.
    languages
        The languages its pages are in; the first is the default.
    metric_crs
        Projected CRS in metres in which to search; chosen from the position when None.
    direct_line
        Telephone number that takes messages of residents; without one they copy the text.
    layers
        The layers in the order in which they are drawn, lowest first.
    """

    title: Title = Title("")
    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1)] = ("ko", "en")
    metric_crs: str | None = None
    direct_line: Annotated[str, msgspec.Meta(pattern=r"^[0-9+*#-]*$")] = ""
    layers: tuple[LayerEntry, ...] = ()


OSM_SOURCE, OSM_LICENCE = "© OpenStreetMap contributors", "ODbL-1.0"
OSM_SOURCE_KO = "© OpenStreetMap 기여자"
"""What an extract asks to be said, and does not say itself."""


def read_catalog(layers_dir: Path) -> tuple[Catalog, list[Finding]]:
    """Read ``catalog.toml``, or derive a catalogue from the files when there is none.

    Parameters
    ----------
    layers_dir
        The folder ``layers/`` of a city; it may be missing.

    Returns
    -------
    catalog : Catalog
        With trails and facilities in any case.
    findings : list of Finding
        Files that no layer uses.

    Raises
    ------
    CatalogError
        The catalogue says something that cannot be followed.
    """
    path = layers_dir / "catalog.toml"
    if not is_own_file(path, layers_dir):
        return derive_catalog(layers_dir), []
    catalog = parse_catalog(_read_catalog_text(path), default_title=_city_name(layers_dir))
    return catalog, _unused_files(layers_dir, catalog)


def parse_catalog(text: str, *, default_title: str = "") -> Catalog:
    """Check and complete a catalogue written in TOML.

    Raises
    ------
    CatalogError
        Naming the layer and the key at fault.
    """
    document = _document(text)
    try:
        catalog = msgspec.convert(document, Catalog, strict=True, dec_hook=_read_role)
    except msgspec.ValidationError as error:
        raise _convert_error(str(error), document) from error
    catalog = _complete(catalog, default_title)
    try:
        _check(catalog)
    except DataError as error:  # an unknown CRS or encoding is the catalogue's fault here
        raise CatalogError(
            error.what, where=error.where, mend=error.mend, **error.values
        ) from error
    return catalog


def _read_role(_: type, value: object) -> Role:
    """Read a role by its id; whatever is none is said as msgspec says it of an enumeration."""
    try:
        return find_role(msgspec.convert(value, str, strict=True))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    except ValueError:
        raise ValueError(f"Invalid enum value {value!r}") from None


def derive_catalog(layers_dir: Path) -> Catalog:
    """Describe the files of a folder without a catalogue: a file named after a role has it."""
    entries: list[LayerEntry] = []
    roles: set[Role] = set()
    taken = {id_ for id_, role in ROLES.items() if role.row.from_gpx}
    for file in layer_files(layers_dir):
        stem = PurePosixPath(file).stem.removesuffix(".osm")  # of .osm.pbf
        role = next((r for r in ROLES.values() if r == stem.lower() and r not in roles), Role.LAYER)
        roles.add(role)
        id_ = _free_id(slug(stem), taken | {e.id for e in entries}, role)
        entries.append(
            LayerEntry(id_, role, role.row.title or Title(encoding.decode_file_name(stem)), file)
        )
    order = list(ROLES)
    entries.sort(key=lambda entry: order.index(entry.role))
    return _complete(Catalog(layers=tuple(entries)), _city_name(layers_dir))


def with_layer(text: str | None, catalog: Catalog, entry: LayerEntry, title: str) -> str:
    """Write a catalogue with one layer added, or changed where its id is there.

    Parameters
    ----------
    text
        The catalogue as it stands, whose comments and order stay; None when there is none.
    catalog
        What the text says; without one, what was derived from the files.
    entry
        The layer.
    title
        The city's title, for a catalogue that is new.

    Returns
    -------
    str
        TOML.
    """
    if text is None:
        document = tomlkit.document()
        document["title"] = _inline(catalog.title if catalog.title.ko else Title(title))
        document["layers"] = tomlkit.aot()
        for known in catalog.layers:
            if known.file is not None and known.id != entry.id:
                document["layers"].append(_as_table(known))
    else:
        document = tomlkit.parse(text)
        if "layers" not in document:
            document["layers"] = tomlkit.aot()
    tables: Any = document["layers"]
    at = next((n for n, table in enumerate(tables) if table["id"] == entry.id), None)
    if at is not None:
        _update(tables[at], entry)
        return tomlkit.dumps(document)
    order = [*(role for role in ROLES if role != Role.LAYER), Role.LAYER]
    ranks = [order.index(table.get("role", "layer")) for table in tables]
    place = next((n for n, rank in enumerate(ranks) if rank > order.index(entry.role)), len(ranks))
    tables.insert(place, _as_table(entry))
    return tomlkit.dumps(document)


def _update(table: Any, entry: LayerEntry) -> None:
    """Change what a layer's table says where the entry says otherwise; the style stays."""
    values = _as_table(entry)
    for key in set(table) - set(values) - {"style"}:
        del table[key]
    for key, value in values.items():
        if key not in table or _plain(table[key]) != _plain(value):
            table[key] = value


def _plain(value: Any) -> Any:
    """Return a value for comparison; a title may be one text for both languages."""
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    return (plain.get("ko"), plain.get("en")) if isinstance(plain, dict) else (plain, plain)


def _as_table(entry: LayerEntry) -> tomlkit.items.Table:
    table = tomlkit.table()
    said = msgspec.to_builtins(entry, enc_hook=str)
    for key in (
        "id",
        "file",
        "role",
        "title",
        "layer",
        "crs",
        "encoding",
        "header_row",
        "id_column",
    ):
        if said[key] is not None:
            table[key] = _inline(entry.title) if key == "title" else said[key]
    if entry.source_ko:
        said["source"] = _inline(Title(entry.source_ko, entry.source))
    for key in ("name_column", "name_en_column", "source", "licence"):
        if said[key]:
            table[key] = said[key]
    table["sample"] = entry.sample
    return table


def _inline(title: Title) -> tomlkit.items.InlineTable:
    inline = tomlkit.inline_table()
    inline.update({"ko": title.ko, "en": title.en})
    return inline


def layer_files(layers_dir: Path) -> list[str]:
    """List the files of a folder that are layers: all but the closures and the benefits."""
    if not layers_dir.is_dir():
        return []
    names = sorted(
        (
            path.name
            for path in layers_dir.iterdir()
            if path.suffix.lower() in SUFFIXES
            and is_own_file(path, layers_dir)
            and not path.name.startswith(".")
        ),
        key=lambda name: (PurePosixPath(name).stem, _preference(name)),
    )
    return [name for name in names if PurePosixPath(name).stem not in {"closures", "benefits"}]


def slug(text: str) -> str:
    """Make an id from a name: lower-case ASCII letters, digits and hyphens; may be empty."""
    plain = (
        unicodedata.normalize("NFKD", romanize_korean(text))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60]


def _preference(name: str) -> int:
    return SUFFIXES.index(PurePosixPath(name).suffix.lower())


def _free_id(wanted: str, taken: Iterable[str], role: Role) -> str:
    if role != Role.LAYER:
        return str(role)
    base, used = wanted or "layer", {*taken, *(role for role in ROLES if role != Role.LAYER)}
    candidates = (base if n == 1 else f"{base}-{n}" for n in range(1, len(used) + 2))
    return next(id_ for id_ in candidates if id_ not in used)


def _city_name(layers_dir: Path) -> str:
    return layers_dir.resolve().parent.name


def _complete(catalog: Catalog, default_title: str) -> Catalog:
    """Fill in what the catalogue leaves open: trails and facilities, titles, colours."""
    layers = list(catalog.layers)
    for role in ROLES.values():
        if role.row.from_gpx and all(entry.role != role for entry in layers):
            layers.append(LayerEntry(str(role), role))
    return msgspec.structs.replace(
        catalog,
        title=catalog.title if catalog.title.ko else Title(default_title),
        layers=tuple(complete_entry(entry) for entry in layers),
    )


def complete_entry(entry: LayerEntry) -> LayerEntry:
    """Fill in title, colours, and an extract's source that a layer's description leaves open."""
    style = entry.style
    color = style.color or entry.role.row.color
    if entry.file is not None and PurePosixPath(entry.file).suffix.lower() in OSM:
        if not entry.source:
            entry = msgspec.structs.replace(entry, source=OSM_SOURCE, source_ko=OSM_SOURCE_KO)
        entry = msgspec.structs.replace(entry, licence=entry.licence or OSM_LICENCE)
    return msgspec.structs.replace(
        entry,
        title=entry.title if entry.title.ko else entry.role.row.title or Title(entry.id),
        style=Style(color, style.fill or color, style.dash),
    )


def _read_catalog_text(path: Path) -> str:
    if path.stat().st_size > limits.MAX_CATALOG_BYTES:
        raise CatalogError(
            N_("the catalogue is larger than 1 MB"),
            where=FILE,
            mend=N_("Describe the layers in it, and keep the data in files of their own"),
        )
    try:
        return encoding.decode_text(path.read_bytes(), where=FILE)
    except DataError as error:
        raise CatalogError(
            error.what, where=error.where, mend=N_("Save the file as UTF-8"), **error.values
        ) from error


def _document(text: str) -> dict[str, Any]:
    _require_simple(text)
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # also a number of thousands of digits
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise CatalogError(
            N_("this is not TOML: {reason}"),
            where=f"{FILE}:{line[1]}" if line else FILE,
            mend=N_('Write key = "value", and [[layers]] before each layer'),
            reason=reason,
        ) from error
    layers = document.get("layers", [])
    if isinstance(layers, list) and len(layers) > limits.MAX_CATALOG_LAYERS:
        raise CatalogError(
            N_("the catalogue has {count} layers; {limit} are read"),
            where=FILE,
            mend=N_("Describe fewer layers"),
            count=len(layers),
            limit=limits.MAX_CATALOG_LAYERS,
        )
    for table in (document, *(layers if isinstance(layers, list) else ())):
        if isinstance(table, dict) and isinstance(table.get("title"), str):
            table["title"] = {"ko": table["title"]}
    for table in layers if isinstance(layers, list) else ():
        if isinstance(table, dict):
            _split_source(table)
    return document


def _require_simple(text: str) -> None:
    """Refuse what is nested far deeper than a catalogue is: a parser would not come to an end."""
    plain = TEXTS.sub("_", text)
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", plain):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > limits.MAX_CATALOG_DEPTH or LONG_KEY.search(plain):
        raise CatalogError(
            N_("brackets or keys are nested more than {depth} deep"),
            where=FILE,
            mend=N_('Write key = "value", and [[layers]] before each layer'),
            depth=limits.MAX_CATALOG_DEPTH,
        )


def _split_source(table: dict[str, Any]) -> None:
    """Write a source that is given in two languages as the two columns of a layer's entry.

    Whatever else stands there is left for the check of the types, which names it.
    """
    source = table.get("source")
    if not isinstance(source, dict) or not source or set(source) - {"ko", "en"}:
        return
    if all(isinstance(text, str) for text in source.values()):
        table["source"] = source.get("en") or source.get("ko", "")
        table["source_ko"] = source.get("ko", "")


def _convert_error(problem: str, document: dict[str, Any]) -> CatalogError:
    """Translate what msgspec found (``... - at `$.layers[0].role```) into the catalogue's words."""
    reason, _, path = problem.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    where, key = FILE, path
    if inside := re.match(r"layers\[(\d+)\]\.?(.*)", path):
        where, key = f"{FILE}, {_layer_name(document, int(inside[1]))}", inside[2]
    if unknown := re.search(r"unknown field `(.*)`", reason):
        return CatalogError(
            N_("there is no key {key}"),
            where=where,
            mend=N_("Correct the spelling, or take the line out"),
            key=_join(key, unknown[1]),
        )
    if missing := re.search(r"missing required field `(.*)`", reason):
        return CatalogError(
            N_("{key} is missing"),
            where=where,
            mend=N_("Add it"),
            key=_join(key, missing[1]),
        )
    if value := re.search(r"Invalid enum value (.*)", reason):
        mend = N_("Use one of: {choices}")
        choices = ", ".join(ROLES if key == "role" else ("ko", "en"))
        return CatalogError(
            N_("{key}: {value} is not possible"),
            where=where,
            mend=mend,
            key=key,
            value=value[1],
            choices=choices,
        )
    return CatalogError(
        N_("{key}: {reason}"),
        where=where,
        mend=N_("Give the value the right type"),
        key=key or "catalog.toml",
        reason=reason,
    )


def _join(*keys: str) -> str:
    return ".".join(key for key in keys if key)


def _layer_name(document: dict[str, Any], number: int) -> str:
    table = document["layers"][number]
    id_ = table.get("id") if isinstance(table, dict) else None
    return f"layer '{id_}'" if isinstance(id_, str) else f"layer number {number + 1}"


def _check(catalog: Catalog) -> None:
    if catalog.metric_crs is not None:
        _check_metric_crs(catalog.metric_crs)
    _check_unique([entry.id for entry in catalog.layers], N_("there are two layers {value}"))
    roles = [str(entry.role) for entry in catalog.layers if entry.role != Role.LAYER]
    _check_unique(roles, N_("there are two layers with the role {value}"))
    for entry in catalog.layers:
        _check_entry(entry)


def _check_metric_crs(value: str) -> None:
    where = f"{FILE}, metric_crs"
    crs = geodesy.parse_crs(value, where=where)
    in_metres = crs.is_projected and all(a.unit_conversion_factor == 1 for a in crs.axis_info)
    if not in_metres:
        raise CatalogError(
            N_("{value} is not a projected CRS in metres"),
            where=where,
            mend=N_("Use one such as EPSG:5186, or leave metric_crs out"),
            value=value,
        )


def _check_unique(values: Sequence[str], what: str) -> None:
    doubled = next((value for i, value in enumerate(values) if value in values[:i]), None)
    if doubled is not None:
        raise CatalogError(
            what,
            where=FILE,
            mend=N_("Keep one of them, and give the other an id of its own or the role layer"),
            value=repr(doubled),
        )


def _check_entry(entry: LayerEntry) -> None:
    where = f"{FILE}, layer '{entry.id}'"
    if not SLUG.fullmatch(entry.id):
        raise CatalogError(
            N_("{value} cannot be an id"),
            where=where,
            mend=N_("Use ASCII letters, digits, - and _, for example districts"),
            value=repr(entry.id),
        )
    _check_file(entry, where)
    if entry.crs is not None:
        geodesy.parse_crs(entry.crs, where=f"{where}, crs")
    if entry.encoding is not None:
        encoding.find_codec(entry.encoding, where=f"{where}, encoding")
    for key, value, pattern in (
        ("style.color", entry.style.color, COLOR),
        ("style.fill", entry.style.fill, COLOR),
        ("style.dash", entry.style.dash, DASH),
    ):
        if value and not pattern.fullmatch(value):
            raise CatalogError(
                N_("{key}: {value} cannot be drawn"),
                where=where,
                mend=N_("Write a colour as #rrggbb, and dashes as numbers such as 6 4"),
                key=key,
                value=repr(value),
            )


def _check_file(entry: LayerEntry, where: str) -> None:
    if entry.file is None:
        if not entry.role.row.needs_file:
            return
        raise CatalogError(
            N_("{key} is missing"),
            where=where,
            mend=N_("Name the layer's file in layers/"),
            key="file",
        )
    path = PurePosixPath(entry.file)
    outside = path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", entry.file)
    if outside or not entry.file.strip():
        raise CatalogError(
            N_("the file {value} is not inside layers/"),
            where=where,
            mend=N_("Copy it there, and name it relative to that folder with / between folders"),
            value=repr(entry.file),
        )
    if path.suffix.lower() not in SUFFIXES:
        raise CatalogError(
            N_("files like {value} cannot be read"),
            where=where,
            mend=N_("Use one of: {choices}"),
            value=repr(entry.file),
            choices=", ".join(SUFFIXES),
        )


def _unused_files(layers_dir: Path, catalog: Catalog) -> list[Finding]:
    used = {entry.file for entry in catalog.layers}
    return [
        Finding(
            Severity.NOTE,
            "file-not-in-catalog",
            f"layers/{file}",
            N_("no layer of the catalogue uses this file"),
            N_("Add a [[layers]] entry to catalog.toml, or move the file away"),
        )
        for file in layer_files(layers_dir)
        if file not in used
    ]
