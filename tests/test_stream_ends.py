"""How an answer that is written while it is sent ends: once, also when its client has gone."""

from __future__ import annotations

import pytest
from browsing import serve
from gpxtext import gpx, track
from rsgi import Protocol, make_scope, run_apart
from shared_fixtures import write_folder

from mapserver.settings import limits
from mapserver.web import entrance
from mapserver.web.gateway import Gateway

BODY = b"lon,lat\n" + b"126.85,35.14\n" * 100


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Serve a city of one trail; no test changes it."""
    files = {"gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.851, 35.141)]))}
    return serve(write_folder(tmp_path_factory.mktemp("ends") / "city", files))


@pytest.fixture(autouse=True)
def _long(monkeypatch):
    """Have every answer of more than a few rows sent while it is written."""
    monkeypatch.setattr(limits, "MAX_JOINED_BYTES", 1000)
    monkeypatch.setattr(limits, "STREAM_PART_BYTES", 1000)


@pytest.fixture
def written(monkeypatch) -> list[int]:
    """Collect how many bytes the lines about requests say."""
    sizes: list[int] = []
    monkeypatch.setattr(entrance.Entrance, "_record", lambda *words: sizes.append(words[-1]))
    return sizes


@pytest.fixture
def post(app):
    return lambda: app.test_client().post("/api/locate", data=BODY, content_type="text/csv")


def is_streamed(answer) -> bool:
    return answer.status_code == 200 and "Content-Length" not in answer.headers


def send(app, protocol: Protocol) -> None:
    """Send the table to a gateway with a loop of its own."""

    async def answer() -> None:
        gateway = Gateway(app.wsgi_app)
        headers = (("host", "localhost"), ("content-type", "text/csv"))
        headers += (("content-length", str(len(BODY))),)
        begun = gateway.begin(make_scope("/api/locate", method="POST", headers=headers))
        await gateway.answer_later(begun, protocol)
        gateway.close()

    run_apart(answer())


@pytest.mark.parametrize("reads", [0, 1, 10_000])
def test_a_line_is_written_when_an_answer_has_ended(app, written, reads):
    protocol = Protocol(BODY, reads=reads)
    send(app, protocol)
    parts = protocol.sent[2]
    assert len(parts) == min(reads, len(parts))
    [size_bytes] = written
    # The part that could not be sent is counted, too.
    assert sum(map(len, parts)) <= size_bytes <= sum(map(len, parts)) + 1100


def test_a_client_that_goes_before_the_first_byte_is_written_down(app, written):
    protocol = Protocol(BODY, is_gone=True)
    send(app, protocol)
    assert (protocol.sent, written) == (None, [0])


def test_a_body_holds_its_place_until_its_answer_is_written(post):
    answers = [post() for _ in range(limits.MAX_BODIES_AT_ONCE)]
    try:
        assert all(map(is_streamed, answers))
        assert post().status_code == 503
        answers[0].close()  # its client has gone
        assert b"".join(answers[1].response)
        answers += [post(), post()]
        assert all(map(is_streamed, answers[-2:]))
        assert post().status_code == 503
    finally:
        for answer in answers:
            answer.close()


def test_an_answer_that_ended_is_ended_no_second_time(post, written):
    answer = post()
    assert written == []
    size_bytes = len(b"".join(answer.response))
    answer.close()
    answer.close()
    assert written == [size_bytes]
