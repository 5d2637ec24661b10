"""How a conversation ends in plain mode, and what can be taken back."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.models import State
from agentassist.session import undo as steps
from agentassist.session.desk import Desk
from agentassist.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentassist.models import Disposition
    from agentassist.tui.plain.conversation import Current
    from agentassist.tui.plain.desk import PlainDesk

KEPT = 20
"""So many things can be taken back, the last first."""


class UndoPart:
    """Keeps how to take back what was done last."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._steps: deque[tuple[str, Callable[[], object]]] = deque(maxlen=KEPT)

    def offer(self, label: str, undo: Callable[[], object]) -> None:
        """Keep how to take something back; `label` names it as a noun."""
        self._steps.append((label, undo))

    def undo(self, _: str = "") -> None:
        """Take the last thing back, and say so."""
        if not self._steps:
            raise UsageError("there is nothing to take back", "A sent reply cannot be taken back.")
        label, undo = self._steps.pop()
        undo()
        self._desk.say([f"System: Taken back: {clean_line(label, limit=120)}."])


class ClosingPart:
    """Closes conversations and turns to the next one."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk

    def wrap_up(self, _: str = "") -> None:
        """Ask how it ended, then for the summary."""
        current = self._desk.conversation.my_own()
        self._desk.reply.keep()
        for number, item in enumerate(self._desk.config.dispositions, 1):
            self._desk.say([f"Disposition {number}: {clean_line(item.label or item.code, limit=80)}"])
        if self._desk.reply.draft:
            self._desk.say(["System: There is a draft that was not sent. Closing throws it away."])
        self._desk.ask("How did it end, number or code? ", partial(self._chosen, current))

    def close_now(self, _: str = "") -> None:
        """Close with the usual disposition and a drafted summary."""
        current = self._desk.conversation.my_own()
        codes = {item.code: item for item in self._desk.config.dispositions}
        usual = codes.get(self._desk.config.desk.quick_close, self._desk.config.dispositions[0])
        if not self._desk.reply.draft:
            self._close(current, usual, self._drafted(current))
            return

        def close(answer: str) -> None:
            if answer.strip().lower() in ("y", "yes"):
                self._close(current, usual, self._drafted(current))
            else:
                self._desk.say(["System: Not closed."])

        self._desk.ask("There is a draft that was not sent. Close and throw it away, yes or no? ", close)

    def _chosen(self, current: Current, answer: str) -> None:
        word = answer.strip()
        found = [item for item in self._desk.config.dispositions if item.code == word.lower()]
        if word.isascii() and word.isdigit() and 1 <= int(word[:4]) <= len(self._desk.config.dispositions):
            found = [self._desk.config.dispositions[int(word[:4]) - 1]]
        if not found:
            self._desk.say(["Error: a disposition is required. Hint: Its number or its code; ctrl+c goes back."])
            self._desk.ask("How did it end, number or code? ", partial(self._chosen, current))
            return
        drafted = self._drafted(current)
        self._desk.say(f"Summary: {line}" for line in clean(drafted or "nothing drafted").split("\n"))
        self._desk.ask(
            "Enter keeps this summary, or type another: ",
            lambda words: self._close(current, found[0], words.strip() or drafted),
        )

    def _drafted(self, current: Current) -> str:
        from agentassist.session import summary

        return summary.draft(current.entries)

    def _close(self, current: Current, disposition: Disposition, summary: str) -> None:
        desk = self._desk
        ending = desk.records(
            steps.close,
            current.id,
            disposition.code,
            summary,
            draft=desk.reply.draft,
            seen_seq=current.seen_seq,
        )
        desk.reply.forget()
        desk.similar.closed(current.id)
        desk.undoing.offer(
            f"the closing of {current.name}", lambda: desk.conversation.show(desk.records(steps.unclose, ending))
        )
        label = clean_line(disposition.label or disposition.code, limit=80)
        desk.say([f"System: Closed {current.name} as {label}. To open it again: undo"])
        desk.conversation.leave()
        overview = desk.records(Desk.overview)
        own = (item for item in overview.mine if item.state is State.CLAIMED)
        following = next((item.id for item in (*own, *overview.waiting) if item.id != current.id), None)
        if following is None:
            desk.say(["System: Nobody waits."])
        else:
            desk.conversation.open(str(following))
