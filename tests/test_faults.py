"""The benchmarks of faults in small: `add` ended, damaged files, requests nobody should send."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import PATIENCE_S
from conftest import ROOT

from benchmarks.faults import adding, requests


@pytest.mark.slow  # some dozens of adds, each in a process of its own
@pytest.mark.parametrize("case", adding.CASES, ids=lambda case: case.name)
def test_an_add_that_is_ended_leaves_the_old_city_or_the_new_one(case, tmp_path):
    place = (tmp_path / "trial").resolve()
    chance = random.Random(1)  # noqa: S311 -- moments
    outcome = adding.try_case(case, place, step=adding.SHORT_STEP, seconds=0, chance=chance)
    assert outcome.faults == []
    assert outcome.trials >= 2
    assert outcome.ends["old"] >= 1


def test_a_file_that_is_lost_is_noticed(tmp_path):
    case = adding.CASES[0]
    city, _ = adding.prepare(case, tmp_path / "trial")
    (tmp_path / "trial" / "kept").mkdir()
    (tmp_path / "trial" / "kept" / "walk.gpx").write_bytes((city / "gpx/walk.gpx").read_bytes())
    before = adding.describe(city)
    (city / "gpx/walk.gpx").unlink()
    after = adding.describe(city)
    assert adding.judge(tmp_path / "trial", before, before) == "neither old nor new"
    assert adding.judge(tmp_path / "trial", before, after) == "lost: walk.gpx"


@pytest.mark.slow  # two hundred files
def test_some_damaged_files_of_each_format_do_no_harm():
    command = [sys.executable, "-m", "benchmarks.faults.mutants", "--mutants", "12", "--seed", "3"]
    answer = subprocess.run(  # noqa: S603 -- our own script
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert answer.returncode == 0, answer.stdout
    assert len(answer.stdout.splitlines()) == 19


def test_generated_requests_over_every_route_are_no_fault_of_ours(sample_app):
    outcome = requests.run(sample_app, 330, seed=5)
    assert outcome.faults == []
    assert set(outcome.statuses) == {str(rule) for rule in sample_app.url_map.iter_rules()}


@pytest.mark.slow
def test_a_fault_in_an_answer_is_noticed(sample_app, monkeypatch):
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("mapserver.web.health.encode", fail)
    faults = requests.run(sample_app, 330, seed=5).faults
    assert faults
    assert all(fault.startswith("500") for fault in faults)


SERVE = """
import time
from benchmarks.faults.serving import serving
with serving(1) as server:
    print(server.pid, server.city, flush=True)
    time.sleep(600)
"""


@pytest.mark.slow  # a server in a process of its own
def test_a_trial_that_is_ended_ends_its_server_and_leaves_no_folder():
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as trial:  # noqa: S603
        pid, city = trial.stdout.readline().split()
        trial.terminate()
        assert trial.wait(PATIENCE_S) == 1
    assert not Path(city).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
