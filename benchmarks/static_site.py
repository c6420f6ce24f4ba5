"""What the site costs as files and by the server: bytes of a visit, and requests a second.

python -m benchmarks.static_site     # writes the sample's site; needs caddy and wrk for the rates

Everything runs on 127.0.0.1 and ends with the script.
"""

from __future__ import annotations

import gzip
import html
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mapserver.settings import Settings
from mapserver.web.static_site import write_site

ROOT = Path(__file__).parents[1]
PAGES = ("index.html", "trails/geumdangsan-2.html", "trails/index.html", "districts/001.html")
SECONDS = 5
CONNECTIONS = 32


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as temporary:
        www = Path(temporary) / "www"
        began = time.process_time()
        done = write_site(Settings(city=ROOT, tile_url=""), www)
        spent_s = time.process_time() - began
        packed = sum(len(pack(file)) for file in www.rglob("*") if file.is_file())
        print(f"written     {done.files} files, {done.size_bytes / 1e6:.1f} MB")
        print(f"            ({packed / 1e6:.1f} MB in gzip), {spent_s:.0f} s of one core\n")
        print(f"{'a visit, in gzip':32}{'requests':>10}{'first':>10}{'again':>10}")
        for page in PAGES:
            files = loaded(www / page)
            first = sum(len(pack(file)) for file in files)
            again = len(pack(www / page))
            print(f"{page:32}{len(files):>10}{first / 1e3:>7.1f} kB{again / 1e3:>7.1f} kB")
        if shutil.which("wrk"):
            print()
            rates(www)


def pack(file: Path) -> bytes:
    """Compress a file as most hosts do."""
    return gzip.compress(file.read_bytes(), 6)


def loaded(page: Path) -> list[Path]:
    """Return a page and the files that it loads before anybody touches it."""
    files = [page]
    for element in re.findall(r"<(?:link|script)[^>]*>", page.read_text("utf-8")):
        address = re.search(r'(?:href|src)="([^"]+)"', element)
        if address and re.search(r'^<script|rel="(?:stylesheet|icon)"', element):
            files.append((page.parent / html.unescape(address[1])).resolve())
    return files


def rates(www: Path) -> None:
    """Ask for a page as fast as it comes, from Caddy and from one worker of the server."""
    print(f"{'requests a second, one page':32}{'gzip':>10}{'304':>10}")
    if shutil.which("caddy"):
        port = free_port()
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", "deploy/Caddyfile.static"]
        environ = {"SITE": f"http://127.0.0.1:{port}", "SITE_FOLDER": str(www), "GOMAXPROCS": "1"}
        with running(command, port, environ) as url:
            print(f"{'files, Caddy on one core':32}{ask(url + '/index.html')}")
    port = free_port()
    command = [sys.executable, "-m", "mapserver", "serve", "--workers", "1", "--port", str(port)]
    with running(command, port, {"MAPSERVER_TILE_URL": ""}) as url:
        print(f"{'server, one worker':32}{ask(url + '/?lang=ko')}")


def ask(url: str) -> str:
    """Return how often a page comes a second: whole, and when the visitor has it."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        tag = answer.headers["ETag"]
    known = ["-H", f"If-None-Match: {tag}"] if tag else []
    return f"{wrk(url):>10,.0f}{wrk(url, *known):>10,.0f}"


def wrk(url: str, *more: str) -> float:
    """Return requests a second over some seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", "Accept-Encoding: gzip"]
    said = subprocess.run([*command, *more, url], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, environ: dict[str, str]) -> Iterator[str]:
    """Run a server until it answers, and end it afterwards."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environ, stdout=quiet, stderr=quiet
    )
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)) and process.poll() is None:
            time.sleep(0.1)
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
