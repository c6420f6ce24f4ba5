"""The trail register, ``gpx/trails.csv``: what is known of a trail beside its line."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pandas as pd

from mapserver.errors import N_
from mapserver.files.links import is_own_file, report_false_files
from mapserver.readers.csv_text import read_table
from mapserver.readers.formula_cells import restore_cells_of_table
from mapserver.readers.register.cells import Cells, require_columns
from mapserver.readers.register.column_names import (
    ABOUT_STATE,
    FILE_NAMES,
    NEGATIVE,
    NO_DAY,
    POSITIVE,
    REGISTER_COLUMNS,
)
from mapserver.readers.register.columns import find_columns_about, pick_cells, rename_known_columns
from mapserver.text.dates import (
    KOREA,
    WRITE_DAY,
    is_undecided,
    localize_times,
    read_day,
    read_period,
)
from mapserver.text.findings import Doubt, Finding, Severity
from mapserver.text.header_row import simplify_name
from mapserver.text.register_words import (
    REGISTER,
    STATE_COLUMNS,
    read_positive,
    read_status,
)
from mapserver.text.season_text import read_season
from mapserver.text.yes_no import read_any_or_none, read_yes_or_no

REGISTER_NAME = "trails.csv"
TEXT_COLUMNS = ("name", "name_en", "neighborhood", "surface", "source", "notes", "description")
CLOSED_DAYS = re.compile(r"(?:휴장|휴|휴무|휴관|휴원|통제|폐쇄)(?:일|일자|기간|요일)$")
CLOSED_NOTE = re.compile(r"휴장|폐쇄|폐장|통제|중단|금지|불가|제외|closed", re.IGNORECASE)
UNREAD_ENDINGS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".numbers", ".hwp"})


def find_register(gpx_dir: Path) -> Path | None:
    """Find the register of a folder, whatever the case of its name; None where there is none."""
    # The usual spelling first, without reading the whole folder.
    exact = gpx_dir / "trails.csv"
    if exact.is_file() or not gpx_dir.is_dir():
        return exact if is_own_file(exact, gpx_dir) else None
    names = sorted(p for p in gpx_dir.iterdir() if p.name.casefold() == "trails.csv")
    return next((path for path in names if is_own_file(path, gpx_dir)), None)


def read_trail_register(
    gpx_dir: Path, zone: dt.tzinfo = KOREA
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read ``gpx/trails.csv``.

    Parameters
    ----------
    gpx_dir
        The folder ``gpx/`` of a city.
    zone
        The city's time zone, where a time with an offset becomes a day.

    Returns
    -------
    register : DataFrame
        Indexed by ``id``; ``width_m`` and ``least_width_m`` in metres (NaN if unknown), ``steps``,
        ``lighting``, ``foot_wash`` and ``toilet`` as nullable booleans, ``checked_on`` as
        ``YYYY-MM-DD``, ``season`` as ``MM-DD/MM-DD`` (``YYYY-MM-DD/YYYY-MM-DD`` for one year),
        ``opened`` as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, ``status`` as ``open``, ``closed`` or
        ``planned``; where a text says more than that, or was not understood, as it was typed. All
        else as text. Empty when there is no register.
    findings : list of Finding
        Values and columns that cannot be used, and ids that are missing or doubled, by line; with
        the trails that this puts in doubt.

    Raises
    ------
    DataError
        The table cannot be read or has no column of ids.
    """
    path = find_register(gpx_dir)
    # Without a register nothing is known of a trail beside its line; one in another format is
    # reported.
    if path is None:
        return pd.DataFrame(index=pd.Index([], name="id", dtype="str")), report_unread(gpx_dir)
    table, findings = read_register_table(path)
    table = _drop_duplicate_ids(table, findings)
    findings += _report_unknown_state(table)
    # The order matters: rows are unique from here on, so each cell is reported once.
    cells = Cells(table, REGISTER, findings, zone)
    columns: dict[str, pd.Series] = {}
    for column in ("width_m", "least_width_m"):
        widths = cells.parse(column, read_positive, N_("Write metres with a decimal point, as 1.5"))
        columns[column] = pd.Series(widths, table.index, dtype=float)
    steps = cells.parse("steps", read_any_or_none, N_("Write yes, no or how many"))
    columns["steps"] = pd.Series(steps, table.index, dtype="boolean")
    for column in ("lighting", "foot_wash", "toilet"):
        values = cells.parse(column, read_yes_or_no, N_("Write yes or no"))
        columns[column] = pd.Series(values, table.index, dtype="boolean")
    read_checked = partial(_write_checked, zone=zone)
    checked = cells.parse("checked_on", read_checked, WRITE_DAY)
    columns["checked_on"] = pd.Series(checked, table.index, dtype="str")
    columns |= read_state_columns(table, cells)
    known_columns = {name: values for name, values in columns.items() if name in table}
    return table.assign(**known_columns).set_index("id"), findings


def read_register_table(path: Path) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the rows of a register under the names by which its columns are known, all as text.

    Raises
    ------
    DataError
        The table cannot be read or has no column of ids.
    """
    table, findings = read_table(path, name=REGISTER, columns=REGISTER_COLUMNS)
    table = restore_cells_of_table(table)
    left_out: dict[int, list[str | None]] = table.attrs["left_out"]
    # A row that is left out may say that its trail is closed: its id is kept for the doubt.
    ids = pick_cells(left_out, table.columns, "id", REGISTER_COLUMNS)
    header = list(table.columns)
    table, column_findings = rename_known_columns(
        _read_flag_columns(table), REGISTER_COLUMNS, REGISTER, text_columns=TEXT_COLUMNS
    )
    require_columns(table, ["id"], REGISTER)
    # Where the column holds names of files, the id is the name without its ending.
    if any(simplify_name(str(name)) in FILE_NAMES for name in header if name not in table):
        table = table.assign(id=table["id"].str.replace(r"(?i)(\.gpx)+$", "", regex=True))
    # A row of another width is left out, and with it whatever it said of its trail.
    ids_by_place = {f"line {line}": id_ for line, id_ in ids.items()}
    findings = [
        finding.with_doubt(Doubt((id_,))) if (id_ := ids_by_place.get(finding.feature)) else finding
        for finding in findings
    ]
    return table, findings + column_findings


def read_state_columns(table: pd.DataFrame, cells: Cells) -> dict[str, pd.Series]:
    """Read the columns that a state follows from; what is not understood stays as typed."""
    parsers: dict[str, tuple[Callable[[str], str], str]] = {
        "opened": (partial(_write_opened, zone=cells.zone), WRITE_DAY),
        "season": (
            partial(_write_season, zone=cells.zone),
            N_("Write MM-DD/MM-DD, as 03-01/11-30"),
        ),
        "status": (partial(_write_status, zone=cells.zone), N_("Write open, closed or planned")),
    }
    result = {}
    for column, (read, mend) in parsers.items():
        if column in table:
            # A text that is not understood stays as typed: the state then says why it is unknown.
            values = pd.Series(cells.parse(column, read, mend), table.index, dtype="str")
            result[column] = values.where(values.notna(), table[column].astype("str"))
    return result


def report_state_columns(trails: pd.DataFrame, file: str) -> list[Finding]:
    """Report what is not understood of the states in a layer of trails, by the trail's id."""
    findings: list[Finding] = []
    columns = [column for column in STATE_COLUMNS if column in trails]
    read_state_columns(pd.DataFrame(trails[columns]), Cells(trails, file, findings))
    return findings


def report_unread(gpx_dir: Path) -> list[Finding]:
    """Report a register that is kept in a form that is not read; what it says is in doubt."""
    if not gpx_dir.is_dir():
        return []
    others = [
        Finding(
            Severity.ERROR,
            "register-not-read",
            f"gpx/{path.name}",
            N_("the register is read from gpx/trails.csv; this file is not"),
            N_("Save it as CSV (UTF-8) under that name"),
            doubt=Doubt(),
        )
        for path in sorted(gpx_dir.iterdir())
        if path.stem.casefold() == "trails" and path.suffix.casefold() in UNREAD_ENDINGS
    ]
    return others + report_false_files(gpx_dir, [REGISTER_NAME], Doubt())


def _write_checked(text: str, zone: dt.tzinfo) -> str:
    """Write the day on which somebody was there, as ISO 8601."""
    return read_day(text, is_serial=True, zone=zone).isoformat()


def _write_opened(text: str, zone: dt.tzinfo) -> str:
    if is_undecided(text):
        return text
    # Written back only if the period is exact; a vague one keeps its words.
    written = str(read_period(text, zone=zone))
    return written if re.fullmatch(r"[\d-]+", written) else text


def _write_season(text: str, zone: dt.tzinfo) -> str:
    season = read_season(localize_times(text, zone))
    return str(season) if season.is_certain else text


def _write_status(text: str, zone: dt.tzinfo) -> str:
    status = read_status(localize_times(text, zone))
    return text if status.reason or status.is_seasonal else status.state


def _read_flag_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Turn columns such as ``개방여부`` and ``휴장여부``, which say yes or no, into states."""
    for column in table.columns:
        name = simplify_name(str(column))
        if name in POSITIVE:
            table = table.assign(
                **{str(column): table[column].map(_make_flag_reader("open", "closed"))}
            )
        elif name in NEGATIVE:
            table = table.assign(
                **{str(column): table[column].map(_make_flag_reader("closed", None))}
            )
    return table


def _make_flag_reader(yes: str, no: str | None) -> Callable[[object], object]:
    def read_flag(cell: object) -> object:
        try:
            return yes if read_yes_or_no(str(cell)) else no
        except ValueError:
            return cell  # a word for a state, or nothing

    return read_flag


def _report_unknown_state(table: pd.DataFrame) -> list[Finding]:
    """Report columns that are not known and may say that a trail is closed.

    The name of a column may say so, or a cell: a word such as ``폐쇄`` is nowhere without meaning.
    """
    alike = set(find_columns_about(table, REGISTER_COLUMNS, STATE_COLUMNS))
    findings = []
    for column in table.columns:
        name = simplify_name(str(column))
        if column in REGISTER_COLUMNS and column != "notes":
            continue
        # What may say that a trail is closed must not be passed over, even under an unknown name.
        is_about_state = column in alike or ABOUT_STATE.search(name)
        in_doubt = table[column].map(_says_not_open)
        if is_about_state:
            in_doubt = table[column].map(_says_a_day if CLOSED_DAYS.search(name) else pd.notna)
        elif column == "notes":
            in_doubt = table[column].map(_notes_closed)
        trails: Iterable[str] = table.loc[in_doubt.astype(bool), "id"].dropna()
        if not is_about_state and not list(trails):
            continue
        findings.append(
            Finding(
                Severity.WARNING,
                "column-about-state",
                REGISTER,
                N_("column {column} may say when trails are open, and is not understood"),
                N_("Name it season, status or opened, or give it another name"),
                values={"column": repr(str(column))},
                doubt=Doubt(tuple(trails)),
            )
        )
    return findings


def _says_a_day(cell: object) -> bool:
    """Return whether a cell of a column of closed days says anything but that there are none."""
    return isinstance(cell, str) and re.sub(r"\s+", "", cell).casefold() not in NO_DAY


def _notes_closed(cell: object) -> bool:
    """Return whether a note as a whole says that it is closed, now or in a part of the year."""
    if not isinstance(cell, str) or not CLOSED_NOTE.search(cell):
        return False
    if _says_not_open(cell):
        return True
    with contextlib.suppress(ValueError):
        return not read_season(cell).is_whole_year
    return False


def _says_not_open(cell: object) -> bool:
    """Return whether a cell of any column is a word for a trail that is closed or planned."""
    try:
        return isinstance(cell, str) and read_status(cell).state != "open"
    except ValueError:
        return False


def _drop_duplicate_ids(table: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Return the first row of each id: of two that contradict each other neither can be proved."""
    missing = table["id"].isna()
    doubled = table["id"].duplicated() & ~missing
    state_columns = [column for column in STATE_COLUMNS if column in table]
    for line in table.index[missing | doubled]:
        id_ = table.loc[line, "id"]
        what = (
            N_("the row has no id; it is left out")
            if missing[line]
            else N_("another row has the id {id}; this one is left out")
        )
        same = table[table["id"] == id_]
        # Rows of one id that agree on the state put nothing in doubt.
        is_contrary = not missing[line] and len(same[state_columns].drop_duplicates()) > 1
        findings.append(
            Finding(
                Severity.ERROR,
                "id-missing" if missing[line] else "id-duplicate",
                REGISTER,
                what,
                N_("Give each trail one row, with the name of its GPX file as id"),
                f"line {line}",
                {} if missing[line] else {"id": repr(id_)},
                Doubt((str(id_),)) if is_contrary else None,
            )
        )
    return table[~(missing | doubled)]
