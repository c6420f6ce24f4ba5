"""Photographs of trails: a picture beside the GPX file, with the same name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mapserver import encoding
from mapserver.errors import N_
from mapserver.findings import Finding, Severity
from mapserver.links import is_own_file

LARGEST_BYTES = 3_000_000
"""A telephone on a hillside waits long enough for this."""

# What a file begins with says what it is; its name may be wrong.
SIGNS = {"image/jpeg": (0, b"\xff\xd8\xff"), "image/png": (0, b"\x89PNG\r\n\x1a\n")}
SIGNS |= {"image/webp": (8, b"WEBP")}
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of a trail.

    Attributes
    ----------
    path
        The file.
    mimetype
        What it is, by its content.
    """

    path: Path
    mimetype: str


def find_photos(folder: Path) -> tuple[dict[str, Photo], list[Finding]]:
    """Find the photographs in a folder of GPX files.

    Parameters
    ----------
    folder
        ``gpx/`` of a city.

    Returns
    -------
    dict
        Photographs by the id of their trail.
    list
        What is wrong with those that cannot be shown.
    """
    photos: dict[str, Photo] = {}
    findings: list[Finding] = []
    if not folder.is_dir():
        return photos, findings
    for path in sorted(folder.iterdir()):
        is_picture = path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        if not is_picture or not is_own_file(path, folder):
            continue
        with path.open("rb") as file:
            begins = file.read(12)
        kinds = [kind for kind, (at, sign) in SIGNS.items() if begins[at:].startswith(sign)]
        name = f"{folder.name}/{encoding.file_name(path.name)}"
        if not kinds:
            what, mend = N_("this is no JPEG, PNG or WebP picture"), N_("Save it as JPEG")
        elif path.stat().st_size > LARGEST_BYTES:
            what, mend = N_("the picture is larger than {most} MB"), N_("Save it smaller")
        else:
            photos.setdefault(path.stem, Photo(path, kinds[0]))
            continue
        values: dict[str, object] = {"most": LARGEST_BYTES // 1_000_000}
        findings.append(
            Finding(Severity.WARNING, "photo-unusable", name, what, mend, values=values)
        )
    return photos, findings
