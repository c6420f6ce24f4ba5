"""Ledgers for programs: collections of the API, files of an export, and nothing of a person."""

from __future__ import annotations

import io
import json

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner
from openapi_spec_validator import validate

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import DataError, NotFoundError
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.writers.export import export

GPX = """<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="t"><trk><trkseg>
<trkpt lat="35.15" lon="126.85"/><trkpt lat="35.151" lon="126.85"/></trkseg></trk></gpx>"""
FILES = {
    "gpx/a.gpx": GPX,
    "layers/inspections.csv": "trail_id,checked_on,by,grade,finding,inspector\n"
    "a,2026-11-20,office,이용금지,<b>&,\na,yesterday,,good,,\na,2026-11-22,,양호,,Kim\n",
    "layers/soil.csv": "trail_id,sampled_on,lead,mercury,area\na,2026-11-20,10.3,불검출,1\n",
    "layers/rain.csv": "date,station,rain_mm,sample\n2026-11-20,156,3.5,yes\n2026-11-21,156,,yes\n",
    "layers/programmes.csv": "id,name,need\np1,수당,돌봄\n,둘,\np2,셋,\np2,넷,\n",
    "layers/requests.csv": "received,neighborhood,category\n2026-11-20 10:00,치평동,길\n",
    "layers/holidays.csv": "date,name\n2026-12-25,성탄절\n",
}
PUBLIC = ["inspections", "soil", "rain", "programmes", "holidays"]


@pytest.fixture
def city(make_city):
    return make_city(FILES)


@pytest.fixture
def ask(city):
    client = create_app(Settings(city=city.path)).test_client()
    return lambda path, **query: client.get(f"/api/{path}", query_string={"f": "json", **query})


def test_public_ledgers_follow_the_layers_and_messages_are_not_among_them(city):
    assert list(city.published) == ["trails", *PUBLIC]
    assert list(city.layers) == ["trails"]
    with pytest.raises(NotFoundError):
        city.entry("requests")


def test_rows_have_the_columns_of_their_ledger_alone(city):
    rows = city.published["inspections"]
    assert "inspector" not in rows
    assert list(rows.index) == ["line-2", "line-3", "line-4"]
    assert rows.geometry.isna().all()
    assert rows.loc["line-3", "checked_on"] is None
    assert "yesterday" in rows.loc["line-3", "problem"]
    assert rows["problem"].isna().tolist() == [True, False, True]


def test_what_was_not_detected_is_neither_zero_nor_untested(city):
    (row,) = city.published["soil"].to_dict("records")
    assert (row["lead"], row["not_detected"]) == (10.3, "mercury")
    assert pd.isna(row["mercury"])
    assert pd.isna(row["zinc"])


def test_a_row_has_its_own_id_where_that_is_its_alone(city):
    assert list(city.published["programmes"].index) == ["p1", "line-3", "line-4", "line-5"]


def test_a_sample_is_called_one(city, ask):
    assert city.entry("rain").sample
    assert not city.entry("soil").sample
    assert ask("collections/rain").json["sample"] is True


def test_the_api_lists_them_in_the_language_of_the_reader(ask):
    titles = {c["id"]: c["title"] for c in ask("collections", lang="ko").json["collections"]}
    assert titles["inspections"] == "점검 기록"
    assert "requests" not in titles
    rels = {link["rel"] for link in ask("collections/soil").json["links"]}
    assert not any(rel.endswith("tilesets-vector") for rel in rels)


@pytest.mark.parametrize(
    ("collection", "query", "ids"),
    [
        ("inspections", {"grade": "good"}, ["line-3", "line-4"]),
        ("inspections", {"filter": "checked_on > DATE('2026-11-20')"}, ["line-4"]),
        ("inspections", {"sortby": "-checked_on", "limit": "1"}, ["line-4"]),
        ("inspections", {"bbox": "0,0,1,1"}, ["line-2", "line-3", "line-4"]),
        ("soil", {"filter": "mercury IS NULL AND lead > 10"}, ["line-2"]),
        ("rain", {"filter": "rain_mm IS NULL"}, ["line-3"]),
        ("rain", {"bbox": "0,0,1e6,1e6", "bbox-crs": "EPSG:5186"}, None),
    ],
)
def test_rows_are_filtered_and_sorted_like_features(ask, collection, query, ids):
    answer = ask(f"collections/{collection}/items", **query)
    if ids is None:
        assert answer.status_code in {200, 400}
        return
    assert [feature["id"] for feature in answer.json["features"]] == ids
    assert {feature["geometry"] for feature in answer.json["features"]} == {None}


def test_a_search_by_place_names_what_has_places(ask):
    answer = ask("nearest", lon=126.85, lat=35.15, collection="soil")
    assert answer.status_code == 400
    assert "nothing in soil has a place. Ask for one of: trails" in answer.json["detail"]
    assert ask("collections/soil/tiles").status_code == 404
    assert ask("collections/requests/items").status_code == 404


@pytest.mark.parametrize("path", ["", "/items", "/items/line-2", "/schema", "/queryables"])
def test_each_is_a_page_with_its_text_as_text(ask, path):
    page = ask(f"collections/inspections{path}", f="html", lang="en")
    assert page.status_code == 200
    assert "<b>&" not in page.text
    if path == "/items":
        assert "&lt;b&gt;&amp;" in page.text
        assert "Repaired on" in page.text or "Checked on" in page.text


def test_the_description_stays_valid_and_searches_places_alone(ask):
    document = ask("openapi.json").json
    validate(document)
    assert "/collections/programmes/items" in document["paths"]
    parameters = document["paths"]["/nearest"]["get"]["parameters"]
    named = [p for p in parameters if p.get("name") == "collection"]
    named += [p for p in document["components"]["parameters"].values() if p["name"] == "collection"]
    assert {tuple(p["schema"]["enum"]) for p in named} == {("trails",)}


def test_files_to_take_along_are_tables(ask, tmp_path):
    offered = {
        link["href"].partition("f=")[2]
        for link in ask("collections/soil").json["links"]
        if link["rel"] == "enclosure"
    }
    assert offered == {"geojson", "gpkg", "csv", "parquet"}
    path = tmp_path / "soil.gpkg"
    path.write_bytes(ask("collections/soil/items", f="gpkg").data)
    assert dict(pyogrio.list_layers(path))["soil"] is None  # a table of attributes
    (row,) = pyogrio.read_dataframe(path, layer="soil").to_dict("records")
    assert (row["lead"], row["not_detected"]) == (10.3, "mercury")
    refused = ask("collections/soil/items", f="fgb")
    assert refused.status_code == 400
    assert "nothing in soil has a place" in refused.json["detail"]


def test_a_whole_city_takes_its_ledgers_along_where_a_format_holds_tables(city, tmp_path):
    done = export(city, tmp_path / "city.gpkg")
    assert list(done.rows) == ["trails", *PUBLIC]
    assert done.rows["inspections"] == 3
    assert list(export(city, tmp_path / "city.kml").rows) == ["trails"]
    files = export(city, tmp_path / "folder", format="csv").files
    assert "requests.csv" not in files
    assert "soil.csv" in files
    with pytest.raises(DataError, match="it is a table, and fgb holds places"):
        export(city, tmp_path / "soil.fgb", layers=["soil"])
    with pytest.raises(NotFoundError):
        export(city, tmp_path / "requests.csv", layers=["requests"])


@pytest.mark.parametrize("ledger", PUBLIC)
def test_an_exported_csv_comes_in_again_as_it_was(city, make_folder, tmp_path, ledger):
    path = tmp_path / f"{ledger}.csv"
    export(city, path, layers=[ledger])
    other = make_folder({"gpx/a.gpx": GPX}, name="other")
    result = CliRunner().invoke(main, ["add", str(path), "--as", ledger, "--city", str(other)])
    rows, again = city.ledgers[ledger], mapserver.open_city(other).ledgers[ledger]
    # A row without what it must have is left out, and said; all others say what they said.
    rows = rows[rows["unclear"].isna()]
    columns = [name for name in again if name in rows and name != "unclear"]
    again = again[again["unclear"].isna()]
    if ledger == "programmes":  # an id of two rows is nobody's
        rows = rows[rows["id"] != "p2"]
        again = again[again["name"].isin(rows["name"])]
    assert plain(again[columns]) == plain(rows[columns]), result.output


def plain(rows):
    texts = rows.astype(object).where(rows.notna(), None).astype(str)
    return sorted(json.dumps(row, ensure_ascii=False) for row in texts.to_dict("records"))


def test_a_layer_of_the_same_id_stands_for_itself(make_city):
    layer = gpd.GeoDataFrame({"id": ["x"]}, geometry=gpd.points_from_xy([126.8], [35.1]), crs=4326)
    city = make_city({**FILES, "layers/rain.geojson": layer})
    assert len(city.published["rain"]) == len(city.layers["rain"]) == 1
    assert city.file("rain") == "layers/rain.geojson"


def test_csv_of_the_api_is_what_the_folder_holds(ask):
    table = pd.read_csv(io.BytesIO(ask("collections/soil/items", f="csv").data))
    assert table.loc[0, "mercury"] == "not-detected"
    assert "not_detected" not in table
    assert "line" not in table
