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
from mapserver.importing.columns import flag, plain
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
        return None  # whoever reads it as a layer says what is wrong
    return table if NAME in table else None


def with_members(
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
    known: dict[str, list[int]] = defaultdict(list)
    branches = shops["지점명"] if "지점명" in shops else pd.Series("", shops.index)
    for at, (shop, branch) in enumerate(zip(shops["name"], branches, strict=True)):
        for key in {_key(shop), _key(f"{_ignore_numbers(shop)}{_ignore_numbers(branch)}")} - {""}:
            known[key].append(at)
    places = [_place(shops.iloc[at]) for at in range(len(shops))]
    marks = {kind: ["no"] * len(shops) for kind in KINDS}
    findings = []
    for line, row in members.iterrows():
        candidates = known.get(_key(row[NAME]), [])
        said = _said(row)
        agreeing = [at for at in candidates if _agrees(said, places[at])]
        chosen = agreeing if len(agreeing) == 1 else candidates
        if len(chosen) == 1 and _may_agree(said, places[chosen[0]]):
            for kind in KINDS:
                if _takes(row, kind):
                    marks[kind][chosen[0]] = "yes"
        else:
            findings.append(_unplaced(name, line, row[NAME], len(candidates)))
    return shops.assign(**marks), findings


def _takes(row: pd.Series, kind: str) -> bool:
    columns = [c for c in row.index if re.search(KINDS[kind], str(c))]
    # A list that does not tell the kinds apart is one of those who take all.
    every = any(re.search("|".join(KINDS.values()), str(c)) for c in row.index)
    return any(flag(row[c]) == "yes" for c in columns) if every else True


def _key(value: object) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", _ignore_numbers(value))).casefold()


def _ignore_numbers(value: object) -> str:
    """Return a cell that is text as it is, and an empty text for a number or a missing cell."""
    return str(value) if isinstance(value, str) else ""


def _said(row: pd.Series) -> tuple[str, str]:
    """Give what the list says of a member's place: its market and its address."""
    markets = [row[c] for c in row.index if plain(c) in MARKET]
    addresses = [row[c] for c in row.index if plain(c) in ADDRESS]
    return "".join(map(_key, markets)), "".join(map(_key, addresses))


def _place(shop: pd.Series) -> set[str]:
    columns = [*SHOP_PLACES, "district_name", "neighborhood_name"]
    return {_key(shop[c]) for c in columns if c in shop.index} - {""}


def _agrees(said: tuple[str, str], place: set[str]) -> bool:
    market, address = said
    return any(
        (market and (market in known or known in market)) or (address and known in address)
        for known in place
    )


def _may_agree(said: tuple[str, str], place: set[str]) -> bool:
    """Tell whether nothing contradicts: the list names no place, ours knows none, or they agree."""
    return not any(said) or not place or _agrees(said, place)


def _unplaced(name: str, line: Hashable, member: object, count: int) -> Finding:
    what = (
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
        what,
        N_("Compare the names, or write its address in the list"),
        f"line {line}",
        {"member": repr(member), "count": count},
    )
