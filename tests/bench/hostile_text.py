"""How long the worst strings take: what cleans, copies, wraps and lays them out, each string by itself.

Run: python tests/bench/hostile_text.py [FILE.jsonl]
With a file of further strings ({"text": …} a line) those, too. Bound: no string over 250 ms anywhere.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

from agentassist.models import Article, ArticleKind, Hit, Passage, Query
from agentassist.session.desk import Offer
from agentassist.text import clean, clean_line
from agentassist.tui.clipboard import copyable
from agentassist.tui.screens.article import article_content, whole_content, why_content
from agentassist.tui.screens.desk_alarm import plain
from agentassist.tui.screens.entry import stretches
from agentassist.tui.screens.pick import Item, Row
from agentassist.tui.widgets.lines import label, marked, wrap

OWN = Path(__file__).parents[1] / "tui" / "test_hostile.py"
BOUND = 0.25


def own() -> list[str]:
    """Return the strings of the tests."""
    spec = importlib.util.spec_from_file_location("hostile", OWN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.OWN)


def offer(text: str) -> Offer:
    """Return a suggestion with the string in each place."""
    article = Article("a", ArticleKind.ARTICLE, text, text, "a.md", verified_by=text, tags=(text, text))
    passage = Passage("a", 0, text, text, None)
    return Offer(Hit(1, article, passage, 1.0, 0.8, ((0, 1), (2, len(text))), text, text), None, Query.typed(text))


WORK: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "clean_line": clean_line,
    "label": lambda text: label(text, 60),
    "wrap": lambda text: [wrap(clean(text), width) for width in (20, 80)],
    "marked": lambda text: marked(clean(text), ((0, 1), (1, 3)), 36),
    "copy": copyable,
    "notify": plain,
    "pick": lambda text: Row(Item("k", text, text, text)),
    "entry": lambda text: [wrap(clean(part), 80) for part in stretches(text)],
    "article": lambda text: article_content(offer(text).hit, date(2026, 11, 20)),
    "why": lambda text: why_content(offer(text)),
    "whole": lambda text: whole_content((offer(text).hit.passage,) * 3, offer(text).hit.passage),
}


def main() -> None:
    """Print the slowest string of each kind of work."""
    texts = own()
    for file in sys.argv[1:]:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        texts += [str(json.loads(line)["text"]).encode("utf-8", "replace").decode() for line in lines]
    print(f"{len(texts)} strings, the longest of {max(map(len, texts)):,} characters")
    over = 0
    for name, work in WORK.items():
        took = []
        for text in texts:
            started = perf_counter()
            work(text)
            took.append((perf_counter() - started, text))
        slowest, text = max(took)
        over += slowest > BOUND
        print(f"{name:<12} slowest {slowest * 1000:7.1f} ms  {text[:40]!r}")
    print("all within 250 ms" if not over else f"{over} over 250 ms")


if __name__ == "__main__":
    main()
