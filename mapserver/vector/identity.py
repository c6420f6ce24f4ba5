"""Ids and names of features: from the columns that hold them, and never two the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.catalog import LayerEntry
from mapserver.errors import N_
from mapserver.findings import Finding, Severity
from mapserver.vector.source import Source

NAMES = (
    *(
        "name",
        "명칭",
        "이름",
        "name_ko",
        "상호명",
        "시설명",
        "시설명칭",
        "길명",
        "공원명",
        "시장명",
        "상점가명",
        "골목형상점가명",
        "맨발길명",
        "산책로명",
        "노선명",
        "코스명",
        "학교명",
        "도서관명",
        "기관명",
        "업소명",
        "구역명",
    ),
    *("거리명", "행정동명", "emd_kor_nm", "adm_nm", "sgg_nm", "sggnm", "mntn_nm"),
)
"""Columns that hold a name by custom, in the order in which they are looked for."""

ENGLISH_NAMES = ("name_en", "name:en", "영문명", "emd_eng_nm", "eng_nm")


def identify(source: Source, entry: LayerEntry, name: str) -> tuple[Source, list[Finding]]:
    """Index the rows by id and give them a ``name`` and, where there is one, a ``name_en``.

    The id comes from the catalogue's column, a column ``id``, the features' own ids, or is a
    running number after the layer's id. The columns that ids and names come from stay, but for
    ``id`` itself, which becomes the index. A column ``id`` or ``name`` that the catalogue passes
    over is kept as ``original_id`` and ``original_name``.

    Returns
    -------
    source : Source
        With a frame indexed by ``id``: text, unique.
    findings : list of Finding
        Columns that are not there, ids that are missing or doubled.
    """
    findings: list[Finding] = []
    frame = source.frame
    column = _wanted(frame, entry.id_column, ("id",), name, findings)
    own = source.ids if column is None else frame[column].to_numpy(dtype=object)
    ids = _numbered(_texts(own, len(frame)), entry.id, name, findings)
    if column == "id":
        frame = frame.drop(columns="id")
    named = _wanted(frame, entry.name_column, NAMES, name, findings)
    english = _wanted(frame, entry.name_en_column, ENGLISH_NAMES, name, findings)
    texts = {"name": _text_column(frame, named)}
    if english is not None:
        texts["name_en"] = _text_column(frame, english)
    passed_over = {"id": None, "name": named, "name_en": english or "name_en"}
    aside = {c: f"original_{c}" for c, used in passed_over.items() if c in frame and c != used}
    result = frame.rename(columns=aside).assign(**texts)
    result.index = pd.Index(_unique(ids, name, findings), name="id", dtype="str")
    return replace(source, frame=result), findings


def _wanted(
    frame: gpd.GeoDataFrame,
    column: str | None,
    usual: tuple[str, ...],
    name: str,
    findings: list[Finding],
) -> str | None:
    """Find the column that the catalogue names, or one with a usual name."""
    if column is not None and column in frame:
        return column
    if column is not None:
        findings.append(
            Finding(
                Severity.ERROR,
                "column-missing",
                name,
                N_("column {column} is missing"),
                N_("Correct it in catalog.toml; the file has: {columns}"),
                values={
                    "column": repr(column),
                    "columns": ", ".join(str(c) for c in frame if c != "geometry"),
                },
            )
        )
    by_name = {str(c).lower(): str(c) for c in reversed(frame.columns) if c != "geometry"}
    return next((by_name[u] for u in usual if u in by_name), None)


def _texts(values: npt.NDArray[np.object_] | None, length: int) -> list[str | None]:
    if values is None:
        return [None] * length
    return [None if pd.isna(value) else _text(value) for value in values.tolist()]


def _text(value: Any) -> str | None:
    """Write an id as text; 7.0 is 7, which a spreadsheet or a DBF table made decimal."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _text_column(frame: gpd.GeoDataFrame, column: str | None) -> pd.Series[str]:
    texts = [None] * len(frame) if column is None else _texts(frame[column].to_numpy(object), 0)
    return pd.Series(texts, frame.index, dtype="str")


def _numbered(ids: list[str | None], layer: str, name: str, findings: list[Finding]) -> list[str]:
    """Give a running number to features without an id."""
    missing = sum(id_ is None for id_ in ids)
    if missing:
        findings.append(
            Finding(
                Severity.NOTE,
                "id-missing",
                name,
                N_("{count} features have no id; they are numbered as they stand in the file"),
                N_("Name the column with ids in catalog.toml, as id_column"),
                values={"count": missing},
            )
        )
    return [id_ or f"{layer}-{number}" for number, id_ in enumerate(ids, start=1)]


def _unique(ids: list[str], name: str, findings: list[Finding]) -> list[str]:
    """Mark the second and further features of one id with ``~2``, ``~3``, so that none is lost."""
    taken, result = set(ids), []
    seen: set[str] = set()
    for id_ in ids:
        free, number = id_, 1
        while free in seen or (number > 1 and free in taken):
            number += 1
            free = f"{id_}~{number}"
        seen.add(free)
        result.append(free)
        if free != id_:
            findings.append(_doubled(name, id_, free))
    return result


def _doubled(name: str, id_: str, free: str) -> Finding:
    return Finding(
        Severity.ERROR,
        "id-duplicate",
        name,
        N_("another feature has the same id; this one is called {free}"),
        N_("Delete the feature if it stands there twice, or give it an id of its own"),
        id_,
        {"free": free},
    )
