"""Rows that say their trail in several columns, by its id and by its name, and contradict it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.model import Ledger
from mapserver.readers.register.columns import BOTH
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import match_columns, simplify_name
from mapserver.text.mentions import find_closed_trails, find_mentioned

TRAIL_ID = "trail_id"


def join_contradicting_trails(
    rows: pd.DataFrame, ledger: Ledger, trails: gpd.GeoDataFrame | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Join what the columns of a row say of its trail, where they mean different trails.

    Nobody knows which of them is right. Where states follow from a ledger, each trail counts that
    may be meant, as in closures; of another ledger the row is said of no trail.

    Parameters
    ----------
    rows
        As :func:`mapserver.readers.register.read_ledger_rows` returns them.
    ledger
        What they are.
    trails
        The trails of the city; None where it has none.

    Returns
    -------
    rows : DataFrame
        The same rows, with the texts of both columns in ``trail_id``, or None there.
    findings : list of Finding
        One for each row whose columns contradict each other.
    """
    if trails is None or TRAIL_ID not in ledger.columns:
        return rows, []
    names = [str(name) for name in rows.columns]
    matches = match_columns(names, ledger.synonyms)
    others = [
        name
        for name, match in zip(names, matches, strict=True)
        if match == TRAIL_ID and name != TRAIL_ID
    ]
    if not others:
        return rows, []
    loose = set(map(simplify_name, ledger.columns[TRAIL_ID].loose_words))
    # Offices write the same pair in row after row: each pair is looked up once.
    known: dict[tuple[str, str, bool], bool] = {}
    ids, unclear = rows[TRAIL_ID].tolist(), rows["unclear"].tolist()
    written = rows["as_written"].tolist()
    findings = []
    for position, line in enumerate(rows.index):
        first = ids[position]
        for name in others:
            second = rows[name].iloc[position]
            if pd.isna(first) or pd.isna(second) or first == second:
                continue
            pair = (str(first), str(second), simplify_name(name) in loose)
            if pair not in known:
                known[pair] = _means_others(trails, *pair)
            if not known[pair]:
                continue
            both = f"{ids[position]}{BOTH}{second}"
            finding = _report_pair(ledger, f"line {line}", str(first), str(second), name)
            findings.append(finding)
            ids[position] = both
            if not ledger.decides_states:
                # Nothing is said of a trail that may be another one; the check names the row.
                ids[position] = None
                unclear[position] = unclear[position] or finding
                written[position] = {**written[position], TRAIL_ID: both}
                break
    columns = {TRAIL_ID: ids, "unclear": unclear, "as_written": written}
    own = {name: pd.Series(cells, rows.index, dtype=object) for name, cells in columns.items()}
    return rows.assign(**own), findings


def _means_others(trails: gpd.GeoDataFrame, first: str, second: str, is_loose: bool) -> bool:
    """Return whether a second text of a row means another trail than the first one does."""
    named, _ = find_closed_trails(trails, {TRAIL_ID: first})
    second_named, second_similar = find_closed_trails(trails, {TRAIL_ID: second})
    if is_loose:
        # 시설명 may say what stands there (세족장), so it counts where a trail's name is in it.
        second_similar = find_mentioned(trails, second)
    if second_named:
        return len(second_named) < len(trails) and not set(second_named) <= set(named)
    if not second_similar and is_loose:
        return False
    # 상무시민공원 입구 beside the id of 상무시민공원 says the same.
    return not set(second_similar) & set(named)


def _report_pair(ledger: Ledger, place: str, first: str, second: str, column: str) -> Finding:
    what = N_("it names {first} and, in the column {column}, {second}: it is said of no trail")
    if ledger.decides_states:
        what = N_("it names {first} and, in the column {column}, {second}: it counts for both")
    return Finding(
        Severity.ERROR,
        "trails-contradict",
        ledger.file,
        what,
        N_("Write the trail that is meant into both columns, or remove one of them"),
        place,
        {"first": repr(first), "second": repr(second), "column": repr(column)},
    )
