"""How much memory a process holds at most, counted anew from a moment on (Linux)."""

from __future__ import annotations

import re
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


def _read_mb(name: str) -> float:
    text = (PROCESS / "status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")
