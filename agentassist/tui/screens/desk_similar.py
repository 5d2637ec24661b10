"""Past conversations that are like the open one, beside the suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.session.past_keeping import PastKeeping
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, found

if TYPE_CHECKING:
    from agentassist.models import SearchResult
    from agentassist.session.past import Past
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork


class SimilarWork:
    """Finds them after each search, and lists them."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._keeping = PastKeeping(desk.backend)
        self._of: Current | None = None
        self.pasts: tuple[Past, ...] = ()

    # Keeping up

    def closed(self, conversation_id: int) -> None:
        """Have a conversation that was closed found later."""
        self._keeping.closed(conversation_id)

    def tick(self) -> None:
        """Do a little of what nobody waits for."""
        self._keeping.tick()

    def stop(self) -> None:
        """Hand nothing in any more."""
        self._keeping.stop()

    # Finding

    def start(self, current: Current | None) -> None:
        """Turn to another conversation."""
        if current is None or self._of is None or self._of.id != current.id:
            self._show(current, ())

    def look(self, current: Current, result: SearchResult) -> None:
        """Find what is like a conversation that was just searched for; the articles are on screen by then."""
        self._keeping.searched()
        begin(self._desk, self._look, current, result, group="similar", exclusive=True)

    async def _look(self, current: Current, result: SearchResult) -> None:
        backend = self._desk.backend
        near = await found(backend.knowledge(self._keeping.vectors.near, result.context, result.model))
        try:
            pasts = await found(backend.records(Desk.similar, current.id, near, result.model)) if near else ()
        except AgentAssistError as error:
            self._desk.suggestion_note.fail(error, "no similar conversations: ")
            return
        if self._desk.conversation.current is current:
            self._show(current, pasts)

    def _show(self, current: Current | None, pasts: tuple[Past, ...]) -> None:
        self._of, self.pasts = current, pasts
        solved = sum(past.solved for past in pasts)
        self._desk.similar_line.show(len(pasts), solved, key_of(self._desk, "suggestion.similar"))

    # Reading

    def list(self) -> None:
        """List them, with how each was solved."""
        if self._desk.conversation.current is None:
            self._desk.suggestion_answer.say("Open a conversation first.")
        elif not self.pasts:
            self._desk.suggestion_answer.say("No past conversation is like this one.")
        else:
            begin(self._desk, self._list, self.pasts, group="similar list", exclusive=True)

    async def _list(self, pasts: tuple[Past, ...]) -> None:
        desk = self._desk
        try:
            told = await found(desk.backend.records(Desk.told, pasts))
        except AgentAssistError as error:
            desk.suggestion_answer.fail(error, "cannot list them: ")
            return
        if not desk.is_current:
            return
        from agentassist.tui.screens.similar import SimilarList, item_of

        labels = {item.code: item.label for item in desk.config.dispositions}
        items = [item_of(past, labels, desk.clock.now(), desk.zone) for past in told]
        desk.app.push_screen(SimilarList(told, items, desk))
