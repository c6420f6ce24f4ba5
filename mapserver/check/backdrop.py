"""Checks of the ground below the map: whether it says who made it, and whether it is painted."""

from __future__ import annotations

from collections.abc import Iterator

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import FILE
from mapserver.readers.basemap import BASEMAP
from mapserver.settings import Settings
from mapserver.text.findings import Finding, Severity


def check_backdrop(survey: Survey) -> Iterator[Finding]:
    """Report a backdrop without a credit, which most sources ask for, and one that is not used."""
    city = survey.city
    grounds = [
        id_
        for id_, frame in city.layers.items()
        if len(frame) and city.entry(id_).role.row.is_backdrop
    ]
    if city.basemap is None:
        for id_ in grounds:
            if not city.entry(id_).source:
                yield _report_no_credit(
                    city.file(id_),
                    N_("nobody is named for these data, which the map paints as its ground"),
                    N_('Write source = "..." in their [[layers]] entry in catalog.toml'),
                )
        return
    if not city.catalog.basemap.attribution:
        if city.basemap.credit:
            yield Finding(
                Severity.NOTE,
                "basemap-credit-own",
                FILE,
                N_("the map names for the backdrop whom the file itself names: {credit}"),
                N_('To name somebody else, write [basemap] and attribution = "..."'),
                values={"credit": city.basemap.credit},
            )
        else:
            yield _report_no_credit(
                BASEMAP,
                N_("nobody is named for the backdrop; data of OpenStreetMap must have a credit"),
                N_('Write [basemap] and attribution = "© OpenStreetMap" in catalog.toml'),
            )
    for id_ in grounds:
        yield Finding(
            Severity.NOTE,
            "backdrop-not-painted",
            city.file(id_),
            N_("the map paints basemap.pmtiles in place of this layer"),
            N_("Take one of the two away"),
        )


def check_tiles(settings: Settings) -> Iterator[Finding]:
    """Report tiles without a credit: the settings name them, and not the folder of the city."""
    if settings.lacks_tile_credit:
        yield Finding(
            Severity.WARNING,
            "tile-credit-missing",
            "MAPSERVER_TILE_URL",
            N_("the map shows tiles of {origin} without naming whose they are"),
            N_("Set MAPSERVER_TILE_ATTRIBUTION, or tile_attribution in the file of settings"),
            values={"origin": settings.tile_origin},
        )


def _report_no_credit(file: str, what: str, mend: str) -> Finding:
    return Finding(Severity.WARNING, "basemap-credit-missing", file, what, mend)
