"""What the benchmarks share. The servers and tasks are those of the end-to-end tests' harness."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
