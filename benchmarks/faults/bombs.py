"""Small files that would become very large: each is refused or read, in bounded memory and time.

python -m benchmarks.faults.bombs
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from click.testing import CliRunner

from mapserver.city import open_city
from mapserver.commands import cli

MOST_MB, MOST_S = 500, 30
POINT = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(126.85, 35.14)], crs=4326)
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk>{}</trk></gpx>'
ZEROS, BLANKS = bytes(2**20), b" " * 2**20


def pack(path: Path, name: str, piece: bytes, times: int, stated: int | None = None) -> None:
    """Zip one member of many equal pieces, and have the archive state another size of it."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=times > 2000) as member,
    ):
        for _ in range(times):
            member.write(piece)
    if stated is not None:
        data = bytearray(path.read_bytes())
        at = data.index(b"PK\x01\x02")
        data[22:26] = data[at + 24 : at + 28] = struct.pack("<I", stated)
        path.write_bytes(data)


def make_workbook(path: Path, reference: str) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["lon", "lat"])
    book.active[reference] = 1
    book.save(path)


def make_equal_rows(path: Path, rows: int, text: str = "") -> None:
    """Write a Parquet file of rows that share one point and one text, which stand there once."""
    POINT.to_parquet(path)
    about = pq.read_schema(path).metadata
    indices = pa.array(np.zeros(rows, "int8"))
    point = pa.DictionaryArray.from_arrays(indices, pa.array([shapely.to_wkb(POINT.geometry[0])]))
    text_column = pa.DictionaryArray.from_arrays(indices, pa.array([text]))
    table = pa.table({"geometry": point, "name": text_column}).replace_schema_metadata(about)
    pq.write_table(table, path)


def make_endless_view(path: Path) -> None:
    POINT.to_file(path, layer="a")
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE VIEW v AS WITH RECURSIVE c(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM c)"
            " SELECT c.fid, a.geom FROM c JOIN a ON a.fid = 1"
        )
        database.execute("UPDATE gpkg_contents SET table_name = 'v', identifier = 'v'")
        database.execute("UPDATE gpkg_geometry_columns SET table_name = 'v'")
        database.commit()


def make_counted(path: Path, count: int) -> None:
    POINT.to_file(path, SPATIAL_INDEX="NO")
    data = path.read_bytes()
    at = data.index(struct.pack("<Q", 1), 12)
    path.write_bytes(data[:at] + struct.pack("<Q", count) + data[at + 8 :])


def make_ring(path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    book.add_sheet("s").write(0, 0, "lon")
    book.save(str(path))
    data = bytearray(path.read_bytes())
    (table,) = struct.unpack_from("<I", data, 76)
    (directory,) = struct.unpack_from("<I", data, 48)
    struct.pack_into("<I", data, (table + 1) * 512 + 4 * directory, directory)
    path.write_bytes(data)


def collection(features: str) -> str:
    return f'{{"type":"FeatureCollection","features":[{features}]}}'


def nest(tag: str, depth: int) -> str:
    return f"<{tag}>" * depth + f"</{tag}>" * depth


def list_layers(count: int) -> str:
    return "".join(f'[[layers]]\nid = "{n}"\nfile = "a.csv"\n' for n in range(count))


def own_columns(count: int) -> str:
    return collection(
        ",".join(
            f'{{"type":"Feature","geometry":null,"properties":{{"c{n}":1}}}}' for n in range(count)
        )
    )


BOMBS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "zip of 600 MB": ("a.zip", lambda p: pack(p, "a.shp", ZEROS, 600)),
    "zip of 400 MB that states 1 kB": (
        "b.zip",
        lambda p: pack(p, "b.shp", ZEROS, 400, 1000),
    ),
    "zip of 3 GB to be added": ("c.zip", lambda p: pack(p, "c.csv", ZEROS, 3000)),
    "KMZ of 300 MB": ("a.kmz", lambda p: pack(p, "doc.kml", BLANKS, 300)),
    "KMZ of 300 MB that states 1 kB": (
        "b.kmz",
        lambda p: pack(p, "doc.kml", BLANKS, 300, 1000),
    ),
    "KML of 1,900,000 elements": ("a.kml", lambda p: p.write_text(KML.format("<a/>" * 1_900_000))),
    "KML 500,000 deep": (
        "b.kml",
        lambda p: p.write_text(KML.format("<a>" * 500_000 + "</a>" * 500_000)),
    ),
    "workbook, one cell in XFD1048576": ("a.xlsx", lambda p: make_workbook(p, "XFD1048576")),
    "workbook, one cell in T1000000": ("b.xlsx", lambda p: make_workbook(p, "T1000000")),
    "old workbook that goes round": ("a.xls", make_ring),
    "Parquet of 100,000,000 equal rows": ("a.parquet", lambda p: make_equal_rows(p, 10**8)),
    "Parquet, 20,000 times one text of 1 MB": (
        "b.parquet",
        lambda p: make_equal_rows(p, 20_000, "가" * 350_000),
    ),
    "GeoPackage with an endless view": ("a.gpkg", make_endless_view),
    "FlatGeobuf that states 10^12 rows": ("a.fgb", lambda p: make_counted(p, 10**12)),
    "GeoJSON of 20,000 columns": ("a.geojson", lambda p: p.write_text(own_columns(20_000))),
    "GeoJSON 1,000,000 deep": (
        "b.geojson",
        lambda p: p.write_text(collection('{"geometry":' + "[" * 10**6)),
    ),
    "CSV of 1,000,000 columns": (
        "a.csv",
        lambda p: p.write_text("lon,lat" + ",a" * 10**6 + "\n126.8,35.1" + ",1" * 10**6),
    ),
    "GPX of 2 GB in gzip": (
        "a.gpx",
        lambda p: p.write_bytes(
            gzip.compress(GPX.format(" " * 1000).encode() + bytes(2**31 - 2**20))
        ),
    ),
    "GPX 500,000 deep": ("b.gpx", lambda p: p.write_text(GPX.format("<a>" * 500_000))),
    "catalogue, 300,000 brackets": ("catalog.toml", lambda p: p.write_text("x = " + "[" * 300_000)),
    "catalogue, key of 300,000 parts": (
        "catalog.toml",
        lambda p: p.write_text(".".join("a" * 300_000) + " = 1"),
    ),
    "catalogue, 25,000 layers": (
        "catalog.toml",
        lambda p: p.write_text(
            "".join(f'[[layers]]\nid="{n}"\nfile="a.csv"\n' for n in range(30_000))
        ),
    ),
}


def try_bomb(folder: Path, file: str, make: Callable[[Path], object]) -> dict[str, object]:
    """Make a city of one bomb in a process, check and add it in another; say how that went."""
    city = folder / "city"
    path = city / ("gpx" if file.endswith(".gpx") else "layers") / file
    path.parent.mkdir(parents=True, exist_ok=True)
    maker = os.fork()
    if maker == 0:
        make(path)
        os._exit(0)
    os.waitpid(maker, 0)
    out, into = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        answer = run("check", "--city", str(city))
        if path.suffix != ".toml":
            role = "trails" if path.suffix == ".gpx" else "layer"
            answer = run("add", str(path), "--as", role, "--city", str(folder / "new"))
        os.write(into, json.dumps(answer).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    about: dict[str, object] = json.loads(said) if said else {"fault": f"ended with {status}"}
    size = path.stat().st_size
    return about | {
        "kb": size / 1000,
        "mb": usage.ru_maxrss / 1024,
        "s": time.monotonic() - began,
    }


def run(*words: str) -> dict[str, object]:
    answer = CliRunner().invoke(cli.main, [*words, "--lang", "en"])
    is_fault = answer.exception is not None and not isinstance(answer.exception, SystemExit)
    lines = answer.stderr.strip().splitlines() or answer.output.strip().splitlines() or [""]
    return {"fault": repr(answer.exception) if is_fault else "", "said": lines[-1]}


def main() -> None:
    print(f"{'bomb':40} {'kB':>7} {'MB':>5} {'s':>5}  answer", flush=True)
    faults = 0
    with TemporaryDirectory(prefix="bombs-") as folder:
        warm = Path(folder, "warm")
        (warm / "layers").mkdir(parents=True)
        POINT.to_file(warm / "layers" / "a.geojson")
        open_city(warm).check()
        for number, (name, (file, make)) in enumerate(BOMBS.items()):
            about = try_bomb(Path(folder, str(number)), file, make)
            is_fault = bool(about["fault"]) or about["mb"] > MOST_MB or about["s"] > MOST_S
            faults += is_fault
            words = str(about["fault"] or about["said"]).removeprefix("mapserver: ")[:70]
            print(
                f"{name:40} {about['kb']:7,.0f} {about['mb']:5.0f} {about['s']:5.1f}"
                f"  {'FAULT: ' if is_fault else ''}{words}",
                flush=True,
            )
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
