"""What the server writes down: one line for each thing, in which nothing acts."""

from __future__ import annotations

import io
import json
import logging

import pytest

from mapserver.web import logs


@pytest.fixture
def written(monkeypatch):
    """Configure logs in a style, with one place for all that is written."""
    places: list[io.StringIO] = []
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(logs.access, "handlers", [])
    monkeypatch.setattr(logs.access, "propagate", True)
    monkeypatch.setattr(logs.access, "level", logging.NOTSET)

    def configure(style: str) -> io.StringIO:
        place = io.StringIO()
        monkeypatch.setattr("sys.stdout", place)
        root.handlers = [logging.StreamHandler(place)]
        logs.configure(style)
        places.append(place)
        return place

    return configure


def write(path: str = "/trails/", client: str = "203.0.113.9") -> None:
    logs.write_request(client, "GET", path, 200, 12, 0.0042, "ab12")


def test_a_request_as_text_is_one_line(written):
    place = written("text")
    write()
    assert place.getvalue() == '203.0.113.9 "GET /trails/" 200 12 bytes 4.2 ms ab12\n'


def test_what_a_path_usually_holds_is_written_as_it_is(written):
    place = written("text")
    write("/api/collections/a:b@c;d,e=1/items/(x)!$&'*+-._~")
    assert '"GET /api/collections/a:b@c;d,e=1/items/(x)!$&\'*+-._~" 200' in place.getvalue()
    logs.write_request("2001:db8::1", "GET", "/", 200, 0, 1.23456, "ab12")
    assert place.getvalue().splitlines()[1] == '2001:db8::1 "GET /" 200 0 bytes 1234.6 ms ab12'


def test_a_path_that_no_server_could_hand_over_is_written_as_well(written):
    place = written("text")
    write("/trails/길")
    assert '"GET /trails/%3F" 200' in place.getvalue()


@pytest.mark.parametrize(
    ("style", "line"),
    [("text", "WARNING 파일 a"), ("json", '"level": "warning", "message": "파일 a"}')],
)
def test_a_message_has_its_level_and_its_letters(written, style, line):
    place = written(style)
    logging.getLogger("mapserver").warning("파일 %s", "a")
    assert place.getvalue().endswith(f"{line}\n")


def test_a_request_as_json_has_each_part_under_its_name(written):
    place = written("json")
    write("/\xed\x95\x9c")
    document = json.loads(place.getvalue())
    assert document.pop("time").endswith("Z")
    assert document == {
        "level": "info",
        "client": "203.0.113.9",
        "method": "GET",
        "path": "/%ED%95%9C",
        "status": 200,
        "bytes": 12,
        "ms": 4.2,
        "request_id": "ab12",
    }


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("path", ["/a\nb", "/a\rb", '/a" 200', "/\x1b[31m", "/\x85", "/a" * 9000])
def test_a_path_stays_on_its_line_and_is_short(written, style, path):
    place = written(style)
    write(path, client="evil\n1.2.3.4")
    text = place.getvalue()
    assert len(text.splitlines()) == 1
    assert len(text) < 600
    assert text.isprintable() or text[:-1].isprintable()
    assert "evil" not in text
    if style == "text":
        assert text.count('"') == 2  # nothing in a path ends the quotation


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_method_that_is_none_can_forge_nothing(written, style):
    place = written(style)
    logs.write_request("203.0.113.9", 'G/"\n\x1b' * 50, "/", 400, 0, 0.001, "ab12")
    text = place.getvalue()
    assert "G%2F%22%0A%1B" in text
    assert len(text) < 300


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_message_cannot_begin_a_line_of_its_own(written, style):
    place = written(style)
    logging.getLogger("mapserver").warning("a file %s", "x\nERROR all is lost \x1b[2J")
    assert len(place.getvalue().splitlines()) == 1
    assert "\x1b" not in place.getvalue()
    # A program that shows what it reads from JSON shows it in a terminal, too.
    if style == "json":
        assert json.loads(place.getvalue())["message"].isprintable()


def test_an_error_as_json_is_one_line_with_its_traceback(written):
    place = written("json")
    try:
        raise ValueError("x")
    except ValueError:
        logging.getLogger("mapserver").exception("this failed")
    document = json.loads(place.getvalue())
    assert document["message"] == "this failed"
    assert "ValueError: x" in document["traceback"]


@pytest.mark.parametrize("failure", [BrokenPipeError, ValueError])
def test_a_request_is_answered_though_nobody_reads_the_log(written, failure, monkeypatch):
    place = written("text")

    def fail(_):
        raise failure

    monkeypatch.setattr(place, "write", fail)
    write()


def test_where_a_proxy_writes_requests_down_only_what_happens_is_written(written):
    place = written("errors")
    write("/quiet")
    logging.getLogger("mapserver").warning("a warning")
    assert "quiet" not in place.getvalue()
    assert "a warning" in place.getvalue()
