"""Old workbooks tried in a process of their own, which may be ended by what is wrong with them.

The reader of ``.xls`` takes memory for whatever a damaged file states, and when there is none ends
the whole program, which no exception handler can prevent.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MOST_ADDRESSES = 480 * 2**20
"""Bytes for Python, the reader and a sheet: 65,536 rows of 100 columns take 200 MB."""

MOST_CPU_S = 15
"""Seconds of a processor for which a workbook may be read; a large one takes three."""

MOST_S = 60
"""Seconds by the clock, also where other programs want the processors."""

# Whatever is raised is left to the reader itself; only a process that dies says something here.
PROGRAM = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]), int(sys.argv[3])))
except (ImportError, ValueError):
    pass  # a system without such limits
try:
    import python_calamine
    python_calamine.CalamineWorkbook.from_path(sys.argv[1])
except BaseException:
    pass
"""


def is_survived(path: Path) -> bool:
    """Return whether a process that opens a workbook comes to its own end.

    Parameters
    ----------
    path
        The workbook.
    """
    # -P: nothing of the current folder is taken for a module.
    limits = [str(MOST_ADDRESSES), str(MOST_CPU_S)]
    command = [sys.executable, "-P", "-c", PROGRAM, str(path.absolute()), *limits]
    try:
        # A process of its own: only there can memory be limited without limiting this program.
        ended = subprocess.run(  # noqa: S603 -- our own program
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=MOST_S
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0
