"""What was named on the command line: files, folders and archives into single files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mapserver.errors import N_, DataError
from mapserver.files.archive import open_archive, read_pieces
from mapserver.files.damage import translate_read_errors
from mapserver.model import SUFFIXES as LAYER_SUFFIXES
from mapserver.readers.sheets import SUFFIXES as SHEET_SUFFIXES
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

SUFFIXES = frozenset({*LAYER_SUFFIXES, *SHEET_SUFFIXES, ".gpx", ".kml", ".kmz"}) - {".zip"}
"""Endings of files that can be added; the others that lie in a folder or archive are passed by."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to be added.

    Attributes
    ----------
    path
        Where it can be read; a file of an archive lies in a temporary folder.
    name
        What to call it in messages: as it was named, or its name within the archive.
    origin
        The file that was named: the archive, or the file itself.
    group
        The folder or archive that was named, in which it lies; None for a file that was named.
    layer
        Which layer, sheet or folder in the file is meant; None where it has only one.
    """

    path: Path
    name: str
    origin: Path
    group: Path | None = None
    layer: str | None = None


def list_inputs(files: Sequence[Path], unpacked: Path) -> list[Input]:
    """List the files to be added.

    Parameters
    ----------
    files
        Files, folders and zip archives, in which all files with a known ending are meant.
    unpacked
        An empty folder for what is in archives.

    Raises
    ------
    DataError
        A name leads nowhere, an archive cannot be unpacked, or there is nothing to add.
    """
    listed_inputs: list[Input] = []
    for number, file in enumerate(files):
        if file.is_dir():
            folder_name = encoding.decode_file_name(file.resolve().name)
            listed_inputs += [
                Input(path, f"{folder_name}/{_name_within(path, file)}", path, file)
                for path in _list_addable(file)
            ]
        elif not file.is_file():
            raise DataError(
                N_("there is no such file"),
                where=encoding.decode_file_name(str(file)),
                mend=N_("Check the name and the folder"),
            )
        elif file.suffix.lower() == ".zip":
            # Two archives may hold files of one name: each is unpacked into a folder of its own.
            folder = unpacked / str(number)
            _unpack_archive(file, folder)
            folder_name = encoding.decode_file_name(file.name)
            listed_inputs += [
                Input(path, f"{folder_name}/{_name_within(path, folder)}", file, file)
                for path in _list_addable(folder)
            ]
        else:
            listed_inputs.append(Input(file, encoding.decode_file_name(file.name), file))
    if not listed_inputs:
        raise _make_nothing_error(files, unpacked)
    return listed_inputs


def _make_nothing_error(files: Sequence[Path], unpacked: Path) -> DataError:
    """Make the error that nothing can be added; it names archives that lie in archives."""
    where = ", ".join(encoding.decode_file_name(str(file)) for file in files)
    folders = list(unpacked.iterdir()) if unpacked.is_dir() else []
    members = (path for folder in folders for path in _list_visible(folder))
    archives = [path.name for path in members if path.suffix.lower() == ".zip"]
    if archives:
        return DataError(
            N_("there are but archives in it: {archives}"),
            where=where,
            mend=N_("Unpack it, and add those"),
            archives=", ".join(map(encoding.decode_file_name, archives[: limits.MAX_NAMED_FILES])),
        )
    return DataError(
        N_("there is nothing in it that can be added"),
        where=where,
        mend=N_("Give files that end in {suffixes}"),
        suffixes=", ".join(sorted(SUFFIXES)),
    )


def find_ignored(files: Iterable[Path], unpacked: Path) -> list[Finding]:
    """Find files of folders and archives that are passed by, since they can hold no layer.

    Parameters
    ----------
    files
        Files, folders and zip archives, as they were given to :func:`list_inputs`.
    unpacked
        The folder into which :func:`list_inputs` has unpacked the archives.
    """
    findings = []
    for number, file in enumerate(files):
        folder = file if file.is_dir() else unpacked / str(number)
        if not folder.is_dir():
            continue
        layer_files = {part for path in _list_addable(folder) for part in list_parts(path)}
        passed_files = sorted(set(_list_visible(folder)) - layer_files)
        if passed_files:
            findings.append(
                _report_ignored(
                    encoding.decode_file_name(file.resolve().name), folder, passed_files
                )
            )
    return findings


def _report_ignored(name: str, folder: Path, passed_files: Sequence[Path]) -> Finding:
    names = [_name_within(path, folder) for path in passed_files]
    return Finding(
        Severity.NOTE,
        "files-ignored",
        name,
        N_("files in it that are no layers, {count}, are passed by: {files}"),
        N_("Save them as one of {suffixes} if they hold data"),
        values={
            "count": len(names),
            "files": ", ".join(names[: limits.MAX_NAMED_FILES])
            + (", …" if len(names) > limits.MAX_NAMED_FILES else ""),
            "suffixes": ", ".join(sorted(SUFFIXES)),
        },
    )


def list_parts(file: Path) -> list[Path]:
    """List the files that one file stands for: a shapefile is several."""
    if file.suffix.lower() != ".shp":
        return [file]
    # What QGIS and ArcGIS write about a layer is called roads.shp.xml.
    namesakes = (
        path
        for path in file.parent.iterdir()
        if path.stem in {file.stem, file.name} and path.is_file()
    )
    return sorted(path for path in namesakes if path.suffix.lower() in {".shp", *SIDECARS})


SIDECARS = frozenset((".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".xml"))
"""Endings of what lies beside a .shp and belongs to it."""


def list_named_files(originals: list[Path]) -> list[Path]:
    """Return the originals as people speak of them: of a shapefile's files only the .shp."""
    named = [path for path in originals if path.suffix.lower() not in SIDECARS]
    # An .xml beside a shapefile describes it; alone it is the answer of an interface.
    return named or originals


def _list_addable(folder: Path) -> Iterator[Path]:
    yield from (path for path in _list_visible(folder) if path.suffix.lower() in SUFFIXES)


def _list_visible(folder: Path) -> Iterator[Path]:
    """List the files of a folder and of those in it, but for what systems hide."""
    # Sorted, so that a folder is read in one order on every system.
    for path in sorted(folder.rglob("*")):
        is_hidden = any(
            part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts
        )
        if path.is_file() and not is_hidden and path.name not in {"Thumbs.db", "desktop.ini"}:
            yield path


def _name_within(path: Path, folder: Path) -> str:
    return encoding.decode_file_name(path.relative_to(folder).as_posix())


def _unpack_archive(file: Path, folder: Path) -> None:
    name = encoding.decode_file_name(file.name)
    with open_archive(file, name) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        # Sizes as the archive states them; read_pieces stops at a member that is larger.
        size_bytes = sum(member.file_size for member in members)
        if len(members) > limits.MAX_ARCHIVE_MEMBERS or size_bytes > limits.MAX_UNPACKED_BYTES:
            raise DataError(
                N_("the archive unpacks to {count} files and {size} MB; that is too much"),
                where=name,
                mend=N_("Split it"),
                count=len(members),
                size=size_bytes // 2**20,
            )
        for member in members:
            # Some programs of Windows write backslashes, which a zip does not allow.
            member_path = PurePosixPath(member.filename.replace("\\", "/"))
            if member_path.is_absolute() or ".." in member_path.parts:
                raise DataError(
                    N_("the archive holds {member}, which leads out of its folder"),
                    where=name,
                    mend=N_("Zip the files again, and do not trust the sender"),
                    member=repr(member.filename),
                )
            target = folder / member_path
            # A name may be too long, or be that of a file and of a folder.
            with translate_read_errors(name):
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as target_file:
                    target_file.writelines(read_pieces(archive, member, name))
