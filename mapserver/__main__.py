"""The command as a module: ``python -m mapserver``."""

from mapserver.commands import main

main()
