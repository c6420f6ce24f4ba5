"""1,000 damaged files of each format through open, check and add: no traceback, no hang, 500 MB.

python -m benchmarks.faults.mutants [--formats gpkg,zip] [--mutants 1000] [--seed 1] [--short]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "damage.py"


def main() -> None:
    sys.exit(subprocess.run([sys.executable, str(SCRIPT), *sys.argv[1:]], check=False).returncode)


if __name__ == "__main__":
    main()
