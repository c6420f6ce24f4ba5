"""Every kind of page is among those that checkers of HTML and HTTP are shown."""

from __future__ import annotations

import pytest

from benchmarks.standards.tools import list_operations, list_pages
from mapserver.web.api.answering import write_rule
from mapserver.web.api.formats import HTML
from mapserver.web.api.routes import OPERATIONS


@pytest.mark.slow  # a page of each kind
def test_every_kind_of_page_is_shown_to_the_checkers(sample_app, sample_city):
    client = sample_app.test_client()
    find = sample_app.url_map.bind("localhost").match
    shown, mimetypes = set(), {}
    for path in (*list_pages(sample_city), *list_operations(sample_city)):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == (404 if path == "/nothing" else 200), path
        if answer.status_code == 200:
            rule = find(path.partition("?")[0], return_rule=True)[0].rule
            shown.add(rule)
            mimetypes[rule] = answer.mimetype
    # Every operation that has a page, and every route of pages that answers with one.
    pages = {
        f"/api{write_rule(each) or '/'}"
        for each in OPERATIONS
        if each.method == "get" and HTML in each.formats
    }
    assert {rule for rule, mimetype in mimetypes.items() if mimetype == "text/html"} >= pages
    for rule in sample_app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and rule.rule not in shown:
            answer = client.get(rule.rule, headers={"Accept": "text/html"})
            # An address that needs more answers with a page that says so.
            assert (answer.status_code, answer.mimetype) != (200, "text/html"), rule.rule
    named = {"/trails", "/districts", "/neighborhoods", "/help"}
    assert {f"{layer}/" for layer in named} <= shown
    assert {rule.partition("<")[0] for rule in shown if "<" in rule} >= {f"{x}/" for x in named}
