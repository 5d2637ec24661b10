"""Walks the entries of a conversation and keeps what speaks for and against friction. Nothing but their order counts.

What the customer says fades with every further thing they say; what happened to them (the bot had no answer, the same
was asked again) is counted, each time for less. Once the conversation is closed or given back to the bot it begins
anew.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agentassist.friction import told as telling
from agentassist.friction.notes import FADING, SOLVABLE, Mark, Notes
from agentassist.friction.reading import SignalKind
from agentassist.friction.told import Answer
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.friction.reading import Earlier
    from agentassist.friction.said import Reader, Said
    from agentassist.friction.settings import MeterSettings
    from agentassist.models import Entry

ASKED_FROM = 0.5
"""A message that is so likely to ask for a person asks for one."""
SAME_MEANING, SAME_WORDS = 0.76, 0.5
"""From how similar on two messages ask the same: by vectors, by words."""
SAME_AFTER_NONE = 0.4
"""The same for a message right after the bot had no answer: who says something near to it then says it again."""
NONE_MEANT = 0.3
"""How much it counts as no answer that the customer means none of what was found."""
FIRST = 0.4
"""How much "it does not work" says before anything was answered: it is what the customer came for."""
TOLD = 0.3
"""How much silence after something that is no question says, beside silence after a question."""
ENDS = " \n\t*_\"'”’)"
FAINT = 0.02
"""Signs weaker than this are not kept."""
_LOOK_BACK = 8
_AT_EASE = 6
"""Answers and messages of a customer that are no strain."""


class Walk:
    """What the entries so far come to.

    Args:
        reader: reads their texts.
        settings: times and topics.
        earlier: the customer's earlier conversations.
    """

    def __init__(self, reader: Reader, settings: MeterSettings, earlier: Sequence[Earlier]) -> None:
        self._reader = reader
        self._settings = settings
        self._earlier = earlier
        self.last: Said | None = None
        self.mood = 0.0
        self._waiting: Entry | None = None
        self._first: Entry | None = None
        self._returned: Mark | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget what was before: a new wish for a person has to be said anew."""
        self.asked = False
        self.stakes = ""
        self.tried: list[str] = []
        self._turn = self._latest = 0
        self._notes: dict[SignalKind, Notes] = {}
        self._questions: deque[tuple[int, Said]] = deque(maxlen=_LOOK_BACK)
        self._nodes: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._article: tuple[int, str, str] | None = None
        self._answered = 0
        self._failed = False
        self._offer = 0
        self._pending: tuple[Entry, bool] | None = None

    def add(self, entry: Entry) -> None:
        """Take in the next entry."""
        self._first = self._first or entry
        if entry.kind is EntryKind.EVENT:
            self._event(entry)
        elif entry.author is Author.CUSTOMER:
            self._turn += entry.kind is not EntryKind.FORM
            self._latest = entry.seq
            if entry.kind is EntryKind.MESSAGE:
                self._message(entry)
            else:
                self._node(entry)
            self._pending = None
        elif entry.author is not Author.SYSTEM and entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE):
            self._told_by(entry)

    def marks(self, now: datetime) -> dict[SignalKind, Mark]:
        """Return how strong every kind of signal is, of those that there are."""
        made = {}
        for kind, notes in self._notes.items():
            value = notes.fade(kind, self._turn) if kind in FADING else math.log1p(notes.value)
            if value >= FAINT:
                made[kind] = Mark(value, notes.entries, notes.words, notes.value)
        if self._turn > _AT_EASE:
            made[SignalKind.LONG] = Mark(math.log1p(self._turn - _AT_EASE), (self._latest,), "")
        return made | self._times(now)

    def _times(self, now: datetime) -> dict[SignalKind, Mark]:
        made = {}
        if self._waiting is not None:
            over = (now - self._waiting.at) / timedelta(minutes=max(self._settings.waiting_minutes, 1))
            if over >= 1:
                made[SignalKind.WAITING] = Mark(math.log1p(over), (self._waiting.seq,), "")
        elif self._pending is not None and not self._pending[1]:
            quiet = now - self._pending[0].at
            if quiet >= timedelta(minutes=max(self._settings.silence_minutes, 1)):
                entry = self._pending[0]
                asks = "node" in entry.data or entry.text.rstrip(ENDS).endswith("?")
                made[SignalKind.SILENCE] = Mark(1.0 if asks else TOLD, (entry.seq,), entry.text)
        if (returned := self._returned or self._came_back()) is not None:
            made[SignalKind.RETURNED] = returned
        return made

    def _came_back(self) -> Mark | None:
        if self._first is None:
            return None
        since = self._first.at - timedelta(days=self._settings.return_days)
        lately = [item for item in self._earlier if since <= item.ended_at <= self._first.at]
        if not lately:
            return None
        return Mark(0.5 if all(item.solved for item in lately) else 1.0, (self._first.seq,), "")

    def _note(self, kind: SignalKind, value: float, entries: tuple[int, ...], words: str) -> None:
        if value < FAINT:
            return
        before = self._notes.get(kind)
        if kind not in FADING:
            known = before.entries if before else ()
            value += before.value if before else 0.0
            entries = (*known, *(seq for seq in entries if seq not in known[-_LOOK_BACK:]))
        elif before is not None and before.fade(kind, self._turn) > value:
            return
        self._notes[kind] = Notes(self._turn, value, entries, words)

    def _event(self, entry: Entry) -> None:
        event = entry.event
        if event is Event.BACK:
            self._note(SignalKind.BACK, 1.0, (entry.seq,), str(entry.data.get("node", "")))
            self._told = {}  # what the tree says again then is not the bot's doing
        elif event is Event.WISHED:
            self._wished(entry)
        elif event in (Event.HANDOFF, Event.RELEASED):
            self._waiting = entry
        elif event is Event.FLOW:
            self._nodes, self._told = {}, {}
        elif event in (Event.CLAIMED, Event.LENT):
            self._waiting = None
        elif event in (Event.CLOSED, Event.RETURNED, Event.REOPENED):
            self._waiting = None
            self._begin()
            if event is Event.REOPENED:
                self._returned = Mark(1.0, (entry.seq,), "")

    def _wished(self, entry: Entry) -> None:
        wish = entry.data.get("wish")
        if wish in ("person", "callback"):
            self.asked = True
            self._note(SignalKind.ASKED, 1.0, (entry.seq,), entry.text)
        elif wish == "bot":
            self.asked = False
            self._notes.pop(SignalKind.ASKED, None)

    def _message(self, entry: Entry) -> None:
        said = self._reader.said(entry.text)
        self.mood = 0.0 if self.last is None else self.last.upset[0]
        self.last = said
        seq = (entry.seq,)
        self._wish(entry, said)
        self._note(SignalKind.UPSET, said.upset[0], seq, said.upset[1])
        self._note(SignalKind.NEGATIVE, said.negative[0], seq, said.negative[1])
        self._note(SignalKind.SHOUTING, float(bool(said.shouted)), seq, said.shouted)
        self._note(SignalKind.PROFANITY, float("profanity" in said.phrases), seq, said.phrases.get("profanity", ""))
        if said.unresolved:
            again = self._answered or said.unresolved.startswith("still")
            self._note(SignalKind.UNRESOLVED, 1.0 if again else FIRST, seq, said.unresolved)
        if said.stakes[0]:
            at_once = self._settings.hand_over_at_once
            if self.stakes not in at_once or said.stakes[0] in at_once:
                self.stakes = said.stakes[0]
            self._note(SignalKind.STAKES, said.stakes[2], seq, said.stakes[1])
        if said.answer == "no":
            self._note(SignalKind.REFUSED, 1.0, seq, entry.text)
        if "thanks" in said.phrases and said.upset[0] < ASKED_FROM:
            self._note(SignalKind.THANKS, 1.0, seq, said.phrases["thanks"])
        if "tried" in said.phrases and self._answered:
            self._has_tried(entry, said.phrases["tried"])
        self._asked_again(entry, said)

    def _wish(self, entry: Entry, said: Said) -> None:
        """Note how much a message asks for a person; a yes to the offer of one does."""
        likely, words = said.asks
        if self._offer and said.answer == "yes":
            likely, words = 1.0, entry.text
        entries = (self._offer, entry.seq) if self._offer and said.answer == "yes" else (entry.seq,)
        if self._offer and said.answer == "no" and likely < ASKED_FROM:
            self.asked = False
            self._notes.pop(SignalKind.ASKED, None)
        self._offer = 0
        self.asked = self.asked or likely >= ASKED_FROM
        self._note(SignalKind.ASKED, likely, entries, words)

    def _has_tried(self, entry: Entry, words: str) -> None:
        sent = self._article[0] if self._article else self._answered or entry.seq
        if self._article and self._article[1] not in self.tried:
            self.tried.append(self._article[1])
        self._note(SignalKind.TRIED, 1.0, tuple(dict.fromkeys((sent, entry.seq))), words)

    def _asked_again(self, entry: Entry, said: Said) -> None:
        if not said.asking or said.answer == "yes" or len(said.content) < 2 or "thanks" in said.phrases:
            return
        near = max(((said.similar(other), seq, other) for seq, other in self._questions), key=_by_value, default=None)
        least = SAME_MEANING if said.vector is not None else SAME_WORDS
        if self._failed and not said.unresolved:  # "still cold" is near to what it is about, and does not ask it again
            least = SAME_AFTER_NONE
        # A number that was not there before tells more, and does not ask again.
        more = near is not None and any(map(str.isdigit, "".join(said.content - near[2].content)))
        if near is not None and near[0] >= least and not more:
            self._note(SignalKind.REPEATED, 1.0, (near[1], entry.seq), entry.text)
        self._questions.append((entry.seq, said))

    def _node(self, entry: Entry) -> None:
        """Take in an answer to a question of the tree or the bot."""
        means = telling.answer(entry, self._reader.answer(entry.text))
        if means is Answer.PERSON or (means is Answer.YES and self._offer):
            self.asked = True
            self._note(SignalKind.ASKED, 1.0, tuple(filter(None, (self._offer, entry.seq))), entry.text)
        elif means is Answer.NO_PERSON:
            self.asked = False
            self._notes.pop(SignalKind.ASKED, None)
        elif means is Answer.SOLVED:
            for kind in SOLVABLE:
                self._notes.pop(kind, None)
            self._note(SignalKind.DONE, 1.0, (entry.seq,), entry.text)
        elif means is Answer.UNSOLVED:
            self._note(SignalKind.UNRESOLVED, 1.0, (entry.seq,), entry.text)
            self._has_tried(entry, self._article[2] if self._article else entry.text)
        elif means is Answer.NONE:
            self._note(SignalKind.NO_ANSWER, NONE_MEANT, (entry.seq,), entry.text)
        elif means is Answer.NO:
            self._note(SignalKind.REFUSED, 1.0, (entry.seq,), entry.text)
        self._offer = 0
        if means in (Answer.PLAIN, Answer.YES, Answer.NO):
            self._answered_twice(entry)

    def _answered_twice(self, entry: Entry) -> None:
        node = str(entry.data.get("node", ""))
        if node == telling.MEANT:
            return
        key = f"{node} {entry.data.get('field', '')}"
        if node and key in self._nodes and entry.kind is EntryKind.CHOICE:
            self._note(SignalKind.BACK, 1.0, (self._nodes[key], entry.seq), entry.text)
        self._nodes[key] = entry.seq

    def _told_by(self, entry: Entry) -> None:
        """Take in what the bot, the tree or an agent says."""
        # An article's passage is about many things; only what is said to the customer is taken at its word.
        worded = entry.kind is EntryKind.MESSAGE and not telling.own(entry)
        said = telling.told(entry, self._reader.phrases(entry.text) if worded else {})
        if entry.author is Author.BOT:
            self._failed = said.failed
            if said.no_answer:
                self._note(SignalKind.NO_ANSWER, said.no_answer, (entry.seq,), entry.text)
        if said.key:
            if said.key in self._told:
                self._note(SignalKind.BOT_REPEATED, 1.0, (self._told[said.key], entry.seq), entry.text)
            self._told[said.key] = entry.seq
        if said.done:
            self._note(SignalKind.DONE, 1.0, (entry.seq,), said.done)
        if entry.kind is EntryKind.ARTICLE:
            self._article = (entry.seq, str(entry.data.get("article", "")), str(entry.data.get("title", "")))
        self._answered = entry.seq if said.answers else self._answered
        self._offer = entry.seq if said.offer else 0
        self._pending = (entry, said.over)


def _by_value(item: tuple[float, *tuple[object, ...]]) -> float:
    return item[0]
