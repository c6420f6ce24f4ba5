"""The maps of a report: each a page in a frame, and what many of them hold is kept once."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

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
"""What a frame adds to a map: a small box is filled, and nobody is asked for a position."""

LONG = 400
"""A line with more characters is kept once, however many maps have it."""

SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def fitted(page: str) -> str:
    """Let a map of ours fill its box; one that shows a part of the city keeps it."""
    return page + FITTED


def share(pages: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """Take pages apart into pieces, each kept once.

    Leaflet, our script and styles stand in every map as one line each, and so does the data of
    every layer.

    Returns
    -------
    pieces
        Texts.
    pages
        For each page the numbers of its pieces; joined with line ends they are the page.
    """
    numbers: dict[str, int] = {}
    apart = []
    for page in pages:
        pieces: list[str] = []
        short: list[str] = []
        for line in page.split("\n"):
            if len(line) > LONG:
                pieces += ["\n".join(short)] * bool(short) + [line]
                short = []
            else:
                short.append(line)
        pieces += ["\n".join(short)] * bool(short)
        apart.append([numbers.setdefault(piece, len(numbers)) for piece in pieces])
    return list(numbers), apart


def hashes(pages: Sequence[str]) -> list[str]:
    """Name the scripts that stand in pages, for a policy that lets no others run."""
    texts = {text for page in pages for text in SCRIPT.findall(page)}
    return sorted(script_hash(text) for text in texts)


def script_hash(text: str) -> str:
    """Name a script as a content security policy does."""
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    digest = hashlib.sha256(read.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
