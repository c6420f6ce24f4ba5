"""Many points in one request: rows in, the same rows out with answers beside them.

Everything is counted before it is taken apart, so that a small body cannot fill the memory, and
what is given back is given back as it was sent: a number of 400 digits stays one.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from flask import Request, abort
from werkzeug.exceptions import ClientDisconnected, UnsupportedMediaType

from mapserver.errors import N_, DataError, QueryError, fill
from mapserver.geo.geodesy import Floats
from mapserver.model import Snapshot, encode, plain_records, read_places
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.encoding_names import find_codec
from mapserver.web.api import formats, jsonfg
from mapserver.web.api.operations import Encoded, Streamed
from mapserver.web.api.parameters import read_float
from mapserver.web.api.sent_features import (
    decode_collection,
    read_degrees,
    refuse_row,
    write_feature,
)
from mapserver.web.api.systems import ReferenceSystem, find_system
from mapserver.web.refusals import SHOWN_LETTERS, refuse, require_at_most
from mapserver.web.responses import Body
from mapserver.web.streams import take_head
from mapserver.writers.columns import make_safe_value

GEOJSON = formats.GEOJSON.mimetype
CSV = "text/csv"
JSONFG = formats.JSONFG.mimetype
FORMATS = (formats.GEOJSON, formats.JSONFG, formats.Format("csv", CSV, "CSV"))
"""What is sent, and comes back as it was sent."""
ADDED_MEMBERS = b',"geometry":null,"place":null,"time":null,"properties":{},'
"""What an answer adds to a feature, at most, beside the answer itself."""
BROKEN_OFF = b'"The answer broke off here; ask again'
"""The last row of a table that could not be written to its end, which else would look whole.

Its quotation marks are not closed, so that programs which read strictly refuse the table."""
COLUMNS = (("lon", "lat"), ("경도", "위도"), ("longitude", "latitude"))


@dataclass(frozen=True)
class SentPoints:
    """The points of a request and the rows they came in.

    Attributes
    ----------
    lon, lat
        ``n`` points in degrees, each a place on earth.
    rows
        JSON of features, or cells of a table without its header.
    header
        Names of the columns; None for features.
    size
        Bytes of the body, in UTF-8.
    system
        The reference system of features of JSON-FG; None where they are GeoJSON or a table.
    is_marked
        Whether a table of answers begins with the mark by which spreadsheets know UTF-8.
    digest
        A digest of the body and its type.
    """

    lon: Floats
    lat: Floats
    rows: list[Any]
    header: list[str] | None
    size: int
    system: ReferenceSystem | None = None
    is_marked: bool = False
    digest: str = ""

    def require_answerable(self, answers: int) -> None:
        """Check that the answer can be held, before anything is searched.

        Parameters
        ----------
        answers
            The most rows that the answer has for one point; each repeats the point's own row.

        Raises
        ------
        RequestEntityTooLarge
            It has too many rows, or too many bytes of the rows that were sent.
        """
        mend = "send fewer points at once, or ask with a smaller limit"
        rows = len(self.lon) * answers
        require_at_most(rows, limits.MAX_ANSWER_ROWS, "rows of an answer", mend)
        echoed = self.size * answers
        require_at_most(echoed, limits.MAX_ANSWER_BYTES, "bytes of an answer", mend)

    def write_answer(
        self, row: npt.NDArray[np.intp], table: pd.DataFrame, tag: str
    ) -> Encoded | Streamed:
        """Write the rows with answers beside them, in the form in which they came.

        A large answer is written while it is sent.

        Parameters
        ----------
        row
            For each answer the row that it belongs to.
        table
            The answers.
        tag
            A digest of all that the answer follows from, but for the body.

        Raises
        ------
        RequestEntityTooLarge
            The answer has more than ``limits.MAX_ANSWER_BYTES``.
        """
        if self.header is None:
            mimetype = GEOJSON if self.system is None else JSONFG
            parts = self._write_features(row, table)
        else:
            mimetype = f"{CSV}; charset=utf-8"
            parts = self._write_table(self.header, row, table)
        head, is_whole = take_head(parts, limits.MAX_JOINED_BYTES)
        if is_whole:
            return Encoded(Body(head, mimetype, kept=False))
        # granian holds what a client has not read yet, and what has left cannot be refused.
        self._require_bounded(row, table)
        return Streamed(chain([head], parts), mimetype, f"{tag}{self.digest}")

    def _require_bounded(self, row: npt.NDArray[np.intp], table: pd.DataFrame) -> None:
        """Check that an answer is not too large, without writing it."""
        records = _list_records(table)
        if self.header is None:
            sent = self.size * int(np.bincount(row).max(initial=0))
            found = sum(len(encode(record)) + len(ADDED_MEMBERS) for record in records)
        else:
            # A row may come back longer than it came: cells are quoted, made safe, filled up.
            places = _list_echoed(self.header, table)
            lines = (_write_line([each[place] for place in places]) for each in self.rows)
            sent = int(np.fromiter(map(len, lines), np.intp, len(self.rows))[row].sum())
            # In a table a cell has at most one sign more than in JSON: what makes it safe.
            found = sum(len(encode([*each.values()])) + len(each) for each in records)
            found += len(codecs.BOM_UTF8) + len(_write_head(self.header, table))
        mend = "send fewer points at once"
        require_at_most(sent + found, limits.MAX_ANSWER_BYTES, "bytes of an answer", mend)

    def _write_features(self, row: npt.NDArray[np.intp], table: pd.DataFrame) -> Iterator[bytes]:
        members: dict[str, Any] = {"type": "FeatureCollection"}
        if self.system is not None:
            members |= {"conformsTo": [jsonfg.CORE], "coordRefSys": self.system.uri}
        yield encode(members)[:-1] + b',"features":['
        for number, (position, record) in enumerate(zip(row, _list_records(table), strict=True)):
            feature = write_feature(self.rows[position], record, is_jsonfg=self.system is not None)
            yield (b"," if number else b"") + encode(feature)
        yield b"]}"

    def _write_table(
        self, header: list[str], row: npt.NDArray[np.intp], table: pd.DataFrame
    ) -> Iterator[bytes]:
        places = _list_echoed(header, table)
        if self.is_marked:
            yield codecs.BOM_UTF8
        yield _write_head(header, table)
        try:
            for position, record in zip(row, _list_records(table), strict=True):
                # What is not known is None, which is written as an empty cell.
                sent = self.rows[position]
                yield _write_line([*(sent[place] for place in places), *record.values()])
        except Exception:
            yield BROKEN_OFF
            raise


def _list_echoed(header: list[str], table: pd.DataFrame) -> list[int]:
    """List the places of the columns that come back as they were sent.

    As among the properties of a feature, an answer that is sent anew gets the new values.
    """
    return [place for place, name in enumerate(header) if name not in table.columns]


def _write_head(header: list[str], table: pd.DataFrame) -> bytes:
    """Write the names of the columns: those of what comes back, and of the answers."""
    return _write_line([*(header[place] for place in _list_echoed(header, table)), *table.columns])


def _write_line(cells: Iterable[Any]) -> bytes:
    """Write a line of a table; it may be opened in a spreadsheet, and cells come from anywhere."""
    text = io.StringIO()
    csv.writer(text).writerow([make_safe_value(cell) for cell in cells])
    return text.getvalue().encode()


def _list_records(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """List the rows of a table, of which a few at a time are taken apart."""
    for start in range(0, len(table), limits.ANSWER_ROWS_AT_ONCE):
        yield from plain_records(table.iloc[start : start + limits.ANSWER_ROWS_AT_ONCE])


def read_points(request: Request, city: Snapshot) -> SentPoints:
    """Read the points of a request.

    Parameters
    ----------
    request
        It has them as GeoJSON, JSON-FG or CSV.
    city
        In whose reference systems those of JSON-FG may be.

    Raises
    ------
    QueryError
        The body is not what it says, or a row has no place; the message names the row.
    HTTPException
        It is too large (413), packed, or of another type (415).
    """
    if request.mimetype not in {GEOJSON, "application/json", JSONFG, CSV}:
        abort(415, f"Send {GEOJSON}, {JSONFG} or {CSV}")
    charset = request.mimetype_params.get("charset", "utf-8")
    if request.mimetype != CSV and charset.lower() not in {"utf-8", "utf8"}:
        # RFC 8259 knows no other.
        raise UnsupportedMediaType("JSON is sent in UTF-8; leave the charset out")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        # A body of 16 MiB may unpack to 16 GB, and no client of ours packs.
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding")
    data = _receive_body(request)
    if request.mimetype == CSV:
        points = _read_table(data, _read_charset(request))
    else:
        points = _read_features(data, city, is_jsonfg=request.mimetype == JSONFG)
    digest = blake2b(f"{request.content_type}\n".encode("utf-8", "replace"), digest_size=10)
    digest.update(data)
    return replace(points, digest=digest.hexdigest())


def _read_features(data: bytes, city: Snapshot, *, is_jsonfg: bool) -> SentPoints:
    collection, features = decode_collection(data)
    system = None
    if is_jsonfg:
        system = find_system(city, collection.coordRefSys, "coordRefSys")
    places = read_degrees(collection, city, system)
    points = _require_places(places, features, None, len(data))
    return replace(points, system=system)


def _receive_body(request: Request) -> bytes:
    """Receive the body; whatever goes wrong on the way is a bad request and no fault of ours."""
    # A length that is announced has been checked at the entrance; a body without one is cut there,
    # and one byte more than is allowed shows that it goes on.
    request.max_content_length = limits.MAX_BODY_BYTES + 1
    announced = request.content_length
    try:
        data = request.get_data(cache=False)
        # Some servers end a body that breaks off like a whole one, whatever length it has.
        if len(data) < (announced or 0):
            raise ClientDisconnected
    except Exception as error:  # of whatever kind the server raises for a bad chunk or a lost line
        raise QueryError(
            N_("the body could not be received"),
            parameter="body",
            mend=N_("Send it again, with Content-Length or in whole chunks without trailers"),
        ) from error
    if announced is None and len(data) > limits.MAX_BODY_BYTES:
        refuse("bytes of this body", limits.MAX_BODY_BYTES, "send it in parts")
    return data


def _read_charset(request: Request) -> str | None:
    """Read in which encoding a table says that it is; of one that says none we find it out."""
    label: str | None = request.mimetype_params.get("charset")
    if label is not None:
        try:
            find_codec(label[:SHOWN_LETTERS])
        except DataError as error:
            raise UnsupportedMediaType(f"charset: {error}") from error
    return label


def _read_table(data: bytes, charset: str | None) -> SentPoints:
    # Every cell but the first of a line ends in a comma, and every line but the last in a break.
    cells = data.count(b",") + data.count(b"\n") + data.count(b"\r")
    require_at_most(cells, limits.MAX_BODY_CELLS, "cells")
    try:
        text = encoding.decode_text(data, where="line", label=charset)
        # Strictly: a quote that never ends is a table that broke off on its way.
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        # Spreadsheets write rows of empty cells below a table.
        header, *rows = [row for row in lines if any(map(str.strip, row))] or [[]]
    except DataError as error:
        # How to mend a file on a disk is of no use to who has sent it from elsewhere.
        line = f"{error.where.replace(':', ' ')}: " if ":" in error.where else ""
        raise _refuse_table(line + fill(error.what, error.values)) from error
    except csv.Error as error:
        raise _refuse_table(f"line {lines.line_num}: {error}") from error
    require_at_most(len(header), limits.MAX_BODY_COLUMNS, "columns", "leave out what is not needed")
    require_at_most(len(rows), limits.MAX_BODY_POINTS, "points")
    # Short rows are filled up to the header.
    require_at_most(len(rows) * len(header), limits.MAX_BODY_CELLS, "cells")
    names = [name.strip().lower() for name in header]
    pair = next((p for p in COLUMNS if set(p) <= set(names)), None)
    if pair is None:
        raise QueryError(
            N_("the table has no columns lon and lat"),
            parameter="body",
            mend=N_("Name them in the first row"),
        )
    doubled = next((name for name in pair if names.count(name) > 1), None)
    if doubled is not None:
        raise QueryError(
            N_("the table has more than one column {name}"),
            parameter="body",
            mend=N_("Leave out those that are not the place"),
            name=doubled,
        )
    x, y = names.index(pair[0]), names.index(pair[1])
    pairs = []
    for number, row in enumerate(rows, start=1):
        try:
            pairs.append((read_float(row[x]), read_float(row[y])))
        except (ValueError, IndexError):
            raise refuse_row(number) from None
        rows[number - 1] = (row + [""] * len(header))[: len(header)]
    points = _require_places(pairs, rows, header, len(text.encode()))
    return replace(points, is_marked=_comes_from_spreadsheet(data))


def _comes_from_spreadsheet(data: bytes) -> bool:
    """Return whether a table has the mark of UTF-8, or is in an older encoding.

    Excel writes both, and shows an answer in UTF-8 without the mark as nonsense.
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return data.startswith(codecs.BOM_UTF8)


def _refuse_table(reason: str) -> QueryError:
    return QueryError(
        N_("this is not a CSV table: {reason}"),
        parameter="body",
        mend=N_(
            "Send UTF-8 with commas and a header with lon and lat, or name the encoding in "
            "Content-Type: text/csv; charset=cp949"
        ),
        reason=reason,
    )


def _require_places(
    pairs: list[tuple[float, float]], rows: list[Any], header: list[str] | None, size: int
) -> SentPoints:
    columns = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    for number, (lon, lat) in enumerate(columns, start=1):
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            try:
                read_places(lon, lat)
            except QueryError as error:
                raise QueryError(
                    N_("row {row}: {reason}"),
                    parameter="body",
                    mend=error.mend,
                    row=number,
                    reason=fill(error.what, error.values),
                ) from error
    return SentPoints(columns[:, 0], columns[:, 1], rows, header, size)
