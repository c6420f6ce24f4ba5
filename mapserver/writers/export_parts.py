"""How an export is divided into files: one a layer, one a kind of geometry, or one a trail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import replace as replace_fields

import pandas as pd

from mapserver.errors import N_
from mapserver.model import Layer, Role, make_slug
from mapserver.text.findings import Finding, Severity
from mapserver.writers import FORMATS, Format
from mapserver.writers.columns import find_placeless_rows, make_names_distinct
from mapserver.writers.geometry_kinds import SHAPEFILE_KINDS, find_shapefile_kinds

PLAIN_NAME = re.compile(r"[\w][\w.-]{0,100}")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export: its name, and the layers in it."""

    name: str
    layers: list[Layer]


def divide_layers(chosen: Format, layers: list[Layer], findings: list[Finding]) -> list[ExportFile]:
    """Divide the layers into the files of a folder."""
    suffix = FORMATS[chosen].suffixes[0]
    if chosen is Format.GPX:
        return _divide_gpx_layers(layers, suffix)
    parts = []
    for layer in layers:
        kinds = find_shapefile_kinds(layer.frame) if chosen is Format.SHP else []
        # Only a shapefile needs several files for a layer: one for each kind of geometry.
        if len(kinds) < 2:
            parts.append(ExportFile(f"{layer.entry.id}{suffix}", [layer]))
            continue
        names = [f"{layer.entry.id}-{kind}{suffix}" for kind in kinds]
        findings.append(
            Finding(
                Severity.NOTE,
                "layer-split",
                layer.entry.id,
                N_("a shapefile holds one kind of geometry; it is written as {files}"),
                values={"files": ", ".join(names)},
            )
        )
        types = layer.frame.geom_type
        # A geometry of two kinds (a point, which multipoints hold too) goes into the first file.
        is_remaining = pd.Series(data=True, index=layer.frame.index)
        for name, kind in zip(names, kinds, strict=True):
            is_of_kind = types.isin(SHAPEFILE_KINDS[kind]) & is_remaining
            is_remaining &= ~is_of_kind
            if name == names[0]:  # rows without a place must be somewhere
                is_of_kind |= find_placeless_rows(layer.frame.geometry.to_numpy())
            parts.append(ExportFile(name, [replace_fields(layer, frame=layer.frame[is_of_kind])]))
    return parts


def _divide_gpx_layers(layers: list[Layer], suffix: str) -> list[ExportFile]:
    """Divide trails into a file each, with their facilities, as the city's own folder has them."""
    trails = [layer for layer in layers if layer.entry.role is Role.TRAILS]
    ids = [str(id_) for layer in trails for id_ in layer.frame.index]
    names = make_names_distinct(
        [*ids, *(x.entry.id for x in layers if x not in trails)], shorten=_make_file_name
    )
    # By the id of the trail, so that its facilities find the file that it is in.
    parts: dict[str, ExportFile] = {}
    for layer in trails:
        for position, id_ in enumerate(map(str, layer.frame.index)):
            trail_layer = replace_fields(layer, frame=layer.frame.iloc[[position]])
            parts[id_] = ExportFile(f"{names[id_]}{suffix}", [trail_layer])
    for layer in layers:
        if layer in trails:
            continue
        # Points of no trail of this export go into a file of their own layer.
        owners = layer.frame.get("trail", pd.Series(None, layer.frame.index, dtype="str"))
        for owner, rows in layer.frame.groupby(owners.where(owners.isin(ids)), dropna=False):
            owned_layer = replace_fields(layer, frame=rows)
            if isinstance(owner, str):
                parts[owner].layers.append(owned_layer)
            else:
                parts[f"layer {layer.entry.id}"] = ExportFile(
                    f"{names[layer.entry.id]}{suffix}", [owned_layer]
                )
    return list(parts.values())


def _make_file_name(id_: str, room: int) -> str:
    name = id_ if PLAIN_NAME.fullmatch(id_) else make_slug(id_) or "trail"
    return name[: 100 - room]
