"""The parameters of notebooks: each checked by one rule, in the notebook and before a report."""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from mapserver.city import City, open_city
from mapserver.drawing import notebook_view
from mapserver.errors import N_, MapserverError, SettingsError, fill
from mapserver.geo import geodesy
from mapserver.model import arguments, status
from mapserver.settings import expand_home
from mapserver.text import language

SHIPPED = (Path(__file__).parent / "notebooks", Path(__file__).parent.parent / "notebooks")
"""Where the notebooks lie that come with the package: in a wheel, in a checkout."""

BESIDE = ".."
"""The ``CITY`` that notebooks ship with: the folder that theirs lies in."""

MAY_BE_MISSING = {"POPULATION": "population", "NETWORK": "paths"}
"""Layers that a notebook uses where the city has them, under the names that it begins with."""

Rule = Callable[[str, Any], Any]


def start_notebook(namespace: MutableMapping[str, Any]) -> tuple[City, dt.date]:
    """Check the parameters of a notebook, open its city and choose its day.

    Parameters
    ----------
    namespace
        The notebook's ``globals()``. Its parameters are put in order there: lists sorted and
        without doubles, 500.0 as 500, ``~`` in paths written out.

    Returns
    -------
    city : City
        That of ``CITY``, looked for from the current folder, then from the notebook's own; that of
        ``MAPSERVER_CITY`` (which ``make notebooks CITY=...`` sets) where ``CITY`` is as it ships.
    day : date
        That of ``DAY``; today in Korea without.

    Raises
    ------
    SettingsError
        A parameter cannot be used; the message is in ``LANG``.
    DataError
        ``CITY`` is no city.
    """
    values = check_parameters(namespace)
    folder = find_city(_choose_city(values.get("CITY", BESIDE)), namespace)
    city = open_city(folder)
    values |= check_parameters(namespace, city=city)
    if values.get("FILE"):
        values["FILE"] = _find_file(values["FILE"], namespace, values.get("LANG"))
    namespace.update(values | {"CITY": str(folder)})
    notebook_view.show_tables()
    return city, dt.date.fromisoformat(values["DAY"]) if values.get("DAY") else status.today()


def _choose_city(path: str) -> str:
    """Choose the city of ``MAPSERVER_CITY`` for a notebook whose ``CITY`` was left as it ships."""
    return os.environ.get("MAPSERVER_CITY") or path if path == BESIDE else path


def check_parameters(
    values: Mapping[str, Any], *, city: City | None = None, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """Check parameters by the rule of each name.

    Parameters
    ----------
    values
        Names and values; names that no rule knows are left alone.
    city
        Layers are looked for in it; without one they are not.
    names
        Check only these; by default all.

    Returns
    -------
    dict
        The parameters that have a rule, put in order.

    Raises
    ------
    SettingsError
        One cannot be used: it is named, with what can be chosen. The message is in the language
        of ``LANG``, in both where that is the fault.
    """
    lang = values.get("LANG", language.DEFAULT)
    checked: dict[str, Any] = {}
    try:
        for name, rule in RULES.items():
            if name in values and (names is None or name in names):
                checked[name] = rule(name, values[name])
        _check_together({**values, **checked})
        if city is not None:
            for name in LAYERS & checked.keys():
                _check_layer(name, checked[name], city)
    except MapserverError as error:
        raise _translated(error, lang) from None
    return checked


def find_city(path: str | Path, namespace: Mapping[str, Any] | None = None) -> Path:
    """Find the folder of a city from the current folder, then from that of the notebook.

    papermill runs a notebook in the folder that it was called from, Jupyter in the notebook's own.

    Parameters
    ----------
    path
        As ``CITY`` says it.
    namespace
        The notebook's ``globals()``, in which editors and papermill leave its name.

    Returns
    -------
    Path
        The first that is a city; without any the path itself, from the current folder.
    """
    given = expand_home(path)
    places = [base / given for base in (Path(), *_notebook_folders(namespace or {}))]
    found = (each for each in places if (each / "gpx").is_dir() or (each / "layers").is_dir())
    return next(found, given)


def _notebook_folders(namespace: Mapping[str, Any]) -> list[Path]:
    """List where the notebook may lie, by what Jupyter, VS Code and papermill say of it."""
    names = [
        os.environ.get("JPY_SESSION_NAME"),
        namespace.get("__vsc_ipynb_file__"),
        namespace.get("PAPERMILL_INPUT_PATH"),
    ]
    return [*(Path(str(name)).parent for name in names if name), *SHIPPED]


def _find_file(name: str, namespace: Mapping[str, Any], lang: Any) -> str:
    places = [base / name for base in (Path(), *_notebook_folders(namespace))]
    found = next((each for each in places if each.exists()), None)
    if found is None:
        error = _refusal(
            "FILE", name, N_("there is no such file"), N_("Check the name and the folder")
        )
        raise _translated(error, lang)
    return str(found)


def _refusal(name: str, value: Any, what: str, mend: str, **more: object) -> SettingsError:
    return SettingsError(what, where=name, mend=mend, value=repr(value), **more)


def _translated(error: MapserverError, lang: Any) -> SettingsError:
    """Say an error in the reader's language; in both where the language is at fault."""
    langs = [lang] if isinstance(lang, str) and lang in language.LANGUAGES else ["ko", "en"]
    texts = []
    for each in langs:
        say = language.translator(each).gettext
        parts = [fill(say(part), error.values) for part in (error.what, error.mend) if part]
        texts.append(". ".join(parts))
    return SettingsError("{text}", where=error.where, text=" / ".join(texts))


# -- a rule for each name ---------------------------------------------------------------------


def _check_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | Path):
        raise _refusal(name, value, N_("{value} is no text"), N_('Write it in quotes: "text"'))
    return str(value)


def _check_folder(name: str, value: Any) -> str:
    text = _check_text(name, value)
    return str(expand_home(text)) if text else text


def _check_city(name: str, value: Any) -> str:
    return _check_folder(name, value) or "."


def _check_language(name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in language.LANGUAGES:
        choices = ", ".join(map(repr, language.LANGUAGES))
        what = N_("{value} is no language of the notebooks")
        raise _refusal(name, value, what, N_("Choose from: {choices}"), choices=choices)
    return value


def _check_day(name: str, value: Any) -> str | None:
    """Check a day: ISO text, a date, or nothing for today."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    try:
        return dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        what = N_("{value} is no day")
        raise _refusal(
            name, value, what, N_('Write it as "2026-12-20", or None for today')
        ) from None


def _check_degrees(name: str, value: Any) -> float | None:
    if value is None:
        return None
    limit = 180 if name == "LON" else 90
    try:
        number = arguments.read_number(value, name, least=-limit, zero=True)
    except MapserverError:
        number = np.inf
    if not number <= limit:
        mend = N_("Give degrees from {least} to {most}")
        raise _refusal(name, value, N_("{value} are no degrees"), mend, least=-limit, most=limit)
    return number


def _check_crs(name: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    geodesy.parse_crs(str(value), where=name)
    return value


def _check_encoding(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    try:
        codecs.lookup(value)
    except (LookupError, TypeError):
        what = N_("{value} is no encoding that Python knows")
        raise _refusal(name, value, what, N_('Write one such as "utf-8" or "cp949"')) from None
    return str(value)


def _check_border(name: str, value: Any) -> float:
    return arguments.read_number(value, name, zero=True)


RULES: dict[str, Rule] = {
    "LANG": _check_language,
    "CITY": _check_city,
    "OUT": _check_folder,
    "DAY": _check_day,
    "LON": _check_degrees,
    "LAT": _check_degrees,
    "DISTANCES_M": lambda name, value: arguments.read_numbers(value, name),
    "WITHIN_M": lambda name, value: arguments.read_number(value, name),
    "MINUTES": lambda name, value: arguments.read_numbers(value, name),
    "NEEDED_SHOPS": lambda name, value: arguments.read_count(value, name),
    "ON_M2": lambda name, value: arguments.read_number(value, name),
    "BORDER_M": _check_border,
    "TOP": lambda name, value: arguments.read_count(value, name),
    "SITES": lambda name, value: arguments.read_count(value, name),
    "POPULATION": _check_text,
    "NETWORK": _check_text,
    "LAYER": _check_text,
    "FILE": _check_folder,
    "CRS": _check_crs,
    "ENCODING": _check_encoding,
}
LAYERS = {"POPULATION", "NETWORK", "LAYER"}


def _check_together(values: Mapping[str, Any]) -> None:
    """Check what depends on another parameter."""
    if "LON" in values and "LAT" in values and (values["LON"] is None) != (values["LAT"] is None):
        missing, given = ("LAT", "LON") if values["LAT"] is None else ("LON", "LAT")
        what, mend = N_("{given} is given and {missing} is not"), N_("Give both, or None for both")
        raise _refusal(missing, None, what, mend, given=given, missing=missing)
    distances = values.get("DISTANCES_M")
    within = values.get("WITHIN_M")
    if distances is not None and within is not None and within not in distances:
        choices = ", ".join(map(str, distances))
        what = N_("{value} is not among DISTANCES_M")
        mend = N_("Choose from: {choices}; or add it to DISTANCES_M")
        raise _refusal("WITHIN_M", within, what, mend, choices=choices)


def _check_layer(name: str, layer: str, city: City) -> None:
    """Check that a layer is there, and of a network that it has lines."""
    if not layer or (layer not in city.layers and layer == MAY_BE_MISSING.get(name)):
        return
    if layer not in city.layers:
        near = difflib.get_close_matches(layer, city.layers, n=1, cutoff=0.6)
        choices = ", ".join([*near, *(each for each in city.layers if each not in near)]) or "–"
        what = N_("this city has no layer {value}")
        raise _refusal(name, layer, what, N_("Choose from: {choices}"), choices=choices)
    dimensions = shapely.get_dimensions(city.layers[layer].geometry.to_numpy())
    if name == "NETWORK" and not (dimensions == 1).any():
        what, mend = N_("the layer {value} has no lines to walk on"), N_("Name a layer of paths")
        raise _refusal(name, layer, what, mend)
    if name == "POPULATION":
        numeric = city.layers[layer].select_dtypes("number").columns
        if not len(numeric):
            what = N_("the layer {value} has no column of numbers")
            raise _refusal(name, layer, what, N_("Name a layer that counts people"))
