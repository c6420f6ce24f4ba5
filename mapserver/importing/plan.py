"""What adding files would do, read, concluded and counted, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from mapserver.errors import N_, DataError, MapserverError
from mapserver.importing.inputs import list_named_files
from mapserver.importing.part import Part, is_row_left_out
from mapserver.importing.place import Box
from mapserver.importing.whereabouts import Whereabouts
from mapserver.importing.wish import Wish
from mapserver.model import LayerEntry
from mapserver.text.findings import Finding


@dataclass(frozen=True)
class Plan:
    """What would be written.

    Attributes
    ----------
    city
        The folder.
    wish
        What was asked for.
    layer
        Id of the layer to be written; empty for trails, which become GPX files.
    before
        The layer that gives way, as the catalogue describes it; None for a new one.
    parts
        What each file gives; a file that could not be used is in the findings instead.
    frame
        All of them together.
    trails
        For trails the GPX files, by the trail's id.
    originals
        The files that were named, to be kept beside.
    city_box
        West, south, east, north of what the city has; None when it is empty.
    findings
        What was left out or is odd.
    failures
        Files that could not be used, with the reason.
    marks_only
        A list of members marks the shops that are there; the layer is otherwise the same.
    whereabouts
        Time zone and languages that are written into the catalogue.
    """

    city: Path
    wish: Wish
    layer: str
    before: LayerEntry | None
    parts: list[Part]
    frame: gpd.GeoDataFrame
    trails: dict[str, bytes]
    originals: list[Path]
    city_box: Box | None
    findings: list[Finding]
    failures: list[MapserverError]
    marks_only: bool
    whereabouts: Whereabouts

    @property
    def sources(self) -> list[Path]:
        """The originals as people speak of them: of a shapefile's files only the .shp."""
        return list_named_files(self.originals)

    def leaves_out(self, finding: Finding) -> bool:
        """Check whether a finding is about a row that is left out, which is no error of adding."""
        return is_row_left_out(finding)

    def require_all(self) -> None:
        """Refuse to go on when a file could not be used, unless that was asked for.

        Raises
        ------
        DataError
            One or more files could not be used.
        """
        # One file of many that is missing would not be noticed once the others are in the map.
        if self.failures and not self.wish.skip_unreadable:
            raise DataError(
                N_("files that cannot be used: {count}, so nothing is written; the first: {first}"),
                where="",
                mend=N_("Mend them, pick one with --layer, or add the rest with --skip-unreadable"),
                count=len(self.failures),
                first=self.failures[0],
            )
