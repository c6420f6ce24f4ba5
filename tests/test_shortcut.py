"""The short way before Flask gives what Flask gives, byte for byte and header for header."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import random
import sys
from collections import OrderedDict
from urllib.parse import quote, urlencode

import pytest
from gpxtext import gpx
from shared_fixtures import write_folder

from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web import shortcut as module
from mapserver.web.api.asking import answer_question
from mapserver.web.live import open_snapshot
from mapserver.web.memory import Memory
from mapserver.web.shortcut import Shortcut

ENCODINGS = ("", "br", "gzip", "gzip, br;q=0.5", "identity", "*", "br;q=0")
LANGUAGES = ("", "en", "ko-KR,ko;q=0.9,en;q=0.5", "fr")
ACCEPTS = (
    *("", "*/*", "application/json", "application/geo+json", "text/html,*/*;q=0.1", "a/b"),
    *("application/json;charset=utf-8", "application/geo+json; profile=x, text/html;level=1;q=.5"),
)
HOSTS = ("localhost", "localhost:80", "example.org:8000", "[::1]:8000", "a_b:8000", "c_d:80")


def find_shortcut(app) -> Shortcut:
    """Find the short way of an application, inside of what each request passes."""
    return app.wsgi_app._app


def ask(app, address: str, **headers: str):
    """Ask a WSGI application; give status, headers and body."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "localhost",
        "mapserver.request_id": "0" * 16,
        **headers,
    }
    sent: list = []

    def start(status, headers, *_):
        sent[:] = [status, headers]

    answer = app(environ, start)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    told = sorted((name, value) for name, value in sent[1] if name not in {"Date", "X-Request-Id"})
    return sent[0], told, body, environ.get("mapserver.route")


@pytest.fixture
def ways(sample_app):
    """The short way, and what answers behind it."""
    shortcut = find_shortcut(sample_app)
    assert isinstance(shortcut, Shortcut)
    return shortcut, shortcut._app


def make_questions(city, count: int) -> list[str]:
    """Make questions to the API at random, the same in every run."""
    chance = random.Random(18)  # noqa: S311 -- no secret
    lon, lat = lambda: 126.8 + chance.random() / 8, lambda: 35.08 + chance.random() / 8
    collections = [*city.layers, "nothing"]
    odd = (
        lambda: {"f": chance.choice(["json", "html", "jsonfg", "csv", "xml"])},
        lambda: {"lang": chance.choice(["ko", "en", "xx"])},
        lambda: {"이름": "값"},
        dict,
    )
    of_places = (
        lambda: {"lon": lon(), "lat": lat()},
        lambda: {"lon": lon(), "lat": lat(), "limit": chance.choice([1, 3, 0, "x"])},
        *odd,
    )
    of_items = (
        lambda: {"bbox": f"{lon()},{lat()},{lon()},{lat()}"},
        lambda: {"limit": chance.choice([1, 20, 1000])},
        lambda: {"limit": 5, "offset": chance.randrange(50)},
        lambda: {"datetime": chance.choice(["2026-12-20", "never"]), "limit": 2},
        lambda: {"crs": "http://www.opengis.net/def/crs/EPSG/0/5186", "limit": 2},
        lambda: {"sortby": "-name", "limit": 2, "properties": "name"},
        *odd,
    )
    paths = (
        (lambda: "/api/nearest", of_places),
        (lambda: "/api/locate", of_places),
        (lambda: f"/api/collections/{chance.choice(collections)}/items", of_items),
        (lambda: f"/api/collections/{chance.choice(collections)}", odd),
        (lambda: f"/api/collections/{chance.choice(collections)}/schema", odd),
        (lambda: f"/api/collections/districts/items/{chance.choice(city.districts.index)}", odd),
        (lambda: f"/api/collections/trails/items/{quote('없음')}", odd),
        (lambda: chance.choice(["/api/", "/api", "/api/conformance", "/api//x"]), odd),
        (lambda: "/api/collections/trails/tiles/WebMercatorQuad/14/6490/13967", odd),
    )
    questions = []
    for _ in range(count):
        path, queries = chance.choice(paths)
        questions.append(f"{path()}?{urlencode(chance.choice(queries)())}".rstrip("?"))
    return questions


@pytest.mark.slow  # some hundred questions, each asked both ways
def test_questions_get_the_same_answer_both_ways(ways, sample_city):
    shortcut, long_way = ways
    shortened = 0
    varied = itertools.cycle(itertools.product(ENCODINGS, LANGUAGES, ACCEPTS, HOSTS))
    for address, choice in zip(make_questions(sample_city, 700), varied, strict=False):
        encoding, lang, accept, host = choice
        headers = {"HTTP_HOST": host}
        headers |= {"HTTP_ACCEPT_ENCODING": encoding} if encoding else {}
        headers |= {"HTTP_ACCEPT_LANGUAGE": lang} if lang else {}
        headers |= {"HTTP_ACCEPT": accept} if accept else {}
        called: list[bool] = []

        def flask(environ, start, called=called):
            called.append(True)
            return long_way(environ, start)

        shortcut._app = flask
        try:
            answer = ask(shortcut, address, **headers)
        finally:
            shortcut._app = long_way
        assert answer == ask(long_way, address, **headers), (address, headers)
        shortened += not called
        etags = [value for name, value in answer[1] if name == "ETag"]
        if etags and answer[0].startswith("200"):
            again = ask(shortcut, address, **headers, HTTP_IF_NONE_MATCH=etags[0])
            assert again == ask(long_way, address, **headers, HTTP_IF_NONE_MATCH=etags[0])
            assert again[0].startswith("304")
    assert shortened > 100


PAGES = (
    *("/", "/?lang=en", "/trails/", "/districts/?lang=ko&size=large", "/board", "/map", "/sw.js"),
    *("/trails/?date=2026-12-20", "/healthz", "/readyz", "/nothing", "/favicon.ico", "/robots.txt"),
)


def test_pages_are_remembered_with_all_that_they_depend_on(ways):
    shortcut, long_way = ways
    for page, encoding, lang, host in itertools.product(
        PAGES, ("", "br", "gzip"), ("", "en"), HOSTS[:3]
    ):
        headers = {"HTTP_HOST": host, "HTTP_ACCEPT_ENCODING": encoding}
        headers |= {"HTTP_ACCEPT_LANGUAGE": lang} if lang else {}
        first, second = ask(shortcut, page, **headers), ask(shortcut, page, **headers)
        assert first == second == ask(long_way, page, **headers), (page, headers)
        if etags := [value for name, value in first[1] if name == "ETag"]:
            headers["HTTP_IF_NONE_MATCH"] = etags[0]
            assert ask(shortcut, page, **headers) == ask(long_way, page, **headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"SCRIPT_NAME": "/walk"},
        {"wsgi.url_scheme": "https"},
        {"HTTP_USER_AGENT": "facebookexternalhit/1.1"},
        {"HTTP_HOST": "other.example"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
    ],
)
def test_what_is_remembered_is_given_to_who_asks_in_the_same_way(ways, changed):
    shortcut, long_way = ways
    for address in ("/?lang=ko", "/trails/?lang=ko", "/api/", "/api/collections/zones/items"):
        usual = {"HTTP_ACCEPT_ENCODING": "br"}
        remembered = [ask(shortcut, address, **usual) for _ in range(2)]
        other = ask(shortcut, address, **usual | changed)
        assert other not in remembered, address
        assert other == ask(long_way, address, **usual | changed), address


def test_a_new_snapshot_and_a_new_day_are_not_answered_from_memory(tmp_path, monkeypatch):
    city = write_folder(tmp_path, {"gpx/a.gpx": gpx(), "gpx/trails.csv": "id,name\na,봄 길\n"})
    app = create_app(Settings(city=city, tile_url=""))
    live = app.extensions["mapserver"]
    for _ in range(2):
        assert "봄 길" in ask(find_shortcut(app), "/trails/?lang=ko")[2].decode()
    write_folder(tmp_path, {"gpx/trails.csv": "id,name,season\na,여름 길,5월~9월\n"})
    live.replace(open_snapshot(city))
    page = ask(find_shortcut(app), "/trails/?lang=ko")[2].decode()
    assert "여름 길" in page
    for day, state in ((dt.date(2026, 7, 1), "open"), (dt.date(2026, 12, 20), "closed")):
        monkeypatch.setattr(type(live.city), "today", lambda _, day=day: day)
        found = ask(find_shortcut(app), "/api/collections/trails/items")[2].decode()
        assert f'"state":"{state}"' in found
        assert day.isoformat() in found


def test_memory_holds_so_many_bytes_and_lets_the_oldest_go():
    memory, age = Memory(20_000), (object(), dt.date(2026, 1, 1))
    assert memory.recall(("first",), age) is None
    for number in range(10):
        memory.keep((str(number),), age, ([], b"x" * 1000, "/"))
    assert memory.recall(("0",), age) is None
    assert memory.recall(("9",), age) is not None
    memory.keep(("large",), age, ([], b"x" * 30_000, "/"))
    assert memory.recall(("large",), age) is None
    assert memory.recall(("9",), (object(), age[1])) is None


def test_what_is_unusual_goes_the_long_way(ways):
    shortcut, long_way = ways
    tag = next(value for name, value in ask(shortcut, "/")[1] if name == "ETag")
    for headers in (
        {"HTTP_RANGE": "bytes=0-9"},
        {"HTTP_IF_MATCH": '"x"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_NONE_MATCH": f'W/"x", {tag}'},
        {"HTTP_IF_NONE_MATCH": f"W/{tag}"},
    ):
        for address in ("/", "/api/locate?lon=126.85&lat=35.14", "/api/collections/trails/items"):
            assert ask(shortcut, address, **headers) == ask(long_way, address, **headers)
    assert ask(shortcut, "/", HTTP_IF_NONE_MATCH=f"W/{tag}")[0].startswith("304")


def count_answers(monkeypatch, shortcut, address: str) -> int:
    """Ask the same question three times; count how often it is answered anew."""
    answered: list[str] = []

    def note(question):
        answered.append(question.path)
        return answer_question(question)

    monkeypatch.setattr(module, "answer_question", note)
    answers = [ask(shortcut, address) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    return len(answered)


def test_questions_that_are_few_are_answered_once(ways, monkeypatch):
    shortcut, _ = ways
    assert count_answers(monkeypatch, shortcut, "/api/collections/zones/items?limit=901") == 1
    assert count_answers(monkeypatch, shortcut, "/api/collections/districts/items/011") == 1
    # Places and boxes hardly ever come again.
    assert count_answers(monkeypatch, shortcut, "/api/nearest?lon=126.85&lat=35.14") == 3
    box = "/api/collections/districts/items?bbox=126.8,35.1,126.9,35.2"
    assert count_answers(monkeypatch, shortcut, box) == 3


def test_what_is_remembered_is_let_go_of_in_the_order_in_which_it_was_last_asked_for():
    memory, age = Memory(5_000), (object(), dt.date(2026, 1, 1))
    memory.recall(("first",), age)
    for name in ("old", "new"):
        memory.keep((name,), age, ([], b"x" * 1000, "/"))
    memory.recall(("old",), age)
    memory.keep(("newest",), age, ([], b"x" * 1000, "/"))
    assert memory.recall(("old",), age) is not None
    assert memory.recall(("new",), age) is None


def test_what_was_made_yesterday_is_not_held_for_today():
    """A thread may still make an answer of yesterday when the first question of today comes."""
    memory, served = Memory(10_000), object()
    yesterday, today = ((served, dt.date(2026, 11, day)) for day in (27, 28))
    memory.recall(("a",), yesterday)
    real = OrderedDict.__setitem__

    class Slow(OrderedDict):
        def __setitem__(self, key, value):
            memory.recall(("a",), today)  # another thread, in the middle of keeping
            real(self, key, value)

    memory._held.answers = Slow()
    memory.keep(("a",), yesterday, ([], b"yesterday", "/"))
    assert memory.recall(("a",), today) is None
    memory.keep(("a",), yesterday, ([], b"yesterday", "/"))
    assert memory.recall(("a",), today) is None
