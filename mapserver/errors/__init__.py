"""Every error that mapserver raises: what is wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mapserver.errors.particles import choose_particles


def N_(template: str) -> str:
    """Mark a message template for translation and return it unchanged."""
    return template


class MapserverError(Exception):
    """Base of all errors meant for a person: one line, no traceback needed.

    Parameters
    ----------
    what
        What is wrong, as an English template (``"latitude {lat} is out of range"``).
        Templates are translated as they stand, so values go into ``values``.
    where
        The place: a file, ``file:line`` or a feature. Never translated.
    mend
        How to put it right, as an English template.
    **values
        What the templates name in braces.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "", **values: object) -> None:
        self.what = what
        self.where = where
        self.mend = mend
        self.values = values
        super().__init__(what)

    def __str__(self) -> str:
        return one_line(self.what, self.where, self.mend, self.values)

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of it: the sentence, since no line of code is at fault."""
        return [f"{type(self).__name__}: {self}"]


class Phrase:
    """A message template with its values that is itself a value of another one.

    Parameters
    ----------
    what
        An English template; it is translated together with the message in which it stands.
    **values
        What the template names in braces.
    """

    def __init__(self, what: str, **values: object) -> None:
        self.what = what
        self.values = values

    def __str__(self) -> str:
        return fill(self.what, self.values)

    def __repr__(self) -> str:
        """Return the sentence as a text in quotes: a list of notes is read as one of texts."""
        return repr(str(self))


class DataError(MapserverError):
    """A file of the city cannot be used as it is."""


class UnrestError(DataError):
    """The files of a city changed while they were read; another try may find them at rest."""


class MistakeError(DataError):
    """Our own code failed over a file, by a mistake of ours; the file may be sound."""


class CatalogError(DataError):
    """``layers/catalog.toml`` says something that cannot be followed."""


class CrsError(DataError):
    """The coordinate reference system is unknown or does not fit the data."""


class StoreError(DataError):
    """A database cannot be used as it is: it is no city, or this role may not."""


class StoreAwayError(StoreError):
    """A database does not answer, or not in time; another try may find it; HTTP says 503."""


class StoreSlowError(StoreAwayError):
    """A question takes a database longer than it may; others may be answered."""


class StoreChangedError(StoreAwayError):
    """A table was changed, and the change is just being followed; others may be answered."""


class SettingsError(MapserverError):
    """An environment variable or option has a value that cannot be used."""


class MissingPackageError(MapserverError, ImportError):
    """A package that only some installations have is needed and not there."""


class QueryError(MapserverError):
    """A question has a value that cannot be answered; HTTP says 400.

    Parameters
    ----------
    parameter
        Name of the argument at fault, as the caller wrote it.
    """

    def __init__(self, what: str, *, parameter: str = "", mend: str = "", **values: object) -> None:
        super().__init__(what, where=parameter, mend=mend, **values)
        self.parameter = parameter


class NotFoundError(QueryError):
    """The layer or feature asked for does not exist; HTTP says 404."""


def fill(template: str, values: Mapping[str, object]) -> str:
    """Fill a message template; a value never acts as a template itself."""
    # Without values nothing is filled in: braces of a text that is no template stay.
    if not values:
        return template
    fitted = choose_particles(template, lambda place: place.format_map(values))
    return fitted.format_map(values)


def one_line(what: str, where: str, mend: str, values: Mapping[str, object]) -> str:
    """Compose ``where: what. mend`` on one line, whatever the values contain."""
    # The place comes first, so that editors and terminals can jump to file:line.
    text = fill(what, values)
    if where:
        text = f"{where}: {text}"
    if mend:
        # A question keeps its mark, and a sentence that ends has its full stop already.
        text = f"{text}{'' if text.endswith(('?', '.')) else '.'} {fill(mend, values)}"
    return printable(" ".join(text.split()))


# Control characters, which could rewrite the screen, line ends, and what turns reading around.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    """Make text from files safe for a terminal or a log: nothing in it acts."""
    return UNPRINTABLE.sub("\ufffd", str(text))
