"""Checks of what the tables say of a place: neighbourhoods and districts named in columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.check.survey import Bools, Positions, Subject, Survey, first_ids, is_kind
from mapserver.errors import N_
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity

SEPARATOR = re.compile(r"\s*[,;/·]\s*")
"""What stands between two neighbourhoods in one cell."""


def examine(survey: Survey) -> Iterator[Finding]:
    """Compare the columns that name an area with where the feature lies."""
    areas = survey.of(Role.NEIGHBORHOODS)
    if areas is not None:
        for subject in survey.subjects:
            if subject.role.row.names_neighborhood and "neighborhood" in subject.frame:
                yield from _neighborhoods_said(subject, areas, survey.table_of(subject))
    shops, districts = survey.of(Role.SHOPS), survey.of(Role.DISTRICTS)
    if shops is not None and districts is not None:
        yield from _shops(shops, districts)


def _neighborhoods_said(subject: Subject, areas: Subject, table: str) -> Iterator[Finding]:
    """Report a neighbourhood that does not exist, or that has no part of the feature."""
    known = _by_name(areas)
    actual = _pairs(subject, areas)
    for at, text in enumerate(_texts(subject, "neighborhood")):
        if not text or subject.geometries[at] is None:
            continue
        names = [text] if text in known else SEPARATOR.split(text)
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            yield Finding(
                Severity.WARNING,
                "neighborhood-unknown",
                table,
                N_("there is no neighbourhood {said}"),
                N_("Correct the column neighborhood"),
                str(subject.ids[at]),
                {"said": repr(unknown)},
            )
        elif not actual[at] & {area for name in names for area in known[name]}:
            yield _wrong_neighborhood(subject, at, table, text, _names(areas, actual[at]))


def _wrong_neighborhood(subject: Subject, at: int, table: str, said: str, actual: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "neighborhood-wrong",
        table,
        N_("the table says {said}, but it lies in {actual}")
        if actual
        else N_("the table says {said}, but it lies in no neighbourhood"),
        N_("Correct the column neighborhood, or the place"),
        str(subject.ids[at]),
        {"said": repr(said), "actual": actual},
    )


def _shops(shops: Subject, districts: Subject) -> Iterator[Finding]:
    """Report shops outside any district, and shops elsewhere than their table says."""
    tree = shapely.STRtree(districts.geometries)
    shop, district = tree.query(shops.geometries, "intersects")
    inside = np.zeros(len(shops.ids), dtype=bool)
    inside[shop] = True
    placed = is_kind(shops.geometries, 0)
    yield from shops.about_some(
        np.flatnonzero(placed & ~inside),
        Severity.WARNING,
        "shop-outside-districts",
        N_("shops outside any district: {count} ({ids})"),
        N_("Correct their coordinates or the districts, unless they really lie elsewhere"),
    )
    if "district" in shops.frame:
        yield from _districts_said(shops, districts, shop, district, placed)


def _districts_said(
    shops: Subject, districts: Subject, shop: Positions, district: Positions, placed: Bools
) -> Iterator[Finding]:
    said = pd.Series(_texts(shops, "district"), dtype=object)
    known = _by_name(districts)
    is_said, is_known = (said != "").to_numpy(), said.isin(known).to_numpy()
    unknown = np.flatnonzero(is_said & ~is_known)
    yield from shops.about_some(
        unknown,
        Severity.WARNING,
        "shop-district-unknown",
        N_("shops that name an unknown district ({said}): {count} ({ids})"),
        N_("Write the id or the name of the district in the column district"),
        said=first_ids(said.iloc[unknown].unique()),
    )
    right = np.zeros(len(said), dtype=bool)
    for names in _columns(districts):
        right[shop[said.to_numpy()[shop] == names[district]]] = True
    wrong = np.flatnonzero(is_known & placed & ~right)
    yield from shops.about_some(
        wrong,
        Severity.WARNING,
        "shop-district-wrong",
        N_("shops outside the district that the table names: {count} ({ids})"),
        N_("Correct the column district, or the coordinates"),
    )


def _columns(areas: Subject) -> list[npt.NDArray[np.object_]]:
    """Return what an area may be called by in another table: its id and its names."""
    return [
        areas.ids,
        *(np.array(_texts(areas, column), dtype=object) for column in ("name", "name_en")),
    ]


def _by_name(areas: Subject) -> dict[str, set[int]]:
    known: defaultdict[str, set[int]] = defaultdict(set)
    for column in _columns(areas):
        for at, name in enumerate(column):
            if name:
                known[str(name)].add(at)
    return dict(known)


def _pairs(subject: Subject, areas: Subject) -> list[set[int]]:
    """Find for each feature the areas that it has a part in."""
    found: list[set[int]] = [set() for _ in subject.ids]
    for at, area in zip(
        *shapely.STRtree(areas.geometries).query(subject.geometries, "intersects"), strict=True
    ):
        found[at].add(int(area))
    return found


def _names(areas: Subject, at: set[int]) -> str:
    texts = _texts(areas, "name")
    return ", ".join(texts[area] or str(areas.ids[area]) for area in sorted(at))


def _texts(subject: Subject, column: str) -> list[str]:
    """Read a column as text, empty where there is nothing or no such column."""
    if column not in subject.frame:
        return [""] * len(subject.ids)
    return [
        "" if pd.isna(value) else str(value).strip()
        for value in subject.frame[column].to_numpy(dtype=object)
    ]
