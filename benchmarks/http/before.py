"""The repository as it was at another commit, with the files that its build makes."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.http.contestants import ROOT

BUILT = ("mapserver",)
"""Folders in which the build writes what git ignores: scripts, fonts, texts."""


@contextlib.contextmanager
def check_out(commit: str, folder: Path) -> Iterator[Path]:
    """Check out a commit beside this tree until it is no longer needed."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), commit], check=True)
    try:
        listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--others", "--ignored"]
        run = subprocess.run(
            [*listing, "--exclude-standard", *BUILT], check=True, capture_output=True, text=True
        )
        for name in filter(None, run.stdout.split("\0")):
            if "__pycache__" not in name and not (folder / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=False)
