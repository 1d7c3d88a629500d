"""Lets the tests import the benchmark's modules as run.py does: by their bare names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
