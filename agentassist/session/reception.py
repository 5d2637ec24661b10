"""Receives customers: what they say, answer and ask for, and what they see. The bot's part is in `reception_turn`.

Everything is stored before it is told, and each thing that a page sends is stored once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentassist.errors import FlowInputError, StaleNodeError, UnseenEntriesError, UsageError
from agentassist.flows import bot as answering
from agentassist.models import Author, Customer, EntryKind, NewEntry, State
from agentassist.session import reception_tree as trees
from agentassist.session import reception_wishes as wishes
from agentassist.session.brief import SOLVED_NODE, handoff_data
from agentassist.session.reception_after import AfterWork
from agentassist.session.reception_look import LookWork
from agentassist.session.reception_turn import ALL_NODE, OFF, OFFER_NODE, Thought, respond
from agentassist.store.page import Handoff, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentassist.config import Config
    from agentassist.flows.walk import Given
    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import Reading
    from agentassist.models import Entry
    from agentassist.protocols import Clock
    from agentassist.session.hours import Calendar
    from agentassist.session.trees import TreeFiles
    from agentassist.store.store import Store

MAX_MESSAGE = 8_000
"""Characters of one message."""
CHANNEL = "web"
SOLVED = "solved-digital"
"""The disposition of what the tree or the bot has solved."""
TRIES = 5
"""How often an answer is worked out anew because somebody wrote in that moment."""
NO_OFFER = "All right. Tell me more, or ask for a person at any time."


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of what a customer sent.

    Attributes:
        entries: what was stored now; none when this came before.
        turn: the bot is to take its turn: see `reception_turn.consider` and `Reception.turn`.
    """

    entries: tuple[Entry, ...]
    turn: bool = False


class Reception(LookWork, AfterWork):
    """One hand on the records for all customers. Lives on the thread that owns the store.

    Args:
        store: the records.
        config: of the page, the hours and friction.
        decision_trees: of the knowledge base.
        calendar: when people are there.
        meter: reads by words only, for a handoff that waits for nothing; None measures nothing.
        clock: the time.
    """

    def __init__(
        self,
        store: Store,
        *,
        config: Config,
        decision_trees: TreeFiles,
        calendar: Calendar,
        meter: Meter | None,
        clock: Clock,
    ) -> None:
        self._store = store
        self._config = config
        self._trees = decision_trees
        self._calendar = calendar
        self._meter = meter
        self._clock = clock
        self._bot = config.serve.bot

    # Who it is

    def known(self, token: str) -> int | None:
        """Return the conversation that is open in a browser, by its token; None for a new one."""
        visitor = self._store.visitors.get(token)
        return visitor.conversation_id if visitor is not None else None

    def belongs(self, token: str, conversation_id: int) -> bool:
        """Say whether a conversation is this browser's, now or earlier."""
        return self._store.visitors.belongs(token, conversation_id)

    def arrive(self, token: str, *, language: str = "", timezone: str = "") -> int:
        """Begin a conversation with the first decision tree, and return its id.

        Args:
            token: of the browser; a new one is a new customer's.
            language: a BCP 47 tag, empty when unknown.
            timezone: an IANA name, empty when unknown; one that there is not counts as unknown.
        """
        visitor = self._store.visitors.get(token)
        ident = visitor.customer_id if visitor is not None else f"web-{secrets.token_hex(8)}"
        name = "" if visitor is not None else f"Visitor {ident[-4:]}"
        customer = Customer(ident, name, timezone=_zone(timezone), language=language[:35])
        conversation_id = self._store.visitors.begin(token, customer, CHANNEL)
        first = trees.begin(self._trees.now(), self._config.serve.flow)
        hello = first or answering.greeting((), self._bot).entries
        self._store.transcript.append(conversation_id, *hello)
        return conversation_id

    # What they do

    def say(self, conversation_id: int, send_id: str, text: str) -> Taken:
        """Take a message. One that is word for word an answer to the open question is that answer.

        Raises:
            UsageError: it is empty, or longer than `MAX_MESSAGE`.
            NotFoundError: there is no such conversation.
        """
        text = text.strip()
        if not text:
            raise UsageError("There is nothing in it.", "Write something first.")
        if len(text) > MAX_MESSAGE:
            raise UsageError(f"That is longer than {MAX_MESSAGE:,} characters.", "Send it in parts.")
        entries = self._entries(conversation_id)
        conversation = self._store.queue.get(conversation_id)
        if (chosen := self._as_answer(entries, conversation.state, text)) is not None:
            return self.answer(conversation_id, send_id, *chosen)
        new = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text, data={"send_id": send_id[:64]} if send_id else {})
        digital = conversation.state is State.DIGITAL
        lent = digital and bool(conversation.agent)
        wish = Wish(Handoff("wrote while in the tree", handoff_data([*entries, new], None))) if lent else None
        stored = self._store.page.take(conversation_id, send_id, [new], wish)
        return Taken(stored, bool(stored) and digital and not lent)

    def answer(self, conversation_id: int, send_id: str, node: str, given: Given) -> Taken:
        """Take an answer to the open question.

        Raises:
            FlowInputError: something of it is not right; names every field.
            StaleNodeError: that question is not open any more.
            NotFoundError: there is no such conversation.
            UnseenEntriesError: others write without an end.
        """
        for _ in range(TRIES - 1):
            try:
                return self._answer(conversation_id, send_id, node, given)
            except UnseenEntriesError:
                continue  # the form may be an agent's by now: see what is open
        return self._answer(conversation_id, send_id, node, given)

    def _answer(self, conversation_id: int, send_id: str, node: str, given: Given) -> Taken:
        entries = self._entries(conversation_id)
        if self._store.page.was_sent(conversation_id, send_id):
            return Taken(())
        if node == answering.MEANT:
            new = answering.meant(entries, given if isinstance(given, str) else "", self._bot)
            return self._took(conversation_id, send_id, new, node, entries)
        if node in (SOLVED_NODE, OFFER_NODE, ALL_NODE):
            return self._said_yes_or_no(conversation_id, send_id, node, given, entries)
        state = self._store.queue.get(conversation_id).state
        tree = self._open(entries, state)
        new = tree.trees.answer(entries, node, given, author=Author.CUSTOMER)
        if state is not State.DIGITAL:
            return self._took(conversation_id, send_id, trees.only_submitted(new), node, entries)
        return self._go_on(conversation_id, send_id, tree, entries, new)

    def fill(self, conversation_id: int, send_id: str, node: str, field: str, value: str) -> Taken:
        """Save one field of the open form, so that an agent sees it and the form can be filled together.

        Raises:
            FlowInputError: the value is not right.
            StaleNodeError: that form is not open any more.
            NotFoundError: there is no such conversation.
        """
        entries = self._entries(conversation_id)
        if self._store.page.was_sent(conversation_id, send_id):
            return Taken(())
        tree = self._open(entries, self._store.queue.get(conversation_id).state)
        new = tree.trees.fill(entries, node, field, value, author=Author.CUSTOMER)
        return Taken(self._store.page.take(conversation_id, send_id, new, trees.known_by(new)) if new else ())

    def back(self, conversation_id: int, send_id: str) -> Taken:
        """Go back one question, to change its answer.

        Raises:
            FlowError: there is none to go back to.
            NotFoundError: there is no such conversation.
        """
        entries = self._entries(conversation_id)
        if self._store.page.was_sent(conversation_id, send_id):
            return Taken(())
        tree = trees.standing(self._trees.now(), entries)
        if tree is None or not tree.live or self._store.queue.get(conversation_id).state is not State.DIGITAL:
            raise StaleNodeError("")
        return Taken(self._store.page.take(conversation_id, send_id, tree.trees.back(entries)))

    def wish(self, conversation_id: int, send_id: str, wish: str, details: Mapping[str, str]) -> Taken:
        """Take what a customer wants: `person`, `bot`, `email` (with email, text) or `callback` (with phone, when).

        Raises:
            UsageError: there is no such wish, or a detail is not right.
            StateError: the conversation is closed.
            NotFoundError: there is no such conversation.
        """
        entries = self._entries(conversation_id)
        conversation = self._store.queue.get(conversation_id)
        if wish == wishes.BOT:
            entry, follow = wishes.bot(self._bot)
        elif wish == wishes.PERSON:
            if conversation.state in (State.WAITING, State.CLAIMED):
                return Taken(())
            entry, follow = wishes.person(entries, self._measured(entries))
        elif wish == wishes.EMAIL:
            entry, follow = wishes.email(details, entries, self._measured(entries), self._bot)
        elif wish == wishes.CALL_BACK:
            zone = conversation.customer.timezone or self._calendar.zone
            now = self._clock.now()
            hours = self._calendar.at(now)
            opens = None if hours.open else hours.opens
            entry, follow = wishes.call_back(details, entries, self._measured(entries), self._bot, now, zone, opens)
        else:
            raise UsageError("There is no such wish.", "Ask for a person.")
        return Taken(self._store.page.take(conversation_id, send_id, entry, follow))

    # The bot

    def turn(self, conversation_id: int, thought: Thought) -> tuple[Entry, ...]:
        """Store what comes of a thought, unless a person has come or the customer has gone on meanwhile.

        Returns:
            The entries as stored; none when it came too late or there is nothing to say.

        Raises:
            NotFoundError: there is no such conversation.
        """
        entries = self._entries(conversation_id)
        said = respond(thought, entries, self._bot, offers=self._config.friction.offer)
        if not said.entries and said.handoff is None:
            return ()
        return self._store.page.answer(conversation_id, thought.seq, said.entries, said.handoff)

    def give_up(self, conversation_id: int) -> tuple[Entry, ...]:
        """Hand over because the bot failed: whoever wrote to it is not left without an answer.

        Raises:
            NotFoundError: there is no such conversation.
        """
        entries = self._entries(conversation_id)
        handoff = Handoff("the bot failed", handoff_data(entries, self._measured(entries)))
        said = NewEntry(Author.BOT, EntryKind.MESSAGE, OFF, self._bot, {"bot": "handing-over"})
        return self._store.page.answer(conversation_id, entries[-1].seq, [said], handoff)

    # Within

    def _entries(self, conversation_id: int) -> tuple[Entry, ...]:
        entries = self._store.transcript.entries(conversation_id)
        if not entries:
            self._store.queue.get(conversation_id)  # raises for one that there is not
        return entries

    def _open(self, entries: Sequence[Entry], state: State) -> trees.Standing:
        """Return the tree that asks now.

        Raises:
            StaleNodeError: none does.
        """
        tree = trees.standing(self._trees.now(), entries)
        goes_on = tree is not None and (
            tree.asks if state is State.DIGITAL else trees.shared_form(tree, entries, state)
        )
        if tree is None or not goes_on:
            raise StaleNodeError("")
        return tree

    def _as_answer(self, entries: Sequence[Entry], state: State, text: str) -> tuple[str, Given] | None:
        """Return node and option when a message says what an option says."""
        prompt = self._prompt(entries, state)
        if prompt is None or prompt.get("kind") != "choice":
            return None
        options = prompt.get("options")
        for option in options if isinstance(options, list) else []:
            if isinstance(option, dict) and str(option.get("label")).casefold() == text.casefold():
                return str(prompt["node"]), str(option["id"])
        return None

    def _go_on(
        self,
        conversation_id: int,
        send_id: str,
        tree: trees.Standing,
        entries: Sequence[Entry],
        new: Sequence[NewEntry],
    ) -> Taken:
        lent = bool(self._store.queue.get(conversation_id).agent)
        stakes = self._config.friction.stakes
        following = trees.after(tree, [*entries, *new], lent=lent, bot=self._bot, stakes=stakes)
        known = trees.known_by(new)
        wish = replace(known or Wish(), handoff=following.handoff) if known or following.handoff else None
        every = [*new, *following.entries]
        stored = self._store.page.take(conversation_id, send_id, every, wish, seen_seq=entries[-1].seq)
        if stored and following.solved:
            self._store.page.finish(conversation_id, SOLVED, f"The tree solved it: {tree.flow.title}")
        return Taken(stored)

    def _took(
        self, conversation_id: int, send_id: str, new: Sequence[NewEntry], node: str, entries: Sequence[Entry]
    ) -> Taken:
        if not new:
            raise StaleNodeError(node)
        known = trees.known_by(new)
        return Taken(self._store.page.take(conversation_id, send_id, new, known, seen_seq=entries[-1].seq))

    def _said_yes_or_no(
        self, conversation_id: int, send_id: str, node: str, given: Given, entries: Sequence[Entry]
    ) -> Taken:
        prompt = self._prompt(entries, self._store.queue.get(conversation_id).state)
        if prompt is None or prompt["node"] != node:
            raise StaleNodeError("")
        if given not in ("yes", "no"):
            raise FlowInputError({"": "Please choose one of the answers."})
        label = next(str(item["label"]) for item in _options(prompt) if item["id"] == given)
        data = {"node": node, "question": str(prompt["question"]), "value": str(given)}
        chosen = NewEntry(Author.CUSTOMER, EntryKind.CHOICE, label, data=dict(data))
        if node == OFFER_NODE and given == "yes":
            handoff = Handoff("took the offer of a person", handoff_data(entries, self._measured(entries), asked=True))
            return Taken(self._store.page.take(conversation_id, send_id, [chosen], Wish(handoff)))
        if given == "no" and node != SOLVED_NODE:
            words = (NO_OFFER,) if node == OFFER_NODE else (answering.GREETING, NO_OFFER)
            more = answering.once(answering.Move.GREET, words, entries, self._bot, {"bot": "greeting"}).entries
            return Taken(self._store.page.take(conversation_id, send_id, [chosen, *more]))
        stored = self._store.page.take(conversation_id, send_id, [chosen])
        if stored and given == "yes":
            helped = "An article helped." if node == SOLVED_NODE else "The customer has what they wanted."
            self._store.page.finish(conversation_id, SOLVED, helped)
        return Taken(stored, bool(stored) and given == "no")

    def _measured(self, entries: Sequence[Entry]) -> Reading | None:
        return self._meter.read(entries, self._clock.now()) if self._meter is not None else None


def _options(prompt: Mapping[str, object]) -> list[dict[str, object]]:
    found = prompt.get("options")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _zone(name: str) -> str:
    """Return an IANA name that there is, else an empty one."""
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name[:64]).key if name else ""
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return ""
