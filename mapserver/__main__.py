"""The command as a module: ``python -m mapserver``."""

from mapserver.cli import main

main()
