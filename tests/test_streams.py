"""Answers that are sent while they are written: the same bytes, few at a time, and known if cut."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import tracemalloc
import zlib

import brotli
import pytest
from browsing import serve
from gpxtext import gpx, track
from rsgi import Protocol, make_scope, run_apart
from serving import served, until
from shared_fixtures import write_folder
from werkzeug.test import create_environ

from mapserver.model import plain_records
from mapserver.settings import limits
from mapserver.web import logs, streams
from mapserver.web.api import batch
from mapserver.web.entrance import Entrance
from mapserver.web.figures import Figures
from mapserver.web.gateway import Gateway

POINTS = 400
MIB = 2**20
TYPES = {"csv": batch.CSV, "json": batch.GEOJSON, "jsonfg": batch.JSONFG}
QUESTION = "/api/nearest?limit=2"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Serve a city of two trails; no test changes it."""
    files = {
        "gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.851, 35.141)])),
        "gpx/moor.gpx": gpx(track([(126.86, 35.14), (126.861, 35.141)])),
    }
    return serve(write_folder(tmp_path_factory.mktemp("streams") / "city", files))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def _long(monkeypatch):
    """Have every answer of more than a few rows sent while it is written."""
    monkeypatch.setattr(limits, "MAX_JOINED_BYTES", 1000)
    monkeypatch.setattr(limits, "STREAM_PART_BYTES", 2000)
    monkeypatch.setattr(limits, "ANSWER_ROWS_AT_ONCE", 10)


def write_points(kind: str, points: int = POINTS, note: str = '가, "나"') -> bytes:
    places = [(126.8 + number / 10_000, 35.1) for number in range(points)]
    if kind == "csv":
        quoted = note.replace('"', '""')
        rows = (f'{lon},{lat},{row},"{quoted}"\r\n' for row, (lon, lat) in enumerate(places))
        return ("lon,lat,row,note\r\n" + "".join(rows)).encode()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {"row": row, "note": note},
        }
        for row, place in enumerate(places)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def post(client, kind: str = "csv", path: str = QUESTION, body=None, environ=None, **headers):
    body = write_points(kind) if body is None else body
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    kinds = {"content_type": TYPES[kind], "environ_overrides": environ}
    return client.post(path, data=body, headers=names, **kinds)


def is_streamed(answer) -> bool:
    return answer.status_code == 200 and "Content-Length" not in answer.headers


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("path", [QUESTION, "/api/locate"])
def test_a_long_answer_has_the_bytes_of_a_short_one(client, kind, path, request):
    whole = post(client, kind, path)
    assert not is_streamed(whole)
    request.getfixturevalue("_long")
    answer = post(client, kind, path)
    assert is_streamed(answer)
    assert answer.data == whole.data
    differing = {"Content-Length", "ETag", "X-Request-Id"}
    assert {k: v for k, v in answer.headers if k not in differing} == {
        k: v for k, v in whole.headers if k not in differing
    }


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_client_of_the_old_protocol_hears_the_length(client, coding):
    old = {"SERVER_PROTOCOL": "HTTP/1.0"}
    answer, new = (post(client, Accept_Encoding=coding, environ=each) for each in (old, {}))
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert (answer.data, answer.headers["ETag"]) == (new.data, new.headers["ETag"])


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize(
    ("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("x", bytes)]
)
@pytest.mark.parametrize("kind", TYPES)
def test_a_long_answer_is_compressed_as_the_client_likes_it(client, coding, decode, kind):
    plain, answer = post(client, kind), post(client, kind, Accept_Encoding=coding)
    assert is_streamed(answer)
    assert answer.headers.get("Content-Encoding", "x") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert decode(answer.data) == plain.data
    assert coding == "x" or len(answer.data) < len(plain.data) / 4


@pytest.mark.usefixtures("_long")
def test_the_tag_of_a_long_answer_is_that_of_what_was_sent_and_asked(client):
    tag = post(client).headers["ETag"]
    assert post(client).headers["ETag"] == tag
    others = [
        post(client, Accept_Encoding="br"),
        post(client, body=write_points("csv", POINTS + 1)),
        post(client, path="/api/nearest?limit=1"),
        post(client, path="/api/locate"),
        post(client, "json"),
        post(client, "jsonfg", body=write_points("json")),
    ]
    tags = {tag, *(answer.headers["ETag"] for answer in others)}
    assert len(tags) == 1 + len(others)
    assert all(part.startswith('"') for part in tags)


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_rows_are_taken_apart_when_they_are_sent(client, kind, monkeypatch):
    taken = []

    def read(table):
        taken.append(len(table))
        return plain_records(table)

    monkeypatch.setattr(batch, "plain_records", read)
    monkeypatch.setattr(batch.SentPoints, "_require_bounded", lambda *_: None)
    answer = post(client, kind)
    parts = iter(answer.response)
    next(parts)
    assert max(taken) == 10
    assert sum(taken) < POINTS
    rest = b"".join(parts)
    assert sum(taken) == 2 * POINTS
    assert len(rest) > 10_000


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_long_answer_takes_no_memory_of_its_length(client, kind):
    body = write_points(kind, 8_000, "가나다" * 60)
    answer = post(client, kind, body=body)  # what is made at the first question stays
    size_bytes = sum(map(len, answer.response))
    assert size_bytes > 8 * MIB
    tracemalloc.start()
    try:
        answer = post(client, kind, body=body)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        assert sum(map(len, answer.response)) == size_bytes
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most - before < size_bytes / 4


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_answer_that_may_be_too_long_is_refused_before_it_begins(client, kind, monkeypatch):
    size_bytes = len(post(client, kind).data)
    # What is refused is never too short by much, and what is too long is never sent.
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 2 * size_bytes + 1000)
    assert is_streamed(post(client, kind))
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", size_bytes - 1)
    answer = post(client, kind)
    assert answer.status_code == 413
    assert "send fewer points" in answer.json["detail"]


BARE = '{"type":"Feature","geometry":{"type":"Point","coordinates":[126,35]}}'
LONGER = {
    "quoted": ("note", ",x" + 60 * '"'),
    "made safe": (",".join("abcdefghi" * 10), ",=" * 90),
    "filled up": (",".join("abcdefghi" * 10), ""),
    "named": (",".join(letter * 300 for letter in "가나다라마바사아자" * 10), ""),
}
"""Columns and cells of tables whose rows come back longer than they came."""


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("case", [*LONGER, "json", "jsonfg"])
def test_rows_are_counted_as_they_come_back(client, case, monkeypatch):
    body = '{"type":"FeatureCollection","features":[' + ",".join([BARE] * POINTS) + "]}"
    if case in LONGER:
        names, cells = LONGER[case]
        body = "\n".join([f"lon,lat,{names}", *[f"126.8,35.1{cells}"] * POINTS])
    sent = {"kind": "csv" if case in LONGER else case, "body": body.encode()}
    size_bytes = len(post(client, **sent).data)
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", size_bytes - 1)
    assert post(client, **sent).status_code == 413
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 2 * size_bytes)
    assert is_streamed(post(client, **sent))


def break_after(monkeypatch, rows: int) -> None:
    """Have the program fail after some rows."""
    left = [rows]

    def fail(table):
        left[0] -= len(table)
        if left[0] < 0:
            raise ZeroDivisionError
        return plain_records(table)

    monkeypatch.setattr(batch, "plain_records", fail)
    monkeypatch.setattr(batch.SentPoints, "_require_bounded", lambda *_: None)


def collect(parts) -> bytes:
    """Collect what is sent of an answer in which the program fails."""
    sent: list[bytes] = []
    with pytest.raises(ZeroDivisionError):
        sent.extend(parts)
    return b"".join(sent)


@pytest.mark.usefixtures("_long")
def test_a_table_that_breaks_off_says_so(client, monkeypatch, caplog):
    break_after(monkeypatch, 100)
    lines = collect(post(client).response).decode().split("\r\n")
    assert len(lines) == 1 + 100 + 1
    assert lines[-1].startswith('"The answer broke off')
    assert lines[-1].count('"') == 1
    [record] = [each for each in caplog.records if each.exc_info]
    assert record.getMessage().startswith("mistake ")
    assert "/api/nearest" in record.getMessage()


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("kind", ["json", "jsonfg"])
def test_features_that_break_off_are_no_json(client, monkeypatch, kind):
    break_after(monkeypatch, 100)
    text = collect(post(client, kind).response).decode()
    assert text.count('"Feature"') == 100
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def is_unpacked(br: bytes, gzip: bytes) -> tuple[bool, bool]:
    """Find out which of two codings is whole; both hold something."""
    brotli_, zip_ = brotli.Decompressor(), zlib.decompressobj(wbits=streams.GZIP_WINDOW)
    assert brotli_.process(br)
    assert zip_.decompress(gzip)
    return brotli_.is_finished(), zip_.eof


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_breaks_off_has_no_end_of_its_coding(client, monkeypatch, kind):
    packed = {coding: post(client, kind, Accept_Encoding=coding).data for coding in ("br", "gzip")}
    assert is_unpacked(**packed) == (True, True)
    for coding in packed:
        break_after(monkeypatch, 100)
        packed[coding] = collect(post(client, kind, Accept_Encoding=coding).response)
    assert is_unpacked(**packed) == (False, False)


def send(app, protocol: Protocol) -> None:
    """Send a table to a gateway with a loop of its own."""

    async def answer() -> None:
        gateway = Gateway(app.wsgi_app)
        headers = (("host", "localhost"), ("content-type", TYPES["csv"]))
        headers += (("content-length", str(len(write_points("csv")))),)
        begun = gateway.begin(make_scope(QUESTION, method="POST", headers=headers))
        await gateway.answer_later(begun, protocol)
        assert not gateway.unanswered
        gateway.close()

    run_apart(answer())


@pytest.mark.usefixtures("_long")
def test_the_gateway_sends_parts_as_they_are_written(app, client):
    protocol = Protocol(write_points("csv"))
    send(app, protocol)
    status, headers, parts = protocol.sent
    assert status == 200
    assert b"".join(parts) == post(client).data
    assert len(parts) > 10
    assert all(parts)
    assert dict(headers)["X-Request-Id"]


@pytest.mark.usefixtures("_long")
def test_nothing_more_is_written_for_a_client_that_has_gone(app, monkeypatch):
    taken = []
    write = batch.make_safe_value
    monkeypatch.setattr(batch, "make_safe_value", lambda cell: taken.append(cell) or write(cell))
    send(app, Protocol(write_points("csv")))
    whole = len(taken)
    taken.clear()
    protocol = Protocol(write_points("csv"), reads=2)
    send(app, protocol)
    assert len(protocol.sent[2]) == 2
    assert 0 < len(taken) < whole / 4


@pytest.mark.usefixtures("_long")
def test_a_gateway_outlives_an_answer_that_breaks_off(app, monkeypatch, caplog):
    break_after(monkeypatch, 100)
    protocol = Protocol(write_points("csv"))
    send(app, protocol)
    assert batch.BROKEN_OFF in protocol.sent[2][-1]
    assert len([each for each in caplog.records if each.exc_info]) == 1


class Parts:
    """What an application answers: parts, and what is to be done when they are sent."""

    def __init__(self) -> None:
        self.parts = iter([b"ab", b"c"])
        self.is_closed = False

    def __iter__(self):
        return self.parts

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("is_read", [True, False])
def test_what_was_sent_is_counted_and_closed_once(is_read, monkeypatch):
    """Also where the client has gone after the first part."""
    written, parts = [], Parts()
    monkeypatch.setattr(logs, "are_requests_written", lambda: True)
    monkeypatch.setattr(logs, "write_request", lambda *request: written.append(request))

    def answer(environ, start_response):
        environ[streams.STREAMED] = True
        start_response("200 OK", [])
        return parts

    figures = Figures(["/"])
    environ = create_environ("/", method="POST")
    sent = Entrance(answer, (), figures)(environ, lambda *_: None)
    assert next(sent) == b"ab"
    assert not written
    assert list(sent) == [b"c"] if is_read else sent.close() is None
    [(_, method, path, code, size_bytes, _, _)] = written
    assert (method, path, code, size_bytes) == ("POST", "/", 200, 3 if is_read else 2)
    assert parts.is_closed


def test_parts_are_gathered_to_a_size():
    for parts, expected in (
        ([b"ab", b"cd"], [b"ab", b"cd"]),
        ([b"a", b"bc", b"d"], [b"abc", b"d"]),
        ([b""], []),
    ):
        assert list(streams._gather(iter(parts), 2)) == expected


@pytest.mark.slow
def test_a_server_streams_and_counts_what_was_sent(make_folder, tmp_path):
    body = write_points("csv", 20_000)
    head = b"POST /api/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    head += b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    folder = make_folder({"gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.851, 35.141)]))})
    expected = post(serve(folder).test_client(), path="/api/nearest", body=body).data
    with served(folder, tmp_path / "log", "--workers", 1) as running:
        answer = running.send(head + body)
        assert b"transfer-encoding: chunked" in answer.partition(b"\r\n\r\n")[0].lower()
        old = running.send((head + body).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        assert old.partition(b"\r\n\r\n")[2] == expected
        assert b"content-length: %d\r\n" % len(expected) in old.lower()
        assert f'"POST /api/nearest" 200 {len(expected)} bytes' in running.lines("POST", 2)[0]
        # One that goes in the middle: what it had is counted, and the server goes on.
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(head + body)
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: len(running.lines("POST")) == 3)
        assert running.get("/healthz")[0] == 200
        assert "Traceback" not in running.log.read_text()
