"""The API's pages for people: what the JSON says is on the page, and forms lead to addresses."""

from __future__ import annotations

import json
import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import geopandas as gpd
import pytest
import shapely
from gpxtext import gpx
from shared_fixtures import serve

from mapserver.settings import Settings
from mapserver.web import create_app

PLACE = {"lon": "126.8526", "lat": "35.1467"}
TRAILS = "/api/collections/trails"
PAGES = (
    *("/api/", "/api/conformance", "/api/functions", "/api/collections", TRAILS),
    *("/api/collections/services", "/api/collections/districts/items?limit=3"),
    *(f"{TRAILS}/{name}" for name in ("schema", "queryables", "sortables", "tiles")),
    f"{TRAILS}/tiles/WebMercatorQuad",
    *(f"{TRAILS}/items", f"{TRAILS}/items?limit=2&offset=2", f"{TRAILS}/items/geumdangsan-1"),
    *("/api/nearest", "/api/locate"),
    f"/api/nearest?{urlencode(PLACE)}&limit=3",
    f"/api/locate?{urlencode(PLACE)}",
)


class Page(HTMLParser):
    """A page as tests read it: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [each[name] for kind, each in self.elements if kind == tag and each.get(name)]

    @property
    def links(self) -> list[str]:
        return self.attributes("a", "href")


def ask_page(app, address: str, lang: str = "en") -> Page:
    answer = app.test_client().get(
        address, headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": lang}
    )
    assert answer.status_code == 200, (address, answer.data[:300])
    assert answer.mimetype == "text/html"
    return Page(answer.get_data(as_text=True))


@pytest.fixture
def get_page(sample_app):
    return lambda address, lang="en": ask_page(sample_app, address, lang)


@pytest.fixture
def get(sample_app):
    return lambda address: json.loads(
        sample_app.test_client().get(address, headers={"Accept-Language": "en"}).data
    )


# -- every page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sound_and_has_its_address_and_its_json(get_page, sample_app, address):
    page = get_page(address)
    ids = page.attributes("main", "id") + [
        each["id"] for _, each in page.elements if each.get("id") not in {None, "content"}
    ]
    assert sorted(ids) == sorted(set(ids))
    assert [each for tag, each in page.elements if "style" in each or tag == "style"] == []
    scripts = [each for tag, each in page.elements if tag == "script"]
    assert all(each.get("src") for each in scripts)
    assert [name for _, each in page.elements for name in each if name.startswith("on")] == []
    assert sum(tag == "h1" for tag, _ in page.elements) == 1
    # What is labelled, described and chosen from is there.
    for name in ("for", "aria-describedby", "aria-labelledby", "list"):
        named = [each[name] for _, each in page.elements if each.get(name)]
        assert set(named) <= {*ids, "content"}, name
    copied = next(each for _, each in page.elements if each.get("id") == "address")
    assert copied["value"] == f"http://localhost{address}"
    documents = [each for each in page.links if "f=json" in each and "/api/" in each]
    # A search without a place is a question unasked, and has no answer to lead to.
    assert bool(documents) == (address not in {"/api/nearest", "/api/locate"})
    for json_address in documents[:1]:
        answer = sample_app.test_client().get(json_address)
        assert answer.status_code == 200
        assert answer.mimetype.endswith("json")


@pytest.mark.parametrize("address", PAGES)
def test_links_of_a_page_lead_to_something(get_page, sample_app, address):
    page = get_page(address)
    base = f"http://localhost{address}"
    links = {urljoin(base, link) for link in page.links if "#" not in link}
    # The documentation has tests of its own.
    links -= {each for each in links if "/api/docs" in each}
    inside = sorted(each for each in links if "/api/" in each and "/api/openapi.json" not in each)
    # A page of a hundred links of one kind needs not all of them.
    kinds: dict[str, str] = {}
    for each in inside:
        kinds.setdefault(re.sub(r"/items/[^?]+", "/items/", each.split("f=")[0]), each)
    for each in kinds.values():
        assert sample_app.test_client().get(each).status_code in {200, 400}, each


# -- the facts of the JSON -------------------------------------------------------------------------


def test_the_first_page_has_each_collection_with_its_count_and_examples(get_page, get):
    page = get_page("/api/")
    for collection in get("/api/collections")["collections"]:
        assert collection["title"] in page.text
        assert f"{collection['numberOfFeatures']:,}" in page.text
        assert any(f"api/collections/{collection['id']}?" in link for link in page.links)
    assert any("nearest?lang=en&lon=" in link for link in page.links)
    assert any("locate?lang=en&lon=" in link for link in page.links)


def test_the_page_of_collections_has_licence_sample_and_extent(get_page, get):
    page = get_page("/api/collections")
    for collection in get("/api/collections")["collections"]:
        assert collection.get("license", "") in page.text
        # Rows of a ledger have no place, so nothing is said of where they lie.
        if extent := collection.get("extent"):
            west = extent["spatial"]["bbox"][0][0]
            assert f"{west:.3f}" in page.text
    assert "Sample" in page.text


def test_the_page_of_standards_has_each_class(get_page, get):
    page = get_page("/api/conformance")
    for uri in get("/api/conformance")["conformsTo"]:
        assert uri in page.text


def test_the_page_of_a_collection_has_its_files_properties_and_systems(get_page, get):
    page, collection = get_page(TRAILS), get(TRAILS)
    files = [each["href"] for each in collection["links"] if each["rel"] == "enclosure"]
    assert set(files) <= set(page.links)
    assert "for Excel" in page.text
    for name in ("length_m", "surface", "foot_wash"):
        assert name in page.text
    assert "5186" in page.text
    assert collection["attribution"] in page.text


@pytest.mark.parametrize("kind", ["schema", "queryables", "sortables"])
def test_the_page_of_a_schema_has_names_titles_kinds_and_units(get_page, get, kind):
    page = get_page(f"{TRAILS}/{kind}")
    for name, member in get(f"{TRAILS}/{kind}")["properties"].items():
        assert name in page.text
        assert member["title"] in page.text
        # Unknown values are null, which says nothing of the kind.
        kinds = member.get("type", [])
        for each in [kinds] if isinstance(kinds, str) else kinds:
            assert each == "null" or each in page.text
            assert "'null'" not in page.text


def test_the_page_of_items_has_each_feature_the_count_and_further_pages(get_page, get):
    address = f"{TRAILS}/items?limit=2&offset=2"
    page, found = get_page(address), get(address)
    assert "3 to 4 of 32" in page.text
    for feature in found["features"]:
        assert feature["id"] in page.text
        assert any(f"/items/{feature['id']}?" in link for link in page.links)
    # The switch of the language stays where one is.
    further = [link for link in page.links if "lang=" not in link and "f=" not in link]
    offsets = [link for link in further if "offset=" in link]
    assert sorted(re.findall(r"offset=(\d+)", " ".join(offsets))) == ["0", "4"]
    assert any(tag == "svg" and each.get("class") == "drawing" for tag, each in page.elements)


def test_what_is_unknown_is_a_dash_with_a_word_and_never_zero(get_page, get):
    feature = get(f"{TRAILS}/items/geumdangsan-1")
    unknown = [name for name, value in feature["properties"].items() if value is None]
    page = get_page(f"{TRAILS}/items/geumdangsan-1")
    assert unknown
    assert page.text.count("– not known") == len(unknown)


def test_the_page_of_a_feature_leads_to_that_for_residents(get_page):
    page = get_page(f"{TRAILS}/items/geumdangsan-1")
    assert "../../../../trails/geumdangsan-1?lang=en" in page.links
    canonical = [each["href"] for _, each in page.elements if each.get("rel") == "canonical"]
    assert canonical == ["http://localhost/trails/geumdangsan-1?lang=en"]
    # Shops have no page of their own.
    shop = get_page("/api/collections/shops/items?limit=1")
    [place] = [link for link in shop.links if "/shops/items/" in link]
    one = get_page(place.split("api/", 1)[1].join(["/api/", ""]))
    assert not any("shops/" in link and "api/" not in link for link in one.links)


def test_the_nearest_are_listed_with_their_distances(get_page, get):
    address = f"/api/nearest?{urlencode(PLACE)}&limit=3"
    page, found = get_page(address), get(address)
    assert "3 found" in page.text
    for feature in found["features"]:
        assert feature["id"] in page.text
        assert f"../trails/{feature['id']}?lang=en" in page.links


def test_where_a_place_lies_is_said_and_linked(get_page, get):
    address = f"/api/locate?{urlencode(PLACE)}"
    page, place = get_page(address), get(address)
    assert "It lies in the city" in page.text
    assert f"../neighborhoods/{place['neighborhood']['id']}?lang=en" in page.links
    assert f"../districts/{place['nearest_district']['id']}?lang=en" in page.links
    assert "It lies outside of the city" in get_page("/api/locate?lon=1&lat=2").text


# -- forms -----------------------------------------------------------------------------------------


def send_form(page: Page, address: str, **typed: str) -> str:
    """Return the address that a browser without script goes to: all fields, blank ones too."""
    starts = [place for place, (tag, _) in enumerate(page.elements) if tag == "form"]
    first = next(n for n in starts if page.elements[n][1].get("class") == "api-form")
    end = min([place for place in starts if place > first], default=None)
    form = page.elements[first][1]
    fields = {}
    for tag, each in page.elements[first:end]:
        if tag in {"input", "select", "textarea"} and each.get("name"):
            fields[each["name"]] = each.get("value") or ""
    assert set(typed) <= set(fields)
    assert form["method"] == "get"
    target = urljoin(f"http://localhost{address}", form["action"])
    return f"{target.removeprefix('http://localhost')}?{urlencode(fields | typed)}"


def test_the_form_of_items_filters_and_keeps_what_was_asked(get_page, get):
    address = f"{TRAILS}/items?properties=name,length_m"
    asked = send_form(
        get_page(address), address, surface="황토", sortby="-length_m", filter="length_m > 300"
    )
    page = get_page(asked)
    found = get(
        f"{TRAILS}/items?"
        + urlencode({"surface": "황토", "sortby": "-length_m", "filter": "length_m > 300"})
    )
    assert 0 < found["numberMatched"] < 32
    assert f"of {found['numberMatched']}" in page.text
    places = [link for link in page.links if f"{TRAILS}/items/" in link.replace("../", "/")]
    ids = [re.search(r"/items/([^?]+)", link)[1] for link in places]
    assert ids == [feature["id"] for feature in found["features"]]
    chosen = [each.get("value") for tag, each in page.elements if "selected" in each]
    assert {"황토", "-length_m"} <= set(chosen)
    assert "length_m > 300" in page.text
    hidden = {
        each["name"]: each["value"] for _, each in page.elements if each.get("type") == "hidden"
    }
    assert hidden["properties"] == "name,length_m"


@pytest.mark.parametrize("name", ["nearest", "locate"])
def test_the_form_for_a_place_leads_to_its_answer(get_page, name):
    address = f"/api/{name}"
    page = get_page(send_form(get_page(address), address, **PLACE))
    assert [each for tag, each in page.elements if each.get("class") == "drawing"]
    values = page.attributes("input", "value")
    assert set(PLACE.values()) <= set(values)


def test_blank_fields_are_an_error_for_programs_still(sample_app):
    answer = sample_app.test_client().get(f"{TRAILS}/items?bbox=&f=json")
    assert answer.status_code == 400


def test_the_map_of_a_page_is_on_wgs84_whatever_system_was_asked_for(get_page):
    def read_paths(address):
        page = get_page(address)
        return [each["d"] for tag, each in page.elements if tag == "path" and each.get("class")]

    system = urlencode({"crs": "http://www.opengis.net/def/crs/EPSG/0/5186"})
    paths = read_paths(f"{TRAILS}/items?limit=3")
    assert paths
    assert read_paths(f"{TRAILS}/items?limit=3&{system}") == paths


# -- texts of others -------------------------------------------------------------------------------


def test_markup_in_what_is_asked_is_text(get_page):
    evil = "'\"><script>alert(1)</script>"
    address = f"{TRAILS}/items?" + urlencode({"surface": evil})
    page = get_page(address)
    assert all(each.get("src") for tag, each in page.elements if tag == "script")
    assert evil in page.text


def test_markup_in_names_and_values_of_a_city_is_text(make_folder):
    evil = "</title><script>alert(1)</script>'\" onload=x"
    csv_text = 'id,name,lon,lat,notes\n"a/b",{0},126.85,35.15,{0}\n'.format(
        '"' + evil.replace('"', '""') + '"'
    )
    folder = make_folder({"layers/spots.csv": csv_text})
    app = serve(folder)
    for address in (
        *("/api/", "/api/collections/spots", "/api/collections/spots/items"),
        *("/api/collections/spots/items/a/b", "/api/collections/spots/queryables"),
        "/api/nearest?lon=126.85&lat=35.15&collection=spots",
    ):
        page = ask_page(app, address)
        assert all(each.get("src") for tag, each in page.elements if tag == "script"), address
        assert not any("onload" in each for _, each in page.elements), address
    assert evil in ask_page(app, "/api/collections/spots/items/a/b").text


def test_large_text_travels_with_links_and_forms(get_page):
    page = get_page(f"{TRAILS}/items?size=large")
    assert dict(page.elements)["html"]["data-size"] == "large"
    assert all("size=large" in link for link in page.links if "/items/" in link)
    assert "size=large" in send_form(page, f"{TRAILS}/items")


class Links(HTMLParser):
    """Collects what a page leads to, and loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 -- any element may lead somewhere
        # A form with blank fields is filled in before it is sent.
        found = [value for name, value in attrs if name in {"href", "src"} and value]
        self.links += found


@pytest.mark.slow  # every page and question of a small city that a link leads to
def test_no_link_on_any_page_leads_to_a_mistake(make_folder):
    starts = (
        "/?date=2026-12-20",
        "/api/?f=html",
        "/api/collections/trails/items?f=html&datetime=2026-12-20",
        "/api/nearest?f=html&lon=126.85&lat=35.15&datetime=2026-12-20&collection=trails",
    )
    square = shapely.box(126.84, 35.14, 126.86, 35.16)
    area = gpd.GeoDataFrame({"id": ["d 1"], "name": ["골목"]}, geometry=[square], crs=4326)
    files = {
        "gpx/뒷산 길.gpx": gpx(),
        "gpx/trails.csv": "id,name,season\n뒷산 길,뒷산,3월~11월\n",
        "layers/districts.geojson": area,
        "layers/neighborhoods.geojson": area.replace("d 1", "n&1"),
    }
    client = create_app(Settings(city=make_folder(files), tile_url="")).test_client()
    waiting = deque(f"{start}&lang={lang}" for start in starts for lang in ("ko", "en"))
    asked, wrong = set(waiting), {}
    while waiting:
        address = waiting.popleft()
        answer = client.get(address, headers={"Accept": "text/html,*/*"}, follow_redirects=True)
        if answer.status_code >= 400:
            wrong[address] = answer.status_code
        is_page = answer.content_type.startswith("text/html")
        for link in Links(answer.text).links if is_page else ():
            target = urlsplit(urljoin(f"http://localhost{address}", link))
            path = f"{target.path}?{target.query}".rstrip("?")
            # Large text has the same links; examples of the API and files are tried elsewhere.
            is_known = re.search("size=large|/api/docs|f=(gpkg|fgb|parquet|pmtiles|kml)", path)
            if target.netloc == "localhost" and path not in asked and not is_known:
                asked.add(path)
                waiting.append(path)
    assert wrong == {}
    assert len(asked) > 300
    # Pages of the API lead to those of residents on the day that they are about.
    [page] = (
        p
        for p in asked
        if p.startswith("/api/collections/trails/items/")
        and "datetime" in p
        and "lang=en" in p
        and "f=" not in p
    )
    assert re.search(
        r'href="[^"]*trails/[^"]*&amp;date=2026-12-20"',
        client.get(page, headers={"Accept": "text/html"}).text,
    )
