"""What is handed to operators: files that their tools accept, and that do what they say."""

from __future__ import annotations

import configparser
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import PATIENCE_S
from conftest import ROOT

DEPLOY = ROOT / "deploy"
SITE = {"SITE": "walk.example", "UPSTREAM": "127.0.0.1:8000", "SITE_FOLDER": "/srv"}


def require(tool: str) -> str:
    path = shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"needs {tool} on the path")
    return path


def run(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(  # noqa: S603 -- tools of this machine, files of ours
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environ,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# -- accepted by their own tools ---------------------------------------------------------------


def test_the_container_file_has_no_fault_that_hadolint_knows():
    run(require("hadolint"), DEPLOY / "Containerfile")


def test_the_composition_fits_its_schema():
    run(
        require("check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        DEPLOY / "compose.yaml",
    )


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.static"])
def test_caddy_takes_its_file(name):
    run(require("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / name, **SITE)


def test_nginx_takes_its_file(tmp_path):
    run(require("nginx"), "-t", "-c", nginx_file(tmp_path, 8080, 8000))


def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path):
    systemd = require("systemd-analyze")
    unit = tmp_path / "maenballo.service"
    text = (DEPLOY / unit.name).read_text("utf-8")
    unit.write_text(text.replace("/opt/maenballo/bin/mapserver", sys.executable), "utf-8")
    run(systemd, "verify", unit)
    said = run(systemd, "security", "--offline=yes", unit)
    exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", said)[1])
    assert exposure <= 1.5, said
    lines = text.splitlines()
    for guard in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert guard in lines
    assert any(line.startswith("SystemCallFilter=@system-service") for line in lines)
    assert any(line.startswith("ExecReload=") and "-HUP" in line for line in lines)


# -- what they promise -------------------------------------------------------------------------


def instructions(name: str = "Containerfile") -> list[str]:
    text = re.sub(r"\\\n\s*", "", (DEPLOY / name).read_text("utf-8"))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_container_runs_as_nobody_and_takes_every_package_by_its_hash():
    lines = instructions()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM")) :]
    assert any(re.fullmatch(r"USER [1-9]\d+:[1-9]\d+", line) for line in last_stage)
    assert not any("pip install" in line for line in last_stage)
    installs = [line for line in lines if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    copied = {part for line in lines if line.startswith("COPY ") for part in line.split()[1:-1]}
    assert [part for part in copied if part[0] not in "/-" and not (ROOT / part).exists()] == []


def test_every_container_is_read_only_and_has_no_rights_that_it_does_not_need():
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"map", "mapserver", "cache", "caddy"}
    for name, service in services.items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "mem_limit" in service
        assert ("ports" in service) == (name == "caddy")
    assert all(volume["read_only"] for volume in services["map"]["volumes"])


def test_where_inspectors_write_the_server_may_write_the_city_and_nothing_else():
    yaml = pytest.importorskip("yaml")
    unit = (DEPLOY / "maenballo.service").read_text("utf-8")
    assert "ReadWritePaths" not in unit
    drop_in = configparser.ConfigParser(strict=True)
    drop_in.optionxform = str
    drop_in.read(DEPLOY / "checking.conf", "utf-8")
    city = re.search(r"MAPSERVER_CITY=(\S+)", unit)[1]
    # A user of the moment would own what was written, and be somebody else after the next start.
    owner = {"DynamicUser": "no", "User": "maenballo", "Group": "maenballo", "UMask": "0022"}
    assert dict(drop_in["Service"]) == owner | {"ReadWritePaths": city}
    # What a user of the moment brings along must stand in the unit itself.
    for guard in ("ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "RemoveIPC=yes"):
        assert guard in unit.splitlines()
    files = [DEPLOY / "compose.yaml", DEPLOY / "compose.checking.yaml"]
    before, more = (yaml.safe_load(path.read_text("utf-8"))["services"] for path in files)
    assert set(more) == {"map", "mapserver"}
    assert set(more["map"]) == {"user", "environment", "volumes"}
    [mount], [old_mount] = more["map"]["volumes"], before["map"]["volumes"]
    assert mount == old_mount | {"read_only": False}
    assert more["map"]["user"] == before["mapserver"]["user"]


def test_systemd_takes_the_file_that_lets_inspectors_write(tmp_path):
    systemd = require("systemd-analyze")
    unit = tmp_path / "maenballo.service"
    text = (DEPLOY / unit.name).read_text("utf-8")
    # As systemd itself reads a file below NAME.service.d: after the unit, line by line.
    text = text.replace("/opt/maenballo/bin/mapserver", sys.executable).partition("[Install]")[0]
    unit.write_text(text + (DEPLOY / "checking.conf").read_text("utf-8"), "utf-8")
    said = run(systemd, "security", "--offline=yes", unit)
    assert float(re.search(r"exposure level for \S+: ([\d.]+)", said)[1]) <= 1.6, said


def test_every_file_for_operators_is_explained():
    text = (ROOT / "docs/deploying.md").read_text("utf-8")
    assert [path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" not in text] == []


# -- run before a server -----------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def nginx_file(folder: Path, port: int, upstream: int, text: str = "") -> Path:
    """Write the file of nginx, or another text, for ports and a folder of this test."""
    text = text or (DEPLOY / "nginx.conf").read_text("utf-8")
    text = re.sub(r"(map|127\.0\.0\.1):8000", f"127.0.0.1:{upstream}", text)
    text = re.sub(r"listen (127\.0\.0\.1:)?8080", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r" (/tmp|/var/cache/nginx)/", f" {folder}/", text)
    file = folder / "nginx.conf"
    file.write_text(text, "utf-8")
    return file


@contextmanager
def running(*command: str | Path, port: int, **environ: str) -> Iterator[str]:
    """Run a server in the foreground until it answers, and end it afterwards."""
    process = subprocess.Popen(  # noqa: S603 -- the same
        [str(part) for part in command],
        env=os.environ | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    last = time.monotonic() + PATIENCE_S
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < last
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(  # noqa: S310 -- of this machine
        url, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


@pytest.mark.slow
def test_the_cache_keeps_what_is_named_by_its_content_and_no_page(sample_url, tmp_path):
    port = free_port()
    file = nginx_file(tmp_path, port, urlsplit(sample_url).port)
    with running(*nginx(file), port=port) as url:
        page = get(url + "/?lang=ko")
        assert page[0] == 200
        assert "X-Cache" not in page[1]
        script = "/" + re.search(rb'src="(map-[0-9a-f]+\.ko\.js)"', page[2])[1].decode()
        first, second = get(url + script), get(url + script)
        assert (first[1]["X-Cache"], second[1]["X-Cache"]) == ("MISS", "HIT")
        assert first[2] == second[2] == get(sample_url + script)[2]
        packed = get(url + script, Accept_Encoding="gzip")
        assert packed[1]["X-Cache"] == "MISS"
        assert gzip.decompress(packed[2]) == first[2]
        unnamed = [get(url + "/static/home.js")[1] for _ in range(2)]
        assert all(headers["X-Cache"] == "MISS" for headers in unnamed)
        assert get(url + "/trails/none")[0] == 404


@pytest.mark.slow
def test_caddy_hands_on_pages_as_they_are_and_hides_the_figures(sample_url, tmp_path):
    port = free_port()
    file = without_admin("Caddyfile", tmp_path)
    environ = {"SITE": f"http://127.0.0.1:{port}", "UPSTREAM": urlsplit(sample_url).netloc}
    with running(*caddy(file), port=port, XDG_DATA_HOME=str(tmp_path), **environ) as url:
        page = get(url + "/?lang=ko")
        # Addresses for messengers begin as the visitor has called the server.
        assert page[2] == get(sample_url + "/?lang=ko", Host=urlsplit(url).netloc)[2]
        assert "script-src 'self'" in page[1]["Content-Security-Policy"]
        assert "Strict-Transport-Security" in page[1]
        assert get(url + "/metrics")[::2] == (404, b"")  # Caddy's own answer, not the server's
        assert get(url + "/readyz")[0] == 200


@pytest.mark.slow
def test_caddy_serves_the_site_as_files(tmp_path):
    www = tmp_path / "www"
    files = {
        "index.html": "first", "en/index.html": "first in English", "trails/hill.html": "hill",
        "trails/hill.gpx": "<gpx/>", "map.html": "map", "404.html": "nothing here",
        "static/page.0123456789ab.css": "x", "maenballo-site.json": "{}",
    }  # fmt: skip
    for name, text in files.items():
        (www / name).parent.mkdir(parents=True, exist_ok=True)
        (www / name).write_text(text)
    port = free_port()
    file = without_admin("Caddyfile.static", tmp_path)
    environ = {"SITE": f"http://127.0.0.1:{port}", "SITE_FOLDER": str(www)}
    with running(*caddy(file), port=port, XDG_DATA_HOME=str(tmp_path), **environ) as url:
        assert get(url + "/")[2] == b"first"
        assert get(url + "/en/")[2] == b"first in English"
        assert get(url + "/trails/hill?lang=ko")[2] == b"hill"  # a code on an old poster
        assert get(url + "/trails/hill.gpx")[2] == b"<gpx/>"
        assert get(url + "/maenballo-site.json")[0] == 404
        assert get(url + "/trails/none")[::2] == (404, b"nothing here")
        page, named = get(url + "/")[1], get(url + "/static/page.0123456789ab.css")[1]
        assert page["Cache-Control"] == "no-cache"
        assert "immutable" in named["Cache-Control"]
        assert page["Content-Security-Policy"] == "frame-ancestors 'self'"
        assert "Content-Security-Policy" not in get(url + "/map.html?layers=trails")[1]


def nginx(file: Path) -> list[str | Path]:
    # Who is root has workers of somebody else, who may not read this folder.
    foreground = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [require("nginx"), "-c", file, "-g", foreground]


def caddy(file: Path) -> list[str | Path]:
    return [require("caddy"), "run", "--adapter", "caddyfile", "--config", file]


def without_admin(name: str, folder: Path) -> Path:
    """Write a file of Caddy's without its own address of administration, which is one a machine."""
    text = (DEPLOY / name).read_text("utf-8")
    block = "{\n\tadmin off\n"
    head, brace, rest = text.partition("\n{\n")
    text = f"{head}\n{block}{rest}" if brace else f"{block}}}\n{text}"
    file = folder / name
    file.write_text(text, "utf-8")
    return file
