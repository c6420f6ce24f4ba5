"""The layers of a city by id: a mapping that prints as a table and knows what was meant."""

from __future__ import annotations

import difflib
import html
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

import geopandas as gpd

from mapserver.errors import N_, NotFoundError, Phrase, printable
from mapserver.model.catalog import LayerEntry
from mapserver.model.roles import Role
from mapserver.text.encoding import decode_file_name
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import ENGLISH

COLUMNS = ("id", "title", "role", "features", "geometry", "sample", "file")
NOTHING: Mapping[str, Finding] = MappingProxyType({})
GPX = "gpx/"
"""The folder of the trails that the catalogue names no file of."""


class NoLayerError(NotFoundError, KeyError):
    """There is no layer of this id; a mapping's own error, too."""


class Layers(Mapping[str, gpd.GeoDataFrame]):
    """Every layer of a city, by id, in the order of its catalogue.

    Parameters
    ----------
    frames
        GeoDataFrames in EPSG:4326.
    entries
        How the catalogue describes each.
    files
        Where each came from, relative to the city folder.
    elsewhere
        Ids of layers that are so large that they are not here.
    unread
        Why a layer that the catalogue has is not here, by its id.
    """

    def __init__(
        self,
        frames: Mapping[str, gpd.GeoDataFrame],
        entries: Mapping[str, LayerEntry],
        files: Mapping[str, str],
        elsewhere: Collection[str] = (),
        unread: Mapping[str, Finding] = NOTHING,
    ) -> None:
        self._frames = dict(frames)
        self._entries = entries
        self._files = files
        self._elsewhere = elsewhere
        self._unread = unread

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        self.require(layer)
        return self._frames[layer]

    def __contains__(self, layer: object) -> bool:
        return isinstance(layer, str) and layer in self._frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def is_unread(self, layer: str) -> bool:
        """Return whether the catalogue has a layer of this id whose file could not be read."""
        return layer in self._unread

    def require(self, layer: object) -> None:
        """Check that there is a layer of this id.

        Raises
        ------
        NoLayerError
            There is none; the message names what was probably meant, and what there is.
        """
        if layer in self:
            return
        named = layer if isinstance(layer, str) else ""
        if named in self._elsewhere:
            # It is there, and nobody may take it for empty.
            raise NoLayerError(
                N_("the layer {layer} is so large that it stays in the database"),
                parameter="layer",
                mend=N_("Ask the API of a server, or open the city with a larger large_rows"),
                layer=repr(layer),
            )
        if (finding := self._unread.get(named)) is not None:
            # Who asks for it knows that it is there; the file is at fault, and not the question.
            raise NoLayerError(
                N_("the layer {layer} could not be read: {file}: {reason}"),
                parameter="layer",
                mend=finding.mend,
                **finding.values
                | {
                    "layer": repr(layer),
                    "file": finding.file,
                    "reason": Phrase(finding.what, **finding.values),
                },
            )
        if not self._frames:
            raise NoLayerError(
                N_("there is no layer {layer}; this city has none"),
                parameter="layer",
                mend=N_("Put trails into gpx/ or polygons into layers/; mapserver check says more"),
                layer=repr(layer),
            )
        # 0.6 is difflib's own limit: "trail" finds "trails", and "x" finds nothing.
        matches = difflib.get_close_matches(named, self._frames, n=1, cutoff=0.6)
        raise NoLayerError(
            N_("there is no layer {layer}"),
            parameter="layer",
            mend=N_("Did you mean {near}? This city has: {layers}")
            if matches
            else N_("This city has: {layers}"),
            layer=repr(layer),
            layers=", ".join(self),
            near=repr(matches[0]) if matches else "",
        )

    def describe(self, lang: str = ENGLISH.code) -> list[tuple[str, ...]]:
        """Return a row for each layer, with the texts of ``COLUMNS``."""
        rows: list[tuple[str, ...]] = []
        for id_, frame in self._frames.items():
            entry = self._entries[id_]
            kinds = ", ".join(sorted(frame.geom_type.dropna().unique()))
            # Texts come from files: control characters would move the cursor of a terminal.
            title = printable(entry.title.in_language(lang))
            sample = "yes" if entry.sample else ""
            cells = (id_, title, str(entry.role), f"{len(frame):,}", kinds, sample)
            rows.append((*cells, printable(self._files[id_])))
        return rows

    def __repr__(self) -> str:
        """Return a table for the terminal."""
        rows: list[tuple[str, ...]] = [COLUMNS, *self.describe()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return a table for a notebook; texts from files are text."""
        cells = (
            "".join(f"<td>{html.escape(text)}</td>" for text in row) for row in self.describe()
        )
        head = "".join(f"<th>{column}</th>" for column in COLUMNS)
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table style="word-break: keep-all">{rows}</table>'


def find_unread(
    entries: Iterable[LayerEntry], layers: Collection[str], findings: Iterable[Finding]
) -> dict[str, Finding]:
    """Find why layers of a catalogue are not there: the worst that was said of the file of each.

    Parameters
    ----------
    entries
        The catalogue's.
    layers
        Ids of the layers that could be read.
    findings
        Of opening the city.
    """
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    reasons = {}
    names: tuple[str, ...]
    for entry in entries:
        if entry.id in layers:
            continue
        if entry.file is not None:
            names = (f"layers/{decode_file_name(entry.file)}",)
        elif entry.role == Role.TRAILS:
            names = tuple(finding.file for finding in errors if finding.file.startswith(GPX))
        else:
            continue  # what is made of other layers: each of these says why it is not there
        first = next((finding for finding in errors if finding.file in names), None)
        if first is not None:
            reasons[entry.id] = first
    return reasons
