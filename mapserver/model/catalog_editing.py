"""A layer written into a catalogue whose comments and order stay: what ``mapserver add`` does."""

from __future__ import annotations

from typing import Any

import msgspec
import tomlkit
import tomlkit.items

from mapserver.model.catalog import Catalog, LayerEntry
from mapserver.model.roles import ROLES, Role
from mapserver.model.titles import Title


def write_layer_entry(text: str | None, catalog: Catalog, entry: LayerEntry, title: str) -> str:
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
        document["title"] = _build_inline_title(catalog.title if catalog.title.ko else Title(title))
        document["layers"] = tomlkit.aot()
        for known in catalog.layers:
            if known.file is not None and known.id != entry.id:
                document["layers"].append(_build_table(known))
    else:
        document = tomlkit.parse(text)
        if "layers" not in document:
            document["layers"] = tomlkit.aot()
    tables: Any = document["layers"]
    at = next((n for n, table in enumerate(tables) if table["id"] == entry.id), None)
    if at is not None:
        _update_table(tables[at], entry)
        return tomlkit.dumps(document)
    order = [*(role for role in ROLES if role != Role.LAYER), Role.LAYER]
    ranks = [order.index(table.get("role", "layer")) for table in tables]
    place = next((n for n, rank in enumerate(ranks) if rank > order.index(entry.role)), len(ranks))
    tables.insert(place, _build_table(entry))
    return tomlkit.dumps(document)


def _update_table(table: Any, entry: LayerEntry) -> None:
    """Change what a layer's table says where the entry says otherwise; the style stays."""
    values = _build_table(entry)
    for key in set(table) - set(values) - {"style"}:
        del table[key]
    for key, value in values.items():
        if key not in table or _unwrap_value(table[key]) != _unwrap_value(value):
            table[key] = value


def _unwrap_value(value: Any) -> Any:
    """Return a value for comparison; a title may be one text for both languages."""
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    return (plain.get("ko"), plain.get("en")) if isinstance(plain, dict) else (plain, plain)


def _build_table(entry: LayerEntry) -> tomlkit.items.Table:
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
            table[key] = _build_inline_title(entry.title) if key == "title" else said[key]
    if entry.source_ko:
        said["source"] = _build_inline_title(Title(entry.source_ko, entry.source))
    for key in ("name_column", "name_en_column", "source", "licence"):
        if said[key]:
            table[key] = said[key]
    table["sample"] = entry.sample
    return table


def _build_inline_title(title: Title) -> tomlkit.items.InlineTable:
    inline = tomlkit.inline_table()
    inline.update({"ko": title.ko, "en": title.en})
    return inline
