"""The rules of the parameters of notebooks: one for each name."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from mapserver.errors import N_, DataError, MapserverError, NotFoundError, SettingsError
from mapserver.geo import geodesy
from mapserver.model import Snapshot, arguments
from mapserver.settings import expand_home
from mapserver.text import language
from mapserver.text.encoding_names import find_codec
from mapserver.text.languages import DEFAULT, LANGUAGES

SHIPPED_FOLDERS = tuple(Path(__file__).parents[level] / "notebooks" for level in (1, 2))
"""The folders of the notebooks that come with the package: in a wheel and in a checkout."""

PARENT_FOLDER = ".."
"""The ``CITY`` with which notebooks are shipped: the parent of their folder."""

OPTIONAL_LAYERS = {"POPULATION": "population", "NETWORK": "paths"}
"""Layers that a notebook uses only if the city has them, by parameter: their default names."""

Rule = Callable[[str, Any], Any]


def check_parameters(
    values: Mapping[str, Any], *, city: Snapshot | None = None, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """Check parameters by the rule of each name.

    Parameters
    ----------
    values
        Names and values; names without a rule are ignored.
    city
        The city in which layers are looked up; without one they are not checked.
    names
        The names to check; by default all.

    Returns
    -------
    dict
        The parameters that have a rule, normalised.

    Raises
    ------
    SettingsError
        A parameter cannot be used; the message has its name and the choices, in the language of
        ``LANG``, or in both if that is the one at fault.
    """
    lang = values.get("LANG", DEFAULT)
    valid: dict[str, Any] = {}
    try:
        for name, rule in RULES.items():
            if name in values and (names is None or name in names):
                valid[name] = rule(name, values[name])
        # Parameters that depend on each other are compared only when each is valid itself.
        _check_together({**values, **valid})
        if city is not None:
            for name in LAYER_PARAMETERS & valid.keys():
                _check_layer(name, valid[name], city)
    except MapserverError as error:
        # Without the original as its context: a notebook would show both tracebacks.
        raise _translate_error(error, lang) from None
    return valid


def find_city(path: str | Path, namespace: Mapping[str, Any] | None = None) -> Path:
    """Find the folder of a city relative to the current folder or to that of the notebook.

    papermill runs a notebook in the current folder of its caller, Jupyter in the notebook's own.

    Parameters
    ----------
    path
        The value of ``CITY``.
    namespace
        The notebook's ``globals()``, in which editors and papermill write its name.

    Returns
    -------
    Path
        The first folder that is a city; without any the path itself.
    """
    folder = expand_home(path)
    places = [base / folder for base in (Path(), *_list_notebook_folders(namespace or {}))]
    cities = (place for place in places if (place / "gpx").is_dir() or (place / "layers").is_dir())
    return next(cities, folder)


def _list_notebook_folders(namespace: Mapping[str, Any]) -> list[Path]:
    """List folders that the notebook may be in, from what Jupyter, VS Code and papermill set."""
    # Jupyter sets the first of these names, VS Code the second and papermill the third.
    names = [
        os.environ.get("JPY_SESSION_NAME"),
        namespace.get("__vsc_ipynb_file__"),
        namespace.get("PAPERMILL_INPUT_PATH"),
    ]
    return [*(Path(str(name)).parent for name in names if name), *SHIPPED_FOLDERS]


def find_data_file(name: str, namespace: Mapping[str, Any], lang: Any) -> str:
    """Return the path of a file relative to the current folder or to that of the notebook."""
    places = [base / name for base in (Path(), *_list_notebook_folders(namespace))]
    file = next((place for place in places if place.exists()), None)
    if file is None:
        error = _make_refusal(
            "FILE", name, N_("there is no such file"), N_("Check the name and the folder")
        )
        raise _translate_error(error, lang)
    return str(file)


def _make_refusal(name: str, value: Any, what: str, mend: str, **more: object) -> SettingsError:
    return SettingsError(what, where=name, mend=mend, value=repr(value), **more)


def _translate_error(error: MapserverError, lang: Any) -> SettingsError:
    """Return an error in the reader's language, in both if the language itself is at fault."""
    langs = [lang] if isinstance(lang, str) and lang in LANGUAGES else [*LANGUAGES]
    texts = []
    for lang_code in langs:
        parts = [
            language.write_message(part, error.values, lang_code)
            for part in (error.what, error.mend)
            if part
        ]
        texts.append(". ".join(parts))
    return SettingsError("{text}", where=error.where, text=" / ".join(texts))


# -- a rule for each name ---------------------------------------------------------------------


def _check_text(name: str, value: Any) -> str:
    """Return a text or a path as text, empty for None."""
    if value is None:
        return ""
    if not isinstance(value, str | Path):
        raise _make_refusal(name, value, N_("{value} is no text"), N_('Write it in quotes: "text"'))
    return str(value)


def _check_folder(name: str, value: Any) -> str:
    """Return a path with ``~`` expanded, empty for None."""
    text = _check_text(name, value)
    return str(expand_home(text)) if text else text


def _check_city(name: str, value: Any) -> str:
    """Return the path of a city, the current folder if it is empty."""
    return _check_folder(name, value) or "."


def _check_language(name: str, value: Any) -> str:
    """Return a language that mapserver has."""
    if not isinstance(value, str) or value not in LANGUAGES:
        choices = ", ".join(map(repr, LANGUAGES))
        what = N_("{value} is no language of the notebooks")
        raise _make_refusal(name, value, what, N_("Choose from: {choices}"), choices=choices)
    return value


def _check_day(name: str, value: Any) -> str | None:
    """Return a day as ISO text, from a text or a date; None, which is today, for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    try:
        return dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        what = N_("{value} is no day")
        raise _make_refusal(
            name, value, what, N_('Write it as "2026-12-20", or None for today')
        ) from None


def _check_degrees(name: str, value: Any) -> float | None:
    """Return a longitude or latitude within its limits, None if it is not given."""
    if value is None:
        return None
    limit = 180 if name == "LON" else 90
    try:
        number = arguments.read_number(value, name, minimum=-limit, zero=True)
    except MapserverError:
        number = np.inf
    # Written so that NaN, for which every comparison is false, is refused, too.
    if not number <= limit:
        mend = N_("Give degrees from {least} to {most}")
        raise _make_refusal(
            name, value, N_("{value} are no degrees"), mend, least=-limit, most=limit
        )
    return number


def _check_crs(name: str, value: Any) -> Any:
    """Return a CRS that PROJ knows, None if it is not given."""
    if value is None or value == "":
        return None
    # The parameter stays as it is written, EPSG:5186 or 5186: the notebook shows it.
    geodesy.parse_crs(str(value), where=name)
    return value


def _check_encoding(name: str, value: Any) -> str | None:
    """Return the name of an encoding of text, None if it is not given."""
    if value is None or value == "":
        return None
    try:
        # The rule by which files are read: what Python calls a codec may be no text, as base64.
        find_codec(value if isinstance(value, str) else "")
    except DataError:
        what = N_("{value} is not the name of a text encoding")
        raise _make_refusal(name, value, what, N_('Write one such as "utf-8" or "cp949"')) from None
    return str(value)


def _check_border(name: str, value: Any) -> float:
    """Return a distance, which may be 0."""
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
LAYER_PARAMETERS = {"POPULATION", "NETWORK", "LAYER"}


def _check_together(values: Mapping[str, Any]) -> None:
    """Check parameters that depend on another one."""
    if "LON" in values and "LAT" in values and (values["LON"] is None) != (values["LAT"] is None):
        missing, present = ("LAT", "LON") if values["LAT"] is None else ("LON", "LAT")
        what, mend = N_("{given} is given and {missing} is not"), N_("Give both, or None for both")
        raise _make_refusal(missing, None, what, mend, given=present, missing=missing)
    distances_m = values.get("DISTANCES_M")
    within_m = values.get("WITHIN_M")
    if distances_m is not None and within_m is not None and within_m not in distances_m:
        choices = ", ".join(map(str, distances_m))
        what = N_("{value} is not among DISTANCES_M")
        mend = N_("Choose from: {choices}; or add it to DISTANCES_M")
        raise _make_refusal("WITHIN_M", within_m, what, mend, choices=choices)


def _check_layer(name: str, layer: str, city: Snapshot) -> None:
    """Check that a layer exists, and that it has the lines or numbers that it is used for."""
    # An optional layer may be missing under its default name; under another one it is a mistake.
    if not layer or (layer not in city.layers and layer == OPTIONAL_LAYERS.get(name)):
        return
    if city.layers.is_unread(layer):
        try:
            city.layers.require(layer)
        except NotFoundError as error:
            raise SettingsError(error.what, where=name, mend=error.mend, **error.values) from error
    if layer not in city.layers:
        # Names like the wrong one come first among the choices: it may be a slip of the keyboard.
        similar = difflib.get_close_matches(layer, city.layers, n=1, cutoff=0.6)
        choices = ", ".join([*similar, *(id_ for id_ in city.layers if id_ not in similar)]) or "–"
        what = N_("this city has no layer {value}")
        raise _make_refusal(name, layer, what, N_("Choose from: {choices}"), choices=choices)
    # A layer may mix kinds of geometries; one line is enough to walk on.
    dimensions = shapely.get_dimensions(city.layers[layer].geometry.to_numpy())
    if name == "NETWORK" and not (dimensions == 1).any():
        what, mend = N_("the layer {value} has no lines to walk on"), N_("Name a layer of paths")
        raise _make_refusal(name, layer, what, mend)
    if name == "POPULATION":
        numeric = city.layers[layer].select_dtypes("number").columns
        if not len(numeric):
            what = N_("the layer {value} has no column of numbers")
            raise _make_refusal(name, layer, what, N_("Name a layer that counts people"))
