"""The bytes of a GPX file as text: unpacked, no larger than can be read, in its encoding."""

from __future__ import annotations

import gzip
import io
import re
import zlib

from mapserver.errors import N_, DataError
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity

# Memory: a point takes some hundred bytes while it is read, a byte of text up to four.

GZIP = b"\x1f\x8b"
DECLARATION = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["'][^>]*\?>""")
ANY_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def decode_gpx(data: bytes, *, name: str) -> tuple[str, list[Finding]]:
    """Decode the bytes of a GPX file, perhaps compressed, into text without its declaration.

    Parameters
    ----------
    data, name
        As for :func:`mapserver.readers.gpx.parsing.parse_gpx`.

    Returns
    -------
    text : str
        The whole file.
    findings : list of Finding
        An encoding that the file misstates.

    Raises
    ------
    DataError
        It is no GPX file, too large, or in an encoding that cannot be told.
    """
    if data.startswith(GZIP):
        data = _decompress(data, name)
    if len(data) > limits.MAX_GPX_BYTES:
        raise make_size_error(name)
    text, findings = _decode_text(data, name)
    _require_gpx(text, name)
    return text, findings


def _decode_text(data: bytes, name: str) -> tuple[str, list[Finding]]:
    """Decode by byte order mark, then by the declaration, then by what the bytes prove."""
    if not data.strip(b"\0 \r\n\t"):
        raise DataError(N_("the file is empty"), where=name, mend=N_("Export the track again"))
    findings: list[Finding] = []
    # A byte order mark is surer than the declaration, which programs copy from elsewhere.
    is_marked = data.startswith(tuple(mark for mark, _ in encoding.BOMS))
    declared = None if is_marked else DECLARATION.match(data[:400].decode("latin-1"))
    label = declared[1] if declared else None
    try:
        text = encoding.decode_text(data, where=name, label=label)
    except DataError:
        if label is None:
            raise
        text = encoding.decode_text(data, where=name)  # what the bytes themselves prove
        findings.append(
            Finding(
                Severity.WARNING,
                "encoding-misstated",
                name,
                N_("the text is not in the encoding {label} that the file states"),
                N_("Save the file as UTF-8"),
                values={"label": repr(label)},
            )
        )
    # The declaration speaks of bytes; this is text.
    return ANY_DECLARATION.sub("", text, count=1).lstrip(), findings


def _require_gpx(text: str, name: str) -> None:
    """Refuse what is plainly something else, in words that say so."""
    start = text[:200].lower()
    is_web_page = start.startswith(("<!doctype html", "<html"))
    if is_web_page or not start.startswith("<"):
        raise DataError(
            N_("this is a web page, not a GPX file")
            if is_web_page
            else N_("this is not a GPX file, which begins with <"),
            where=f"{name}:1",
            mend=N_("Export the track as GPX; giving a file another ending is not enough"),
        )


def _decompress(data: bytes, name: str) -> bytes:
    """Return the bytes of a gzip file, up to one more than are read."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            # One byte more than is read shows that the file is too large, however far it unpacks.
            return file.read(limits.MAX_GPX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            N_("the archive is broken: {reason}"),
            where=name,
            mend=N_("Export the track again"),
            reason=str(error),
        ) from error


def make_size_error(name: str) -> DataError:
    """Make the error that a file has more bytes or points than are read."""
    return DataError(
        N_("the file has more than {megabytes} MB or {points} points"),
        where=name,
        mend=N_("Split it, or simplify the track"),
        megabytes=limits.MAX_GPX_BYTES // 2**20,
        points=limits.MAX_GPX_POINTS,
    )
