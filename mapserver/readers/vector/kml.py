"""KML and KMZ, as Google Earth, telephones and map sites write them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import geopandas as gpd
import pandas as pd
import pyogrio
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.archive import open_archive, read_member
from mapserver.files.sizes import require_size
from mapserver.geo.geodesy import LONLAT
from mapserver.readers.vector.source import Source, require_countable, with_missing_values
from mapserver.readers.xml_faults import describe_document_type
from mapserver.settings import limits
from mapserver.text import encoding

# What KML says about how a place is shown, not what it is; dropped where nothing is said.
PRESENTATION = (
    *("id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility"),
    *("drawOrder", "icon", "snippet"),
)

DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["'](?P<label>[^"']*)["'][^>]*\?>""")


def read_kml(path: Path, *, name: str, layer: str | None = None) -> Source:
    """Read the places of a KML or KMZ file.

    All folders of the file are read, one after the other; the column ``folder`` names them where
    there are several. Ids are the file's own where it gives them.

    Parameters
    ----------
    layer
        One folder, by its name.

    Raises
    ------
    DataError
        It is not KML, holds entities, or has no such folder.
    """
    require_size([path], name)
    root = _parse_tree(_as_utf8(_read_document(path, name), name), name)
    # The order matters: names are replaced in the tree before the tree is written for GDAL.
    columns = _number_columns(root)
    places = sum(element.tag == "Placemark" for element in root.iter())
    require_countable(places, len(columns), name)
    data = tostring(root, encoding="utf-8")
    folder_names = _find_folder_names(root)
    # GDAL's own names of folders differ from the file's where two are alike or one has none.
    folders = [_name_folder(str(folder), folder_names) for folder, _ in pyogrio.list_layers(data)]
    frames = [
        _read_folder(data, number, folder)
        for number, folder in enumerate(folders)
        if layer in {None, folder}
    ]
    filled = [frame for frame in frames if len(frame)]
    # GDAL reads no gx:Track and would return an empty layer, as if nothing had been recorded.
    if not filled and any(element.tag.rpartition("}")[2] == "Track" for element in root.iter()):
        raise DataError(
            N_("its lines are tracks with times (gx:Track), which are not read"),
            where=name,
            mend=N_("Export them as GPX"),
        )
    if not filled:
        raise DataError(
            N_("it has no places in {layers}"),
            where=name,
            mend=N_("Export the places again, or name one of its folders: {folders}"),
            layers=repr(layer) if layer else "it",
            folders=", ".join(dict.fromkeys(filter(None, folders))) or "-",
        )
    if len(filled) == 1:
        filled = [frame.drop(columns="folder") for frame in filled]
    places_frame = gpd.GeoDataFrame(pd.concat(filled, ignore_index=True))
    empty = [c for c in PRESENTATION if c in places_frame and _is_constant(places_frame[c])]
    named = _restore_column_names(
        places_frame.drop(columns=empty).rename(columns={"Name": "name"}), columns
    )
    return Source(named.set_crs(None, allow_override=True), CRS(LONLAT))


def _restore_column_names(frame: gpd.GeoDataFrame, columns: dict[str, str]) -> gpd.GeoDataFrame:
    """Return a frame whose numbered columns have their names, each of them once.

    Where a column of the data is called as an element of KML is (``name``, ``description``), the
    element is left out if it says the same, which is how this product writes it; else it stays
    beside the column, as ``kml_description``. The name that globes show stays the name.
    """
    renames: dict[str, str] = {}
    drops: list[str] = []
    for number, column in columns.items():
        if number not in frame:
            continue
        if column == "geometry":
            renames[number] = "original_geometry"
        elif column not in frame:
            renames[number] = column
        elif _is_same_text(frame[column], frame[number]):
            renames[number] = column
            drops.append(column)
        elif column == "name":
            renames[number] = "original_name"
        else:
            renames |= {number: column, column: f"kml_{column}"}
    return frame.drop(columns=drops).rename(columns=renames)


def _is_same_text(element: pd.Series[str], column: pd.Series[str]) -> bool:
    """Return whether an element has nothing that the column has not; its markup is escaped."""
    # This product writes attributes into the description as well; such a copy says nothing of its
    # own.
    plain = element.map(lambda text: html.unescape(str(text)).strip(), na_action="ignore")
    data = column.map(lambda value: str(value).strip(), na_action="ignore")
    return bool((plain.isna() | (plain == "") | (plain == data)).all())


def _find_folder_names(root: Element) -> set[str]:
    """Find the names that the file itself gives to its folders."""
    folders = (e for e in root.iter() if e.tag.rpartition("}")[2] in {"Folder", "Document"})
    elements = (part for folder in folders for part in folder)
    return {e.text or "" for e in elements if e.tag.rpartition("}")[2] == "name"} - {""}


def _name_folder(layer: str, folder_names: set[str]) -> str | None:
    """Return the file's own name of a folder, for which GDAL may have put another.

    GDAL numbers folders of one name, ``길 (#2)``, and calls one without a name ``Layer #0`` or
    after the file, which is in memory; for these None is returned.
    """
    plain = re.sub(r" \(#\d+\)$", "", layer)
    return next((name for name in (layer, plain) if name in folder_names), None)


def _read_folder(data: bytes, number: int, folder: str | None) -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(data, layer=number, datetime_as_string=True)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = with_missing_values(frame, pyogrio.read_info(data, layer=number)["dtypes"])
    return gpd.GeoDataFrame(frame).assign(folder=folder)


def _is_constant(column: pd.Series[str]) -> bool:
    """Return whether all rows say the same, which is what the writer's defaults do."""
    return column.nunique(dropna=False) <= 1


def _read_document(path: Path, name: str) -> bytes:
    if path.suffix.lower() == ".kml":
        _require_moderate(path.stat().st_size, name)
        return path.read_bytes()
    with open_archive(path, name) as archive:
        # KMZ has one main document, the first that ends in .kml (OGC 12-007r2, C.3.1).
        main = next((i for i in archive.infolist() if i.filename.lower().endswith(".kml")), None)
        if main is not None:
            _require_moderate(main.file_size, name)
            return read_member(archive, main, name)
    raise DataError(
        N_("there is no KML file in the archive"), where=name, mend=N_("Export the places again")
    )


def _as_utf8(data: bytes, name: str) -> bytes:
    """Return an XML text in UTF-8; the parser knows no encodings of several bytes, as EUC-KR is.

    Raises
    ------
    DataError
        It is not in the encoding that it declares, and the bytes prove no other.
    """
    # A byte order mark is proof enough, and the parser knows all of them.
    if data.startswith(tuple(mark for mark, _ in encoding.BOMS)):
        return data
    if encoding.is_valid_in([data], "utf-8"):
        return DECLARATION.sub(b"", data, count=1)
    # The declaration stands at the very beginning; a longer search would read into the data.
    declared = DECLARATION.match(data[:400])
    label = declared["label"].decode("latin-1") if declared else None
    try:
        text = encoding.decode_text(data, where=name, label=label)
    except DataError:
        text = encoding.decode_text(data, where=name)
    return DECLARATION.sub(b"", text.encode(), count=1)


def _require_moderate(size: int, name: str) -> None:
    """Refuse what would become a tree of many times its size in memory."""
    if size > limits.MAX_KML_BYTES:
        raise _describe_too_large(name)


def _describe_too_large(name: str) -> DataError:
    return DataError(
        N_("as KML it has more than {megabytes} MB or {elements} elements"),
        where=name,
        mend=N_("Split it, or save it as GeoPackage"),
        megabytes=limits.MAX_KML_BYTES // 2**20,
        elements=limits.MAX_KML_ELEMENTS,
    )


def _parse_tree(data: bytes, name: str) -> Element:
    """Refuse what is no KML, entities, and what is nested too deep, before GDAL sees them."""
    if data.count(b"<") > 2 * limits.MAX_KML_ELEMENTS:  # each has a beginning and mostly an end
        raise _describe_too_large(name)
    try:
        # A document type could define entities that expand to gigabytes or name files of this
        # machine.
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise describe_document_type(name) from error
    except (ParseError, ValueError) as error:
        raise DataError(
            N_("the XML cannot be read: {reason}"),
            where=name,
            mend=N_("Export the places again"),
            reason=str(error),
        ) from error
    if not root.tag.endswith("kml"):
        raise DataError(
            N_("this is not a {driver} file"),
            where=name,
            mend=N_("Export the layer again"),
            driver="KML",
        )
    _require_shallow(root, name)
    return root


def _require_shallow(root: Element, name: str) -> None:
    """Refuse elements nested so deep that writing the tree would take all of the stack."""
    # Level by level instead of recursively: a recursive walk would itself exhaust the stack.
    level, depth = [root], 0
    while level:
        level, depth = [child for element in level for child in element], depth + 1
        if depth > limits.MAX_KML_DEPTH:
            raise DataError(
                N_("elements are nested more than {depth} deep"),
                where=name,
                mend=N_("Export the places again"),
                depth=limits.MAX_KML_DEPTH,
            )


def _number_columns(root: Element) -> dict[str, str]:
    """Replace the names of columns by numbers, in place: GDAL makes underscores of Korean names.

    Returns
    -------
    dict
        The name of each number.
    """
    numbers: dict[str, str] = {}
    namespace = root.tag.rpartition("}")[0] + "}"
    for element in list(root.iter()):
        element.tag = element.tag.removeprefix(namespace)  # GDAL knows KML without prefixes only
        if element.tag.rpartition("}")[2] in {"Data", "SimpleField", "SimpleData"}:
            # Each distinct name gets one number, so that a column keeps its number in all folders.
            column = element.get("name", "")
            element.set("name", numbers.setdefault(column, f"column{len(numbers)}"))
    root.set("xmlns", namespace[1:-1])
    return {number: column for column, number in numbers.items()}
