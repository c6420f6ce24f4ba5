"""The format of an answer: what a header accepts, and what it refuses beside that."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import NotAcceptable

from mapserver.web.api.formats import GEOJSON, HTML, JSONFG, MVT, choose_format

OFFERED = (GEOJSON, JSONFG, HTML)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("application/geo+json;q=0, */*;q=0.1", JSONFG),
        ("application/*;q=0, */*", HTML),
        ("text/*;q=0, */*;q=0.1", GEOJSON),
        ("application/*;q=0, application/vnd.ogc.fg+json", JSONFG),
        ("*/*;q=0, text/html;q=0.1", HTML),
        ("text/html;q=0, application/json", GEOJSON),
    ],
)
def test_what_is_refused_is_not_given_for_a_wider_type(header, chosen):
    assert choose_format(OFFERED, None, header) is chosen


@pytest.mark.parametrize("header", ["*/*;q=0", "application/geo+json;q=0", "image/png, */*;q=0"])
def test_where_all_is_refused_nothing_is_given(header):
    with pytest.raises(NotAcceptable, match=r"application/geo\+json"):
        choose_format(OFFERED, None, header)


def test_f_counts_more_than_what_a_header_refuses():
    assert choose_format(OFFERED, "html", "text/html;q=0") is HTML
    assert choose_format((MVT,), None, "") is MVT
