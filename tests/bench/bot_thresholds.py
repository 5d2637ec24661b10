"""How often the bot is right from each probability on: `flows.bot.SURE` is chosen by this.

Over the conversations of `tests/eval` with the shipped knowledge base: the share of sure answers whose article is the
right one, the share in which it is among the first three, and how many of the questions without an answer get one.

    python tests/bench/bot_thresholds.py [--index FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from agentassist.evaluation import cases
from agentassist.flows.bot import SURE
from agentassist.kb import library
from agentassist.models import Mode, Status
from agentassist.paths import sample_kb, under
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

CONTEXTS = Path(__file__).parents[1] / "eval" / "contexts"
TODAY = date(2026, 12, 1)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, SURE, 0.8)


def asked(index: Index) -> list[tuple[float, int | None]]:
    """Return for each conversation how sure the first sendable hit is, and the rank of a right one.

    A rank is None for a question without an answer, 0 where no right one was found; what has no good match is unsure.
    """
    known = {
        item.article.id: item.article
        for item in library.load(sample_kb()).articles
        if item.article.status is Status.PUBLISHED and not item.article.expired(TODAY)
    }
    files = sorted(CONTEXTS.glob("*.yaml"))
    found = []
    for case in (test.case for file in files for test in cases.load(file, known).tests):
        result = index.search(from_conversation(case.entries), mode=Mode.HYBRID, limit=5, today=TODAY)
        hits = [] if result.no_match else [hit for hit in result.hits if not hit.blocked]
        ranks = [rank for rank, hit in enumerate(hits, 1) if hit.article.id in case.right]
        sure = hits[0].probability or 0.0 if hits else 0.0
        found.append((sure, (ranks[0] if ranks else 0) if case.right else None))
    return found


def table(found: list[tuple[float, int | None]]) -> str:
    """Return the figures as a table."""
    nothing = sum(rank is None for _, rank in found)
    lines = [f"{len(found)} conversations, {nothing} of them without an answer", ""]
    lines.append(f"{'from':>6}  {'answered':>8}  {'right':>6}  {'in three':>8}  answered though there is none")
    for threshold in THRESHOLDS:
        sure = [rank for likely, rank in found if likely >= threshold]
        right = sum(rank == 1 for rank in sure) / max(len(sure), 1)
        three = sum(rank in (1, 2, 3) for rank in sure) / max(len(sure), 1)
        wrong = sum(rank is None for rank in sure)
        mark = "  <- shipped" if threshold == SURE else ""
        lines.append(f"{threshold:6.2f}  {len(sure):8}  {right:6.1%}  {three:8.1%}  {wrong} of {nothing}{mark}")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--index", type=Path, help="a published index of the shipped knowledge base; default: build one"
    )
    given = parser.parse_args().index
    if given is not None:
        print(table(asked(Index.open(given))))
        return
    from agentassist.clock import SystemClock
    from agentassist.search.build import build

    with tempfile.TemporaryDirectory() as folder:
        places = under(Path(folder))
        build(sample_kb(), places.index, places.cache, progress=lambda _: None, clock=SystemClock())
        print(table(asked(Index.open(places.index))))


if __name__ == "__main__":
    main()
