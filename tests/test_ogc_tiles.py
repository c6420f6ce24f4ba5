"""OGC API - Tiles: the vector tiles of a collection, with TileJSON and a style for MapLibre."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from gpxtext import gpx

from mapserver.settings import Settings
from mapserver.web import create_app

TILES = "/api/collections/trails/tiles/WebMercatorQuad"


@pytest.fixture
def ask(sample_app):
    client = sample_app.test_client()

    def get(path: str, **query):
        return client.get(path, query_string=query)

    return get


def list_tiles(ask) -> list[tuple[int, int, int]]:
    """List all tiles within the limits of the trails' tileset."""
    rows = ask(TILES).json["tileMatrixSetLimits"]
    return [
        (int(each["tileMatrix"]), row, column)
        for each in rows
        for row in range(each["minTileRow"], each["maxTileRow"] + 1)
        for column in range(each["minTileCol"], each["maxTileCol"] + 1)
    ]


def test_a_collection_links_to_its_tileset(ask):
    [tileset] = ask("/api/collections/trails/tiles").json["tilesets"]
    assert tileset["dataType"] == "vector"
    assert tileset["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    links = {link["rel"]: link for link in tileset["links"]}
    assert links["item"]["templated"] is True
    assert links["item"]["href"].endswith("/{tileMatrix}/{tileRow}/{tileCol}")
    assert ask("/api/collections/trails/tiles", f="html").mimetype == "text/html"


def test_all_tiles_together_show_all_trails(ask, tmp_path, sample_city):
    frames = []
    for zoom, row, column in [tile for tile in list_tiles(ask) if tile[0] == 14]:
        answer = ask(f"{TILES}/{zoom}/{row}/{column}")
        assert answer.status_code in {200, 204}
        if answer.status_code == 200:
            assert answer.content_type == "application/vnd.mapbox-vector-tile"
            path = tmp_path / str(zoom) / str(column) / f"{row}.pbf"  # GDAL places it by its name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(answer.data)
            frames.append(gpd.read_file(path).to_crs(4326))
    frame = pd.concat(frames)
    assert set(frame["id"]) == set(sample_city.trails.index)
    assert frame.total_bounds == pytest.approx(sample_city.trails.total_bounds, abs=1e-3)


def test_the_row_comes_before_the_column(ask):
    zoom, row, column = list_tiles(ask)[-1]
    assert row != column
    assert ask(f"{TILES}/{zoom}/{row}/{column}").status_code in {200, 204}
    full = [tile for tile in list_tiles(ask) if ask(f"{TILES}/{'/'.join(map(str, tile))}").data]
    exchanged = [f"{TILES}/{z}/{column}/{row}" for z, row, column in full]
    assert full
    assert {ask(path).status_code for path in exchanged} == {204}


@pytest.mark.parametrize(
    "tile", ["7/0/0", "15/0/0", "14/99999/0", "14/0/16384", "a/b/c", "14/-1/0", "14/1.5/2"]
)
def test_what_is_no_tile_is_not_found(ask, tile):
    answer = ask(f"{TILES}/{tile}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert ask(f"/api/collections/trails/tiles/Other/{tile}").status_code == 404


def test_map_libraries_read_the_tiles_by_tilejson_and_style(ask):
    tilejson = ask(TILES, f="tilejson").json
    assert tilejson["tilejson"] == "3.0.0"
    assert tilejson["tiles"] == [f"http://localhost{TILES}/{{z}}/{{y}}/{{x}}"]
    assert tilejson["vector_layers"][0]["id"] == "trails"
    style = ask(TILES, f="maplibre").json
    assert style["version"] == 8
    assert style["sources"]["trails"]["url"] == f"http://localhost{TILES}?f=tilejson"
    assert {layer["source-layer"] for layer in style["layers"]} == {"trails"}


@pytest.mark.parametrize(("lang", "other"), [("ko", "en"), ("en", "ko")])
def test_tiles_are_named_and_credited_in_the_language_of_the_reader(ask, sample_city, lang, other):
    entry = sample_city.entry("trails")
    title, source = entry.title.in_language(lang), entry.source.in_language(lang)
    for kind in ("json", "tilejson", "maplibre", "html"):
        text = ask(TILES, f=kind, lang=lang).text
        assert title in text
        assert source in text
        assert entry.source.in_language(other) not in text
    [tileset] = ask("/api/collections/trails/tiles", lang=lang).json["tilesets"]
    assert tileset["title"].startswith(title)
    assert all(not link.get("title", "").startswith("(") for link in tileset["links"])


@pytest.mark.parametrize("collection", ["trails", "shops"])
def test_maps_begin_at_a_zoom_level_that_has_tiles(ask, collection):
    # TileJSON 3.0, 3.5: the zoom level of the center must lie between minzoom and maxzoom.
    path = f"/api/collections/{collection}/tiles/WebMercatorQuad"
    tilejson = ask(path, f="tilejson").json
    lon, lat, zoom = tilejson["center"]
    assert tilejson["minzoom"] <= zoom <= tilejson["maxzoom"]
    west, south, east, north = tilejson["bounds"]
    assert west <= lon <= east
    assert south <= lat <= north
    style = ask(path, f="maplibre").json
    assert [*style["center"], style["zoom"]] == [lon, lat, zoom]


def test_a_collection_says_where_its_tiles_are_and_they_say_where_they_lie(ask, sample_city):
    relation = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
    for layer in ("trails", "districts", "shops"):
        path = f"/api/collections/{layer}"
        hrefs = [each["href"] for each in ask(path).json["links"] if each["rel"] == relation]
        assert f"http://localhost{path}/tiles?f=json" in hrefs
        tilejson = ask(f"{path}/tiles/WebMercatorQuad", f="tilejson").json
        assert tilejson["scheme"] == "xyz"  # rows are counted from the north
        bounds = sample_city.layers[layer].total_bounds
        assert tilejson["bounds"] == pytest.approx(bounds, abs=1e-6)
        style = ask(f"{path}/tiles/WebMercatorQuad", f="maplibre").json
        [*_, kinds] = zip(*(each["filter"] for each in style["layers"]), strict=False)
        named = {kind for each in kinds for kind in ([each] if isinstance(each, str) else each[1])}
        assert named <= {"Point", "LineString", "Polygon"}
        shown = set(sample_city.layers[layer].geom_type.str.removeprefix("Multi"))
        assert shown <= named


def test_a_collection_without_places_has_no_tiles(make_folder):
    nowhere = gpd.GeoDataFrame({"id": ["1"], "name": ["떡집"]}, geometry=[None], crs=4326)
    city = make_folder({"layers/services.geojson": nowhere, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=city, tile_url="")).test_client()
    assert client.get("/api/collections/services/items").json["numberMatched"] == 1
    answer = client.get("/api/collections/services/tiles")
    assert answer.status_code == 404
    assert "no tiles" in answer.json["detail"]
    described = client.get("/api/collections/services?f=json")
    assert "/tiles" not in described.text
    assert "/tiles" not in client.get("/api/collections/services?f=html").text
    assert "/tiles" in client.get("/api/collections/trails?f=html").text


def test_conf_core_tc_definitions_of_tile_matrix_row_and_column(ask):
    paths = ask("/api/openapi.json").json["paths"]
    [path] = [path for path in paths if path.endswith("{tileMatrix}/{tileRow}/{tileCol}")]
    rows = {each["name"]: each for each in paths[path]["get"]["parameters"] if "name" in each}
    for name in ("tileMatrix", "tileRow", "tileCol"):
        assert (rows[name]["in"], rows[name]["required"]) == ("path", True)
        assert rows[name]["schema"]["type"] == "integer"


def test_conf_tileset_tileset_description(ask):
    tileset = ask(TILES).json
    assert tileset["dataType"] == "vector"
    assert tileset["crs"].startswith("http://www.opengis.net/def/crs/")
    assert tileset["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    relations = {link["rel"] for link in tileset["links"]}
    assert {"self", "item"} <= relations
    for row in tileset["tileMatrixSetLimits"]:
        assert row["minTileRow"] <= row["maxTileRow"]
        assert row["minTileCol"] <= row["maxTileCol"]
