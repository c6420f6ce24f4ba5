"""Checks of any layer by itself: geometries, duplicates, strays, names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from mapserver.check.survey import FAR_M, Positions, Subject, Survey, is_kind, round_place
from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import LANGUAGES
from mapserver.text.name_text import find_name_fault

SAME_DECIMALS = 6
"""Coordinates that agree to 0.1 m are the same; no source of ours is more exact."""


def check_shapes(survey: Survey) -> Iterator[Finding]:
    """Examine each layer by itself."""
    reported = {(finding.file, finding.feature) for finding in survey.city.findings}
    for subject in survey.subjects:
        yield from _check_missing(subject, reported)
        yield from _check_far(subject, survey.middle)
        yield from _check_kinds(subject)
        yield from _check_validity(subject)
        yield from _check_same_shapes(subject)
        yield from _check_same_points(subject)
        yield from _check_names_given(subject)
        # Names in the city's first language stand in ``name`` itself; those of a place whose
        # language the program does not speak are its own in every language.
        languages = survey.city.catalog.page_languages
        for lang in languages[1:] if languages[0] == survey.city.catalog.languages[0] else ():
            yield from _check_translated_names(subject, lang)
        yield from _check_name_texts(subject)


def _check_missing(subject: Subject, reported: set[tuple[str, str]]) -> Iterator[Finding]:
    """Report features without geometry that the reader has not reported yet."""
    if subject.role.row.may_lack_places:
        return  # their reader has counted them
    for row in np.flatnonzero(subject.is_missing):
        if (str(subject.files[row]), str(subject.ids[row])) not in reported:
            yield subject.report_one(
                row,
                Severity.WARNING,
                "no-geometry",
                N_("the feature has no geometry; it is listed but not on the map"),
                N_("Draw it, or delete the row"),
            )


def _check_far(subject: Subject, middle: tuple[float, float]) -> Iterator[Finding]:
    rows = np.flatnonzero(subject.is_far)
    if not len(rows):
        return
    # All at once: of a file of the whole country nearly every row is far.
    centres = extent.find_centres(subject.frame.geometry.to_numpy()[rows])
    lons, lats = centres[:, 0], centres[:, 1]
    distances_m = geodesy.distance_m(
        np.full(len(rows), middle[0]), np.full(len(rows), middle[1]), lons, lats
    )
    for row, lon, lat, away_m in zip(
        rows, lons.tolist(), lats.tolist(), distances_m.tolist(), strict=True
    ):
        # Would it lie in the city, if latitude had been written first?
        swapped = abs(lon) <= 90 and float(geodesy.distance_m(*middle, lat, lon)) <= FAR_M
        yield subject.report_one(
            row,
            Severity.WARNING,
            "far-away",
            N_("it lies {km} km from the rest of the city, at {lon}, {lat}: lon and lat swapped?")
            if swapped
            else N_("it lies {km} km from the rest of the city, at {lon}, {lat}"),
            N_("Swap the coordinates: longitude first, then latitude")
            if swapped
            else N_("Correct the coordinates or the CRS"),
            km=round(away_m / 1000),
            **round_place(lon, lat),
        )


def _check_kinds(subject: Subject) -> Iterator[Finding]:
    wanted = subject.role.row.dimension
    if wanted is None:
        return
    dimensions = shapely.get_dimensions(subject.geometries)
    wrong = np.flatnonzero((dimensions >= 0) & (dimensions != wanted))
    yield from subject.report_some(
        wrong,
        Severity.WARNING,
        "geometry-kind",
        {
            0: N_("this layer needs points; {count} are none: {ids}"),
            1: N_("this layer needs lines; {count} are none: {ids}"),
            2: N_("this layer needs polygons; {count} are none: {ids}"),
        }[wanted],
        N_("Draw them anew, or give the layer the role layer in catalog.toml"),
    )


def _check_validity(subject: Subject) -> Iterator[Finding]:
    """Report what is left invalid after the readers have repaired the polygons."""
    faulty = ~shapely.is_valid(subject.geometries) & ~shapely.is_missing(subject.geometries)
    lines = is_kind(subject.geometries, 1)
    for row in np.flatnonzero(faulty):
        yield subject.report_one(
            row,
            Severity.WARNING,
            "invalid-geometry",
            N_("a line has no length: all its points are one place")
            if lines[row]  # the only way in which a line is invalid
            else N_("the geometry is invalid ({reason})"),
            N_("Draw it again, or delete it"),
            reason=shapely.is_valid_reason(subject.geometries[row]),
        )


def _check_same_shapes(subject: Subject) -> Iterator[Finding]:
    """Report lines and polygons that are drawn twice, in whichever direction."""
    if subject.role == Role.TRAILS:
        return  # two recordings of one trail differ a little, see trails
    shape_rows = np.flatnonzero(shapely.get_dimensions(subject.geometries) > 0)
    # Rounded and in normal order, the same shape is the same bytes, wherever its drawing began.
    shapes = shapely.transform(subject.geometries[shape_rows], lambda c: np.round(c, SAME_DECIMALS))
    keys = pd.Series(shapely.to_wkb(shapely.normalize(shapes)), dtype=object)
    for earlier_row, row in _pair_repeats(keys, shape_rows):
        yield subject.report_one(
            row,
            Severity.WARNING,
            "duplicate-geometry",
            N_("it has the same geometry as {other}"),
            N_("Delete one of the two, or draw the one that is wrong"),
            other=repr(str(subject.ids[earlier_row])),
        )


def _check_same_points(subject: Subject) -> Iterator[Finding]:
    """Report points of one name at one place; a building may well hold many of different names."""
    if "name" not in subject.frame:
        return
    points = np.flatnonzero(
        (shapely.get_type_id(subject.geometries) == shapely.GeometryType.POINT)
        & subject.frame["name"].notna().to_numpy()
    )
    geometries = subject.geometries[points]
    keys = pd.DataFrame(
        {
            "x": np.round(shapely.get_x(geometries), SAME_DECIMALS),
            "y": np.round(shapely.get_y(geometries), SAME_DECIMALS),
            "name": subject.frame["name"].to_numpy(dtype=object)[points],
        }
    )
    second = points[keys.duplicated().to_numpy()]
    yield from subject.report_some(
        second,
        Severity.WARNING,
        "duplicate-point",
        N_("points with the name and the place of another: {count} ({ids})"),
        N_("Delete those that stand there twice"),
    )


def _check_names_given(subject: Subject) -> Iterator[Finding]:
    if subject.role.row.names == "optional":
        return
    is_required = subject.role.row.names == "required"
    yield from subject.report_some(
        _without_text(subject, "name"),
        Severity.WARNING if is_required else Severity.NOTE,
        "name-missing",
        N_("features without a name: {count} ({ids})"),
        N_("Add it, or say in catalog.toml which column holds it, as name_column"),
    )


def _check_name_texts(subject: Subject) -> Iterator[Finding]:
    """Find names that a program garbled, with what they probably are."""
    for column in ("name", *(f"name_{lang}" for lang in LANGUAGES)):
        if column not in subject.frame:
            continue
        for id_, file, name in zip(subject.ids, subject.files, subject.frame[column], strict=True):
            fault = find_name_fault(name) if isinstance(name, str) else None
            if fault is None:
                continue
            yield Finding(
                Severity.WARNING,
                fault.code,
                str(file),
                fault.what,
                fault.mend,
                str(id_),
                {"name": repr(name), "probable": repr(fault.probable)},
            )


def _check_translated_names(subject: Subject, lang: str) -> Iterator[Finding]:
    """Find features that readers of another of the city's languages see under a foreign name."""
    if not subject.role.row.has_translated_names:
        return
    column = f"name_{lang}"
    unnamed = _without_text(subject, "name")
    without = np.setdiff1d(_without_text(subject, column), unnamed)
    yield from subject.report_some(
        without,
        Severity.NOTE,
        f"{column}-missing",
        N_("features without {column}: {count} ({ids}); pages in {language} show their name"),
        N_("Add a column {column}, or take {lang} out of languages in catalog.toml"),
        column=column,
        lang=lang,
        language=LANGUAGES[lang].name,
    )


def _without_text(subject: Subject, column: str) -> Positions:
    if column not in subject.frame:
        return np.arange(len(subject.frame))
    texts = subject.frame[column].astype("str").str.strip()
    return np.flatnonzero(texts.isna().to_numpy() | (texts == "").to_numpy(dtype=bool))


def _pair_repeats(keys: pd.Series, rows: Positions) -> Iterator[tuple[int, int]]:
    """Pair each repetition of a key with its first occurrence, as positions in the layer."""
    numbers, _ = pd.factorize(keys)
    _, first_places = np.unique(numbers, return_index=True)
    for place in np.flatnonzero(first_places[numbers] != np.arange(len(numbers))):
        yield int(rows[first_places[numbers[place]]]), int(rows[place])
