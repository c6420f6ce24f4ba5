"""A register of the whole country in one city: nearly all of it is far, and is measured at once."""

from __future__ import annotations

import pytest
from gpxtext import gpx, track

from mapserver.geo import geodesy

LON, LAT = 126.85, 35.15


def test_all_that_is_far_is_measured_at_once(make_city, monkeypatch):
    rows = [f"{n},정류장{n},{LON + 2 + n / 100},{LAT}" for n in range(40)]
    rows.append(f"s,바뀐 곳,{LAT},{LON - 90}")
    # The middle of a city is that of most of its features.
    near = [f"near{n},가까운 곳 {n},{LON},{LAT + n / 100_000}" for n in range(60)]
    catalog = '[[layers]]\nid = "stops"\nfile = "stops.csv"\nrole = "stops"\nid_column = "id"\n'
    city = make_city(
        {
            "gpx/a.gpx": gpx(track([(LON, LAT), (LON + 0.002, LAT)])),
            "layers/catalog.toml": catalog,
            "layers/stops.csv": "\n".join(("id,name,lon,lat", *near, *rows, "")),
        }
    )
    calls = []
    measure = geodesy.distance_m

    def count(*degrees):
        calls.append(degrees)
        return measure(*degrees)

    monkeypatch.setattr(geodesy, "distance_m", count)
    far = {f.feature: f for f in city.check() if f.code == "far-away"}
    assert set(far) == {*map(str, range(40)), "s"}
    kilometres = measure(LON, LAT, LON + 2.39, LAT) / 1000
    assert far["39"].values["km"] == pytest.approx(float(kilometres.item()), abs=1)
    assert len(calls) < 10
