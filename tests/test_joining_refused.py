"""What a join refuses, and what it says: links, pipes, one layer twice, manifests, long names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from joining_points import hash_parts, make_joining_city, make_points, run_join, write_parts

from mapserver.errors import DataError, QueryError
from mapserver.files.drafts import DRAFT_ENDING
from mapserver.joining import manifest, part, planning


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


# -- Nothing in a folder of points is left out in silence ------------------------------------------


def link_folder(folder: Path) -> str:
    write_parts(folder.parent / "other", make_points(10), 1)
    (folder / "2023").symlink_to(folder.parent / "other")
    return "this is a link to a folder"


def link_folder_called_as_a_file(folder: Path) -> str:
    write_parts(folder.parent / "other", make_points(10), 1)
    (folder / "2023.parquet").symlink_to(folder.parent / "other")
    return "this is a link to a folder"


def link_to_itself(folder: Path) -> str:
    (folder / "2023").symlink_to(folder)
    return "this is a link to a folder"


def link_nowhere(folder: Path) -> str:
    (folder / "2023.parquet").symlink_to(folder.parent / "gone.parquet")
    return r"this is a link to '.*gone\.parquet', which is not there"


def link_a_folder_that_is_gone(folder: Path) -> str:
    (folder / "2023").symlink_to(folder.parent / "gone")
    return "this is a link to '.*gone', which is not there"


def link_in_a_ring(folder: Path) -> str:
    (folder / "2023.parquet").symlink_to("2023.parquet")
    return "this is a link to '2023.parquet', which is not there"


def lay_a_pipe(folder: Path) -> str:
    os.mkfifo(folder / "2023.parquet")
    return "this is neither a file nor a folder"


@pytest.mark.parametrize(
    "lay",
    [
        link_folder,
        link_folder_called_as_a_file,
        link_to_itself,
        link_nowhere,
        link_a_folder_that_is_gone,
        link_in_a_ring,
        lay_a_pipe,
    ],
)
@pytest.mark.parametrize("at", ["p", "p/deep"])
def test_what_is_no_file_among_the_points_stops_the_join_and_is_named(city, tmp_path, lay, at):
    write_parts(tmp_path / "p", make_points(10), 1)
    (tmp_path / at).mkdir(exist_ok=True)
    reason = lay(tmp_path / at)
    with pytest.raises(DataError, match=rf"^(deep/)?2023(\.parquet)?: {reason}"):
        city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert not (tmp_path / "o").exists()
    said = run_join(city, tmp_path / "p", "--out", tmp_path / "o", "--lang", "en")
    assert said.exit_code == 1


def test_links_are_named_together_with_all_else_that_cannot_be_joined(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(10), 2)
    link_folder(folder)
    (folder / "0.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match=r"^0\.parquet: .*cannot be joined: 2023\. "):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_links_to_files_are_read_and_those_that_are_no_points_left_out(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(10), 1)
    (folder / "link.parquet").symlink_to(folder / "0.parquet")
    (folder / "note.txt").symlink_to(tmp_path / "gone.txt")
    (folder / "_logs").symlink_to(tmp_path)
    (folder / ".cache").symlink_to(tmp_path / "gone")
    joined = city.join(folder, out=tmp_path / "o", progress=False)
    assert [path.name for path in joined.parts] == ["0.parquet", "link.parquet"]
    assert joined.rows == 20


def test_a_folder_that_cannot_be_read_stops_the_join(city, tmp_path, monkeypatch):
    folder = write_parts(tmp_path / "p", make_points(10), 1)
    write_parts(folder / "deep", make_points(10), 1)
    real = os.scandir

    def scan(path):
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    # Whoever runs the tests may have the right to read everything.
    monkeypatch.setattr(os, "scandir", scan)
    with pytest.raises(DataError, match=r"^deep: the folder cannot be read: Permission denied"):
        city.join(folder, out=tmp_path / "o", progress=False)


# -- One layer twice -------------------------------------------------------------------------------


def test_one_layer_asked_twice_is_refused_before_anything_is_written(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(10), 1)
    out = tmp_path / "o"
    with pytest.raises(QueryError, match=r"districts is asked twice.*--nearest districts"):
        city.join(folder, out=out, nearest="districts", progress=False)
    words = ("--layer", "districts", "--nearest", "districts", "--out", out)
    said = run_join(city, folder, *words, "--lang", "en")
    assert said.exit_code == 2
    assert 'layer="districts"' in said.stderr
    assert "레이어를 두 번" in run_join(city, folder, *words, "--lang", "ko").stderr
    assert not out.exists()
    # The advice is true: inside of an area the nearest one is this area.
    joined = city.nearest(folder, layer="districts", out=out, progress=False)
    inside = city.join(make_points(10)).set_index("id")["district_id"].dropna()
    near = joined.read().set_index("id").loc[inside.index.unique()]
    assert (near["distance_m"] == 0).all()


def test_two_layers_whose_answers_are_called_alike_are_refused(city, tmp_path, monkeypatch):
    folder = write_parts(tmp_path / "p", make_points(10), 1)
    monkeypatch.setattr(planning, "_list_own_names", lambda _, layer: {"area_id", layer})
    with pytest.raises(QueryError, match="of trails have the same columns: 'area_id'"):
        city.join(folder, out=tmp_path / "o", nearest="trails", progress=False)
    assert not (tmp_path / "o").exists()


# -- Names, and what is left in the folder of answers ----------------------------------------------


@pytest.mark.parametrize(
    "name", ["가" * 75 + "{}.parquet", "a" * 246 + "{}.parquet"], ids=["hangul", "latin"]
)
def test_files_with_names_as_long_as_a_disk_takes_are_joined(city, tmp_path, monkeypatch, name):
    folder = write_parts(tmp_path / "p", make_points(30), 2)
    for number in range(2):
        (folder / f"{number}.parquet").rename(folder / name.format(number))
    drafts: list[str] = []
    real = part.PartWriter.finish

    def finish(self, *words):
        drafts.extend(path.name for path in (tmp_path / "o").glob(f".*{DRAFT_ENDING}"))
        real(self, *words)

    monkeypatch.setattr(part.PartWriter, "finish", finish)
    joined = city.join(folder, out=tmp_path / "o", progress=False)
    assert [path.name for path in joined.parts] == [name.format(number) for number in range(2)]
    # They are found by their ending when a program was killed, and then removed.
    assert drafts
    for draft in drafts:
        assert manifest._is_ours_unfinished(draft)
        (tmp_path / "o" / draft).touch()
    city.join(folder, out=tmp_path / "o", progress=False)
    assert not list((tmp_path / "o").glob(f".*{DRAFT_ENDING}"))


def test_what_cannot_be_written_is_said_of_the_answers_and_not_of_the_points(
    city, tmp_path, monkeypatch
):
    folder = write_parts(tmp_path / "p", make_points(30), 1)

    def write(*_):
        raise OSError(36, "File name too long")

    monkeypatch.setattr(part.PartWriter, "write", write)
    with pytest.raises(DataError, match="it cannot be written") as caught:
        city.join(folder, out=tmp_path / "o", progress=False)
    assert caught.value.where == str(tmp_path / "o" / "0.parquet")


def test_the_advice_about_a_damaged_manifest_works_also_beside_files_of_others(city, tmp_path):
    folder, out = write_parts(tmp_path / "p", make_points(30), 2), tmp_path / "o"
    city.join(folder, out=out, progress=False)
    whole = hash_parts(out)
    (out / "note.txt").write_text("mine")
    (out / manifest.NAME).write_text("{")
    with pytest.raises(DataError, match=r"move away .* \('note\.txt'\)"):
        city.join(folder, out=out, progress=False)
    (out / manifest.NAME).unlink()
    shutil.move(out / "note.txt", tmp_path / "note.txt")
    assert city.join(folder, out=out, progress=False).rows == 30
    assert hash_parts(out) == whole


@pytest.mark.parametrize(
    "text", ['{"sign": "another", "format": 1}', '{"sign": 3, "format": {}}'], ids=["sign", "kinds"]
)
def test_nobody_is_told_to_delete_what_another_program_has_written(city, tmp_path, text):
    folder, out = write_parts(tmp_path / "p", make_points(3), 1), tmp_path / "o"
    out.mkdir()
    (out / manifest.NAME).write_text(text)
    with pytest.raises(DataError, match="cannot be read") as caught:
        city.join(folder, out=out, progress=False)
    assert "Choose a new folder" in str(caught.value)
    assert "Delete" not in caught.value.mend
