"""NumPy works with one thread: with more, each small product leaves one that turns round and round for the next."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

MULTIPLY = """
import re
import agentassist.search.vectors
import numpy
rows = numpy.ones((600, 600), dtype=numpy.float32)
rows @ rows
with open("/proc/self/status", encoding="ascii") as status:
    print(re.search(r"Threads:\\s*(\\d+)", status.read())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="threads are counted on Linux only")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread anyway")
def test_a_product_starts_no_threads() -> None:
    """Nobody has to set a variable for it."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", MULTIPLY],
        env={**environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1"
