"""The trials of a real server judge rightly: what they call a fault is one, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from gpxtext import gpx

from benchmarks.faults.memory import is_fault
from benchmarks.faults.serving import Answer, MarkedTrail, Server, children, percentile_ms
from benchmarks.faults.workers import Trial

STARTED_S, ENDED_S = 100.0, 101.0


@pytest.fixture
def trail(make_folder, tmp_path):
    """Make a city with a trail whose name tells the state of the data."""
    register = "\ufeffid,name,surface\nwalk,금당산,황토\n"
    city = make_folder({"gpx/walk.gpx": gpx(), "gpx/trails.csv": register})
    return MarkedTrail(Server(0, 0, city, tmp_path / "log"))


def answer_of(trail: MarkedTrail, name: str, started_s: float) -> Answer:
    body = json.dumps({"properties": {"name": name}}).encode()
    return Answer(trail.path, started_s, started_s + 0.1, 200, body)


def test_the_marked_trail_is_written_in_place_and_read_from_answers(trail):
    trail.write_next()
    trail.write_next()
    text = (trail.server.city / "gpx/trails.csv").read_text("utf-8")
    assert text.splitlines() == ["id,name,surface", "walk,표지 2,황토"]
    assert trail.path == "/trails/walk.geojson"
    assert trail.read(answer_of(trail, "표지 2", STARTED_S)) == 2
    assert trail.read(answer_of(trail, "금당산", STARTED_S)) == 0


def test_a_request_that_fails_is_explained_by_a_kill_while_it_was_in_flight():
    failed = Answer("/", STARTED_S, ENDED_S, failure="ConnectionResetError")
    for kill_s, unexplained in ((99.0, 1), (99.99, 0), (100.5, 0), (101.0, 0), (101.5, 1)):
        trial = Trial(kills_s=[kill_s], answers=[failed, Answer("/", 50.0, 51.0, 200)])
        assert (len(trial.failed()), len(trial.unexplained())) == (1, unexplained)


def test_an_answer_is_stale_when_its_question_came_three_seconds_after_a_newer_state(trail):
    writes_s = [10.0, 20.0]
    cases = (("금당산", 12.9, 0), ("금당산", 13.1, 1), ("표지 1", 22.9, 0), ("표지 1", 23.1, 1))
    for name, started_s, stale in (*cases, ("표지 2", 30.0, 0), ("표지 2", 20.1, 0)):
        trial = Trial(writes_s=writes_s, answers=[answer_of(trail, name, started_s)])
        assert len(trial.stale(trail)) == stale, (name, started_s)


def test_faults_are_no_answer_and_mistakes_of_the_server():
    statuses = {200: False, 304: False, 400: False, 404: False, 500: True, 503: True}
    assert {s: is_fault(Answer("/", 0, 1, s)) for s in statuses} == statuses
    assert is_fault(Answer("/", 0, 1, failure="TimeoutError"))


def test_percentiles_are_in_milliseconds():
    answers = [Answer("/", 0.0, n / 1000, 200) for n in range(101)]
    assert percentile_ms(answers, 99) == pytest.approx(99)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_children_of_a_process_are_found():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert process.pid in children(os.getpid())
    finally:
        process.communicate(b"\n")
