"""Read the catalogue of a folder, or derive it from the files when there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from mapserver.errors import N_, CatalogError, DataError
from mapserver.files.links import is_own_file
from mapserver.model.catalog import (
    FILE,
    SUFFIXES,
    Catalog,
    LayerEntry,
    complete_entry,
    has_role_title,
)
from mapserver.model.catalog_checks import check_catalog
from mapserver.model.catalog_toml import explain_conversion, parse_document, read_catalog_text
from mapserver.model.ledger_kinds import LEDGERS
from mapserver.model.roles import ROLES, Role, find_role
from mapserver.model.time_zone import is_zone, suggest_zone
from mapserver.model.titles import Title
from mapserver.model.words import Word, Words
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.hangul import romanize_korean
from mapserver.text.languages import LANGUAGES, is_language_code

CLOSING_RULE = re.compile(r"""\bcloses["']?\s*=(?!\s*false\b)""")
"""What a rule says that closes trails after rain, or may say it."""
ZONE_LINE = re.compile(r"""^\s*time_zone\s*=\s*["']([^"'\r\n]*)["']\s*(?:#.*)?$""", re.MULTILINE)
"""The line with the time zone, in a catalogue that is no TOML for another line."""


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
        A time zone that there is not, languages that the program does not speak, and files that
        no layer uses.

    Raises
    ------
    CatalogError
        The catalogue says something that cannot be followed.
    """
    path = layers_dir / "catalog.toml"
    if not is_own_file(path, layers_dir):
        return derive_catalog(layers_dir), []
    catalog = parse_catalog(read_catalog_text(path), default_title=_read_city_name(layers_dir))
    findings = [*_check_time_zone(catalog), *_find_unspoken_languages(catalog)]
    return catalog, [*findings, *_find_unused_files(layers_dir, catalog)]


def _check_time_zone(catalog: Catalog) -> list[Finding]:
    """Report a time zone that is not known; which day it is there is not known then, either."""
    if catalog.time_zone is None or is_zone(catalog.time_zone):
        return []
    return [
        Finding(
            Severity.ERROR,
            "time-zone-unknown",
            FILE,
            N_("there is no time zone {value}, so nobody knows which day it is there"),
            N_('Write it as the IANA database has it, perhaps time_zone = "{zone}"'),
            "time_zone",
            {"value": repr(catalog.time_zone), "zone": suggest_zone(catalog.time_zone)},
            Doubt(),
        )
    ]


def parse_catalog(text: str, *, default_title: str = "") -> Catalog:
    """Check and complete a catalogue written in TOML.

    Raises
    ------
    CatalogError
        Naming the layer and the key at fault.
    """
    document = parse_document(text)
    try:
        catalog = msgspec.convert(document, Catalog, strict=True, dec_hook=_read_own_type)
    except msgspec.ValidationError as error:
        raise explain_conversion(str(error), document) from error
    catalog = _complete_catalog(catalog, default_title)
    try:
        check_catalog(catalog)
    except DataError as error:  # an unknown CRS or encoding is the catalogue's fault here
        raise CatalogError(
            error.what, where=error.where, mend=error.mend, **error.values
        ) from error
    return catalog


Texts = Annotated[dict[str, str], msgspec.Meta(min_length=1)]


def _read_own_type(type_: type, value: object) -> Role | Title | Word:
    """Read what msgspec has no type for: a role by its id, titles and words by language."""
    if type_ is Word:
        return Word.read(value)
    return _read_title(value) if type_ is Title else _read_role(value)


def _read_role(value: object) -> Role:
    """Read a role by its id; whatever is none is said as msgspec says it of an enumeration."""
    try:
        return find_role(msgspec.convert(value, str, strict=True))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    except ValueError:
        raise ValueError(f"Invalid enum value {value!r}") from None


def _read_title(value: object) -> Title:
    """Read ``"Parks"`` or ``{ en = "Parks", de = "Parkanlagen" }``, with any codes of languages."""
    if isinstance(value, str):
        return Title(value)
    try:
        texts = msgspec.convert(value, Texts, strict=True)
    except msgspec.ValidationError as error:  # the place in the catalogue is added to a ValueError
        raise ValueError(str(error)) from None
    for code in texts:
        if not is_language_code(code):
            raise ValueError(f"there is no language {code!r}")
    return Title(texts=texts)


def derive_catalog(layers_dir: Path) -> Catalog:
    """Describe the files of a folder without a catalogue: a file named after a role has it."""
    entries: list[LayerEntry] = []
    roles: set[Role] = set()
    taken = {id_ for id_, role in ROLES.items() if role.row.from_gpx}
    for file in list_layer_files(layers_dir):
        stem = PurePosixPath(file).stem.removesuffix(".osm")  # of .osm.pbf
        role = next((r for r in ROLES.values() if r == stem.lower() and r not in roles), Role.LAYER)
        roles.add(role)
        id_ = _find_free_id(make_slug(stem), taken | {e.id for e in entries}, role)
        entries.append(
            LayerEntry(id_, role, role.layer_title or Title(encoding.decode_file_name(stem)), file)
        )
    order = list(ROLES)
    entries.sort(key=lambda entry: order.index(entry.role))
    return _complete_catalog(Catalog(layers=tuple(entries)), _read_city_name(layers_dir))


def salvage_catalog(layers_dir: Path) -> tuple[Catalog, bool]:
    """Derive a catalogue from the files in place of a broken one, with the time zone that it has.

    A rule that closes trails after rain is not salvaged: a number that was written wrongly may be
    any.

    Returns
    -------
    catalog : Catalog
        As :func:`derive_catalog` makes it, with the time zone if that can be read.
    is_harmless : bool
        False where the broken one seems to have a time zone that cannot be read, or a rule that
        closes trails after rain, of which the city has a ledger.
    """
    catalog = derive_catalog(layers_dir)
    try:
        with (layers_dir / "catalog.toml").open("rb") as file:
            data = file.read(limits.MAX_CATALOG_BYTES)
    except OSError:
        return catalog, False
    # In UTF-16, which the file may be in, there is a zero beside each letter of ASCII.
    text = data.replace(b"\0", b"").decode("ascii", "ignore")
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    is_whole = len(data) < limits.MAX_CATALOG_BYTES
    is_dry = is_whole and not CLOSING_RULE.search(text)
    is_harmless = is_dry or not _has_rain(layers_dir)
    if "time_zone" not in text and is_whole:
        return catalog, is_harmless
    names = ZONE_LINE.findall(text)
    if len(names) != 1 or text.count("time_zone") != 1 or not is_zone(names[0]):
        return catalog, False
    return msgspec.structs.replace(catalog, time_zone=names[0]), is_harmless


def _has_rain(layers_dir: Path) -> bool:
    name = PurePosixPath(LEDGERS["rain"].file).name
    return any(path.name.casefold() == name for path in layers_dir.iterdir())


def _read_city_name(layers_dir: Path) -> str:
    return layers_dir.resolve().parent.name


def _complete_catalog(catalog: Catalog, default_title: str) -> Catalog:
    """Fill in what the catalogue leaves open: trails and facilities, titles, colours."""
    layers = list(catalog.layers)
    for role in ROLES.values():
        if role.row.from_gpx and all(entry.role != role for entry in layers):
            layers.append(LayerEntry(str(role), role))
    return msgspec.structs.replace(
        catalog,
        title=catalog.title or Title(default_title),
        layers=tuple(_title_by_words(complete_entry(entry), catalog.words) for entry in layers),
    )


def _title_by_words(entry: LayerEntry, words: Words) -> LayerEntry:
    """Return a layer under the city's word, where it has but the title of its role."""
    word = words.find(entry.role.row.noun)
    if word is None or not has_role_title(entry):
        return entry
    # Words stand within a sentence, and titles begin with a capital.
    texts = {code: text[0].upper() + text[1:] for code, text in word.plural.items()}
    return msgspec.structs.replace(entry, title=Title(texts=texts))


def list_layer_files(layers_dir: Path) -> list[str]:
    """List the files of a folder that are layers: all but the dated tables and ledgers."""
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
        key=lambda name: (PurePosixPath(name).stem, _rank_suffix(name)),
    )
    return [name for name in names if not _is_dated_table(name)]


def _is_dated_table(name: str) -> bool:
    """Return whether a file is that of closures, benefits or a ledger."""
    path = PurePosixPath(name)
    return path.stem in {"closures", "benefits"} or (
        path.stem.casefold() in LEDGERS and path.suffix.casefold() == ".csv"
    )


def _find_unspoken_languages(catalog: Catalog) -> list[Finding]:
    """Report languages of a city in which the program has no texts of its own."""
    return [
        Finding(
            Severity.NOTE,
            "language-not-spoken",
            FILE,
            N_("the program has no texts in {language}; pages in {others} show these titles"),
            N_("Nothing is wrong; who wants such pages can add a translation (docs/city.md)"),
            values={"language": code, "others": ", ".join(catalog.page_languages)},
        )
        for code in catalog.languages
        if code not in LANGUAGES
    ]


def _find_unused_files(layers_dir: Path, catalog: Catalog) -> list[Finding]:
    used = {entry.file for entry in catalog.layers}
    return [
        Finding(
            Severity.NOTE,
            "file-not-in-catalog",
            f"layers/{file}",
            N_("no layer of the catalogue uses this file"),
            N_("Add a [[layers]] entry to catalog.toml, or move the file away"),
        )
        for file in list_layer_files(layers_dir)
        if file not in used
    ]


def make_slug(text: str) -> str:
    """Make an id from a name: lower-case ASCII letters, digits and hyphens; may be empty."""
    plain = (
        unicodedata.normalize("NFKD", romanize_korean(text))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60]


def _rank_suffix(name: str) -> int:
    return SUFFIXES.index(PurePosixPath(name).suffix.lower())


def _find_free_id(wanted: str, taken: Iterable[str], role: Role) -> str:
    if role != Role.LAYER:
        return str(role)
    base, used = wanted or "layer", {*taken, *(role for role in ROLES if role != Role.LAYER)}
    candidates = (base if n == 1 else f"{base}-{n}" for n in range(1, len(used) + 2))
    return next(id_ for id_ in candidates if id_ not in used)
