"""GeoJSON as RFC 7946 has it: ids, right-hand rings, heights, at most 7 decimals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mapserver.geo import heights
from mapserver.model import Features, Layer, encode
from mapserver.text.findings import Finding
from mapserver.writers.columns import flatten_frame, format_times
from mapserver.writers.layer import WriteOptions


def write_geojson(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write one layer as a FeatureCollection, one feature a line.

    A position without a height beside others with one reads as 0 m in GDAL: such a line has none,
    and ``heights_m`` among its properties lists them with null for an unknown one. Rows that are
    unique by their index have it as ``id``; others keep it among the properties, since an id must
    be one feature's own.
    """
    (layer,) = layers
    entry, frame = layer.entry, heights.move_to_column(format_times(flatten_frame(layer.frame)))
    has_ids = layer.frame.index.name is not None and layer.frame.index.is_unique
    if has_ids:
        frame = frame.set_index(pd.Index(layer.frame.index.astype("str")), drop=False)
        if layer.frame.index.name not in layer.frame.columns:
            frame = frame.drop(columns=str(layer.frame.index.name))
    rows = Features(frame, heights=True)
    features = [rows.feature(row) for row in range(len(rows))]
    # RFC 7946 leaves the id out rather than have two features share one.
    if not has_ids:
        for feature in features:
            del feature["id"]
    members: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": entry.id,
        "title": entry.title.in_language(options.lang),
        "source": str(entry.source),
        "licence": entry.licence,
    }
    head = encode({k: v for k, v in members.items() if v} | {"sample": entry.sample})
    # The collection's own members come first, so that the first line says what the file is.
    with path.open("wb") as file:
        file.write(head[:-1] + b',"features":[\n')
        file.write(b",\n".join(map(encode, features)))
        file.write(b"\n]}\n")
    return []
