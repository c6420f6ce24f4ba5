"""Answers as plain values, rounded once for everybody: the API and the command line give these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mapserver.city import nearest_columns
from mapserver.features import Features
from mapserver.index import Nearest
from mapserver.location import Location

# Metres to the millimetre, degrees to a centimetre, bearings and minutes to a tenth: finer
# digits would promise what neither GPS nor a walker has.
DIGITS = {"distance_m": 3, "nearest_lon": 7, "nearest_lat": 7, "bearing_deg": 1, "walk_min": 1}


def nearest_features(
    features: Features, found: Nearest, more: Sequence[Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Return the features found, nearest first, with the numbers of the search as properties.

    Parameters
    ----------
    features
        The layer that was searched.
    found
        What was found for one point.
    more
        Further properties of each feature of the layer, in its order.
    """
    columns = {
        name: values.round(DIGITS[name]).tolist() for name, values in nearest_columns(found).items()
    }
    rows = zip(*columns.values(), strict=True)
    return [
        features.feature(
            int(position),
            {**(more[int(position)] if more else {}), **dict(zip(columns, row, strict=True))},
        )
        for position, row in zip(found.feature, rows, strict=True)
    ]


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Round the numbers of a table of answers as everywhere."""
    return table.round({name: DIGITS[name] for name in table.columns if name in DIGITS})


def location(found: Location) -> dict[str, Any]:
    """Give a location in the shape of ``GET /api/locate``."""
    answer = found.as_dict()
    if answer["border_distance_m"] is not None:
        answer["border_distance_m"] = round(answer["border_distance_m"], DIGITS["distance_m"])
    nearest = answer["nearest_district"]
    if nearest is not None:
        nearest["distance_m"] = round(nearest["distance_m"], DIGITS["distance_m"])
    return answer
