"""The site without signal, in Chromium: what is kept, what is said, what one failure spoils."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pytest
from browsing import PATIENCE_S, listening, needs_chromium, serve
from flask import Flask, Request, Response
from gpxtext import PATH, gpx, track
from shapely import box
from shared_fixtures import write_folder

from mapserver.settings import limits
from mapserver.web.watching import Watcher

pytestmark = [needs_chromium, pytest.mark.slow]  # a page begins to keep the site after 4 seconds

IS_KEPT = "caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)"
"""How many languages were kept, each marked when all has been asked for."""
LIST_KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name !== 'maenballo-languages');
  const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return keys.flat().map(({ url }) => url);
}"""
COUNT_BYTES = """async () => {
  let size = 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) size += (await (await cache.match(key)).blob()).size;
  }
  return size;
}"""
SHOPS = "id,name,category,lon,lat\n" + "".join(
    f"{n},떡집 {n},음식점,126.8505,35.1505\n" for n in range(5)
)


def write_city(folder: Path, name: str = "봄 길") -> Path:
    areas = gpd.GeoDataFrame(
        {"id": ["dong"], "name": ["한동"]},
        geometry=[box(126.84, 35.14, 126.87, 35.16)],
        crs=4326,
    )
    shops = gpd.GeoDataFrame(
        {"id": ["street"], "name": ["시장 골목"]},
        geometry=[box(126.85, 35.15, 126.851, 35.151)],
        crs=4326,
    )
    return write_folder(
        folder,
        {
            "gpx/spring.gpx": gpx(track(PATH, name=name)),
            "gpx/hill.gpx": gpx(track(PATH, name="언덕 길")),
            "gpx/trails.csv": "id,name_en,season\nspring,Spring Walk,연중\nhill,Hill Walk,연중\n",
            "layers/neighborhoods.geojson": areas,
            "layers/districts.geojson": shops,
            "layers/shops.csv": SHOPS,
        },
    )


def dribble(answer) -> Iterator[bytes]:
    """Send the first half of an answer, and the rest after six seconds."""
    body = b"".join(answer)
    yield body[: len(body) // 2]
    time.sleep(6)
    yield body[len(body) // 2 :]


class Trouble:
    """What a server refuses for a while, by the beginning of its path."""

    def __init__(self, app: Flask) -> None:
        self.paths: tuple[str, ...] = ()
        self.slow_path = ""
        """A path whose answer begins at once and takes longer than a worker waits for one."""
        self.asked: list[str] = []
        self.refused: list[str] = []
        self._answer = app.wsgi_app
        app.wsgi_app = self._refuse_or_answer  # before anything is answered from memory

    def _refuse_or_answer(self, environ, start_response):
        request = Request(environ)
        self.asked.append(request.full_path)
        if self.paths and request.path.startswith(self.paths):
            self.refused.append(request.full_path)
            return Response("", 503)(environ, start_response)
        answer = self._answer(environ, start_response)
        return dribble(answer) if request.path == self.slow_path else answer


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, Trouble]]:
    app = serve(write_city(tmp_path_factory.mktemp("offline")))
    trouble = Trouble(app)
    with listening(app) as url:
        yield url, trouble


@pytest.fixture
def visit_kept(visit, served):
    """Open the first page and wait until the site is kept."""

    def go(path: str = "/?lang=ko", url: str = "", **options):
        seen = visit((url or served[0]) + path, keeps=True, **options)
        seen.wait_until(IS_KEPT)
        return seen

    return go


@contextmanager
def without_signal(seen):
    """Take the signal away; what fails then is no fault of the page."""
    seen.page.context.set_offline(True)
    yield
    seen.page.goto("about:blank")  # what could not be loaded has been said by then
    seen.page.context.set_offline(False)
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]


def heading(seen, address: str) -> str:
    seen.page.goto(address)
    return seen.page.inner_text("h1")


def test_the_site_is_kept_in_both_languages_whichever_is_read(visit_kept, served):
    url, _ = served
    seen = visit_kept("/trails/spring?lang=en")
    with without_signal(seen):
        assert heading(seen, f"{url}/trails/hill?lang=ko") == "언덕 길"
        assert "인터넷 없이 보는 중 · 자료 " in seen.page.inner_text(".kept-strip")
        assert heading(seen, f"{url}/trails/spring?lang=en") == "Spring Walk"
        assert "without the internet" in seen.page.inner_text(".kept-strip")
        assert (
            seen.page.evaluate("getComputedStyle(document.querySelector('.kept-strip')).display")
            == "flex"
        )
        for path in ("", "trails/", "districts/", "neighborhoods/", "neighborhoods/dong"):
            for lang in ("ko", "en"):
                assert heading(seen, f"{url}/{path}?lang={lang}")
                assert seen.page.locator(".kept-strip").count() == 1
                assert seen.page.get_attribute("html", "lang") == lang
                assert "인터넷 연결이 없습니다" not in seen.page.inner_text("h1")
        seen.page.goto(f"{url}/?lang=ko")
        seen.page.wait_for_selector("path.drawn-trails", state="attached")


@pytest.mark.parametrize(
    "query",
    [
        "lang=en&size=large",
        "size=large&lang=en",
        "lang=en&date=2027-01-09",
        "lang=en#spring",
        "lang=en&x=1",
    ],
)
def test_large_text_days_and_places_are_shown_from_the_kept_page(visit_kept, served, query):
    url, _ = served
    seen = visit_kept()
    with without_signal(seen):
        assert heading(seen, f"{url}/trails/spring?{query}") == "Spring Walk"
        is_large = seen.page.get_attribute("html", "data-size") == "large"
        assert is_large == ("size=large" in query)


def test_an_address_without_a_language_is_shown_in_the_one_that_was_read(visit_kept, served):
    url, _ = served
    seen = visit_kept("/?lang=en")
    with without_signal(seen):
        assert heading(seen, f"{url}/trails/spring") == "Spring Walk"


def test_a_page_that_is_not_kept_says_so_and_looks_like_the_site(visit_kept, served):
    url, _ = served
    seen = visit_kept()
    with without_signal(seen):
        for lang, words in (("ko", "인터넷 연결이 없습니다"), ("en", "No signal")):
            assert heading(seen, f"{url}/districts/street?lang={lang}") == words
            assert seen.page.get_attribute("html", "lang") == lang
            # Styled, although it lies in another folder than the page that was kept.
            assert seen.page.evaluate("document.styleSheets.length") > 1
            links = seen.page.eval_on_selector_all(".offline-acts a", "all => all.map(a => a.href)")
            assert links[0] == f"{url}/?lang={lang}"
            assert links[-1].startswith(f"{url}/districts/street")
        seen.page.click(".offline-acts a")
        assert "봄 길" in seen.page.content()


def test_a_page_that_was_read_is_kept_and_no_variant_of_it_beside(visit_kept, served):
    url, _ = served
    seen = visit_kept()
    heading(seen, f"{url}/districts/street?lang=ko")
    heading(seen, f"{url}/trails/spring?lang=ko&date=2027-01-09")
    kept = seen.page.evaluate(LIST_KEPT)
    assert not [address for address in kept if "date=" in address]
    with without_signal(seen):
        assert "시장 골목" in heading(seen, f"{url}/districts/street?lang=ko")


def test_icons_scripts_and_shops_are_kept(visit_kept):
    kept = visit_kept().page.evaluate(LIST_KEPT)
    for part in (
        "icon-192.png",
        "icon-512.png",
        "favicon.svg",
        "home.js",
        "site.css",
        "resident_map.js",
    ):
        assert any(part in address for address in kept), part
    for lang in ("ko", "en"):
        assert any("/shops-" in address and f".{lang}.json" in address for address in kept)
        assert any("/map-" in address and f".{lang}.js" in address for address in kept)


@pytest.mark.parametrize("path", ["/trails/hill", "/static/icons", "/shops-", "/static/board.css"])
def test_one_failed_download_spoils_nothing_and_is_tried_again(visit_kept, served, path):
    url, trouble = served
    trouble.paths = (path,)
    seen = visit_kept()
    trouble.paths = ()
    kept = seen.page.evaluate(LIST_KEPT)
    assert not [address for address in kept if path in address]
    assert [address for address in kept if "/trails/spring" in address]
    seen.page.goto(f"{url}/trails/?lang=ko")
    seen.wait_until(
        "path => (" + LIST_KEPT + ")().then(all => all.some(address => address.includes(path)))",
        path,
    )


def test_what_is_kept_ahead_has_a_limit(visit, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_OFFLINE_BYTES", 500_000)
    with listening(serve(write_city(tmp_path))) as url:
        seen = visit(f"{url}/offline?lang=ko", keeps=True)
        seen.wait_until(IS_KEPT)
        assert 200_000 < seen.page.evaluate(COUNT_BYTES) < 600_000


def test_a_list_of_shops_that_is_too_long_is_not_kept(tmp_path, monkeypatch):
    client = serve(write_city(tmp_path)).test_client()
    assert "shops-" in client.get("/sw.js").text.partition("const OFFLINE")[0]
    monkeypatch.setattr(limits, "MAX_OFFLINE_SHOPS_BYTES", 10)
    client = serve(tmp_path).test_client()
    assert "shops-" not in client.get("/sw.js").text.partition("const OFFLINE")[0]


def test_a_page_that_comes_slowly_is_whole_and_kept(visit_kept, served):
    """The worker's patience is with an answer that does not begin, not with a slow line."""
    url, trouble = served
    seen = visit_kept()
    trouble.slow_path = "/districts/street"
    start = time.monotonic()
    assert heading(seen, f"{url}/districts/street?lang=ko") == "시장 골목"
    assert time.monotonic() - start > 6
    trouble.slow_path = ""
    assert seen.page.locator("footer").count() == 1  # the end of the page
    assert seen.page.locator(".kept-strip").count() == 0
    with without_signal(seen):
        assert heading(seen, f"{url}/districts/street?lang=ko") == "시장 골목"
        assert seen.page.locator("footer").count() == 1


def test_an_update_that_breaks_off_leaves_what_was_kept_and_reloads_nothing(visit, tmp_path):
    app = serve(write_city(tmp_path))
    trouble = Trouble(app)
    watcher = Watcher(app.extensions["mapserver"])  # it watches as long as somebody has it
    watcher.start()
    with listening(app) as url:
        seen = visit(f"{url}/?lang=ko", keeps=True)
        seen.wait_until(IS_KEPT)
        [old] = [name for name in seen.page.evaluate("caches.keys()") if "languages" not in name]
        write_city(tmp_path, "여름 길")
        trouble.paths = ("/trails/hill",)
        last = time.monotonic() + PATIENCE_S
        while "여름 길" not in heading(seen, f"{url}/trails/spring?lang=ko"):
            assert time.monotonic() < last
        visits = []
        seen.page.on("framenavigated", lambda frame: visits.append(frame.url))
        heading(seen, f"{url}/trails/?lang=ko")
        while len(trouble.refused) < 2:  # one in each language
            assert time.monotonic() < last
            seen.page.wait_for_timeout(50)
        assert old in seen.page.evaluate("caches.keys()")
        with without_signal(seen):
            assert heading(seen, f"{url}/trails/hill?lang=ko") == "언덕 길"
        trouble.paths = ()
        heading(seen, f"{url}/?lang=ko")
        asked = 4  # of them about:blank
        while old in seen.page.evaluate("caches.keys()"):  # a visitor who reads on
            assert time.monotonic() < last
            heading(seen, f"{url}/?lang=ko")
            seen.page.wait_for_timeout(1_000)
            asked += 1
        assert len(visits) == asked
        with without_signal(seen):
            assert heading(seen, f"{url}/trails/spring?lang=ko") == "여름 길"
            assert heading(seen, f"{url}/trails/hill?lang=ko") == "언덕 길"
            seen.page.wait_for_selector("path.drawn-trails", state="attached")
            seen.page.goto(f"{url}/trails/?lang=ko")
            names = seen.page.inner_text("main")
            assert "여름 길" in names
            assert "봄 길" not in names
            kept = seen.page.evaluate("caches.keys()")
            assert len([name for name in kept if "languages" not in name]) == 1
    seen.faults[:] = [fault for fault in seen.faults if "503" not in fault]
