"""Tells answers as hits: with their passages, matched words, links and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.kb.links import link
from agentassist.models import Hit
from agentassist.search import lexical
from agentassist.search.reason import explain, phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.search.candidates import Question
    from agentassist.search.refining import Kept


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
    ids = {some.answer.row: words.record(some.answer.article).article.id for some in kept}
    passages = words.passages([some.answer.row for some in kept], ids)
    hits = []
    for rank, some in enumerate(kept, start=1):
        item = some.answer
        article, passage = words.record(item.article).article, passages[item.row]
        spans = words.spans(item.row, asked)
        reason = explain(
            named=item.article in question.named,
            text=phrases(passage.text, spans),
            title=phrases(article.title, words.spans(item.row, asked, "title")) if not spans else (),
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
