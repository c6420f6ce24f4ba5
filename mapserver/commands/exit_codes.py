"""Exit codes of commands, which scripts look at."""

FOUND_ERRORS = 1
"""The data has errors, or what was asked for could not be done."""

WRONG_USAGE = 2
"""The command was called wrongly."""

INTERRUPTED = 130
"""It was interrupted: 128 and the number of the signal, as shells have it."""

STOPPED = 143
"""It was told to stop (SIGTERM), likewise."""
