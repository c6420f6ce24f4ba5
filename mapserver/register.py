"""Tables beside the map: the trail register, dated closures and dated benefits."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Hashable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.catalog import SUFFIXES, LayerEntry
from mapserver.errors import N_, DataError
from mapserver.findings import Finding, Severity
from mapserver.geodesy import LONLAT
from mapserver.table import read_table
from mapserver.vector import read_layer

T = TypeVar("T")

REGISTER = "gpx/trails.csv"
BENEFITS = "layers/benefits.csv"


class Payment(StrEnum):
    """How a gift certificate is paid with."""

    PAPER = "paper"
    CARD = "card"
    MOBILE = "mobile"


YES = frozenset({"yes", "y", "true", "1", "o", "○", "예", "유", "있음"})
NO = frozenset({"no", "n", "false", "0", "x", "×", "아니오", "아니요", "무", "없음"})
STATUSES = {
    **dict.fromkeys(("open", "운영", "운영중", "개방", "정상"), "open"),
    **dict.fromkeys(("closed", "폐쇄", "휴장", "통제", "중단"), "closed"),
    **dict.fromkeys(("planned", "예정", "조성예정", "조성중", "계획"), "planned"),
}
PAYMENTS = {
    **{payment.value: payment.value for payment in Payment},
    **dict.fromkeys(("지류", "종이"), "paper"),
    **dict.fromkeys(("카드", "충전식카드"), "card"),
    **dict.fromkeys(("모바일", "디지털"), "mobile"),
}

DATE = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?(?:[T ].*)?")
SEASON = re.compile(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)")


def read_trail_register(gpx_dir: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read ``gpx/trails.csv``.

    Returns
    -------
    register : DataFrame
        Indexed by ``id``; ``width_m`` in metres (NaN if unknown), ``lighting`` and ``foot_wash``
        as nullable booleans, ``season`` as ``MM-DD/MM-DD``, ``status`` as ``open``, ``closed`` or
        ``planned``, all else as text. Empty when there is no register.
    findings : list of Finding
        Values that cannot be used, and ids that are missing or doubled, by line.

    Raises
    ------
    DataError
        The table cannot be read or has no column ``id``.
    """
    path = gpx_dir / "trails.csv"
    if not path.is_file():
        return pd.DataFrame(index=pd.Index([], name="id", dtype="str")), []
    table, findings = read_table(path, name=REGISTER)
    _require_columns(table, ["id"], REGISTER)
    table = _with_unique_ids(table, findings)
    cells = _Cells(table, REGISTER, findings)
    width = cells.parsed("width_m", _positive, N_("Write metres with a decimal point, as 1.5"))
    columns: dict[str, pd.Series[bool] | pd.Series[float] | pd.Series[str]] = {
        "width_m": pd.Series(width, table.index, dtype=float)
    }
    for column in ("lighting", "foot_wash"):
        values = cells.parsed(column, _yes_or_no, N_("Write yes or no"))
        columns[column] = pd.Series(values, table.index, dtype="boolean")
    season = cells.parsed("season", _season, N_("Write MM-DD/MM-DD, as 03-01/11-30"))
    status = cells.parsed("status", _status, N_("Write open, closed or planned"))
    columns["season"] = pd.Series(season, table.index, dtype="str")
    columns["status"] = pd.Series(status, table.index, dtype="str")
    there = {name: values for name, values in columns.items() if name in table}
    return table.assign(**there).set_index("id"), findings


def read_closures(layers_dir: Path) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Read ``layers/closures.*``: dated closures of trails or of places.

    Returns
    -------
    closures : GeoDataFrame or None
        EPSG:4326, with ``trail_id`` (None where a geometry says what is closed), ``from`` and
        ``to`` (``datetime.date``, both days included, None where it is open-ended), ``reason_ko``
        and ``reason_en``. None when there is no such file.
    findings : list of Finding
        Values that cannot be used, and closures left out because they close nothing.

    Raises
    ------
    DataError
        A file cannot be read.
    """
    findings: list[Finding] = []
    frames = []
    for suffix in SUFFIXES:
        path = layers_dir / f"closures{suffix}"
        if path.is_file():
            name = f"layers/{path.name}"
            frames.append(_closures(_closure_rows(path, name, findings), name, findings))
    if not frames:
        return None, []
    every = pd.concat(frames, ignore_index=True)
    every.index = pd.Index([f"closure-{n + 1}" for n in range(len(every))], name="id", dtype="str")
    return gpd.GeoDataFrame(every, geometry="geometry", crs=LONLAT), findings


def read_benefits(layers_dir: Path) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Read ``layers/benefits.csv``: what is offered, from which day to which.

    Returns
    -------
    benefits : DataFrame or None
        ``from``, ``to`` and ``checked_on`` as ``datetime.date``, ``rate`` from 0 to 1,
        ``cap_won`` (Int64), ``payment`` (``paper``, ``card``, ``mobile``), ``title``, ``source``.
        None when there is no such file.
    findings : list of Finding
        By line. A row whose dates or rate are not certain is left out: no offer is better than a
        wrong one.

    Raises
    ------
    DataError
        The table cannot be read or lacks a column.
    """
    path = layers_dir / "benefits.csv"
    if not path.is_file():
        return None, []
    table, findings = read_table(path, name=BENEFITS)
    _require_columns(table, ["from", "to", "rate"], BENEFITS)
    cells = _Cells(table, BENEFITS, findings)
    dates = N_("Write the day as YYYY-MM-DD")
    first = cells.parsed("from", _date, dates, required=True)
    last = cells.parsed("to", _date, dates, required=True)
    rate = cells.parsed("rate", _rate, N_("Write a share such as 0.1, or 10%"), required=True)
    cap = cells.parsed("cap_won", _won, N_("Write whole won, as 50000"))
    payment = cells.parsed("payment", _payment, N_("Write paper, card or mobile"))
    checked = cells.parsed("checked_on", _date, dates)
    frame = table.assign(
        **{"from": _objects(first, table), "to": _objects(last, table)},
        rate=pd.Series(rate, table.index, dtype=float),
        cap_won=pd.Series(cap, table.index, dtype="Int64"),
        payment=pd.Series(payment, table.index, dtype="str"),
        checked_on=_objects(checked, table),
    )
    for column in ("title", "source"):
        frame[column] = table.get(column, pd.Series(None, table.index, dtype="str"))
    certain = np.array([None not in row for row in zip(first, last, rate, strict=True)], dtype=bool)
    in_order = cells.in_order(first, last)
    return frame[certain & in_order].reset_index(drop=True), findings


class _Cells:
    """The cells of a table, parsed one by one; a bad one costs only itself and is reported."""

    def __init__(self, table: pd.DataFrame, file: str, findings: list[Finding]) -> None:
        self._table = table
        self._file = file
        self._findings = findings

    def parsed(
        self, column: str, parse: Callable[[str], T], mend: str, *, required: bool = False
    ) -> list[T | None]:
        """Parse a column; None for an empty or bad cell, or when there is no such column."""
        if column not in self._table:
            return [None] * len(self._table)
        result: list[T | None] = []
        for row, cell in self._table[column].items():
            try:
                result.append(None if pd.isna(cell) else parse(str(cell)))
            except ValueError:
                result.append(None)
                self._report(row, N_("{column}: {value} cannot be used"), mend, column, str(cell))
            else:
                if required and result[-1] is None:
                    self._report(row, N_("{column} is empty; the row is left out"), mend, column)
        return result

    def in_order(
        self, first: list[dt.date | None], last: list[dt.date | None]
    ) -> npt.NDArray[np.bool_]:
        """Tell which rows do not end before they begin, and report the others."""
        result = []
        for row, start, end in zip(self._table.index, first, last, strict=True):
            result.append(start is None or end is None or start <= end)
            if not result[-1]:
                self._report(
                    row,
                    N_("it ends on {value}, before it begins; the row is left out"),
                    N_("Correct from or to"),
                    "to",
                    str(end),
                )
        return np.array(result, dtype=bool)

    def _report(self, row: Hashable, what: str, mend: str, column: str, value: str = "") -> None:
        place = f"line {row}" if self._table.index.name == "line" else str(row)
        values: dict[str, object] = {"column": column, "value": repr(value)}
        self._findings.append(
            Finding(Severity.ERROR, "bad-value", self._file, what, mend, place, values)
        )


def _require_columns(table: pd.DataFrame, columns: list[str], name: str) -> None:
    missing = next((column for column in columns if column not in table), None)
    if missing is not None:
        raise DataError(
            N_("column {column} is missing"),
            where=name,
            mend=N_("Add it to the first line"),
            column=repr(missing),
        )


def _with_unique_ids(table: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Keep the first row of each id: of two that contradict each other neither can be proved."""
    missing = table["id"].isna()
    doubled = table["id"].duplicated() & ~missing
    for line in table.index[missing | doubled]:
        what = (
            N_("the row has no id; it is left out")
            if missing[line]
            else N_("another row has the id {id}; this one is left out")
        )
        values: dict[str, object] = {"id": repr(table.loc[line, "id"])}
        findings.append(
            Finding(
                Severity.ERROR,
                "id-missing" if missing[line] else "id-duplicate",
                REGISTER,
                what,
                N_("Give each trail one row, with the name of its GPX file as id"),
                f"line {line}",
                {} if missing[line] else values,
            )
        )
    return table[~(missing | doubled)]


def _closure_rows(path: Path, name: str, findings: list[Finding]) -> pd.DataFrame:
    if path.suffix == ".csv":
        table, about = read_table(path, name=name)
        findings.extend(about)
        return table.assign(geometry=None)
    frame, about = read_layer(path, LayerEntry("closures"), name=name)
    # A closure needs no id, and one without a geometry may name a trail.
    findings.extend(f for f in about if f.code not in {"id-missing", "no-geometry"})
    return pd.DataFrame(frame)


def _closures(rows: pd.DataFrame, name: str, findings: list[Finding]) -> pd.DataFrame:
    if "reason_ko" not in rows and "reason" in rows:
        rows = rows.rename(columns={"reason": "reason_ko"})
    cells = _Cells(rows, name, findings)
    mend = N_("Write the day as YYYY-MM-DD")
    first, last = cells.parsed("from", _date, mend), cells.parsed("to", _date, mend)
    empty = pd.Series(None, rows.index, dtype="str")
    texts = {c: rows.get(c, empty).astype("str") for c in ("trail_id", "reason_ko", "reason_en")}
    frame = rows.assign(**{"from": _objects(first, rows), "to": _objects(last, rows)}, **texts)
    closes = frame["trail_id"].notna() | frame["geometry"].notna()
    findings.extend(_closes_nothing(name, rows, row) for row in rows.index[~closes])
    return pd.DataFrame(frame[closes & cells.in_order(first, last)])


def _closes_nothing(name: str, rows: pd.DataFrame, row: Hashable) -> Finding:
    return Finding(
        Severity.ERROR,
        "closure-without-place",
        name,
        N_("the closure names no trail and has no geometry; it is left out"),
        N_("Enter the id of a trail in the column trail_id"),
        f"line {row}" if rows.index.name == "line" else str(row),
    )


def _objects(values: list[dt.date | None], table: pd.DataFrame) -> pd.Series[dt.date]:
    """Keep dates as dates: pandas would make timestamps and NaT of them."""
    return pd.Series(values, table.index, dtype=object)


def _positive(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(text)
    return number


def _yes_or_no(text: str) -> bool:
    word = text.lower()
    if word not in YES | NO:
        raise ValueError(text)
    return word in YES


def _season(text: str) -> str:
    days = SEASON.fullmatch(text)
    if days is None:
        raise ValueError(text)
    first_month, first_day, last_month, last_day = map(int, days.groups())
    dt.date(2024, first_month, first_day)  # a leap year, so 02-29 is a day
    dt.date(2024, last_month, last_day)
    return text


def _status(text: str) -> str:
    return _choice(text, STATUSES)


def _payment(text: str) -> str:
    return _choice(text, PAYMENTS)


def _choice(text: str, words: dict[str, str]) -> str:
    word = text.lower().replace(" ", "")
    if word not in words:
        raise ValueError(text)
    return words[word]


def _date(text: str) -> dt.date:
    day = DATE.fullmatch(text)
    return dt.date(*map(int, day.groups())) if day else dt.date.fromisoformat(text)


def _rate(text: str) -> float:
    number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def _won(text: str) -> int:
    won = int(text.removesuffix("원").replace(",", ""))
    if won < 0:
        raise ValueError(text)
    return won
