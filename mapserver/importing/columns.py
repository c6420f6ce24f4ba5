"""Columns under the names that offices give them, beside those that the map goes by."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.geo.slopes import SLOPE_COLUMNS
from mapserver.model import ROLES, Role
from mapserver.readers.register.column_names import REGISTER_COLUMNS
from mapserver.readers.vector.customary import find_columns
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity
from mapserver.text.yes_no import NO, YES

MARKS = frozenset({"취급", "가능", "가맹", "해당", "v", "ㅇ", *"●◎◯√✓✔☑■"})
"""Words and signs of a list that say yes, beside those of the register."""


FLAGS = frozenset({"onnuri_paper", "onnuri_card", "onnuri_mobile"})


def restore_cut_names(frame: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Rename columns that a shapefile has cut to the names that the map goes by.

    Returns
    -------
    frame : GeoDataFrame
        ``associatio`` is ``association`` again; a name that two could have been cut to stays.
    findings : list of Finding
        What was renamed.
    """
    long_names = _list_long_names()
    candidates = {
        cut: [n for n in long_names if n[: limits.DBF_NAME_BYTES] == cut] for cut in map(str, frame)
    }
    # Where two long names could have been cut to one, nothing is guessed.
    names = {
        cut: long_matches[0]
        for cut, long_matches in candidates.items()
        if len(long_matches) == 1 and long_matches[0] not in frame
    }
    if not names:
        return frame, []
    finding = Finding(
        Severity.NOTE,
        "columns-restored",
        name,
        N_("columns that the shapefile has cut have their names again: {columns}"),
        N_("Nothing needs to be done"),
        values={"columns": ", ".join(f"{cut} → {long_name}" for cut, long_name in names.items())},
    )
    return frame.rename(columns=names), [finding]


def _list_long_names() -> list[str]:
    """List the names that the map goes by and that a shapefile cuts."""
    of_roles = chain.from_iterable(role.row.known_columns for role in ROLES.values())
    names = {*of_roles, *REGISTER_COLUMNS, *SLOPE_COLUMNS, "description", "elevation_m"}
    return sorted(name for name in names if len(name) > limits.DBF_NAME_BYTES)


def add_known_columns(frame: gpd.GeoDataFrame, role: Role) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add the columns that the map goes by, filled from those that offices call otherwise.

    Returns
    -------
    frame : GeoDataFrame
        All columns as they were, and the new ones; of trails those are the office's, renamed.
    filled : list of str
        What was filled from what, as ``category = 상권업종대분류명``.
    """
    filled_columns = []
    for known_name, usual_names in role.row.known_columns.items():
        column = next(iter(find_columns(frame, usual_names)), None)
        if known_name in frame or column is None:
            continue
        if role is Role.TRAILS:
            # The register knows these words itself; of two such columns it asks to keep one.
            frame = frame.rename(columns={column: known_name})
        else:
            values = _read_flags(frame[column]) if known_name in FLAGS else frame[column]
            frame = frame.assign(**{known_name: values})
        filled_columns.append(f"{known_name} = {column}")
    return frame, filled_columns


def _read_flags(column: pd.Series) -> pd.Series:
    """Read a column of yes and no; an empty cell is no only where nothing else says no.

    Lists that mark those who take part leave the other cells empty. Where some cells say no in so
    many words, or the file has truth values, an empty one is not known.
    """
    flags = column.map(parse_flag)
    # A column of which some cells say no leaves nothing to be concluded from an empty one.
    is_empty = column.isna() | (column.astype("str").str.strip() == "")
    is_written = bool((flags[~is_empty] == "no").any()) or pd.api.types.is_bool_dtype(column)
    return flags.mask(is_empty, None) if is_written else flags


def parse_flag(value: Any) -> str | None:
    """Read what stands for yes or no; None where nothing does."""
    word = "" if value is None or pd.isna(value) else str(value).strip().lower()
    if word in YES or word in MARKS:
        return "yes"
    return "no" if word in NO or word in {"미취급", "불가", "미가맹", "해당없음", ""} else None


def simplify_column_name(name: object) -> str:
    """Write a column's name for comparison: no blanks, no punctuation, small letters."""
    return re.sub(r"[\W_]+", "", str(name)).lower()
