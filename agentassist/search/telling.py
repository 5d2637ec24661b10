"""Tells answers as hits: with the passage that is about what was named, matched words, links and reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentassist import naming
from agentassist.kb.links import link
from agentassist.models import Hit
from agentassist.search import lexical
from agentassist.search.answers import asked_names
from agentassist.search.reason import explain, phrases

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentassist.search.answers import Answer
    from agentassist.search.candidates import Question
    from agentassist.search.refining import Kept


OWN = 0.5
"""How much better another passage may answer than one with the name, where the whole article is about that name."""


def told(words: lexical.Lexical, question: Question, kept: Sequence[Kept]) -> tuple[Hit, ...]:
    """Return what was kept as hits, in its order.

    Args:
        words: the database of the bundle.
        question: what was asked: its words are marked in the passages, those of the heaviest turns first.
        kept: the answers, best first.

    Raises:
        SearchError: the passages cannot be read.
    """
    asked = lexical.words(" ".join(turn.part.text for turn in question.said))[: lexical.MAX_WORDS]
    names = asked_names(question)
    shown = [named_passage(words, some.answer, names) if names else some.answer for some in kept]
    ids = {item.row: words.record(item.article).article.id for item in shown}
    passages = words.passages([item.row for item in shown], ids)
    marked = words.spans([passages[item.row].text for item in shown], asked)
    titles = [words.record(item.article).article.title for item in shown]
    marked_titles = words.spans(titles, asked) if not all(marked) else [()] * len(titles)
    hits = []
    for rank, (some, item, spans, of_title) in enumerate(zip(kept, shown, marked, marked_titles, strict=True), start=1):
        article, passage = words.record(item.article).article, passages[item.row]
        reason = explain(
            named=item.article in question.named,
            text=phrases(passage.text, spans),
            title=phrases(article.title, of_title) if not spans else (),
            similarity=item.cosine,
        )
        hit = Hit(
            rank=rank,
            article=article,
            passage=passage,
            score=item.score,
            similarity=item.cosine,
            matched=spans,
            link=link(article, passage.start),
            reason=reason,
            probability=item.probability,
            recalled=item.recalled,
            folded=tuple(words.record(number).article for number in some.folded),
        )
        hits.append(hit)
    return tuple(hits)


def named_passage(words: lexical.Lexical, answer: Answer, names: Collection[str]) -> Answer:
    """Return an answer with the passage that is about the names in the question, if it has one.

    Where the article's title has all of them and no other, every passage is about them: then one without them is left
    only for one that answers about as well.

    Raises:
        SearchError: the passages cannot be read.
    """
    passages = answer.passages()
    if len(passages) < 2:
        return answer
    article = words.record(answer.article).article
    rows = [one.row for one in passages]
    read = words.passages(rows, dict.fromkeys(rows, article.id))
    best = passages[0].score
    own = naming.names(article.title) == set(names)

    def worth(place: int) -> tuple[int, int]:
        one = passages[place]
        passage = read[one.row]
        count, what = naming.standing(names, passage.heading, passage.text)
        return (0, 0) if own and one.score < best - OWN else (count, what)

    chosen = passages[max(range(len(passages)), key=lambda place: (worth(place), -place))]
    return replace(answer, row=chosen.row, cosine=chosen.cosine if answer.cosine is not None else None)
