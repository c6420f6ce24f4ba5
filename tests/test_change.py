"""Two versions of a layer: what is a change, and what is only written in another way."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cities import PLANE, in_plane, line
from pyproj import Geod

from mapserver.analysis import change
from mapserver.errors import DataError

GEOD = Geod(ellps="WGS84")
LEFT, RIGHT = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)


def test_two_versions_are_compared():
    before = in_plane([LEFT, RIGHT, shapely.box(0, 2000, 100, 2100)], name=["가", "나", "다"])
    before = before.assign(shops=[10, 20, 30])
    after = in_plane([LEFT, shapely.box(1000, 0, 2003, 1000)], name=["가게골목", "나"])
    after = after.assign(shops=[10, 25])
    after.loc["9"] = {"name": "라", "geometry": before.geometry["0"], "shops": 1}
    found = change.compare(before, after.set_crs(4326), PLANE)
    rows = list(zip(found["kind"], found["id"], found["before"], found["after"], strict=True))
    assert [row[:2] for row in rows] == [
        ("added", "9"), ("removed", "2"), ("renamed", "0"), ("moved", "1"), ("changed", "1"),
    ]  # fmt: skip
    assert rows[2][2:] == ("가", "가게골목")
    assert rows[4][2:] == ("20", "25")
    assert found.loc[3, "moved_m"] == pytest.approx(3, abs=0.01)
    totals = change.totals(before, after)
    assert totals.loc["area_m2", "before"] == pytest.approx(2_010_000, rel=1e-3)
    assert totals.loc["area_m2", "difference"] == pytest.approx(993_000, rel=1e-2)
    assert totals.loc["features"].tolist() == [3, 3, 0]


def test_a_layer_has_not_changed_against_itself(sample_city):
    for layer in ("trails", "districts", "neighborhoods"):
        frame = sample_city.layers[layer]
        assert change.compare(frame, frame, sample_city.metric_crs).empty


def kinds(before, after) -> list[tuple]:
    found = change.compare(before, after)
    return list(zip(found["kind"], found["id"], found["attribute"], strict=True))


def test_a_feature_that_only_got_another_id_is_renumbered():
    before = in_plane([LEFT, RIGHT], name=["가", "나"])
    after = before.rename(index={"0": "7"}).sort_index(ascending=False)
    found = change.compare(before, after)
    assert found[["kind", "id", "before", "after"]].to_numpy().tolist() == [
        ["renumbered", "7", "0", "7"]
    ]
    # It is still compared: a new name, and a value, under the new id.
    named = after.assign(name=["다" if id_ == "7" else "나" for id_ in after.index])
    assert kinds(before, named) == [("renumbered", "7", "id"), ("renamed", "7", "name")]


def test_a_name_that_one_alone_has_finds_a_feature_that_grew():
    before = in_plane([LEFT, RIGHT], name=["가", "나"])
    grown = in_plane([LEFT, shapely.box(1000, 0, 2500, 1000)], name=["가", "나"])
    grown.index = ["0", "8"]
    found = change.compare(before, grown)
    assert list(zip(found["kind"], found["id"], strict=True)) == [
        ("renumbered", "8"),
        ("moved", "8"),
    ]
    assert found["moved_m"].iloc[1] == pytest.approx(500, abs=0.1)
    far = in_plane([LEFT, shapely.box(9000, 0, 9500, 1000)], name=["가", "나"])
    far.index = ["0", "8"]
    assert [kind for kind, _, _ in kinds(before, far)] == ["added", "removed"]


def test_one_that_was_split_in_two_of_its_shape_is_not_renumbered():
    before = in_plane([LEFT], name=["가"])
    after = in_plane([LEFT, LEFT], name=["가", "가"])
    after.index = ["5", "6"]
    assert [kind for kind, _, _ in kinds(before, after)] == ["added", "added", "removed"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.Series([1, 2]), pd.Series([1.0, 2.0])),
        (pd.Series([1, None], dtype="Int64"), pd.Series([1.0, np.nan])),
        (pd.Series(["1", "2"]), pd.Series([1, 2])),
        (pd.Series(["1.0", "2.50"]), pd.Series([1, 2.5])),
        (pd.Series([None, "가"], dtype=object), pd.Series([pd.NA, "가"], dtype="string")),
        (pd.Series(["", "가"]), pd.Series([None, "가"])),
        (pd.Series([0.1 + 0.2, 5]), pd.Series([0.3, 5])),
        (pd.Series([True, False]), pd.Series([True, False], dtype="boolean")),
        (pd.Series(pd.to_datetime(["2026-01-01", None])), pd.Series(["2026-01-01", None])),
        (pd.Series([dt.date(2026, 1, 1)] * 2), pd.Series(["2026-01-01"] * 2)),
        (pd.Series([dt.date(2026, 1, 1)] * 2), pd.Series(pd.to_datetime(["2026-01-01"] * 2))),
        (pd.Series([True, False]), pd.Series(["true", "FALSE"])),
        (pd.Series(["1.50", "-0.0"]), pd.Series([1.5, 0.0])),
        (pd.Series([" a", "b "]), pd.Series(["a", "b"])),
        (pd.Series(["  ", "가"]), pd.Series([None, "가"])),
        (pd.Series([10**15, 2]), pd.Series([1e15, 2.0])),
        (pd.Series(["가", "나"]), pd.Series(["가", "나"], dtype="category")),
    ],
)
def test_the_same_value_written_in_another_way_has_not_changed(one, other):
    shapes = in_plane([LEFT, RIGHT])
    before, after = shapes.assign(value=one.array), shapes.assign(value=other.array)
    assert change.compare(before, after).empty
    assert change.compare(after, before).empty


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("012", 12), ("01", 1), ("01", "1"), ("1", True), (0, False), (0, None), ("-", None)],
        *[("2026-01-01", "2026-01-02"), (pd.Timestamp("2026-01-01 09:00"), "2026-01-01")],
        *[("A", "a"), ("a b", "ab"), ("1,5", 1.5), ("1 000", 1000), ("False", None)],
        *[("1", "1.0"), (1, 1.0001), ("가", None), (True, "yes"), ("nan", None)],
    ],
)
def test_another_value_has_changed(one, other):
    shapes = in_plane([LEFT])
    before = shapes.assign(value=pd.Series([one], dtype=object).array)
    after = shapes.assign(value=pd.Series([other], dtype=object).array)
    assert kinds(before, after) == [("changed", "0", "value")]


def test_a_new_column_is_one_change_and_not_one_for_each_feature():
    before = in_plane([LEFT, RIGHT], old=[1, 2])
    after = in_plane([LEFT, RIGHT], new=["가", "나"])
    found = change.compare(before, after)
    assert found["kind"].tolist() == ["column_added", "column_removed"]
    assert found["attribute"].tolist() == ["new", "old"]


def test_a_feature_that_got_or_lost_its_place_has_moved():
    before = in_plane([LEFT, RIGHT, LEFT])
    after = before.copy()
    after.geometry = gpd.GeoSeries([None, before.geometry["1"], None], before.index, crs=4326)
    before.loc["2", "geometry"] = None
    found = change.compare(before, after)
    assert list(zip(found["kind"], found["id"], strict=True)) == [("moved", "0")]
    assert np.isnan(found["moved_m"].iloc[0])


def test_a_line_drawn_from_its_other_end_has_not_moved():
    way = line((0, 0), (300, 0), (300, 400))
    before, turned = in_plane([way]), in_plane([shapely.reverse(way)])
    assert change.compare(before, turned).empty
    denser = in_plane([shapely.segmentize(way, 10)])
    assert change.compare(before, denser).empty
    shifted = in_plane([shapely.transform(way, lambda xy: np.add(xy, (0, 7)))])
    assert change.compare(before, shifted)["moved_m"].iloc[0] == pytest.approx(7, abs=0.01)


def test_an_id_that_stands_twice_is_refused():
    twice = in_plane([LEFT, RIGHT])
    twice.index = ["0", "0"]
    with pytest.raises(DataError, match="stands twice"):
        change.compare(in_plane([LEFT]), twice)


def test_each_feature_is_measured_and_the_measures_are_the_totals():
    way = line((0, 0), (300, 0))
    before = in_plane([LEFT, way, RIGHT])
    after = in_plane([shapely.box(0, 0, 1000, 500), line((0, 0), (450, 0))])
    each, every = change.measures(before, after), change.totals(before, after)
    assert each.loc["0", "area_m2_difference"] == pytest.approx(-500_000, rel=1e-3)
    assert each.loc["1", "length_m_difference"] == pytest.approx(150, rel=1e-3)
    assert each.loc["2", "area_m2_after"] == 0
    for measure in ("length_m", "area_m2"):
        for version in ("before", "after", "difference"):
            total = every.loc[measure, version]
            assert each[f"{measure}_{version}"].sum() == pytest.approx(total, abs=1e-6)
    geod = abs(GEOD.geometry_area_perimeter(before.geometry["0"])[0])
    assert each.loc["0", "area_m2_before"] == pytest.approx(geod)


def test_what_changed_between_two_real_boundaries(test_data):
    """The neighbourhoods of 2018 and 2021: all moved, none came or went."""
    then = gpd.read_file(test_data / "seogu_dong_kostat2018.geojson").set_index("adm_cd")
    now = gpd.read_file(test_data / "seogu_dong.geojson").set_index("adm_cd")
    then.geometry = shapely.make_valid(then.geometry.to_numpy())
    found = change.compare(then[["name", "geometry"]], now[["name", "geometry"]])
    assert set(found["kind"]) == {"moved"}
    assert len(found) == 18
    assert found["moved_m"].max() == pytest.approx(380, rel=0.1)
    table = change.totals(then, now)
    assert table.loc["area_m2", "after"] == pytest.approx(47.68e6, rel=1e-3)


def test_ids_that_are_numbers_here_and_text_there_are_the_same():
    before = in_plane([LEFT, RIGHT], name=["가", "나"])
    after = before.assign(name=["가", "다"]).set_axis([0, 1])
    assert kinds(before, after) == [("renamed", "1", "name")]
