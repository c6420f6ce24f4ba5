"""Check the arguments of figures, so that errors name them and say how to mend them."""

from __future__ import annotations

import pandas as pd

from mapserver.errors import N_, QueryError
from mapserver.model import arguments
from mapserver.text.languages import LANGUAGES


def require_city(city: object) -> None:
    """Check that a value is a city.

    Raises
    ------
    QueryError
        It is none.
    """
    # Whatever has a plane to draw in is taken for a city.
    if not hasattr(city, "metric_crs"):
        raise QueryError(
            N_("this is no city but {kind}"),
            parameter="city",
            mend=N_("Open one: mapserver.open_city(PATH)"),
            kind=type(city).__name__,
        )


def require_wording(title: object, lang: object, day: object) -> None:
    """Check the title, the language and the day (None is today) of a figure.

    Raises
    ------
    QueryError
        One of them is none.
    """
    if not isinstance(title, str):
        raise QueryError(
            N_("{value} is no text"),
            parameter="title",
            mend=N_("Write it in quotation marks"),
            value=repr(title),
        )
    if not isinstance(lang, str):
        raise QueryError(
            N_("{value} is no language"),
            parameter="lang",
            mend=N_("Choose from: {choices}"),
            choices=", ".join(map(repr, LANGUAGES)),
            value=repr(lang),
        )
    if day is not None:
        arguments.require_day(day, "day")


def require_shown(values: object, labels: object, extra: object) -> None:
    """Check the values, the labels and the further frames of a map, each of which may be None.

    Raises
    ------
    QueryError
        One of them is of another kind.
    """
    if values is not None and not isinstance(values, str | pd.Series):
        # Raises for everything but a table, which has several columns of values.
        arguments.require_values(values, "values")
        raise QueryError(
            N_("this is a table, and a map shows one column"),
            parameter="values",
            mend=N_('Choose one: table["shops"]'),
        )
    if labels is not None and labels is not False and not isinstance(labels, pd.Series):
        raise QueryError(
            N_("{value} are no labels"),
            parameter="labels",
            mend=N_("Give a Series with a text for each area, or False for none"),
            value=repr(labels),
        )
    for name, frame in arguments.require_mapping({} if extra is None else extra, "extra").items():
        arguments.require_frame(frame, f"extra[{name!r}]")
