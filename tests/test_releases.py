"""Releases: earlier states that are kept, and the page, table and feed of what changed in each."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browsing import serve
from click.testing import CliRunner
from test_city_changes import LINE, SHOPS, gpx

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import SettingsError, UnrestError
from mapserver.readers.releases import find_release, list_release_names, list_releases
from mapserver.settings import Settings, limits
from mapserver.web import write_site
from mapserver.web.live import Live
from mapserver.web.watching import Watcher
from mapserver.writers import releases as keeping
from mapserver.writers.releases import keep_release

NOON = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)
HOSTILE = 's9,"=cmd|<script>alert(1)</script>{{ 7*7 }}\ufffe]]>",126.9,35.1,yes\n'
NAMESPACES = {"a": "http://www.w3.org/2005/Atom"}
FILES = {
    "gpx/a.gpx": gpx(*LINE),
    "gpx/trails.csv": "id,name\na,개울길\n",
    "layers/shops.csv": SHOPS,
}


def days_later(days: float) -> dt.datetime:
    return NOON + dt.timedelta(days=days)


def keep(folder: Path, out: Path, served_at: dt.datetime, most: int = 9) -> Path | None:
    return keep_release(mapserver.open_city(folder), out, most, served_at)


@pytest.fixture
def city_with_releases(make_folder, tmp_path) -> tuple[Path, Path]:
    """A city of which three states were kept, the last of them with a hostile name."""
    folder, out = make_folder(FILES), tmp_path / "kept"
    keep(folder, out, NOON)
    (folder / "gpx/a.gpx").write_text(gpx(LINE[0], (126.8512345, 35.1432345), LINE[2]), "utf-8")
    keep(folder, out, days_later(1))
    (folder / "layers/shops.csv").write_text(SHOPS + HOSTILE, "utf-8")
    keep(folder, out, days_later(2))
    return folder, out


@pytest.fixture
def client(city_with_releases):
    folder, out = city_with_releases
    base = "https://walk.example.org"
    return serve(folder, releases=out, base_url=base).test_client()


# -- keeping ---------------------------------------------------------------------------------------


def test_a_state_is_kept_whole_and_shares_what_did_not_change(city_with_releases):
    folder, out = city_with_releases
    first, second, third = list_releases(out)
    assert first.records is None
    assert [row["kind"] for row in second.records or ()] == ["rerouted", "measured"]
    assert [row["id"] for row in third.records or ()] == ["s9"]
    shops = [release.path / "layers/shops.csv" for release in (first, second, third)]
    assert shops[0].samefile(shops[1])
    assert not shops[1].samefile(shops[2])
    # A program that writes into a file of the city changes no release.
    assert not (folder / "layers/shops.csv").samefile(shops[2])
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_files_that_are_only_written_anew_make_no_release(city_with_releases):
    folder, out = city_with_releases
    names = list_release_names(out)
    text = (folder / "layers/shops.csv").read_text("utf-8")
    (folder / "layers/shops.csv").write_text(text.replace("126.85,", "126.850,"), "utf-8")
    assert keep(folder, out, days_later(3)) is None
    assert list_release_names(out) == names


def test_the_earliest_releases_go_when_they_are_too_many_or_too_large(
    city_with_releases, monkeypatch
):
    folder, out = city_with_releases
    names = list_release_names(out)
    (folder / "layers/shops.csv").write_text(SHOPS, "utf-8")
    last = keep(folder, out, days_later(3), most=2)
    assert list_release_names(out) == [names[2], last.name]
    monkeypatch.setattr(limits, "MAX_RELEASES_BYTES", 1)
    (folder / "layers/shops.csv").unlink()
    last = keep(folder, out, days_later(4))
    assert list_release_names(out) == [last.name]


def test_a_clock_that_was_set_back_puts_no_release_before_the_last(city_with_releases):
    folder, out = city_with_releases
    (folder / "layers/shops.csv").write_text(SHOPS, "utf-8")
    assert keep(folder, out, days_later(-9)).name == list_release_names(out)[-1]


def test_a_release_is_whole_or_not_there(make_folder, tmp_path, monkeypatch):
    folder, out = make_folder(FILES), tmp_path / "kept"
    city = mapserver.open_city(folder)
    (folder / "layers/shops.csv").write_text(f"{SHOPS}s9,새집,126.9,35.1,\n", "utf-8")
    with pytest.raises(UnrestError):
        keep_release(city, out, 9, NOON)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping.shutil, "copyfile", fail)
    with pytest.raises(OSError, match="No space"):
        keep(folder, out, NOON)
    assert list(out.iterdir()) == []


def test_pictures_and_the_backdrop_are_not_kept(make_folder, tmp_path):
    folder = make_folder({**FILES, "gpx/a.jpg": b"\xff\xd8\xff", "layers/basemap.pmtiles": b"x"})
    place = keep(folder, tmp_path / "kept", NOON)
    names = sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())
    assert names == ["changes.json", "gpx/a.gpx", "gpx/trails.csv", "layers/shops.csv"]


def test_a_state_becomes_a_release_when_it_has_been_served_for_a_minute(make_folder):
    folder = make_folder(FILES)
    kept, now_s = [], [0.0]
    live = Live(Settings(city=folder, tile_url=""))
    watcher = Watcher(live, keep=lambda *state: kept.append(state), clock=lambda: now_s[0])

    def edit(text: str) -> None:
        (folder / "layers/shops.csv").write_text(text, "utf-8")
        for _ in range(3):
            watcher.look()
            now_s[0] += limits.FOLDER_REST_S + 0.1

    watcher.look()
    assert len(kept) == 1
    edit(f"{SHOPS}s4,하나,126.9,35.1,\n")
    edit(f"{SHOPS}s4,둘,126.9,35.1,\n")
    assert len(kept) == 1
    now_s[0] += limits.RELEASE_REST_S
    watcher.look()
    watcher.look()
    assert [city.version for city, _ in kept[1:]] == [live.city.version]


def test_releases_inside_of_the_city_are_refused(tmp_path):
    environ = {"MAPSERVER_CITY": str(tmp_path), "MAPSERVER_RELEASES": str(tmp_path / "layers/x")}
    with pytest.raises(SettingsError, match="inside of the city"):
        Settings.from_environment(environ)
    outside = {**environ, "MAPSERVER_RELEASES": str(tmp_path.parent / "kept")}
    assert Settings.from_environment(outside).releases == tmp_path.parent / "kept"


def test_releases_are_named_by_version_or_day(city_with_releases, monkeypatch):
    folder, out = city_with_releases
    first, second, third = list_releases(out)
    assert find_release(out, "2026-11-21") == second
    assert find_release(out, first.version[:6]) == first
    monkeypatch.setenv("MAPSERVER_RELEASES", str(out))
    monkeypatch.setenv("MAPSERVER_CITY", str(folder))
    words = ["diff", "2026-11-20", third.version, "--format", "json"]
    kinds = {row["kind"] for row in json.loads(CliRunner().invoke(main, words).stdout)["changes"]}
    assert kinds == {"rerouted", "measured", "come"}
    result = CliRunner().invoke(main, ["diff", "2020-01-01", "."])
    assert result.exit_code == 2
    assert third.path.name in result.stderr


# -- page, table and feed --------------------------------------------------------------------------


def test_the_page_says_what_changed_by_day_in_both_languages(client):
    page = client.get("/changes?lang=ko").text
    assert page.index("2026년 11월 22일") < page.index("2026년 11월 21일")
    assert "경로가 바뀜" in page
    assert re.search(r'<a href="trails/a\?lang=ko[^"]*"><bdi>개울길', page)
    assert "the line is up to" in client.get("/changes?lang=en").text
    # Every page leads there, and programs find the feed.
    for address in ("/", "/trails/"):
        other = client.get(f"{address}?lang=ko").text
        assert "changes?lang=ko" in other
        assert 'type="application/atom+xml"' in other
    assert "https://walk.example.org/changes?lang=ko" in client.get("/sitemap.xml").text


def test_hostile_names_are_text_on_the_page_in_the_table_and_in_the_feed(client):
    page = client.get("/changes?lang=ko").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    table = client.get("/changes.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert rows[0]["name"].startswith("'=cmd|<script>")
    assert [row["kind"] for row in rows] == ["come", "rerouted", "measured"]
    feed = ElementTree.fromstring(client.get("/changes.atom?lang=ko").data)
    summary = feed.findtext("a:entry/a:summary", "", NAMESPACES)
    assert "=cmd|<script>alert(1)</script>{{ 7*7 }}\ufffd]]>" in summary


def test_the_feed_keeps_the_rules_of_its_standard(client, city_with_releases):
    """RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must have, each once."""
    answer = client.get("/changes.atom?lang=en")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    entries = feed.findall("a:entry", NAMESPACES)
    assert len(entries) == 2
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert [bool(e.text) for e in element.findall(f"a:{name}", NAMESPACES)] == [True]
        moment = dt.datetime.fromisoformat(element.findtext("a:updated", "", NAMESPACES))
        assert moment.tzinfo is not None
        links = element.findall("a:link", NAMESPACES)
        assert all(link.get("href", "").startswith("https://walk.example.org/") for link in links)
        assert [link.get("rel") for link in links].count("alternate") == 1
    assert feed.find("a:author/a:name", NAMESPACES).text
    assert feed.find("a:link[@rel='self']", NAMESPACES).get("href").endswith("changes.atom?lang=en")
    ids = [entry.findtext("a:id", "", NAMESPACES) for entry in entries]
    assert all(
        re.fullmatch(r"tag:walk\.example\.org,2026-11-2\d:release/[0-9a-f]{12}", id_) for id_ in ids
    )
    # The time of the release and not of the question; the feed is as new as its latest entry.
    assert feed.findtext("a:updated", "", NAMESPACES) == "2026-11-22T03:00:00+00:00"
    folder, out = city_with_releases
    again = serve(folder, releases=out, base_url="https://walk.example.org").test_client()
    assert again.get("/changes.atom?lang=en").data == answer.data
    # An id stays when an earlier release has gone.
    shutil.rmtree(list_releases(out)[0].path)
    shutil.rmtree(list_releases(out)[0].path)
    feed = ElementTree.fromstring(again.get("/changes.atom?lang=en").data)
    assert [e.text for e in feed.findall("a:entry/a:id", NAMESPACES)] == ids[:1]


@pytest.mark.parametrize("path", ["/changes.atom?lang=ko", "/changes.csv"])
def test_readers_that_have_the_latest_are_told_so(client, path):
    answer = client.get(path)
    assert answer.last_modified == days_later(2)
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_release_is_shown_without_a_new_snapshot(client, city_with_releases):
    folder, out = city_with_releases
    page = client.get("/changes?lang=en")
    before = page.text
    (folder / "layers/shops.csv").write_text(SHOPS.replace("빵집", "찻집"), "utf-8")
    keep(folder, out, days_later(3))
    # Nobody who asks by the tag or the time of the earlier answer is told that it still holds.
    since = {"If-Modified-Since": client.get("/trails/").headers["Last-Modified"]}
    for condition in ({"If-None-Match": page.headers["ETag"]}, since):
        assert client.get("/changes?lang=en", headers=condition).status_code == 200
    after = client.get("/changes?lang=en").text
    assert "is now called 찻집" in after
    assert "is now called 찻집" not in before


def test_a_city_that_keeps_no_releases_has_no_such_page_and_no_link_to_it(make_folder):
    client = serve(make_folder(FILES)).test_client()
    for address in ("/changes", "/changes.csv", "/changes.atom"):
        assert client.get(address).status_code == 404
    assert "changes" not in re.sub(r"\?v=\w+", "", client.get("/trails/").text)


def test_a_record_that_cannot_be_read_costs_its_release_alone(client, city_with_releases):
    _, out = city_with_releases
    (list_releases(out)[1].path / "changes.json").write_text("{", "utf-8")
    page = client.get("/changes?lang=en")
    assert page.status_code == 200
    assert "the line is up to" not in page.text
    (list_releases(out)[1].path / "changes.json").write_text('[{"kind": 7}, 5]', "utf-8")
    assert client.get("/changes.atom").status_code == 200


MESSAGES = {
    "layers/requests.csv": "received,answered,category\n"
    + 4 * "".join(f"2026-10-{day:02} 09:00,2026-10-{day:02} 11:00,도로\n" for day in range(1, 29))
}
"""112 messages; a page may hold smaller numbers as days."""


def add_messages(folder: Path, text: str) -> None:
    with (folder / "layers/requests.csv").open("a", encoding="utf-8") as file:
        file.write(text)


def test_how_many_messages_came_is_said_nowhere_in_public(make_folder, tmp_path):
    """Two counts are the few messages in between, with the time to the minute."""
    folder, out = make_folder({**FILES, **MESSAGES}), tmp_path / "kept"
    keep(folder, out, NOON)
    # What alone has changed is messages: there is no release, and nobody sees when it was.
    add_messages(folder, "2026-10-29 09:00,,나무\n2026-10-30 09:00,,나무\n")
    assert keep(folder, out, days_later(1)) is None
    # With a shop and a row that cannot be read, the shop alone is told.
    add_messages(folder, "언제,,나무\n")
    (folder / "layers/shops.csv").write_text(SHOPS.replace("빵집", "찻집"), "utf-8")
    keep(folder, out, days_later(2))
    client = serve(folder, releases=out, base_url="https://walk.example.org").test_client()
    table = client.get("/changes.csv").data.decode("utf-8-sig")
    assert [row["subject"] for row in csv.DictReader(io.StringIO(table))] == ["shops"]
    for lang, sentence in (("ko", "통계는 달마다 공개합니다"), ("en", "published by month")):
        for address in ("/changes", "/changes.atom"):
            text = client.get(f"{address}?lang={lang}").text
            assert sentence in text
            assert "찻집" in text
            assert not re.search(r"requests\b|\b(?:112|114|115)\b", text)
    assert 'href="statistics?lang=ko' in client.get("/changes?lang=ko").text
    # The office may know it at its own command line.
    words = ["diff", str(list_releases(out)[0].path), str(folder), "--format", "json"]
    rows = json.loads(CliRunner().invoke(main, words).stdout)["changes"]
    assert {"requests", "files", "shops"} >= {row["subject"] for row in rows} > {"shops"}


def test_counts_of_messages_that_an_earlier_edition_recorded_are_not_shown(client, tmp_path):
    """The program of last year wrote them into the records of its releases."""
    _, second, third = list_releases(tmp_path / "kept")
    count = {"subject": "requests", "kind": "count", "before": 4476.0, "after": 4478.0}
    unread = {"subject": "files", "kind": "unknown", "name": "layers/requests.csv", "after": "x"}
    (third.path / "changes.json").write_text(json.dumps([count, unread]), "utf-8")
    rows = [*(second.records or ()), count]
    (second.path / "changes.json").write_text(json.dumps(rows), "utf-8")
    for address in ("/changes?lang=ko", "/changes.csv", "/changes.atom?lang=ko"):
        answer = client.get(address)
        assert not re.search(r"4,?47\d", answer.text)
        assert third.key not in answer.text
    # Not even the time at which the messages were there is told.
    assert answer.last_modified == days_later(1)
    feed = ElementTree.fromstring(answer.data)
    assert feed.findtext("a:updated", "", NAMESPACES) == "2026-11-21T03:00:00+00:00"
    assert len(feed.findall("a:entry", NAMESPACES)) == 1


@pytest.mark.slow
def test_the_static_site_has_page_table_and_feed(city_with_releases, tmp_path):
    folder, out = city_with_releases
    base = "https://walk.example.org"
    site = tmp_path / "site"
    write_site(Settings(city=folder, releases=out, base_url=base, tile_url=""), site)
    page = (site / "changes.html").read_text("utf-8")
    assert 'href="changes.atom"' in page
    assert 'href="changes.csv"' in page
    feed = ElementTree.fromstring((site / "en/changes.atom").read_bytes())
    links = [link.get("href") for link in feed.findall("a:link", NAMESPACES)]
    assert links == [f"{base}/en/changes.atom", f"{base}/en/changes.html"]
    assert f"{base}/changes.html" in (site / "sitemap.xml").read_text("utf-8")
