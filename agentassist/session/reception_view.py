"""A conversation as its customer sees it: what was said, what is asked now, and where they stand. Nothing internal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.models import Author, EntryKind, Event, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentassist.models import Entry, JsonValue

    Href = Callable[[Mapping[str, str]], str]

NOTES = {
    Event.HANDOFF: "You are being connected with a person, who sees everything you have said here.",
    Event.CLAIMED: "{name} is here and has read everything above.",
    Event.RELEASED: "You are back in the queue. Nothing is lost.",
    Event.CLOSED: "This conversation is closed.",
    Event.REOPENED: "{name} has opened this conversation again.",
    Event.BACK: "You went back one step.",
    Event.LENT: "{name} asks you a few questions.",
    Event.RETURNED: "You are with the assistant again. A person is one tap away.",
}
"""Events that a customer reads of; of every other one they read nothing."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Where a customer stands.

    Attributes:
        position: 1 is the next.
        wait_minutes: how long it usually takes, from recent data; None when nobody can say.
    """

    position: int
    wait_minutes: int | None
    text: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON has it."""
        return {"position": self.position, "wait_minutes": self.wait_minutes, "text": self.text}


@dataclass(frozen=True, slots=True)
class View:
    """What the customer's page shows.

    Attributes:
        seq: the last entry that was looked at: the cursor to go on from.
        entries: what was said after the cursor that was asked for.
        prompt: what is asked now, as `flows.prompt` has it; None when nothing is.
        can_go_back: whether there is an answer to change.
        can_ask: whether a person can be asked for: at every step while none is there.
        rating: "none", "asked" after the close, "done".
        wishes: what can be chosen instead of waiting.
        notice: when nobody is there, and when somebody is.
    """

    seq: int
    state: State
    agent: str
    agent_typing: bool
    entries: tuple[Mapping[str, JsonValue], ...]
    prompt: Mapping[str, JsonValue] | None = None
    can_go_back: bool = False
    can_ask: bool = False
    queue: Queued | None = None
    open: bool = True
    notice: str = ""
    rating: str = "none"
    wishes: tuple[str, ...] = ()
    email: str = ""
    company: str = ""
    bot: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON has it; every text is still to be escaped by whoever shows it."""
        return {
            "seq": self.seq,
            "state": self.state.value,
            "agent": self.agent,
            "agent_typing": self.agent_typing,
            "entries": [dict(entry) for entry in self.entries],
            "prompt": dict(self.prompt) if self.prompt is not None else None,
            "can_go_back": self.can_go_back,
            "can_ask": self.can_ask,
            "queue": self.queue.to_json() if self.queue is not None else None,
            "hours": {"open": self.open, "text": self.notice},
            "rating": self.rating,
            "wishes": list(self.wishes),
            "email": self.email,
            "company": self.company,
            "bot": self.bot,
        }


@dataclass(frozen=True, slots=True)
class Public:
    """Turns entries into what their customer may read.

    Attributes:
        href: gives the address of an article's link.
        bot: what the bot is called.
    """

    href: Href
    bot: str = field(default="")

    def entry(self, entry: Entry) -> dict[str, JsonValue] | None:
        """Return an entry as its customer reads it; None when there is nothing for them in it."""
        if entry.kind is EntryKind.EVENT:
            return self._note(entry)
        shown: dict[str, JsonValue] = {
            "seq": entry.seq,
            "at": to_stored(entry.at),
            "author": entry.author.value,
            "name": self._name(entry),
            "kind": entry.kind.value,
            "text": entry.text,
        }
        if entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
            shown["question"] = str(entry.data.get("question") or "")
        if entry.kind is EntryKind.ARTICLE:
            sent = articles(entry)
            shown["articles"] = [{"title": item["title"], "href": self.href(item)} for item in sent]
            shown["text"] = _without_links(entry.text, sent)
        if entry.author is Author.CUSTOMER and isinstance(entry.data.get("send_id"), str):
            shown["send_id"] = entry.data["send_id"]
        return shown

    def _name(self, entry: Entry) -> str:
        if entry.author is Author.BOT:
            return entry.author_name or self.bot
        return entry.author_name if entry.author is Author.AGENT else ""

    def _note(self, entry: Entry) -> dict[str, JsonValue] | None:
        words = NOTES.get(entry.event) if entry.event else None
        if words is None:
            return None
        return {
            "seq": entry.seq,
            "at": to_stored(entry.at),
            "author": "system",
            "name": "",
            "kind": "note",
            "text": words.format(name=entry.author_name) if "{name}" in words else words,
            "event": entry.event.value if entry.event else "",
        }


def articles(entry: Entry) -> list[dict[str, str]]:
    """Return the articles that an entry sends: article, title and url of each."""
    also = entry.data.get("also")
    more = [item for item in also if isinstance(item, dict)] if isinstance(also, list) else []
    return [
        {key: str(item.get(key) or "") for key in ("article", "title", "url")}
        for item in (entry.data, *more)
        if item.get("url")
    ]


def _without_links(text: str, sent: list[dict[str, str]]) -> str:
    """Return a text without the lines that only name what is shown as a link below it."""
    told = {item[key].strip() for item in sent for key in ("title", "url")}
    return "\n".join(line for line in text.split("\n") if line.strip() not in told).strip("\n")
