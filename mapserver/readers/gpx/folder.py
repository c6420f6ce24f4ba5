"""A folder of GPX files into one frame of trails and one of waypoints."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.links import leads_out
from mapserver.files.reads import Reads
from mapserver.readers.gpx.frames import GpxFile, GpxRows, join_files
from mapserver.readers.gpx.reading import read_content
from mapserver.readers.gpx.unread import report_unread_file
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

DOWNLOADS = frozenset({"gpx", "kml", "geojson", "svg"})
"""Endings under which a trail's page offers files."""

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def read_folder(folder: Path, reads: Reads | None = None) -> GpxFile:
    """Read every ``*.gpx`` of a folder, in the order of their names.

    Parameters
    ----------
    folder
        A folder. Its subfolders are not read; those that hold tracks are reported.
    reads
        What an earlier reading found: files that have not changed since are not read again.

    Returns
    -------
    GpxFile
        All files as one. A file that cannot be used is an error in ``findings`` and costs the
        others nothing; files of tracks in other formats are named as not read.
    """
    findings: list[Finding] = []
    contents: list[GpxRows | GpxFile] = []
    reads = reads or Reads()
    for path in sorted(folder.iterdir()):
        if leads_out(path, folder):
            continue  # which is reported with the other links
        if path.suffix.lower() != ".gpx" or not path.is_file() or path.name.startswith("."):
            findings.extend(report_unread_file(path, folder.name))
            continue
        name = f"{folder.name}/{encoding.decode_file_name(path.name)}"
        try:
            content = reads.get(
                name, f"{folder.name}/{path.name}", partial(read_content, path, name=name)
            )
        except DataError as error:
            findings.append(Finding.from_error(error, code="gpx-unreadable", file=name))
            continue
        contents.append(content)
        findings.extend(content.findings)
        if not SLUG.fullmatch(path.stem):
            findings.append(_make_file_name_finding(encoding.decode_file_name(path.stem), name))
    joined = join_files(contents)
    return GpxFile(
        _make_ids_unique(joined.trails, findings),
        _make_ids_unique(joined.waypoints, []),
        tuple(findings),
        joined.counts,
    )


def _make_ids_unique(features: gpd.GeoDataFrame, findings: list[Finding]) -> gpd.GeoDataFrame:
    """Add a number to ids that files share (``a.gpx`` and ``a.GPX``), except to the first."""
    used_ids: set[str] = set()
    # A numbered id may be the stated id of a later file, so all used ids are compared.
    stated_ids = set(map(str, features.index))
    ids = []
    for id_, file in zip(features.index, features["file"], strict=True):
        wish = _without_clash(str(id_), stated_ids)
        unused_id = next(x for x in _iterate_numbered_ids(wish) if x not in used_ids)
        if unused_id != id_:
            findings.append(_make_duplicate_id_finding(str(id_), unused_id, str(file)))
        used_ids.add(unused_id)
        ids.append(unused_id)
    if ids == list(features.index):
        return features
    return features.set_index(pd.Index(ids, name="id", dtype="str"))


def _without_clash(id_: str, ids: set[str]) -> str:
    """Return another id where the page of a trail would have the address of another's file.

    The page of ``walk.gpx`` (from ``walk.gpx.gpx``) would be where ``walk`` can be downloaded.
    """
    stem, _, ending = id_.rpartition(".")
    return f"{stem}-{ending}" if ending in DOWNLOADS and stem in ids else id_


def _iterate_numbered_ids(wish: str) -> Iterator[str]:
    yield wish
    yield from (f"{wish}-{n}" for n in itertools.count(2))


def _make_duplicate_id_finding(id_: str, unused_id: str, file: str) -> Finding:
    return Finding(
        Severity.ERROR,
        "id-duplicate",
        file,
        N_("another feature has the same id; this one is called {free}"),
        N_("Give the file a name of its own"),
        id_,
        {"free": repr(unused_id)},
    )


def _make_file_name_finding(stem: str, name: str) -> Finding:
    return Finding(
        Severity.NOTE,
        "gpx-file-name",
        name,
        N_("the trail's id is the file's name, {stem}, which is not plain ASCII"),
        N_("Name the file with letters, digits and hyphens, such as geumdangsan-1.gpx"),
        values={"stem": repr(stem)},
    )
