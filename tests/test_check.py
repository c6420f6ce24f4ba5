"""Each check of the data fires on a city with the fault and keeps silent on one without."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapserver import check
from mapserver.city import City
from mapserver.errors import fill
from mapserver.geo.geodesy import GEOD
from mapserver.model import (
    ROLES,
    Catalog,
    CityData,
    Layer,
    LayerEntry,
    Title,
    complete_entry,
    find_role,
)
from mapserver.text.findings import Finding, Severity

LON, LAT = 126.85, 35.15
LON_M = 1 / GEOD.inv(LON, LAT, LON + 1, LAT)[2]
LAT_M = 1 / GEOD.inv(LON, LAT, LON, LAT + 1)[2]


def at(x: float, y: float) -> tuple[float, float]:
    """Give the place some metres east and north of a point of Seo-gu."""
    return LON + x * LON_M, LAT + y * LAT_M


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(at(x, y))


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(x, y) for x, y in xy])


def lines(*parts: shapely.LineString) -> shapely.MultiLineString:
    return shapely.MultiLineString(list(parts))


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(*at(x0, y0), *at(x1, y1))


def path(length_m: int = 100, y: float = 0, spacing_m: int = 5) -> list[tuple[float, float]]:
    return [(float(x), y) for x in range(0, length_m + 1, spacing_m)]


def table(shapes: dict[str, shapely.Geometry | None], **columns: list[object]) -> gpd.GeoDataFrame:
    """Make a layer whose features have names in both languages unless columns say otherwise."""
    names = {"name": [f"이름 {id_}" for id_ in shapes], "name_en": [f"Name {i}" for i in shapes]}
    given = {name: values for name, values in (names | columns).items() if values}
    frame = gpd.GeoDataFrame(given, geometry=list(shapes.values()), crs=4326)
    frame.index = pd.Index(list(shapes), name="id", dtype="str")
    return frame


def city(
    *,
    closures: gpd.GeoDataFrame | None = None,
    benefits: pd.DataFrame | None = None,
    languages: tuple[str, ...] = ("ko", "en"),
    reported: tuple[Finding, ...] = (),
    folder: Path = Path("no-folder"),
    **frames: gpd.GeoDataFrame,
) -> City:
    layers = {}
    for id_, frame in frames.items():
        from_gpx = find_role(id_).row.from_gpx
        entry = LayerEntry(id_, find_role(id_), file=None if from_gpx else f"{id_}.geojson")
        file = "gpx/" if from_gpx else f"layers/{id_}.geojson"
        layers[id_] = Layer(complete_entry(entry), frame, file)
    entries = tuple(layer.entry for layer in layers.values())
    catalog = Catalog(Title("시험"), languages, layers=entries)
    data = CityData(folder, catalog, MappingProxyType(layers), closures, benefits, reported, "0")
    return City(data)


def trail_city(shape: shapely.Geometry, **columns: list[object]) -> City:
    return city(trails=table({"trail": shape}, **columns))


def found(city: City, code: str) -> list[Finding]:
    return [finding for finding in check.examine(city) if finding.code == code]


def only(city: City, code: str) -> Finding:
    (finding,) = found(city, code)
    return finding


TWO_HALVES = {"west": box(-1000, -1000, 0, 1000), "east": box(0, -1000, 1000, 1000)}


def test_city_without_faults_has_no_findings() -> None:
    whole = city(
        neighborhoods=table(TWO_HALVES),
        districts=table({"a": box(10, 10, 200, 200), "b": box(200, 10, 400, 200)}),
        trails=table({"park": line(*path())}, neighborhood=["이름 east"]),
        facilities=table({"bench": point(5, 5)}),
        shops=table({"shop": point(20, 20)}, district=["a"]),
    )
    assert check.examine(whole) == []


def test_city_without_layers_has_no_findings() -> None:
    assert check.examine(city()) == []


def test_layers_without_features_have_no_findings() -> None:
    empty = {role: table({}, name=[], name_en=[]).assign(name="", name_en="") for role in ROLES}
    assert check.examine(city(**empty)) == []


# -- geometries --------------------------------------------------------------------------------


def test_missing_geometry() -> None:
    finding = only(city(districts=table({"a": None, "b": box(0, 0, 9, 9)})), "no-geometry")
    assert (finding.feature, finding.file) == ("a", "layers/districts.geojson")


def test_empty_geometry() -> None:
    assert only(city(districts=table({"a": shapely.Polygon()})), "no-geometry").feature == "a"


def test_missing_geometry_is_not_reported_twice() -> None:
    reader = Finding(Severity.WARNING, "no-geometry", "layers/districts.geojson", "-", feature="a")
    assert not found(city(districts=table({"a": None}), reported=(reader,)), "no-geometry")


def test_invalid_geometry() -> None:
    bow_tie = shapely.Polygon([at(0, 0), at(10, 10), at(10, 0), at(0, 10)])
    assert only(city(districts=table({"a": bow_tie})), "invalid-geometry").feature == "a"


def test_line_that_stays_in_one_place() -> None:
    finding = only(trail_city(line((0, 0), (0, 0))), "invalid-geometry")
    assert "one place" in finding.message


def test_wrong_kind_of_geometry() -> None:
    finding = only(city(districts=table({"a": point(0, 0)})), "geometry-kind")
    assert "polygons" in finding.message


def test_far_away_feature() -> None:
    near = {f"s{n}": point(n, n) for n in range(5)}
    finding = only(city(services=table({**near, "stray": point(0, 200_000)})), "far-away")
    assert (finding.feature, finding.values["km"]) == ("stray", 200)
    assert "swapped" not in finding.message


def test_feature_with_swapped_coordinates() -> None:
    prague = {f"s{n}": shapely.Point(14.4 + n / 1000, 50.1) for n in range(5)}
    swapped = city(services=table({**prague, "s5": shapely.Point(50.1, 14.4)}))
    finding = only(swapped, "far-away")
    assert finding.feature == "s5"
    assert "lon and lat swapped?" in finding.message


def test_feature_at_the_edge_of_a_large_city_is_not_far_away() -> None:
    near = {f"s{n}": point(n, n) for n in range(5)}
    assert not found(city(services=table({**near, "edge": point(0, 60_000)})), "far-away")


def test_hundreds_of_the_same_are_not_listed_one_by_one() -> None:
    strays = {f"x{n}": point(n, 500_000) for n in range(300)}
    findings = found(
        city(services=table(strays), shops=table({f"s{n}": point(n, n) for n in range(400)})),
        "far-away",
    )
    assert len(findings) < 100
    assert sum("of this kind: 250;" in finding.message for finding in findings) == 1


@pytest.mark.parametrize("other", [box(0, 0, 9, 9), shapely.reverse(box(0, 0, 9, 9))])
def test_district_drawn_twice(other: shapely.Polygon) -> None:
    doubled = city(districts=table({"a": box(0, 0, 9, 9), "b": other}))
    finding = only(doubled, "duplicate-geometry")
    assert (finding.feature, finding.values["other"]) == ("b", "'a'")
    assert not found(doubled, "districts-overlap")


# -- trails ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_trail_twice(backwards: bool) -> None:
    again = [(x, y + 0.5) for x, y in path()]
    other = line(*(again[::-1] if backwards else again))
    finding = only(city(trails=table({"a": line(*path()), "b": other})), "duplicate-geometry")
    assert finding.feature == "b"


def test_trails_side_by_side_are_two() -> None:
    two = city(trails=table({"a": line(*path()), "b": line(*path(y=6))}))
    assert not found(two, "duplicate-geometry")


def test_trail_and_the_same_there_and_back_are_two() -> None:
    there_and_back = line(*path(), *path()[::-1])
    two = city(trails=table({"a": line(*path()), "b": there_and_back}))
    assert not found(two, "duplicate-geometry")


@pytest.mark.parametrize(("length_m", "fires"), [(3, True), (9, True), (11, False)])
def test_short_trail(length_m: float, fires: bool) -> None:
    findings = found(trail_city(line((0, 0), (length_m, 0))), "trail-short")
    assert [f.values["length"] for f in findings] == ([float(length_m)] if fires else [])


def test_gap_between_segments_names_metres() -> None:
    finding = only(trail_city(lines(line(*path(50)), line((90, 0), (200, 0)))), "trail-gap")
    assert finding.severity is Severity.NOTE
    assert finding.values["metres"] == 40
    assert "segments 1 and 2" in finding.message


def test_several_gaps_name_the_widest() -> None:
    parts = lines(
        line((0, 0), (50, 0)),
        line((60, 0), (90, 0)),
        line((190, 0), (220, 0)),
        line((240, 0), (260, 0)),
    )
    finding = only(trail_city(parts), "trail-gap")
    assert (finding.values["count"], finding.values["metres"]) == (3, 100)
    assert (finding.values["before"], finding.values["after"]) == (2, 3)


def test_segments_that_meet_have_no_gap() -> None:
    parts = lines(line(*path(50)), line((52, 0), (100, 0)))
    assert not found(trail_city(parts), "trail-gap")


def test_branch_is_no_gap() -> None:
    parts = lines(line(*path(100)), line((50, 0), (50, 80)))
    assert not found(trail_city(parts), "trail-gap")


def test_spike_names_point_and_place() -> None:
    points = path()
    points.insert(10, (47, 80))
    finding = only(trail_city(line(*points)), "trail-spike")
    assert finding.severity is Severity.WARNING
    assert finding.values["number"] == 11
    assert finding.values["metres"] == 80
    assert (finding.values["lon"], finding.values["lat"]) == pytest.approx(at(47, 80), abs=1e-5)


def test_spike_in_a_second_segment_names_the_segment() -> None:
    points = path()
    points.insert(10, (47, 80))
    parts = lines(line(*path(y=-5)), line(*points))
    assert "point 11 of segment 2" in only(trail_city(parts), "trail-spike").message


def test_first_point_far_off() -> None:
    finding = only(trail_city(line((-400, 300), *path())), "trail-spike")
    assert (finding.values["number"], finding.values["metres"]) == (1, 500)


def test_last_point_far_off() -> None:
    finding = only(trail_city(line(*path(), (100, 400))), "trail-spike")
    assert (finding.values["number"], finding.values["metres"]) == (22, 400)


def hairpins() -> list[tuple[float, float]]:
    """Zigzag up a slope, with points as dense in the bends as along the straights."""
    rows = [path(60, y=7.0 * n) for n in range(8)]
    return [p for n, row in enumerate(rows) for p in (row if n % 2 == 0 else row[::-1])]


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([*path(), *path()[-2::-1]], id="there and back"),
        pytest.param([(0, 0), (300, 0), (0, 5)], id="drawn with three points"),
        pytest.param([(0, 0), (60, 0), *path(200, y=10)[12:]], id="straight beginning"),
        pytest.param(hairpins(), id="hairpins"),
        pytest.param(
            [*path(100), (100, 60), *[(100 + x, 60.0) for x, _ in path(100)]], id="corner"
        ),
    ],
)
def test_paths_without_spikes(points: list[tuple[float, float]]) -> None:
    assert not found(trail_city(line(*points)), "trail-spike")


def test_wandering_receiver_is_no_spike() -> None:
    rng = np.random.default_rng(20)
    points = [(x + rng.normal(0, 3), y + rng.normal(0, 3)) for x, y in path(2000)]
    assert not found(trail_city(line(*points)), "trail-spike")


def test_repeated_points_are_counted() -> None:
    points = path()
    finding = only(
        trail_city(line(*points[:5], points[4], points[4], *points[5:])), "points-repeated"
    )
    assert (finding.severity, finding.values["count"]) == (Severity.NOTE, 2)


def test_loop_does_not_repeat_points() -> None:
    assert not found(trail_city(line((0, 0), (50, 0), (50, 50), (0, 0))), "points-repeated")


def test_segment_twice() -> None:
    parts = lines(line(*path()), line(*path(y=20)), line(*path()))
    finding = only(trail_city(parts), "segment-twice")
    assert (finding.values["number"], finding.values["first"]) == (3, 1)


def test_segment_there_and_back_is_walked_twice() -> None:
    assert not found(trail_city(lines(line(*path()), line(*path()[::-1]))), "segment-twice")


def test_trail_finding_names_the_gpx_file() -> None:
    short = trail_city(line((0, 0), (3, 0)), file=["gpx/trail.gpx"])
    assert only(short, "trail-short").file == "gpx/trail.gpx"


# -- areas -------------------------------------------------------------------------------------


def in_city(**frames: gpd.GeoDataFrame) -> City:
    return city(neighborhoods=table(TWO_HALVES), **frames)


def test_trail_outside_the_city() -> None:
    finding = only(in_city(trails=table({"t": line((1500, 0), (1600, 0))})), "trail-outside-city")
    assert (finding.severity, finding.values["metres"]) == (Severity.WARNING, 500)


def test_trail_partly_outside_is_a_note() -> None:
    partly = in_city(trails=table({"t": line((900, 0), (1040, 0))}))
    finding = only(partly, "trail-partly-outside-city")
    assert (finding.severity, finding.values["metres"]) == (Severity.NOTE, 40)
    assert not found(partly, "trail-outside-city")


def test_trail_along_the_edge_is_inside() -> None:
    along = in_city(trails=table({"t": line((900, 0), (1004, 0))}))
    assert not found(along, "trail-partly-outside-city")


def test_zones_serve_as_outline_where_there_are_no_neighborhoods() -> None:
    outside = city(zones=table(TWO_HALVES), trails=table({"t": line((1500, 0), (1600, 0))}))
    assert found(outside, "trail-outside-city")


def test_district_outside_the_city() -> None:
    assert found(in_city(districts=table({"d": box(1500, 0, 1600, 90)})), "district-outside-city")


def test_district_partly_outside() -> None:
    partly = in_city(districts=table({"d": box(900, 0, 1100, 100)}))
    finding = only(partly, "district-partly-outside-city")
    assert (finding.severity, finding.values["percent"]) == (Severity.NOTE, 50)
    assert finding.values["area"] == pytest.approx(10_000, rel=0.01)


def test_zones_of_a_file_that_are_not_their_neighborhoods() -> None:
    hoods = table({"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)}, zone=["동쪽", "동쪽"])
    like = table({"east": box(0, 0, 200, 100)}).assign(name=["동쪽"])
    assert not found(city(neighborhoods=hoods, zones=like), "zone-unlike-neighborhoods")
    unlike = table({"east": box(0, 0, 203, 100)}).assign(name=["동쪽"])
    finding = only(city(neighborhoods=hoods, zones=unlike), "zone-unlike-neighborhoods")
    assert finding.feature == "east"
    assert finding.values["area"] == pytest.approx(300, rel=0.01)
    assert finding.values["percent"] == pytest.approx(1.5, abs=0.1)


KM = 1000
FOUR = {
    "a": box(0, 0, KM, KM), "b": box(KM, 0, 2 * KM, KM),
    "c": box(2 * KM, 0, 3 * KM, KM), "d": box(3 * KM, 0, 4 * KM, KM),
}  # fmt: skip


def test_a_zone_that_cuts_a_neighborhood_names_it() -> None:
    cut = {"w": box(0, 0, 1.5 * KM, KM), "e": box(1.5 * KM, 0, 4 * KM, KM)}
    zones = table(cut).assign(name=["서쪽", "동쪽"])
    by_name = table(FOUR, zone=["서쪽", "서쪽", "동쪽", "동쪽"])
    for hoods in (by_name, table(FOUR)):  # without a column the ground says which are meant
        findings = found(city(neighborhoods=hoods, zones=zones), "zone-unlike-neighborhoods")
        assert {f.feature: f.values["ids"] for f in findings} == {"w": "b", "e": "b"}
        assert findings[0].values["area"] == pytest.approx(KM * KM / 2, rel=0.01)
    assert findings[0].severity == Severity.WARNING


def test_a_zone_without_one_small_neighborhood_is_named_however_large_it_is() -> None:
    small = FOUR | {"e": box(4 * KM, 0, 4 * KM + 20, 20)}
    hoods = table(small, zone=["가"] * 5)
    zones = table({"z": box(0, 0, 4 * KM, KM)}).assign(name=["가"])
    finding = only(city(neighborhoods=hoods, zones=zones), "zone-unlike-neighborhoods")
    assert finding.values["ids"] == "e"


def test_borders_that_were_generalised_are_no_finding() -> None:
    wavy = shapely.Polygon(
        [at(0, 0), at(2 * KM, 0)]
        + [at(2 * KM + (3 if n % 2 else -3), 10 * n) for n in range(1, 100)]
        + [at(2 * KM, KM), at(0, KM)]
    )
    zones = table({"w": wavy, "e": box(2 * KM, 0, 4 * KM, KM)}).assign(name=["서쪽", "동쪽"])
    hoods = table(FOUR, zone=["서쪽 ", "서쪽", "동쪽", "동쪽"])
    clean = city(neighborhoods=hoods, zones=zones)
    assert not found(clean, "zone-unlike-neighborhoods")
    assert not found(clean, "zone-unknown")


def test_a_zone_that_only_neighborhoods_name_is_a_finding() -> None:
    zones = table({"w": box(0, 0, 4 * KM, KM)}).assign(name=["서쪽"])
    hoods = table(FOUR, zone=["서쪽", "서쪽", "서쪾", None])
    finding = only(city(neighborhoods=hoods, zones=zones), "zone-unknown")
    assert (finding.values["zone"], finding.values["ids"]) == ("'서쪾'", "c")


def test_overlapping_districts_name_area_and_both() -> None:
    overlap = city(districts=table({"a": box(0, 0, 100, 100), "b": box(90, 0, 200, 100)}))
    finding = only(overlap, "districts-overlap")
    assert (finding.feature, finding.values["other"]) == ("a", "'b'")
    assert finding.values["area"] == pytest.approx(1000, rel=0.01)


def test_district_within_another_overlaps() -> None:
    within = city(districts=table({"a": box(0, 0, 100, 100), "b": box(40, 40, 50, 50)}))
    assert only(within, "districts-overlap").values["area"] == pytest.approx(100, rel=0.02)


def test_overlap_of_several_kinds_counts_its_area_alone() -> None:
    comb = shapely.union_all([box(0, 0, 100, 10), box(90, 0, 100, 50), box(0, 30, 100, 50)])
    other = box(-50, 10, 20, 35)
    finding = only(city(districts=table({"a": comb, "b": other})), "districts-overlap")
    assert finding.values["area"] == pytest.approx(100, rel=0.02)


def test_neighbours_that_share_a_border_do_not_overlap() -> None:
    touching = city(districts=table({"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)}))
    assert check.examine(touching) == []


def test_overlapping_neighborhoods() -> None:
    areas = {"a": box(0, 0, 100, 100), "b": box(95, 0, 200, 100)}
    assert only(city(neighborhoods=table(areas)), "neighborhoods-overlap").feature == "a"


def test_hole_between_neighborhoods() -> None:
    ring = [box(0, 0, 300, 100), box(0, 200, 300, 300), box(0, 100, 100, 200)]
    areas = {f"n{n}": part for n, part in enumerate([*ring, box(102, 100, 300, 200)])}
    finding = only(city(neighborhoods=table(areas)), "neighborhoods-gap")
    assert finding.values["area"] == pytest.approx(200, rel=0.02)
    assert finding.values["ids"] == "n0, n1, n2, n3"


def test_strip_between_neighborhoods_that_is_open_to_the_outside() -> None:
    areas = {"a": box(0, 0, 100, 500), "b": box(102, 0, 200, 500)}
    finding = only(city(neighborhoods=table(areas)), "neighborhoods-gap")
    assert finding.values["area"] == pytest.approx(1000, rel=0.02)


@pytest.mark.parametrize(
    "areas",
    [
        pytest.param(TWO_HALVES, id="side by side"),
        pytest.param({"a": box(0, 0, 100, 100), "b": box(100, 50, 200, 300)}, id="steps"),
        pytest.param({"a": box(0, 0, 100, 100), "b": box(300, 0, 400, 100)}, id="an island"),
        pytest.param({"a": box(0, 0, 100, 100) - box(50, 0, 52, 60)}, id="a narrow bay"),
    ],
)
def test_neighborhoods_without_gaps(areas: dict[str, shapely.Polygon]) -> None:
    assert not found(city(neighborhoods=table(areas)), "neighborhoods-gap")


# -- what tables say ---------------------------------------------------------------------------

TWO_DISTRICTS = {"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)}


def test_shops_outside_any_district_are_one_finding() -> None:
    shops = {f"s{n}": point(10, -10 - n) for n in range(300)}
    outside = city(districts=table(TWO_DISTRICTS), shops=table({**shops, "in": point(5, 5)}))
    finding = only(outside, "shop-outside-districts")
    assert finding.values["count"] == 300
    assert str(finding.values["ids"]).startswith("s0, s1, s2")


def shop_city(said: object) -> City:
    shops = table({"s": point(10, 10)}, district=[said])
    return city(districts=table(TWO_DISTRICTS), shops=shops)


@pytest.mark.parametrize("said", ["a", "이름 a", "Name a", None, ""])
def test_shop_in_its_district(said: str | None) -> None:
    assert check.examine(shop_city(said)) == []


@pytest.mark.parametrize("said", ["b", "이름 b"])
def test_shop_in_another_district_than_it_says(said: str) -> None:
    assert only(shop_city(said), "shop-district-wrong").values["ids"] == "s"


def test_shop_of_an_unknown_district() -> None:
    assert only(shop_city("없는상점가"), "shop-district-unknown").values["said"] == "없는상점가"


def test_shop_on_a_border_lies_in_both_districts() -> None:
    shops = table({f"s-{said}": point(100, 50) for said in "ab"}, district=["a", "b"])
    shops["name"] = ["하나", "둘"]
    assert check.examine(city(districts=table(TWO_DISTRICTS), shops=shops)) == []


def test_same_point_with_the_same_name() -> None:
    same = table({"s1": point(0, 0), "s2": point(0, 0), "s3": point(0, 0)}, name=["가", "가", "나"])
    assert only(city(shops=same), "duplicate-point").values["ids"] == "s2"


def test_same_name_at_two_places_is_a_chain() -> None:
    chain = table({"s1": point(0, 0), "s2": point(50, 0)}, name=["가", "가"])
    assert not found(city(shops=chain), "duplicate-point")


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_missing_name(nothing: str | None) -> None:
    districts = table(TWO_DISTRICTS, name=["가", nothing])
    finding = only(city(districts=districts), "name-missing")
    assert (finding.severity, finding.values["ids"]) == (Severity.WARNING, "b")
    assert not found(city(districts=districts), "name_en-missing")


def test_missing_english_names_are_one_note() -> None:
    districts = table(TWO_DISTRICTS, name_en=[])
    finding = only(city(districts=districts), "name_en-missing")
    assert (finding.severity, finding.values["count"]) == (Severity.NOTE, 2)


def test_korean_city_needs_no_english_names() -> None:
    districts = table(TWO_DISTRICTS, name_en=[])
    assert check.examine(city(districts=districts, languages=("ko",))) == []


@pytest.mark.parametrize("said", ["east", "이름 east", "Name east", "이름 west, 이름 east", None])
def test_trail_in_the_neighborhood_it_says(said: str | None) -> None:
    assert check.examine(in_city(trails=table({"t": line(*path(y=50))}, neighborhood=[said]))) == []


def test_trail_in_another_neighborhood_than_it_says() -> None:
    trails = table({"t": line((10, 50), (90, 50))}, neighborhood=["이름 west"])
    finding = only(in_city(trails=trails), "neighborhood-wrong")
    assert (finding.values["said"], finding.values["actual"]) == ("'이름 west'", "이름 east")


def test_trail_in_an_unknown_neighborhood() -> None:
    trails = table({"t": line(*path())}, neighborhood=["화정9동"])
    assert only(in_city(trails=trails), "neighborhood-unknown").values["said"] == "'화정9동'"


def test_register_is_named_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "gpx").mkdir()
    (tmp_path / "gpx" / "trails.csv").write_text("id\n")
    trails = table({"t": line(*path())}, neighborhood=["화정9동"])
    assert (
        only(in_city(trails=trails, folder=tmp_path), "neighborhood-unknown").file
        == "gpx/trails.csv"
    )


# -- dated tables ------------------------------------------------------------------------------


def day(month: int, of_month: int = 1) -> dt.date:
    return dt.date(2026, month, of_month)


def closures(*rows: tuple[str | None, shapely.Geometry | None, dt.date | None, dt.date | None]):
    trails, shapes, first, last = zip(*rows, strict=True)
    index = pd.Index([f"closure-{n + 1}" for n in range(len(rows))], name="id", dtype="str")
    columns = {
        "trail_id": pd.Series(trails, index, dtype="str"),
        "from": pd.Series(first, index, dtype=object),
        "to": pd.Series(last, index, dtype=object),
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326)


def closed(
    *rows: tuple[str | None, shapely.Geometry | None, dt.date | None, dt.date | None],
) -> City:
    return city(trails=table({"park": line(*path())}), closures=closures(*rows))


def test_closure_of_a_known_trail() -> None:
    rows = [("park", None, day(1), day(2)), (None, box(40, -9, 60, 9), day(3), None)]
    assert check.examine(closed(*rows)) == []


def test_closure_of_an_unknown_trail_is_an_error() -> None:
    finding = only(closed(("prak", None, None, None)), "closure-unknown-trail")
    assert (finding.severity, finding.feature) == (Severity.ERROR, "closure-1")


def test_closure_that_touches_no_trail() -> None:
    assert found(closed((None, box(500, 0, 600, 9), None, None)), "closure-touches-no-trail")


def test_closures_without_trails() -> None:
    alone = city(closures=closures((None, box(0, 0, 9, 9), None, None)))
    assert found(alone, "closure-touches-no-trail")


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ((day(1), day(3)), (day(2), day(4)), True),
        ((day(1), None), (day(9), day(10)), True),
        ((day(1), day(3)), (day(3), None), True),
        ((day(1), day(2, 28)), (day(3), None), False),
    ],
)
def test_closures_of_one_trail_at_one_time(
    first: tuple[dt.date, dt.date | None], second: tuple[dt.date, dt.date | None], overlap: bool
) -> None:
    rows = [("park", None, *second), ("park", None, *first)]
    assert bool(found(closed(*rows), "closures-overlap")) == overlap


def benefits(*rows: tuple[dt.date, dt.date, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["from", "to", "payment", "title"], dtype=object)
    return frame.assign(rate=0.1)


def test_one_offer_twice_at_one_time() -> None:
    twice = benefits((day(1), day(6), "card", "할인"), (day(6), day(9), "card", "할인"))
    assert only(city(benefits=twice), "benefits-overlap").values["start"] == "2026-06-01"


def test_offers_one_after_the_other_or_side_by_side() -> None:
    table_of_offers = benefits(
        (day(1), day(5, 31), "card", "할인"),
        (day(6), day(9), "card", "할인"),
        (day(1), day(9), "paper", "할인"),
        (day(1), day(9), "card", "환급"),
    )
    assert check.examine(city(benefits=table_of_offers)) == []


# -- the report as a whole ---------------------------------------------------------------------


def faulty() -> City:
    points = path()
    points.insert(10, (47, 80))
    return city(
        neighborhoods=table({"a": box(0, 0, 100, 100), "b": box(95, 0, 200, 100)}),
        districts=table(
            {"d1": box(0, 0, 50, 50), "d2": box(40, 0, 90, 50), "d3": None}, name_en=[]
        ),
        trails=table(
            {"spiky": line(*points), "short": line((0, 0), (2, 0)), "far": point(0, 300_000)},
            neighborhood=["a", "없는동", None],
        ),
        shops=table({"s": point(-50, -50)}, district=["d9"]),
        closures=closures(("gone", None, None, None)),
    )


def test_worst_findings_come_first_and_always_in_one_order() -> None:
    findings = check.examine(faulty())
    ranks = [list(Severity).index(finding.severity) for finding in findings]
    assert ranks == sorted(ranks)
    assert findings == check.examine(faulty())
    assert len({finding.code for finding in findings}) > 8


def test_line_9_comes_before_line_10() -> None:
    lines_of_a_table = [Finding(Severity.NOTE, "x", "f", "-", feature=f"line {n}") for n in (10, 9)]
    assert [f.feature for f in check.in_order(lines_of_a_table)] == ["line 9", "line 10"]


def test_every_finding_is_a_sentence_with_a_file_and_a_mend() -> None:
    for finding in check.examine(faulty()):
        assert finding.file
        assert finding.mend
        text = f"{finding.message} {fill(finding.mend, finding.values)}"
        assert "{" not in text
        assert "nan" not in text
        assert "np." not in str(finding)


def test_summary_counts_and_measures() -> None:
    layers = {
        s.layer: s
        for s in check.summarise(
            city(
                districts=table({"a": box(0, 0, 100, 100), "b": None}),
                trails=table({"t": line(*path()), "u": lines(line(*path()), line(*path(y=9)))}),
                shops=table({"s": point(0, 0)}),
            )
        )
    }
    assert layers["districts"].features == 2
    assert layers["districts"].geometry == "Polygon"
    assert layers["districts"].area_m2 == pytest.approx(10_000, rel=0.01)
    assert layers["districts"].length_m is None
    assert layers["trails"].length_m == pytest.approx(300, rel=0.001)
    assert layers["trails"].geometry == "LineString, MultiLineString"
    assert layers["trails"].area_m2 is None
    assert (layers["shops"].length_m, layers["shops"].area_m2) == (None, None)
