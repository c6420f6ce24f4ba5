"""A PostgreSQL with PostGIS for tests: Debian's, on loopback, or one that the environment names."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

PACKAGES = "postgresql postgresql-15-postgis-3"
TEMPLATE = "maenballo_template"
RULES = ("--locale-provider=icu", "--icu-locale=ko-KR")
"""Texts are ordered by the rules of a country, as in most databases, and not by their letters."""
PASSWORD = "corr3ct-h@rse"  # noqa: S105 -- of a database that lives as long as the tests


@dataclass
class Server:
    """A running database server.

    Attributes
    ----------
    url
        Of its superuser, without a database.
    process
        None where ``MAPSERVER_TEST_POSTGIS`` names a server that is not ours.
    """

    url: str
    folder: Path | None = None
    command: list[str] = field(default_factory=list)
    user: str = ""
    process: subprocess.Popen | None = None
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.process = subprocess.Popen(  # noqa: S603 -- Debian's own programs
            self.command,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(400):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(f"{self.url}/postgres", connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        """Stop the server at once, as when its machine fails; its files stay."""
        self.process.send_signal(2)  # SIGINT: "fast", which ends every connection
        self.process.wait(20)

    def make_database(self) -> str:
        """Make a database with PostGIS; return its address."""
        name = f"maenballo_test_{os.getpid()}_{next(self.numbers)}"
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
        return f"{self.url}/{name}"

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(url.rpartition("/")[2])
                )
            )


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that has PostGIS; None where there is none."""
    root = Path("/usr/lib/postgresql")
    versions = [path for path in root.glob("*") if (path / "lib" / "postgis-3.so").exists()]
    return max(versions, key=lambda path: int(path.name)) / "bin" if versions else None


@contextlib.contextmanager
def run_server() -> Iterator[Server | None]:
    """Run a server as long as the block runs; None where there is none to be had."""
    if url := os.environ.get("MAPSERVER_TEST_POSTGIS"):
        server = Server(url.rstrip("/").rpartition("/")[0])
        _make_template(server)
        yield server
        return
    programs = find_programs()
    if programs is None:
        yield None
        return
    # PostgreSQL refuses to be run by root, and its user cannot enter the folders of pytest.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="maenballo-postgis-"))
    data = folder / "data"
    data.mkdir(mode=0o700)
    for path in (folder, data):
        os.chown(path, pwd.getpwnam(user).pw_uid, -1)
    port = _find_free_port()
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "-N"]
    subprocess.run(  # noqa: S603 -- Debian's own programs
        [programs / "initdb", "-D", data, "--locale=C.UTF-8", *RULES, *options],
        user=user,
        cwd="/",
        check=True,
        capture_output=True,
    )
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", data, "-h", "127.0.0.1"]
    escaped = PASSWORD.replace("@", "%40")
    server = Server(
        f"postgresql://postgres:{escaped}@127.0.0.1:{port}",
        folder,
        [*map(str, command), "-F", "-c", "max_connections=40"],
        user,
    )
    try:
        server.start()
        _make_template(server)
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make_template(server: Server) -> None:
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
        there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE])
        if there.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    with psycopg.connect(f"{server.url}/{TEMPLATE}", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")


def _find_free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])
