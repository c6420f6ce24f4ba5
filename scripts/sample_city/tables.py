"""The small tables and the catalogue of the sample city: welfare centres, closures, benefits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FACTS = Path(__file__).parent / "facts"
CATALOG = FACTS / "catalog.toml"


def read_facts(name: str) -> pd.DataFrame:
    """Read a table of facts as text, with empty cells as empty text."""
    return pd.read_csv(FACTS / name, dtype=str, keep_default_na=False)


def services() -> pd.DataFrame:
    """Give the welfare centres with the programmes that one applies for there.

    Returns
    -------
    DataFrame
        One row for each neighbourhood, as ``layers/services.csv`` has it.
    """
    programmes = read_facts("services_programmes.csv")
    centres = read_facts("services.csv").assign(
        programmes=", ".join(programmes["name"]),
        programmes_en=", ".join(programmes["name_en"]),
        phone="",
        sample="yes",
    )
    ends = ["phone", "lon", "lat", "sample"]
    starts = ["id", "name", "name_en", "neighborhood", "programmes", "programmes_en"]
    return centres[starts + ends]


def write_tables(layers: Path) -> None:
    """Write services, closures, benefits and the catalogue into the folder ``layers/``."""
    write_csv(services(), layers / "services.csv")
    write_csv(read_facts("closures.csv").assign(sample="yes"), layers / "closures.csv")
    # All of them lie in the past: nobody shall take a made-up offer for one that holds.
    write_csv(read_facts("benefits.csv").assign(sample="yes"), layers / "benefits.csv")
    (layers / "catalog.toml").write_bytes(CATALOG.read_bytes())


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 with a byte order mark, without which Excel garbles Korean."""
    path.write_text(table.to_csv(index=False, lineterminator="\n"), "utf-8-sig", newline="")
