"""A PostGIS of Debian's packages, on loopback in a temporary folder, with the exported layers."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.http.processes import NICENESS, Running, find_free_port, find_program, pin

PACKAGES = "postgresql postgresql-15-postgis-3"
NEAREST = """
CREATE FUNCTION pg_temp.nearest_trails(lon float DEFAULT 126.85, lat float DEFAULT 35.15)
RETURNS TABLE (id text, name text, distance_m float, geom geometry) AS $$
    SELECT id, name, ST_Distance(geom::geography, place.point::geography), geom
    FROM trails, (SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point) AS place
    ORDER BY geom <-> place.point LIMIT 1;
$$ LANGUAGE sql STABLE;
"""
"""The nearest trail as tipg offers functions: from a file that it runs when it connects."""


@contextlib.contextmanager
def run_postgis(folder: Path, layers: Path) -> Iterator[Running]:
    """Run a database with a table for each exported layer; yield it; it listens on ``port``.

    Parameters
    ----------
    folder
        For its files; whoever runs the database must be able to enter it.
    layers
        Folder of GeoJSON files.

    Raises
    ------
    LookupError
        PostgreSQL or PostGIS is not installed, or does not start.
    RuntimeError
        It does not take the layers.
    """
    programs = _find_programs()
    initdb, postgres = (find_program(name, PACKAGES, programs) for name in ("initdb", "postgres"))
    data, port, user = folder / "postgis", find_free_port(), _choose_user()
    data.mkdir()
    os.chown(data, pwd.getpwnam(user).pw_uid, -1)
    data.chmod(0o700)
    _run([initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"], user)
    command = [postgres, "-D", str(data), "-p", str(port), "-k", str(data), "-h", "127.0.0.1"]
    # The database shares the core of the server that asks it: all of a contestant has one core.
    with subprocess.Popen(
        pin([*command, "-F"], niceness=NICENESS),
        user=user,
        cwd=data,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            psql = find_program("psql", PACKAGES, programs)
            _wait_until_ready(psql, port)
            _query(psql, port, b"CREATE EXTENSION postgis;")
            for path in sorted(layers.glob("*.geojson")):
                _query(psql, port, write_table(path))
            _query(psql, port, b"VACUUM ANALYZE;")
            yield Running(process.pid, port, first_answer_s=0.0)
        finally:
            process.terminate()


def write_table(path: Path) -> bytes:
    """Write the SQL that makes a table of a GeoJSON file: its id, its properties, its shape."""
    features = json.loads(path.read_text("utf-8"))["features"]
    names = list(features[0]["properties"])
    kinds = {name: _choose_type([f["properties"][name] for f in features]) for name in names}
    columns = "".join(f', "{name}" {kinds[name]}' for name in names)
    table = path.stem
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for feature in features:
        values = [_write_cell(feature["properties"][name]) for name in names]
        writer.writerow([feature["id"], *values, json.dumps(feature["geometry"])])
    first_shape = next(feature["geometry"] for feature in features if feature["geometry"])
    shape_type = "GeometryZ" if _has_heights(first_shape["coordinates"]) else "Geometry"
    return (
        f'CREATE TABLE "{table}" (id text PRIMARY KEY{columns}, shape text);\n'
        f'COPY "{table}" FROM STDIN (FORMAT csv);\n{rows.getvalue()}\\.\n'
        f'ALTER TABLE "{table}" ADD geom geometry({shape_type}, 4326);\n'
        f'UPDATE "{table}" SET geom = ST_SetSRID(ST_GeomFromGeoJSON(shape), 4326);\n'
        f'ALTER TABLE "{table}" DROP shape;\n'
        f'CREATE INDEX ON "{table}" USING gist (geom);\n'
    ).encode()


def _choose_type(values: list[object]) -> str:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, bool) for value in present):
        return "boolean"
    if present and all(isinstance(value, int | float) for value in present):
        return "double precision"
    return "text"


def _has_heights(coordinates: list) -> bool:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return len(coordinates) == 3


def _write_cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict | list | bool) else value


def _find_programs() -> str:
    """Return the folder of the newest PostgreSQL that has PostGIS."""
    root = Path("/usr/lib/postgresql")
    versions = [path for path in root.glob("*") if (path / "lib" / "postgis-3.so").exists()]
    if not versions:
        raise LookupError(f"apt-get install {PACKAGES}   # PostGIS is missing")
    return str(max(versions, key=lambda path: int(path.name)) / "bin")


def _choose_user() -> str:
    """Return who runs the database, which refuses to be run by root."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _run(command: list[str], user: str) -> None:
    run = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/")
    if run.returncode:
        raise LookupError(f"PostgreSQL does not start: {run.stderr.strip()[-300:]}")


def _query(psql: str, port: int, sql: bytes) -> None:
    options = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]
    run = subprocess.run([psql, *options], input=sql, capture_output=True, check=False)
    if run.returncode:
        raise RuntimeError(f"PostGIS does not take the layers: {run.stderr.decode()[-300:]}")


def _wait_until_ready(psql: str, port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(subprocess.CalledProcessError):
            options = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
            subprocess.run([psql, *options, "-c", "SELECT 1"], check=True, capture_output=True)
            return
        time.sleep(0.05)
    raise LookupError("PostgreSQL does not start")
