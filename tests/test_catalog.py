"""The catalogue: what it may say, what it is without, and errors that name layer and key."""

from __future__ import annotations

import pytest

from mapserver.errors import CatalogError
from mapserver.model import Role, derive_catalog, parse_catalog, read_catalog, write_layer_entry
from mapserver.settings import limits

GOOD = """
title = { ko = "시험구", en = "Test district" }
languages = ["ko", "en"]
metric_crs = "EPSG:5186"

[[layers]]
id = "districts"
file = "d.shp"
role = "districts"
title = "상점가"
encoding = "cp949"
style = { color = "#2a7f86" }
sample = true
"""


def test_a_catalogue_is_typed_and_completed():
    catalog = parse_catalog(GOOD)
    districts = catalog.layers[0]
    assert (catalog.title.in_language("en"), catalog.metric_crs) == ("Test district", "EPSG:5186")
    assert (districts.role, str(districts.title), districts.sample) == (
        Role.DISTRICTS,
        "상점가",
        True,
    )
    assert districts.style.fill == districts.style.color
    # Trails and facilities come from gpx/ whether described or not.
    assert {layer.role for layer in catalog.layers} == {
        Role.DISTRICTS,
        Role.TRAILS,
        Role.FACILITIES,
    }


@pytest.mark.parametrize(
    ("source", "korean", "english"),
    [
        ('"서구청"', "서구청", "서구청"),
        ('{ ko = "서구청", en = "Seo-gu office" }', "서구청", "Seo-gu office"),
        ('{ ko = "서구청" }', "서구청", "서구청"),
        ('{ en = "Seo-gu office" }', "Seo-gu office", "Seo-gu office"),
    ],
)
def test_a_source_is_said_in_the_language_of_the_reader(source, korean, english):
    text = GOOD + f"source = {source}\n"
    entry = parse_catalog(text).layers[0]
    assert (entry.source.in_language("ko"), entry.source.in_language("en")) == (korean, english)
    written = write_layer_entry(text, parse_catalog(text), entry, "t")
    assert parse_catalog(written).layers[0] == entry


@pytest.mark.parametrize("source", ["3", '{ ko = 3, en = "x" }', '{ jp = "x" }', "{}"])
def test_a_source_that_is_no_text_is_named(source):
    with pytest.raises(CatalogError) as caught:
        parse_catalog(GOOD + f"source = {source}\n")
    assert "source" in str(caught.value)


def test_without_a_catalogue_a_file_named_after_a_role_has_it(tmp_path):
    for name in ("districts.geojson", "Parks.gpkg", "공원.csv", "closures.csv", "notes.txt"):
        (tmp_path / name).touch()
    catalog, findings = read_catalog(tmp_path)
    roles = {layer.file: layer.role for layer in catalog.layers if layer.file}
    assert roles == {
        "districts.geojson": Role.DISTRICTS,
        "Parks.gpkg": Role.LAYER,
        "공원.csv": Role.LAYER,
    }
    ids = [layer.id for layer in catalog.layers]
    assert len(set(ids)) == len(ids)
    assert all(id_.isascii() for id_ in ids)
    assert findings == []


def test_a_file_that_no_layer_uses_is_told(tmp_path):
    (tmp_path / "catalog.toml").write_text(GOOD, "utf-8")
    (tmp_path / "parks.geojson").touch()
    _, findings = read_catalog(tmp_path)
    assert ["parks.geojson" in str(finding) for finding in findings] == [True]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('rolle = "districts"', "rolle"),
        ('role = "shop"', "role"),
        ('crs = "EPSG:0"', "EPSG:0"),
        ('crs = "metres"', "metres"),
        ('encoding = "klingon"', "klingon"),
        ('file = "../secret.shp"', "file"),
        ('file = "/etc/passwd"', "file"),
        ('file = "notes.txt"', "txt"),
        ('style = { color = "red; } body {" }', "color"),
        ('id = "a b"', "id"),
        ("sample = 1", "sample"),
        ("title = 3", "title"),
        ("key", "TOML"),
    ],
)
def test_what_cannot_be_followed_is_named(line, said):
    key = line.partition(" =")[0]
    lines = ["[[layers]]"] + [
        default for default in ('id = "x"', 'file = "x.shp"') if not default.startswith(f"{key} ")
    ]
    with pytest.raises(CatalogError) as caught:
        parse_catalog("\n".join([*lines, line]))
    message = str(caught.value)
    assert said in message
    assert message.startswith("layers/catalog.toml")
    assert "\n" not in message


def test_a_catalogue_describes_so_many_layers_and_no_more():
    def write(count: int) -> str:
        return "".join(f'[[layers]]\nid = "l{n}"\nfile = "l{n}.csv"\n' for n in range(count))

    described = {entry.id for entry in parse_catalog(write(limits.MAX_CATALOG_LAYERS)).layers}
    assert {f"l{n}" for n in range(limits.MAX_CATALOG_LAYERS)} <= described
    with pytest.raises(
        CatalogError,
        match=f"{limits.MAX_CATALOG_LAYERS + 1} layers; {limits.MAX_CATALOG_LAYERS} are read",
    ):
        parse_catalog(write(limits.MAX_CATALOG_LAYERS + 1))


def test_a_catalogue_larger_than_any_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "catalog.toml").write_text(GOOD + "# " + "x" * limits.MAX_CATALOG_BYTES, "utf-8")
    with pytest.raises(CatalogError, match="larger than 1 MB"):
        read_catalog(tmp_path)


def test_ids_are_unique_and_metric_crs_is_metric():
    with pytest.raises(CatalogError, match="x"):
        parse_catalog('[[layers]]\nid = "x"\nfile = "a.shp"\n[[layers]]\nid = "x"\nfile = "b.shp"')
    for crs in ("EPSG:4326", "nonsense"):
        with pytest.raises(CatalogError, match=crs):
            parse_catalog(f'metric_crs = "{crs}"')


def test_the_sample_catalogue_describes_every_file(sample_city):
    derived = derive_catalog(sample_city.path / "layers")
    described = {sample_city.entry(id_).file for id_ in sample_city.layers}
    assert {layer.file for layer in derived.layers} <= described


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ('direct_line = "062 350"', "other signs than those of a telephone", "062-000-0000"),
        ("direct_line = 62", "of another kind", "in quotation marks"),
        ("smallest_count = 1", "smallest_count: this number is not possible", "Write 2 or more"),
        ("smallest_count = 500", "this number is not possible", "Write 100 or less"),
        ('check_days = "5"', "of another kind", "Write a whole number"),
        ('[rain]\nlow = { mm = 0, source = "x" }', "rain.low.mm: this number", "above 0.0"),
        ('[rain]\nlow = { mm = 5, source = "" }', "rain.low.source is empty", "Write it"),
        ("layers = 3", "of another kind", "square brackets"),
        ("rain = 3", "of another kind", "in braces"),
    ],
)
def test_a_value_that_is_not_possible_is_said_in_words(text, what, mend):
    with pytest.raises(CatalogError) as raised:
        parse_catalog(text)
    said = str(raised.value)
    assert what in said
    assert mend in said
    assert "Expected" not in said
    assert "`" not in said
