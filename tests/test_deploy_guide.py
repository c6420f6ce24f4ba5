"""docs/deploying.md: what it has people type works with the files that it speaks of."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from conftest import ROOT
from test_deploy import DEPLOY, instructions, nginx_file, require, run

from mapserver.commands.cli import main
from mapserver.settings import limits

GUIDE = (ROOT / "docs/deploying.md").read_text("utf-8")
RUN = re.compile(r"docker compose --file (\S+) run --rm (\S+) (\S+)")
MIB = 2**20


def read_section(word: str) -> str:
    """Return the section whose title has a word, without the sections before and after it."""
    return next(part for part in GUIDE.split("\n## ") if word in part.partition("\n")[0])


def read_lines(section: str) -> list[str]:
    """Return the lines that a section has people type."""
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.fixture
def services():
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]


def test_commands_of_planners_run_in_a_service_that_may_write_what_they_need(services):
    calls = [RUN.search(line) for line in read_lines(read_section("containers"))]
    calls = [call for call in calls if call]
    assert {call[3] for call in calls} >= {"add", "check"}
    environment = dict(re.findall(r"(MAPSERVER_\w+)=(\S+)", " ".join(instructions())))
    for call in calls:
        assert (ROOT / call[1]).is_file()
        service = services[call[2]]
        assert call[3] in main.commands
        assert service["profiles"]  # `up` leaves it alone
        assert service["user"].startswith("${OWNER:?")  # not that of the image, who owns nothing
        mounts = {each["target"]: each for each in service["volumes"] if isinstance(each, dict)}
        assert mounts[environment["MAPSERVER_CITY"]]["source"].startswith("${CITY:?")
        assert mounts[service["working_dir"]]["source"].startswith("${FILES:?")
        assert not any(mount.get("read_only") for mount in mounts.values())
        assert service["image"] == services["map"]["image"]
        assert 'ENTRYPOINT ["mapserver"]' in instructions()


def test_the_guide_sets_every_variable_that_the_composition_needs():
    needed = set(re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert needed == {"SITE", "CITY", "FILES", "OWNER"}
    block = read_section("containers").partition("> deploy/.env")[2].partition("\nEND\n")[0]
    values = dict(re.findall(r"^(\w+)=(.+)$", block, re.MULTILINE))
    assert set(values) == needed
    made = next(line for line in read_lines(read_section("containers")) if "install -d" in line)
    assert {values["CITY"], values["FILES"]} <= set(shlex.split(made))


@pytest.mark.parametrize("way", ["containers", "systemd"])
def test_what_is_copied_is_there_in_a_fresh_clone(way):
    commands = [
        shlex.split(command, comments=True)
        for line in read_lines(read_section(way))
        for command in line.split(" && ")
        if re.match(r"(sudo )?cp ", command) and " ~/" not in command
    ]
    sources = [word for words in commands for word in words[:-1]]
    sources = [word for word in sources if word not in {"sudo", "cp", "-r"}]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {"gpx", "layers"} <= set(sources)


def test_the_program_is_called_by_the_name_under_which_it_was_installed():
    unit = (DEPLOY / "maenballo.service").read_text("utf-8")
    program = re.search(r"^ExecStart=(\S+)", unit, re.MULTILINE)[1]
    lines = read_lines(read_section("systemd"))
    assert f"sudo python3 -m venv {program.removesuffix('/bin/mapserver')}" in lines
    assert sum(line.startswith(f"{program} ") for line in lines) >= 2
    for line in [*lines, *read_lines(read_section("containers"))]:
        assert not re.match(r"(sudo )?mapserver ", line)


def test_nginx_takes_what_the_guide_makes_of_its_file(tmp_path):
    nginx = require("nginx")
    line = next(line for line in read_lines(read_section("systemd")) if line.startswith("sed "))
    text = subprocess.run(  # noqa: S603 -- the line of our guide
        shlex.split(line.partition(" | ")[0]), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "server 127.0.0.1:8000;" in text
    assert "listen 127.0.0.1:8080 " in text
    assert not re.search(r"^pid ", text, re.MULTILINE)  # Debian's own unit knows where it is
    assert "UPSTREAM=127.0.0.1:8080" in read_section("systemd")
    run(nginx, "-t", "-c", nginx_file(tmp_path, 8080, 8000, text), "-g", f"pid {tmp_path}/pid;")


def test_proxies_take_bodies_as_large_as_the_server_does():
    nginx = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text("utf-8"))
    caddy = re.search(r"max_size (\d+)MiB\n", (DEPLOY / "Caddyfile").read_text("utf-8"))
    threats = re.search(r"at most (\d+) MiB", (ROOT / "docs/threats.md").read_text("utf-8"))
    assert {int(each[1]) * MIB for each in (nginx, caddy, threats)} == {limits.MAX_BODY_BYTES}


def test_the_guide_names_the_limits_that_nginx_holds():
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    counts = dict(re.findall(r"limit_conn (\w+) (\d+);", text))
    rate, burst = re.search(r"rate=(\d+)r/s", text)[1], re.search(r"burst=(\d+) ", text)[1]
    files = re.search(r"max_conns=(\d+);", text)[1]
    section = read_section("What one visitor can take").replace(",", "")
    assert f"| {counts['of_client']} (a page is 17) | {counts['of_all']} |" in section
    assert f"| {counts['sent_by_client']} | {files} |" in section
    assert f"| {rate} after the first {burst} | |" in section


def test_both_ways_bound_the_memory_of_the_server_alike(services):
    unit = (DEPLOY / "maenballo.service").read_text("utf-8")
    most_gb = re.search(r"^MemoryMax=(\d+)G$", unit, re.MULTILINE)[1]
    assert services["map"]["mem_limit"] == f"{most_gb}g"
    assert f"**{most_gb} GB**" in read_section("What one visitor can take")
