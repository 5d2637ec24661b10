"""What a desk asks the records about past conversations that are like an open one. They are read, and never sent.

`session.similar` does the work, and is imported when it is first needed: the first picture of the desk has none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.store.similar import Closing, SessionVector
    from agentassist.store.store import Store

MOST = 7
"""Past conversations that are listed."""


@dataclass(frozen=True, slots=True)
class Past:
    """A past conversation as it stands in a list: without its customer.

    Attributes:
        similarity: cosine of what was asked then and now.
        solved: it ended solved; else it only shows what was tried.
        at: when it was closed, UTC.
        sent: titles of the articles that were sent.
        telling: the sentence that says how it was solved, without names and addresses; may be hostile all the same.
    """

    conversation_id: int
    similarity: float
    solved: bool
    disposition: str
    agent: str
    at: datetime
    sent: tuple[str, ...] = ()
    telling: str = ""


class PastWork:
    """The part of a desk that knows past conversations."""

    _store: Store

    def newest(self) -> int:
        """Return the highest id of a conversation, 0 for none."""
        return self._store.similar.newest()

    def unmade(self, model: str, below: int, limit: int) -> tuple[tuple[Closing, ...], int]:
        """Look for closed conversations without vectors; see `SessionVectors.unmade`."""
        return self._store.similar.unmade(model, below=below, limit=limit)

    def closing(self, conversation_id: int) -> Closing | None:
        """Return how a conversation was closed; None when it is open or to be forgotten."""
        return self._store.similar.closing(conversation_id)

    def texts(self, closing: Closing) -> tuple[str, str]:
        """Return what becomes the two vectors of a conversation; empty when nothing was said in it."""
        from agentassist.session.similar import texts_of

        return texts_of(self._store, closing)

    def keep_vectors(self, made: SessionVector) -> tuple[SessionVector, ...]:
        """Keep the vectors of a conversation; return those that were kept, as they are in the records."""
        if not self._store.similar.put([made], lightly=True):
            return ()
        return self._store.similar.page(made.model, below=made.conversation_id + 1, limit=1)

    def vectors(self, model: str, below: int, limit: int) -> tuple[SessionVector, ...]:
        """Return vectors, the newest conversation first."""
        return self._store.similar.page(model, below=below, limit=limit)

    def vectors_since(self, model: str, made_at: str, limit: int) -> tuple[int, tuple[SessionVector, ...]]:
        """Return what changes when vectors are forgotten, and the vectors that were made since some moment."""
        return self._store.similar.forgotten(), self._store.similar.since(model, made_at, limit)

    def similar(self, conversation_id: int, near: Sequence[tuple[int, float]], model: str) -> tuple[Past, ...]:
        """Return the past conversations among those that are near, the solved ones first.

        Never the conversation itself, never one of the same customer, none that is open again or forgotten.

        Args:
            conversation_id: the one that is open.
            near: ids of conversations and their similarity with it.
            model: the encoder's hash.
        """
        if not near:
            return ()
        from agentassist.session.similar import similar

        return similar(self._store, conversation_id, near, model)

    def told(self, pasts: Sequence[Past]) -> tuple[Past, ...]:
        """Return past conversations with what was sent in them, and the sentence that tells how they were solved."""
        from agentassist.session.similar import told

        return tuple(filter(None, (told(self._store, past) for past in pasts)))
