"""Files and folders appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mapserver.files.drafts import draft_beside, draft_file, move_folder, write_file


def test_a_file_is_replaced_and_its_other_names_keep_what_it_was(tmp_path):
    path = tmp_path / "trails.csv"
    path.write_bytes(b"earlier")
    os.link(path, tmp_path / "other.csv")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert (tmp_path / "other.csv").read_bytes() == b"earlier"


def test_a_file_that_is_not_written_to_its_end_leaves_what_was_there(tmp_path):
    path = tmp_path / "trails.csv"
    path.write_bytes(b"earlier")

    def write_half() -> None:
        with draft_file(path) as draft:
            draft.write_bytes(b"ha")
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("is_there", [True, False], ids=["one is there", "none is there"])
def test_a_folder_takes_the_place_of_another(tmp_path, is_there):
    place = tmp_path / "site"
    if is_there:
        place.mkdir()
        (place / "old.html").touch()
    with draft_beside(place) as draft:
        (draft / "new.html").touch()
        move_folder(draft, place)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "site",
        "site/new.html",
    ]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one_there(tmp_path, monkeypatch):
    place = tmp_path / "site"
    place.mkdir()
    (place / "old.html").touch()
    rename = Path.rename

    def refuse_drafts(path: Path, target: Path) -> Path:
        if target == place and not path.name.endswith(".old"):
            raise OSError(28, "full")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_drafts)
    with pytest.raises(OSError, match="full"), draft_beside(place) as draft:
        move_folder(draft, place)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "site",
        "site/old.html",
    ]


@pytest.mark.parametrize("letter", ["a", "가", "\udcff"], ids=["a", "hangul", "no letter"])
def test_a_name_as_long_as_a_disk_takes_has_a_draft_of_its_own(tmp_path, letter):
    size = len(os.fsencode(letter))
    names = [letter * (254 // size) + end for end in "12"]
    with draft_file(tmp_path / names[0]) as one, draft_file(tmp_path / names[1]) as other:
        one.write_bytes(b"1")
        other.write_bytes(b"2")
    assert [(tmp_path / name).read_bytes() for name in names] == [b"1", b"2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    # A folder, too, and where the earlier one is meanwhile.
    place = tmp_path / (letter * (255 // size))
    for _ in range(2):
        with draft_beside(place) as draft:
            (draft / "a").touch()
            move_folder(draft, place)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, place.name])
