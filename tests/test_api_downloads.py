"""Files of the API: whole collections and single features in the formats of the trade."""

from __future__ import annotations

import io
import json
import time

import geopandas as gpd
import pandas as pd
import pytest
from gpxtext import gpx, track
from pmtiles.reader import MemorySource, Reader

from mapserver.settings import Settings, limits
from mapserver.web import create_app
from mapserver.web.api import downloads

LINE = ((126.85, 35.15), (126.8512, 35.15))
READABLE = {"geojson": "GeoJSON", "gpkg": "GPKG", "fgb": "FlatGeobuf", "kml": "KML"}


@pytest.fixture
def ask(sample_app):
    client = sample_app.test_client()
    return lambda path, headers=None, **query: client.get(
        f"/api/{path}", query_string=query, headers=headers
    )


@pytest.mark.parametrize("name", READABLE)
def test_a_file_holds_the_whole_collection(ask, sample_city, tmp_path, name):
    answer = ask("collections/districts/items", f=name)
    assert answer.status_code == 200
    assert f'filename="districts.{name}"' in answer.headers["Content-Disposition"]
    path = tmp_path / f"districts.{name}"
    path.write_bytes(answer.data)
    frame = gpd.read_file(path)
    assert len(frame) == len(sample_city.districts) > 100  # more than a page
    assert frame.to_crs(4326).total_bounds == pytest.approx(
        sample_city.districts.total_bounds, abs=1e-6
    )


def test_tables_hold_the_rows_and_the_day_of_the_states(ask, sample_city):
    answer = ask("collections/trails/items", f="csv", datetime="2026-12-20")
    table = pd.read_csv(io.BytesIO(answer.data))
    assert set(table["state_on"]) == {"2026-12-20"}
    assert len(table) == len(sample_city.trails)
    frame = gpd.read_parquet(io.BytesIO(ask("collections/trails/items", f="parquet").data))
    assert list(frame.index if frame.index.name == "id" else frame["id"]) == list(
        sample_city.trails.index
    )


@pytest.mark.parametrize("name", ["gpkg", "fgb", "parquet"])
def test_a_file_is_in_the_reference_system_that_is_asked_for(ask, sample_city, tmp_path, name):
    for place in ("items", "items/001"):
        answer = ask(f"collections/districts/{place}", f=name, crs="EPSG:5186")
        uri = "http://www.opengis.net/def/crs/EPSG/0/5186"
        assert answer.headers["Content-Crs"] == f"<{uri}>"
        path = tmp_path / f"districts.{name}"
        path.write_bytes(answer.data)
        frame = gpd.read_parquet(path) if name == "parquet" else gpd.read_file(path)
        assert frame.crs.to_epsg() == 5186
        wished = sample_city.districts.to_crs(5186).iloc[: len(frame)]
        assert frame.total_bounds == pytest.approx(wished.total_bounds, abs=0.02)


@pytest.mark.parametrize("name", ["geojson", "csv", "kml", "gpx", "pmtiles"])
def test_a_file_that_knows_degrees_alone_is_in_no_other_system(ask, name):
    path = "collections/trails/items"
    answer = ask(path, f=name, crs="EPSG:5186")
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("crs: ")
    links = ask(path, crs="EPSG:5186").json["links"]
    assert not any(f"f={name}" in link["href"] for link in links)
    page = ask(path, crs="EPSG:5186", f="html").text
    assert f"f={name}" not in page
    assert "f=gpkg" in page
    assert ask(path, f=name).headers["Content-Crs"].endswith("/CRS84>")


@pytest.mark.parametrize("query", [{"crs": "EPSG:1"}, {"properties": "nothing"}])
def test_what_is_wrong_is_refused_of_files_as_of_pages(ask, query):
    for format_ in ("json", "csv", "gpkg"):
        answer = ask("collections/districts/items", f=format_, **query)
        assert answer.status_code == 400
        assert answer.json["detail"].startswith(next(iter(query)))


def test_answers_link_to_no_file_that_cannot_be_had(ask, sample_app):
    for collection in [each["id"] for each in ask("collections").json["collections"]]:
        items = ask(f"collections/{collection}/items", limit=2).json
        last = items["features"][-1]["id"]
        one = ask(f"collections/{collection}/items/{last}").json
        for link in (*items["links"], *one["links"]):
            answer = sample_app.test_client().get(link["href"])
            assert answer.status_code == 200, link["href"]


def test_tiles_of_a_collection_are_one_file(ask):
    archive = Reader(MemorySource(ask("collections/trails/items", f="pmtiles").data))
    assert archive.metadata()["vector_layers"][0]["id"] == "trails"


def test_what_is_selected_is_what_is_taken_along(ask, sample_city):
    box = {"bbox": "126.84,35.13,126.87,35.16"}
    ids = [f["id"] for f in ask("collections/districts/items", **box, limit=1000).json["features"]]
    table = pd.read_csv(
        io.BytesIO(ask("collections/districts/items", **box, f="csv").data), dtype=str
    )
    assert table["id"].tolist() == ids
    assert 0 < len(ids) < len(sample_city.districts)
    some = pd.read_csv(
        io.BytesIO(ask("collections/districts/items", **box, f="csv", limit=3, offset=1).data),
        dtype=str,
    )
    assert some["id"].tolist() == ids[1:4]


def test_a_trail_is_taken_along_with_its_facilities(ask, sample_city):
    trail = sample_city.facilities["trail"].dropna().iloc[0]
    answer = ask(f"collections/trails/items/{trail}", f="gpx")
    assert answer.content_type == "application/gpx+xml"
    count = (sample_city.facilities["trail"] == trail).sum()
    assert answer.text.count("<wpt ") == count
    one = ask(f"collections/trails/items/{trail}", f="geojson")
    assert [f["id"] for f in json.loads(one.data)["features"]] == [trail]
    assert f'filename="{trail}.geojson"' in one.headers["Content-Disposition"]


def test_the_header_accept_asks_for_files_too(ask):
    answer = ask("collections/districts/items", {"Accept": "application/geopackage+sqlite3"})
    assert answer.content_type == "application/geopackage+sqlite3"
    answer = ask("collections/districts/items", {"Accept": "application/gpx+xml"})
    assert answer.status_code == 406


def test_gpx_is_refused_where_there_are_neither_lines_nor_points(ask):
    answer = ask("collections/districts/items", f="gpx")
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("f: districts has no lines and no points")
    for collection, is_offered in (("districts", False), ("trails", True), ("shops", True)):
        links = ask(f"collections/{collection}").json["links"]
        files = {link["type"] for link in links if link["rel"] == "enclosure"}
        assert ("application/gpx+xml" in files) == is_offered
        assert {"application/vnd.pmtiles", "application/geopackage+sqlite3"} <= files


@pytest.mark.parametrize("name", [each.name for each in downloads.DOWNLOADS])
def test_each_worker_writes_the_same_bytes(make_folder, name):
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE, name="언덕길"))})
    answers = []
    for _ in range(2):
        client = create_app(Settings(city=folder, tile_url="")).test_client()
        answers.append(client.get(f"/api/collections/trails/items?f={name}"))
        time.sleep(0.01)
    assert answers[0].status_code == 200
    assert answers[0].data == answers[1].data
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_a_part_of_a_file_is_a_range_of_its_bytes(ask):
    whole = ask("collections/districts/items", f="gpkg")
    part = ask("collections/districts/items", {"Range": "bytes=100-199"}, f="gpkg")
    assert part.status_code == 206
    assert part.data == whole.data[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    beyond = ask("collections/districts/items", {"Range": f"bytes={10**9}-"}, f="gpkg")
    assert beyond.status_code == 416
    assert beyond.content_type == "application/problem+json"
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    again = ask("collections/districts/items", {"If-None-Match": whole.headers["ETag"]}, f="gpkg")
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=-10", -10, None),
        ("bytes=-99999999", 0, None),
        ("bytes=10-" + "9" * 5000, 10, None),
        ("bytes=0-9,", 0, 10),
    ],
)
def test_a_range_that_reaches_over_an_end_is_cut_to_the_file(ask, asked, start, end):
    whole = ask("collections/districts/items", f="gpkg")
    part = ask("collections/districts/items", {"Range": asked}, f="gpkg")
    assert part.status_code == 206
    assert part.data == whole.data[start:end]


def test_what_is_no_range_of_this_file_is_answered_with_the_whole(ask):
    whole = ask("collections/districts/items", f="gpkg")
    tag = whole.headers["ETag"]
    for headers in (
        {"Range": "rows=0-5"},
        {"Range": "bytes=0-1,4-5"},
        {"Range": "bytes=0-9", "If-Range": f"W/{tag}"},
        {"Range": "bytes=0-9", "If-Range": '"other"'},
        {"Range": "bytes=0-9", "If-Range": "once"},
    ):
        answer = ask("collections/districts/items", headers, f="gpkg")
        assert (answer.status_code, answer.data) == (200, whole.data), headers
    known = {"Range": "bytes=0-9", "If-None-Match": tag}
    assert ask("collections/districts/items", known, f="gpkg").status_code == 304
    joined = {"Range": "bytes=0-9", "If-Range": tag}
    assert ask("collections/districts/items", joined, f="gpkg").status_code == 206


def test_head_speaks_of_the_whole_file(sample_app):
    headers = {"Range": "bytes=0-9"}
    head = sample_app.test_client().head("/api/collections/districts/items?f=gpkg", headers=headers)
    assert head.status_code == 200
    assert int(head.headers["Content-Length"]) > 10


def test_so_many_files_are_written_at_once(ask, monkeypatch):
    monkeypatch.setattr(limits, "DOWNLOAD_PATIENCE_S", 0)
    for _ in range(limits.MAX_DOWNLOADS_AT_ONCE):
        downloads._PLACES.acquire()
    try:
        answer = ask("collections/services/items", f="kml", limit=1)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        for _ in range(limits.MAX_DOWNLOADS_AT_ONCE):
            downloads._PLACES.release()
    assert ask("collections/services/items", f="kml", limit=1).status_code == 200
