"""Points that are no place on their trail, waypoints far from it, and routes that repeat it."""

from __future__ import annotations

import pytest
from gpxtext import GPX_11, gpx, points, track

from mapserver.readers.gpx import read_gpx

WAY = [(126.85 + n * 0.0001, 35.15 + (n % 3) * 0.00002) for n in range(30)]


def read(tmp_path, *inside):
    return read_text(tmp_path, gpx(*inside))


def read_text(tmp_path, text):
    (tmp_path / "trail.gpx").write_text(text, "utf-8")
    return read_gpx(tmp_path / "trail.gpx", name="gpx/trail.gpx")


def case(test_data, name):
    return read_gpx(test_data / f"cases/gpx/{name}.gpx", name=f"gpx/{name}.gpx")


def codes(content) -> list[str]:
    return [finding.code for finding in content.findings]


def route(places) -> str:
    return f"<rte><name>경로</name>{points(places, 'rtept')}</rte>"


@pytest.mark.parametrize("place", [(0, 0), (0.0003, -0.0002), (117.85, 35.15), (126.85, 36.15)])
@pytest.mark.parametrize("at", [0, 12, 30])
@pytest.mark.parametrize("count", [1, 3])
def test_a_point_that_cannot_be_on_the_trail_is_named_and_left_out(tmp_path, place, at, count):
    content = read(tmp_path, track([*WAY[:at], *[place] * count, *WAY[at:]]))
    (finding,) = content.findings
    assert finding.code == "point-astray"
    assert finding.values["count"] == count
    assert str(finding.values["points"]).startswith(f"{at + 1} (")
    whole = read(tmp_path, track(WAY)).trails.iloc[0]
    assert content.trails["length_m"].iloc[0] == pytest.approx(whole["length_m"])
    assert content.trails.total_bounds == pytest.approx(whole.geometry.bounds)


def test_the_reported_point_at_0_0_is_named_and_not_counted(test_data):
    content = case(test_data, "zero_end")
    (finding,) = content.findings
    assert finding.values["points"] == "22 (0, 0)"
    assert content.trails["length_m"].iloc[0] == pytest.approx(157.0, abs=0.1)


def test_a_recorder_that_wrote_0_0_for_minutes_costs_nothing_but_that(tmp_path):
    content = read(tmp_path, track([*[(0, 0)] * 200, *WAY]))
    assert codes(content) == ["point-astray"]
    assert content.trails["points"].iloc[0] == 30


def test_a_track_of_nothing_but_0_0_is_no_trail(tmp_path):
    content = read(tmp_path, track([(0, 0)] * 5))
    assert codes(content) == ["point-astray", "track-without-line"]
    assert content.trails.empty


def test_a_trail_at_the_gulf_of_guinea_may_cross_0_0(tmp_path):
    content = read(tmp_path, track([(n * 0.001, n * 0.001) for n in range(-5, 6)]))
    assert content.findings == ()
    assert content.trails["points"].iloc[0] == 11


def test_a_trail_on_both_sides_of_a_flight_stays_whole(tmp_path):
    there = [(lon + 5, lat) for lon, lat in WAY]
    assert read(tmp_path, track([*WAY, *there])).findings == ()


def waypoint(lon, lat, name="벤치") -> str:
    return f'<wpt lat="{lat}" lon="{lon}"><name>{name}</name><type>bench</type></wpt>'


def test_a_waypoint_at_0_0_is_in_no_list(tmp_path, test_data):
    for content in (
        case(test_data, "wpt_zero"),
        read(tmp_path, waypoint(0, 0), track(WAY)),
        read(tmp_path, waypoint(0, 0)),
        read(tmp_path, waypoint(-120, 10), track(WAY)),
    ):
        assert codes(content) == ["waypoint-astray"]
        assert "벤치" in str(content.findings[0])
        assert content.waypoints.empty


def test_a_waypoint_far_from_its_trail_is_none_of_its(tmp_path):
    content = read(tmp_path, waypoint(126.9, 35.15), waypoint(126.851, 35.1501), track(WAY))
    assert codes(content) == ["waypoint-astray"]
    assert [str(trail) for trail in content.waypoints["trail"]] == ["nan", "trail"]


@pytest.mark.parametrize("change", ["same", "reversed", "thinned", "dense"])
def test_a_route_that_repeats_the_track_is_left_out(tmp_path, change):
    ways = {
        "same": WAY,
        "reversed": WAY[::-1],
        "thinned": [WAY[0], WAY[15], WAY[-1]],
        "dense": [(lon + shift, lat) for lon, lat in WAY[:-1] for shift in (0, 0.00005)],
    }
    content = read(tmp_path, route(ways[change]), track(WAY))
    assert codes(content) == ["route-repeats-track"]
    assert list(content.trails.index) == ["trail"]
    assert content.trails["kind"].iloc[0] == "track"


def test_a_route_of_another_way_is_a_trail(tmp_path):
    beside = [(lon, lat + 0.0005) for lon, lat in WAY]
    for other in (beside, [*WAY, *WAY[::-1]], WAY[:15]):
        content = read(tmp_path, route(other), track(WAY))
        assert content.findings == ()
        assert len(content.trails) == 2


def test_the_reported_route_and_track_are_one_trail(test_data):
    content = case(test_data, "rte_and_trk")
    assert codes(content) == ["route-repeats-track"]
    assert content.trails["length_m"].tolist() == [pytest.approx(157.0, abs=0.1)]


def test_the_shape_points_of_a_garmin_route_are_read_in_order(test_data, tmp_path):
    content = case(test_data, "garmin_rpt")
    assert content.findings == ()
    assert content.trails["length_m"].iloc[0] == pytest.approx(286.8, rel=1e-3)
    assert content.trails["points"].iloc[0] == 11
    shape = "".join(f'<x:rpt lat="{lat}" lon="{lon}"/>' for lon, lat in WAY[1:15])
    inside = f"<extensions><x:RoutePointExtension>{shape}</x:RoutePointExtension></extensions>"
    ends = [f'<rtept lat="{lat}" lon="{lon}">' for lon, lat in (WAY[0], WAY[15])]
    text = gpx(f"<rte>{ends[0]}{inside}</rtept>{ends[1]}</rtept></rte>")
    content = read_text(tmp_path, text.replace("<rte>", '<rte xmlns:x="garmin">'))
    assert content.trails.geometry.iloc[0].geoms[0].coords[:] == WAY[:16]


def test_any_prefix_of_the_namespace_is_read(test_data, tmp_path):
    content = case(test_data, "prefix_mixed")
    assert content.trails["length_m"].iloc[0] == pytest.approx(157.0, abs=0.1)
    assert content.trails["name"].iloc[0] == "접두 섞임"
    # Declared where it is used, the other way round, and one that is not of GPX.
    body = track(WAY).replace("</", "</g:").replace("<trk", "<g:trk").replace("<name", "<g:name")
    inner = body.replace("<g:trk>", f'<g:trk xmlns:g="{GPX_11}">', 1)
    assert len(read_text(tmp_path, gpx(inner)).trails) == 1
    root = f'<q:gpx version="1.1" xmlns:q="{GPX_11}" xmlns="{GPX_11}">{track(WAY)}</q:gpx>'
    assert len(read_text(tmp_path, root).trails) == 1
    foreign = body.replace("<g:trk>", '<g:trk xmlns:g="http://example.org/other">', 1)
    assert read_text(tmp_path, gpx(foreign)).trails.empty
