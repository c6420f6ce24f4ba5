"""The file of settings: TOML with one key for each setting, read with the line of each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mapserver.errors import N_, SettingsError
from mapserver.settings import limits


def read_settings_file(path: Path) -> dict[str, tuple[Any, str]]:
    """Read a file of settings.

    Parameters
    ----------
    path
        A TOML file in UTF-8.

    Returns
    -------
    dict
        For each key its value, as TOML has it, and where it stands (``file:line: key``).

    Raises
    ------
    SettingsError
        The file cannot be read, or is not TOML.
    """
    text = _read_settings_text(path)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # "Invalid value (at line 3, column 8)": the place goes before the message, as everywhere.
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise SettingsError(
            N_("this is not TOML: {reason}"),
            where=f"{path}:{line[1]}" if line else str(path),
            mend=N_('Write each setting on a line of its own: key = "value"'),
            reason="too deep" if isinstance(error, RecursionError) else reason,
        ) from error
    lines = _find_lines(text, document)
    return {key: (value, f"{path}:{lines[key]}: {key}") for key, value in document.items()}


def _read_settings_text(path: Path) -> str:
    try:
        # A device or a pipe has no end, so no more is read than a file may have.
        with path.open("rb") as file:
            data = file.read(limits.MAX_SETTINGS_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(
            N_("the file of settings cannot be read: {reason}"),
            where=str(path),
            mend=N_("Correct MAPSERVER_SETTINGS or --settings, or the rights of the file"),
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    if len(data) > limits.MAX_SETTINGS_BYTES:
        raise SettingsError(
            N_("the file of settings is larger than 100 kB"),
            where=str(path),
            mend=N_("Name a file of settings: MAPSERVER_SETTINGS or --settings"),
        )
    try:
        # Notepad begins a file with a byte order mark.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            N_("this is not UTF-8"), where=f"{path}:{line}", mend=N_("Save the file as UTF-8")
        ) from error


def _find_lines(text: str, keys: Iterable[str]) -> dict[str, int]:
    """Find the line of each key, counted from 1; tomllib does not tell.

    A line is that of a key if the document above it is whole and without the key, and the line
    names it: what looks like a key within a text of several lines is none.
    """
    lines = text.splitlines()
    numbers = dict.fromkeys(keys, 1)
    for key in numbers:
        name = re.compile(rf"""[\s\["']*{re.escape(key)}\b""")
        for number, line in enumerate(lines, start=1):
            if name.match(line) and _is_complete_without("\n".join(lines[: number - 1]), key):
                numbers[key] = number
                break
    return numbers


def _is_complete_without(text: str, key: str) -> bool:
    try:
        return key not in tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
