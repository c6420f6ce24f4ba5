"""Pages of districts, their shops and what is near them."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pytest
import shapely
from oracle import distance_m, distances_m, tolerance_m
from test_site import SQUARE, listed, text_of

from mapserver.analysis import shops as shop_analysis
from mapserver.analysis.walks import walks
from mapserver.geo import geodesy
from mapserver.model import offers, status
from mapserver.settings import Settings
from mapserver.web import create_app


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


@pytest.fixture
def serve(make_folder):
    """Serve a small city."""
    return lambda files: create_app(Settings(city=make_folder(files), tile_url="")).test_client()


# -- trails and districts ----------------------------------------------------------------------


def test_walks_are_those_of_brute_force(sample_city):
    trails, districts = sample_city.trails, sample_city.districts
    found = walks(trails, districts, sample_city.metric_crs)
    pairs = dict(
        zip(zip(found["trail"], found["district"], strict=True), found["distance_m"], strict=True)
    )
    reach = 10 * geodesy.WALKING_M_PER_MIN
    for trail, line in list(trails.geometry.items())[::5]:
        ends = [p for part in shapely.get_parts(line) for p in (part.coords[0], part.coords[-1])]
        some = districts.geometry[::3]
        nearest_m = np.min([distances_m(some, x, y) for x, y, *_ in ends], axis=0)
        for district, truth in zip(some.index, nearest_m, strict=True):
            if abs(truth - reach) > tolerance_m(reach):
                assert ((trail, district) in pairs) == (truth < reach)
            if truth < reach and (trail, district) in pairs:
                assert pairs[trail, district] == pytest.approx(truth, abs=tolerance_m(truth))
    assert found["distance_m"].is_monotonic_increasing


@pytest.mark.slow
def test_a_walk_is_told_on_both_pages(client, sample_city):
    found = walks(sample_city.trails, sample_city.districts, sample_city.metric_crs)
    for pair in found.iloc[:10].to_dict("records"):
        there = listed(client.get(f"/trails/{pair['trail']}"), "districts")
        back = listed(client.get(f"/districts/{pair['district']}"), "trails")
        assert pair["district"] in there
        assert pair["trail"] in back


# -- shops -------------------------------------------------------------------------------------


def test_shops_are_counted_as_without_an_index(sample_city):
    shops, districts = sample_city.shops, sample_city.districts
    counted = shop_analysis.figures(shops, districts)
    taking = shops[["onnuri_paper", "onnuri_card", "onnuri_mobile"]].eq("yes").any(axis=1)
    x, y = shops.geometry.x.to_numpy(), shops.geometry.y.to_numpy()
    seen = np.zeros(len(shops), bool)
    for id_ in sorted(districts.index):
        inside = shapely.intersects_xy(districts.geometry[id_], x, y) & ~seen
        seen |= inside
        assert counted["shops"][id_] == inside.sum()
        assert counted["members"][id_] == taking[inside].sum()
    assert counted["shops"].sum() == seen.sum()


def shown_shops(response) -> list[str]:
    """List the names of the shops that a district's page shows, in its order."""
    assert response.status_code == 200
    rows = re.findall(r"<li data-id=.*?</li>", response.get_data(as_text=True), re.DOTALL)
    shown = [row for row in rows if " hidden" not in row[: row.index(">")]]
    return [re.search(r'class="a"><bdi[^>]*>([^<]*)<', row)[1] for row in shown]


def test_the_shops_of_a_district_are_listed_and_filtered(client, sample_city):
    id_ = sample_city.districts.index[10]
    where = shop_analysis.assign(sample_city.shops, sample_city.districts)
    own = sample_city.shops[where == id_]
    assert sorted(shown_shops(client.get(f"/districts/{id_}?category="))) == sorted(own["name"])
    payments = shop_analysis.payments(own)
    for kind in own["category"].unique():
        some = own["category"] == kind
        found = shown_shops(client.get(f"/districts/{id_}?category={kind}&voucher=mobile"))
        assert sorted(found) == sorted(own["name"][some & payments["mobile"]])
        found = shown_shops(client.get(f"/districts/{id_}?category={kind}&onnuri=1"))
        assert sorted(found) == sorted(own["name"][some & payments["any"]])
    # Who takes one of several.
    found = shown_shops(client.get(f"/districts/{id_}?category=&voucher=paper&voucher=card"))
    assert sorted(found) == sorted(own["name"][payments["paper"] | payments["card"]])


def test_a_district_shows_first_what_one_eats(client, sample_city):
    id_ = sample_city.districts.index[10]
    where = shop_analysis.assign(sample_city.shops, sample_city.districts)
    eaten = sample_city.shops[(where == id_) & (sample_city.shops["category"] == "일반음식점")]
    takes = shop_analysis.payments(eaten)["any"]
    # By name, those that take certificates before those that take none.
    names = [*sorted(eaten["name"][takes]), *sorted(eaten["name"][~takes])]
    assert shown_shops(client.get(f"/districts/{id_}")) == names
    for nonsense in ("category=lava", "voucher=gold", "shop=nobody"):
        assert shown_shops(client.get(f"/districts/{id_}?{nonsense}")) == names


def test_a_shop_that_an_address_names_is_shown_and_marked(client, sample_city):
    id_ = sample_city.districts.index[10]
    where = shop_analysis.assign(sample_city.shops, sample_city.districts)
    own = sample_city.shops[(where == id_) & (sample_city.shops["category"] == "학원")]
    for named in (own.index[0], own["name"].iloc[0]):
        page = client.get(f"/districts/{id_}", query_string={"shop": named, "voucher": "paper"})
        assert own["name"].iloc[0] in shown_shops(page)
        marked = re.findall(r'<li data-id="([^"]*)"[^>]* aria-current="true"', page.text)
        assert [own["name"].iloc[0]] == [sample_city.shops["name"][shop] for shop in marked]


def district_of(serve, **columns):
    """Serve a district with as many shops as the columns have cells."""
    count = len(next(iter(columns.values())))
    points = [shapely.Point(126.8505 + n / 10_000, 35.1405) for n in range(count)]
    names = [f"가게 {n}" for n in range(count)]
    shops = gpd.GeoDataFrame(
        {"id": [f"s{n}" for n in range(count)], "name": names, **columns}, geometry=points, crs=4326
    )
    district = gpd.GeoDataFrame({"id": ["d"], "name": ["상가"]}, geometry=[SQUARE], crs=4326)
    return serve({"layers/shops.geojson": shops, "layers/districts.geojson": district})


def test_what_a_shop_takes_is_yes_no_or_not_known(serve):
    client = district_of(
        serve,
        onnuri_paper=["yes", "no", None, "yes"],
        onnuri_card=["no", "no", None, None],
        category=["음식점"] * 4,
    )
    page = client.get("/districts/d?lang=en").get_data(as_text=True)
    rows = [text_of_row(row) for row in re.findall(r"<li data-id=.*?</li>", page, re.DOTALL)]
    assert [row.partition("  ")[2] for row in rows] == [
        "Paper", "Onnuri: not known", "Paper Card not known", "Does not take Onnuri"
    ]  # fmt: skip
    assert "Mobile" not in page.split("<ul id=")[0]  # of which no shop says anything
    asked = client.get("/districts/d?voucher=card&lang=en")
    assert shown_shops(asked) == []
    assert "Shops left out because it is not confirmed: 2" in text_of(asked)
    assert "No shop matches." in text_of(asked)


def text_of_row(row: str) -> str:
    """Take the text out of a row: its name, two blanks, and its marks."""
    name = re.search(r"<bdi[^>]*>([^<]*)<", row)[1]
    marks = re.search(r'<span class="v">(.*)</span>\s*</div>', row, re.DOTALL)[1]
    return f"{name}  " + " ".join(re.sub(r"<[^>]+>", " ", marks).split())


def test_where_no_shop_says_anything_nobody_is_asked_about_vouchers(serve):
    client = district_of(serve, category=["카페", "", "세탁소", "세탁소"])
    page = client.get("/districts/d?lang=en").get_data(as_text=True)
    assert 'name="voucher"' not in page
    assert "unsure" not in page.split("<ul id=")[1].split("</ul>")[0]
    # What one eats first, then by number, the unknown, and all types last.
    kinds = re.findall(r'type="radio" name="category" value="([^"]*)"', page)
    assert kinds == ["카페", "세탁소", "unknown", ""]
    assert shown_shops(client.get("/districts/d?category=unknown")) == ["가게 1"]


def test_a_district_without_food_shows_all_shops(serve):
    client = district_of(serve, category=["세탁소", "학원"])
    assert len(shown_shops(client.get("/districts/d"))) == 2


def test_a_shop_on_two_districts_is_counted_once(make_city):
    left, right = (
        shapely.box(126.84, 35.14, 126.85, 35.15),
        shapely.box(126.85, 35.14, 126.86, 35.15),
    )
    districts = gpd.GeoDataFrame(
        {"id": ["b", "a"], "name": ["왼", "오른"]}, geometry=[left, right], crs=4326
    )
    shops = gpd.GeoDataFrame(
        {"id": ["s"], "name": ["가게"], "onnuri_card": ["yes"]},
        geometry=[shapely.Point(126.85, 35.145)], crs=4326,
    )  # fmt: skip
    city = make_city({"layers/districts.geojson": districts, "layers/shops.geojson": shops})
    counted = shop_analysis.figures(city.shops, city.districts)
    assert counted["shops"].to_dict() == {"a": 1, "b": 0}
    assert counted["membership_rate"].isna().to_dict() == {"a": False, "b": True}


def test_the_benefit_is_the_one_that_holds_on_the_day(sample_city):
    row = sample_city.benefits.iloc[0]
    first, last = row["from"], row["to"]
    day = dt.timedelta(days=1)
    for when, holds in ((first - day, False), (first, True), (last, True), (last + day, False)):
        found = offers.benefits_on(sample_city.benefits, when)
        assert any(each["title"] == row["title"] for each in found) is holds


def test_no_offer_is_told_as_no_confirmed_offer(client, sample_city, serve):
    if not offers.benefits_on(sample_city.benefits, status.today()):
        page = text_of(client.get("/districts/001?lang=en"))
        assert "No confirmed offer" in page
        assert "Last looked for on 23 November 2026" in page
        assert "until 31 December 2025" in page
    today = status.today()
    table = (
        "from,to,rate,cap_won,payment,title,source,checked_on\n"
        f"{today},{today},0.15,300000,mobile,충전 / Top-up,City hall,{today}\n"
    )
    district = gpd.GeoDataFrame({"id": ["d"], "name": ["상가"]}, geometry=[SQUARE], crs=4326)
    files = {"layers/benefits.csv": table, "layers/districts.geojson": district}
    said = text_of(serve(files).get("/districts/d?lang=en"))
    assert "Top-up" in said
    assert "15%" in said
    assert "up to 300,000 won" in said
    assert "City hall" in said


def test_without_a_table_nobody_knows_whether_there_is_an_offer(serve):
    said = text_of(district_of(serve, onnuri_card=["yes"]).get("/districts/d?lang=en"))
    assert "Whether there is an offer is not known" in said
    assert "No confirmed offer" not in said


def test_what_a_mark_of_the_border_means_is_said_once(client):
    page = client.get("/districts/001?lang=ko").text
    shops = page.partition('id="shop-list"')[2].partition("</ul>")[0]
    assert shops.count('<small class="edge">경계 근처, 확인 필요</small>') > 1
    assert "물어보세요" not in shops
    assert page.count("상점가에 드는지 가게에 물어보세요") == 1
    # Beside the shops it would stand above what one came for.
    assert page.index("물어보세요") > page.index('id="shop-list"')
    # Where no shop with the mark is shown, it is not said either.
    note = '<p class="small" id="shop-edge"'
    assert f"{note}>" in page
    kinds = dict.fromkeys(re.findall(r'data-category="([^"]+)"', shops))
    pages = [client.get(f"/districts/001?lang=ko&category={quote(kind)}").text for kind in kinds]
    for kind, text in zip(kinds, pages, strict=True):
        rows = re.findall(
            rf'<li data-id="[^"]+" data-category="{re.escape(kind)}".*?</li>', text, re.DOTALL
        )
        assert (f"{note} hidden>" in text) != any('class="edge"' in row for row in rows), kind
    assert any(f"{note} hidden>" in text for text in pages)


def test_shops_that_take_no_certificate_come_last_below_a_line_that_counts_them(client):
    page = client.get("/districts/117?lang=ko&category=").text
    shops = page.partition('id="shop-list"')[2].partition("</ul>")[0]
    before, _, after = shops.partition('<li class="rest"')
    assert "온누리 안 받음" not in before
    count = after.count("data-refuses")
    assert 'data-takes="" data-refuses' not in before
    assert f"온누리 안 받음 {count}곳</li>" in after


def test_chips_of_a_district_count_what_is_left_and_all_types_come_last(client):
    page = client.get("/districts/117?lang=ko&voucher=paper").text
    chips = re.findall(r"<span>([^<>]+) <span data-count>(\d+)</span></span>", page)
    *types, every = [(name, int(count)) for name, count in chips]
    assert every == ("모두", sum(count for _, count in types))
    assert f"{types[0][0]} {types[0][1]}곳</b>" in page


@pytest.mark.slow
def test_shops_near_the_border_are_marked(sample_city):
    shops, districts, crs = sample_city.shops, sample_city.districts, sample_city.metric_crs
    near = shop_analysis.near_border(shops, districts, crs, 5.0)
    where = shop_analysis.assign(shops, districts)
    for id_ in list(shops.index[where.notna()])[::400]:
        point = shops.geometry[id_]
        truth = distance_m(shapely.boundary(districts.geometry[where[id_]]), point.x, point.y)
        if abs(truth - 5.0) > 0.1:
            assert near[id_] == (truth < 5.0)
