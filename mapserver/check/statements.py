"""Checks of what the tables say of a place: neighbourhoods and districts named in columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.check.survey import Bools, Positions, Subject, Survey, is_kind, list_first_ids
from mapserver.errors import N_
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import LANGUAGES

SEPARATOR = re.compile(r"\s*[,;/·]\s*")
"""What stands between two neighbourhoods in one cell."""


def check_statements(survey: Survey) -> Iterator[Finding]:
    """Compare the columns that name an area with where the feature lies."""
    areas = survey.find_subject(Role.NEIGHBORHOODS)
    if areas is not None:
        for subject in survey.subjects:
            if subject.role.row.names_neighborhood and "neighborhood" in subject.frame:
                yield from _check_neighborhoods(subject, areas, survey.table_of(subject))
    shops, districts = survey.find_subject(Role.SHOPS), survey.find_subject(Role.DISTRICTS)
    if shops is not None and districts is not None:
        yield from _check_shop_places(shops, districts)


def _check_neighborhoods(subject: Subject, areas: Subject, table: str) -> Iterator[Finding]:
    """Report a neighbourhood that does not exist, or that has no part of the feature."""
    areas_by_name = _index_names(areas)
    actual = _find_areas_of_features(subject, areas)
    for row, text in enumerate(_read_texts(subject, "neighborhood")):
        if not text or subject.geometries[row] is None:
            continue
        names = [text] if text in areas_by_name else SEPARATOR.split(text)
        unknown = next((name for name in names if name not in areas_by_name), None)
        if unknown is not None:
            yield Finding(
                Severity.WARNING,
                "neighborhood-unknown",
                table,
                N_("there is no neighbourhood {said}"),
                N_("Correct the column neighborhood"),
                str(subject.ids[row]),
                {"said": repr(unknown)},
            )
        elif not actual[row] & {area for name in names for area in areas_by_name[name]}:
            yield _report_wrong_neighborhood(
                subject, row, table, text, _write_area_names(areas, actual[row])
            )


def _report_wrong_neighborhood(
    subject: Subject, row: int, table: str, text: str, actual: str
) -> Finding:
    return Finding(
        Severity.WARNING,
        "neighborhood-wrong",
        table,
        N_("the table says {said}, but it lies in {actual}")
        if actual
        else N_("the table says {said}, but it lies in no neighbourhood"),
        N_("Correct the column neighborhood, or the place"),
        str(subject.ids[row]),
        {"said": repr(text), "actual": actual},
    )


def _check_shop_places(shops: Subject, districts: Subject) -> Iterator[Finding]:
    """Report shops outside any district, and shops elsewhere than their table says."""
    tree = shapely.STRtree(districts.geometries)
    shop, district = tree.query(shops.geometries, "intersects")
    is_inside = np.zeros(len(shops.ids), dtype=bool)
    is_inside[shop] = True
    is_placed = is_kind(shops.geometries, 0)
    yield from shops.report_some(
        np.flatnonzero(is_placed & ~is_inside),
        Severity.WARNING,
        "shop-outside-districts",
        N_("shops outside any district: {count} ({ids})"),
        N_("Correct their coordinates or the districts, unless they really lie elsewhere"),
    )
    if "district" in shops.frame:
        yield from _check_shop_districts(shops, districts, shop, district, is_placed)


def _check_shop_districts(
    shops: Subject, districts: Subject, shop: Positions, district: Positions, is_placed: Bools
) -> Iterator[Finding]:
    texts = pd.Series(_read_texts(shops, "district"), dtype=object)
    districts_by_name = _index_names(districts)
    has_text, is_known = (texts != "").to_numpy(), texts.isin(districts_by_name).to_numpy()
    unknown = np.flatnonzero(has_text & ~is_known)
    yield from shops.report_some(
        unknown,
        Severity.WARNING,
        "shop-district-unknown",
        N_("shops that name an unknown district ({said}): {count} ({ids})"),
        N_("Write the id or the name of the district in the column district"),
        said=list_first_ids(texts.iloc[unknown].unique()),
    )
    # Right is a shop in a district that its text names, by id or by one of its names.
    is_right = np.zeros(len(texts), dtype=bool)
    for names in _list_name_columns(districts):
        is_right[shop[texts.to_numpy()[shop] == names[district]]] = True
    wrong = np.flatnonzero(is_known & is_placed & ~is_right)
    yield from shops.report_some(
        wrong,
        Severity.WARNING,
        "shop-district-wrong",
        N_("shops outside the district that the table names: {count} ({ids})"),
        N_("Correct the column district, or the coordinates"),
    )


def _list_name_columns(areas: Subject) -> list[npt.NDArray[np.object_]]:
    """Return what an area may be called by in another table: its id and its names."""
    return [
        areas.ids,
        *(
            np.array(_read_texts(areas, column), dtype=object)
            for column in ("name", *(f"name_{lang}" for lang in LANGUAGES))
        ),
    ]


def _index_names(areas: Subject) -> dict[str, set[int]]:
    rows_by_name: defaultdict[str, set[int]] = defaultdict(set)
    for column in _list_name_columns(areas):
        for row, name in enumerate(column):
            if name:
                rows_by_name[str(name)].add(row)
    return dict(rows_by_name)


def _find_areas_of_features(subject: Subject, areas: Subject) -> list[set[int]]:
    """Find for each feature the areas that it has a part in."""
    area_sets: list[set[int]] = [set() for _ in subject.ids]
    for row, area in zip(
        *shapely.STRtree(areas.geometries).query(subject.geometries, "intersects"), strict=True
    ):
        area_sets[row].add(int(area))
    return area_sets


def _write_area_names(areas: Subject, rows: set[int]) -> str:
    texts = _read_texts(areas, "name")
    return ", ".join(texts[area] or str(areas.ids[area]) for area in sorted(rows))


def _read_texts(subject: Subject, column: str) -> list[str]:
    """Read a column as text, empty where there is nothing or no such column."""
    if column not in subject.frame:
        return [""] * len(subject.ids)
    return [
        "" if pd.isna(value) else str(value).strip()
        for value in subject.frame[column].to_numpy(dtype=object)
    ]
