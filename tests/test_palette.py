"""One place for colours: styles, scripts, figures and files take theirs from the palette."""

from __future__ import annotations

import ast
import re
import runpy

import pytest
from conftest import ROOT

from mapserver.settings import page_colors, palette

COLOR = re.compile(r"(?<![\w&-])#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
STATIC = ROOT / "mapserver" / "web" / "static"
SHEETS = [*STATIC.glob("*.css"), ROOT / "mapserver" / "report" / "page.css"]
WRITTEN = re.compile(r"/\* Colours: written.*?/\* End of the colours \*/", re.DOTALL)
IN_MARGINS = re.compile(r"@bottom-right \{[^}]*\}")
"""The margins of a printed page take no variables."""

DAY = page_colors.DAY
THEMES = {
    "day": DAY,
    "dark": {**DAY, **page_colors.NIGHT},
    "strong": {**DAY, **page_colors.STRONG_DAY},
    "strong, dark": {
        **DAY,
        **page_colors.NIGHT,
        **page_colors.STRONG_DAY,
        **page_colors.STRONG_NIGHT,
    },
}
TEXT, LARGE = 4.5, 3.0
"""Least contrasts of WCAG 2.2 AA: of text, and of large signs and borders of fields."""


def read_script() -> dict:
    return runpy.run_path(str(ROOT / "scripts" / "write_colors.py"))


def test_styles_and_scripts_have_the_colours_of_the_palette():
    for path, text in read_script()["render_all"]().items():
        message = f"{path}: write it anew with python scripts/write_colors.py"
        assert (ROOT / path).read_text("utf-8") == text, message


def test_no_other_module_of_python_has_a_colour():
    others = {
        (path.relative_to(ROOT).as_posix(), node.value)
        for path in (ROOT / "mapserver").rglob("*.py")
        if path.name not in {"palette.py", "page_colors.py"}
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and COLOR.fullmatch(node.value)
    }
    assert others == set()


def test_no_style_template_or_script_has_a_colour_of_its_own():
    pages = [path for path in (ROOT / "mapserver").rglob("templates/**/*") if path.is_file()]
    scripts = [x for x in (ROOT / "frontend").rglob("*.js") if "node_modules" not in x.parts]
    others = {}
    for path in (*SHEETS, *pages, *scripts, ROOT / "mapserver" / "report" / "page.html"):
        if path.name == "colors.js":
            continue
        text = IN_MARGINS.sub("", WRITTEN.sub("", path.read_text("utf-8")))
        if colors := COLOR.findall(re.sub(r"href=.#\w+", "", text)):
            others[path.relative_to(ROOT).as_posix()] = colors
    assert others == {}


def test_pictures_and_margins_that_take_no_variables_have_colours_of_the_palette():
    for name in ("favicon.svg", "way.svg"):
        icon = (STATIC / name).read_text("utf-8")
        assert COLOR.findall(icon) == [palette.CLAY_DEEP, palette.ON_CLAY]
    report = (ROOT / "mapserver" / "report" / "page.css").read_text("utf-8")
    assert COLOR.findall(IN_MARGINS.search(report)[0]) == [palette.SOFT]


@pytest.mark.parametrize(
    "names",
    [
        ("site.css", "content.css", "home.css", "trail.css", "board.css", "poster.css", "map.css"),
        ("map.css", "planner.css", "onefile.css"),
        ("../../report/page.css",),
    ],
)
def test_every_variable_of_a_style_is_one_that_a_style_or_a_script_sets(names):
    text = "".join((STATIC / name).read_text("utf-8") for name in names)
    from_scripts = {"layer", "on-layer", "on-paper"}
    from_scripts |= {"color-trails", "on-trails", "color-districts"}  # map/furniture.js
    from_scripts |= {"sheet"}  # home/sheet.js
    from_scripts |= {"ground-name", "ground-halo"}  # pages/backdrop.js
    from_scripts |= {f"inset-{side}" for side in ("top", "right", "bottom", "left")}
    used = set(re.findall(r"var\(--([\w-]+)", text)) - from_scripts
    assert used <= set(re.findall(r"--([\w-]+):", text))


def test_every_colour_is_used():
    files = [*SHEETS, *(ROOT / "mapserver").rglob("*.py"), *(ROOT / "mapserver").rglob("*.svg")]
    files += [*(ROOT / "mapserver").rglob("*.html"), *(ROOT / "scripts").glob("*.py")]
    text = "".join(WRITTEN.sub("", path.read_text("utf-8")) for path in files)
    script = "".join(x.read_text("utf-8") for x in (ROOT / "frontend").glob("*/*.js"))
    colors = [name for name, value in vars(palette).items() if COLOR.fullmatch(str(value))]
    unused = [
        name
        for name in colors
        if len(re.findall(rf"\b{name}\b", text)) < 2
        and f"--{name.lower().replace('_', '-')})" not in text
    ]
    assert unused == []
    assert [name for name in palette.SCRIPTS if name not in script] == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "grounds", "least"),
    [
        ("ink", ("ground", "paper"), TEXT),
        ("ink2", ("ground", "paper"), TEXT),
        ("ink3", ("paper",), TEXT),
        ("clay-text", ("paper",), TEXT),
        ("on-clay", ("clay",), TEXT),
        *((sign, (f"{sign}-wash",), TEXT) for sign in ("open", "soon", "shut", "unknown")),
        *((sign, (f"{sign}-wash",), TEXT) for sign in ("water", "wc", "lamp", "shop")),
        ("focus", ("paper",), LARGE),
        ("edge", ("paper",), LARGE),
    ],
)
def test_pages_can_be_read_by_day_in_the_dark_and_by_weak_eyes(theme, text, grounds, least):
    colors = THEMES[theme]
    if theme.startswith("strong") and text in page_colors.STRONG_DAY and least == TEXT:
        least = 7.0  # AAA, for those who ask for more
    for ground in grounds:
        assert palette.compute_contrast(colors[text], colors[ground]) >= least, ground


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("WHITE", "NIGHT"),
        ("EDGE", "SHUT"),
        *(("WHITE", kind) for kind in ("WATER", "LAMP")),
        ("FIGURE_INK", "WHITE"),
        ("FIGURE_SOFT", "WHITE"),
        ("STYLE_INK", "WHITE"),
        ("PROFILE_INK", "PAPER"),
        ("FAILURE", "FAILURE_GROUND"),
        ("INK", "CODE"),
        ("INK", "CODE_WORD"),
        ("INK", "PRINTED"),
        ("INK", "OWN_GROUND"),
    ],
)
def test_signs_names_and_reports_can_be_read(text, ground):
    colors = vars(palette)
    assert palette.compute_contrast(colors[text], colors[ground]) >= TEXT


@pytest.mark.parametrize(
    ("color", "other", "ratio"),
    [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#abcdef", "#abcdef", 1.0)],
)
def test_contrast_is_that_of_wcag(color, other, ratio):
    assert palette.compute_contrast(color, other) == pytest.approx(ratio, abs=0.005)
    assert palette.compute_contrast(other, color) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("ground", ["#ffdd00", "#123456", "#888888", "#b4532a", "#00e5a0"])
def test_what_is_drawn_on_a_colour_can_be_seen(ground):
    assert palette.compute_contrast(palette.choose_text_color(ground), ground) >= 4
