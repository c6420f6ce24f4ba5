"""Posters in large text: no small print on the screen, and paper as it was."""

from __future__ import annotations

import re
from pathlib import Path

import mapserver

CSS = Path(mapserver.__file__).parent / "web" / "static" / "poster.css"
LEAST_MM = 18.7 / 96 * 25.4
"""18.67 px are 14 points, from which on WCAG calls bold text large."""


def test_what_is_small_on_paper_is_larger_on_the_screen_in_large_text():
    text = re.sub(r"/\*.*?\*/", "", CSS.read_text("utf-8"), flags=re.DOTALL)
    screen = text.partition("@media screen {")[2].partition("\n}")[0]
    paper = text.partition("@media")[0]
    larger = re.search(r":is\(([^)]*)\).*?font-size: ([\d.]+)mm", screen)
    assert float(larger[2]) >= LEAST_MM
    names = {name.strip() for name in larger[1].split(",")}
    small = [
        selector.strip().removeprefix(".sheet ")
        for selectors, size in re.findall(r"([^{}]+)\{[^{}]*?font-size: ([\d.]+)mm", paper)
        if float(size) < LEAST_MM
        for selector in selectors.split(",")
    ]
    assert len(small) > 3
    assert set(small) <= names
    assert "data-size" not in paper
