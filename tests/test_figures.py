"""Figures for print: true scale, no colour alone, Korean without boxes, texts that stay texts."""

from __future__ import annotations

import builtins
import datetime as dt
import importlib
import io
import itertools
import re
import sys
import warnings

import jedi
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from cities import city_of, frame_of
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib_scalebar.scalebar import ScaleBar
from msgspec import structs
from PIL import Image
from shapely import LineString, Point, box

from benchmarks.bigcity import make_layers
from mapserver.city import City
from mapserver.drawing import choropleth, figures
from mapserver.drawing.figures import labels, letters
from mapserver.drawing.figures.sheet import (
    FONTS,
    HANGUL,
    make_style,
    mix_with_white,
    wrap_text,
)
from mapserver.errors import MapserverError, QueryError
from mapserver.model import Title
from mapserver.settings import palette

# Machado, Oliveira and Fernandes (2009), severity 1: what colour-blind eyes see, in linear RGB.
SEEN = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
    "gray": [[0.2126, 0.7152, 0.0722]] * 3,
    "full": np.eye(3),
}  # fmt: skip


def seen_lightness(color: str, eyes: str) -> float:
    """Give the lightness L* (0 to 100) of a colour to some eyes."""
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(np.clip(np.array(SEEN[eyes]) @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def texts(sheet) -> list[str]:
    return [text.get_text() for text in sheet.findobj(Text) if text.get_text()]


def pixels(sheet) -> np.ndarray:
    file = io.BytesIO()
    sheet.savefig(file, format="png", dpi=100)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.fixture(scope="module")
def small():
    areas = frame_of([box(126.80, 35.10, 126.85, 35.15), box(126.85, 35.10, 126.90, 35.15)])
    trails = frame_of([LineString([(126.82, 35.11), (126.87, 35.14)])])
    return city_of(neighborhoods=areas, trails=trails)


@pytest.mark.parametrize("eyes", SEEN)
def test_classes_grow_darker_for_every_eye_and_in_gray(eyes):
    light = [seen_lightness(color, eyes) for color in choropleth.pick_colours(5)]
    assert all(one - other > 5 for one, other in itertools.pairwise(light))


def test_kinds_differ_by_hatch_and_not_by_colour_alone(small):
    kinds = pd.Series(["hub", "linked"], index=["0", "1"])
    sheet = figures.area_map(small, kinds, title="t")
    legend = {p.get_label(): p.get_hatch() for p in sheet.legends[0].get_patches()}
    assert len(set(legend.values())) == 2
    assert mix_with_white(palette.KINDS[0]) != mix_with_white(palette.KINDS[1])


@pytest.mark.slow
def test_the_map_is_true_to_scale_both_ways_and_its_bar_is_in_metres(small):
    sheet = figures.area_map(small, title="t")
    axes = sheet.axes[0]
    sheet.canvas.draw()
    (x0, y0), (x1, y1) = axes.transData.transform([(0, 0), (1000, 1000)])
    assert x1 - x0 == pytest.approx(y1 - y0)
    areas = small.neighborhoods.to_crs(small.metric_crs).total_bounds
    assert axes.get_xlim()[0] <= areas[0] <= areas[2] <= axes.get_xlim()[1]
    bar = next(artist for artist in axes.artists if isinstance(artist, ScaleBar))
    assert (bar.dx, bar.units) == (1, "m")


@pytest.mark.slow
def test_each_area_bears_its_name_and_value(small):
    share = pd.Series([0.25, 0.5], index=["0", "1"], name="within")
    told = texts(figures.area_map(small, share, unit="%", title="t", lang="ko"))
    assert {"이름 0\n25.0%", "이름 1\n50.0%", "within"} <= set(told)


@pytest.mark.slow
def test_no_label_covers_another(sample_city):
    sheet = figures.area_map(sample_city, "shops", title="t")
    sheet.canvas.draw()
    boxes = [text.get_window_extent() for text in sheet.axes[0].texts if text.get_text()]
    assert len(boxes) == len(sample_city.neighborhoods)
    for n, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[n + 1 :])


OPTIONS = {"title", "lang", "day", "layer", "unit", "digits", "on_top", "extra", "counted"}
OPTIONS |= {"sources", "labels"}


def test_a_notebook_completes_the_options_of_a_map_and_its_help_explains_each():
    call = jedi.Interpreter("figures.area_map(city, shares, ", [{"figures": figures}])
    completed = {c.name.rstrip("=") for c in call.complete() if c.name.endswith("=")}
    assert completed - {"city", "values"} == OPTIONS
    explained = re.findall(r"^    ([a-z_, ]+)$", figures.area_map.__doc__, re.MULTILINE)
    names = {name for line in explained for name in line.split(", ")}
    assert names == OPTIONS | {"city", "values"}


def test_a_map_refuses_an_option_that_it_does_not_have(small):
    with pytest.raises(TypeError, match=r"area_map\(\) .* unexpected keyword argument 'unitt'"):
        figures.area_map(small, title="t", unitt="%")


def labelled(count: int) -> tuple[int, int]:
    """Label the areas of a made-up city: how many labels, and how many comparisons they took."""
    areas = make_layers(count, 1, 1, 1, 60 * count)["neighborhoods"].to_crs("EPSG:5186")
    with mpl.rc_context(make_style()):
        # As much paper for each: otherwise the labels that find no place decide.
        sheet = figures.Sheet(0.7 * count**0.5, 0.7 * count**0.5)
        axes = sheet.add_axes((0, 0, 1, 1))
        west, south, east, north = areas.total_bounds
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        shown = labels.AreaLooks({}, dict.fromkeys(areas.index, "12"))
        marks = areas.geometry.representative_point().get_coordinates().to_numpy()[::5]
        room = labels.label_areas(axes, areas, areas["name"], shown, marks)
    return len([text for text in axes.texts if text.get_text()]), room.comparisons


@pytest.mark.slow
def test_the_work_of_labelling_grows_with_the_labels_and_not_with_their_square(monkeypatch):
    # Those that find no room inside look for it beside the map, a bounded number of times.
    monkeypatch.setattr(labels, "_place_beside_map", lambda *_: False)
    few, many = labelled(100), labelled(400)
    assert many[0] > 3 * few[0]
    assert many[1] < 6 * few[1]


def test_a_label_without_room_is_tried_at_a_bounded_number_of_places(monkeypatch):
    tried = []
    monkeypatch.setattr(labels.Room, "is_clear", lambda _room, line: bool(tried.append(line)))
    areas = frame_of([box(0, 0, 1, 1), box(9, 9, 10, 10)])
    with mpl.rc_context(make_style()):
        axes = figures.Sheet(8, 8).add_axes((0, 0, 1, 1))
        axes.set_xlim(-2, 12)
        axes.set_ylim(-2, 12)
        room = labels.Room(axes, np.empty((0, 2)))
        ground = labels.AreaShapes.from_areas(room, areas)
        assert not labels._place_beside_map(room, ground, "12", ground.middles[0])
    assert len(ground.free_places) > 2 * labels.TRIES
    assert 0 < len(tried) <= labels.TRIES


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([4, 4, 4], ["4"]),
        ([0, 0, 0], ["0"]),
        ([0, 0, 0, 1, 2], ["0", "1", "2"]),
        ([0] * 90 + [1, 2, 3, 5, 8, 9, 12], None),
        ([4, 5, 6, 7, 8, 9, 10], None),
        (list(range(100)), ["0 – 19", "20 – 39", "40 – 59", "60 – 79", "80 – 99"]),
        ([], []),
    ],
)
def test_classes_of_counts_share_no_number(values, classes):
    counts = pd.Series(values, [str(n) for n in range(len(values))], dtype=float)
    drawn = choropleth.colour_values(counts, "t", choropleth.make_writer(""), "en").scale
    words = [text for _, text in drawn.steps]
    assert classes is None or words == classes
    assert drawn.unknown == ""
    ends = [[int(end) for end in word.split(" – ")] for word in words]
    for low, high in itertools.pairwise(ends):
        assert low[-1] < high[0]
    if values:
        assert (ends[0][0], ends[-1][-1]) == (min(values), max(values))


def test_each_count_is_drawn_in_its_class():
    counts = pd.Series(range(100), [str(n) for n in range(100)])
    drawn = choropleth.colour_values(counts, "t", choropleth.make_writer(""), "en")
    ends = {color: [int(e) for e in word.split(" – ")] for color, word in drawn.scale.steps}
    for id_, color in drawn.fills.items():
        assert ends[color][0] <= int(id_) <= ends[color][-1]


def test_values_that_read_alike_have_one_colour():
    values = pd.Series([0.31, 0.36, 0.3958, 0.3961, 0.47, 0.5], list("abcdef"))
    drawn = choropleth.colour_values(values, "t", choropleth.make_writer("%"), "ko")
    assert drawn.texts["c"] == drawn.texts["d"] == "39.6%"
    assert drawn.fills["c"] == drawn.fills["d"] != drawn.fills["b"]


def test_what_is_unknown_is_a_class_of_its_own_on_the_web_map_too():
    areas = frame_of([box(n, 0, n + 1, 1) for n in range(3)])
    counts = pd.Series({"0": 0.0, "1": np.nan})
    drawn = choropleth.colour_neighborhoods(city_of(neighborhoods=areas), counts, "ko")
    assert drawn.scale.unknown == "자료 없음"
    assert [text for _, text in drawn.scale.steps] == ["0"]
    assert set(drawn.fills) == {"0"}


@pytest.mark.slow
def test_labels_of_a_large_city_cover_no_other_and_outlines_are_thinned():
    frames = make_layers(150, 10, 5, 10, 30_000)
    city = city_of(metric_crs="EPSG:5186", **{k: frames[k] for k in ("neighborhoods", "trails")})
    sheet = figures.area_map(city, "trails", title="t")
    sheet.canvas.draw()
    boxes = [text.get_window_extent() for text in sheet.axes[0].texts if text.get_text()]
    assert len(boxes) > 100
    for n, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[n + 1 :])
    drawn = sum(len(path.vertices) for c in sheet.axes[0].collections for path in c.get_paths())
    assert drawn < 20_000


@pytest.mark.slow
def test_an_area_without_a_value_is_hatched_and_named_in_the_legend(small):
    sheet = figures.area_map(small, pd.Series([1.0], index=["0"]), title="t", lang="en")
    assert "no value" in texts(sheet)


@pytest.mark.slow
def test_colours_and_classes_are_those_of_the_web_map(sample_city):
    coloured = choropleth.colour_neighborhoods(sample_city, "membership_rate", "ko")
    sheet = figures.area_map(sample_city, "membership_rate", title="t")
    patches = sheet.legends[0].get_patches()
    drawn = [(mpl.colors.to_hex(p.get_facecolor()), p.get_label()) for p in patches]
    assert drawn[: len(coloured.scale.steps)] == coloured.scale.steps


def test_the_line_below_names_sources_version_day_and_sample(sample_city):
    day = dt.date(2026, 5, 20)
    line = figures.source_line(sample_city, ["trails", "nothing"], lang="ko", day=day)
    assert "견본" in line
    assert sample_city.entry("trails").source.in_language("ko") in line
    assert sample_city.version[:8] in line
    assert "2026-05-20" in line
    assert "Sample" in figures.source_line(sample_city, ["trails"], lang="en")


@pytest.mark.slow
def test_a_figure_names_its_sources_in_its_language_and_those_of_own_frames(sample_city):
    for id_ in sample_city.layers:
        assert any(
            "\uac00" <= letter <= "\ud7a3"
            for letter in sample_city.entry(id_).source.in_language("ko")
        )
    options = {"extra": {"own": sample_city.trails.head(1)}, "sources": ["mine.gpkg"]}
    for lang, other in (("ko", "en"), ("en", "ko")):
        sheet = figures.area_map(sample_city, title="t", lang=lang, **options)
        said = " ".join(texts(sheet)).replace("\n", " ")
        assert sample_city.entry("trails").source.in_language(lang) in said
        assert sample_city.entry("trails").source.in_language(other) not in said
        assert "mine.gpkg" in said


@pytest.mark.slow
def test_no_korean_letter_is_a_box_and_nothing_warns(sample_city):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for lang in ("ko", "en"):
            figures.area_map(sample_city, "shops", title="맨발길 뷁", lang=lang)
            sheet = figures.bars(pd.Series({"꿼뛟 café ②": 1.0}), title="−3 °C · m²", lang=lang)
            pixels(sheet)


def test_the_font_that_comes_along_is_there_with_its_licence():
    assert (FONTS / "NanumGothic-Regular.ttf").is_file()
    assert "Open Font License" in (FONTS / "LICENSE-nanumgothic.txt").read_text("utf-8")
    letters = font_manager.get_font(str(FONTS / "NanumGothic-Regular.ttf")).get_charmap()
    assert set(range(0xAC00, 0xD7A4)) <= set(letters)  # every syllable


def test_without_that_font_one_of_the_machine_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr("mapserver.drawing.figures.sheet.FONTS", tmp_path)
    make_style.cache_clear()
    families = make_style()["font.family"]
    make_style.cache_clear()
    there = {font.name for font in font_manager.fontManager.ttflist}
    assert families == [*(name for name in HANGUL if name in there), "DejaVu Sans"]


def test_dollar_signs_and_markup_in_names_stay_as_typed():
    name = "$x^2$ <b>{{7*7}}</b> \\frac"
    areas = frame_of([box(126.80, 35.10, 126.90, 35.20)], name=[name])
    sheet = figures.area_map(city_of(neighborhoods=areas), title="$1$")
    pixels(sheet)
    assert name in texts(sheet)
    assert "$1$" in texts(sheet)


def test_bars_are_as_long_as_their_numbers_and_say_them():
    table = pd.DataFrame({"a": [1.0, 3.0], "b": [2.0, 1.0]}, index=["one", "two"])
    sheet = figures.bars(table, title="t", lang="en")
    widths = [patch.get_width() for patch in sheet.axes[0].patches]
    assert widths == [1, 3, 2, 1]
    assert {"3", "4", "one", "two", "a", "b"} <= set(texts(sheet))


@pytest.mark.parametrize("table", [pd.Series(dtype=float), pd.Series({"none": 0.0})])
def test_bars_of_nothing_are_drawn(table):
    assert pixels(figures.bars(table, title="t")).size


@pytest.mark.parametrize(
    "layers",
    [
        {},
        {"trails": frame_of([LineString([(126.8, 35.1), (126.9, 35.2)])])},
        {"shops": frame_of([Point(126.8, 35.1)])},
        {"neighborhoods": frame_of([box(126.8, 35.1, 126.9, 35.2), None])},
    ],
    ids=["nothing", "trails", "shops", "an area without a shape"],
)
def test_a_city_that_lacks_layers_still_has_a_map(layers):
    sheet = figures.area_map(city_of(**layers), title="t", on_top=["trails", "shops"])
    assert pixels(sheet).size


def test_lines_are_broken_where_they_would_not_fit():
    long = "word " * 60
    assert all(len(line) < len(long) for line in wrap_text(long, 3.0, 8))
    assert " ".join(wrap_text(long, 3.0, 8)).split() == long.split()


def test_a_notebook_shows_it_by_itself(small):
    data, size = figures.area_map(small, title="t")._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size["width"] == 720


@pytest.mark.slow
def test_a_saved_pdf_carries_its_font(small, tmp_path):
    figures.area_map(small, title="맨발길").savefig(tmp_path / "map.pdf")
    assert b"NanumGothic" in (tmp_path / "map.pdf").read_bytes()


def test_the_reader_s_own_style_stays_and_does_not_show():
    before = mpl.rcParams["font.size"]
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        loud = pixels(figures.bars(pd.Series({"a": 1.0}), title="t"))
    quiet = pixels(figures.bars(pd.Series({"a": 1.0}), title="t"))
    assert mpl.rcParams["font.size"] == before
    assert loud.shape == quiet.shape


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    for name in [n for n in sys.modules if n.startswith("mapserver.drawing.figures")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MapserverError, match=r"pip install 'mapserver\[notebooks\]'"):
        importlib.import_module("mapserver.drawing.figures")


# -- the web map with a planner's own numbers -------------------------------------------------


def test_the_map_is_coloured_by_numbers_of_one_s_own(sample_city):
    areas = sample_city.neighborhoods
    share = pd.Series(np.linspace(0, 1, len(areas)), areas.index, name="내 비율")
    page = sample_city.map(color=share, unit="%").get_root().render()
    assert "내 비율" in page
    assert "100.0%" in page
    assert choropleth.pick_colours(5)[-1] in page


def test_values_of_other_places_are_refused_with_the_ids_that_there_are(sample_city):
    with pytest.raises(QueryError, match="yang"):
        sample_city.map(color=pd.Series([1.0], index=["nowhere"]))


def test_the_title_of_one_s_own_numbers_is_only_text(sample_city):
    areas = sample_city.neighborhoods
    evil = pd.Series(1.0, areas.index, name="</script>{{ 7*7 }}<img src=x>")
    page = sample_city.map(color=evil).get_root().render()
    assert "<img src=x>" not in page
    assert "{{ 7*7 }}" not in page
    assert ">49<" not in page


@pytest.mark.parametrize(
    ("unit", "step", "words"),
    [
        ("m", 500, ["0 – 500\xa0m", "500\xa0m – 1.0\xa0km", "1.0 – 1.5\xa0km"]),
        ("%", 0.1, ["0.0% – 10.0%", "10.0% – 20.0%", "20.0% – 30.0%"]),
        ("ha", 2, ["0 – 2\xa0ha", "2 – 4\xa0ha", "4 – 6\xa0ha"]),
        ("", 2, ["0 – 1", "2 – 3", "4 – 5"]),
    ],
)
def test_a_range_names_its_unit_once(unit, step, words):
    values = pd.Series(np.arange(6) * step)
    coloured = choropleth.colour_values(values, "t", choropleth.make_writer(unit), "ko")
    assert [text for _, text in coloured.scale.steps][:3] == words


def test_a_range_of_one_value_is_that_value():
    coloured = choropleth.colour_values(
        pd.Series([7.0, 7.0]), "t", choropleth.make_writer("곳"), "ko"
    )
    assert [text for _, text in coloured.scale.steps] == ["7\xa0곳"]


def test_an_area_too_small_for_its_name_has_it_beside_the_map_with_a_line():
    bent = box(126.80, 35.10, 126.90, 35.15) | box(126.80, 35.15, 126.82, 35.18)
    tiny = box(126.850, 35.150, 126.852, 35.152)
    areas = frame_of([bent, tiny], name=["Bent", "A very long name"])
    city = city_of(neighborhoods=areas)
    sheet = figures.area_map(city, title="t", lang="ko")
    axes = sheet.axes[0]
    shapes = areas.to_crs(city.metric_crs).geometry
    written = next(t for t in axes.texts if t.get_text() == "A very long name")
    corners = written.get_window_extent(sheet.canvas.get_renderer()).get_points()
    covered = box(*axes.transData.inverted().transform(corners).ravel())
    assert not any(covered.intersects(shape) for shape in shapes)
    (line,) = (LineString(line.get_xydata()) for line in axes.lines)
    assert line.intersects(shapes.iloc[1])
    assert line.distance(covered) < 0.02 * line.length


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "package"),
    [("สวนลุมพินี", "fonts-noto-core"), ("पार्क", "fonts-noto-core"), ("맨발 👣길", "fonts-symbola")],
)
def test_letters_that_no_font_has_are_said_with_the_font_to_install(monkeypatch, name, package):
    # As on a machine with our own fonts alone.
    ours = [f for f in font_manager.fontManager.ttflist if f.name in {"NanumGothic", "DejaVu Sans"}]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", ours)
    letters.find_families.cache_clear()
    areas = frame_of([box(126.80, 35.10, 126.85, 35.15)]).assign(name=[name])
    try:
        for draw in (
            lambda: figures.area_map(city_of(neighborhoods=areas), title="t"),
            lambda: figures.bars(pd.Series({name: 1.0}), title="t"),
        ):
            with pytest.warns(letters.MissingLetters, match=package) as said:
                draw()._repr_png_()
            assert len(said) == 1  # and nothing of glyphs
            assert name in str(said[0].message)
    finally:
        letters.find_families.cache_clear()


def test_letters_that_another_font_of_the_machine_has_are_drawn_with_it():
    base = tuple(make_style()["font.family"])
    have = letters._list_covered_letters(base)
    other = next(
        letter
        for font in font_manager.fontManager.ttflist
        for letter in letters._read_charmap(font.fname) - have
        if letter.isalpha()
    )
    families, missing = letters.find_families(base, frozenset(other))
    assert families[: len(base)] == base
    assert len(families) == len(base) + 1
    assert not missing


def test_a_figure_names_the_sources_of_what_is_counted_and_not_drawn(monkeypatch):
    areas = frame_of([box(126.80, 35.10, 126.85, 35.15)])
    shops = frame_of([Point(126.82, 35.12)], onnuri_card=["yes"])
    city = city_of(neighborhoods=areas, shops=shops, people=areas.assign(n=1))
    of_city = City.entry
    monkeypatch.setattr(
        City,
        "entry",
        lambda self, id_: structs.replace(of_city(self, id_), source=Title(id_ * 2)),
    )

    def named(**options):
        return " ".join(texts(figures.area_map(city, title="t", on_top=[], **options)))

    assert "shopsshops" not in named()
    assert "shopsshops" in named(values="membership_rate")
    assert "peoplepeople" in named(counted=["people"])


def test_a_figure_is_drawn_when_it_is_written_and_not_after_each_layer(monkeypatch):
    draws: list[FigureCanvasAgg] = []

    def draw(canvas: FigureCanvasAgg) -> None:
        draws.append(canvas)

    monkeypatch.setattr(FigureCanvasAgg, "draw", draw)
    areas = frame_of([box(126.80, 35.10, 126.85, 35.15)])
    sheet = figures.area_map(city_of(neighborhoods=areas), title="t")
    assert draws == []
    sheet.canvas.draw()
    assert draws == [sheet.canvas]
