"""Shapefiles, plain or zipped, with text in whatever encoding their office used."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.archive import open_archive, read_member
from mapserver.files.sizes import require_size, require_unpacked_size
from mapserver.readers.vector.longnumbers import with_wide_fields
from mapserver.readers.vector.source import (
    Source,
    make_unique_names,
    require_countable,
    with_missing_values,
)
from mapserver.readers.vector.surfaces import read_frame, report_unknown_geometries
from mapserver.text import encoding
from mapserver.text.code_pages import Box
from mapserver.text.encoding_names import find_codec
from mapserver.text.findings import Finding, Severity

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

# Language bytes that name one code page. Those for "Western" are written by default on Korean
# machines as well, so they prove nothing.
LANGUAGE_BYTES = {
    0x4E: "cp949",
    0x79: "cp949",
    0x13: "cp932",
    0x7B: "cp932",
    0x4D: "cp936",
    0x7A: "cp936",
    0x4F: "cp950",
    0x78: "cp950",
}


WESTERN = frozenset({"cp1252", "iso8859-1", "iso8859-15", "cp437", "cp850"})
"""Written by default as well, into the ``.cpg`` too; nearly all bytes are valid in them."""


def read_shapefile(
    path: Path, *, name: str, label: str | None = None, city_box: Box | None = None
) -> Source:
    """Read a shapefile.

    The encoding of its text comes from the catalogue, the ``.cpg`` file, the language byte of the
    DBF table or, when these say nothing, from the bytes themselves. Text that was cut in the
    middle of a syllable loses the broken rest.

    Raises
    ------
    DataError
        A part is missing or broken, or the encoding cannot be told.
    """
    parts = {suffix: _find_part(path, suffix) for suffix in PARTS}
    require_size([part for part in parts.values() if part], name)
    _require_shapefile(path, parts[".shx"], name)
    findings: list[Finding] = []
    size_bytes = sum(part.stat().st_size for part in parts.values() if part)
    # The stated counts are checked against the size of the file before memory is allocated.
    info = pyogrio.read_info(path, encoding="ISO-8859-1")
    require_countable(info["features"], len(info["fields"]), name, size_bytes)
    # ISO 8859-1 maps every byte to one character, so GDAL hands the bytes through unharmed.
    raw = read_frame(path, info["fields"], encoding="ISO-8859-1", datetime_as_string=True)
    findings += report_unknown_geometries(raw, name)
    if isinstance(raw, gpd.GeoDataFrame):
        raw = with_missing_values(raw, info["dtypes"])
    codec, proof = "ascii", N_("there is no table")
    if parts[".dbf"]:
        codec, proof = _find_text_encoding(
            parts[".dbf"], parts[".cpg"], label, name, findings, city_box
        )
        # The order matters: fields are addressed by the names that GDAL gave them, before decoding.
        raw = with_wide_fields(raw, parts[".dbf"], list(info["fields"]))
        raw = _decode_frame(raw, codec)
    crs = None if raw.crs is None else CRS(raw.crs)
    frame = gpd.GeoDataFrame(raw).set_crs(None, allow_override=True)
    return Source(frame, crs, findings=findings, encoding=codec, encoding_from=proof)


def read_zipped_shapefile(
    path: Path,
    *,
    name: str,
    layer: str | None = None,
    label: str | None = None,
    city_box: Box | None = None,
) -> Source:
    """Read the shapefile in a zip archive; member names may be in cp949.

    Parameters
    ----------
    layer
        Which shapefile, by its name without ending, when the archive holds several.

    Raises
    ------
    DataError
        The archive is broken, too large, leads out of its folder, or holds no shapefile, or
        several and none was named.
    """
    require_size([path], name)
    with open_archive(path, name) as archive, TemporaryDirectory() as folder:
        # The members' stated sizes are checked there, before the first is unpacked.
        members = _list_members(archive, name)
        stem = _choose_shapefile([m for m in members if m.lower().endswith(".shp")], layer, name)
        for member, info in members.items():
            suffix = PurePosixPath(member).suffix.lower()
            if suffix in PARTS and PurePosixPath(member).with_suffix("") == stem:
                # Under a name of our own nothing can land outside of the folder.
                Path(folder, f"layer{suffix}").write_bytes(read_member(archive, info, name))
        return read_shapefile(Path(folder, "layer.shp"), name=name, label=label, city_box=city_box)


def _find_part(path: Path, suffix: str) -> Path | None:
    """Find a part of a shapefile whatever the case of its ending."""
    wanted = path.stem + suffix
    exact = path.with_suffix(suffix)
    if exact.is_file():
        return exact
    candidates = (p for p in path.parent.iterdir() if p.name.lower() == wanted.lower())
    return next((p for p in candidates if p.stem == path.stem), None)


def _require_shapefile(path: Path, index: Path | None, name: str) -> None:
    with path.open("rb") as file:
        magic = file.read(4)
    # File code 9994, big endian (ESRI Shapefile Technical Description, table 1).
    if magic != b"\x00\x00\x27\x0a":
        raise DataError(
            N_("this is not a shapefile"), where=name, mend=N_("Export the layer again")
        )
    if index is None:
        raise DataError(
            N_("the .shx part of the shapefile is missing"),
            where=name,
            mend=N_("Copy all parts: .shp, .shx, .dbf, .prj and, if there is one, .cpg"),
        )


def _find_text_encoding(  # noqa: PLR0913, PLR0917 -- the evidence, and where to say what is odd
    dbf: Path,
    cpg: Path | None,
    label: str | None,
    name: str,
    findings: list[Finding],
    city_box: Box | None = None,
) -> tuple[str, str]:
    """Decide the encoding of a DBF table from the evidence, the strongest first, and name that."""
    language, pieces = _read_dbf_texts(dbf, name)
    if label:
        return _require_fit(pieces, find_codec(label, where=name), name), N_("as you say")
    labels = {
        N_("the .cpg file says so"): cpg.read_bytes()[:64].decode("latin-1").strip() if cpg else "",
        N_("the language byte of the .dbf says so"): LANGUAGE_BYTES.get(language, ""),
    }
    # A label counts only as far as the text is valid in it; a wrong one is reported and passed
    # over.
    for proof, stated in labels.items():
        if not stated:
            continue
        codec = _find_fitting_codec(stated, pieces, city_box, name)
        if codec is not None:
            return codec, proof
        findings.append(
            Finding(
                Severity.WARNING,
                "encoding-label-wrong",
                name,
                N_("the text is not in the encoding {label} that the file states"),
                N_("Correct the .cpg file, or remove it"),
                values={"label": stated},
            )
        )
    return encoding.detect_encoding(pieces, city_box=city_box, where=name)


def _find_fitting_codec(
    stated: str, pieces: list[bytes], city_box: Box | None, name: str
) -> str | None:
    """Return the codec that a file states; None where its text is not in it.

    Raises
    ------
    DataError
        The text reads far better in another one, but not beyond doubt.
    """
    try:
        codec = find_codec(stated)
    except DataError:
        return None
    if not encoding.is_valid_in(pieces, codec):
        return None
    # Nearly every text is valid in a Western encoding, so such a label is weighed against the
    # content.
    if codec not in WESTERN:
        return (
            codec
            if encoding.require_credible(pieces, codec, city_box=city_box, where=name)
            else None
        )
    if all(piece.isascii() for piece in pieces):
        return codec
    try:
        # Beyond doubt another script, or UTF-8: the label was but the writer's default.
        encoding.detect_encoding(pieces, city_box=city_box)
    except DataError:
        return codec
    return None


def _require_fit(pieces: list[bytes], codec: str, name: str) -> str:
    if not encoding.is_valid_in(pieces, codec):
        raise DataError(
            N_("the text is not valid {encoding}"),
            where=name,
            mend=N_("Name the right one: --encoding NAME, or encoding in catalog.toml"),
            encoding=codec,
        )
    return codec


def _read_dbf_texts(path: Path, name: str) -> tuple[int, list[bytes]]:
    """Read the language byte, the field names and the distinct texts of a DBF table (dBASE III)."""
    data = path.read_bytes()
    header, width = (int.from_bytes(data[offset : offset + 2], "little") for offset in (8, 10))
    if len(data) < 32 or header < 33 or width < 1 or header > len(data):
        raise DataError(
            N_("the .dbf part of the shapefile is broken"),
            where=name,
            mend=N_("Export the layer again"),
        )
    pieces: list[bytes] = []
    rows, start = (len(data) - header) // width, 1  # a row begins with its deletion mark
    for offset in range(32, header - 32, 32):
        descriptor = data[offset : offset + 32]
        # A field's name fills eleven bytes, padded with zeros.
        pieces.append(descriptor[:11].split(b"\0")[0])
        length = descriptor[16]
        if rows and descriptor[11:12] == b"C" and length and start + length <= width:
            cells: Any = np.ndarray(rows, f"S{length}", data, header + start, (width,))
            pieces.extend(np.unique(cells).tolist())
        start += length
    return data[29], pieces


def _decode_frame(frame: pd.DataFrame, codec: str) -> pd.DataFrame:
    """Decode the bytes that came through as ISO 8859-1."""

    def decode_text(value: object) -> object:
        if not isinstance(value, str):
            return value
        return encoding.decode_cut(value.encode("latin-1"), codec)

    columns = [column for column in frame.columns if column != "geometry"]
    texts = {c: frame[c].map(decode_text) for c in columns if _is_text(frame[c])}
    names = make_unique_names([str(decode_text(column)) for column in columns])
    return frame.assign(**texts).rename(columns=dict(zip(columns, names, strict=True)))


def _is_text(column: pd.Series[Any]) -> bool:
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def _list_members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    infos = {i.filename.replace("\\", "/"): i for i in archive.infolist() if not i.is_dir()}
    for member in infos:
        if member.startswith("/") or ".." in PurePosixPath(member).parts:
            raise DataError(
                N_("the archive holds {member}, which leads out of its folder"),
                where=name,
                mend=N_("Zip the shapefile's parts again, and do not trust the sender"),
                member=repr(member),
            )
    size = sum(i.file_size for i in infos.values() if _get_suffix(i.filename) in PARTS)
    require_unpacked_size(size, name)
    return infos


def _get_suffix(member: str) -> str:
    return PurePosixPath(member).suffix.lower()


def _choose_shapefile(shapefiles: list[str], layer: str | None, name: str) -> PurePosixPath:
    stems = [PurePosixPath(member).with_suffix("") for member in shapefiles]
    chosen = [stem for stem in stems if layer in {None, stem.name, str(stem)}]
    if len(chosen) == 1:
        return chosen[0]
    raise ask_layer([stem.name for stem in stems], layer, name)


def ask_layer(layers: list[str], wanted: str | None, name: str) -> DataError:
    """Ask which of several layers in one file is meant."""
    if not layers:
        return DataError(
            N_("there is no layer with geometry in it"),
            where=name,
            mend=N_("Export the layer again"),
        )
    what = N_("it has no layer {wanted}") if wanted else N_("it holds {count} layers")
    return DataError(
        what,
        where=name,
        mend=N_("Name one of them, as layer in catalog.toml or with --layer: {layers}"),
        wanted=repr(wanted),
        count=len(layers),
        layers=", ".join(sorted(layers)),
    )
