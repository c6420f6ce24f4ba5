"""Where the notebooks are: those that ship with the package, and those of a planner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mapserver.errors import N_, SettingsError
from mapserver.settings import expand_home

PACKAGE = Path(__file__).parent.parent
SUFFIX = ".ipynb"


def shipped() -> list[Path]:
    """List the notebooks that come with mapserver, in their order.

    A wheel carries them inside the package; in a checkout they lie beside it.
    """
    folders = (PACKAGE / "notebooks", PACKAGE.parent / "notebooks")
    folder = next((each for each in folders if each.is_dir()), None)
    return [] if folder is None else sorted(folder.glob(f"[0-9]*{SUFFIX}"))


def find(names: Sequence[str]) -> list[Path]:
    """Find notebooks by their files, or by the names or numbers of those that ship.

    Parameters
    ----------
    names
        Paths, names (``02_access``) or numbers (``02``); none at all: every one that ships.

    Returns
    -------
    list of Path
        Absolute, in the order asked for, each once.

    Raises
    ------
    SettingsError
        There is no such notebook.
    """
    if names:
        return list(dict.fromkeys(_find(name).resolve() for name in names))
    found = shipped()
    if not found:
        raise SettingsError(
            N_("no notebooks came with this installation"),
            mend=N_("Name the notebooks to run, or install the package again"),
        )
    return found


def _find(name: str) -> Path:
    path = expand_home(name)
    if path.is_file() and path.suffix == SUFFIX:
        return path
    ours = shipped()
    for each in ours:
        if name in {each.name, each.stem, each.stem.partition("_")[0]}:
            return each
    raise SettingsError(
        N_("there is no notebook {name}"),
        mend=N_("Give a file that ends in .ipynb, or one of {names}"),
        name=repr(name),
        names=", ".join(each.stem for each in ours),
    )
