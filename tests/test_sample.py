"""The sample city: what the facts say comes out of its files, and each says that it is one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from xml.etree import ElementTree as ET

import numpy as np
import oracle
import pandas as pd
import pytest
import shapely
from conftest import ROOT
from gpxtext import GPX_11

from mapserver.analysis import arrivals
from mapserver.model import Role

FACTS = ROOT / "scripts" / "sample_city" / "facts"
FILES = sorted((ROOT / "gpx").glob("*.gpx"))
SAMPLE = "{https://maenballo.invalid/sample/1}sample"

# Order of elements as the schema of GPX 1.1 has it (topografix.com/GPX/1/1/gpx.xsd).
ORDER = {
    "gpx": ["metadata", "wpt", "rte", "trk", "extensions"],
    "metadata": [
        *("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"),
        "extensions",
    ],
    "wpt": [
        *("ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym"),
        "type",
    ],
    "trk": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"],
    "trkseg": ["trkpt", "extensions"],
    "trkpt": ["ele", "time", "magvar", "geoidheight", "name"],
    "copyright": ["year", "license"],
}


def facts(name: str) -> pd.DataFrame:
    return pd.read_csv(FACTS / name)


@pytest.mark.slow
def test_drawing_it_again_gives_the_same_bytes(tmp_path):
    script = ROOT / "scripts" / "make_sample_city.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True)  # noqa: S603
    for folder in ("gpx", "layers"):
        made = {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        kept = {path.name: path.read_bytes() for path in (ROOT / folder).iterdir()}
        assert made == kept


@pytest.mark.slow
def test_the_script_overwrites_no_other_city(tmp_path):
    shutil.copytree(ROOT / "gpx", tmp_path / "gpx")
    script = ROOT / "scripts" / "make_sample_city.py"
    run = subprocess.run(  # noqa: S603
        [sys.executable, str(script), "--out", str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert "another folder" in run.stderr


# -- trails --------------------------------------------------------------------------------------


def test_number_and_length_of_the_trails_are_those_reported(sample_city):
    trails = sample_city.trails
    assert len(trails) == len(FILES) == 32
    assert 8650 <= sum(oracle.length_m(line) for line in trails.geometry) <= 8750
    hill_m = trails.length_m[trails.index.str.startswith("geumdangsan")].sum()
    assert hill_m == pytest.approx(4200, abs=10)
    others_m = trails.length_m[~trails.index.str.startswith("geumdangsan")]
    assert others_m.between(50, 450).all()


def test_every_neighbourhood_has_a_trail_and_each_keeps_to_its_own(sample_city):
    areas = sample_city.neighborhoods.set_index("name").geometry
    trails = sample_city.trails
    assert set(trails["neighborhood"]) == set(areas.index)
    for line, name in zip(trails.geometry, trails["neighborhood"], strict=True):
        assert areas[name].covers(line)


def test_trails_are_smooth_with_a_point_about_every_five_metres(sample_city):
    for line in sample_city.trails.geometry:
        corners = shapely.get_coordinates(line)
        azimuth, _, step_m = oracle.GEOD.inv(*corners[:-1].T, *corners[1:].T)
        assert np.median(step_m) == pytest.approx(5, abs=0.6)
        assert step_m.max() < 6
        turn = np.abs((np.diff(azimuth) + 180) % 360 - 180)
        assert np.median(turn) < 30  # paths bend, noise zigzags
        assert turn.max() < 75


def test_school_yards_are_flat_and_the_hill_is_not(sample_city):
    trails = sample_city.trails
    relief_m = trails["max_ele_m"] - trails["min_ele_m"]
    assert (relief_m[trails["name"].str.contains("학교")] < 1).all()
    assert relief_m["geumdangsan-2"] > 150
    assert trails["ascent_m"]["geumdangsan-2"] > 200


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_files_keep_to_the_schema_of_gpx_1_1(path):
    root = ET.parse(path).getroot()
    assert root.tag == f"{{{GPX_11}}}gpx"
    assert root.get("version") == "1.1"
    assert root.get("creator")
    assert root.find(f".//{SAMPLE}").text == "true"
    for element in root.iter():
        order = ORDER.get(local(element))
        if order:
            places = [order.index(local(child)) for child in element]
            assert places == sorted(places), local(element)
    bounds = next(root.iter(f"{{{GPX_11}}}bounds"))
    lons = [float(e.get("lon")) for e in root.iter() if e.get("lon")]
    lats = [float(e.get("lat")) for e in root.iter() if e.get("lat")]
    assert [float(bounds.get(f"{m}{a}")) for a in ("lon", "lat") for m in ("min", "max")] == [
        *(min(lons), max(lons)),
        *(min(lats), max(lats)),
    ]


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def test_the_register_fits_the_files(sample_city):
    register = pd.read_csv(ROOT / "gpx" / "trails.csv", dtype=str)
    assert set(register["id"]) == {path.stem for path in FILES}
    contract = "name name_en neighborhood surface width_m lighting foot_wash opened season status"
    assert set(contract.split()) <= set(register.columns)
    assert (register["season"] == "03-01/11-30").all()
    assert set(register["surface"]) == {"황토", "마사토"}
    kinds = sample_city.facilities.groupby("trail")["kind"].agg(set)
    for trail, row in sample_city.trails.iterrows():
        assert ("foot_wash" in kinds[trail]) == bool(row["foot_wash"])
        assert ("light" in kinds[trail]) == bool(row["lighting"])
    assert set(sample_city.facilities["kind"]) == {
        *("foot_wash", "shoe_rack", "toilet", "bench", "entrance", "light")
    }


# -- areas ---------------------------------------------------------------------------------------


def test_neighbourhoods_have_no_gap_and_no_overlap(sample_city):
    areas = sample_city.neighborhoods
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())
    whole = shapely.union_all(areas.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert (areas.geom_type == "Polygon").all()
    known = facts("neighborhoods.csv")
    assert dict(zip(areas["name"], areas["code"].astype(str), strict=True)) == dict(
        zip(known["name"], known["code"].astype(str), strict=True)
    )
    assert areas["brand"].notna().all()
    hubs = areas[areas["role"] == "hub"]
    assert len(hubs) == len(sample_city.zones) == 4
    assert set(sample_city.zones["hub"]) == set(hubs["name"])


def test_areas_are_of_the_right_order(sample_city, test_data):
    real = pd.read_csv(test_data / "dongs.csv").set_index("name")
    metric = sample_city.neighborhoods.to_crs(5186).set_index("name")
    ratio = metric.area / 1e6 / real["area_km2"]
    assert ratio.between(0.4, 2.5).all()
    assert ratio.median() == pytest.approx(1, abs=0.6)
    assert metric.area.sum() / 1e6 == pytest.approx(real["area_km2"].sum(), rel=0.15)


def test_nothing_is_cut_from_the_real_boundaries(sample_city, test_data):
    import geopandas as gpd  # noqa: PLC0415 -- only here

    real = {
        tuple(corner)
        for file in ("seogu_dong.geojson", "seogu_dong_kostat2018.geojson", "gwangju_gu.geojson")
        for corner in np.round(shapely.get_coordinates(gpd.read_file(test_data / file).geometry), 5)
    }
    for layer in ("neighborhoods", "zones", "districts"):
        ours = np.round(shapely.get_coordinates(sample_city.layers[layer].geometry), 5)
        assert not real & {tuple(corner) for corner in ours}


def test_districts_are_those_reported(sample_city):
    districts, known = sample_city.districts, facts("districts.csv")
    assert len(districts) == len(known) == 119
    assert districts["name"].tolist() == known["name"].tolist()
    assert districts["association"].tolist() == known["association"].tolist()
    assert shapely.get_num_geometries(districts.geometry.to_numpy()).tolist() == (
        known["parts"].tolist()
    )
    assert "양동" not in set(districts["neighborhood"])
    rounds = facts("shops_rounds.csv").set_index("round")["districts"]
    assert districts["round"].astype(int).value_counts().to_dict() == rounds.to_dict()
    metric = districts.to_crs(5186)
    positions = shapely.points(known[["lon", "lat"]].to_numpy())
    off_m = metric.distance(districts.set_geometry(list(positions), crs=4326).to_crs(5186).geometry)
    assert off_m.quantile(0.95) < 100  # positions are good to about 150 m
    assert metric.area.between(5_000, 50_000).all()


def test_districts_keep_apart_and_in_their_neighbourhood_and_off_the_parks(sample_city):
    districts = sample_city.districts.to_crs(5186)
    left, right = districts.sindex.query(districts.geometry, predicate="intersects")
    assert (left == right).all()
    areas = sample_city.neighborhoods.set_index("name").to_crs(5186).geometry
    for shape, name in zip(districts.geometry, districts["neighborhood"], strict=True):
        assert areas[name].contains(shape)
    trails = shapely.union_all(sample_city.trails.to_crs(5186).geometry.to_numpy())
    assert districts.distance(trails).min() > 15


# -- shops and tables ----------------------------------------------------------------------------


def test_shops_are_as_many_as_reported_and_in_their_district(sample_city):
    shops = sample_city.shops
    totals = facts("shops_totals.csv").iloc[0]
    onnuri = ["onnuri_paper", "onnuri_card", "onnuri_mobile"]
    member = (shops[onnuri] == "yes").any(axis=1)
    assert (len(shops), member.sum()) == (totals["shops"], totals["members"])
    mix = facts("shops_mix.csv").set_index("category")["shops"]
    assert shops["category"].value_counts().to_dict() == mix.to_dict()
    joined = sample_city.join(shops, layer="districts")
    assert (joined["district_id"] == joined["district"]).all()
    assert shops["name"].is_unique
    assert not shops.geometry.duplicated().any()
    where = sample_city.districts["neighborhood"].reindex(shops["district"]).to_numpy()
    rates = 100 * member.groupby(where).mean()
    reported = facts("shops_membership.csv").set_index("neighborhood")["rate_percent"]
    assert (rates - reported).abs().max() < 0.5
    yudeok = facts("shops_known.csv").iloc[0]
    assert (where == "유덕동").sum() == yudeok["shops"] == 286


def test_every_neighbourhood_has_its_centre(sample_city):
    centres = sample_city.join(sample_city.layers["services"], layer="neighborhoods")
    assert (centres["neighborhood_name"] == centres["neighborhood"]).all()
    assert set(centres["neighborhood"]) == set(sample_city.neighborhoods["name"])
    assert centres["programmes"].str.contains("수당").all()


def test_centres_differ_and_what_nobody_knows_of_one_is_empty(sample_city):
    centres = sample_city.layers["services"]
    phones = centres["phone"].dropna()
    assert phones.str.fullmatch(r"062-000-00\d\d").all()  # no line of anybody's
    assert phones.is_unique
    for column in ("phone", "hours", "lunch"):
        assert 0 < centres[column].isna().sum() < 5, column
    assert centres["hours"].nunique() > 3
    assert centres["address"].str.endswith("(견본)").all()


def test_most_trails_have_a_way_there_and_some_show_that_there_is_none(sample_city):
    trails, layers = sample_city.trails, sample_city.layers
    reached = {
        role: set(arrivals.find_arrivals(trails, layers[role], sample_city.facilities)["trail"])
        for role in ("stops", "parking", "toilets")
    }
    assert set(trails.index) - reached["stops"] == {"jeonpyeongje-park", "seochang-folk-village"}
    assert all(
        2 < len(trails.index.difference([*each])) < 20
        for each in (reached["parking"], reached["toilets"])
    )
    for role in reached:
        assert layers[role]["name"].str.endswith("(견본)").all()
        assert layers[role]["name_en"].str.endswith("(sample)").all()
    # Numbers that no pole has, with the zeros that spreadsheets lose.
    assert layers["stops"]["pole_number"].str.fullmatch(r"00\d\d").all()
    answers = (
        arrivals.accessible_bays(layers["parking"]),
        arrivals.accessible_toilets(layers["toilets"]),
    )
    for known in answers:
        assert set(known) == {True, False, None}
    assert 0 < layers["toilets"]["hours"].isna().sum() < len(layers["toilets"]) / 2


def test_programmes_are_marked_and_promise_no_amount_that_nobody_reported(sample_city):
    rows = sample_city.ledgers["programmes"]
    assert (rows["sample"] == "yes").all()
    made_up = rows[rows["source"].str.startswith("견본")]
    assert len(made_up) > 10
    assert not made_up["what"].str.contains("원 ").any()
    reported = rows.drop(made_up.index)
    assert set(reported["id"]) == {"family-caregiver", "seogu-honors"}
    assert reported["papers"].eq("확인 필요").all()
    assert reported["period"].isna().all()


def test_everything_says_that_it_is_a_sample(sample_city):
    assert all(sample_city.entry(layer).sample for layer in sample_city.layers)
    for layer, frame in sample_city.layers.items():
        if sample_city.entry(layer).role is not Role.FACILITIES:  # the GPX file says it for them
            assert set(frame["sample"].astype(str).str.lower()) <= {"yes", "true"}, layer
    for name in ("benefits.csv", "closures.csv", "programmes.csv", "bus_lines.csv"):
        assert (pd.read_csv(ROOT / "layers" / name)["sample"] == "yes").all()


def test_nothing_is_wrong_with_it(sample_city):
    assert [str(finding) for finding in sample_city.findings] == []
    assert {finding.severity.value for finding in sample_city.check()} <= {"note"}
