"""Copies folded in the index's answers, languages, and the re-ranker's place in a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentassist.models import Audience, Mode, Query, Scores
from agentassist.protocols import Encoder
from agentassist.search import reranker as rerankers
from agentassist.search.index import Index

TODAY = date(2026, 11, 22)
Make = Callable[..., Any]


def ids(index: Index, text: str, mode: Mode = Mode.HYBRID, limit: int = 5) -> list[str]:
    """Return the ids of what is found."""
    return [hit.article.id for hit in index.search(Query.typed(text), mode=mode, limit=limit, today=TODAY).hits]


class Backwards:
    """A re-ranker that likes the worst best, or has trouble."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble
        self.loaded = False
        self.asked: list[tuple[str, list[str], float]] = []

    def warm(self) -> None:
        """Be loaded."""
        self.loaded = True

    def rerank(self, query: str, passages: Sequence[str], budget_ms: float) -> Scores:
        """Score passages by their place."""
        self.asked.append((query, list(passages), budget_ms))
        return Scores(trouble=self.trouble) if self.trouble else Scores(tuple(map(float, range(len(passages)))))


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Backwards]:
    """Puts a re-ranker into every bundle."""

    def put(trouble: str = "") -> Backwards:
        made = Backwards(trouble)
        monkeypatch.setattr(rerankers.BundleReranker, "of", lambda _bundle: made)
        return made

    return put


def test_a_copy_is_folded_under_the_better_one(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """A copied article is shown once with the copy named, in every mode; as many different ones as asked for stay."""
    text = "Hold the code button for ten seconds until the pairing code shows."
    copies = [article(f"copy-{name}", text, title="Pair the dial") for name in "abc"]
    others = [
        article(f"other-{name}", f"The code is {name}.", title=f"Code {name}") for name in ("red", "blue", "green")
    ]
    publish(tmp_path, [*copies, *others, article("team", text, title="Pair the dial", audience=Audience.INTERNAL)])
    index = Index.open(tmp_path, encoder)
    for mode in Mode:
        hits = index.search(Query.typed("pairing code button"), mode=mode, limit=5, today=TODAY).hits
        shown = {hit.article.id: [one.id for one in hit.folded] for hit in hits}
        assert len(hits) == 5
        assert shown.pop("copy-a") == ["copy-b", "copy-c"]
        assert shown == {"team": [], "other-red": [], "other-blue": [], "other-green": []}
        assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]


def test_a_named_article_is_never_folded_away(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """Whoever types a title that several copies have sees all of them."""
    publish(tmp_path, [article(f"copy-{name}", "Hold the code button.", title="Pair the dial") for name in "abc"])
    index = Index.open(tmp_path, encoder)
    assert ids(index, "pair the dial") == ["copy-a", "copy-b", "copy-c"]
    hits = index.search(Query.typed("copy-b"), today=TODAY).hits
    assert [hit.article.id for hit in hits] == ["copy-b"]


def test_it_looks_behind_many_copies(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """Behind 300 copies that fit better, the others that fit are still found."""
    copies = [article(f"copy-{number}", "pairing code", title="Pair the dial") for number in range(300)]
    others = [article(f"other-{name}", f"about the code and much else {name}", title=name) for name in ("red", "blue")]
    publish(tmp_path, [*copies, *others])
    index = Index.open(tmp_path, encoder)
    for mode in (Mode.HYBRID, Mode.KEYWORD):
        assert sorted(ids(index, "pairing code", mode, limit=3)) == ["copy-0", "other-blue", "other-red"]


def test_only_the_wanted_languages(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """A language leaves out all others, typed names included; None leaves out nothing."""
    made, passages = article("german", "pairing code")
    publish(tmp_path, [(replace(made, language="de"), passages), article("english", "pairing code")])
    index = Index.open(tmp_path, encoder)
    for mode in Mode:
        for languages, wanted in (({"de"}, ["german"]), ({"en"}, ["english"]), ({"nb"}, [])):
            for text in ("pairing code", "english", "german"):
                found = index.search(Query.typed(text), mode=mode, today=TODAY, languages=frozenset(languages))
                assert [hit.article.id for hit in found.hits] in (wanted, [])
            found = index.search(Query.typed("pairing code"), mode=mode, today=TODAY, languages=frozenset(languages))
            assert [hit.article.id for hit in found.hits] == wanted
        assert sorted(ids(index, "pairing code", mode)) == ["english", "german"]


def test_a_reranker_orders_the_best_anew(
    tmp_path: Path, publish: Make, article: Make, encoder: Encoder, backwards: Callable[..., Backwards]
) -> None:
    """With time to use, what it likes comes first, scores and probabilities fall; by words alone it is not asked."""
    publish(tmp_path, [article(f"code-{name}", "pairing code " + "word " * at) for at, name in enumerate("abc")])
    plain = Index.open(tmp_path, encoder)
    first = ids(plain, "pairing code")
    made = backwards()
    index = Index.open(tmp_path, encoder, reranker_ms=40)
    hits = index.search(Query.typed("pairing code"), today=TODAY).hits
    assert [hit.article.id for hit in hits] == first[::-1]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    query, passages, budget = made.asked[0]
    assert (query, budget) == ("pairing code", 40)
    assert passages[0].startswith(f"About {first[0]}\npairing code")
    assert ids(index, "pairing code", Mode.KEYWORD) == ids(plain, "pairing code", Mode.KEYWORD)
    assert len(made.asked) == 1
    assert ids(index, first[0])[0] == first[0]
    off = Index.open(tmp_path, encoder)
    assert ids(off, "pairing code") == first
    assert len(made.asked) == 2


def test_trouble_with_a_reranker_is_told(
    tmp_path: Path, publish: Make, article: Make, encoder: Encoder, backwards: Callable[..., Backwards]
) -> None:
    """The order stays, the search is still by meaning, and the result says what is wrong; warm() loads it."""
    publish(tmp_path, [article(f"code-{name}", "pairing code " + "word " * at) for at, name in enumerate("abc")])
    first = ids(Index.open(tmp_path, encoder), "pairing code")
    made = backwards("not re-ranked: it is damaged")
    index = Index.open(tmp_path, encoder, reranker_ms=40)
    index.warm()
    assert made.loaded
    result = index.search(Query.typed("pairing code"), today=TODAY)
    assert [hit.article.id for hit in result.hits] == first
    assert (result.mode, result.degraded) == (Mode.HYBRID, "not re-ranked: it is damaged")
    assert index.search(Query.typed("pairing code"), mode=Mode.KEYWORD, today=TODAY).degraded == ""
