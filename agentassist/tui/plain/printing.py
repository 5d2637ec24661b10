"""How everything reads as plain lines. Pure: records in, words out; every line says by its first word what it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agentassist.models import ArticleKind, Audience, Author, EntryKind, Event, State
from agentassist.session import events
from agentassist.session.strain import WORDS, strain
from agentassist.text import clean, clean_line, counted
from agentassist.tui.widgets.remembered import memory_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from agentassist.errors import AgentAssistError
    from agentassist.models import Conversation, Customer, Entry, FollowUp, Hit, Snippet
    from agentassist.session.desk import Offer, Opened, Overview

ENTRY_LIMIT = 8_000
"""The most characters of one entry that are printed; the rest is counted."""
EXCERPT = 300

_EVENTS = {
    Event.HANDOFF: "handed over",
    Event.CLAIMED: "claimed the conversation",
    Event.RELEASED: "gave the conversation back to the queue",
    Event.CLOSED: "closed the conversation",
    Event.REOPENED: "reopened the conversation",
    Event.FOLLOW_UP: "set a follow-up",
}


def name_of(customer: Customer) -> str:
    """Say what a customer is called."""
    return clean_line(customer.name or customer.id, limit=60)


def time_of(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Say a time: 14:02, and the day when it is not today's."""
    there, today = moment.astimezone(zone), now.astimezone(zone)
    apart = (there.date() - today.date()).days
    if apart == 0:
        return f"{there:%H:%M}"
    day = {1: "tomorrow", -1: "yesterday"}.get(apart, f"{there:%a} {there.day} {there:%b} {there.year}")
    return f"{day} {there:%H:%M}"


def span(seconds: float) -> str:
    """Say how long: 0 minutes, 1 minute, 2 hours 5 minutes, 3 days."""
    minutes = max(int(seconds), 0) // 60
    if minutes < 60:
        return counted(minutes, "minute")
    if minutes < 24 * 60:
        rest = f" {counted(minutes % 60, 'minute')}" if minutes % 60 else ""
        return f"{counted(minutes // 60, 'hour')}{rest}"
    return counted(minutes // (24 * 60), "day")


def joined(*parts: str) -> str:
    """Join what is not empty with commas."""
    return ", ".join(part for part in parts if part)


def error_lines(error: AgentAssistError, lead: str = "") -> list[str]:
    """Say what went wrong and what to do."""
    message = clean_line(lead + error.message, limit=400)
    stop = "" if message.endswith((".", "!", "?")) else "."
    return [f"Error: {message}{stop}" + (f" Hint: {clean_line(error.hint, limit=400)}" if error.hint else "")]


# Conversations


def speaker(entry: Entry, me: str) -> str:
    """Say whose words they are: Customer, Bot, Agent, You or System."""
    if entry.author is Author.AGENT and entry.author_name == me:
        return "You"
    return str(entry.author).capitalize()


def entry_lines(entry: Entry, me: str, now: datetime, zone: tzinfo | None, *, back_from: str = "") -> list[str]:
    """Return the lines of one entry, each with its speaker, so that no line of it can pass for another's.

    Args:
        entry: any kind.
        me: this agent.
        now: this moment.
        zone: for times of day.
        back_from: the tree from which the customer came back with it; empty for any other entry.
    """
    who = speaker(entry, me)
    at = f" ({time_of(entry.at, now, zone)})"
    if entry.kind is EntryKind.EVENT:
        summary = clean(entry.text, limit=ENTRY_LIMIT) if entry.event is Event.CLOSED else ""
        told = [f"Summary: {line}" for line in summary.split("\n") if line.strip()]
        return [f"System: {_event(entry, me, now, zone, back_from)}{at}", *told]
    if entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
        question = clean_line(str(entry.data.get("question") or entry.data.get("node") or "a question"), limit=300)
        name = f"{clean_line(entry.author_name, limit=40)}, " if who == "Agent" else ""
        private = ", private" if entry.data.get("private") is True else ""
        answer = clean_line(entry.text, limit=1_000) or "nothing"
        return [f"{who}: {name}asked “{question}”{private}, answered: {answer}{at}"]
    text = clean(entry.text, limit=ENTRY_LIMIT)
    lines = [line for line in text.split("\n") if line.strip()]
    lines += _articles(entry, clean_line(entry.text, limit=ENTRY_LIMIT))
    name = f"{clean_line(entry.author_name, limit=40)}: " if who == "Agent" and entry.author_name else ""
    lines = lines or ["no words"]
    last = len(lines) - 1
    return [f"{who}: {name}{line}{at if number == last else ''}" for number, line in enumerate(lines)]


def _event(entry: Entry, me: str, now: datetime, zone: tzinfo | None, back_from: str) -> str:
    by_agent = entry.author is Author.AGENT
    who = {Author.CUSTOMER: "the customer", Author.BOT: "the bot"}.get(entry.author, "")
    who = ("you" if entry.author_name == me else clean_line(entry.author_name, limit=40)) if by_agent else who
    what = _EVENTS.get(entry.event, "") if entry.event else ""
    what = what or events.what(entry)
    if back_from:
        who, what = "the customer", f"came back from the tree “{clean_line(back_from, limit=80)}”"
    if entry.event is Event.FOLLOW_UP:
        what += _due(entry, now, zone)
    note = clean_line(events.back_note(entry) if back_from else events.note(entry), limit=200)
    return " ".join(part for part in (who, what) if part) + (f": {note}" if note else "")


def _due(entry: Entry, now: datetime, zone: tzinfo | None) -> str:
    try:
        due = datetime.fromisoformat(str(entry.data.get("due")))
    except ValueError:
        return ""
    return f" for {time_of(due, now, zone)}" if due.tzinfo is not None else ""


def _articles(entry: Entry, text: str) -> list[str]:
    """Name the articles that an entry sent, where its text does not."""
    more = entry.data.get("also")
    named = [entry.data, *(item for item in (more if isinstance(more, list) else []) if isinstance(item, dict))]
    lines = []
    for item in named if entry.kind is EntryKind.ARTICLE else ():
        title = clean_line(str(item.get("title") or ""), limit=200)
        link = clean_line(str(item.get("url") or ""), limit=300)
        missing = joined(title if title not in text else "", link if link not in text else "")
        if missing:
            lines.append(f"article: {missing}")
    return lines


def state_words(conversation: Conversation, me: str) -> str:
    """Say who has a conversation."""
    agent = clean_line(conversation.agent, limit=40)
    return {
        State.DIGITAL: f"with the tree, {'yours' if conversation.agent == me else f'lent by {agent}'}"
        if conversation.agent
        else "with the bot",
        State.WAITING: "waiting",
        State.CLAIMED: "yours" if conversation.agent == me else f"claimed by {agent}",
        State.CLOSED: joined("closed", clean_line(conversation.disposition, limit=40)),
    }[conversation.state]


def head_lines(opened: Opened, me: str, now: datetime, zone: tzinfo | None) -> list[str]:
    """Say whose conversation it is, who has it and why it was handed over."""
    conversation = opened.conversation
    reason = clean_line(conversation.reason, limit=200)
    head = joined(
        name_of(conversation.customer), clean_line(conversation.channel, limit=20), state_words(conversation, me)
    )
    lines = [f"Conversation {conversation.id}: {head}" + (f". Handed over: {reason}" if reason else "")]
    earlier = len(opened.earlier)
    if earlier:
        lines.append(f"System: {counted(earlier, 'earlier conversation')} of this customer. To list: earlier")
    open_ones = [item for item in opened.follow_ups if item.done_at is None]
    lines += [follow_up_line(item, name_of(conversation.customer), now, zone) for item in open_ones]
    return lines


def customer_lines(customer: Customer, now: datetime, zone: tzinfo | None) -> list[str]:
    """Say who the customer is."""
    facts = joined(clean_line(customer.email, limit=120), clean_line(customer.language, limit=20))
    place = clean_line(customer.timezone, limit=60)
    there = f", {now.astimezone(zone):%H:%M} there" if zone is not None else ""
    lines = [f"Card: {joined(name_of(customer), facts)}" + (f", {place}{there}" if place else "")]
    for key, value in list(customer.attributes.items())[:12]:
        lines.append(f"Card: {clean_line(key, limit=40).replace('_', ' ')}: {clean_line(value, limit=160)}")
    return lines


# The queue


def waiting_line(item: Conversation, now: datetime) -> str:
    """Say who waits, for how long and why."""
    since = f"since {span((now - item.since).total_seconds())}"
    reason = clean_line(item.reason, limit=120)
    level = WORDS[strain(item.friction)]
    return f"Waiting: {joined(name_of(item.customer), since, level, reason)}, conversation {item.id}"


def mine_line(item: Conversation, now: datetime, tree: str = "") -> str:
    """Say what an own conversation is about, and what of it is unread; of one that is lent, the tree."""
    if item.state is State.DIGITAL:
        where = f"with the tree: {clean_line(tree, limit=80)}" if tree else "with the tree"
        return f"Yours: {joined(name_of(item.customer), where)}, conversation {item.id}"
    unread = f"{item.unread} unread" if item.unread else "nothing unread"
    ago = f"last entry {span((now - item.last_at).total_seconds())} ago"
    preview = clean_line(item.preview, limit=120)
    return f"Yours: {joined(name_of(item.customer), unread, ago)}, conversation {item.id}" + (
        f": {preview}" if preview else ""
    )


def other_line(item: Conversation, now: datetime, zone: tzinfo | None, me: str) -> str:
    """Say of any conversation whose it is, from when, and how it stands."""
    started = time_of(item.started_at, now, zone)
    preview = clean_line(item.preview, limit=80)
    return f"Conversation {item.id}: {joined(name_of(item.customer), started, state_words(item, me))}" + (
        f": {preview}" if preview else ""
    )


def follow_up_line(item: FollowUp, name: str, now: datetime, zone: tzinfo | None) -> str:
    """Say when a follow-up is due, for whom and what was promised."""
    late = now - item.due
    if item.done_at is not None:
        when = "done"
    elif late >= timedelta(0):
        when = f"due since {span(late.total_seconds())}"
    else:
        when = f"due {time_of(item.due, now, zone)}"
    note = clean_line(item.note, limit=200) or "no note"
    only = "only if there is no reply" if item.only_if_no_reply else ""
    about = f"conversation {item.conversation_id}" if item.conversation_id is not None else ""
    return f"Follow-up {item.id}: {joined(clean_line(name, limit=60), when, note, only, about)}"


def overview_lines(overview: Overview, now: datetime, zone: tzinfo | None) -> list[str]:
    """Read the whole queue out."""
    lines = [
        f"Queue: {len(overview.waiting)} waiting, {len(overview.mine)} yours, "
        f"{counted(len(overview.follow_ups), 'follow-up')}"
    ]
    lines += [waiting_line(item, now) for item in overview.waiting]
    lines += [mine_line(item, now, overview.trees.get(item.id, "")) for item in overview.mine]
    return lines + follow_up_lines(overview.follow_ups, overview, now, zone)


def follow_up_lines(items: Iterable[FollowUp], overview: Overview, now: datetime, zone: tzinfo | None) -> list[str]:
    """Read follow-ups out."""
    return [follow_up_line(item, overview.names.get(item.customer_id or "", ""), now, zone) for item in items]


# Suggestions


def kind_words(hit: Hit) -> str:
    """Say what a hit is."""
    if hit.article.kind is not ArticleKind.VIDEO:
        return "article"
    if hit.passage.start is None:
        return "video"
    return f"video at {span_of_video(hit.passage.start)}"


def span_of_video(start: float) -> str:
    """Say a place in a video: 3 minutes 12 seconds."""
    minutes, seconds = divmod(int(start), 60)
    return f"{counted(minutes, 'minute')} {counted(seconds, 'second')}" if minutes else counted(seconds, "second")


def offer_line(offer: Offer) -> str:
    """Say in one line what is suggested."""
    hit = offer.hit
    others = f"{counted(len(hit.folded), 'other says', 'others say')} nearly the same" if hit.folded else ""
    likely = f"{hit.probability:.0%}".replace("%", " percent") if hit.probability is not None else ""
    marks = [
        "internal, cannot be sent" if hit.article.audience is Audience.INTERNAL else "",
        "no link, cannot be sent" if hit.blocked and hit.article.audience is not Audience.INTERNAL else "",
        "verbatim" if hit.article.verbatim else "",
    ]
    title = clean_line(hit.article.title, limit=200)
    told = joined(title, kind_words(hit), likely, memory_words(hit.recalled), others, *marks)
    return f"Suggestion {hit.rank}: {told}"


def offer_lines(offer: Offer) -> list[str]:
    """Say what is suggested, with its passage and link."""
    hit = offer.hit
    heading = clean_line(hit.passage.heading, limit=120)
    lines = [
        offer_line(offer),
        f"Passage: {f'{heading}: ' if heading else ''}{clean_line(hit.passage.text, limit=EXCERPT)}",
    ]
    if hit.link:
        lines.append(f"Link: {clean_line(hit.link, limit=400)}")
    return lines


def why_lines(offer: Offer) -> list[str]:
    """Say why it is suggested."""
    hit = offer.hit
    reviewed = f"review by {hit.article.review_by:%d %b %Y}" if hit.article.review_by else ""
    updated = f"updated {hit.article.updated:%d %b %Y}" if hit.article.updated else ""
    facts = joined(
        clean_line(hit.article.verified_by, limit=60)
        and f"verified by {clean_line(hit.article.verified_by, limit=60)}",
        updated,
        reviewed,
    )
    alike = (joined(clean_line(each.title, limit=200), clean_line(each.url, limit=400)) for each in hit.folded)
    told = [clean_line(hit.reason, limit=300), memory_words(hit.recalled), facts]
    told += [f"nearly the same: {words}" for words in alike]
    return [f"Why {hit.rank}: {words}" for words in told if words]


def snippet_line(number: int, snippet: Snippet) -> str:
    """Say which snippet it is."""
    return f"Snippet {number}: {clean_line(snippet.title, limit=120)}: {clean_line(snippet.body, limit=120)}"


def passages_lines(offer: Offer, texts: Sequence[str]) -> list[str]:
    """Read a whole article out."""
    lines = [offer_line(offer)]
    return lines + [f"Article: {line}" for text in texts for line in clean(text).split("\n") if line.strip()]
