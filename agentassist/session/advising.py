"""Whether a written guide or a person serves the customer of a conversation better: the inputs of `friction.advice`.

They are the conversation and the best suggestion, the customer's earlier conversations, the tree's or topic's kind of
journey, and the channels at hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Author, EntryKind, Event, Journey, State
from agentassist.session import brief
from agentassist.session.brief_words import last_brief
from agentassist.session.events import answers_the_bot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from agentassist.config import Config
    from agentassist.friction.advice import Advice, Guide, Habits
    from agentassist.friction.reading import Earlier, Reading
    from agentassist.models import Entry, SearchResult
    from agentassist.session.desk import Desk
    from agentassist.session.knowledge import Knowledge

MOST_EARLIER = 10
"""Earlier conversations that are looked at, the newest."""
_STEP = re.compile(r"(?m)^\s*(?:\d{1,2}[.)]|step \d{1,2}\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class History:
    """What a customer's earlier conversations say of how they get on with digital help.

    Attributes:
        opened: articles that they opened.
        sent: articles that they were sent.
        solved: conversations that were solved without a person.
        persons: conversations that needed one.
        earlier: for the friction meter.
    """

    opened: int = 0
    sent: int = 0
    solved: int = 0
    persons: int = 0
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the configuration counts.

    Attributes:
        video_call: whether video calls are set up.
        journeys: by topic, what kind of journey it is.
        ignore: phrases that say nothing about friction.
        stakes: the topics at which a person takes over at once.
    """

    video_call: bool = False
    journeys: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    stakes: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Config) -> Rules:
        """Read them."""
        friction = config.friction
        return cls(bool(config.serve.video_call), config.journeys, friction.ignore, friction.stakes)


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation to advise on.

    Attributes:
        result: what was found for it.
        email: whether the customer has an address.
        language: of what they write, a BCP 47 tag; may be empty.
        now: this moment, UTC.
    """

    entries: tuple[Entry, ...]
    result: SearchResult
    history: History
    rules: Rules
    now: datetime
    email: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Advised:
    """An advice.

    Attributes:
        measured: whether the friction meter has read the conversation; else what the handoff says of it counts.
    """

    advice: Advice
    measured: bool


def history(desk: Desk, conversation_id: int) -> History:
    """Return what the customer's earlier conversations say; runs on the store's thread.

    Raises:
        StoreError: they cannot be read.
    """
    from agentassist.friction.reading import Earlier

    made = History()
    for other in desk.open(conversation_id).earlier[:MOST_EARLIER]:
        entries = desk.entries(other.id, 0)
        person = any(entry.event in (Event.HANDOFF, Event.CLAIMED) for entry in entries)
        solved = other.state is State.CLOSED and other.disposition.startswith("solved")
        made = History(
            opened=made.opened + _opened(entries),
            sent=made.sent + _sent(entries),
            solved=made.solved + (solved and not person),
            persons=made.persons + person,
            earlier=(*made.earlier, Earlier(other.id, other.last_at, solved)),
        )
    return made


def warm(knowledge: Knowledge, rules: Rules) -> None:
    """Let the friction meter get ready; runs on the thread of the knowledge base."""
    knowledge.warm_meter(rules)


def advise(knowledge: Knowledge, case: Case) -> Advised:
    """Return whether a guide or a person serves the customer better; runs on the thread of the knowledge base."""
    from agentassist.friction import advice
    from agentassist.friction.offer import wish_of

    measured = knowledge.measure(case.entries, case.now, case.history.earlier, case.rules)
    reading = measured or reading_of(case.entries)
    made = advice.advise(
        reading,
        asked_for=brief.open_question(case.entries),
        guide=guide_of(knowledge, case, reading),
        habits=habits_of(case),
        journey=journey_of(knowledge, case, reading),
        channels=advice.Channels(email=case.email, video_call=case.rules.video_call),
        wish=wish_of(case.entries),
        language=case.language.partition("-")[0].lower() or "en",
    )
    unknown = case.result.degraded or any(hit.probability is None for hit in case.result.hits[:1])
    if made.direction is advice.Direction.NONE and unknown:
        made = replace(made, reason="")  # what is found by keyword alone says nothing of how good it is
    return Advised(made, measured is not None)


def reading_of(entries: Sequence[Entry]) -> Reading:
    """Return what the last handoff says of a conversation, as a reading of the meter."""
    from agentassist.friction.reading import Level, Reading

    told = last_brief(entries)
    if told is None:
        return Reading(Level.CALM, 0.0)
    level = Level(told.level) if told.level in [item.value for item in Level] else Level.CALM
    return Reading(level, told.friction, reasons=told.signals[:3], stakes=told.stakes, asked=told.asked)


def guide_of(knowledge: Knowledge, case: Case, reading: Reading) -> Guide | None:
    """Return the best suggestion that may be sent; None when there is none, or none that fits."""
    from agentassist.friction.advice import Guide
    from agentassist.models import ArticleKind

    hit = next((hit for hit in case.result.hits if not hit.blocked), None)
    if hit is None or case.result.no_match:
        return None
    try:
        texts = [passage.text for passage in knowledge.passages(hit.article.id)]
    except AgentAssistError:
        texts = []  # the search says what is wrong with the index
    texts = texts or [hit.passage.text]
    had = {name for name, _ in brief.shown(case.entries)} | set(brief.tried(case.entries)) | set(reading.tried)
    return Guide(
        title=hit.article.title,
        video=hit.article.kind is ArticleKind.VIDEO,
        probability=hit.probability or 0.0,
        words=sum(len(text.split()) for text in texts),
        steps=sum(len(_STEP.findall(text)) for text in texts),
        tried=hit.article.id in had,
    )


def habits_of(case: Case) -> Habits:
    """Return how the customer gets on with digital help, in earlier conversations and in this one."""
    from agentassist.friction.advice import Habits

    before, entries = case.history, case.entries
    answers = [entry for entry in entries if entry.kind in (EntryKind.CHOICE, EntryKind.FORM)]
    return Habits(
        opened=before.opened + _opened(entries),
        sent=before.sent + _sent(entries),
        solved=before.solved,
        persons=before.persons,
        tree_answers=sum(entry.author is Author.CUSTOMER and not answers_the_bot(entry) for entry in answers),
    )


def journey_of(knowledge: Knowledge, case: Case, reading: Reading) -> Journey | None:
    """Return the kind of journey that is configured for the topic, else for the tree; None when neither is."""
    from agentassist.flows import walk

    try:
        flow = knowledge.trees().get(walk.running(case.entries))
    except AgentAssistError:
        flow = None  # without a knowledge base there are no trees either
    topics = (reading.stakes, flow.topic if flow is not None else "")
    told = next((case.rules.journeys[topic] for topic in topics if topic in case.rules.journeys), "")
    if told:
        return Journey(told)
    return flow.journey if flow is not None else None


def _opened(entries: Iterable[Entry]) -> int:
    return sum(entry.event is Event.OPENED for entry in entries)


def _sent(entries: Iterable[Entry]) -> int:
    return sum(1 for _ in brief.shown(entries))
