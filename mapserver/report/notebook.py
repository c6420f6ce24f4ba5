"""Check the parameters of notebooks, each by one rule, in the notebook and before a report."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import MutableMapping
from typing import Any

from mapserver.city import City, open_city
from mapserver.drawing import notebook_view
from mapserver.report.notebook_rules import (
    PARENT_FOLDER,
    RULES,
    check_parameters,
    find_city,
    find_data_file,
)

__all__ = ["RULES", "check_parameters", "find_city", "start_notebook"]


def start_notebook(namespace: MutableMapping[str, Any]) -> tuple[City, dt.date]:
    """Check the parameters of a notebook, open its city and choose its day.

    Parameters
    ----------
    namespace
        The notebook's ``globals()``. Its parameters are normalised there: lists are sorted and
        have no duplicates, 500.0 is 500, ``~`` in paths is expanded.

    Returns
    -------
    city : City
        The city of ``CITY``, relative to the current folder or to that of the notebook; that of
        ``MAPSERVER_CITY`` (which ``make notebooks CITY=...`` sets) if ``CITY`` was not changed.
    day : date
        The day of ``DAY``, or today in the city.

    Raises
    ------
    SettingsError
        A parameter cannot be used; the message is in ``LANG``.
    DataError
        ``CITY`` is no city.
    """
    values = check_parameters(namespace)
    # Twice: the first check needs no city and finds its folder, the second one looks up layers.
    folder = find_city(_choose_city(values.get("CITY", PARENT_FOLDER)), namespace)
    city = open_city(folder)
    values |= check_parameters(namespace, city=city)
    if values.get("FILE"):
        values["FILE"] = find_data_file(values["FILE"], namespace, values.get("LANG"))
    namespace.update(values | {"CITY": str(folder)})
    notebook_view.show_tables()
    return city, dt.date.fromisoformat(values["DAY"]) if values.get("DAY") else city.today()


def _choose_city(path: str) -> str:
    """Return ``CITY``, or ``MAPSERVER_CITY`` if the notebook has its original ``CITY``."""
    return os.environ.get("MAPSERVER_CITY") or path if path == PARENT_FOLDER else path
