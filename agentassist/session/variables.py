"""What the variables of a snippet stand for in a conversation. Pure: the same conversation gives the same values.

| variable | where it comes from |
|---|---|
| `customer.name` | the customer's name |
| `customer.first_name` | the first word that is no title, or what follows the comma; nothing for an address |
| `agent.name` | this agent |
| `article.title`, `article.url` | what the caller says, else the last article that an agent sent here |
| `follow_up.time` | the next open follow-up of this conversation, in the customer's own zone |
| `product` | the newest tree answer about a product, else what the customer is known to have when it is only one |
| `serial`, `order.number` | the newest tree answer with a digit in it, else what is known of the customer |

What is not known is not there, so that it is asked for and never guessed.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from agentassist.models import Customer, Entry, FollowUp

_PRODUCT = ("product", "which_product", "device", "which_device", "model")
_PRODUCTS = ("products", "devices")
_SERIAL = ("serial", "serial_number", "serial_no")
_ORDER = ("order", "order_number", "order_no", "order_id")
_NO_ANSWER = re.compile(r"(?:other|something else|another|none|not sure|no idea|i don'?t know|unknown|n/?a|-)\b.*|-*")
_TITLES = ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "m", "sr", "sra")


def known(
    customer: Customer,
    entries: Sequence[Entry],
    follow_ups: Sequence[FollowUp],
    *,
    agent: str,
    now: datetime,
    zone: tzinfo,
    article: tuple[str, str] | None = None,
) -> dict[str, str]:
    """Return the values of a snippet's variables; outside text as it is, not yet safe to show.

    Args:
        customer: whom the text is for.
        entries: the conversation, in order.
        follow_ups: its follow-ups.
        agent: who writes.
        now: this moment.
        zone: the agent's.
        article: title and link to use; None means those of the last article that was sent.

    Returns:
        A value for each variable that is known.
    """
    title, url = article or _last_sent(entries)
    facts = {_plain(name): value for name, value in customer.attributes.items()}
    values = {
        "customer.name": customer.name,
        "customer.first_name": first_name(customer.name),
        "agent.name": agent,
        "article.title": title,
        "article.url": url,
        "follow_up.time": _next(follow_ups, customer.timezone, now, zone),
        "product": _answered(entries, _PRODUCT) or _fact(facts, _PRODUCT) or _only(_fact(facts, _PRODUCTS)),
        "serial": _answered(entries, _SERIAL, digit=True) or _fact(facts, _SERIAL),
        "order.number": _answered(entries, _ORDER, digit=True) or _fact(facts, _ORDER),
    }
    return {name: value for name, value in values.items() if value.strip()}


def first_name(name: str) -> str:
    """Return what to call somebody by, empty when a name does not tell: `visitor 12`, `dana@example.com`."""
    if "@" in name or any(char.isdigit() for char in name):
        return ""
    last, comma, rest = name.partition(",")
    words = (rest if comma and rest.strip() else last).split()
    return next((word for word in words if word.strip(".").casefold() not in _TITLES), "")


def in_their_words(due: datetime, now: datetime, zone: tzinfo, *, named: str = "") -> str:
    """Say a moment to a customer: `tomorrow at 9:00 your time`, `on Friday 27 November at 15:00 your time`.

    Args:
        due: the moment.
        now: this moment.
        zone: the one to say it in.
        named: the zone's name, when it is not the customer's.
    """
    there, today = due.astimezone(zone), now.astimezone(zone).date()
    apart = (there.date() - today).days
    day = {0: "today", 1: "tomorrow"}.get(apart, f"on {there:%A} {there.day} {there:%B}")
    year = f" {there.year}" if apart > 1 and there.year != today.year else ""
    return f"{day}{year} at {there.hour}:{there:%M} {f'({named})' if named else 'your time'}"


def _next(follow_ups: Sequence[FollowUp], timezone: str, now: datetime, zone: tzinfo) -> str:
    ahead = [item.due for item in follow_ups if item.done_at is None and item.due > now]
    if not ahead:
        return ""
    try:
        return in_their_words(min(ahead), now, zoneinfo.ZoneInfo(timezone))
    except (LookupError, ValueError, OSError):  # unknown, or not a name at all
        return in_their_words(min(ahead), now, zone, named=str(zone))


def _last_sent(entries: Sequence[Entry]) -> tuple[str, str]:
    for entry in reversed(entries):
        if entry.author is Author.AGENT and entry.kind is EntryKind.ARTICLE:
            return str(entry.data.get("title") or ""), str(entry.data.get("url") or "")
    return "", ""


def _answered(entries: Sequence[Entry], nodes: Sequence[str], *, digit: bool = False) -> str:
    """Return the newest answer to one of some nodes of the tree that says something."""
    for entry in reversed(entries):
        if entry.author is not Author.CUSTOMER or entry.kind not in (EntryKind.CHOICE, EntryKind.FORM):
            continue
        if _plain(str(entry.data.get("node") or "")) in nodes and _says(entry.text, digit=digit):
            return entry.text
    return ""


def _says(answer: str, *, digit: bool) -> bool:
    if digit:
        return any(char.isdigit() for char in answer)
    return _NO_ANSWER.fullmatch(answer.strip().casefold()) is None


def _fact(facts: Mapping[str, str], names: Sequence[str]) -> str:
    return next((facts[name] for name in names if facts.get(name, "").strip()), "")


def _only(several: str) -> str:
    """Return what a list names when it names only one."""
    items = [item.strip() for item in re.split(r"[,;\n]", several) if item.strip()]
    return items[0] if len(items) == 1 else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
