"""Joins on a cluster of this machine: the same bytes, whoever makes a part, and whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT
from joining_points import hash_parts, make_joining_city, make_points, write_parts

from mapserver.errors import MissingPackageError, QueryError
from mapserver.joining import manifest
from mapserver.joining.manifest import read_part
from mapserver.settings import limits

distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra scale)")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


@pytest.fixture(scope="module")
def cluster():
    """Two workers, each a process that is started again when it dies."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


def test_a_cluster_makes_the_same_bytes_as_one_process(city, tmp_path, cluster):
    folder = write_parts(tmp_path / "p", make_points(6_000), 6)
    options = {"nearest": "trails", "k": 2, "progress": False}
    alone = city.join(folder, out=tmp_path / "alone", **options)
    there = city.join(
        folder, out=tmp_path / "there", scheduler=cluster.scheduler_address, **options
    )
    assert hash_parts(there.out) == hash_parts(alone.out)
    assert (there.rows, there.written, there.answered) == (
        alone.rows, alone.written, alone.answered,
    )  # fmt: skip
    with distributed.Client(cluster) as client:
        again = city.join(folder, out=tmp_path / "client", scheduler=client, **options)
        # A client that is given is not closed.
        assert client.status == "running"
    assert hash_parts(again.out) == hash_parts(alone.out)


def test_when_a_worker_is_killed_nothing_is_lost_and_nothing_doubled(
    city,
    tmp_path,
    cluster,
):
    folder = write_parts(tmp_path / "p", make_points(80_000), 40)
    alone = city.join(folder, out=tmp_path / "alone", progress=False)
    out = tmp_path / "there"
    killed: list[int] = []

    def kill_one() -> None:
        # As soon as some parts are done, so that others are being made.
        while len(list(out.glob("*.parquet"))) < 3:
            time.sleep(0.002)
        with distributed.Client(cluster) as watcher:
            pid = next(iter(watcher.run(os.getpid).values()))
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    killer = threading.Thread(target=kill_one)
    with distributed.Client(cluster) as client:
        client.run(_slow_down)
        killer.start()
        there = city.join(folder, out=out, scheduler=client, progress=False)
        killer.join()
    assert killed
    assert hash_parts(out) == hash_parts(alone.out)
    assert there.rows == alone.rows == 80_000
    assert not list(out.rglob(".*"))


def _slow_down() -> None:
    """Have the parts of a worker take some hundredths of a second each."""
    from mapserver.joining import part  # noqa: PLC0415 -- in the worker

    real = part.put_together

    def put_slowly(*arguments):
        time.sleep(0.03)
        return real(*arguments)

    part.put_together = put_slowly


def test_an_address_where_nothing_answers_is_wrong_usage(city, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SCHEDULER_WAIT_S", 0.5)
    folder = write_parts(tmp_path / "p", make_points(5), 1)
    with pytest.raises(QueryError, match="no scheduler answers"):
        city.join(folder, out=tmp_path / "o", scheduler="tcp://127.0.0.1:9", progress=False)


def test_without_dask_the_error_says_how_to_install_it(city, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    folder = write_parts(tmp_path / "p", make_points(5), 1)
    with pytest.raises(MissingPackageError, match=r"pip install 'mapserver\[scale\]'"):
        city.join(folder, out=tmp_path / "o", scheduler="local", progress=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGINT for one process")
@pytest.mark.parametrize("scheduler", [(), ("--scheduler", "local")])
def test_a_join_that_is_interrupted_ends_and_leaves_whole_parts_alone(
    city,
    tmp_path,
    scheduler,
):
    folder = write_parts(tmp_path / "p", make_points(1_200_000), 60)
    out = tmp_path / "o"
    words = ("join", folder, "--out", out, "--nearest", "trails", "--k", 3, "--city", city.path)
    command = [sys.executable, "-m", "mapserver", *map(str, words), *scheduler]
    with subprocess.Popen(  # noqa: S603 -- ours
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        deadline_s = time.monotonic() + 60
        while len(list(out.glob("*.parquet"))) < 2 and process.poll() is None:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        # As a terminal does: all processes of the group get it.
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "Traceback" not in said
    parts = list(out.glob("*.parquet"))
    assert 2 <= len(parts) < 60
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    # What is there is whole: a later join takes it over.
    assert all(read_part(path) is not None for path in parts)
    assert (out / manifest.NAME).is_file()
