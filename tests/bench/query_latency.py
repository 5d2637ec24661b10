"""How long a conversation's query takes at 10,000 passages (or --passages N), with and without its encoding.

Asked for: p95 ≤ 15 ms without encoding, ≤ 60 ms with. Every query is new: nothing that the encoder remembers is used.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from _bench import conversations, encoder, made_articles, percentiles, publish, unit_rows

from agentassist.models import Mode
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Timed:
    """An encoder that remembers nothing and adds up the time it takes."""

    def __init__(self, inner: OnnxEncoder) -> None:
        self._inner = inner
        self.seconds = 0.0

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        started = time.perf_counter()
        rows = self._inner.embed(texts)
        self.seconds += time.perf_counter() - started
        return rows


def main() -> None:
    """Print the percentiles of each mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    model = encoder()
    queries = [from_conversation(some) for some in conversations(options.queries)]
    sizes = sorted(sum(len(part.text) for part in query.parts) for query in queries)
    print(
        f"{options.passages:,} passages, {len(queries)} conversations, median {sizes[len(sizes) // 2]} characters asked"
    )
    with tempfile.TemporaryDirectory() as folder:
        index_folder = Path(folder) / "index"
        rows = unit_rows(options.passages, model.description.dimension)
        publish(index_folder, made_articles(options.passages), rows, model)
        timed = Timed(OnnxEncoder.load(model.folder))
        started = time.perf_counter()
        index = Index.open(index_folder, timed)
        print(f"open                          {(time.perf_counter() - started) * 1e3:8.2f} ms")
        for mode in Mode:
            with_encoding, without = [], []
            for query in queries:
                timed.seconds = 0.0
                started = time.perf_counter()
                index.search(query, mode=mode, limit=5, today=date(2026, 1, 1))
                took = time.perf_counter() - started
                with_encoding.append(took)
                without.append(took - timed.seconds)
            print(f"{mode.value:9} without encoding    {percentiles(without)}")
            print(f"{mode.value:9} with encoding       {percentiles(with_encoding)}")
        index.close()


if __name__ == "__main__":
    main()
