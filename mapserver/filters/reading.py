"""Read a filter in either form of CQL2, within limits, and find the rows that it asks for."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_, QueryError
from mapserver.filters.draft import translate_draft
from mapserver.filters.evaluation import Evaluator
from mapserver.filters.folding import compose
from mapserver.filters.functions import FUNCTIONS, Function
from mapserver.filters.pieces import parse_text
from mapserver.filters.syntax import require_few_levels
from mapserver.settings import limits

FilterLanguage = Literal["cql2-text", "cql2-json", "cql-text"]
LANGUAGES: tuple[FilterLanguage, ...] = ("cql2-text", "cql2-json", "cql-text")
"""The two forms of CQL2, and the draft's name of the first, by which GDAL asks."""

JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
"""A text of JSON, or a bracket outside of texts."""

JSON_EXAMPLE = '{"op": "<", "args": [{"property": "length_km"}, 2]}'


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood; it can be asked of any frame.

    Attributes
    ----------
    tree
        Its JSON form as plain Python; not to be changed.
    properties
        The properties that it names, in the order of their first naming.
    """

    tree: Any
    properties: tuple[str, ...]

    def find_rows(
        self,
        frame: gpd.GeoDataFrame,
        *,
        properties: Mapping[str, str] | None = None,
        to_lonlat: Callable[[shapely.Geometry], shapely.Geometry] | None = None,
        zone: dt.tzinfo = dt.UTC,
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> npt.NDArray[np.bool_]:
        """Find the rows of a frame for which the filter is true.

        Parameters
        ----------
        frame
            Features in longitude and latitude (EPSG:4326); their ids are the index.
        properties
            The properties that may be asked for, with the type of each as JSON Schema or CQL2 has
            it (``string``, ``number``, ``integer``, ``boolean``, ``date``, ``date-time``,
            ``array``, ``geometry``), or as ``text-date`` and ``text-date-time``: texts that are
            all days, or times with an offset. Without it every column, of the type that it has.
            ``id``, ``geometry`` and ``geom`` can be asked for in any case.
        to_lonlat
            Transforms a geometry of the filter into longitude and latitude (``filter-crs``);
            without it they are in CRS84.
        zone
            Of dates, and of times without a zone, where they are compared with times.
        functions
            What may be called, by name in small letters.

        Returns
        -------
        npt.NDArray[np.bool_]
            Array ``(n,)``: where the filter is true. Where a value that it needs is missing, it
            is unknown, and so is its opposite: neither is a match.

        Raises
        ------
        QueryError
            A property, type or function does not fit, or the answer takes too long.
        """
        evaluator = Evaluator(frame, properties, to_lonlat, zone, functions)
        return evaluator.find_rows(self.tree)


def read_filter(
    text: str,
    language: str = "cql2-text",
    *,
    booleans: Collection[str] = (),
    times: Collection[str] = (),
) -> Filter:
    """Read a filter.

    Parameters
    ----------
    text
        At most ``limits.MAX_FILTER_BYTES`` of UTF-8, and ``limits.MAX_FILTER_LEVELS`` levels.
    language
        ``cql2-text`` or ``cql2-json``; ``cql-text`` for filters as GDAL writes them.
    booleans
        The properties that ``cql-text`` compares with 1 and 0.
    times
        The properties of texts that ``cql-text`` compares with texts that are times.

    Returns
    -------
    Filter
        With its JSON form and the properties that it names.

    Raises
    ------
    QueryError
        The text is too long, too deep or cannot be understood; the message says where.

    Examples
    --------
    >>> read_filter("맨발 = 'yes' AND length_km < 2").properties
    ('맨발', 'length_km')
    """
    if language not in LANGUAGES:
        raise QueryError(
            N_("there is no filter language {language}"),
            parameter="filter-lang",
            mend=N_("There are: {names}"),
            language=language,
            names=", ".join(LANGUAGES),
        )
    # Half a pair of UTF-16 has no bytes of its own: three are counted.
    if len(text.encode("utf-8", "surrogatepass")) > limits.MAX_FILTER_BYTES:
        raise QueryError(
            N_("the filter is longer than {most} bytes"),
            parameter="filter",
            mend=N_("Ask for less at once"),
            most=limits.MAX_FILTER_BYTES,
        )
    # Before it is parsed: a letter and the mark above it are no name to the parser.
    text = text if language == "cql2-json" else compose(text)
    if language == "cql-text":
        text = translate_draft(text, booleans, times)
    tree = _compose_texts(parse_json(text) if language == "cql2-json" else parse_text(text))
    return Filter(tree, tuple(dict.fromkeys(list_properties(tree))))


def parse_json(text: str) -> Any:
    """Parse a filter in CQL2 JSON.

    Raises
    ------
    QueryError
        It is no JSON, has too many levels, a key twice in one object, or half a letter.
    """
    level = 0
    for sign in JSON_TOKEN.findall(text):
        level += 1 if sign in "[{" else -1 if sign in "]}" else 0
        require_few_levels(level)
    try:
        # Numbers are decimal, as in the text form; whole ones of any length are read at once.
        tree = json.loads(
            text,
            parse_int=float,
            parse_constant=_refuse_constant,
            object_pairs_hook=_make_object,
        )
    except json.JSONDecodeError as error:
        raise QueryError(
            N_("the filter is no JSON: it cannot be read at letter {letter}"),
            parameter="filter",
            mend=N_("A filter looks like this: {example}"),
            letter=error.pos + 1,
            example=JSON_EXAMPLE,
        ) from None
    # JSON can write one half of a pair of UTF-16: it is no letter, and no answer can repeat it.
    if re.search("[\\ud800-\\udfff]", json.dumps(tree, ensure_ascii=False)):
        raise QueryError(
            N_("a text of the filter holds half a letter (a surrogate without its partner)"),
            parameter="filter",
        )
    return tree


def _refuse_constant(name: str) -> float:
    raise json.JSONDecodeError(name, name, 0)


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; readers disagree about a key that stands in it twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise QueryError(N_("the filter has one key twice in an object"), parameter="filter")
    return made


def _compose_texts(tree: Any) -> Any:
    """Return a filter with its texts and names of properties composed; JSON may escape letters."""
    if isinstance(tree, list):
        return [_compose_texts(item) for item in tree]
    if isinstance(tree, dict):
        return {key: _compose_texts(value) for key, value in tree.items()}
    return compose(tree) if isinstance(tree, str) else tree


def list_properties(tree: Any) -> Iterator[str]:
    """List the properties that a filter names, from the left to the right, with repetitions."""
    if isinstance(tree, list):
        for item in tree:
            yield from list_properties(item)
    elif isinstance(tree, dict):
        name = tree.get("property")
        if isinstance(name, str):
            yield name
        else:
            for value in tree.values():
                yield from list_properties(value)
