"""GTFS: which lines stop where, out of a zip archive that may be that of a whole country.

Of four of its files only what is asked is held: ``stop_times.txt`` of the country has 22 million
rows, and is read as it is unpacked, row after row.
"""

from __future__ import annotations

import codecs
import csv
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.archive import open_archive, read_pieces
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

GTFS_SUFFIX = ".zip"
NEEDS = {
    "routes": ("route_id",),
    "trips": ("trip_id", "route_id"),
    "stops": ("stop_id", "stop_lat", "stop_lon"),
    "stop_times": ("trip_id", "stop_id"),
}
"""The files that are read, and the columns without which each says nothing."""
NAME_COLUMNS = ("route_short_name", "route_long_name", "route_id")
"""What a line is called, best first."""
PREFIXES = {"BR": "bus", "RR": "rail", "SR": "ship", "AR": "air"}
"""Kinds by the beginning of the id, as the national file has them: its types are not standard."""
PREFIX = re.compile(r"(BR|RR|SR|AR)(?![A-Za-z])")
TYPES = {
    **dict.fromkeys(("0", "1", "2", "5", "7", "12"), "rail"),
    **dict.fromkeys(("3", "11"), "bus"),
    "4": "ship",
}
"""Kinds by route_type of the standard, for files of other countries."""
BROKEN = "\ufffd"
"""What a decoder writes for bytes that are no letter."""
WHOLE_TURN_DEG, POLE_DEG = 360.0, 90.0

Area = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Row = dict[str, str]


REASONS = {
    "width": (
        N_("{file}: rows left out: {count}; the first has not as many cells as there are columns"),
        N_("Mend its commas, and the quotation marks around texts with commas"),
    ),
    "quotation": (
        N_("{file}: rows left out: {count}; in the first a quotation mark is never closed"),
        N_("Close it, or take it out"),
    ),
    "letters": (
        N_("{file}: rows left out: {count}; the first has letters that are broken"),
        N_("Write them anew, and save the file as UTF-8"),
    ),
    "stops": (
        N_("{file}: rows left out: {count}; the first has no stop_id, or no place on earth"),
        N_("Write stop_id, and stop_lon and stop_lat in degrees"),
    ),
    "routes": (
        N_("{file}: rows left out: {count}; the first has no route_id"),
        N_("Write the id of the line"),
    ),
    "trips": (
        N_("{file}: rows left out: {count}; the first has no trip_id, or no line of routes.txt"),
        N_("Write both, or add the line to routes.txt"),
    ),
    "stop_times": (
        N_("{file}: rows left out: {count}; the first has no trip_id that trips.txt has"),
        N_("Write one, or add the trip to trips.txt"),
    ),
}
"""What is wrong with a row, and how to mend it; under the name of a file, what its rows lack."""


@dataclass(slots=True)
class _Faults:
    """Rows of one file that cannot be used: how many, which is the first, and its fault."""

    file: str
    count: int = 0
    first_line: int = 0
    reason: str = ""

    def add(self, line: int, reason: str) -> None:
        self.count += 1
        self.first_line = self.first_line or line
        self.reason = self.reason or reason

    def list_findings(self, name: str) -> list[Finding]:
        if not self.count:
            return []
        finding = Finding(
            Severity.WARNING,
            "gtfs-rows",
            name,
            *REASONS[self.reason],
            f"{self.file}, line {self.first_line}",
            {"file": self.file, "count": self.count},
        )
        return [finding]


@dataclass(slots=True)
class _Feed:
    """An open archive, its files by name, and what is wrong in them."""

    archive: zipfile.ZipFile
    name: str
    members: dict[str, zipfile.ZipInfo]
    findings: list[Finding] = field(default_factory=list)

    def read(self, table: str, use: Callable[[Row], bool]) -> None:
        """Hand each row of a file to ``use``, which says whether it could be used."""
        file = f"{table}.txt"
        faults = _Faults(file)
        for line, row in _read_rows(self, table, faults):
            if not use(row):
                faults.add(line, table)
        self.findings += faults.list_findings(self.name)


def read_gtfs(
    path: Path, *, name: str, area: Area | None = None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read which lines stop where as rows of the ledger ``bus_lines``.

    Parameters
    ----------
    path
        A zip archive with ``routes.txt``, ``trips.txt``, ``stop_times.txt`` and ``stops.txt``, in a
        folder or not.
    name
        What to call it in messages.
    area
        Only stops in this box are read; None for all.

    Returns
    -------
    table : DataFrame
        Text under the ledger's own names, indexed from 1: each line and stop once.
    findings : list of Finding
        How many rows of each file cannot be used.

    Raises
    ------
    DataError
        It is no GTFS, is damaged, states more than a limit, or has no stop in the area.
    """
    with open_archive(path, name) as archive:
        feed = _Feed(archive, name, _find_members(archive, name))
        stops = _read_stops(feed, area)
        routes = _read_routes(feed)
        pairs = _read_pairs(feed, set(stops), _read_trips(feed, set(routes)))
    if not pairs:
        raise DataError(
            N_("no line of it stops in the city; stops there: {count}"),
            where=name,
            mend=N_("Look whether it is the file of this city"),
            count=len(stops),
        )
    rows = [routes[route] | stops[stop] for route, stop in sorted(pairs)]
    table = pd.DataFrame(rows, dtype="str")
    table.index = pd.RangeIndex(1, len(table) + 1, name="line")
    return table.mask(table == ""), feed.findings


def _find_members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Find the four files, and refuse what states more than anybody needs before it is unpacked."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        place = PurePosixPath(member.filename)
        if place.suffix.casefold() == ".txt" and place.stem.casefold() in NEEDS:
            members.setdefault(place.stem.casefold(), member)
    for table in NEEDS:
        if table not in members:
            raise DataError(
                N_("it has no {file}, so it is no GTFS"),
                where=name,
                mend=N_("Bring the archive as it was published, or a table of lines and stops"),
                file=f"{table}.txt",
            )
        _require_moderate(members[table], table, name)
    return members


def _require_moderate(member: zipfile.ZipInfo, table: str, name: str) -> None:
    # Times are read row after row; of the others every row is held in memory.
    is_streamed = table == "stop_times"
    limit = limits.MAX_GTFS_TIMES_BYTES if is_streamed else limits.MAX_GTFS_TABLE_BYTES
    if member.file_size > limit:
        raise DataError(
            N_("{file} unpacks to {size} MB, more than {limit} MB"),
            where=name,
            mend=N_("Cut it to the city first"),
            file=f"{table}.txt",
            size=member.file_size // 2**20,
            limit=limit // 2**20,
        )
    # Tables of text shrink to a tenth; what shrinks to a hundredth says one thing over and over.
    if member.file_size > limits.MAX_GTFS_RATIO * max(member.compress_size, 2**10):
        raise DataError(
            N_("{file} unpacks to more than {ratio} times its size, as no table does"),
            where=name,
            mend=N_("Bring the archive as it was published"),
            file=f"{table}.txt",
            ratio=limits.MAX_GTFS_RATIO,
        )


def _read_rows(feed: _Feed, table: str, faults: _Faults) -> Iterator[tuple[int, Row]]:
    """Read a file row after row as it is unpacked; a row of another width is a fault."""
    lines = csv.reader(_read_lines(feed, table))
    header: list[str] | None = None
    positions: dict[str, int] = {}
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            break
        except csv.Error:
            # A quotation mark that is never closed: the reader stops at its longest cell.
            faults.add(lines.line_num, "quotation")
            continue
        if header is None:
            header = [cell.strip().casefold() for cell in cells]
            positions = _require_columns(header, table, feed.name)
            continue
        if any(BROKEN in cell for cell in cells):
            # What is not valid in the encoding is no name that anybody should read.
            faults.add(lines.line_num, "letters")
            continue
        if len(cells) != len(header):
            # Empty lines say nothing and are no fault.
            if cells:
                faults.add(lines.line_num, "width")
            continue
        yield lines.line_num, {column: cells[at].strip() for column, at in positions.items()}
    if header is None:
        _require_columns([], table, feed.name)


def _require_columns(header: list[str], table: str, name: str) -> dict[str, int]:
    missing = next((column for column in NEEDS[table] if column not in header), None)
    if missing is not None:
        raise DataError(
            N_("{file} has no column {column}"),
            where=name,
            mend=N_("Bring the archive as it was published"),
            file=f"{table}.txt",
            column=missing,
        )
    wanted = {*NEEDS[table], *NAME_COLUMNS, "route_type", "stop_code", "stop_name"}
    return {column: at for at, column in enumerate(header) if column in wanted}


def _read_lines(feed: _Feed, table: str) -> Iterator[str]:
    """Read a member line by line: UTF-8, or CP949 where it is not."""
    # Pieces of ASCII are the same in both, and ids of a country are that from end to end: which
    # encoding it is, is asked of the whole file where its first other letter stands.
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    is_chosen = False
    rest = ""
    for piece in read_pieces(feed.archive, feed.members[table], feed.name):
        if not is_chosen and not piece.isascii():
            is_chosen = True
            if _choose_encoding(feed, table) == "cp949":
                decoder = codecs.getincrementaldecoder("cp949")("replace")
        # Only where tables break lines: texts may hold other breaks, which are letters here.
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        if len(rest) > limits.MAX_GTFS_LINE_LETTERS:
            raise DataError(
                N_("{file} has a line of more than {count} letters, so it is no table"),
                where=feed.name,
                mend=N_("Bring the archive as it was published"),
                file=f"{table}.txt",
                count=limits.MAX_GTFS_LINE_LETTERS,
            )
        yield from (line + "\n" for line in lines)
    if rest:
        yield rest


def _choose_encoding(feed: _Feed, table: str) -> str:
    """Choose the encoding in which fewer letters of a whole member are broken; UTF-8 of two alike.

    One damaged letter does not make a file of UTF-8 one of CP949, nor the other way round.
    """
    broken_letters = dict.fromkeys(("utf-8", "cp949"), 0)
    decoders = {name: codecs.getincrementaldecoder(name)("replace") for name in broken_letters}
    for piece in read_pieces(feed.archive, feed.members[table], feed.name):
        for name, decoder in decoders.items():
            broken_letters[name] += decoder.decode(piece).count(BROKEN)
    return min(broken_letters, key=lambda name: broken_letters[name])


def _read_stops(feed: _Feed, area: Area | None) -> dict[str, Row]:
    """Read the stops in the area by their id, as the ledger has them."""
    stops: dict[str, Row] = {}

    def use(row: Row) -> bool:
        try:
            lon, lat = float(row["stop_lon"]), float(row["stop_lat"])
        except ValueError:
            return False
        is_somewhere = math.isfinite(lon) and abs(lon) <= WHOLE_TURN_DEG and abs(lat) <= POLE_DEG
        if not row["stop_id"] or not is_somewhere:
            return False
        if area is None or (area[0] <= lon <= area[2] and area[1] <= lat <= area[3]):
            stops[row["stop_id"]] = {
                "stop_id": row["stop_id"],
                "stop_name": row.get("stop_name", ""),
                "pole_number": row.get("stop_code", ""),
                "lon": row["stop_lon"],
                "lat": row["stop_lat"],
            }
        return True

    feed.read("stops", use)
    return stops


def _read_routes(feed: _Feed) -> dict[str, Row]:
    """Read the lines by their id: what each is called, and of what kind it is."""
    routes: dict[str, Row] = {}
    types: dict[str, str] = {}

    def use(row: Row) -> bool:
        id_ = row["route_id"]
        name = next((row[column] for column in NAME_COLUMNS if row.get(column)), "")
        if not id_:
            return False
        routes[id_] = {"line": name, "line_id": id_}
        types[id_] = row.get("route_type", "")
        return True

    feed.read("routes", use)
    # One id of the national kind makes it the national file, in which types mean other things.
    is_national = any(PREFIX.match(id_) for id_ in routes)
    for id_, row in routes.items():
        match = PREFIX.match(id_)
        row["kind"] = (
            PREFIXES[match[1]] if match else "" if is_national else TYPES.get(types[id_], "")
        )
    return routes


def _read_trips(feed: _Feed, routes: set[str]) -> dict[str, str]:
    """Read the line of each trip."""
    # The same text for each trip of a line: a country has 350,000 of them.
    names = {route: route for route in routes}
    trips: dict[str, str] = {}

    def use(row: Row) -> bool:
        route = names.get(row["route_id"])
        if route is None or not row["trip_id"]:
            return False
        trips[row["trip_id"]] = route
        return True

    feed.read("trips", use)
    return trips


def _read_pairs(feed: _Feed, stops: set[str], trips: dict[str, str]) -> set[tuple[str, str]]:
    """Read which line stops at which of the stops."""
    pairs: set[tuple[str, str]] = set()

    def use(row: Row) -> bool:
        route = trips.get(row["trip_id"])
        if route is None:
            return False
        if row["stop_id"] in stops:
            pairs.add((route, row["stop_id"]))
            if len(pairs) > limits.MAX_GTFS_PAIRS:
                raise DataError(
                    N_("its lines have more than {count} stops"),
                    where=feed.name,
                    mend=N_("Cut it to the city first"),
                    count=limits.MAX_GTFS_PAIRS,
                )
        return True

    feed.read("stop_times", use)
    return pairs
