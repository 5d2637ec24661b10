"""Whether a guide or a person serves the customer of the open conversation better, kept true while they write."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session import advising
from agentassist.tui.screens.work import Refresher, found

if TYPE_CHECKING:
    from agentassist.models import SearchResult
    from agentassist.session.advising import Advised, History
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork

AGAIN_SECONDS = 0.5
"""How often it is worked out at most while a customer writes on and on."""
LOOK_SECONDS = 3.0
"""How often it is looked whether the friction meter is ready, until it is."""


class AdviceWork:
    """Advises after each search, and whenever the customer says how they want to be helped or opens an article."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._rules = advising.Rules.of(desk.config)
        self._refresher = Refresher(desk, "advice", self._read, every=AGAIN_SECONDS, keyboard=desk.keyboard)
        self._of = 0
        self._result: SearchResult | None = None
        self._history: History | None = None
        self._read_at = monotonic()
        self.advised: Advised | None = None

    def warm(self) -> None:
        """Let the friction meter get ready while no customer waits."""
        self._desk.backend.knowledge(advising.warm, self._rules)

    def start(self, current: Current | None) -> None:
        """Turn to another conversation, or none."""
        if current is None or current.id != self._of:
            self._of = current.id if current is not None else 0
            self._result = self._history = None
            self._show(None)

    def look(self, current: Current, result: SearchResult) -> None:
        """Advise on a conversation that was just searched for; the suggestions are on screen by then."""
        self._of, self._result = current.id, result
        self._refresher.poke()

    def refresh(self) -> None:
        """Advise again, when something was found before."""
        if self._result is not None:
            self._refresher.poke()

    def tick(self) -> None:
        """Advise again once the friction meter may be ready."""
        if self.advised is not None and not self.advised.measured and monotonic() - self._read_at >= LOOK_SECONDS:
            self.refresh()

    async def _read(self) -> None:
        desk, result = self._desk, self._result
        current = desk.conversation.current
        self._read_at = monotonic()
        if current is None or current.id != self._of or result is None:
            return
        try:
            history = self._history
            if history is None:
                history = await found(desk.backend.records(advising.history, current.id))
                if current.id != self._of:
                    return  # another was opened meanwhile, and its history is another
                self._history = history
            customer = current.opened.conversation.customer
            case = advising.Case(
                tuple(current.entries), result, history, self._rules, desk.clock.now(),
                email=bool(customer.email), language=customer.language,
            )  # fmt: skip
            advised = await found(desk.backend.knowledge(advising.advise, case))
        except AgentAssistError as error:
            desk.suggestion_note.fail(error, "no advice: ")
            return
        await desk.keyboard.between()
        if desk.conversation.current is current:
            self._show(advised)

    def _show(self, advised: Advised | None) -> None:
        self.advised = advised
        self._desk.advice_line.show(advised.advice if advised is not None else None)

    def explain(self) -> None:
        """Say it in full, with what it is made of."""
        from agentassist.tui.screens.advice import AdviceScreen

        if self.advised is None:
            self._desk.suggestion_answer.say("There is no advice: open a conversation, and let it be searched for.")
        else:
            self._desk.app.push_screen(AdviceScreen(self.advised))
