"""The maps of a report: each is a page in a frame, and lines that they share are stored once."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from mapserver.settings import limits

FITTED = """
<style>* { print-color-adjust: exact; } .leaflet-control-locate { display: none; }</style>
<script>
"use strict";
(function () {
  const { map_main: map, maenballo: ours } = window;
  if (!map || !ours || !ours.bounds) return;
  const whole = map.getBoundsZoom(ours.bounds) === map.getZoom();
  map.options.zoomSnap = 0.25;
  if (whole) map.fitBounds(ours.bounds, { animate: false });
})();
</script>
"""
"""Addition to a map in a frame: it fills its small box, and has no button to locate the reader."""


SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def fit_map(page: str) -> str:
    """Return the page of a map that fills its box; a map of a part of the city keeps that part."""
    return page + FITTED


def share_lines(pages: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """Divide pages into pieces, of which each is stored once.

    Leaflet, our script and styles stand in every map as one line each, and so does the data of
    every layer.

    Returns
    -------
    pieces
        Texts.
    pages
        For each page the numbers of its pieces; joined with line ends they are the page.
    """
    # Long lines are pieces of their own; short lines between two of them are one piece together.
    numbers: dict[str, int] = {}
    page_pieces = []
    for page in pages:
        pieces: list[str] = []
        short_lines: list[str] = []
        for line in page.split("\n"):
            if len(line) > limits.MAX_REPEATED_LINE_LETTERS:
                pieces += ["\n".join(short_lines)] * bool(short_lines) + [line]
                short_lines = []
            else:
                short_lines.append(line)
        pieces += ["\n".join(short_lines)] * bool(short_lines)
        page_pieces.append([numbers.setdefault(piece, len(numbers)) for piece in pieces])
    return list(numbers), page_pieces


def hash_scripts(pages: Sequence[str]) -> list[str]:
    """Return the hashes of all scripts in pages, for a policy that lets no others run."""
    texts = {text for page in pages for text in SCRIPT.findall(page)}
    return sorted(hash_script(text) for text in texts)


def hash_script(text: str) -> str:
    """Return the hash of a script as a content security policy names it (CSP Level 3)."""
    # Browsers hash the text of the parsed script, in which HTML has made all line ends "\n".
    normalized = text.replace("\r\n", "\n").replace("\r", "\n")
    digest = hashlib.sha256(normalized.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
