"""What the parts of the desk tell each other: requests (…Requested) and facts (what has happened)."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass(eq=False, repr=False)
class OpenRequested(Message):
    """Somebody wants to look at a conversation; looking leaves no trace."""

    conversation_id: int


@dataclass(eq=False, repr=False)
class ClaimRequested(Message):
    """Somebody wants to take a conversation."""

    conversation_id: int


@dataclass(eq=False, repr=False)
class SendRequested(Message):
    """The reply in the composer is to go to the customer."""

    text: str


@dataclass(eq=False, repr=False)
class InsertRequested(Message):
    """The suggestion with this rank is to go into the composer."""

    rank: int


@dataclass(eq=False, repr=False)
class ReadRequested(Message):
    """The suggestion with this rank is to be read in full."""

    rank: int


@dataclass(eq=False, repr=False)
class SearchRequested(Message):
    """Words were typed into the search box; empty means the conversation's own suggestions."""

    words: str


@dataclass(eq=False, repr=False)
class FollowUpOpened(Message):
    """A follow-up in the queue was chosen."""

    follow_up_id: int
    conversation_id: int | None


class StoreChanged(Message):
    """Some process has written to the store. Posted from the watcher's thread."""


class DeskComplete(Message):
    """Everything is in its place, and keys do what they are for."""


@dataclass(eq=False, repr=False)
class EntriesSeen(Message):
    """Everything up to this entry has been on screen long enough to be read."""

    conversation_id: int
    seq: int


@dataclass(eq=False, repr=False)
class DraftChanged(Message):
    """The agent has typed."""

    text: str


@dataclass(eq=False, repr=False)
class PaneRequested(Message):
    """One of the panes is to be in front (it matters when the screen is narrow)."""

    pane: str
