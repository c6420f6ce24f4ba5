"""The manifest of a join: what the answers in a folder are of, so that only they are taken over.

``_manifest.json`` stands in the folder of answers. It says what was asked of which data with which
program (``job``), and which files of points there were. That a part is done is said by the part
itself: its footer names the job and the digest of the points that it is of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mapserver.errors import N_, DataError
from mapserver.files.drafts import DRAFT_ENDING, write_file
from mapserver.joining.part_schema import RECORD
from mapserver.joining.point_files import PointFile
from mapserver.joining.question import PartResult, digest_values
from mapserver.settings import limits

NAME = "_manifest.json"
FORMAT = 1
"""Of the manifest; a program that does not know it touches nothing in the folder."""
SIGN = "mapserver join"
"""By this a folder is known to be ours."""
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the answers in a folder are of.

    Attributes
    ----------
    job
        What the answers depend on beside the points: data version, question, program.
    inputs
        The files of points, by name: size, time of change in nanoseconds and digest of the footer.
    parts
        What came of each part that is done, by name.
    """

    job: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    parts: dict[str, dict[str, Any]]

    @property
    def digest(self) -> str:
        """Of what the answers depend on beside the points; each part has it in its footer."""
        return digest_values(self.job)

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        values = {
            "sign": SIGN,
            "format": FORMAT,
            "job": self.job,
            "inputs": self.inputs,
            "parts": self.parts,
        }
        # Parts are done in any order: sorted, each run of a join writes the same bytes.
        text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
        write_file(folder / NAME, text.encode())


def describe_files(files: Iterable[PointFile]) -> dict[str, dict[str, Any]]:
    """Return what the manifest says of files of points."""
    return {
        file.name: {
            "size_bytes": file.size_bytes,
            "written_ns": file.written_ns,
            "footer": file.footer,
        }
        for file in files
    }


def read_manifest(folder: Path, names: Collection[str]) -> Manifest | None:
    """Read the manifest of a folder of answers; None where there is none.

    Parameters
    ----------
    folder
        It may be empty, not be there, or hold parts whose manifest somebody has deleted.
    names
        Of the parts of the join that begins: without a manifest, no others may be there.

    Raises
    ------
    DataError
        Something is in the folder that no join has written, or the manifest cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        if entries := _list_others(folder, names):
            raise DataError(
                N_("the folder is not empty, and no join has written {name} there"),
                where=str(folder),
                mend=N_("Choose a new folder for the answers; nothing was changed"),
                name=repr(entries[0]),
            )
        return None
    values: Any = None
    try:
        values = json.loads(path.read_bytes())
        if values["sign"] != SIGN or values["format"] != FORMAT:
            raise ValueError("another format")
        return Manifest(dict(values["job"]), dict(values["inputs"]), dict(values["parts"]))
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        # One that can be read and is of another program, or of a newer one, is nothing to delete.
        is_whole = isinstance(values, dict) and "sign" in values and "format" in values
        is_foreign = is_whole and (values["sign"], values["format"]) != (SIGN, FORMAT)
        raise DataError(
            N_("the manifest of an earlier join cannot be read"),
            where=str(path),
            **_advise(is_foreign, [] if is_foreign else _list_others(folder, names)),
        ) from error


def _advise(is_foreign: bool, entries: list[str]) -> dict[str, Any]:
    """Return how to go on without a manifest, as part of an error: the next join must begin.

    Parameters
    ----------
    is_foreign
        Whether it is of another program.
    entries
        What stands beside it that this join may not write over.
    """
    if is_foreign:
        return {"mend": N_("Choose a new folder for the answers; nothing was changed")}
    if not entries:
        return {"mend": N_("Delete it, and the join begins anew; nothing was changed")}
    shown = ", ".join(map(repr, entries[: limits.MAX_NAMED_COLUMNS]))
    unnamed_count = len(entries) - limits.MAX_NAMED_COLUMNS
    return {
        "mend": N_(
            "Choose a new folder for the answers; or delete the manifest and move away what this "
            "join does not write ({names}), and it begins anew there. Nothing was changed"
        ),
        "names": f"{shown} … +{unnamed_count}" if unnamed_count > 0 else shown,
    }


def _list_others(folder: Path, names: Collection[str]) -> list[str]:
    """List what is in a folder that a join may not write over; the manifest is not among it."""
    return sorted(
        entry.name
        for entry in _list_entries(folder)
        if not (entry.name == NAME and entry.is_file()) and not _is_ours(entry, folder, names)
    )


def _list_entries(folder: Path) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise DataError(
            N_("this is a file, and the answers need a folder"),
            where=str(folder),
            mend=N_("Choose a new folder for the answers; nothing was changed"),
        )
    return list(folder.iterdir()) if folder.is_dir() else []


def _is_ours(entry: Path, folder: Path, names: Collection[str]) -> bool:
    """Return whether a join that begins anew may write over something, or over all in a folder."""
    if entry.is_dir() and not entry.is_symlink():
        return all(_is_ours(inner, folder, names) for inner in entry.iterdir())
    if _is_ours_unfinished(entry.name):
        return True
    return entry.relative_to(folder).as_posix() in names and read_part(entry) is not None


def _is_ours_unfinished(name: str) -> bool:
    """Return whether a name is of the lock, an index, or a draft that a killed program left."""
    is_index = name.startswith("_") and name.endswith((".index", ".labels"))
    return name == LOCK or is_index or (name.startswith(".") and name.endswith(DRAFT_ENDING))


def read_part(path: Path) -> tuple[str, str, PartResult] | None:
    """Read from the footer of a part which join it is of, and what came of it.

    Returns
    -------
    job, points : str
        Digests of what it depends on, and of the footer of its points.
    result : PartResult
        None where the file is not there, is damaged, or no join has written it.
    """
    try:
        metadata = pq.read_metadata(path).metadata or {}
        record = json.loads(metadata[RECORD])
        result = PartResult.from_json(record["result"])
        return str(record["job"]), str(record["points"]), result
    except Exception:  # noqa: BLE001 -- whatever a damaged file raises, it is no part of ours
        return None


def find_finished(
    folder: Path, manifest: Manifest, earlier: Manifest | None
) -> dict[str, PartResult]:
    """Find the parts that are done and of the same points, data, question and program.

    Parameters
    ----------
    folder
        Of answers.
    manifest
        Of the join that begins.
    earlier
        Of the folder.
    """
    results: dict[str, PartResult] = {}
    if earlier is None:
        return results
    digest = manifest.digest
    for name, state in manifest.inputs.items():
        # A file that was written again is joined again, even if it has the footer that it had.
        if earlier.inputs.get(name) != state:
            continue
        part = read_part(folder / name)
        if part is not None and part[:2] == (digest, state["footer"]):
            results[name] = part[2]
    return results


def require_own_places(folder: Path, names: Iterable[str], earlier: Manifest | None) -> None:
    """Check that where parts will stand there is nothing, or a part of an earlier join.

    Raises
    ------
    DataError
        There is something else.
    """
    known = set(earlier.inputs) if earlier is not None else set()
    for name in names:
        path = folder / name
        if path.exists() and read_part(path) is None and name not in known:
            raise DataError(
                N_("there is something at the place of {name} that no join has written"),
                where=str(folder),
                mend=N_("Choose a new folder for the answers; nothing was changed"),
                name=repr(name),
            )


def remove_stale(folder: Path, manifest: Manifest, earlier: Manifest | None) -> list[str]:
    """Remove parts of an earlier join whose points are gone, and drafts that were left.

    What no join has written stays.

    Returns
    -------
    list of str
        The names of the parts.
    """
    removed = []
    for name in sorted(set(earlier.inputs) - set(manifest.inputs)) if earlier is not None else []:
        path = folder / name
        # A name may lead out of the folder only if somebody has edited the manifest.
        is_inside = folder.resolve() in path.resolve().parents
        if is_inside and path.is_file() and read_part(path) is not None:
            path.unlink()
            removed.append(name)
            _remove_empty_folders(path.parent, folder)
    for draft in folder.rglob(f".*{DRAFT_ENDING}"):
        draft.unlink(missing_ok=True)
    return removed


def _remove_empty_folders(path: Path, top: Path) -> None:
    """Remove folders that have become empty, up to the folder of answers."""
    while path != top and top in path.parents and not any(path.iterdir()):
        path.rmdir()
        path = path.parent


def add_results(manifest: Manifest, results: Iterable[PartResult]) -> Manifest:
    """Return a manifest with what came of parts."""
    parts = {result.name: result.as_json() for result in results}
    return Manifest(manifest.job, manifest.inputs, manifest.parts | parts)
