"""The bot's turn: what is found and measured beside the records, and what is said to it where it still fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.flows import bot
from agentassist.flows.bot import Move
from agentassist.friction.reading import Level
from agentassist.models import Author, EntryKind, JsonValue, NewEntry
from agentassist.session.brief import SOLVED_NODE, handoff_data
from agentassist.store.page import Handoff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.friction.meter import Meter
    from agentassist.friction.offer import Offer
    from agentassist.friction.reading import Earlier, Reading
    from agentassist.models import Entry, SearchResult
    from agentassist.session.knowledge import Knowledge

OFFER_NODE = "talk-to-a-person"
"""The node of the answer to the bot's offer; its values are `yes` and `no`."""
HITS = 5
OFFER = "This seems to take more than I can do. Shall I get a person for you?"
NOTHING_AND_OFFER = "I have no article about that. Shall I get a person for you?"
SORRY = (
    "I am sorry that it did not help. Tell me in other words what happens, or ask for a person.",
    "Then I am at my end here. A person will know more: ask for one at any time.",
)
OFF = "I cannot look anything up right now, so I am getting a person for you."
AT_ONCE = "This is one for a person, not for me."
NO_MORE = "I have nothing more to offer, so I am getting a person for you."
ALL_NODE = "is-that-all"
"""The node of the answer to whether that is all; its values are `yes` and `no`."""
URGENT: dict[str, JsonValue] = {"friction": 1.0, "level": Level.FRICTION.value}
"""What a handoff says where the stakes are high: whoever smells gas may be calm, and comes first all the same."""
GLAD = ("Good to hear! Is that all?", "Good. Is that all for today?")


@dataclass(frozen=True, slots=True)
class Thought:
    """What was found and measured for a conversation.

    Attributes:
        seq: the last entry that was looked at.
        result: what was found; None when nothing was asked, only said hello.
        reading: of the friction meter; None when there is none.
        offer: whether to make room for a person.
        off: why the bot cannot answer; empty when it can.
        done: the customer says that it is solved, or thanks.
    """

    seq: int
    result: SearchResult | None
    reading: Reading | None = None
    offer: Offer | None = None
    off: str = ""
    done: bool = False


def consider(
    knowledge: Knowledge,
    meter: Meter | None,
    entries: Sequence[Entry],
    now: datetime,
    earlier: Sequence[Earlier] = (),
) -> Thought:
    """Search and measure for the bot, on the thread that owns the knowledge base. Never raises for what is missing.

    Args:
        knowledge: the published index.
        meter: the friction meter; None measures nothing.
        entries: of the conversation, all of them.
        now: this moment, UTC.
        earlier: the customer's earlier conversations.
    """
    from agentassist.friction.offer import ready_to_offer
    from agentassist.models_memory import Ending
    from agentassist.session import remembering, searching
    from agentassist.session.episodes import telling

    reading = meter.read(entries, now, earlier=earlier) if meter is not None else None
    offer = ready_to_offer(reading, entries, now, meter.settings) if meter is not None and reading else None
    seq = entries[-1].seq if entries else 0
    burst = _burst(entries)
    heard = remembering.hear(burst) if burst else None
    polite = bool(burst) and not telling(burst)
    if heard is Ending.SOLVED or polite:
        return Thought(seq, None, reading, offer, done=heard is not None)
    query, result = searching.find(knowledge, entries, HITS)
    if not query.parts:
        return Thought(seq, None, reading, offer)
    off = result.degraded if not result.hits and result.degraded.startswith("no suggestions") else ""
    return Thought(seq, result, reading, offer, off)


def _burst(entries: Sequence[Entry]) -> str:
    """Return what the customer has written since somebody else spoke; empty when they chose or wrote nothing."""
    said: list[str] = []
    for entry in reversed(entries):
        if entry.kind is EntryKind.EVENT:
            continue
        if entry.author is not Author.CUSTOMER or entry.kind is not EntryKind.MESSAGE:
            break
        said.append(entry.text)
    return "\n".join(reversed(said))


@dataclass(frozen=True, slots=True)
class Said:
    """What comes of a thought."""

    entries: tuple[NewEntry, ...] = ()
    handoff: Handoff | None = None


def respond(thought: Thought, entries: Sequence[Entry], name: str, *, offers: bool = True) -> Said:
    """Return what the bot says to a thought, and whether it hands over. Pure.

    Args:
        thought: what was found and measured.
        entries: of the conversation.
        name: the bot's.
        offers: whether it offers a person at the point of friction.
    """
    offer = thought.offer
    if offer is not None and offer.at_once:
        asked = thought.reading is not None and thought.reading.asked
        words = () if asked else (_say(AT_ONCE, name),)
        return Said(words, _handoff(offer.reason, entries, thought, asked=asked, urgent=not asked))
    if thought.off:
        return Said((_say(OFF, name),), _handoff("the bot cannot search", entries, thought))
    reply = _reply(thought, entries, name)
    if offer is not None and offers:
        return _with_offer(reply, offer, entries, thought, name)
    at_friction = thought.reading is not None and thought.reading.level is Level.FRICTION
    silent = reply.move is Move.SILENT and not _greeted(thought, entries)
    if silent or (at_friction and reply.move in (Move.NONE, Move.UNSURE) and not _declined(entries)):
        # A person was offered before: who is still without an answer at the point of friction is not asked again.
        return Said((_say(NO_MORE, name),), _handoff(_why(thought), entries, thought))
    return Said(reply.entries)


def _declined(entries: Sequence[Entry]) -> bool:
    """Say whether the customer would rather go on without a person, as they said last."""
    answers = (entry.data.get("value") for entry in reversed(entries) if entry.data.get("node") == OFFER_NODE)
    return next(answers, "") == "no"


def _why(thought: Thought) -> str:
    """Return why a person is needed where the bot has nothing more to say: what strains the customer, if they are."""
    reading = thought.reading
    strained = reading is not None and reading.level is not Level.CALM and reading.reasons
    return reading.reasons[0] if reading is not None and strained else "the bot had no answer"


def _reply(thought: Thought, entries: Sequence[Entry], name: str) -> bot.Reply:
    last = next((entry for entry in reversed(entries) if entry.kind is not EntryKind.EVENT), None)
    if last is not None and last.kind is EntryKind.CHOICE and last.data.get("node") == SOLVED_NODE:
        return bot.once(Move.NONE, SORRY, entries, name, {"bot": "sorry"})
    if thought.done:
        return bot.once(Move.GREET, GLAD, entries, name, {"bot": "glad"})
    if thought.result is None:
        return bot.greeting(entries, name)
    return bot.reply(thought.result, entries, name)


def _with_offer(reply: bot.Reply, offer: Offer, entries: Sequence[Entry], thought: Thought, name: str) -> Said:
    """Offer a person, after an article if there is one, which may still help; two questions at once are too many."""
    found = reply.entries if reply.move is Move.ANSWER else ()
    text = NOTHING_AND_OFFER if reply.move in (Move.NONE, Move.SILENT) and thought.result is not None else OFFER
    said = {entry.text for entry in entries if entry.author is Author.BOT}
    if text in said and not found:
        return Said((_say(NO_MORE, name),), _handoff(offer.reason, entries, thought))
    data: dict[str, JsonValue] = {"bot": "offer", "offer": "person", "cause": offer.cause.value}
    return Said((*found, NewEntry(Author.BOT, EntryKind.MESSAGE, text, name, data)))


def _greeted(thought: Thought, entries: Sequence[Entry]) -> bool:
    """Say whether there is nothing to say because nothing was asked."""
    return thought.result is None and not any(
        entry.kind is EntryKind.CHOICE and entry.data.get("node") == SOLVED_NODE for entry in entries[-1:]
    )


def _handoff(
    reason: str, entries: Sequence[Entry], thought: Thought, *, asked: bool = False, urgent: bool = False
) -> Handoff:
    data = handoff_data(entries, thought.reading, asked=asked)
    return Handoff(reason, {**data, **URGENT} if urgent else data)


def _say(text: str, name: str) -> NewEntry:
    return NewEntry(Author.BOT, EntryKind.MESSAGE, text, name, {"bot": "handing-over"})
