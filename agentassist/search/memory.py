"""Lets similar past conversations vote for the articles that agents sent in them. Pure.

A vote is a sum over the nearest past conversations, each with what was done there (its worth), how little the ranking
had expected it there (its surprise), how similar what was asked is, and how long ago it was; it is squeezed into
(-1, 1), so that the first send of an article already counts and the hundredth adds nothing. Where the ranking was right
by itself a vote is not needed, and would only push away what is asked for next.

The figures below are MRR@10 on the dev sets doc2dial and dstc11t5 with all sends, as means over six ways to split the
conversations into those that teach and those that ask (0.940 and 0.559 without), and what articles lose that were never
sent, which on dstc11t5 are those of a few queries. They were computed from the recorded evidence of the ranking by its
formula; with the values below doc2dial has 0.949 and loses 0.001, dstc11t5 0.734 and 0.003.
`tests/bench/learning_curve.py SET --splits 6` measures whole searches, and takes other values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numkong
import numpy as np

from agentassist.models import Recalled
from agentassist.models_memory import Did, Ending
from agentassist.search.vectors import best

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from agentassist.models_memory import Deed, Lesson

NEAREST = 8
"""Past conversations that vote at most. doc2dial has the same with 4, 20 and 40; dstc11t5 has 0.707, 0.760 and 0.773,
and articles that were never sent lose 0.002, 0.057 and 0.086 there: the more vote, the more what is common pushes away
what is right."""
FEWEST, ONE_IN, CLOSE = 3, 16, 0.9
"""While little is remembered fewer vote: one in so many of the conversations that are, these at least, and whatever is
so similar. Of 50 the eighth nearest is hardly about the same. After 200 sends on dstc11t5 (50 conversations) 36 ways to
split them have 0.639 instead of 0.660 in the mean, and in none of them do articles that were never sent lose more than
0.018; with eight from the first on they lose more than 0.02 in three, up to 0.026. With all sends nothing changes."""
SIMILAR = 0.77
"""From this cosine on a conversation is told of as similar, whether it votes or not: it would count a tenth of one that
is the same."""
FLOOR = 0.5
"""Contexts whose cosine is lower do not vote: they would count less than 0.01 of one that is the same."""
SHARPNESS = 0.1
"""A cosine that is lower by this counts 1/e of it. doc2dial has 0.948 with 0.08 and with 0.12, dstc11t5 0.706 and
0.747; articles that were never sent lose 0.003 and 0.013 there."""
HALF = 1.0
"""The sum at which a vote is one half: one past conversation that is the same, where nothing was expected. With 0.5
and 0.75 doc2dial has 0.948 and 0.949, dstc11t5 0.755 and 0.744; articles that were never sent lose 0.042 and 0.013
there."""
EXPECTED = 0.2
"""What a send counts at least, however sure the ranking was of it: it still is a reason to be surer. With 0 and 1
doc2dial has 0.949 and 0.947, dstc11t5 0.734 and 0.743; with 1, when surprise counts nothing, articles that were never
sent lose 0.007 and 0.014 (0.019 and 0.025 in the worst split)."""
HALF_LIFE_DAYS = 180
"""After so many days a vote counts half: articles, products and what customers ask change. The data has no dates."""

SENT, SENT_EDITED = 1.0, 0.9
"""What a send is worth; one whose words had to be changed is worth a little less."""
SOLVED, OPENED = 0.25, 0.15
"""What it is worth more when the conversation ended well, and when the customer opened the article."""
CAME_BACK = -0.25
"""What a send is worth after which the customer came back: an article that does not help sinks below zero."""
THUMBS_UP, THUMBS_DOWN, DISMISSED = 0.75, -1.0, -0.35
"""What a verdict without a send is worth. One thumb down stands against one send; a dismissal only says that it did
not fit there and then. A thumb down after a send counts as a thumb down."""

_KIND = np.dtype("<f2")
_SMALLEST = 256
_LOOKED_AT = 256
"""Contexts that are looked at: one conversation has several."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one past conversation has to say for an article.

    Attributes:
        similarity: cosine of what was asked there and now.
        weight: what it adds to the article's sum; 0 when others are nearer, and it is only told of.
    """

    conversation_id: int
    similarity: float
    deed: Deed
    weight: float


def unpacked(vector: bytes) -> NDArray[np.float32]:
    """Return a vector as it is kept in a lesson in the form in which it is asked for."""
    return np.frombuffer(vector, dtype=_KIND).astype(np.float32)


def worth(deed: Deed) -> float:
    """Return what a deed counts, before similarity and age."""
    if not deed.sent:
        return {Did.THUMBS_UP: THUMBS_UP, Did.THUMBS_DOWN: THUMBS_DOWN, Did.DISMISSED: DISMISSED}[deed.did]
    if deed.ending is Ending.CAME_BACK:
        return CAME_BACK
    value = SENT if deed.did is Did.SENT else SENT_EDITED
    return value + SOLVED * (deed.ending is Ending.SOLVED) + OPENED * deed.opened


def weight(deed: Deed, similarity: float, today: date) -> float:
    """Return what a deed adds to the sum of its article.

    Args:
        deed: what was done.
        similarity: cosine of what was asked then and now.
        today: what lies ahead of it counts as done today.
    """
    age = max((today - deed.day).days, 0)
    value = worth(deed)
    if value > 0:
        value *= max(deed.surprise, EXPECTED)
    return float(value * np.exp((min(similarity, 1.0) - 1.0) / SHARPNESS) * 0.5 ** (age / HALF_LIFE_DAYS))


def tally(voices: Iterable[Voice]) -> dict[str, Recalled]:
    """Return what voices come to, by article; an article whose voices cancel each other out is left out."""
    of: dict[str, list[Voice]] = {}
    for voice in voices:
        of.setdefault(voice.deed.article_id, []).append(voice)
    found = {}
    for article_id, some in of.items():
        total = sum(voice.weight for voice in some)
        vote = total / (abs(total) + HALF)
        if vote:
            found[article_id] = Recalled(
                vote,
                sent=sum(voice.deed.sent for voice in some),
                solved=sum(voice.deed.sent and voice.deed.ending is Ending.SOLVED for voice in some),
                turned_down=sum(voice.deed.turned_down for voice in some),
                nearest=max(voice.similarity for voice in some),
            )
    return found


class Lessons:
    """Everything that was learned, in memory. Belongs to one thread."""

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        self._tables: dict[str, _Table] = {}
        self.learn(lessons)

    def __len__(self) -> int:
        return sum(len(table.of) for table in self._tables.values())

    def learn(self, lessons: Iterable[Lesson]) -> None:
        """Hold some more; what was held of their conversations is let go of, so all of a conversation comes at once."""
        new = list(lessons)
        self.forget(lesson.conversation_id for lesson in new)
        for lesson in new:
            if lesson.vector and lesson.deeds:
                self._tables.setdefault(lesson.model, _Table()).put(lesson)

    def forget(self, conversations: Iterable[int]) -> None:
        """Let go of what was learned in some conversations."""
        for conversation_id in set(conversations):
            for table in self._tables.values():
                table.drop(conversation_id)

    def clear(self) -> None:
        """Let go of everything."""
        self._tables.clear()

    def recall(
        self, model: str, context: NDArray[np.float32], today: date, *, without: int = 0
    ) -> Mapping[str, Recalled]:
        """Return what similar past conversations say, by article id; only articles with a vote.

        Args:
            model: which encoder made `context`; vectors of two are never compared.
            context: what is asked, unit length, shape (d,).
            today: how old a lesson is follows from it.
            without: a conversation that has no vote: the one that asks.
        """
        return tally(self.voices(model, context, today, without=without))

    def voices(self, model: str, context: NDArray[np.float32], today: date, *, without: int = 0) -> list[Voice]:
        """Return who votes for what or is only told of, the most similar first; a conversation once for an article."""
        table = self._tables.get(model)
        if table is None:
            return []
        voters = min(NEAREST, max(FEWEST, table.conversations // ONE_IN))
        heard: list[Voice] = []
        known: set[tuple[int, str]] = set()
        votes: dict[int, bool] = {without: False}
        for lesson, similarity in table.near(context, _LOOKED_AT):
            number = lesson.conversation_id
            if number not in votes:
                votes[number] = sum(votes.values()) < (NEAREST if similarity >= CLOSE else voters)
            if number == without or not (votes[number] or similarity >= SIMILAR):
                continue
            for deed in lesson.deeds:
                if (number, deed.article_id) not in known:
                    known.add((number, deed.article_id))
                    counts = weight(deed, similarity, today) if votes[number] else 0.0
                    heard.append(Voice(number, similarity, deed, counts))
        return heard


class _Table:
    """The lessons of one encoder. A row of zeros is free: it is similar to nothing."""

    def __init__(self) -> None:
        self._rows: NDArray[np.float16] = np.zeros((0, 0), dtype=_KIND)
        self._free: list[int] = []
        self.of: dict[int, Lesson] = {}
        self._places: dict[int, list[int]] = {}

    @property
    def conversations(self) -> int:
        """How many are held."""
        return len(self._places)

    def put(self, lesson: Lesson) -> None:
        """Hold a lesson; one whose vector has another size than the others, or no length, teaches nothing."""
        if len(lesson.vector) % _KIND.itemsize:
            return
        row = np.frombuffer(lesson.vector, dtype=_KIND)
        length = float(np.linalg.norm(row.astype(np.float32)))
        # Not NaN, not zero: whatever stands in the records, it must not outvote everything.
        if (self._rows.size and len(row) != self._rows.shape[1]) or not 0.9 < length < 1.1:
            return
        if not self._free:
            self._grow(len(row))
        place = self._free.pop()
        self._rows[place] = row
        self.of[place] = lesson
        self._places.setdefault(lesson.conversation_id, []).append(place)

    def drop(self, conversation_id: int) -> None:
        for place in self._places.pop(conversation_id, ()):
            self._rows[place] = 0
            del self.of[place]
            self._free.append(place)

    def near(self, context: NDArray[np.float32], limit: int) -> list[tuple[Lesson, float]]:
        """Return the lessons most similar to a context, with their cosine, the most similar first."""
        if not self.of or context.shape != self._rows.shape[1:]:
            return []
        query = np.ascontiguousarray(context, dtype=_KIND)
        scores = np.nan_to_num(np.asarray(numkong.dot(query, self._rows), dtype=np.float32), nan=-1.0)
        return [(self.of[int(place)], float(scores[place])) for place in best(scores, limit, above=FLOOR)]

    def _grow(self, dimension: int) -> None:
        count = len(self._rows)
        rows = np.zeros((max(2 * count, _SMALLEST), dimension), dtype=_KIND)
        rows[:count] = self._rows if count else 0
        self._free.extend(range(len(rows) - 1, count - 1, -1))
        self._rows = rows
