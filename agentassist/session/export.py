"""Whole conversations as a person or a program reads them: text, Markdown, JSON.

JSON is exact and plain ASCII; text and Markdown are made safe to show.
"""

from __future__ import annotations

import json
import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentassist.clock import to_stored
from agentassist.models import EntryKind, Event, State
from agentassist.session import events
from agentassist.session.when import in_words
from agentassist.text import clean, clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agentassist.models import Conversation, Customer, Entry, FollowUp, Suggestion
    from agentassist.store.sessions import Found
    from agentassist.store.store import Store
    from agentassist.store.suggestions import Happening, Searched

_EVENTS = {
    Event.HANDOFF: "handed over",
    Event.CLAIMED: "claimed",
    Event.RELEASED: "released",
    Event.CLOSED: "closed",
    Event.REOPENED: "reopened",
    Event.FOLLOW_UP: "follow-up",
}
_STATES = {state: "with the bot" if state is State.DIGITAL else state.value for state in State}
_MARKS = re.compile(r"([\\`*_\[\]<>&|~#])")
_LINE_START = re.compile(r"^(\s*)([-+=]|[0-9]+[.)])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that is known of one conversation."""

    conversation: Conversation
    entries: tuple[Entry, ...]
    searches: tuple[Searched, ...]
    life: tuple[Happening, ...]
    follow_ups: tuple[FollowUp, ...]


def gather(store: Store, conversation_id: int) -> Session:
    """Read one conversation with all that belongs to it.

    Raises:
        NotFoundError: there is no such conversation.
    """
    return Session(
        conversation=store.queue.get(conversation_id),
        entries=store.transcript.entries(conversation_id),
        searches=store.suggestions.searches(conversation_id),
        life=store.suggestions.life(conversation_id),
        follow_ups=store.followups.list(conversation_id=conversation_id, include_done=True),
    )


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return JSON in which every character beyond printable ASCII is escaped: exact, and safe on a terminal."""
    return json.dumps(value, ensure_ascii=True, indent=indent)


def session_data(session: Session) -> dict[str, Any]:
    """Return a session as JSON takes it, with every field; times are UTC, ISO."""
    life: dict[int, list[dict[str, Any]]] = {}
    for happening in session.life:
        life.setdefault(happening.suggestion_id, []).append(
            {
                "outcome": happening.outcome.value,
                "agent": happening.agent,
                "reason": happening.reason,
                "entry_seq": happening.entry_seq,
                "at": to_stored(happening.at),
            }
        )
    return {
        **conversation_data(session.conversation),
        "entries": [entry_data(entry) for entry in session.entries],
        "searches": [
            {
                "seq": searched.seq,
                "at": to_stored(searched.at),
                "mode": searched.mode.value,
                "degraded": searched.degraded,
                "query": [{"text": part.text, "weight": part.weight, "source": part.source} for part in searched.query],
                "suggestions": [
                    {**_suggestion_data(suggestion), "life": life.get(suggestion.id, [])}
                    for suggestion in searched.suggestions
                ],
            }
            for searched in session.searches
        ],
        "follow_ups": [follow_up_data(item) for item in session.follow_ups],
    }


def conversation_data(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation as JSON takes it."""
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "customer": _customer_data(conversation.customer),
        "started_at": to_stored(conversation.started_at),
        "state": conversation.state.value,
        "agent": conversation.agent,
        "since": to_stored(conversation.since),
        "reason": conversation.reason,
        "disposition": conversation.disposition,
        "last_seq": conversation.last_seq,
        "last_at": to_stored(conversation.last_at),
        "preview": conversation.preview,
    }


def entry_data(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON takes it."""
    return {
        "seq": entry.seq,
        "at": to_stored(entry.at),
        "author": entry.author.value,
        "author_name": entry.author_name,
        "kind": entry.kind.value,
        "text": entry.text,
        "data": dict(entry.data),
    }


def found_data(found: Found) -> dict[str, Any]:
    """Return a found entry as JSON takes it; spans count characters of the snippet."""
    return {
        "conversation": conversation_data(found.conversation),
        "entry": entry_data(found.entry),
        "snippet": found.snippet,
        "spans": [list(span) for span in found.spans],
    }


def follow_up_data(item: FollowUp) -> dict[str, Any]:
    """Return a follow-up as JSON takes it."""
    return {
        "id": item.id,
        "conversation_id": item.conversation_id,
        "customer_id": item.customer_id,
        "owner": item.owner,
        "note": item.note,
        "due": to_stored(item.due),
        "zone": item.zone,
        "wall": item.wall,
        "only_if_no_reply": item.only_if_no_reply,
        "created_at": to_stored(item.created_at),
        "done_at": to_stored(item.done_at) if item.done_at else None,
    }


def _customer_data(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "timezone": customer.timezone,
        "language": customer.language,
        "attributes": dict(customer.attributes),
    }


def _suggestion_data(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "rank": suggestion.rank,
        "article_id": suggestion.article_id,
        "title": suggestion.title,
        "url": suggestion.url,
        "passage": suggestion.passage,
        "score": suggestion.score,
        "reason": suggestion.reason,
    }


def as_text(session: Session, zone: str) -> str:
    """Return a session for a person, safe to show.

    Args:
        session: what to show.
        zone: the IANA name of the zone in which times are shown.
    """
    lines = [*_head(session.conversation, zone), ""]
    lines += [_entry_text(entry, zone) for entry in session.entries] or ["  (nothing was said)"]
    if session.searches:
        lines += ["", "Suggestions"]
        lines += [clean(line) for line in _suggestion_lines(session)]
    if session.follow_ups:
        lines += ["", "Follow-ups"]
        lines += [f"  {follow_up_line(item)}" for item in session.follow_ups]
    return "\n".join(lines) + "\n"


def as_markdown(session: Session, zone: str) -> str:
    """Return a session as Markdown, in which nothing that anybody wrote acts as Markdown or HTML.

    Args:
        session: what to show.
        zone: the IANA name of the zone in which times are shown.
    """
    head, *facts = _head(session.conversation, zone)
    lines = [f"# {_plain(head)}", "", *(f"- {_plain(fact)}" for fact in facts), "", "## Transcript", ""]
    for entry in session.entries:
        title, text = _entry_parts(entry)
        lines.append(f"**{entry.seq} · {_plain(_clock(entry.at, zone))} · {_plain(clean_line(title))}**")
        lines += ["", *(f"> {_plain(line)}" for line in clean(text).splitlines()), ""]
    if session.searches:
        lines += ["## Suggestions", "", *(f"- {_plain(clean_line(line))}" for line in _suggestion_lines(session)), ""]
    if session.follow_ups:
        lines += ["## Follow-ups", "", *(f"- {_plain(follow_up_line(item))}" for item in session.follow_ups), ""]
    return "\n".join(lines)


def follow_up_line(item: FollowUp, customer: str = "") -> str:
    """Return a follow-up on one line, safe to show.

    Args:
        item: the follow-up.
        customer: the customer's name, where nothing around says it.
    """
    about = f"conversation {item.conversation_id}" if item.conversation_id else f"customer {item.customer_id or '?'}"
    state = "done" if item.done_at else "only if no reply" if item.only_if_no_reply else ""
    parts = (str(item.id), in_words(item.due, item.zone), customer, about, item.owner, state, item.note)
    return " · ".join(clean_line(part) for part in parts if part)


def conversation_line(conversation: Conversation, zone: str) -> str:
    """Return a conversation on one line, safe to show."""
    state = _STATES[conversation.state]
    if conversation.disposition:
        state += f" ({conversation.disposition})"
    if conversation.agent:
        state += f", {conversation.agent}"
    parts = (
        f"{conversation.id:>5}",
        in_words(conversation.started_at, zone),
        conversation.customer.name or conversation.customer.id,
        conversation.channel,
        state,
        counted(conversation.last_seq, "entry", "entries"),
    )
    return " · ".join([parts[0], *(clean_line(part, limit=60) for part in parts[1:])])


def found_lines(found: Found, zone: str) -> Iterator[str]:
    """Yield the two lines of a found entry, safe to show; its words stand between « and »."""
    entry, conversation = found.entry, found.conversation
    who = clean_line(entry.author_name or entry.author.value, limit=40)
    name = clean_line(conversation.customer.name, limit=60)
    yield f"{conversation.id:>5} · {name} · #{entry.seq} {who} · {in_words(entry.at, zone)}"
    pieces, at = [], 0
    for start, end in found.spans:
        pieces += [found.snippet[at:start], "«", found.snippet[start:end], "»"]
        at = end
    yield f"        {clean_line(''.join([*pieces, found.snippet[at:]]))}"


def _head(conversation: Conversation, zone: str) -> Iterator[str]:
    customer = conversation.customer
    state = _STATES[conversation.state] + (f" ({conversation.disposition})" if conversation.disposition else "")
    owner = f" by {conversation.agent}" if conversation.agent else ""
    known = [customer.name, customer.email, customer.timezone, customer.language, f"id {customer.id}"]
    known += [f"{key}: {value}" for key, value in customer.attributes.items()]
    yield clean_line(f"Conversation {conversation.id} · {conversation.channel} · {state}{owner}")
    yield f"Customer: {clean_line(' · '.join(part for part in known if part), limit=1000)}"
    yield f"Started: {in_words(conversation.started_at, zone)}"
    yield f"{_STATES[conversation.state].capitalize()} since: {in_words(conversation.since, zone)}"
    if conversation.reason:
        yield f"Handed over because: {clean_line(conversation.reason)}"


def _entry_parts(entry: Entry) -> tuple[str, str]:
    """Return who and what, and the text, of an entry; not yet safe to show."""
    who = entry.author_name or entry.author.value
    if entry.event is not None:
        if entry.event is Event.CLOSED:
            return f"{who}: {_EVENTS[entry.event]} as {entry.data.get('disposition', '')}", entry.text
        if entry.event is Event.FOLLOW_UP:
            return f"{who}: {_EVENTS[entry.event]} at {entry.data.get('wall')} ({entry.data.get('zone')})", entry.text
        said = events.what(entry)
        about = events.note(entry) if said else entry.text
        return f"{who}: {_EVENTS.get(entry.event, said)}", about
    if entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
        private = " (private)" if entry.data.get("private") is True else ""
        return f"{who} answers “{entry.data.get('question', '')}”{private}", entry.text
    if entry.kind is EntryKind.ARTICLE:
        titles = [entry.data, *_also(entry)]
        named = ", ".join(str(item.get("article", "")) for item in titles)
        return f"{who} sends {named}", entry.text
    return who, entry.text


def _also(entry: Entry) -> list[dict[str, Any]]:
    also = entry.data.get("also")
    return [item for item in also if isinstance(item, dict)] if isinstance(also, list) else []


def _entry_text(entry: Entry, zone: str) -> str:
    title, text = _entry_parts(entry)
    body = clean(text).replace("\n", "\n       ")
    head = f"{entry.seq:>5}  {_clock(entry.at, zone)}  {clean_line(title)}"
    return f"{head}\n       {body}" if body else head


def _suggestion_lines(session: Session) -> Iterator[str]:
    life: dict[int, list[str]] = {}
    for item in session.life:
        words = item.outcome.value.replace("_", " ") + (f" in #{item.entry_seq}" if item.entry_seq else "")
        because = f": {clean_line(item.reason)}" if item.reason else ""
        life.setdefault(item.suggestion_id, []).append(f"{words} ({clean_line(item.agent)}{because})")
    for searched in session.searches:
        trouble = f" — {clean_line(searched.degraded)}" if searched.degraded else ""
        found = "" if searched.suggestions else ": no good match"
        yield f"  after #{searched.seq}, {searched.mode.value}{trouble}{found}"
        for suggestion in searched.suggestions:
            title, url = clean_line(suggestion.title), clean_line(suggestion.url)
            yield f"    {suggestion.rank}. {title} · {suggestion.score:.3f} · {clean_line(suggestion.reason)} · {url}"
            if happened := life.get(suggestion.id):
                yield f"       {', '.join(happened)}"


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zoneinfo.ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _plain(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", _MARKS.sub(r"\\\1", text))
