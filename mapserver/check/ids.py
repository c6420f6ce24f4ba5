"""Checks of ids: layers and trails whose names of files are the same on many disks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity


def check_ids(survey: Survey) -> Iterator[Finding]:
    """Report layers and trails whose ids differ by their case alone, as ``Parks`` and ``parks``."""
    yield from _find_twins("layers/catalog.toml", map(str, survey.city.layers))
    trails = survey.find_subject(Role.TRAILS)
    if trails is not None:
        yield from _find_twins("gpx/", map(str, trails.ids))


def _find_twins(file: str, ids: Iterable[str]) -> Iterator[Finding]:
    by_case = defaultdict(list)
    for id_ in ids:
        by_case[id_.casefold()].append(id_)
    for twins in by_case.values():
        if len(twins) > 1:
            yield Finding(
                Severity.WARNING,
                "id-case",
                file,
                N_("ids differ by their case alone, which many disks do not tell apart: {ids}"),
                N_("Give one of them another name"),
                twins[0],
                {"ids": ", ".join(twins)},
            )
