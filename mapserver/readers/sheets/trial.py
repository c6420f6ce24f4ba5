"""Old workbooks tried in a process of their own, which may be ended by what is wrong with them.

The reader of ``.xls`` takes memory for whatever a damaged file states, and when there is none ends
the whole program, which no exception handler can prevent.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mapserver.settings import limits

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
    bounds = [str(limits.MAX_XLS_BYTES), str(limits.MAX_XLS_CPU_S)]
    command = [sys.executable, "-P", "-c", PROGRAM, str(path.absolute()), *bounds]
    try:
        # A process of its own: only there can memory be limited without limiting this program.
        ended = subprocess.run(  # noqa: S603 -- our own program
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=limits.MAX_XLS_S,
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0
