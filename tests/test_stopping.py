"""A command that is told to stop ends quietly, tidies up, and says by its code what ended it."""

from __future__ import annotations

import os
import signal
import sys

import click
import pytest
from click.testing import CliRunner

from mapserver.commands.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")


@pytest.fixture(autouse=True)
def survive():
    """Have a signal that no command takes fail the test, and not end all tests."""

    def fail(*_: object) -> None:
        raise AssertionError("nobody took the signal")

    before = signal.signal(signal.SIGTERM, fail)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def command(monkeypatch):
    """Return a function that adds a command, which does something when it is run."""

    def add(function) -> None:
        monkeypatch.setitem(main.commands, "check", click.command("check")(function))

    return add


def test_a_command_that_is_told_to_stop_ends_quietly_and_tidies_up(command):
    tidied = []

    def wait_long() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            tidied.append(True)

    command(wait_long)
    before = signal.getsignal(signal.SIGTERM)
    result = CliRunner().invoke(main, ["check"])
    assert (result.exit_code, result.stdout, result.stderr) == (143, "", "")
    assert tidied
    # A program that calls a command in its own process has its own way back afterwards.
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_library_makes_of_being_stopped_is_no_mistake_of_ours(command):
    def fail_oddly() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        except KeyboardInterrupt:
            raise AssertionError("a loop was closed") from None

    command(fail_oddly)
    result = CliRunner().invoke(main, ["check"])
    assert (result.exit_code, result.stderr) == (143, "")


def test_an_interrupt_has_a_code_of_its_own(command):
    command(lambda: os.kill(os.getpid(), signal.SIGINT))
    assert CliRunner().invoke(main, ["check"]).exit_code == 130
