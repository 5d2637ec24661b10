"""What a customer's page shows, read back from the records."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from agentassist.flows import bot as answering
from agentassist.flows.prompt import prompt as tree_prompt
from agentassist.models import Author, EntryKind, Event, State
from agentassist.session import reception_tree as trees
from agentassist.session.brief import SOLVED_NODE
from agentassist.session.reception_turn import ALL_NODE, OFFER_NODE
from agentassist.session.reception_view import Public, Queued, View
from agentassist.session.reception_wishes import BOT, CALL_BACK, EMAIL, PERSON

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from agentassist.config import Config
    from agentassist.models import Conversation, Entry, JsonValue
    from agentassist.protocols import Clock
    from agentassist.session.hours import Calendar
    from agentassist.session.trees import TreeFiles
    from agentassist.store.store import Store

FEWEST = 3
"""Claims from which a wait can be told honestly."""
PROMISED = {
    EMAIL: "You need not wait here: we will answer by e-mail.",
    CALL_BACK: "You need not wait here: we will call you.",
}
"""What is told of the wait to whoever has chosen something else."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


class LookWork:
    """The part of a reception that looks."""

    _store: Store
    _config: Config
    _trees: TreeFiles
    _calendar: Calendar
    _clock: Clock
    _bot: str

    def view(self, conversation_id: int, after: int = 0) -> View:
        """Return what a customer sees; looking writes nothing but the tokens of links.

        Args:
            conversation_id: which.
            after: the cursor: only entries with a higher number are returned.

        Raises:
            NotFoundError: there is no such conversation.
        """
        conversation = self._store.queue.get(conversation_id)
        entries = self._store.transcript.entries(conversation_id)
        public = Public(lambda article: self._href(conversation_id, article), self._bot)
        shown = [made for entry in entries if entry.seq > after and (made := public.entry(entry)) is not None]
        digital = conversation.state is State.DIGITAL
        tree = trees.standing(self._trees.now(), entries)
        hours = self._calendar.at(self._clock.now())
        prompt = self._prompt(entries, conversation.state)
        # What the bot asks is answered or passed over; going back is for the tree's questions.
        asked = prompt is None or "flow" in prompt
        return View(
            seq=entries[-1].seq if entries else 0,
            state=conversation.state,
            agent=conversation.agent,
            agent_typing=self._agent_types(conversation),
            entries=tuple(shown),
            prompt=prompt,
            can_go_back=digital and asked and tree is not None and tree.live and tree.walk.can_go_back,
            can_ask=digital,
            queue=self._queued(conversation, entries),
            open=hours.open,
            notice=self._notice(conversation),
            rating=_rating(conversation, entries),
            wishes=(PERSON, EMAIL, CALL_BACK) if digital else (EMAIL, CALL_BACK, BOT) if _waits(conversation) else (),
            email=conversation.customer.email,
            company=self._config.serve.company,
            bot=self._bot,
        )

    def entries(self, conversation_id: int) -> tuple[Entry, ...]:
        """Return everything that was said, for the bot's turn."""
        return self._store.transcript.entries(conversation_id)

    def turn_due(self, conversation_id: int) -> bool:
        """Say whether the customer has written something that the bot was to answer, and nobody has.

        Whoever was to take that turn ended before: it is due again when the customer's page comes back.

        Raises:
            NotFoundError: there is no such conversation.
        """
        conversation = self._store.queue.get(conversation_id)
        if conversation.state is not State.DIGITAL or conversation.agent:
            return False
        said = [entry for entry in self.entries(conversation_id) if entry.kind is not EntryKind.EVENT]
        last = said[-1] if said else None
        if last is None or last.author is not Author.CUSTOMER:
            return False
        return last.kind is EntryKind.MESSAGE or last.data.get("node") == SOLVED_NODE

    def last_seqs(self, conversation_ids: Collection[int]) -> dict[int, int]:
        """Return the number of the last entry of conversations, by one query."""
        return self._store.transcript.last_seqs(conversation_ids)

    def _prompt(self, entries: Sequence[Entry], state: State) -> Mapping[str, JsonValue] | None:
        """Return the question that is open; None when none is."""
        tree = trees.standing(self._trees.now(), entries)
        if state is not State.DIGITAL:
            shared = tree if tree is not None and trees.shared_form(tree, entries, state) else None
            return self._tree_prompt(shared)
        if offered := answering.choices(entries):
            options = [(item["article"], item["title"]) for item in offered]
            options.append((answering.NONE_OF_THESE, "None of these"))
            return _choice(answering.MEANT, answering.asked_last(entries), options)
        last = _last_said(entries)
        if last is not None and last.kind is EntryKind.ARTICLE and last.data.get("bot") == "answer":
            return _choice(SOLVED_NODE, "Did that help?", [("yes", "Yes, that solved it"), ("no", "Not yet")])
        if last is not None and last.data.get("bot") == "glad":
            return _choice(ALL_NODE, last.text, [("yes", "Yes, thank you"), ("no", "No, something else")])
        if last is not None and last.data.get("offer") == "person":
            return _choice(OFFER_NODE, last.text, [("yes", "Yes, a person please"), ("no", "No, go on")])
        return self._tree_prompt(tree if tree is not None and tree.asks else None)

    @staticmethod
    def _tree_prompt(tree: trees.Standing | None) -> Mapping[str, JsonValue] | None:
        made = tree_prompt(tree.flow, tree.walk) if tree is not None else None
        if made is None:
            return None
        shown = made.to_json()
        shown["articles"] = []  # they stand in the transcript, right above
        return shown

    def _href(self, conversation_id: int, article: Mapping[str, str]) -> str:
        """Return the address of a link: one that counts, or the article's own."""
        url = article["url"]
        if not url.startswith(("https://", "http://")):
            return ""
        if not self._config.serve.count_opens:
            return url
        token = self._store.article_links.make(conversation_id, article["article"], article["title"], url)
        return f"/a/{token}"

    def _agent_types(self, conversation: Conversation) -> bool:
        if conversation.state is not State.CLAIMED:
            return False
        return any(
            desk.typing and desk.conversation_id == conversation.id and desk.agent == conversation.agent
            for desk in self._store.presence.others("")
        )

    def _queued(self, conversation: Conversation, entries: Sequence[Entry]) -> Queued | None:
        if conversation.state is not State.WAITING:
            return None
        position = self._store.waits.place(conversation.id)
        waits = self._store.waits.recent()
        waited = (self._clock.now() - conversation.since).total_seconds()
        usual = statistics.median(waits) if len(waits) >= FEWEST else None
        place = "You are next." if position == 1 else f"You are {_ordinal(position)} in the queue."
        if promised := PROMISED.get(_last_wish(entries)):
            return Queued(position, None, f"{place} {promised}")
        if usual is None:
            return Queued(position, None, f"{place} We cannot say yet how long it takes.")
        if waited > 2 * max(usual, 60):
            return Queued(position, None, f"{place} It takes longer than usual. Thank you for your patience.")
        minutes = max(1, round(usual / 60))
        unit = "a minute" if minutes == 1 else f"{minutes} minutes"
        return Queued(position, minutes, f"{place} It usually takes about {unit}.")

    def _notice(self, conversation: Conversation) -> str:
        """Say when somebody is there, when nobody is."""
        now = self._clock.now()
        hours = self._calendar.at(now)
        if hours.open or conversation.state is State.CLAIMED:
            return ""
        if hours.opens is None:
            return "Nobody is there now. Leave an e-mail address, and we will answer."
        time = self._calendar.words(hours.opens, now, conversation.customer.timezone)
        return f"Nobody is there now; we are back {time}. Leave an e-mail address or a phone number, or go on here."


def _choice(node: str, question: str, options: Sequence[tuple[str, str]]) -> Mapping[str, JsonValue]:
    """Return a question of the bot as a tree's is."""
    return {
        "node": node,
        "kind": "choice",
        "question": question,
        "options": [{"id": ident, "label": label} for ident, label in options],
        "chosen": [],
        "least": 1,
        "most": 1,
        "fields": [],
        "articles": [],
        "can_go_back": False,
    }


def _last_said(entries: Sequence[Entry]) -> Entry | None:
    last = next((entry for entry in reversed(entries) if entry.kind is not EntryKind.EVENT), None)
    return last if last is not None and last.author is Author.BOT else None


def _rating(conversation: Conversation, entries: Sequence[Entry]) -> str:
    if any(entry.event is Event.RATED for entry in entries):
        return "done"
    return "asked" if conversation.state is State.CLOSED else "none"


def _last_wish(entries: Sequence[Entry]) -> str:
    """Return what a customer has wished last; empty for nothing."""
    wishes = (str(entry.data.get("wish") or "") for entry in reversed(entries) if entry.event is Event.WISHED)
    return next(wishes, "")


def _waits(conversation: Conversation) -> bool:
    return conversation.state is State.WAITING


def _ordinal(number: int) -> str:
    return ORDINALS[number - 1] if 0 < number <= len(ORDINALS) else f"number {number}"
