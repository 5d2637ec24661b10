"""Promises to come back to a customer."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.errors import NotFoundError, UsageError
from agentassist.models import Author, EntryKind, Event, JsonValue, NewEntry
from agentassist.store import transcript
from agentassist.store.rows import storable, to_follow_up

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import FollowUp
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

_STILL_MEANT = """
NOT (only_if_no_reply = 1 AND EXISTS (
  SELECT 1 FROM entries e WHERE e.conversation_id = follow_ups.conversation_id
  AND e.seq > follow_ups.after_seq AND e.author = 'customer'))
"""
"""A follow-up set "only if no reply" is over once the customer has written; any other one stays."""


ANYONE = "anyone"
"""The owner of a follow-up that no agent has taken on, such as a call that a customer asked for: it is everybody's."""


class FollowUps:
    """Several for each conversation, each with a note and an owner."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(  # noqa: PLR0917 - one call, one row
        self,
        conversation_id: int | None,
        customer_id: str | None,
        owner: str,
        note: str,
        due: datetime,
        zone: str,
        wall: str,
        only_if_no_reply: bool = False,
        *,
        author: str = "",
    ) -> FollowUp:
        """Keep a promise; within a conversation an entry says so too.

        Args:
            conversation_id: which conversation it is about, if any.
            customer_id: which customer; None takes the conversation's.
            owner: who comes back.
            note: what to do.
            due: the moment, with a zone.
            zone: the IANA name of the zone the wall time was meant in.
            wall: the wall time that was meant, ISO without a zone.
            only_if_no_reply: it is over once the customer has written again.
            author: who sets it, when that is not the owner.

        Raises:
            UsageError: the time is past, the zone is unknown, or there is no owner.
            NotFoundError: there is no such conversation or customer.
            StoreError: nothing was stored.
        """
        if not owner:
            raise UsageError("a follow-up needs an owner", "Say who comes back to the customer.")
        self._check_time(due, zone)
        meant = Meant(owner, note, due, zone, wall, only_if_no_reply)
        with self._connection.write() as write:
            return put(write, self._clock, conversation_id, customer_id, meant, author or owner)

    def list(
        self,
        *,
        owner: str | None = None,
        conversation_id: int | None = None,
        include_done: bool = False,
        due_before: datetime | None = None,
    ) -> tuple[FollowUp, ...]:
        """Return follow-ups, the next one first.

        Args:
            owner: only this agent's, and those that are everybody's.
            conversation_id: only this conversation's.
            include_done: also those that are done, and those "only if no reply" whose customer has replied.
            due_before: only those due before this moment.
        """
        conditions: list[str] = ["1"]
        parameters: list[str | int] = []
        if not include_done:
            conditions += ["done_at IS NULL", _STILL_MEANT]
        if owner is not None:
            conditions.append("owner IN (?, ?)")
            parameters += [storable(owner), ANYONE]
        if conversation_id is not None:
            conditions.append("conversation_id = ?")
            parameters.append(conversation_id)
        if due_before is not None:
            conditions.append("due < ?")
            parameters.append(to_stored(due_before))
        rows = self._connection.rows(
            f"SELECT * FROM follow_ups WHERE {' AND '.join(conditions)} ORDER BY due, id",  # noqa: S608 - constant text
            parameters,
        )
        return tuple(to_follow_up(row) for row in rows)

    def due(self, owner: str) -> tuple[FollowUp, ...]:
        """Return the open follow-ups of `owner` and of everybody whose time has come, the most overdue first."""
        rows = self._connection.rows(
            f"SELECT * FROM follow_ups WHERE done_at IS NULL AND owner IN (?, ?) AND due <= ? AND {_STILL_MEANT} "  # noqa: S608 - constant text
            "ORDER BY due, id",
            (storable(owner), ANYONE, to_stored(self._clock.now())),
        )
        return tuple(to_follow_up(row) for row in rows)

    def get(self, follow_up_id: int) -> FollowUp:
        """Return one follow-up.

        Raises:
            NotFoundError: there is none with this id.
        """
        return _get(self._connection, follow_up_id)

    def done(self, follow_up_id: int) -> FollowUp:
        """Tick a follow-up off; one that is done stays as it was.

        Raises:
            NotFoundError: there is none with this id.
            StoreError: nothing was changed.
        """
        with self._connection.write() as write:
            if _get(write, follow_up_id).done_at is None:
                write.run(
                    "UPDATE follow_ups SET done_at = ? WHERE id = ?", (to_stored(self._clock.now()), follow_up_id)
                )
            return _get(write, follow_up_id)

    def resume(self, follow_up_id: int) -> FollowUp:
        """Undo `done`; one that is open stays as it is.

        Raises:
            NotFoundError: there is none with this id.
            StoreError: nothing was changed.
        """
        with self._connection.write() as write:
            write.run("UPDATE follow_ups SET done_at = NULL WHERE id = ?", (follow_up_id,))
            return _get(write, follow_up_id)

    def restore(self, before: FollowUp) -> FollowUp:
        """Undo `snooze`: give a follow-up the time that it had, be it past; whether it is done stays.

        Raises:
            NotFoundError: there is none with this id.
            StoreError: nothing was changed.
        """
        with self._connection.write() as write:
            write.run(
                "UPDATE follow_ups SET due = ?, zone = ?, wall = ? WHERE id = ?",
                (to_stored(before.due), before.zone, before.wall, before.id),
            )
            return _get(write, before.id)

    def snooze(self, follow_up_id: int, due: datetime, zone: str, wall: str) -> FollowUp:
        """Move a follow-up that is still open.

        Raises:
            UsageError: the time is past, the zone is unknown, or it is done.
            NotFoundError: there is none with this id.
            StoreError: nothing was changed.
        """
        self._check_time(due, zone)
        with self._connection.write() as write:
            if _get(write, follow_up_id).done_at is not None:
                raise UsageError(f"follow-up {follow_up_id} is done", "Add a new one.")
            write.run(
                "UPDATE follow_ups SET due = ?, zone = ?, wall = ? WHERE id = ?",
                (to_stored(due), zone, wall, follow_up_id),
            )
            return _get(write, follow_up_id)

    def _check_time(self, due: datetime, zone: str) -> None:
        check_time(self._clock, due, zone)


@dataclass(frozen=True, slots=True)
class Meant:
    """A follow-up before it is kept; see `FollowUps.add`."""

    owner: str
    note: str
    due: datetime
    zone: str
    wall: str
    only_if_no_reply: bool = False


def check_time(clock: Clock, due: datetime, zone: str) -> None:
    """Refuse a time that is past.

    Raises:
        UsageError: it is, or the zone is unknown.
    """
    try:
        known = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"unknown time zone {zone}", "Use an IANA name such as Europe/Lisbon.") from error
    if due <= clock.now():
        meant = f"{due.astimezone(known):%a %d %b %Y, %H:%M} ({zone})"
        raise UsageError(f"{meant} is already past", "Give a time that is still to come.")


def put(  # noqa: PLR0917 - the parts of one row
    write: Connection, clock: Clock, conversation_id: int | None, customer_id: str | None, meant: Meant, author: str
) -> FollowUp:
    """Keep a follow-up inside a write, with its entry; see `FollowUps.add`.

    Raises:
        NotFoundError: there is no such conversation or customer.
    """
    after = transcript.standing(write, conversation_id).last_seq if conversation_id is not None else 0
    customer = _customer(write, conversation_id, customer_id)
    row = (to_stored(meant.due), meant.zone, meant.wall, int(meant.only_if_no_reply), after, to_stored(clock.now()))
    follow_up_id = write.run(
        "INSERT INTO follow_ups (conversation_id, customer_id, owner, note, due, zone, wall, "
        "only_if_no_reply, after_seq, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (conversation_id, customer, storable(meant.owner), storable(meant.note), *row),
    )
    item = _get(write, follow_up_id)
    if conversation_id is not None:
        transcript.put(write, clock, conversation_id, [_entry(item, author)])
    return item


def _entry(item: FollowUp, author: str) -> NewEntry:
    """Return the entry that says within the conversation that a follow-up was promised."""
    data: dict[str, JsonValue] = {
        "event": Event.FOLLOW_UP.value,
        "follow_up": item.id,
        "due": to_stored(item.due),
        "zone": item.zone,
        "wall": item.wall,
    }
    if author != item.owner:
        data["owner"] = item.owner
    who, name = (Author.SYSTEM, "") if author == ANYONE else (Author.AGENT, author)
    return NewEntry(who, EntryKind.EVENT, item.note, name, data)


def _get(connection: Connection, follow_up_id: int) -> FollowUp:
    row = connection.row("SELECT * FROM follow_ups WHERE id = ?", (follow_up_id,))
    if row is None:
        raise NotFoundError(f"no follow-up {follow_up_id}", "`agentassist followups list --all` shows them.")
    return to_follow_up(row)


def _customer(write: Connection, conversation_id: int | None, customer_id: str | None) -> str | None:
    if customer_id is None and conversation_id is not None:
        row = write.row("SELECT customer_id FROM conversations WHERE id = ?", (conversation_id,))
        return None if row is None else str(row["customer_id"])
    if customer_id is not None and write.row("SELECT 1 FROM customers WHERE id = ?", (storable(customer_id),)) is None:
        raise NotFoundError(f"no customer {customer_id}", "`agentassist sessions list` shows who wrote.")
    return None if customer_id is None else storable(customer_id)
