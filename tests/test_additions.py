"""What Folium draws is added to a map of ours and looked at, with and without a network."""

from __future__ import annotations

import itertools

import folium
import folium.plugins
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from browsing import DESK, needs_chromium

from mapserver import open_city
from mapserver.drawing import assets, map_additions, maps

HERE = [35.147, 126.852]


def feature(geometry: shapely.Geometry) -> dict:
    return {
        "type": "Feature",
        "properties": {"name": "내 것"},
        "geometry": shapely.geometry.mapping(geometry),
    }


POINT = feature(shapely.Point(126.852, 35.147))
LINE = feature(shapely.LineString([(126.84, 35.14), (126.86, 35.15)]))


def add_group(drawn):
    group = folium.FeatureGroup(name="내 묶음").add_to(drawn)
    folium.Marker(HERE, popup="안녕", tooltip="점").add_to(group)
    folium.CircleMarker(HERE, radius=9, popup=folium.Popup("<b>원</b>"), tooltip="원").add_to(group)


def add_cluster(drawn):
    cluster = folium.plugins.MarkerCluster(name="무리").add_to(drawn)
    for step in range(20):
        folium.Marker([35.14 + step / 2000, 126.85], popup=str(step)).add_to(cluster)


def add_geojson(drawn):
    details = folium.GeoJsonTooltip(fields=["name"]), folium.GeoJsonPopup(fields=["name"])
    folium.GeoJson(
        {"type": "FeatureCollection", "features": [LINE]}, tooltip=details[0], popup=details[1]
    ).add_to(drawn)


CHILDREN = {
    "nothing": lambda _: None,
    "GeoJson": lambda drawn: folium.GeoJson(LINE, name="내 선").add_to(drawn),
    "GeoJson of points": lambda drawn: folium.GeoJson(POINT).add_to(drawn),
    "GeoJson with fields": add_geojson,
    "FeatureGroup": add_group,
    "Marker": lambda drawn: folium.Marker(HERE).add_to(drawn),
    "Marker with popup": lambda drawn: folium.Marker(HERE, popup="안녕", tooltip="점").add_to(
        drawn
    ),
    "Marker with open popup": lambda drawn: folium.Marker(
        HERE, popup=folium.Popup("안녕", show=True)
    ).add_to(drawn),
    "Marker with icon": lambda drawn: folium.Marker(
        HERE, icon=folium.Icon(color="red", icon="home")
    ).add_to(drawn),
    "Marker with DivIcon": lambda drawn: folium.Marker(
        HERE, icon=folium.DivIcon(html="<b>여기</b>")
    ).add_to(drawn),
    "CircleMarker": lambda drawn: folium.CircleMarker(HERE, popup="원").add_to(drawn),
    "Circle": lambda drawn: folium.Circle(HERE, radius=300, tooltip="원").add_to(drawn),
    "PolyLine": lambda drawn: folium.PolyLine([HERE, [35.15, 126.86]], popup="선").add_to(drawn),
    "Polygon": lambda drawn: folium.Polygon([HERE, [35.15, 126.86], [35.15, 126.85]]).add_to(drawn),
    "LayerControl": lambda drawn: folium.LayerControl(collapsed=False).add_to(drawn),
    "TileLayer": lambda drawn: folium.TileLayer("OpenStreetMap").add_to(drawn),
    "LatLngPopup": lambda drawn: folium.LatLngPopup().add_to(drawn),
    "FitBounds": lambda drawn: drawn.fit_bounds([HERE, [35.15, 126.86]]),
    "MarkerCluster": add_cluster,
    "HeatMap": lambda drawn: folium.plugins.HeatMap([HERE, [35.15, 126.86]]).add_to(drawn),
    "Fullscreen": lambda drawn: folium.plugins.Fullscreen().add_to(drawn),
    "MiniMap": lambda drawn: folium.plugins.MiniMap().add_to(drawn),
    "MeasureControl": lambda drawn: folium.plugins.MeasureControl().add_to(drawn),
    "Draw": lambda drawn: folium.plugins.Draw().add_to(drawn),
    "explore": lambda drawn: lines().explore(m=drawn),
    "explore by numbers": lambda drawn: lines().explore("n", m=drawn),
    "explore by words": lambda drawn: lines().explore("name", m=drawn),
}
OF_OTHER_HOSTS = {"MiniMap", "MeasureControl", "Draw"}
WITH_LINKS = ("nothing", "Marker with icon", "TileLayer", "MiniMap", "explore by words")


def lines() -> gpd.GeoDataFrame:
    shapes = [shapely.LineString([(126.84, y), (126.86, y + 0.01)]) for y in (35.12, 35.14)]
    return gpd.GeoDataFrame({"name": ["가", "나"], "n": [1, 2]}, geometry=shapes, crs=4326)


@pytest.fixture
def look(browser, tmp_path):
    """Save a map and open it: with every other host out of reach, or answering nothing."""
    contexts = []

    def at(drawn, network="off"):
        drawn.save(str(tmp_path / "map.html"))
        context = browser.new_context(viewport=DESK, locale="ko-KR")
        contexts.append(context)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        if network == "off":
            page.route("http*://**", lambda route: route.abort())
        else:
            page.route("http*://**", lambda route: route.fulfill(status=404, body="nothing"))
        page.goto((tmp_path / "map.html").as_uri(), wait_until="load")
        page.wait_for_timeout(150)
        return page, faults

    yield at
    for context in contexts:
        context.close()


def overlapping_names(page) -> int:
    """Count pairs of names that can be seen and lie upon each other."""
    names = ".name-text"
    boxes = page.locator(names).evaluate_all("all => all.map((one) => one.getBoundingClientRect())")
    shapes = [shapely.box(b["left"], b["top"], b["right"], b["bottom"]) for b in boxes]
    pairs = itertools.combinations(shapes, 2)
    return sum(shapely.intersection(one, other).area > 1 for one, other in pairs)


@needs_chromium
def test_an_outline_that_two_layers_have_is_written_once_and_drawn_in_both(make_folder, look):
    ring = shapely.Point(126.85, 35.15).buffer(0.01)
    areas = gpd.GeoDataFrame(
        {"id": ["one", "two"], "name": ["하나", "둘"], "zone": ["첫 권역", "둘째 권역"]},
        geometry=[ring, shapely.affinity.translate(ring, 0.03)],
        crs=4326,
    )
    city = open_city(make_folder({"layers/neighborhoods.geojson": areas}))
    drawn = city.map()
    text = drawn.get_root().render()
    corner = ",".join(str(round(x, 6)) for x in shapely.get_coordinates(ring)[5])
    assert text.count(f"[{corner}]") == 1
    assert text.count("outlineOf") >= 2
    page, faults = look(drawn)
    assert faults == []
    shapes = "Object.values(maenballo.layers[LAYER].byId).map((e) => e.feature.geometry.type)"
    for layer in ("neighborhoods", "zones"):
        found = page.evaluate(shapes.replace("LAYER", f"'{layer}'"))
        assert found == ["Polygon", "Polygon"], layer


@needs_chromium
@pytest.mark.parametrize(
    ("kind", "network"),
    [*((kind, "off") for kind in CHILDREN), *((kind, "on") for kind in WITH_LINKS)],
)
def test_a_child_of_folium_is_drawn_and_the_map_stays_as_it_was(kind, network, sample_city, look):
    drawn = sample_city.map()
    CHILDREN[kind](drawn)
    page, faults = look(drawn, network)
    assert faults == []
    assert page.locator(".map-badge").count() == 1  # the sample says that it is one
    assert page.locator(".leaflet-control-layers").count() == 1
    assert page.locator(".leaflet-control-layers-list .legend li").count() > 0
    assert page.locator(".name-text").count() > 3
    assert overlapping_names(page) == 0
    wants = kind in OF_OTHER_HOSTS
    assert page.locator(".map-note", has_text="인터넷").count() == int(wants)


@needs_chromium
def test_markers_and_popups_can_be_seen_without_a_network(sample_city, look):
    drawn = sample_city.map()
    folium.Marker(HERE, popup="<i>안녕</i>", icon=folium.Icon(color="green")).add_to(drawn)
    folium.Marker([35.15, 126.84], tooltip="하나").add_to(drawn)
    page, _ = look(drawn)
    icons = page.locator("img.leaflet-marker-icon")
    assert icons.count() == 2
    assert icons.evaluate_all("all => all.every((one) => one.complete && one.naturalWidth > 10)")
    icons.first.dispatch_event("click")
    assert page.locator(".leaflet-popup-content i").inner_text() == "안녕"


@needs_chromium
def test_a_layer_that_was_added_stands_in_the_list_and_can_be_switched_off(sample_city, look):
    drawn = sample_city.map()
    CHILDREN["GeoJson"](drawn)
    CHILDREN["FeatureGroup"](drawn)
    page, _ = look(drawn)
    names = page.locator(".leaflet-control-layers-overlays label").all_inner_texts()
    assert [name.strip() for name in names][-2:] == ["내 선", "내 묶음"]
    page.locator(".leaflet-control-layers").hover()
    assert page.locator(".leaflet-marker-icon[src]").count() == 1
    page.locator(".leaflet-control-layers-overlays input").last.uncheck()
    assert page.locator(".leaflet-marker-icon[src]").count() == 0


@needs_chromium
def test_a_map_that_is_shown_and_added_to_and_shown_again_is_whole(sample_city, look):
    drawn = sample_city.map()
    assert "maenballo" in drawn.get_root().render()
    CHILDREN["FeatureGroup"](drawn)
    drawn.get_root().render()
    CHILDREN["LayerControl"](drawn)
    page, faults = look(drawn)
    assert faults == []
    assert page.locator(".leaflet-control-layers").count() == 1
    assert overlapping_names(page) == 0


@needs_chromium
def test_a_view_that_was_asked_for_is_kept(sample_city, look):
    drawn = sample_city.map()
    drawn.fit_bounds([[35.146, 126.851], [35.148, 126.853]])
    page, _ = look(drawn)
    assert page.evaluate("map_main.getZoom()") > 15


HOSTILE = "<img src=x onerror='window.ran=1'>{{ cycler.__init__.__globals__.os.getpid() }}{% raw %}"


@needs_chromium
def test_texts_of_a_file_stay_texts_also_in_what_folium_writes(sample_city, look):
    frame = lines().assign(name=HOSTILE)
    drawn = sample_city.map()
    frame[["name", "n", "geometry"]].explore(m=drawn, tooltip=["name"], popup=["name"])
    page, faults = look(drawn)
    page.evaluate(
        "Object.values(map_main._layers).find((l) => l.getLayers && l.getTooltip()).openTooltip()"
    )
    text = page.locator(".leaflet-tooltip td").inner_text()
    assert text == HOSTILE
    assert page.evaluate("window.ran") is None
    assert faults == []


@needs_chromium
def test_words_of_a_legend_stay_words(sample_city, look):
    words = [HOSTILE, "{{ 7 * 7 }}", "{% for %}", "</div><b>굵게</b>", "가 & 나"]
    frame = pd.concat([lines()] * len(words), ignore_index=True).iloc[: len(words)]
    frame = frame.assign(**{"{{ title }}'<i>": words})
    drawn = sample_city.map()
    frame.explore("{{ title }}'<i>", m=drawn, tooltip=False)
    page, faults = look(drawn)
    assert sorted(page.locator(".legend-labels li").all_inner_texts()) == sorted(words)
    assert page.locator(".legend-title").inner_text() == "{{ title }}'<i>"
    assert page.evaluate("window.ran") is None
    assert faults == []


@pytest.mark.slow
def test_legends_on_other_maps_are_those_of_geopandas(sample_city):
    sample_city.map()
    frame = lines().assign(name="가 & 나")
    assert "</span>가 & 나</li>" in frame.explore("name").get_root().render()


def test_a_map_to_which_nothing_was_added_brings_no_more_than_before(sample_city):
    page = sample_city.map().get_root().render()
    assert assets.companion("jquery.js").data_url not in page
    assert "http" + "s://cdn" not in page


def test_libraries_travel_with_the_map_that_needs_them(sample_city):
    drawn = sample_city.map()
    CHILDREN["MarkerCluster"](drawn)
    page = drawn.get_root().render()
    assert assets.companion("markercluster.js").data_url in page
    assert assets.companion("heat.js").data_url not in page
    assert "cdnjs" not in page


def test_the_map_of_the_server_has_nothing_of_it(sample_city):
    script = maps.render_script(
        maps.build_map(
            sample_city, web=maps.WebOptions(tile_url="https://t.example/{z}/{x}/{y}.png")
        )
    )
    assert "try {" not in script
    assert "jquery" not in script.lower()


def test_folium_s_names_for_what_icons_need_are_known():
    assert len(map_additions.ICON_LINKS) == 5


def test_rendering_leaves_branca_as_it_was(sample_city):
    import branca.element  # noqa: PLC0415

    before = branca.element.Element, folium.map.Element
    drawn = sample_city.map()
    folium.Marker(HERE, popup="{% raw %}").add_to(drawn)
    drawn.get_root().render()
    assert (branca.element.Element, folium.map.Element) == before
