"""Recipes of ARCHITECTURE, followed to the letter: the lines that each row adds to its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

KOREAN = "mapserver/translations/ko/LC_MESSAGES/messages.po"


@dataclass(frozen=True)
class Edit:
    """Lines that a recipe adds to a file.

    Attributes
    ----------
    path
        The file, from the root of the repository.
    text
        The lines, in a file of their own or at the end of one unless a place is said.
    after, before
        What the line says after or before which they stand; only one line of the file says it.
    """

    path: str
    text: str
    after: str = ""
    before: str = ""

    @property
    def line_count(self) -> int:
        """How many lines it adds."""
        return len(self.text.strip("\n").splitlines())

    def apply(self, root: Path) -> None:
        """Add the lines to the file of a copy of the repository."""
        path = root / self.path
        lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        anchor = self.after or self.before
        places = [number for number, line in enumerate(lines) if anchor and anchor in line]
        assert len(places) == bool(anchor), f"{self.path}: {len(places)} lines say {anchor!r}"
        place = places[0] + bool(self.after) if anchor else len(lines)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join([*lines[:place], self.text.lstrip("\n"), *lines[place:]]), "utf-8")


def translate(**texts: str) -> Edit:
    """Return the Korean of new English texts, whose blanks are written as underscores."""
    pairs = [(english.replace("_", " "), korean) for english, korean in texts.items()]
    return Edit(KOREAN, "".join(f'\nmsgid "{en}"\nmsgstr "{ko}"\n' for en, ko in pairs))


def write_notebook(*cells: tuple[str, str]) -> str:
    """Write a notebook of texts and code, whose first cell of code holds the parameters."""
    tags = iter([["parameters"]])
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "id": f"c{number}", "metadata": {}, "source": text}
                if kind == "text"
                else {
                    "cell_type": "code",
                    "id": f"c{number}",
                    "metadata": {"tags": next(tags, [])},
                    "execution_count": None,
                    "outputs": [],
                    "source": text,
                }
                for number, (kind, text) in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"display_name": "", "language": "", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


RECIPES: dict[str, tuple[Edit, ...]] = {}
"""What each row of the table asks for, by the first cell of the row."""

RECIPES["a layer role"] = (
    Edit(
        "mapserver/model/roles.py",
        """
register_role(
    "parks",
    RoleRow(
        noun="park",
        title=Title(N_("City parks")),
        word=N_("City park"),
        dimension=2,
        id_columns=("parkcode",),
        names="required",
        has_pages=True,
        is_listed=True,
        color="#2f7d32",
        is_shown=True,
    ),
)
""",
        before="Role.LAYER = register_role(",
    ),
    translate(City_park="공원 한 곳", City_parks="도시공원"),
)

RECIPES["a language"] = (
    Edit(
        "mapserver/text/languages.py",
        """
GERMAN = register_language(
    Language(
        code="de",
        name="Deutsch",
        scripts=frozenset({"LATIN"}),
        terms={"trail": ("(?:Barfuß)?Weg", "(?:Barfuß)?Wege")},
    )
)
""",
        before="DEFAULT = KOREAN.code",
    ),
    Edit(
        "mapserver/translations/de/LC_MESSAGES/messages.po",
        """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Trails"
msgstr "Wege"

msgid "Barefoot trails"
msgstr "Barfußwege"

msgid "No signal"
msgstr "Kein Netz"

msgid "{length} from end to end, towards the {direction}."
msgstr "{length} von Ende zu Ende, nach {direction}."

msgid "it is not said in which format"
msgstr "das Format ist nicht genannt"
""",
    ),
)

RECIPES["a format of files in"] = (
    Edit(
        "mapserver/readers/vector/geojson_lines.py",
        '''
"""Read GeoJSON with a feature on each line and nothing around them."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd

from mapserver.files.sizes import require_size
from mapserver.readers.vector.source import Source


def read_geojson_lines(path: Path, *, name: str) -> Source:
    """Read the features of a file, one a line, in degrees on WGS 84."""
    require_size([path], name)
    lines = path.read_text("utf-8").splitlines()
    features = [json.loads(line) for line in lines if line.strip()]
    return Source(gpd.GeoDataFrame.from_features(features), implied=True)
''',
    ),
    Edit(
        "mapserver/readers/vector/__init__.py",
        "from mapserver.readers.vector.geojson_lines import read_geojson_lines\n",
        after="from mapserver.readers.vector.geojson import read_geojson",
    ),
    Edit(
        "mapserver/readers/vector/__init__.py",
        """
        case ".geojsonl":
            source = read_geojson_lines(path, name=name)
""",
        before='case ".kml" | ".kmz":',
    ),
    Edit("mapserver/model/catalog.py", '    ".geojsonl",\n', after="SUFFIXES = ("),
)

RECIPES["a format of files out"] = (
    Edit(
        "mapserver/writers/geojson_lines.py",
        '''
"""GeoJSON with a feature on each line and nothing around them, for tools that read streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mapserver.model import Features, Layer, encode
from mapserver.text.findings import Finding
from mapserver.writers.columns import flatten_frame, format_times
from mapserver.writers.layer import WriteOptions


def write_geojson_lines(
    layers: Sequence[Layer], path: Path, options: WriteOptions
) -> list[Finding]:
    """Write one layer, a feature a line."""
    del options  # nothing to choose
    (layer,) = layers
    rows = Features(format_times(flatten_frame(layer.frame)), heights=True)
    path.write_bytes(b"".join(encode(rows.feature(row)) + b"\\n" for row in range(len(rows))))
    return []
''',
    ),
    Edit(
        "mapserver/writers/__init__.py",
        "from mapserver.writers import geojson_lines\n",
        after="from mapserver.text.findings import Finding",
    ),
    Edit("mapserver/writers/__init__.py", '    GEOJSONL = "geojsonl"\n', after='= "geojson"'),
    Edit(
        "mapserver/writers/__init__.py",
        '    Format.GEOJSONL: FormatTraits(geojson_lines.write_geojson_lines, (".geojsonl",)),\n',
        before="Format.GEOJSON: ",
    ),
)

RECIPES["a check of the data"] = (
    Edit(
        "mapserver/check/places.py",
        "    yield from _check_tiny_districts(survey)\n",
        before="yield from _check_trails_outside(survey)",
    ),
    Edit(
        "mapserver/check/places.py",
        '''


TINY_M2 = 100


def _check_tiny_districts(survey: Survey) -> Iterator[Finding]:
    """Report districts that have less ground than a shop."""
    districts = survey.find_subject(Role.DISTRICTS)
    if districts is None:
        return
    areas_m2 = geodesy.area_m2(districts.geometries)
    for position in np.flatnonzero((areas_m2 > 0) & (areas_m2 < TINY_M2)):
        yield districts.report_one(
            position,
            Severity.WARNING,
            "district-tiny",
            N_("the district has {area} m² of ground"),
            N_("Check its outline"),
            area=round(float(areas_m2[position])),
        )
''',
    ),
    Edit(
        KOREAN,
        """
msgid "the district has {area} m² of ground"
msgstr "상점가의 넓이가 {area} m²뿐입니다"

msgid "Check its outline"
msgstr "경계를 확인하세요"
""",
    ),
)

RECIPES["an endpoint"] = (
    Edit(
        "mapserver/web/api/queries.py",
        '''
def answer_surfaces(question: Question) -> Document:
    """Answer how many metres of the trails have which surface."""
    table = question.served.city.sum_surfaces()
    return Document({"surfaces": answers.round_answers(table).to_dict("records")}, "")


''',
        before="SEARCH = (",
    ),
    Edit(
        "mapserver/web/api/queries.py",
        """
    Operation(
        "getSurfaces",
        "/surfaces",
        "How many metres of the trails have which surface",
        (JSON,),
        answer_surfaces,
        tag="Queries",
    ),
""",
        after="OPERATIONS = (",
    ),
    Edit(
        "mapserver/model/snapshot.py",
        '''

    def sum_surfaces(self) -> pd.DataFrame:
        """Add up the lengths of the trails by surface: ``surface`` and ``distance_m``."""
        trails = self.trails
        if trails is None or "surface" not in trails:
            return pd.DataFrame({"surface": [], "distance_m": []})
        lengths_m = trails.groupby("surface")["length_m"].sum()
        return lengths_m.rename("distance_m").reset_index()
''',
    ),
)

RECIPES["an analysis"] = (
    Edit(
        "mapserver/analysis/benches.py",
        '''
"""Benches: how far one walks from one to the next."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from mapserver.analysis.frames import convert_indexed_layer, convert_layer


def count_by_trail(trails: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the benches of each trail.

    Parameters
    ----------
    trails
        Lines in any CRS, indexed by id, with ``length_m``.
    facilities
        Points with ``kind`` and ``trail``, the id of the trail that they belong to.

    Returns
    -------
    DataFrame
        Indexed as the trails: ``benches``, and ``bench_every_m``, NaN without a bench.

    Raises
    ------
    CrsError
        A layer has no CRS.
    """
    trails = convert_indexed_layer(trails, "trails")
    facilities = convert_layer(facilities, "facilities")
    counts = facilities.loc[facilities["kind"] == "bench", "trail"].value_counts()
    benches = counts.reindex(trails.index).fillna(0).astype(int)
    spacings_m = (trails["length_m"] / benches).where(benches > 0)
    return pd.DataFrame({"benches": benches, "bench_every_m": spacings_m})
''',
    ),
    Edit(
        "mapserver/analysis/__init__.py",
        "| how often can one sit down | ``benches.count_by_trail`` |\n",
        after="| which districts are a short walk away |",
    ),
    Edit(
        "docs/analysis.md",
        """
## Benches

| | |
|---|---|
| question | How far does one walk from one bench to the next? |
| functions | `benches.count_by_trail` |
| method | The length of a trail by the number of its benches. |
| units | metres; counts |
| limits | Benches stand in groups; the mean says nothing of the longest way. |

""",
        before="## Shops",
    ),
    Edit(
        "docs/reference/index.rst",
        "   mapserver.analysis.benches\n",
        after="   mapserver.analysis.trails",
    ),
)

RECIPES["a figure for print"] = (
    Edit(
        "mapserver/drawing/figures/dots.py",
        '''
"""Draw numbers as dots on one line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mapserver.drawing.figures.letters import use_style
from mapserver.drawing.figures.sheet import (
    INK,
    WIDTH_IN,
    Sheet,
    make_style,
    wrap_text,
    write_source,
    write_title,
)
from mapserver.text import language
from mapserver.text.languages import DEFAULT


def dots(
    values: pd.Series, *, title: str, source: str = "", lang: str = DEFAULT
) -> Sheet:
    """Draw a dot for each number, the smallest on the left."""
    del lang  # a dot has no words
    with use_style(make_style(), [title, source]):
        sheet = Sheet(WIDTH_IN, 1.8)
        axes = sheet.add_axes((0.04, 0.35, 0.92, 0.3))
        axes.scatter(values, np.zeros(len(values)), color=INK, s=12)
        axes.set_yticks([])
        write_title(sheet, wrap_text(title, WIDTH_IN - 0.3, 12.5, bold=True))
        write_source(sheet, wrap_text(source, WIDTH_IN - 0.3, 6.5))
    return sheet
''',
    ),
    Edit(
        "mapserver/drawing/figures/__init__.py",
        "    from mapserver.drawing.figures.dots import dots\n",
        after="from mapserver.drawing.figures.bars import bars",
    ),
)

RECIPES["a notebook"] = (
    Edit(
        "notebooks/07_benches.ipynb",
        write_notebook(
            ("text", "# 어디서 쉬나?\n### Where does one sit down?"),
            ("code", 'CITY = ".."\nOUT = ""\nLANG = "ko"\nDAY = None\nEVERY_M = 300'),
            (
                "code",
                "from mapserver import figures\n"
                "from mapserver.analysis import benches\n"
                "from mapserver.headings import headed\n"
                "from mapserver.report.notebook import start_notebook\n"
                "from mapserver.tables import keep\n\n"
                "city, day = start_notebook(globals())\n"
                "table = benches.count_by_trail(city.trails, city.facilities)\n"
                'keep(table, OUT, "benches")\n'
                'display(headed(table[table["bench_every_m"] > EVERY_M], LANG))\n'
                'figures.dots(table["bench_every_m"].dropna(), title="벤치 / Benches")',
            ),
        ),
    ),
    Edit(
        "mapserver/report/notebook_rules.py",
        '    "EVERY_M": lambda name, value: arguments.read_number(value, name),\n',
        after='"TOP": lambda name, value',
    ),
    Edit(
        "docs/notebooks.md",
        "| [07_benches](../notebooks/07_benches.ipynb) | Where does one sit down? | `benches` |\n",
        after="[06_your_own_layer](../notebooks/06_your_own_layer.ipynb)",
    ),
)

RECIPES["a column of the trail register"] = (
    Edit(
        "mapserver/readers/register/column_names.py",
        '    "signs": ("안내판", "안내판수", "안내판 수", "sign count"),\n',
        after="REGISTER_COLUMNS: Synonyms = {",
    ),
    Edit(
        "mapserver/drawing/trail_description.py",
        """
    signs_text = read_cell_text(row.get("signs"))
    if signs_text:
        sentences.append(fill(say(N_("It has {count} signs.")), {"count": signs_text}))
""",
        before="ascent, descent = row.get(",
    ),
    Edit(KOREAN, '\nmsgid "It has {count} signs."\nmsgstr "안내판이 {count}개 있습니다."\n'),
)

RECIPES["what a card or a list says"] = (
    Edit(
        "mapserver/drawing/captions.py",
        '                (N_("Cared for by"), read_cell_text(row.get("carer"))),\n',
        after='(N_("Opened"), read_cell_text(row.get("opened"))),',
    ),
    Edit(
        "mapserver/drawing/captions.py",
        '                read_cell_text(row.get("carer")),\n',
        before="*(say(label) for label, kind in offers",
    ),
    translate(Cared_for_by="돌보는 곳"),
)

RECIPES["a kind of facility, a word for one"] = (
    Edit(
        "mapserver/model/facilities.py",
        '    Kind(N_("swing"), ("그네", "흔들의자", "swings")),\n',
        after="KINDS = (",
    ),
    translate(swing="그네"),
    Edit(
        "frontend/map/pictograms.js",
        '  swing: "M4 3h16v2h-3v12H7V5H4zM9 5v10h6V5z",\n',
        after="export const PICTOGRAMS = {",
    ),
)

RECIPES["a script of a page"] = (
    Edit(
        "frontend/pages/count.js",
        """
// Says how many trails the list has.

import { createElement } from "../dom.js";

const list = document.querySelector(".cards");
if (list) list.before(createElement("p", "counted", String(list.children.length)));
""",
    ),
    Edit(
        "mapserver/web/templates/trails.html",
        "<script defer src=\"{{ root }}{{ asset('count.js').url }}\"></script>\n",
        after="{% block more_head %}",
    ),
    Edit("mapserver/web/pages/offline.py", '    "count.js",\n', after='    "trail.js",'),
)

RECIPES["a text on the page"] = (
    Edit(
        "mapserver/web/templates/offline.html",
        '<p>{{ _("Please look again later") }}</p>\n',
        after="{% block main %}",
    ),
    translate(Please_look_again_later="나중에 다시 보아 주세요"),
)

RECIPES["a command"] = (
    Edit(
        "mapserver/commands/count.py",
        '''
"""``mapserver count``: how many features each layer has."""

from __future__ import annotations

from pathlib import Path

import click

from mapserver.commands.options import city_option, lang_option, open_wished_city


@click.command("count")
@city_option
@lang_option
def count_features(city: Path | None, lang: str) -> None:
    """Print how many features each layer has.

    \\b
    Example:
      mapserver count --city seogu
    """  # noqa: D301 -- click reads \\b as a mark
    opened_city = open_wished_city(city)
    for id_, frame in opened_city.layers.items():
        click.echo(f"{opened_city.entry(id_).title.in_language(lang)}: {len(frame)}")
''',
    ),
    Edit(
        "mapserver/commands/cli.py",
        '    "count": "count.count_features",\n',
        after="COMMANDS = {",
    ),
)

RECIPES["a ledger"] = (
    Edit(
        "mapserver/model/ledgers.py",
        "    read_amount,\n",
        after="from mapserver.text.ledger_words import (",
    ),
    Edit(
        "mapserver/model/ledgers.py",
        """

VISITORS = register_ledger(
    Ledger(
        id="visitors",
        title=Title(N_("Counted visitors")),
        columns={
            "trail_id": TRAIL,
            "counted": LedgerColumn(
                words=("방문자 수",),
                read=_without_zone(read_amount),
                mend=WRITE_NUMBER,
                is_number=True,
            ),
        },
    )
)
""",
    ),
    Edit(
        "docs/ledgers.md",
        "| `visitors` | one count at a trail | **trail_id**, counted |\n",
        after="| `holidays` |",
    ),
    translate(Counted_visitors="방문자 수"),
)

RECIPES["a limit"] = (
    Edit(
        "mapserver/settings/limits/showing.py",
        """
MAX_COUNTED_LAYERS = 1_000
\"\"\"Layers that are counted: nobody reads more lines.\"\"\"
""",
    ),
    Edit(
        "docs/limits.md",
        "| `MAX_COUNTED_LAYERS` | 1,000 | Layers that are counted: nobody reads more lines. |\n",
    ),
)

RECIPES["a colour"] = (
    Edit(
        "mapserver/settings/palette.py",
        """
LICHEN = "#6d7f4a"
\"\"\"Stones beside a trail.\"\"\"
""",
        after="NOTE, NOTE_INK =",
    ),
    Edit(
        "mapserver/settings/palette.py",
        '                **_select("lichen"),\n',
        after='**_select("night", "no-value"',
    ),
    Edit(
        "mapserver/web/static/map.css",
        "  --lichen: #6d7f4a;\n",
        after="--area-edge: ",
    ),
)
