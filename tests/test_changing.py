"""A collection that changes answers at any time as one that was made anew."""

from __future__ import annotations

import oracle
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from mapserver.errors import NotFoundError, QueryError
from mapserver.index import ChangingIndex

PLACE = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
    lambda xy: (126.84 + xy[0] * 0.0005, 35.13 + xy[1] * 0.0005)
)
LINE = st.lists(PLACE, min_size=2, max_size=4, unique=True).map(shapely.LineString)
CHANGE = st.tuples(st.sampled_from("abcdefgh"), LINE | PLACE.map(shapely.Point) | st.none())


@pytest.mark.slow
@given(changes=st.lists(CHANGE, min_size=1, max_size=20), point=PLACE, k=st.integers(1, 4))
@settings(max_examples=100)
def test_answers_after_any_changes_are_those_of_brute_force(changes, point, k):
    index, held = ChangingIndex(CRS("EPSG:5186")), {}
    for id_, geometry in changes:
        if geometry is not None:
            index.add(id_, geometry)
            held[id_] = geometry
        elif id_ in held:
            index.remove(id_)
            del held[id_]
        else:
            with pytest.raises(NotFoundError):
                index.remove(id_)
    assert len(index) == len(held)
    truth = dict(zip(held, oracle.distances_m(list(held.values()), *point), strict=True))
    found = index.nearest(*point, k)
    assert len(found) == min(k, len(held))
    for (id_, distance_m), wanted in zip(found, sorted(truth.values()), strict=False):
        assert distance_m == pytest.approx(wanted, abs=oracle.tolerance_m(wanted))
        assert truth[id_] == pytest.approx(wanted, abs=oracle.tolerance_m(wanted))


def test_what_has_no_place_is_refused():
    index = ChangingIndex(CRS("EPSG:5186"))
    for geometry in (shapely.Point(), shapely.Point(1e9, 1e9)):
        with pytest.raises(QueryError, match="plan"):
            index.add("plan", geometry)
    with pytest.raises(QueryError, match="swapped"):
        index.nearest(35.15, 126.85)
    assert index.nearest(126.85, 35.15) == []
