"""Read filters as GDAL writes them: in the draft of CQL2, which calls its text form ``cql-text``.

GDAL asks by it wherever a description offers it, and else turns a comparison of dates into
``datetime=``, which means something else. What it writes differs from CQL2 in four things alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection

TOKEN = re.compile(
    r"""(?P<name>[^\W\d][\w.:]*|"(?:[^"]|"")*")
        (?:\s+ILIKE\s+(?P<pattern>'(?:[^']|'')*')
          |\s*(?P<sign>=|<>)\s*(?P<bit>[01])(?![\w.])
          |(?P<order>\s*(?:[<>]=?|=|<>)\s*)(?P<time>'[0-9-]{10}T[0-9:.]{8,}Z'))?
    |'(?P<day>\d{4}-\d{2}-\d{2})T'
    |'(?:[^']|'')*'""",
    re.VERBOSE,
)
"""A property, with ILIKE or a comparison with 0, 1 or a time behind it; a day that ends in T; a
text."""


def translate_draft(text: str, booleans: Collection[str], times: Collection[str] = ()) -> str:
    """Translate a filter of GDAL into CQL2 text.

    Parameters
    ----------
    text
        The filter in ``cql-text``.
    booleans
        The properties that are true or false: GDAL compares them with 1 and 0.
    times
        The properties whose texts are times: GDAL compares them with texts of times in UTC.

    Returns
    -------
    str
        The same question in CQL2; what the draft and CQL2 have in common stands as it was.

    Examples
    --------
    >>> translate_draft("name ILIKE '%park%' AND (opened >= '2026-06-01T')", ())
    "CASEI(name) LIKE CASEI('%park%') AND (opened >= '2026-06-01')"
    >>> translate_draft("toilet = 1", {"toilet"})
    'toilet = TRUE'
    >>> translate_draft("edited >= '2026-06-01T00:00:00Z'", (), {"edited"})
    "edited >= TIMESTAMP('2026-06-01T00:00:00Z')"
    """

    def translate(token: re.Match[str]) -> str:
        name = token["name"]
        if token["pattern"]:
            return f"CASEI({name}) LIKE CASEI({token['pattern']})"
        plain = (name or "").strip('"').replace('""', '"')
        if token["time"] and plain in times:
            return f"{name}{token['order']}TIMESTAMP({token['time']})"
        if token["bit"] and plain in booleans:
            return f"{name} {token['sign']} {'TRUE' if token['bit'] == '1' else 'FALSE'}"
        # GDAL writes a day as a time whose hours are missing.
        return f"'{token['day']}'" if token["day"] else token[0]

    return TOKEN.sub(translate, text)
