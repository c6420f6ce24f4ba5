"""Files beside the GPX files that look like tracks and are not read: each named, with the mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mapserver.errors import N_
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

CONVERT = N_("Export it as GPX from the program or device that made it")
UNPACK = N_("Unpack it, and put the GPX file in it here")
ADD = N_("Bring it in: mapserver add FILE --as trails")
RENAME = N_("Give it a name that ends in .gpx")
MOVE = N_("Move the GPX files up into gpx/")

MENDS = {
    **dict.fromkeys((".tcx", ".fit", ".nmea", ".igc", ".slf", ".loc", ".plt", ".trk"), CONVERT),
    **dict.fromkeys((".gz", ".zip", ".7z", ".rar", ".bz2", ".xz", ".tar", ".tgz", ".egg"), UNPACK),
    **dict.fromkeys((".kml", ".kmz", ".geojson", ".json", ".gpkg", ".shp", ".fgb"), ADD),
    **dict.fromkeys((".parquet", ".geoparquet"), ADD),
}
"""What to do with a file, by its ending."""


def report_unread_file(path: Path, folder: str) -> Iterator[Finding]:
    """Report a file or folder in ``gpx/`` that looks like a track and is not read.

    Parameters
    ----------
    path
        What lies in the folder and is no GPX file.
    folder
        Name of the folder for messages.
    """
    if path.name.startswith("."):
        return
    name = f"{folder}/{encoding.decode_file_name(path.name)}"
    if path.is_dir():
        count = sum(file.suffix.lower() == ".gpx" for file in path.rglob("*"))
        if count:
            yield Finding(
                Severity.WARNING,
                "gpx-folder-unread",
                name,
                N_("folders are not looked into; this one has GPX files: {count}"),
                MOVE,
                values={"count": count},
            )
        return
    mend = MENDS.get(path.suffix.lower())
    if mend is None and ".gpx" in path.name.lower():
        mend = RENAME
    if mend is not None:
        yield Finding(
            Severity.WARNING,
            "track-unread",
            name,
            N_("the file is not read: trails come from files that end in .gpx"),
            mend,
        )
