"""Photographs of trails: a picture beside the GPX file, with the same name."""

from __future__ import annotations

import struct
from pathlib import Path

from mapserver.errors import N_
from mapserver.files.links import is_own_file
from mapserver.model import Photo
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

# What a file begins with says what it is; its name may be wrong.
SIGNS = {"image/jpeg": (0, b"\xff\xd8\xff"), "image/png": (0, b"\x89PNG\r\n\x1a\n")}
SIGNS |= {"image/webp": (8, b"WEBP")}
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


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
        # Every sign lies within the first twelve bytes.
        with path.open("rb") as file:
            signature = file.read(12)
        kinds = [
            kind for kind, (offset, sign) in SIGNS.items() if signature[offset:].startswith(sign)
        ]
        name = f"{folder.name}/{encoding.decode_file_name(path.name)}"
        if not kinds:
            what, mend = N_("this is no JPEG, PNG or WebP picture"), N_("Save it as JPEG")
        elif path.stat().st_size > limits.MAX_PHOTO_BYTES:
            what, mend = N_("the picture is larger than {most} MB"), N_("Save it smaller")
        elif _count_pixels(path, kinds[0]) > limits.MAX_PHOTO_PIXELS:
            what = N_("the picture has more than {pixels} million pixels")
            mend = N_("Save it smaller")
        else:
            photos.setdefault(path.stem, Photo(path, kinds[0]))
            continue
        values: dict[str, object] = {
            "most": limits.MAX_PHOTO_BYTES // 1_000_000,
            "pixels": limits.MAX_PHOTO_PIXELS // 1_000_000,
        }
        findings.append(
            Finding(Severity.WARNING, "photo-unusable", name, what, mend, values=values)
        )
    return photos, findings


def _count_pixels(path: Path, kind: str) -> int:
    """Count the pixels that a picture states; 0 where it states none that could be read."""
    data = path.read_bytes()  # of limits.MAX_PHOTO_BYTES at most
    try:
        width, height = SIZES[kind](data)
    except (struct.error, IndexError):
        return 0
    return width * height


def _read_png_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _read_jpeg_size(data: bytes) -> tuple[int, int]:
    """Read the frame header (ITU-T T.81, B.2.2), which comes after segments of any length."""
    offset = 2
    while True:
        mark, kind, length = struct.unpack_from(">BBH", data, offset)
        # Segments are FF, a kind, and a length that counts its own two bytes; others are skipped.
        if mark == 0xFF and kind in FRAMES:
            height, width = struct.unpack_from(">HH", data, offset + 5)
            return width, height
        offset += 2 + max(length, 2) if mark == 0xFF and kind != 0xFF else 1


def _read_webp_size(data: bytes) -> tuple[int, int]:
    """Read the size from the first chunk: of pictures with features, without loss, or with."""
    # RFC 9649: VP8X and VP8L store width and height minus one, in 24 and in 14 bits.
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Marks of a JPEG's frame header, one for each way of compression."""

SIZES = {
    "image/png": _read_png_size,
    "image/jpeg": _read_jpeg_size,
    "image/webp": _read_webp_size,
}
