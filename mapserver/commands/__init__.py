"""The command line."""

from mapserver.commands.cli import main

__all__ = ["main"]
