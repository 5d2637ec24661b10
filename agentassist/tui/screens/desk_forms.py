"""Forms that customer and agent fill together, from the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.session.forms import shared_form
from agentassist.tui.screens.work import begin, done, found
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry
    from agentassist.session.forms import SharedForm
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork


class FormWork:
    """Opens the form of the open conversation: the one that is asked now, or the last one."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk

    def open(self) -> None:
        """Show it, to fill it in."""
        current = self._desk.conversation.current
        if current is None:
            self._desk.reply_note.say("Open a conversation first.")
        else:
            begin(self._desk, self._open, current, group="form", exclusive=True)

    async def _open(self, current: Current) -> None:
        desk = self._desk
        try:
            form = await found(desk.backend.knowledge(shared_form, tuple(current.entries)))
        except AgentAssistError as error:
            desk.reply_note.fail(error, "no form: ")
            return
        if desk.conversation.current is not current or not desk.is_active:
            return
        if form is None:
            desk.reply_note.say(f"{current.name} was asked to fill in no form.")
            return
        from agentassist.tui.screens.form import FormScreen

        shown = form

        async def fill(field: str, value: str) -> None:
            await self._fill(current, shown, field, value)

        async def submit() -> None:
            await self._submit(current, shown)

        def entries() -> Sequence[Entry]:
            return current.entries

        desk.app.push_screen(FormScreen(shown, entries, fill, submit, me=desk.backend.agent, customer=current.name))

    async def _fill(self, current: Current, form: SharedForm, field: str, value: str) -> None:
        """Save one field.

        Raises:
            AgentAssistError: it is not saved.
        """
        desk = self._desk
        await done(desk.backend.records(Desk.fill, current.id, form, field, value))
        if desk.conversation.current is current:
            await desk.conversation.catch_up()

    async def _submit(self, current: Current, form: SharedForm) -> None:
        """Submit what is saved.

        Raises:
            AgentAssistError: it is not submitted.
        """
        desk = self._desk
        await done(desk.backend.records(Desk.submit, current.id, form))
        if desk.conversation.current is current:
            await desk.conversation.catch_up()
            desk.reply_note.say(f"Submitted: “{label(form.flow.title, 60)}”.")
