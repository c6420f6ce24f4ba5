"""Files that are given to a join and are no Parquet: what each is, and how to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from mapserver.errors import N_, DataError, Phrase

PANDAS, EXCEL, GEOPANDAS = "pandas.read_csv", "pandas.read_excel", "geopandas.read_file"
FEATHER = "pandas.read_feather"
"""What reads such a file in Python, where one more call writes Parquet."""


@dataclass(frozen=True, slots=True)
class OtherFormat:
    """A format that people give to a join though it is no Parquet.

    Attributes
    ----------
    name
        What it is called: a message id.
    endings
        Of its files. What has one of these is also read by the commands that take ``--points``.
    heads
        The first bytes of its files; empty where these are not always the same.
    reader
        What reads it in Python.
    """

    name: str
    endings: tuple[str, ...]
    heads: tuple[bytes, ...]
    reader: str


WORKBOOK = OtherFormat(
    N_("an Excel workbook"),
    (".xlsx", ".xlsm", ".xls", ".ods"),
    (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    EXCEL,
)
TEXT = OtherFormat(N_("a table of text (CSV)"), (".csv",), (), PANDAS)
FORMATS = (
    WORKBOOK,
    OtherFormat(N_("a GeoPackage"), (".gpkg",), (b"SQLite format 3\0",), GEOPANDAS),
    OtherFormat(N_("a shapefile"), (".shp",), (b"\x00\x00\x27\x0a",), GEOPANDAS),
    OtherFormat(N_("a FlatGeobuf file"), (".fgb",), (b"fgb\x03",), GEOPANDAS),
    OtherFormat(N_("GeoJSON"), (".geojson", ".json"), (b"{", b"\xef\xbb\xbf{"), GEOPANDAS),
    OtherFormat(N_("a GPX file"), (".gpx",), (), GEOPANDAS),
    OtherFormat(N_("a KML file"), (".kml", ".kmz"), (), GEOPANDAS),
    OtherFormat(N_("an Arrow file (Feather)"), (), (b"ARROW1",), FEATHER),
    TEXT,
)
"""In the order in which they are thought of. A zip may be many things, and is mostly a workbook."""
SEPARATORS = (",", "\t", ";", "|")


def refuse_other_format(head: bytes, name: str) -> None:
    """Refuse a file that is not Parquet but of a format that can be told.

    Parameters
    ----------
    head
        Its first bytes.
    name
        Of the file, for the message.

    Raises
    ------
    DataError
        Its ending or its first bytes are those of another format.
    """
    ending = PurePosixPath(name).suffix.lower()
    by_ending = next((format_ for format_ in FORMATS if ending in format_.endings), None)
    # What somebody has renamed is known by what it begins with: a CSV may be called x.parquet.
    foreign = by_ending or next(
        (format_ for format_ in FORMATS if head.startswith(format_.heads)), None
    )
    encoding = _guess_encoding(head)
    if foreign is None and encoding is not None:
        foreign = TEXT
    if foreign is None:
        return
    options = f', encoding="{encoding}"' if foreign is TEXT and encoding == "cp949" else ""
    target = PurePosixPath(name).with_suffix(".parquet").name
    raise DataError(
        N_("this is no Parquet file but {format}"),
        where=name,
        mend=N_(
            "mapserver locate and mapserver nearest read it with --points; for a join write it "
            "as Parquet: {python}"
        )
        if by_ending is not None
        else N_("For a join write it as Parquet: {python}"),
        format=Phrase(foreign.name),
        python=f'{foreign.reader}("{PurePosixPath(name).name}"{options}).to_parquet("{target}")',
    )


def _guess_encoding(head: bytes) -> str | None:
    """Return how a table of text is encoded, as far as its beginning shows; None if it is none."""
    if b"\0" in head or not head:
        return None
    for encoding in ("utf-8", "cp949"):
        # The last letter may be cut in its middle.
        for cut in range(4):
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            first_line = text.partition("\n")[0]
            return encoding if any(mark in first_line for mark in SEPARATORS) else None
    return None
