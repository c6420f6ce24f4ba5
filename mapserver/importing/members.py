"""The list of shops that take Onnuri certificates, joined to the shops by name and place."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.importing.columns import parse_flag, simplify_column_name
from mapserver.readers.sheets import SUFFIXES, read_delimited, read_sheet, tabulate
from mapserver.text.findings import Finding, Severity

NAME = "가맹점명"
MARKET = ("소속시장명", "소속시장상점가명", "시장명", "상점가명")
ADDRESS = ("소재지", "주소", "도로명주소", "소재지도로명주소", "소재지지번주소")
KINDS = {"onnuri_paper": "지류", "onnuri_card": "카드", "onnuri_mobile": "모바일|디지털"}
SHOP_PLACES = ("행정동명", "법정동명", "neighborhood", "지번주소", "도로명주소", "address")


def read_members(path: Path, *, name: str, label: str | None) -> pd.DataFrame | None:
    """Read a member list, a CSV or a workbook; None when it is none: no column 가맹점명."""
    suffix = path.suffix.lower()
    if suffix not in {".csv", *SUFFIXES}:
        return None
    try:
        grid = (
            read_delimited(path, name=name, label=label)[0]
            if suffix == ".csv"
            else read_sheet(path, name=name)
        )
        table = tabulate(grid).table
    except DataError:
        # Whoever reads the file as a layer says what is wrong.
        return None
    return table if NAME in table else None


def mark_members(
    shops: gpd.GeoDataFrame, members: pd.DataFrame, name: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Mark the shops that a member list has.

    A member is a shop when exactly one shop has its name (blanks, punctuation and the ending of a
    branch apart) and nothing that both say of the place contradicts. Of several with the name the
    one whose district, neighbourhood or address the list names is meant. Otherwise none is marked:
    what cannot be told is reported and not guessed.

    Parameters
    ----------
    shops
        EPSG:4326, with ``name``.
    members
        Rows of text indexed by line, with 가맹점명.
    name
        Of the list, for messages.

    Returns
    -------
    shops : GeoDataFrame
        With ``onnuri_paper``, ``onnuri_card`` and ``onnuri_mobile``: ``yes`` or ``no``.
    findings : list of Finding
        Members that are no shop or may be several, by line.
    """
    positions_by_name: dict[str, list[int]] = defaultdict(list)
    # A shop is found by its name alone, and by its name with that of the branch behind it.
    branches = shops["지점명"] if "지점명" in shops else pd.Series("", shops.index)
    for position, (shop, branch) in enumerate(zip(shops["name"], branches, strict=True)):
        full_name = f"{_ignore_numbers(shop)}{_ignore_numbers(branch)}"
        for key in {_simplify_text(shop), _simplify_text(full_name)} - {""}:
            positions_by_name[key].append(position)
    shop_places = [_read_shop_place(shops.iloc[position]) for position in range(len(shops))]
    marks = {kind: ["no"] * len(shops) for kind in KINDS}
    findings = []
    for line, row in members.iterrows():
        candidates = positions_by_name.get(_simplify_text(row[NAME]), [])
        member_place = _read_member_place(row)
        # One shop of the place that the list names is meant; otherwise the name alone decides.
        nearby = [n for n in candidates if _is_near(member_place, shop_places[n])]
        chosen = nearby if len(nearby) == 1 else candidates
        if len(chosen) == 1 and _may_be_near(member_place, shop_places[chosen[0]]):
            for kind in KINDS:
                if _is_marked(row, kind):
                    marks[kind][chosen[0]] = "yes"
        else:
            findings.append(_report_unplaced(name, line, row[NAME], len(candidates)))
    return shops.assign(**marks), findings


def _is_marked(row: pd.Series, kind: str) -> bool:
    columns = [c for c in row.index if re.search(KINDS[kind], str(c))]
    # A list that does not tell the kinds apart is one of those who take all.
    tells_kinds_apart = any(re.search("|".join(KINDS.values()), str(c)) for c in row.index)
    return any(parse_flag(row[c]) == "yes" for c in columns) if tells_kinds_apart else True


def _simplify_text(value: object) -> str:
    # Full-width letters and half-width Hangul (NFKC), blanks and small letters do not tell apart.
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", _ignore_numbers(value))).casefold()


def _ignore_numbers(value: object) -> str:
    """Return a cell that is text as it is, and an empty text for a number or a missing cell."""
    return str(value) if isinstance(value, str) else ""


def _read_member_place(row: pd.Series) -> tuple[str, str]:
    """Return what the list says of a member's place: its market and its address."""
    markets = [row[c] for c in row.index if simplify_column_name(c) in MARKET]
    addresses = [row[c] for c in row.index if simplify_column_name(c) in ADDRESS]
    return "".join(map(_simplify_text, markets)), "".join(map(_simplify_text, addresses))


def _read_shop_place(shop: pd.Series) -> set[str]:
    # Cells of the shop itself, and the areas in which it lies.
    columns = [*SHOP_PLACES, "district_name", "neighborhood_name"]
    return {_simplify_text(shop[c]) for c in columns if c in shop.index} - {""}


def _is_near(member_place: tuple[str, str], shop_place: set[str]) -> bool:
    market, address = member_place
    # A market is a part of a district's name or the other way round; a neighbourhood or a road is a
    # part of the address.
    return any(
        (market and (market in shop_word or shop_word in market))
        or (address and shop_word in address)
        for shop_word in shop_place
    )


def _may_be_near(member_place: tuple[str, str], shop_place: set[str]) -> bool:
    """Check that nothing contradicts: the list names no place, ours knows none, or they agree."""
    return not any(member_place) or not shop_place or _is_near(member_place, shop_place)


def _report_unplaced(name: str, line: Hashable, member: object, count: int) -> Finding:
    message = (
        N_("{count} shops could be the member {member}; none is marked")
        if count > 1
        else N_("the shop named {member} lies elsewhere; it is not marked")
        if count
        else N_("no shop is named {member}; none is marked")
    )
    return Finding(
        Severity.WARNING,
        "member-unplaced",
        name,
        message,
        N_("Compare the names, or write its address in the list"),
        f"line {line}",
        {"member": repr(member), "count": count},
    )
