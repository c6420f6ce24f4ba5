"""The command as a module: ``python -m mapserver``."""

from mapserver.commands.cli import main

main()
