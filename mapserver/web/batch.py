"""Many points in one request: rows in, the same rows out with answers beside them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from flask import Request, abort

from mapserver import encoding
from mapserver.errors import N_, DataError, QueryError, fill
from mapserver.features import encode, plain_records
from mapserver.geodesy import Floats
from mapserver.points import places
from mapserver.web.responses import Body

MAX_POINTS = 20_000
GEOJSON = "application/geo+json"
CSV = "text/csv"
COLUMNS = (("lon", "lat"), ("경도", "위도"), ("longitude", "latitude"))


class _Feature(msgspec.Struct):
    """A feature as it was sent; what is not read is given back as it is."""

    type: str
    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    id: str | int | float | None = None


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature]


@dataclass(frozen=True)
class Asked:
    """The points of a request and the rows they came in.

    Attributes
    ----------
    lon, lat
        ``n`` points in degrees, each a place on earth.
    rows
        Features, or cells of a table without its header.
    header
        Names of the columns; None for features.
    """

    lon: Floats
    lat: Floats
    rows: list[Any]
    header: list[str] | None = None

    def answer(self, row: npt.NDArray[np.intp], table: pd.DataFrame) -> Body:
        """Write the rows with answers beside them, in the form in which they came.

        Parameters
        ----------
        row
            For each answer the row that it belongs to.
        table
            The answers.
        """
        if self.header is None:
            features = []
            for position, record in zip(row, plain_records(table), strict=True):
                one: _Feature = self.rows[position]
                features.append(
                    {
                        "type": "Feature",
                        **({"id": one.id} if one.id is not None else {}),
                        "geometry": one.geometry,
                        "properties": (one.properties or {}) | record,
                    }
                )
            document = {"type": "FeatureCollection", "features": features}
            return Body(encode(document), GEOJSON, kept=False)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*self.header, *table.columns])
        for position, record in zip(row, plain_records(table), strict=True):
            writer.writerow(
                [*self.rows[position], *("" if v is None else v for v in record.values())]
            )
        return Body(text.getvalue().encode(), f"{CSV}; charset=utf-8", kept=False)


def read(request: Request) -> Asked:
    """Read the points of a request.

    Raises
    ------
    QueryError
        The body is not what it says, or a row has no place; the message names the row.
    """
    if request.mimetype in {GEOJSON, "application/json"}:
        return _features(request.get_data())
    if request.mimetype != CSV:
        abort(415, f"Send {GEOJSON} or {CSV}")
    return _table(request.get_data())


def _features(data: bytes) -> Asked:
    try:
        collection = msgspec.json.decode(data, type=_Collection)
    except msgspec.DecodeError as error:
        raise QueryError(
            N_("this is not GeoJSON: {reason}"),
            parameter="body",
            mend=N_("Send a FeatureCollection of points"),
            reason=str(error),
        ) from error
    _require_few(len(collection.features))
    pairs = []
    for number, feature in enumerate(collection.features, start=1):
        geometry = feature.geometry or {}
        at: Any = geometry.get("coordinates")
        if geometry.get("type") != "Point" or not _is_place(at):
            raise _no_place(number)
        pairs.append((at[0], at[1]))
    return _asked(pairs, list(collection.features), None)


def _table(data: bytes) -> Asked:
    try:
        text = encoding.decode(data, where="body")
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row] or [[]]
    except (DataError, csv.Error) as error:
        raise QueryError(
            N_("this is not a CSV table: {reason}"),
            parameter="body",
            mend=N_("Send UTF-8 with commas, and a header with lon and lat"),
            reason=str(error),
        ) from error
    _require_few(len(rows))
    names = [name.strip().lower() for name in header]
    pair = next((p for p in COLUMNS if set(p) <= set(names)), None)
    if pair is None:
        raise QueryError(
            N_("the table has no columns lon and lat"),
            parameter="body",
            mend=N_("Name them in the first row"),
        )
    x, y = names.index(pair[0]), names.index(pair[1])
    pairs = []
    for number, row in enumerate(rows, start=1):
        try:
            pairs.append((float(row[x]), float(row[y])))
        except (ValueError, IndexError):
            raise _no_place(number) from None
        rows[number - 1] = (row + [""] * len(header))[: len(header)]
    return _asked(pairs, rows, header)


def _asked(pairs: list[tuple[float, float]], rows: list[Any], header: list[str] | None) -> Asked:
    columns = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    for number, (lon, lat) in enumerate(columns, start=1):
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            try:
                places(lon, lat)
            except QueryError as error:
                raise QueryError(
                    N_("row {row}: {reason}"),
                    parameter="body",
                    mend=error.mend,
                    row=number,
                    reason=fill(error.what, error.values),
                ) from error
    return Asked(columns[:, 0], columns[:, 1], rows, header)


def _is_place(at: Any) -> bool:
    return (
        isinstance(at, list)
        and len(at) >= 2
        and all(isinstance(x, int | float) and not isinstance(x, bool) for x in at[:2])
    )


def _no_place(number: int) -> QueryError:
    return QueryError(
        N_("row {row} has no point"),
        parameter="body",
        mend=N_("Give each row a longitude and a latitude in degrees"),
        row=number,
    )


def _require_few(points: int) -> None:
    if points > MAX_POINTS:
        abort(413, f"{points} points are more than {MAX_POINTS}; send them in parts")
