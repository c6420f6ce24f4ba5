"""What every request passes before it is answered."""

from __future__ import annotations

import io
import threading

import pytest
from gpxtext import gpx, track
from werkzeug.test import EnvironBuilder

from mapserver.settings import Settings, limits
from mapserver.web import create_app, entrance
from mapserver.web.figures import Figures

LINE = ((126.85, 35.15), (126.8512, 35.15))
CSV = b"lon,lat\n126.85,35.15\n"


@pytest.fixture
def client(make_folder):
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    return create_app(Settings(city=folder, tile_url="")).test_client()


@pytest.mark.parametrize(
    "host", ["[", "a,b", "evil.example/x", "a b", "a:b", "a:123456", "\u00e9", "<b>", "a@b", "[::1"]
)
def test_a_host_that_is_none_is_refused_and_not_echoed(client, host):
    for path in ("/", "/api/", "/oembed?url=http://x/", "/no-such-page"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert host not in answer.text
        assert host not in str(answer.headers)


def test_what_answers_requests_sees_no_host_that_is_none():
    seen: list[str] = []

    def answer(environ, start_response):
        seen.append(environ["HTTP_HOST"])
        start_response("200 OK", [])
        return [b""]

    door = entrance.Entrance(answer, (), Figures([]))
    for host in ("evil.example/x", "[", "a,b"):
        list(door(EnvironBuilder(headers={"Host": host}).get_environ(), lambda *_: None))
    assert seen == ["localhost"] * 3


@pytest.mark.parametrize("host", ["localhost", "example.org:8080", "[::1]:8000", "my_host", "a.b."])
def test_a_host_as_people_have_it_is_served(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("protocol", ["HTTP/1", "HTTP/1.0"])
def test_a_client_from_before_hosts_were_named_is_served_under_the_name_of_the_server(
    client, protocol
):
    asked = {"HTTP_HOST": "", "SERVER_PROTOCOL": protocol, "SERVER_NAME": "own.example"}
    answer = client.get("/", environ_overrides=asked)
    assert answer.status_code == 200
    assert "<http://own.example/?lang=ko>" in answer.headers["Link"]
    # One that names a host names a right one.
    asked["HTTP_HOST"] = "["
    assert client.get("/", environ_overrides=asked).status_code == 400


def test_a_newer_client_names_its_host(client):
    for protocol in ("HTTP/1.1", "HTTP/2"):
        asked = {"HTTP_HOST": "", "SERVER_PROTOCOL": protocol}
        answer = client.get("/api/", environ_overrides=asked)
        assert answer.status_code == 400
        assert "one Host" in answer.json["detail"]


@pytest.fixture
def lines(monkeypatch) -> list[tuple]:
    """The parts of each line that is written about a request."""
    written: list[tuple] = []
    monkeypatch.setattr(entrance.logs, "are_requests_written", lambda: True)
    monkeypatch.setattr(entrance.logs, "write_request", lambda *parts: written.append(parts))
    return written


def test_a_line_about_a_request_has_its_parts_and_no_position(client, lines):
    answer = client.get("/api/nearest?lon=126.8512345&lat=35.15")
    (line,) = lines
    address, method, path, status, size, seconds, request_id = line
    assert (address, method, path, status) == ("127.0.0.1", "GET", "/api/nearest", 200)
    assert size == len(answer.data)
    assert 0 < seconds < 600
    assert request_id == answer.headers["X-Request-Id"]
    assert "126.85" not in str(line)


def test_a_line_has_the_path_as_it_was_asked_for_whatever_a_proxy_states(make_folder, lines):
    settings = {"MAPSERVER_TRUSTED_PROXIES": "10.0.0.1", "MAPSERVER_TILE_URL": ""}
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    client = create_app(Settings.from_environment(settings, city=folder)).test_client()
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Prefix": "/walk"}
    for peer in ("10.0.0.1", "10.0.0.2"):
        client.get("/trails/", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    assert [line[0] for line in lines] == ["203.0.113.9", "10.0.0.2"]
    assert {line[2] for line in lines} == {"/trails/"}


def test_of_several_proxies_the_last_is_heard(make_folder, lines):
    settings = {"MAPSERVER_TRUSTED_PROXIES": "127.0.0.1", "MAPSERVER_TILE_URL": ""}
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    client = create_app(Settings.from_environment(settings, city=folder)).test_client()
    headers = {"X-Forwarded-Proto": "javascript, https", "X-Forwarded-Host": "[, maps.example.kr"}
    headers["X-Forwarded-For"] = "198.51.100.1, 203.0.113.9"
    link = client.get("/trails/", headers=headers).headers["Link"]
    assert "<https://maps.example.kr/trails/?lang=ko>" in link
    # What stands before the last was said by the visitor, who may say anything.
    assert [line[0] for line in lines] == ["203.0.113.9"]


def test_what_fails_before_it_answers_is_written_down_as_500(lines):
    def fail(_environ, _start_response):
        return iter([b""])

    door = entrance.Entrance(fail, (), Figures([]))
    list(door(EnvironBuilder().get_environ(), lambda *_: None))
    assert lines[0][3] == 500


def test_an_answer_is_taken_whole_and_closed():
    closed: list[bool] = []

    class Answer(list):
        def close(self) -> None:
            closed.append(True)

    def answer(_environ, start_response):
        start_response("200 OK", [])
        return Answer([b"a", b"b"])

    door = entrance.Entrance(answer, (), Figures([]))
    assert door(EnvironBuilder().get_environ(), lambda *_: None) == [b"a", b"b"]
    assert closed == [True]


def test_every_answer_has_an_id_of_its_own(client):
    paths = ("/", "/no-such-page", "/api/nearest?lon=x&lat=1")
    ids = {client.get(path).headers["X-Request-Id"] for path in paths}
    assert len(ids) == 3


@pytest.mark.slow
def test_bodies_beyond_those_read_at_once_are_asked_to_come_again(client):
    begun, go = threading.Semaphore(0), threading.Event()

    class SlowBody(io.BytesIO):
        """A body whose sender waits; other requests are answered meanwhile."""

        def readinto(self, _: object) -> int:
            begun.release()
            go.wait()
            return 0

    def post_slowly(answers: list[int]) -> None:
        answer = client.application.test_client().post(
            "/api/nearest", input_stream=SlowBody(CSV), content_type="text/csv"
        )
        answers.append(answer.status_code)

    answers: list[int] = []
    senders = [
        threading.Thread(target=post_slowly, args=(answers,))
        for _ in range(limits.MAX_BODIES_AT_ONCE)
    ]
    for sender in senders:
        sender.start()
    for _ in senders:
        begun.acquire()
    try:
        refused = client.post("/api/nearest", data=CSV, content_type="text/csv")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/healthz").status_code == 200
    finally:
        go.set()
    for sender in senders:
        sender.join()
    assert len(answers) == limits.MAX_BODIES_AT_ONCE
    assert 503 not in answers
    # Each gave its place back, also those that failed.
    assert client.post("/api/nearest", data=CSV, content_type="text/csv").status_code == 200


def test_a_body_that_is_said_to_be_too_large_is_not_read(client):
    class Unread(io.BytesIO):
        def readinto(self, _: object) -> int:
            raise AssertionError("it was read")

    answer = client.post(
        "/api/nearest",
        input_stream=Unread(CSV),
        content_type="text/csv",
        environ_overrides={"CONTENT_LENGTH": str(1 << 40)},
    )
    assert answer.status_code == 413
