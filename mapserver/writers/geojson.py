"""GeoJSON as RFC 7946 has it: ids, right-hand rings, heights, at most 7 decimals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mapserver.geo import heights
from mapserver.model import Features, Layer, encode
from mapserver.text.findings import Finding
from mapserver.writers.columns import flat, iso_times
from mapserver.writers.layer import How


def write(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
    """Write one layer as a FeatureCollection, one feature a line.

    A position without a height beside others with one reads as 0 m in GDAL: such a line has none,
    and ``heights_m`` among its properties lists them with null for an unknown one. Rows that are
    unique by their index have it as ``id``; others keep it among the properties, since an id must
    be one feature's own.
    """
    (layer,) = layers
    entry, frame = layer.entry, heights.move_to_column(iso_times(flat(layer.frame)))
    named = layer.frame.index.name is not None and layer.frame.index.is_unique
    if named:
        frame = frame.set_index(pd.Index(layer.frame.index.astype("str")), drop=False)
        if layer.frame.index.name not in layer.frame.columns:
            frame = frame.drop(columns=str(layer.frame.index.name))
    rows = Features(frame, heights=True)
    features = [rows.feature(at) for at in range(len(rows))]
    if not named:
        for feature in features:
            del feature["id"]
    about: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": entry.id,
        "title": entry.title.in_language(how.lang),
        "source": entry.source,
        "licence": entry.licence,
    }
    head = encode({k: v for k, v in about.items() if v} | {"sample": entry.sample})
    with path.open("wb") as file:
        file.write(head[:-1] + b',"features":[\n')
        file.write(b",\n".join(map(encode, features)))
        file.write(b"\n]}\n")
    return []
