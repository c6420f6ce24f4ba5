"""A layer written into a catalogue whose comments and order stay: what ``mapserver add`` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
import tomlkit.items

from mapserver.model.catalog import Catalog, LayerEntry
from mapserver.model.roles import ROLES, Role
from mapserver.model.titles import Title
from mapserver.text.languages import LANGUAGES


def write_city_keys(text: str, values: Mapping[str, str | Sequence[str]]) -> str:
    """Write a catalogue with other values of keys of the city, such as ``time_zone``.

    Comments and order stay, and so does a key that has its value already.
    """
    document = tomlkit.parse(text)
    for key, value in values.items():
        plain = value if isinstance(value, str) else list(value)
        if document.get(key) != plain:
            document[key] = plain
    return tomlkit.dumps(document)


def write_layer_entry(
    text: str | None, catalog: Catalog, entry: LayerEntry | None, title: str
) -> str:
    """Write a catalogue with one layer added, or changed where its id is there.

    Parameters
    ----------
    text
        The catalogue as it stands, whose comments and order stay; None when there is none.
    catalog
        What the text says; without one, what was derived from the files.
    entry
        The layer; None for a catalogue without it.
    title
        The city's title, for a catalogue that is new.

    Returns
    -------
    str
        TOML.
    """
    if text is None:
        document = tomlkit.document()
        languages = catalog.languages
        document["title"] = _build_texts(catalog.title or Title(title), languages)
        if languages != tuple(LANGUAGES):
            document["languages"] = list(languages)
        if catalog.time_zone is not None:
            document["time_zone"] = catalog.time_zone
        listed_entries = [known for known in catalog.layers if known.file is not None]
    else:
        document = tomlkit.parse(text)
        listed_entries = []
    if not document.get("layers") and (entry or listed_entries):
        document["layers"] = tomlkit.aot()
    for known in listed_entries:
        if entry is None or known.id != entry.id:
            document["layers"].append(_build_table(known, languages))
    if entry is None:
        return tomlkit.dumps(document)
    tables: Any = document["layers"]
    at = next((n for n, table in enumerate(tables) if table["id"] == entry.id), None)
    if at is not None:
        _update_table(tables[at], _build_table(entry, catalog.languages))
        return tomlkit.dumps(document)
    order = [*(role for role in ROLES if role != Role.LAYER), Role.LAYER]
    ranks = [order.index(table.get("role", "layer")) for table in tables]
    place = next((n for n, rank in enumerate(ranks) if rank > order.index(entry.role)), len(ranks))
    tables.insert(place, _build_table(entry, catalog.languages))
    return tomlkit.dumps(document)


def _update_table(table: Any, values: tomlkit.items.Table) -> None:
    """Change what a layer's table says where the new values differ; the style stays."""
    for key in set(table) - set(values) - {"style"}:
        del table[key]
    for key, value in values.items():
        if key not in table or _read_value(key, table[key]) != _read_value(key, value):
            table[key] = value


def _read_value(key: str, value: Any) -> Any:
    """Return a value for comparison; one text for all languages equals the same text in each."""
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    if key not in {"title", "source"}:
        return plain
    return Title(texts=plain) if isinstance(plain, dict) else Title(plain)


def _build_table(entry: LayerEntry, languages: tuple[str, ...]) -> tomlkit.items.Table:
    table = tomlkit.table()
    values = {
        key: getattr(entry, key)
        for key in ("id", "file", "role", "title", "layer", "crs", "encoding", "header_row")
    }
    values |= {key: getattr(entry, key) for key in ("id_column", "name_column", "name_en_column")}
    values |= {"source": "", "licence": entry.licence, "sample": entry.sample}
    # A source that was given as one text, such as the name of a file, stays one.
    if set(entry.source.texts) <= {""}:
        values["source"] = str(entry.source)
    else:
        values["source"] = _build_texts(entry.source, languages)
    values |= {"role": str(entry.role), "title": _build_texts(entry.title, languages)}
    table.update({key: value for key, value in values.items() if value not in (None, "")})
    return table


def _build_texts(title: Title, languages: tuple[str, ...]) -> tomlkit.items.InlineTable:
    inline = tomlkit.inline_table()
    inline.update(title.for_languages(languages))
    return inline
