"""Take the figures that docs/notebooks.md shows out of the notebooks, run on the sample city.

python scripts/make_figures.py
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/notebooks"
WIDTH = 900
FIGURES = {  # which figure of which notebook, from 0
    "reach-ko": ("02_who_can_walk", "ko", 1),
    "new-trails-ko": ("02_who_can_walk", "ko", 2),
    "membership-ko": ("03_shopping_districts", "ko", 0),
    "zones-en": ("05_zones", "en", 0),
}


def main() -> None:
    """Run the notebooks that are needed, once each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for notebook, lang in sorted({(name, lang) for name, lang, _ in FIGURES.values()}):
        pictures = run(notebook, lang)
        for file, (name, its_lang, number) in FIGURES.items():
            if (name, its_lang) == (notebook, lang):
                image = Image.open(io.BytesIO(pictures[number])).convert("RGB")
                image.thumbnail((WIDTH, WIDTH))
                image.quantize(128).save(FOLDER / f"{file}.png", optimize=True)


def run(name: str, lang: str) -> list[bytes]:
    """Run a notebook and give its figures as PNG."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source += f'\nLANG = "{lang}"'
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    found = [output for c in notebook.cells for output in c.get("outputs", [])]
    shown = [o["data"]["image/png"] for o in found if "image/png" in o.get("data", {})]
    return [base64.b64decode(picture) for picture in shown]


if __name__ == "__main__":
    main()
