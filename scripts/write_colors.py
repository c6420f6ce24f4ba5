"""Write the colours that styles and scripts take, from the palette.

    python scripts/write_colors.py

``tests/test_colors.py`` holds the files equal to what this writes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from mapserver.settings import palette
from mapserver.settings.palette import Rule

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "frontend/colors.js"

FIRST = "/* Colours: written from mapserver/settings/palette.py by scripts/write_colors.py */"
LAST = "/* End of the colours */"


def render_rule(rule: Rule) -> str:
    """Render a rule with its colours as properties."""
    body = "".join(f"  --{name}: {color};\n" for name, color in rule.colors.items())
    text = f"{rule.selector} {{\n{body}}}\n"
    if not rule.media:
        return text
    return f"@media {rule.media} {{\n{re.sub(r'^', '  ', text, flags=re.MULTILINE).rstrip()}\n}}\n"


def render_style(path: str) -> str:
    """Return a style sheet with the colours of the palette in place of those that it has."""
    text = (ROOT / path).read_text("utf-8")
    before, mark, after = text.partition(FIRST)
    assert mark, f"{path} has no place for colours: {FIRST}"
    rules = "".join(map(render_rule, palette.STYLES[path]))
    return f"{before}{FIRST}\n{rules}{LAST}{after.partition(LAST)[2]}"


def render_script() -> str:
    """Return the module of colours for scripts."""
    lines = [
        "// Colours for Leaflet, which takes no variables of CSS. Layers bring their own.",
        "// Written from mapserver/settings/palette.py by scripts/write_colors.py.",
        "",
        *(f'export const {name} = "{color}";' for name, color in palette.SCRIPTS.items()),
        "",
        "/** The colours that folium.Icon names. @type {Record<string, string>} */",
        "export const FOLIUM_PINS = {",
        *(f"  {name}: {json.dumps(color)}," for name, color in palette.FOLIUM_PINS.items()),
        "};",
        "",
        "/** Colours of a backdrop of one's own. @type {Record<string, Record<string, string>>} */",
        "export const STREETS = {",
        *(f"  {name}: {json.dumps(dict(colors))}," for name, colors in palette.STREETS.items()),
        "};",
    ]
    return "\n".join(lines) + "\n"


def render_all() -> dict[str, str]:
    """Return what each file should hold, by its path."""
    return {**{path: render_style(path) for path in palette.STYLES}, SCRIPT: render_script()}


if __name__ == "__main__":
    for path, text in render_all().items():
        (ROOT / path).write_text(text, "utf-8")
