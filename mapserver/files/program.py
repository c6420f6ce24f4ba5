"""What this program is: a digest of its code and its texts."""

from __future__ import annotations

import hashlib
import os
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mapserver.settings import limits

ANSWERING_SUFFIXES = (".py", ".mo")
"""Endings of the package's files that decide what it reads and answers: its code and its texts."""


class Program(NamedTuple):
    """The program as it lies on the disk.

    Attributes
    ----------
    digest
        Of the names and contents of its files.
    is_at_rest
        Whether none of them is so young that it may not be what runs here.
    """

    digest: bytes
    is_at_rest: bool


@cache
def read_program(root: Path = Path(__file__).parents[1]) -> Program:
    """Digest the program, once: a version may stay while the code changes.

    By content, since a reproducible build sets all times the same, and servers of one version give
    the same answers wherever they were installed.
    """
    digest = hashlib.sha256()
    changed_s = 0.0
    for place, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(ANSWERING_SUFFIXES):
                continue
            path = os.path.join(place, name)  # noqa: PTH118 -- an object for each took longer
            with open(path, "rb") as file:  # noqa: PTH123 -- likewise
                content = file.read()
                changed_s = max(changed_s, os.fstat(file.fileno()).st_ctime)
            label = os.fsencode(os.path.relpath(path, root))
            for part in (label, content):
                digest.update(len(part).to_bytes(8, "little"))
                digest.update(part)
    return Program(digest.digest(), time.time() - changed_s >= limits.PROGRAM_REST_S)
