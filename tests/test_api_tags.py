"""What the entity tag of an answer follows from: whatever changes its bytes, changes the tag."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from gpxtext import gpx

from mapserver.model import status
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.api import asking

TRAILS = "/api/collections/trails/items"


@pytest.fixture
def make_client(make_folder):
    """Serve a city of one trail; each time it is the same one, served anew."""
    folder = make_folder({"gpx/a.gpx": gpx(), "gpx/trails.csv": "id,season\na,5월~9월\n"})
    return lambda: create_app(Settings(city=folder, tile_url="")).test_client()


def ask(client, address: str, **headers: str) -> tuple[str, bytes]:
    answer = client.get(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    assert answer.status_code == 200
    return answer.headers["ETag"], answer.data


@pytest.mark.parametrize("address", [TRAILS, f"{TRAILS}/a", f"{TRAILS}?f=csv"])
def test_the_same_question_on_another_day_has_another_tag(make_client, monkeypatch, address):
    client, answers = make_client(), []
    for day in (dt.date(2026, 7, 1), dt.date(2026, 12, 20)):
        monkeypatch.setattr(status, "today", lambda *_, day=day: day)
        answers.append(ask(client, address))
    (tag, data), (other_tag, other_data) = answers
    assert tag != other_tag
    assert data != other_data
    # Who has that of the summer is not told in winter that nothing has changed.
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("address", "header", "values"),
    [
        ("/api/", "Accept_Language", ("ko", "en")),
        (f"{TRAILS}?f=html", "Accept_Language", ("ko", "en")),
        (f"{TRAILS}?f=kml", "Accept_Language", ("ko", "en")),
        (TRAILS, "Accept", ("application/geo+json", "application/vnd.ogc.fg+json")),
        (TRAILS, "Accept", ("application/geo+json", "text/html")),
        (TRAILS, "Accept", ("application/geo+json", "text/csv")),
        (TRAILS, "Host", ("a.example", "b.example")),
        (TRAILS, "Accept_Encoding", ("br", "gzip")),
        (f"{TRAILS}/a", "Accept", ("application/geo+json", "application/gpx+xml")),
        ("/api/nearest?lon=126.85&lat=35.15", "Accept", ("*/*", "application/vnd.ogc.fg+json")),
        ("/api/locate?lon=126.85&lat=35.15", "Accept", ("application/json", "text/html")),
    ],
)
def test_what_a_header_changes_has_another_tag(make_client, address, header, values):
    client = make_client()
    (tag, data), (other_tag, other_data) = (ask(client, address, **{header: v}) for v in values)
    assert tag != other_tag
    assert data != other_data
    # The header is among those that caches tell answers apart by; of the host they know anyway.
    told = client.get(address, headers={header.replace("_", "-"): values[0]}).headers["Vary"]
    assert header == "Host" or header.replace("_", "-") in told.split(", ")


def test_another_version_of_the_program_has_other_tags(make_client, monkeypatch):
    tags = {ask(make_client(), TRAILS)[0]}
    monkeypatch.setattr(asking, "read_program", lambda: SimpleNamespace(digest=b"newer"))
    tags.add(ask(make_client(), TRAILS)[0])
    assert len(tags) == 2


def test_the_same_question_to_another_worker_has_the_same_tag(make_client):
    for address in (TRAILS, f"{TRAILS}/a", "/api/", "/api/collections/trails/schema"):
        assert ask(make_client(), address) == ask(make_client(), address)
