"""Find notebooks: those that come with the package, and those of a planner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mapserver.errors import N_, SettingsError
from mapserver.settings import expand_home

PACKAGE = Path(__file__).parent.parent
SUFFIX = ".ipynb"


def list_shipped_notebooks() -> list[Path]:
    """List the notebooks that come with mapserver, in their order.

    A wheel carries them inside the package; in a checkout they lie beside it.
    """
    folders = (PACKAGE / "notebooks", PACKAGE.parent / "notebooks")
    folder = next((candidate for candidate in folders if candidate.is_dir()), None)
    return [] if folder is None else sorted(folder.glob(f"[0-9]*{SUFFIX}"))


def find_notebooks(names: Sequence[str]) -> list[Path]:
    """Find notebooks by their files, or those of mapserver by their names or numbers.

    Parameters
    ----------
    names
        Paths, names (``02_access``) or numbers (``02``); empty for all that come with mapserver.

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
        return list(dict.fromkeys(_find_notebook(name).resolve() for name in names))
    notebooks = list_shipped_notebooks()
    if not notebooks:
        raise SettingsError(
            N_("no notebooks came with this installation"),
            mend=N_("Name the notebooks to run, or install the package again"),
        )
    return notebooks


def _find_notebook(name: str) -> Path:
    """Return the file of a name; a file comes before a notebook of mapserver of the same name."""
    path = expand_home(name)
    if path.is_file() and path.suffix == SUFFIX:
        return path
    notebooks = list_shipped_notebooks()
    for notebook in notebooks:
        if name in {notebook.name, notebook.stem, notebook.stem.partition("_")[0]}:
            return notebook
    raise SettingsError(
        N_("there is no notebook {name}"),
        mend=N_("Give a file that ends in .ipynb, or one of {names}"),
        name=repr(name),
        names=", ".join(notebook.stem for notebook in notebooks),
    )
