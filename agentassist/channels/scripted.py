"""A simulated customer as a machine: it hears what the agent does, and says when and what the customer writes.

Pure: it knows no clock and no store. Every choice is drawn from a source of its own, named by the seed, the script and
the occasion, so that the same seed and the same acts of the agent give the same words, however often it is asked.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.channels import typos
from agentassist.channels.scripts import Line, Reaction, Trigger
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentassist.channels.scripts import Script
    from agentassist.models import Entry

READING_PACE = 60.0
"""Letters a second that a customer reads; most only look over it."""
LONGEST_READING = 5.0
SHORTEST_TYPING = 0.6
GROWING = 1.5
"""How much longer each further wait is before somebody asks again."""
UNANSWERED = 1.6
"""How much more patience a customer has once somebody has claimed the conversation."""

_FILLERS = {"en": ("ok", "alright", "ok thanks"), "es": ("vale", "ok", "de acuerdo")}
_SOFT = frozenset({Trigger.GREETING, Trigger.APOLOGY, Trigger.OTHER, Trigger.GOODBYE})
"""What a customer does not say any more when the agent has gone on meanwhile."""
_GOODBYE = re.compile(
    r"(?i)\b(anything else|something else|glad (it|that|to)|have a (nice|good|great|lovely)|take care|good ?bye|bye|"
    r"algo m[aá]s|hasta luego|buen d[ií]a)\b"
)
_PROMISE = re.compile(
    r"(?i)\b(get back to you|come back to you|call you|follow[- ]?up|i['’]?ll (check|ask|look|find out|write|let you)|"
    r"i will (check|ask|look|find out|write|let you|get|come|call)|let you know|tomorrow|te (llamo|escribo|aviso))\b"
)
_APOLOGY = re.compile(r"(?i)\b(sorry|apolog\w+|lo siento|disculp\w+|perd[oó]n)\b")
_GREETING = re.compile(r"(?i)^\W*(hi|hello|hey|good (morning|afternoon|evening)|hola|buen[oa]s)\b")
_AT = re.compile(r"[?&#]t=([0-9]+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A message that is going to be sent.

    Attributes:
        begins: when the customer begins to type it, in seconds since they arrived.
        at: when it is sent.
        soft: whether it is dropped when the agent goes on before it is begun.
    """

    begins: float
    at: float
    text: str
    soft: bool = False


class SimulatedCustomer:
    """One customer in one conversation. All times are seconds since they were handed over."""

    def __init__(self, script: Script, seed: int) -> None:
        self.script = script
        self._seed = seed
        self._pending: list[Said] = []
        self._used: Counter[int] = Counter()
        self._occasions: Counter[str] = Counter()
        self._nags: Counter[bool] = Counter()
        self._free = self._quiet_since = 0.0
        self._claimed = self._answered = self._solved = self._promised = False
        self.over = False
        self._plan(script.opening, 0.0, "opening")

    def hear(self, entry: Entry, at: float) -> None:
        """Take in what somebody else did."""
        if self.over or entry.author is Author.CUSTOMER:
            return
        if entry.kind is EntryKind.EVENT:
            self._event(entry.event, at)
        elif entry.author is Author.AGENT:
            self._claimed = self._answered = True
            self._quiet_since = at
            self._drop(lambda said: said.soft and said.begins > at)
            self._react(entry, at)

    def due(self, now: float) -> tuple[str, ...]:
        """Return what has been written by now and was not returned before, in order."""
        if not self._pending and now >= (ask := self._asks_at()):
            words = self._questions()[self._nags[self._claimed]]
            self._nags[self._claimed] += 1
            self._free = self._quiet_since = max(ask, self._quiet_since)
            return (words,)
        said = [item for item in self._pending if item.at <= now]
        if said:
            self._pending = self._pending[len(said) :]
            self._quiet_since, self._answered = said[-1].at, False
        return tuple(item.text for item in said)

    @property
    def busy(self) -> bool:
        """Whether the customer is typing, or about to."""
        return bool(self._pending)

    @property
    def wakes(self) -> float:
        """When the next message is due unless the agent does something; infinite for never."""
        return self._pending[0].at if self._pending else self._asks_at()

    def _drop(self, moot: Callable[[Said], bool]) -> None:
        self._pending = [said for said in self._pending if not moot(said)]
        self._free = max([0.0, *(said.at for said in self._pending)])

    def _event(self, event: Event | None, at: float) -> None:
        if event in (Event.CLAIMED, Event.REOPENED):
            self._claimed, self._quiet_since = True, at
        elif event is Event.RELEASED:
            self._claimed, self._quiet_since = False, at
        elif event is Event.CLOSED:
            self.over = True
            self._pending.clear()

    def _questions(self) -> tuple[str, ...]:
        return self.script.unanswered if self._claimed else self.script.impatient

    def _asks_at(self) -> float:
        """Return when the customer asks whether anybody is there."""
        asked = self._nags[self._claimed]
        if self.over or self._solved or self._promised or self._answered or asked >= len(self._questions()):
            return math.inf
        patience = self.script.patience * (UNANSWERED if self._claimed else 1.0) * GROWING**asked
        return self._quiet_since + patience * self._random(f"patience {self._claimed} {asked}").uniform(0.8, 1.2)

    def _react(self, entry: Entry, at: float) -> None:
        trigger = trigger_of(entry)
        if self._solved and trigger not in (Trigger.ARTICLE, Trigger.QUESTION):
            trigger = Trigger.GOODBYE
        reaction = self._reaction(trigger, entry)
        reading = min(len(entry.text) / READING_PACE, LONGEST_READING) + 0.8
        self._promised = self._promised or trigger is Trigger.PROMISE
        self._occasions[trigger] += 1
        occasion = f"{trigger} {self._occasions[trigger]}"
        if reaction is None:
            self._filler(trigger, at + reading, occasion)
            return
        self._used[id(reaction)] += 1
        if trigger is Trigger.ARTICLE and reaction.solved:  # who has the answer does not go on with the question
            self._drop(lambda said: said.begins > at)
        self._plan(reaction.lines, at + reading, occasion, soft=trigger in _SOFT and not reaction.solved)
        self._solved = self._solved or reaction.solved
        if trigger is Trigger.GOODBYE and self._solved:
            self._promised = True  # whatever the agent still says: nothing is expected any more

    def _reaction(self, trigger: Trigger, entry: Entry) -> Reaction | None:
        """Return the first reaction that fits and was not used; an answer to a question may be given again."""
        fitting = [item for item in self.script.reactions if item.trigger is trigger and _fits(item, entry)]
        if trigger is Trigger.ARTICLE and not fitting:
            fitting = [item for item in self.script.reactions if item.trigger is Trigger.WRONG_ARTICLE]
        fitting.sort(key=lambda item: not item.about)
        return next((item for item in fitting if item.about or not self._used[id(item)]), None)

    def _filler(self, trigger: Trigger, at: float, occasion: str) -> None:
        fillers = _FILLERS.get(self.script.customer.language[:2], _FILLERS["en"])
        number = self._occasions["filler"]
        if number < len(fillers) and trigger is not Trigger.GOODBYE:
            self._occasions["filler"] += 1
            self._plan((Line((fillers[number],)),), at, occasion, soft=True)

    def _plan(self, lines: Iterable[Line], not_before: float, occasion: str, *, soft: bool = False) -> None:
        """Have lines typed one after the other, after everything that is being typed already."""
        for number, line in enumerate(lines):
            source = self._random(f"{occasion} {number}")
            text = source.choice(line.phrasings)
            written, correction = typos.mistype(text, source, self.script.typos)
            begins = max(self._free, not_before) + line.after * source.uniform(0.8, 1.2) + source.uniform(0.2, 1.0)
            self._type(written, begins, soft=soft)
            if correction:
                self._type(f"*{correction}", self._free + 0.8, soft=soft)

    def _type(self, text: str, begins: float, *, soft: bool) -> None:
        at = begins + max(len(text) / self.script.pace, SHORTEST_TYPING)
        self._pending.append(Said(begins, at, text, soft))
        self._free = at

    def _random(self, occasion: str) -> random.Random:
        # Not for secrets. A text as seed gives the same draws in every process.
        return random.Random(f"{self._seed} {self.script.id} {occasion}")  # noqa: S311


def trigger_of(entry: Entry) -> Trigger:
    """Say what an agent's entry is to a customer; what asks for an answer comes before what is only polite."""
    if entry.kind is EntryKind.ARTICLE:
        return Trigger.ARTICLE
    text = entry.text
    for pattern, trigger in ((_GOODBYE, Trigger.GOODBYE), (_PROMISE, Trigger.PROMISE)):
        if pattern.search(text):
            return trigger
    if "?" in text:
        return Trigger.QUESTION
    if _APOLOGY.search(text):
        return Trigger.APOLOGY
    return Trigger.GREETING if _GREETING.search(text) and len(text) < 120 else Trigger.OTHER


def articles_of(entry: Entry) -> tuple[tuple[str, float | None], ...]:
    """Return the ids of the articles that an entry sends, each with the second at which its link begins."""
    also = entry.data.get("also")
    sent = [entry.data, *(item for item in also if isinstance(item, dict))] if isinstance(also, list) else [entry.data]
    found = []
    for item in sent:
        at = _AT.search(str(item.get("url", "")))
        found.append((str(item.get("article", "")), float(at[1]) if at else None))
    return tuple(found)


def _fits(reaction: Reaction, entry: Entry) -> bool:
    if reaction.trigger is Trigger.ARTICLE:
        return any(_is_it(reaction, number, second) for number, second in articles_of(entry))
    if reaction.about:
        return any(re.search(rf"(?i)\b{re.escape(word)}", entry.text) for word in reaction.about)
    return True


def _is_it(reaction: Reaction, article: str, second: float | None) -> bool:
    if article not in reaction.articles:
        return False
    return reaction.seconds is None or reaction.seconds[0] <= (second or 0.0) <= reaction.seconds[1]
