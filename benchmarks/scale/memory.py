"""How much memory a process holds at most, counted anew from a moment on (Linux)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

PROCESS = Path("/proc/self")


def restart_peak() -> float:
    """Count the peak anew from now on, and return what is held now, in MB."""
    # 5 sets the high-water mark to what is held (proc(5), clear_refs).
    (PROCESS / "clear_refs").write_text("5")
    return _read_mb("VmRSS")


def peak_mb() -> float:
    """Return the most that was held since, in MB."""
    return _read_mb("VmHWM")


def run_child(command: list[str]) -> tuple[float, float]:
    """Run a command, and return the seconds that it has computed and the most that it held, in MB.

    Those of processes that it has started and waited for are in both; the most is that of one.
    """
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _read_mb(name: str) -> float:
    text = (PROCESS / "status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")
