"""Originals of what is brought in or gives way: kept by the day, and none over another."""

from __future__ import annotations

import datetime as dt
import filecmp
import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mapserver.files.change import ORIGINALS
from mapserver.files.drafts import draft_file
from mapserver.importing.inputs import list_parts
from mapserver.text import encoding


class OriginalsFolder:
    """The folder of one day, which takes copies of files.

    Parameters
    ----------
    city
        The city folder.
    today
        Names the folder.
    """

    def __init__(self, city: Path, today: dt.date) -> None:
        self.folder = city / ORIGINALS / today.isoformat()
        self._copies: list[Path] = []

    def copy_files(self, files: Sequence[Path], *, prefix: str = "") -> None:
        """Copy files that belong together, such as the parts of a shapefile.

        A copy that is there already, byte for byte, is not written again; under a name that another
        file has they get a number: ``p-2.csv``.
        """
        # All parts of a shapefile get the same number, so that they still belong together.
        targets = next(
            names for names in _numbered_names(files, prefix, self.folder) if _are_all_free(names)
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        for file, target in targets.items():
            if not target.exists():
                # Noted first: what fails half way is removed, too.
                self._copies.append(target)
                with draft_file(target) as draft:
                    shutil.copy2(file, draft)

    def remove_copies(self) -> None:
        """Remove what was copied, and the folders that were made for it."""
        for path in self._copies:
            path.unlink(missing_ok=True)
        # Folders in which other originals lie stay.
        for folder in (self.folder, self.folder.parent):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


@contextmanager
def keeping_originals(city: Path, today: dt.date) -> Iterator[OriginalsFolder]:
    """Yield the folder of today; what was copied into it goes again when the block fails."""
    originals = OriginalsFolder(city, today)
    try:
        yield originals
    except BaseException:
        originals.remove_copies()
        raise


def list_sets(files: Sequence[Path]) -> list[list[Path]]:
    """Return files that belong together as one list each: a shapefile is several."""
    return [list_parts(file) for file in dict.fromkeys(files)]


def _numbered_names(files: Sequence[Path], prefix: str, folder: Path) -> Iterator[dict[Path, Path]]:
    """Return for each file where it may go: under its own name, then with 2, 3 ... behind it."""
    for number in itertools.count(1):
        end = "" if number == 1 else f"-{number}"
        yield {
            file: folder / f"{prefix}{encoding.decode_file_name(file.stem)}{end}{file.suffix}"
            for file in files
        }


def _are_all_free(targets: dict[Path, Path]) -> bool:
    return all(
        not target.exists() or (target.is_file() and filecmp.cmp(file, target, shallow=False))
        for file, target in targets.items()
    )
