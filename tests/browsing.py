"""A served city and a real browser, for the tests that use the page as a visitor does."""

from __future__ import annotations

import datetime as dt
import selectors
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from socketserver import BaseServer
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from mapserver.settings import Settings
from mapserver.web import create_app

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium without windows first: the same engine, which opens a page in half the time."""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
SIZES = {
    "phone": PHONE,
    "small phone": {"width": 360, "height": 640},
    "phone on its side": {"width": 844, "height": 390},
    "tablet": {"width": 768, "height": 1024},
    "desk": DESK,
}
"""The windows for which the site was drawn."""
SEOGU = {"longitude": 126.8526, "latitude": 35.1467}

NOVEMBER = dt.date(2026, 11, 26)
"""Four days before the trails of the sample close for the winter."""

PATIENCE_S = 120
"""How long a test waits for what must come: machines may be busy, and only a fault costs it."""

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the path")


def serving(city: Path, **settings: str) -> AbstractContextManager[str]:
    """Serve a city on a free port of this machine and give its address."""
    return listening(serve(city, **settings))


def serve(city: Path, **settings: Any) -> Flask:
    """Make the application that serves a city, without tiles unless they are asked for."""
    return create_app(Settings(city=city, **{"tile_url": "", **settings}))


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Let an application answer on a free port, give its address, and close it afterwards."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with listening_server(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def listening_server(server: BaseServer) -> Iterator[None]:
    """Let a server answer in a thread, which ends with it.

    Closing a socket resets every connection that waits on it, and a page that is still open sees
    that as a fault of the site. So all that wait are answered first. (The loop is that of the
    standard library: Werkzeug's own closes the socket itself.)
    """
    thread = threading.Thread(target=BaseServer.serve_forever, args=[server], daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.timeout = 0
        with selectors.DefaultSelector() as waiting:
            waiting.register(server.fileno(), selectors.EVENT_READ)
            while waiting.select(0):
                server.handle_request()
        server.server_close()


class Visit:
    """A page with everything that went wrong on it."""

    def __init__(self, page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self.requests.append(request.url))

    def settle(self) -> None:
        """Wait until nothing moves any more: fonts are there, transitions over, all is painted."""
        self.page.evaluate(
            """async () => {
              await document.fonts.ready;
              const frame = () => new Promise(done => requestAnimationFrame(done));
              while (window.maenballo?.isWaiting?.()) await frame();
              await Promise.allSettled(document.getAnimations().map(each => each.finished));
              await frame();
              await frame();
            }"""
        )

    def wait_until(self, question: str, argument: object = None) -> object:
        """Ask the page until the answer is not empty; ``wait_for_function`` awaits no promise."""
        last = time.monotonic() + PATIENCE_S
        while not (answer := self.page.evaluate(question, argument)):
            assert time.monotonic() < last, f"never true: {question}"
            self.page.wait_for_timeout(50)
        return answer

    def _console(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()


IS_DRAWN = """() => {
  const sheet = document.querySelector(".js body.home #sheet");
  const hasCards = sheet?.querySelector(".cards > li[data-id]") && window.maenballo;
  return !window.maenballo?.isWaiting?.() && (!hasCards || "shown" in sheet.dataset);
}"""
"""Whether a page has drawn what comes after the first picture of its map."""


def settle_sheet(seen: Visit) -> None:
    """Wait until the first page's sheet and map have come to rest."""
    seen.page.wait_for_selector("#sheet[data-shown]")
    seen.settle()


class Taps:
    """What somebody does on a page, counted: taps on it, and entries into fields of the device.

    A field of the device (a date, a list to choose from) is opened and closed by the device in
    its own way: what is entered there is counted for itself.
    """

    def __init__(self, page) -> None:
        self.page = page
        self.taps = 0
        self.entries = 0
        self.keys: list[str] = []

    def tap(self, selector: str, nth: int = 0) -> None:
        """Tap on the n-th element that fits, which has to be seen."""
        self.taps += 1
        self.page.locator(selector).nth(nth).click()

    def enter(self, selector: str, value: str) -> None:
        """Enter a value into a field, or choose it from the field's list."""
        self.entries += 1
        field = self.page.locator(selector)
        if field.evaluate("field => field.localName") == "select":
            field.select_option(value)
        else:
            field.fill(value)

    def press(self, key: str) -> None:
        """Press a key of the keyboard."""
        self.keys.append(key)
        self.page.keyboard.press(key)
