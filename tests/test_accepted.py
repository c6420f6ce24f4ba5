"""Queries and addresses are read and written as the standard library does, in less time."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mapserver.errors import QueryError
from mapserver.web.accepted import read_query
from mapserver.web.api.links import PATH_CHARACTERS, quote_path, write_query

QUERY = st.text("ab=&;,%20+.~길é", max_size=20)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(text=QUERY)
@example("")
@example("a&&b==c&=d&e=")
@example("lon=126.85&lat=35.14")
@example("a=%41+b")
@example("길=%ab")
@example("%b0=a&b=%EF%BF%BD")
def test_a_query_is_read_as_the_library_reads_it_and_bytes_that_are_no_text_refused(text):
    received = text.encode().decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(QueryError, match="not in UTF-8"):
            read_query(received)
    else:
        assert read_query(received) == pairs


@given(query=st.dictionaries(TEXT, TEXT, max_size=4))
@example({"bbox": "126.84,35.14,126.86,35.16", "limit": "5"})
@example({"": "", "a~b": "c d", "lon": "-1e5"})
def test_a_query_is_written_as_the_library_writes_it(query):
    assert write_query(query) == urlencode(query)


@given(path=TEXT)
@example("/api/collections/trails/items/{featureId}")
@example("/api/<own>")
@example("/a%b c")
def test_a_path_is_quoted_as_the_library_quotes_it(path):
    assert quote_path(path) == quote(path, safe=PATH_CHARACTERS)
