"""The work behind the panels; each part is imported when it is first asked for, most of it after the first picture."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from agentassist.tui.keyboard import Keyboard
from agentassist.tui.screens.desk_panels import DeskPanels
from agentassist.tui.screens.desk_queue import QueueWork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from agentassist.config import Config
    from agentassist.protocols import Clock
    from agentassist.session.backend import Backend
    from agentassist.session.indexing import Indexing
    from agentassist.tui.screens.desk_advice import AdviceWork
    from agentassist.tui.screens.desk_alarm import AlarmWork
    from agentassist.tui.screens.desk_closing import ClosingWork
    from agentassist.tui.screens.desk_conversation import ConversationWork
    from agentassist.tui.screens.desk_crossing import CrossingWork
    from agentassist.tui.screens.desk_forms import FormWork
    from agentassist.tui.screens.desk_hints import HintWork
    from agentassist.tui.screens.desk_index import IndexWork
    from agentassist.tui.screens.desk_mailing import MailingWork
    from agentassist.tui.screens.desk_presence import PresenceWork
    from agentassist.tui.screens.desk_promises import PromiseWork
    from agentassist.tui.screens.desk_reply import ReplyWork
    from agentassist.tui.screens.desk_similar import SimilarWork
    from agentassist.tui.screens.desk_suggestions import SuggestionWork
    from agentassist.tui.screens.desk_typing import TypingWork
    from agentassist.tui.screens.desk_undo import UndoWork


class DeskWork(DeskPanels):
    """The panels and the work behind them.

    Args:
        backend: the threads with the records and the knowledge base.
        config: how the desk looks and works.
        clock: the time.
        zone: for times of day.
        prefer: conversations to put the cursor on first, the best first.
        indexing: builds the index while the desk works; None when it cannot be built here.
        keyboard: hears of every key; None when nobody tells.
    """

    def __init__(
        self,
        backend: Backend,
        config: Config,
        clock: Clock,
        zone: ZoneInfo,
        *,
        prefer: Sequence[int] = (),
        indexing: Indexing | None = None,
        keyboard: Keyboard | None = None,
    ) -> None:
        super().__init__(zone)
        self.keyboard = keyboard or Keyboard()
        self.backend = backend
        self.config = config
        self.clock = clock
        self.queue_work = QueueWork(self, tuple(prefer))
        self._indexing = indexing

    @cached_property
    def undoing(self) -> UndoWork:
        """What can be taken back."""
        from agentassist.tui.screens.desk_undo import UndoWork

        return UndoWork(self)

    @cached_property
    def presence(self) -> PresenceWork:
        """Who looks at which conversation."""
        from agentassist.tui.screens.desk_presence import PresenceWork

        return PresenceWork(self)

    @cached_property
    def typing(self) -> TypingWork:
        """Whether the customer writes."""
        from agentassist.tui.screens.desk_typing import TypingWork

        return TypingWork(self)

    @cached_property
    def alarm(self) -> AlarmWork:
        """Follow-ups whose time has come."""
        from agentassist.tui.screens.desk_alarm import AlarmWork

        return AlarmWork(self)

    @cached_property
    def conversation(self) -> ConversationWork:
        """The middle column."""
        from agentassist.tui.screens.desk_conversation import ConversationWork

        return ConversationWork(self)

    @cached_property
    def reply(self) -> ReplyWork:
        """What becomes of the words in the composer."""
        from agentassist.tui.screens.desk_reply import ReplyWork

        return ReplyWork(self)

    @cached_property
    def suggesting(self) -> SuggestionWork:
        """The right column."""
        from agentassist.tui.screens.desk_suggestions import SuggestionWork

        return SuggestionWork(self)

    @cached_property
    def similar(self) -> SimilarWork:
        """Past conversations that are like the open one."""
        from agentassist.tui.screens.desk_similar import SimilarWork

        return SimilarWork(self)

    @cached_property
    def crossing(self) -> CrossingWork:
        """Handing customers to a tree or to the bot."""
        from agentassist.tui.screens.desk_crossing import CrossingWork

        return CrossingWork(self)

    @cached_property
    def forms(self) -> FormWork:
        """Forms that are filled together with the customer."""
        from agentassist.tui.screens.desk_forms import FormWork

        return FormWork(self)

    @cached_property
    def mailing(self) -> MailingWork:
        """E-mail and video calls."""
        from agentassist.tui.screens.desk_mailing import MailingWork

        return MailingWork(self)

    @cached_property
    def advising(self) -> AdviceWork:
        """Whether a guide or a person serves the customer better."""
        from agentassist.tui.screens.desk_advice import AdviceWork

        return AdviceWork(self)

    @cached_property
    def promises(self) -> PromiseWork:
        """Follow-ups."""
        from agentassist.tui.screens.desk_promises import PromiseWork

        return PromiseWork(self)

    @cached_property
    def closing(self) -> ClosingWork:
        """How conversations end."""
        from agentassist.tui.screens.desk_closing import ClosingWork

        return ClosingWork(self)

    @cached_property
    def indexing_work(self) -> IndexWork:
        """The index that is built while the desk works."""
        from agentassist.tui.screens.desk_index import IndexWork

        return IndexWork(self, self._indexing)

    @cached_property
    def hint_work(self) -> HintWork:
        """The hints for a newcomer."""
        from agentassist.tui.screens.desk_hints import HintWork

        return HintWork(self)
