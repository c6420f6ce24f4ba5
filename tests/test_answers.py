"""Answers of one place are rounded as those of many."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
from cities import city_of, frame_of
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import Point

from mapserver.index import Snap
from mapserver.model import Features
from mapserver.web.api.collection_views import CollectionView
from mapserver.writers.answers import DIGITS, describe_snap, round_answers

NUMBERS = st.floats(-1e6, 1e6)


@given(metres=st.floats(0, 2e7), bearing=st.floats(0, 360), lon=NUMBERS, lat=NUMBERS)
@example(metres=0.0005, bearing=0.25, lon=-1e-9, lat=126.85000005)
@example(metres=3e-9, bearing=67.7, lon=0.0, lat=0.0)
@example(metres=0.0, bearing=math.nan, lon=0.0, lat=-0.0)
def test_one_number_is_rounded_as_numpy_rounds_many(metres, bearing, lon, lat):
    numbers = describe_snap(Snap(0, metres, bearing, lon, lat))
    exact = {"distance_m": metres, "nearest_lon": lon, "nearest_lat": lat, "bearing_deg": bearing}
    if np.round(metres, DIGITS["distance_m"]) == 0:
        exact["bearing_deg"] = math.nan  # what is 0 m away has none
    table = round_answers(pd.DataFrame([exact]))
    for name, value in exact.items():
        assert repr(float(table[name][0]) + 0.0) == repr(numbers[name] + 0.0)
        expected = np.array([value]).round(DIGITS[name])[0]
        # Nothing is minus nothing: NumPy keeps the sign of a zero, which no reader asks for.
        assert repr(numbers[name] + 0.0) == repr(float(expected) + 0.0)


def encode_nearest(frame, extra) -> bytes:
    """Encode the first feature of a layer with more properties, as the API does."""
    view = CollectionView("layer", None, city_of(layer=frame), Features(frame), None)
    return bytes(view.extend_feature(0, extra))


def test_numbers_of_a_search_stand_behind_the_properties_of_a_feature():
    place, extra = Point(126.85, 35.14), {"distance_m": 3.5, "bearing_deg": math.nan}
    for columns in ({}, {"distance_m": ["far"]}, {"빈": [None]}):
        frame = frame_of([place], **columns)
        properties = Features(frame).feature(0)["properties"] | extra | {"bearing_deg": None}
        feature = json.loads(encode_nearest(frame, extra))
        # A property that a layer has of its own is replaced where it stands.
        assert list(feature["properties"].items()) == list(properties.items())
    bare = frame_of([place]).drop(columns="name")
    assert json.loads(encode_nearest(bare, {"walk_min": 1.0}))["properties"] == {"walk_min": 1.0}
