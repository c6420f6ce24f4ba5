"""The catalogue's entry of a layer that is brought in: what it said stays unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import msgspec

from mapserver.errors import N_
from mapserver.importing.codes import OWN_COLUMNS, find_catalogued_column
from mapserver.importing.inputs import SUFFIXES
from mapserver.importing.plan import Plan
from mapserver.model import Catalog, LayerEntry, Title, catalog
from mapserver.readers.vector.identity import find_column, make_texts
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import ENGLISH
from mapserver.writers.columns import make_names_distinct, report_renamed_columns

ENDINGS = tuple({*SUFFIXES, ".zip", ".xml"})


def find_entry(known_catalog: Catalog, layer: str) -> LayerEntry | None:
    """Return the catalogue's entry of a layer; None for a layer that is new."""
    return next((entry for entry in known_catalog.layers if entry.id == layer), None)


def choose_file(known_catalog: Catalog, layers_folder: Path, layer: str) -> str:
    """Choose the file of a layer: its id, and a number where another layer has that file."""
    own_entry = find_entry(known_catalog, layer)
    used_names = {str(entry.file).casefold() for entry in known_catalog.layers if entry.id != layer}
    used_names |= {
        # Many disks do not tell Parks.gpkg from parks.gpkg.
        path.name.casefold()
        for path in _list_files(layers_folder)
        if own_entry is None or path.name != own_entry.file
    }
    file_name, number = f"{layer}.gpkg", 1
    while file_name.casefold() in used_names:
        number += 1
        file_name = f"{layer}-{number}.gpkg"
    return file_name


def _list_files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def describe_layer(plan: Plan, file: str, languages: Sequence[str]) -> LayerEntry:
    """Describe a layer for the catalogue of a city with these languages.

    Title, style, source and licence of the layer that gives way stay, unless the command gives
    others; so do the columns with ids and names. A source that is but the name of the last file
    becomes that of the new one. The mark, the source and the licence of a sample go with it.
    """
    wish, before = plan.wish, plan.before
    files = ", ".join(dict.fromkeys(encoding.decode_file_name(path.name) for path in plan.sources))
    stem = encoding.decode_file_name(plan.sources[0].stem)
    default = wish.role.layer_title or Title(stem)
    if before is None:
        entry = LayerEntry(plan.layer, wish.role, default, source=Title(files))
    elif plan.marks_only:
        entry = before
    else:
        speaks_of_files = not before.source or is_list_of_files(str(before.source))
        is_gone = before.sample or speaks_of_files
        entry = msgspec.structs.replace(
            before,
            role=wish.role,
            source=Title(files) if is_gone else before.source,
            licence="" if before.sample else before.licence,
            sample=False,
        )
    texts = entry.title.for_languages(languages)
    if before is None:  # of the title of a role, what readers of this city see
        texts = {code: text for code, text in texts.items() if code in languages} or texts
    if wish.title:  # one that is given in one language serves for all
        texts = dict.fromkeys(languages, wish.title)
    if wish.title_en:
        texts[ENGLISH.code] = wish.title_en
    columns = choose_written_columns(plan)
    return msgspec.structs.replace(
        entry,
        title=Title(texts=texts),
        file=file,
        source=Title(wish.source) if wish.source else entry.source,
        # These speak of the file that was brought in; the one that is written says them itself.
        layer=None,
        crs=None,
        encoding=None,
        header_row=None,
        **columns,
    )


def is_list_of_files(source: str) -> bool:
    """Check whether a source was written by an earlier ``add``: names of files, and no more."""
    names = [name.strip() for name in source.split(",")]
    return all(re.fullmatch(r"[^/]+", name) and name.lower().endswith(ENDINGS) for name in names)


def find_sample(before: LayerEntry | None, *, marks_only: bool) -> list[Finding]:
    """Return the finding about a sample that gives way to data that counts as real."""
    if before is None or not before.sample or marks_only:
        return []
    return [
        Finding(
            Severity.WARNING,
            "sample-replaced",
            catalog.FILE,
            N_("layer {layer} was a sample; it now counts as real, without its source {source}"),
            N_("Name the source with --source; if it is invented, write sample = true"),
            values={
                "layer": repr(before.id),
                "source": repr(str(before.source)),
            },
        )
    ]


def choose_written_columns(plan: Plan) -> dict[str, str | None]:
    """Return the columns with ids and names of the file that is written.

    They are those that the command or the catalogue chose, so that the next delivery is read by
    them again, if the file that is written gives the same ids and names by them; else our own.
    """
    frame, wish = plan.frame, plan.wish
    chosen = {
        "id_column": wish.id_column or find_catalogued_column(plan.before, "id_column"),
        "name_column": wish.name_column or find_catalogued_column(plan.before, "name_column"),
        "name_en_column": find_catalogued_column(plan.before, "name_en_column"),
    }
    columns: dict[str, str | None] = {}
    for key, own_column in OWN_COLUMNS.items():
        column = find_column(frame, str(chosen[key])) if chosen[key] else None
        is_usable = column is not None and _holds_same_texts(frame, column, own_column)
        columns[key] = column if is_usable else own_column
    if "name_en" not in frame:
        columns["name_en_column"] = None
    return columns


def _holds_same_texts(frame: gpd.GeoDataFrame, column: str, own_column: str) -> bool:
    """Check whether the reader would make our own column of another one."""
    if column.lower() == own_column or own_column not in {"id", *frame.columns}:
        return False
    texts = make_texts(frame[column])
    if own_column == "id":
        return texts == list(frame.index)
    ours = [None if not isinstance(text, str) else text for text in frame[own_column]]
    return texts == ours


def build_written_frame(plan: Plan) -> gpd.GeoDataFrame:
    """Return the features as they are written: columns apart by more than their case."""
    return _rename_for_file(plan)[0]


def find_renamed(plan: Plan) -> list[Finding]:
    """Return the finding about columns that have to be called otherwise in the file."""
    return report_renamed_columns(plan.layer, _rename_for_file(plan)[1])


def _rename_for_file(plan: Plan) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    columns = choose_written_columns(plan)
    frame = plan.frame
    # Where the office's own column is written, our copy of it would be the same twice.
    copies = [
        own_column
        for key, own_column in OWN_COLUMNS.items()
        if columns[key] not in {own_column, None} and own_column != "id"
    ]
    frame = frame.drop(columns=copies)
    # GeoPackage writes the index as a column only where it has a name.
    has_id = columns["id_column"] == "id"
    frame = frame if has_id else frame.rename_axis(index=None)
    names = make_names_distinct(
        [str(c) for c in frame.columns if c != "geometry"], {"id"} if has_id else ()
    )
    return frame.rename(columns=names), names
