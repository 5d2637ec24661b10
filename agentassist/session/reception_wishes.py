"""What a customer can ask for at any time: a person, an answer by e-mail, a call, or the bot again."""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.flows import values
from agentassist.flows.model import FieldType, FormField
from agentassist.models import Author, EntryKind, Event, NewEntry
from agentassist.session import when
from agentassist.session.brief import handoff_data
from agentassist.store.followups import ANYONE, Meant
from agentassist.store.page import Handoff, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agentassist.friction.reading import Reading
    from agentassist.models import Entry, JsonValue

PERSON, BOT, EMAIL, CALL_BACK = "person", "bot", "email", "callback"
EMAIL_FIELD = FormField("email", "E-mail address", FieldType.EMAIL, private=True)
PHONE_FIELD = FormField("phone", "Phone number", FieldType.PHONE, private=True)
TEXT_FIELD = FormField("text", "Your question", required=False)
AGAIN = "I am here again. Put it in other words, or ask for a person at any time."
BY_EMAIL = "We will answer to {email}. Everything you have said here goes along."
BY_PHONE = "We will call {phone} {time}. Everything you have said here goes along."
SOON = "as soon as we can"
SOON_MINUTES = 30
"""When whoever names no time is to be called while people are there."""
_LOOSE = re.compile(r"(?:any ?time |some ?time )?(?:after|from|around|about|between|before) ", re.IGNORECASE)
_REST = re.compile(r"(?: (?:and|or|to|until)|,| ?[-–]) .*| or later", re.IGNORECASE)


def person(entries: Sequence[Entry], reading: Reading | None) -> tuple[list[NewEntry], Wish]:
    """Return what is stored when a customer asks for a person."""
    data = handoff_data(entries, reading, asked=True)
    return [_wished(PERSON, "asked for a person")], Wish(Handoff("asked for a person", data))


def bot(name: str) -> tuple[list[NewEntry], Wish]:
    """Return what is stored when a customer goes on with the bot."""
    said = NewEntry(Author.BOT, EntryKind.MESSAGE, AGAIN, name, {"bot": "greeting"})
    return [_wished(BOT, "goes on with the assistant")], Wish(bot=True, then=(said,))


def email(
    details: Mapping[str, str], entries: Sequence[Entry], reading: Reading | None, name: str
) -> tuple[list[NewEntry], Wish]:
    """Return what is stored when a customer wants to be answered by e-mail.

    Args:
        details: `email`, and `text`: what else they want to say.
        entries: of the conversation.
        reading: of the friction meter.
        name: the bot's.

    Raises:
        UsageError: the address is not right.
    """
    address = _right(EMAIL_FIELD, details.get("email", ""))
    said = [_wished(EMAIL, "wants to be answered by e-mail"), _form(EMAIL_FIELD, address)]
    if text := _right(TEXT_FIELD, details.get("text", "")):
        said.append(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
    data = handoff_data([*entries, *said], reading, asked=True)
    told = NewEntry(Author.BOT, EntryKind.MESSAGE, BY_EMAIL.replace("{email}", address), name, {"bot": "promise"})
    return said, Wish(Handoff("wants to be answered by e-mail", data), email=address, then=(told,))


def call_back(  # noqa: PLR0917 - what a call needs
    details: Mapping[str, str],
    entries: Sequence[Entry],
    reading: Reading | None,
    name: str,
    now: datetime,
    zone: str,
    opens: datetime | None,
) -> tuple[list[NewEntry], Wish]:
    """Return what is stored when a customer wants to be called.

    Args:
        details: `phone` and `when`, in words such as "tomorrow 9"; without them it is as soon as can be.
        entries: of the conversation.
        reading: of the friction meter.
        name: the bot's.
        now: this moment, UTC.
        zone: the customer's, an IANA name.
        opens: when people are there again; None when they are now.

    Raises:
        UsageError: the number or the time is not right.
    """
    phone = _right(PHONE_FIELD, details.get("phone", ""))
    wanted = details.get("when", "").strip()[:80]
    meant = _meant(wanted, now, zone) if wanted else _soon(now, zone, opens)
    time = when.in_words(meant.due, meant.zone) if wanted else SOON
    if _LOOSE.match(wanted):
        time += f", as you wrote: “{wanted}”"
    said = [_wished(CALL_BACK, f"wants to be called {time}"), _form(PHONE_FIELD, phone)]
    data = handoff_data([*entries, *said], reading, asked=True)
    words = BY_PHONE.replace("{phone}", phone).replace("{time}", time)
    told = NewEntry(Author.BOT, EntryKind.MESSAGE, words, name, {"bot": "promise"})
    promise = Meant(ANYONE, f"call {phone}", meant.due, meant.zone, meant.wall)
    return said, Wish(Handoff(f"wants to be called {time}", data), call_back=promise, then=(told,))


def _meant(wanted: str, now: datetime, zone: str) -> when.When:
    """Return the moment that a customer means, or from which: of "any time after 16:00" it is 16:00."""
    loose = _LOOSE.match(wanted)
    text = _REST.sub("", wanted[loose.end() :]) if loose else wanted
    try:
        return when.parse(text, now=now, zone=zone)
    except UsageError as error:
        raise UsageError("When may we call? Please write it as in “tomorrow 9:00”.", error.hint) from error


def _soon(now: datetime, zone: str, opens: datetime | None) -> when.When:
    if opens is None:
        return when.parse(f"in {SOON_MINUTES} minutes", now=now, zone=zone)
    local = opens.astimezone(zoneinfo.ZoneInfo(zone))
    return when.parse(local.strftime("%Y-%m-%d %H:%M"), now=now, zone=zone)


def _wished(wish: str, text: str) -> NewEntry:
    return NewEntry(Author.CUSTOMER, EntryKind.EVENT, text, data={"event": Event.WISHED.value, "wish": wish})


def _form(field: FormField, value: str) -> NewEntry:
    data: dict[str, JsonValue] = {"node": field.id, "field": field.id, "question": field.label}
    data |= {"type": field.type.value, "private": field.private}
    return NewEntry(Author.CUSTOMER, EntryKind.FORM, value, data=data)


def _right(field: FormField, value: str) -> str:
    text = values.tidy(value)
    if wrong := values.problem(field, text):
        raise UsageError(wrong, "Correct it, and send it again.")
    return text
