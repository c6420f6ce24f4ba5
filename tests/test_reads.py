"""What has not changed is not read again, and gives the same city as if it were."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from gpxtext import gpx, track

from mapserver.city import City
from mapserver.errors import DataError
from mapserver.readers import layer_file, trails
from mapserver.readers.city_folder import read_city
from mapserver.readers.gpx import folder as gpx_folder
from mapserver.web.served_city import ServedCity

HILL, SHORE = ((126.85, 35.15), (126.8512, 35.15)), ((126.86, 35.15), (126.8612, 35.15))
WASH = '<wpt lat="35.15" lon="126.85"><name>세족장</name></wpt>'
SQUARE = "[[[126.84,35.14],[126.87,35.14],[126.87,35.16],[126.84,35.16],[126.84,35.14]]]"


def areas(name: str, **more: str) -> str:
    properties = "".join(f', "{key}": "{value}"' for key, value in more.items())
    return (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "a", "properties": '
        f'{{"name": "{name}"{properties}}}, "geometry": '
        f'{{"type": "Polygon", "coordinates": {SQUARE}}}}}]}}'
    )


@pytest.fixture
def folder(make_folder) -> Path:
    return make_folder(
        {
            "gpx/hill.gpx": gpx(track(HILL, name="언덕길"), WASH),
            "gpx/shore.gpx": gpx(track(SHORE, name="물가길")),
            "gpx/trails.csv": "id,name,surface\nhill,언덕,황토\nshore,물가,\n",
            "layers/neighborhoods.geojson": areas("치평동", zone="상무"),
            "layers/districts.geojson": areas("골목"),
            "layers/shops.csv": "id,name,lon,lat,onnuri_paper\n1,국밥,126.85,35.15,yes\n",
            "layers/closures.csv": "trail,start,end,reason\nhill,2026-07-01,2026-07-09,공사\n",
        }
    )


def write(name: str, content: str):
    return lambda folder: (folder / name).write_text(content, "utf-8")


CHANGES = {
    "a trail": write("gpx/hill.gpx", gpx(track(SHORE, name="새 언덕길"))),
    "a trail more": write("gpx/new.gpx", gpx(track(SHORE, name="새 길"))),
    "a trail less": lambda folder: (folder / "gpx/hill.gpx").unlink(),
    "a trail that cannot be read": write("gpx/hill.gpx", "<gpx"),
    "the register": write("gpx/trails.csv", "id,name,status\nhill,고개,보수중\nx,?,\n"),
    "no register": lambda folder: (folder / "gpx/trails.csv").unlink(),
    "closures": write("layers/closures.csv", "trail,start,end\nshore,2026-08-01,2026-08-02\n"),
    "districts": write("layers/districts.geojson", areas("새 골목")),
    "neighborhoods": write("layers/neighborhoods.geojson", areas("화정동", zone="풍암")),
    "shops": write("layers/shops.csv", "id,name,lon,lat\n2,찻집,126.86,35.15\n3,빵집,126.85,x\n"),
    "facilities of a file": write(
        "layers/facilities.csv", "id,name,kind,lon,lat\n1,화장실,toilet,126.85,35.15\n"
    ),
    "the catalogue": write(
        "layers/catalog.toml",
        'title = "시험"\n[[layers]]\nid = "districts"\nrole = "districts"\n'
        'file = "districts.geojson"\nid_column = "name"\n',
    ),
    "another file of a layer": lambda folder: (folder / "layers/shops.csv").rename(
        folder / "layers/services.csv"
    ),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_second_reading_is_as_if_it_were_the_first(folder, change):
    before = read_city(folder)
    change(folder)
    again, fresh = read_city(folder, earlier=before), read_city(folder)
    assert list(again.layers) == list(fresh.layers)
    for id_, layer in fresh.layers.items():
        assert again.layers[id_].entry == layer.entry
        assert_geodataframe_equal(again.layers[id_].frame, layer.frame)
    assert again.findings == fresh.findings
    assert (again.version, again.files) == (fresh.version, fresh.files)
    assert (again.registered, again.photos) == (fresh.registered, fresh.photos)
    pd.testing.assert_frame_equal(again.closures, fresh.closures)
    # And so does a third reading that follows the second.
    third = read_city(folder, earlier=again)
    assert third.findings == fresh.findings
    for id_, layer in fresh.layers.items():
        assert_geodataframe_equal(third.layers[id_].frame, layer.frame)


def test_what_has_not_changed_is_not_read_again(folder, monkeypatch):
    before = read_city(folder)
    read: list[Path] = []

    def watched(read_file):
        def note_and_read(path, *arguments, **options):
            read.append(path)
            return read_file(path, *arguments, **options)

        return note_and_read

    monkeypatch.setattr(layer_file, "read_layer", watched(layer_file.read_layer))
    monkeypatch.setattr(trails, "read_folder", watched(trails.read_folder))
    same = read_city(folder, earlier=before)
    assert read == []
    assert all(
        same.layers[id_].frame is layer.frame
        for id_, layer in before.layers.items()
        if id_ != "zones"
    )
    CHANGES["districts"](folder)
    other = read_city(folder, earlier=before)
    assert read == [folder / "layers/districts.geojson"]
    assert other.layers["trails"].frame is before.layers["trails"].frame
    assert other.layers["districts"].frame is not before.layers["districts"].frame


def test_a_file_that_is_written_back_byte_by_byte_is_read_again(folder):
    """Equal sizes say nothing: an editor may change a digit."""
    path = folder / "layers/districts.geojson"
    before = read_city(folder)
    path.write_text(areas("길목"), "utf-8")
    assert read_city(folder, earlier=before).layers["districts"].frame["name"].tolist() == ["길목"]


@pytest.mark.parametrize(
    ("module", "reader", "failing"),
    [(layer_file, "read_layer", "shops.csv"), (gpx_folder, "read_content", "hill.gpx")],
    ids=["a layer", "a trail"],
)
def test_what_could_not_be_read_is_tried_again(folder, monkeypatch, module, reader, failing):
    real, failures = getattr(module, reader), []

    def fail_once(path, *arguments, **options):
        if path.name == failing and not failures:
            failures.append(DataError("the disk gives an error", where=failing))
            raise failures[0]
        return real(path, *arguments, **options)

    monkeypatch.setattr(module, reader, fail_once)
    first = read_city(folder)
    second, fresh = read_city(folder, earlier=first), read_city(folder)
    assert first.findings != second.findings == fresh.findings
    assert [*map(len, (layer.frame for layer in second.layers.values()))] == [
        *map(len, (layer.frame for layer in fresh.layers.values()))
    ]


def test_what_was_computed_from_layers_that_stay_is_taken_over(folder):
    before = ServedCity.from_data(read_city(folder))
    before.city.build_indexes()
    for layer in before.features:
        assert before.features[layer] is before.features[layer]  # they are made when asked for
    CHANGES["closures"](folder)
    after = ServedCity.from_data(read_city(folder, earlier=before.city.data), before)
    assert after.city.version != before.city.version
    for layer in ("trails", "districts", "shops"):
        assert after.features[layer] is before.features[layer]
        assert after.city.nearest_index(layer) is before.city.nearest_index(layer)
    CHANGES["shops"](folder)
    later = ServedCity.from_data(read_city(folder, earlier=after.city.data), after)
    assert later.features["trails"] is before.features["trails"]
    assert later.features["shops"] is not before.features["shops"]
    found = later.city.find_nearest(126.86, 35.15, layer="shops", k=1)
    assert later.city.shops.index[found.feature[0]] == "2"


def test_values_of_layers_that_went_are_let_go(folder):
    before = City(read_city(folder))
    before.build_indexes()
    CHANGES["shops"](folder)
    after = City(read_city(folder, earlier=before.data), earlier=before)
    sources = [source for kept, _ in after.derived._values.values() for source in kept]
    assert all(source is not before.shops for source in sources)
    assert any(source is before.trails for source in sources)
