"""The records: one SQLite file that several processes share, one `Store` for each thread that uses it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from agentassist.store.claims import Claims
from agentassist.store.connection import BUSY_SECONDS, Connection
from agentassist.store.customers import Customers
from agentassist.store.drafts import Drafts
from agentassist.store.followups import FollowUps
from agentassist.store.presence import Presences
from agentassist.store.queue import Queue
from agentassist.store.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentassist.models_memory import Ending
    from agentassist.protocols import Clock
    from agentassist.store.article_links import ArticleLinks
    from agentassist.store.article_stats import ArticleStats
    from agentassist.store.contexts import Contexts
    from agentassist.store.flow_stats import FlowStats
    from agentassist.store.gaps import Gaps
    from agentassist.store.lessons import LessonReader
    from agentassist.store.outbox import Outbox
    from agentassist.store.page import Page
    from agentassist.store.replies import Replies
    from agentassist.store.sessions import Sessions
    from agentassist.store.similar import SessionVectors
    from agentassist.store.suggestions import Suggestions
    from agentassist.store.visitors import Visitors
    from agentassist.store.waits import Waits


class Store:
    """Everything that is kept, by subject. Belongs to the thread that opened it.

    Once a call that writes returns, what it wrote is on disk; when it raises, nothing of it was kept.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock
        self.customers = Customers(connection)
        self.transcript = Transcript(connection, clock)
        self.claims = Claims(connection, clock)
        self.queue = Queue(connection)
        self.presence = Presences(connection, clock)
        self.followups = FollowUps(connection, clock)
        self.drafts = Drafts(connection, clock)

    # What a queue does without is imported when it is first asked for.

    @cached_property
    def replies(self) -> Replies:
        """Sending a reply."""
        from agentassist.store.replies import Replies

        return Replies(self._connection, self._clock)

    @cached_property
    def suggestions(self) -> Suggestions:
        """What was suggested, and what became of it."""
        from agentassist.store.suggestions import Suggestions

        return Suggestions(self._connection, self._clock)

    @cached_property
    def sessions(self) -> Sessions:
        """Conversations of any time."""
        from agentassist.store.sessions import Sessions

        return Sessions(self._connection)

    @cached_property
    def similar(self) -> SessionVectors:
        """Closed conversations as vectors."""
        from agentassist.store.similar import SessionVectors

        return SessionVectors(self._connection, self._clock)

    @cached_property
    def contexts(self) -> Contexts:
        """What was learned from, and taking it away."""
        from agentassist.store.contexts import Contexts

        return Contexts(self._connection, self._clock)

    def lessons(self, hear: Callable[[str], Ending | None] = lambda _: None) -> LessonReader:
        """Return what reads the lessons of these records; for `hear` see `LessonReader`."""
        from agentassist.store.lessons import LessonReader

        return LessonReader(self._connection, hear)

    @cached_property
    def gaps(self) -> Gaps:
        """What may show that an article is missing."""
        from agentassist.store.gaps import Gaps

        return Gaps(self._connection)

    @cached_property
    def article_stats(self) -> ArticleStats:
        """How articles do, in numbers."""
        from agentassist.store.article_stats import ArticleStats

        return ArticleStats(self._connection)

    @cached_property
    def flow_stats(self) -> FlowStats:
        """What customers did in decision trees."""
        from agentassist.store.flow_stats import FlowStats

        return FlowStats(self._connection)

    @cached_property
    def page(self) -> Page:
        """What comes from the customer's page and from the bot."""
        from agentassist.store.page import Page

        return Page(self._connection, self._clock)

    @cached_property
    def visitors(self) -> Visitors:
        """Who comes to the customer's page."""
        from agentassist.store.visitors import Visitors

        return Visitors(self._connection, self._clock)

    @cached_property
    def article_links(self) -> ArticleLinks:
        """Links that tell whether an article was opened."""
        from agentassist.store.article_links import ArticleLinks

        return ArticleLinks(self._connection, self._clock)

    @cached_property
    def waits(self) -> Waits:
        """How long customers wait."""
        from agentassist.store.waits import Waits

        return Waits(self._connection, self._clock)

    @cached_property
    def outbox(self) -> Outbox:
        """What is to leave by e-mail."""
        from agentassist.store.outbox import Outbox

        return Outbox(self._connection, self._clock)

    @classmethod
    def open(cls, path: Path, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Open the records, making them with mode 0600 when they are missing.

        Args:
            path: the database file, on a disk of this machine.
            clock: tells when something is stored.
            busy_seconds: how long a write waits for another process.

        Raises:
            StoreFullError: the file cannot be made or written.
            StoreDamagedError: it is not a healthy database of this program.
            StoreBusyError: another process held the lock for too long.
            StoreError: it is on a network file system, a newer version of this program wrote it, or SQLite is too old.
        """
        return cls(Connection.open(path, busy_seconds=busy_seconds), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def version(self) -> int:
        """Return a number that changes whenever another connection has written."""
        row = self._connection.row("PRAGMA data_version")
        return 0 if row is None else int(row[0])
