"""The small tables and the catalogue of the sample city: welfare centres, dated tables, ledgers."""

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
        One row for each neighbourhood, as ``layers/services.csv`` has it: what all of them offer,
        then what is made up for this one. Empty cells are left so: pages say that it is not known.
    """
    programmes = read_facts("services_programmes.csv")
    facts = read_facts("services.csv")
    centres = facts.assign(
        programmes=[", ".join(filter(None, (*programmes["name"], more))) for more in facts["more"]],
        programmes_en=[
            ", ".join(filter(None, (*programmes["name_en"], more))) for more in facts["more_en"]
        ],
        sample="yes",
    )
    starts = ["id", "name", "name_en", "neighborhood", "programmes", "programmes_en", "phone"]
    ends = ["address", "address_en", "hours", "hours_en", "lunch", "lunch_en"]
    return centres[[*starts, *ends, "lon", "lat", "sample"]]


def write_tables(layers: Path) -> None:
    """Write services, programmes, dated tables, inspections and the catalogue to ``layers/``."""
    write_csv(services(), layers / "services.csv")
    programmes = read_facts("programmes.csv").assign(sample="yes")
    write_csv(programmes, layers / "programmes.csv")
    write_csv(read_facts("closures.csv").assign(sample="yes"), layers / "closures.csv")
    # All of them lie in the past: nobody shall take a made-up offer for one that holds.
    write_csv(read_facts("benefits.csv").assign(sample="yes"), layers / "benefits.csv")
    # Plausible and made up, as their source says: two trails have none, so that this can be seen.
    inspections = read_facts("inspections.csv").assign(sample="yes")
    write_csv(inspections, layers / "inspections.csv")
    holidays = read_facts("holidays.csv").assign(source="견본, 확인 전", sample="yes")
    write_csv(holidays, layers / "holidays.csv")
    write_csv(read_facts("soil.csv").assign(sample="yes"), layers / "soil.csv")
    (layers / "catalog.toml").write_bytes(CATALOG.read_bytes())


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 with a byte order mark, without which Excel garbles Korean."""
    path.write_text(table.to_csv(index=False, lineterminator="\n"), "utf-8-sig", newline="")
