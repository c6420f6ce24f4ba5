"""What is seen of a join: progress, what came of it, the task, and the command."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining_points import hash_parts, make_joining_city, make_points, run_join, write_parts
from rich.console import Console

from mapserver.errors import DataError, QueryError
from mapserver.joining import manifest, progress
from mapserver.settings import limits


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


# -- What is seen of it ----------------------------------------------------------------------------


class Display:
    """A display of a notebook: it has what was shown, and then in its place."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: object, *, display_id: bool) -> Display:
        assert display_id
        self.lines.append(repr(line))
        return self

    def update(self, line: object) -> None:
        self.lines.append(repr(line))


def test_a_notebook_shows_rows_a_second_and_time_left_in_one_line(city, tmp_path, monkeypatch):
    display = Display()
    monkeypatch.setattr(progress, "find_notebook", lambda: display)
    monkeypatch.setattr(limits, "PROGRESS_EVERY_S", 0.0)
    folder = write_parts(tmp_path / "p", make_points(3_000))
    city.join(folder, out=tmp_path / "o")
    assert len(display.lines) == 4
    assert re.fullmatch(
        r"33% · 1,000 of 3,000 rows · [\d.]+ [kM] rows/s, \d+ s left", display.lines[1]
    )
    assert display.lines[-1].startswith("100% · 3,000 of 3,000 rows")
    quiet = Display()
    monkeypatch.setattr(progress, "find_notebook", lambda: quiet)
    city.join(folder, out=tmp_path / "o2", progress=False)
    assert quiet.lines == []


def test_a_join_that_fails_leaves_no_speed_or_time_that_nobody_measured(
    city, tmp_path, monkeypatch
):
    monkeypatch.setattr(limits, "PROGRESS_EVERY_S", 0.0)
    table = pa.table({"lon": [126.83] * 4, "lat": [35.13, 35.13, 35.13, 127.0]})
    pq.write_table(table, tmp_path / "p.parquet")
    last = {}
    for rows in (4, 2):
        display = Display()
        monkeypatch.setattr(progress, "find_notebook", lambda display=display: display)
        monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", rows)
        monkeypatch.setattr(limits, "MIN_JOIN_BATCH_ROWS", 1)
        with pytest.raises(DataError, match="row 4"):
            city.join(tmp_path / "p.parquet", out=tmp_path / f"o{rows}", on_bad="stop")
        last[rows] = display.lines[-1]
    # It fails in the first batch, and in the second one.
    assert last[4] == "0% · 0 of 4 rows"
    assert re.fullmatch(r"50% · 2 of 4 rows · [\d.]+ k rows/s", last[2])


def test_notes_are_read_as_texts_in_a_notebook(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 1)
    city.join(folder, out=tmp_path / "o", progress=False)
    again = city.join(folder, out=tmp_path / "o", progress=False)
    assert repr(again.notes) == "('parts that were done already: 1',)"


def test_a_terminal_has_a_bar_and_a_pipe_nothing(city, tmp_path, monkeypatch, capsys):
    folder = write_parts(tmp_path / "p", make_points(3_000))
    city.join(folder, out=tmp_path / "o")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(
        progress, "Console", lambda **options: Console(force_terminal=True, width=90, **options)
    )
    city.join(folder, out=tmp_path / "o2")
    assert "rows/s" in capsys.readouterr().err


def test_what_came_of_a_join_is_a_line_and_a_table_in_which_texts_are_texts(city, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    table = pa.table({"id": [1, 2], "lon": [126.83, None], "lat": [35.13, 35.1]})
    pq.write_table(table, folder / "<b>a\x1b[2J.parquet")
    joined = city.join(folder, out=tmp_path / "o", progress=False)
    assert re.fullmatch(
        r"<Joined 2 rows into .*: 1 in districts; 1 bad; [\d.]+ s, .*>", repr(joined)
    )
    page = joined._repr_html_()
    assert "<b>" not in page
    assert "\x1b" not in page
    assert "missing" in page
    assert list(joined.read(["id"]).columns) == ["id", "geometry"]
    assert joined.dataset().count_rows() == 2


# -- The task, as any worker runs it ---------------------------------------------------------------


def join_by(city, tmp_path, scheduler):
    write_parts(tmp_path / "p", make_points(30), 1)
    return city.join(tmp_path / "p", out=tmp_path / "o", progress=False, scheduler=scheduler)


def test_any_engine_maps_tasks_that_are_small_and_hold_no_data(city, tmp_path):
    import pickle  # noqa: PLC0415 -- what engines do to a task

    sizes: list[int] = []

    def map_tasks(make, tasks):
        for task in tasks:
            data = pickle.dumps((make, task))
            sizes.append(len(data))
            make_there, task_there = pickle.loads(data)  # noqa: S301 -- made in the line above
            yield pickle.loads(pickle.dumps(make_there(task_there)))  # noqa: S301 -- likewise

    joined = join_by(city, tmp_path, map_tasks)
    plain = city.join(tmp_path / "p", out=tmp_path / "plain", progress=False)
    assert sizes
    assert max(sizes) < 3_000
    assert hash_parts(joined.out) == hash_parts(plain.out)
    # What the workers needed beside the points is gone again.
    assert sorted(path.name for path in joined.out.iterdir()) == ["0.parquet", manifest.NAME]


def test_a_worker_refuses_files_that_are_not_those_that_were_planned(city, tmp_path):
    def refuse(make, tasks):
        (task,) = tasks
        with pytest.raises(DataError, match="does not see"):
            make(replace(task, points=str(tmp_path / "nowhere.parquet")))
        with pytest.raises(DataError, match="has changed"):
            make(replace(task, footer="0" * 32))
        (index,) = task.indexes
        with pytest.raises(DataError, match="another file"):
            make(replace(task, indexes=(replace(index, digest="0" * 32),)))
        # One bit of the arrays, which neither header nor sums have seen.
        damaged = tmp_path / "damaged.index"
        whole = bytearray(Path(index.path).read_bytes())
        whole[len(whole) // 2] ^= 1
        damaged.write_bytes(whole)
        with pytest.raises(DataError, match="damaged"):
            make(replace(task, indexes=(replace(index, path=str(damaged)),)))
        with pytest.raises(DataError, match="does not see"):
            make(replace(task, indexes=(replace(index, path=str(tmp_path / "nowhere")),)))
        with pytest.raises(DataError, match="version"):
            make(replace(task, program="0.0"))
        with pytest.raises(DataError, match="has 30 rows, and says that it has 31"):
            make(replace(task, rows=31))
        # Nothing of the part is left, nor of the attempt.
        assert not [path for path in (tmp_path / "o").iterdir() if "parquet" in path.name]
        return [make(task)]

    assert join_by(city, tmp_path, refuse).rows == 30


def test_what_is_no_scheduler_is_refused(city, tmp_path):
    with pytest.raises(QueryError, match="7 is no scheduler"):
        join_by(city, tmp_path, 7)


# -- The command -----------------------------------------------------------------------------------


def test_the_command_joins_and_says_what_came_of_it(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    table = pa.table({"lon": [126.83], "lat": [127.0], "id": [9]})
    pq.write_table(table, folder / "z.parquet")
    result = run_join(city, folder, "--layer", "districts", "--out", tmp_path / "o", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "rows: 301, files: 4" in result.stdout
    # The value of the column stands beside its words.
    assert re.search(r"no place +no place on earth +1 +z\.parquet", result.stderr)
    assert "z.parquet" in result.stderr
    stopped = run_join(city, folder, "--out", tmp_path / "s", "--on-bad", "stop", "--lang", "en")
    assert stopped.exit_code == 1
    assert "z.parquet, row 1: 126.83, 127.0 is no place on earth" in stopped.stderr


def test_the_command_keeps_columns_and_asks_for_the_nearest(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30))
    words = ("--nearest", "trails", "--k", 2, "--max-distance", 3000, "--keep", "id")
    result = run_join(city, folder, *words, "--out", tmp_path / "o")
    assert result.exit_code == 0, result.output
    columns = pq.read_schema(tmp_path / "o" / "0.parquet").names
    assert columns[:4] == ["id", "geometry", "trail_id", "trail_name"]


def test_a_layer_or_an_option_that_is_not_there_is_wrong_usage(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    assert run_join(city, folder, "--layer", "parks", "--out", tmp_path / "o").exit_code == 2
    # Trails are lines, and no point lies in one: that is said before anything is made.
    for words in (("--k", 3), ("--max-distance", 9)):
        said = run_join(city, folder, *words, "--out", tmp_path / "o", "--lang", "en")
        assert said.exit_code == 2
        assert "is about what is nearest" in said.stderr
    lines = run_join(city, folder, "--layer", "trails", "--out", tmp_path / "o", "--lang", "en")
    assert lines.exit_code == 2
    assert "the layer trails has no areas" in lines.stderr
    assert "--nearest trails" in lines.stderr
    assert not (tmp_path / "o").exists()
    with pytest.raises(QueryError, match="Is 'keep' meant"):
        city.join(folder, out=tmp_path / "o", kep=["id"])
    with pytest.raises(QueryError, match="answers in files"):
        city.join(folder)
    with pytest.raises(QueryError, match="answers in files"):
        city.join(make_points(3), out=tmp_path / "o")
    with pytest.raises(QueryError, match="on_bad"):
        city.join(folder, out=tmp_path / "o", on_bad="drop")
