"""The hints that lead a newcomer through the first conversation: claim, send, set a follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from agentassist.models import Author, EntryKind
from agentassist.tui.registry import COMMANDS, key_words
from agentassist.tui.timers import every
from agentassist.tui.widgets.hint import Advice
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from textual.timer import Timer

    from agentassist.tui.screens.desk_work import DeskWork

LOOK_SECONDS = 0.3
"""How often it is looked whether a hint was followed."""
STEPS = 3
LAST_SECONDS = 8
RECENT = 50
"""Entries that are looked through for a reply of this agent."""


class HintWork:
    """Shows one hint at a time until it is done or hidden."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._timer: Timer | None = None
        self._promised_before: int | None = None
        self.step = 0

    def start(self) -> None:
        """Show the first hint, when hints are wanted."""
        if getattr(self._desk.app, "hints", False):
            self._timer = every(self._desk, LOOK_SECONDS, self.look)

    def hide(self) -> None:
        """Hide the hint, and those that would come after it."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._desk.hint.say(None)

    def look(self) -> None:
        """Go on to the next hint when one was followed, and show what is of use now; nothing once they are hidden."""
        if self._timer is None:
            return
        overview = self._desk.queue_work.overview
        if self._promised_before is None and self._desk.queue_work.loaded:
            self._promised_before = len(overview.follow_ups)
        done = (
            bool(overview.mine),
            self._has_answered(),
            self._promised_before is not None and len(overview.follow_ups) > self._promised_before,
        )
        before = self.step
        while self.step < STEPS and done[self.step]:
            self.step += 1
        if self.step == STEPS:
            self.hide()
            if before < STEPS:
                self._end()
        else:
            self._desk.hint.say(self._advice())

    def _has_answered(self) -> bool:
        current = self._desk.conversation.current
        if current is None:
            return False
        return any(
            entry.author is Author.AGENT
            and entry.author_name == self._desk.backend.agent
            and entry.kind is not EntryKind.EVENT
            for entry in tuple(current.entries)[-RECENT:]
        )

    def _advice(self) -> Advice | None:
        """Return the hint of this step; None while it is of no use."""
        mark = f"{self.step + 1}/{STEPS}"
        if self.step == 0:
            waiting = self._desk.queue_work.overview.waiting
            if not waiting:
                return None
            name, claim, following = label(waiting[0].customer.name, 24), self._key("conversation.claim"), self._next()
            return Advice(
                mark,
                f"{name} waits for a person. {following} claims whoever comes first, {claim} the one under the "
                "cursor: from then on nobody else answers them.",
                f"{name} waits. {following} claims them: nobody else answers then.",
                self._hide(),
            )
        current = self._desk.conversation.current
        if current is None or not current.mine:
            return None
        if self.step == 1:
            return self._about_sending(mark)
        follow_up = self._key("conversation.follow_up", 1)
        return Advice(
            mark,
            f"Promise to come back: {follow_up}, then words such as “tomorrow 9” or “in 2 hours”. You see the exact "
            "time before it is saved, and the desk rings when it is due.",
            f"{follow_up}, then “tomorrow 9”: the desk rings when it is due.",
            self._hide(),
        )

    def _about_sending(self, mark: str) -> Advice:
        send, suggestions = self._key("composer.send"), self._key("focus.suggestions")
        at_once = self._key("suggestion.send")
        if self._desk.suggesting.offers:
            # On a narrow screen the suggestions are behind a tab: nobody shall send what they have not seen.
            where = f"{suggestions} shows" if self._desk.has_class("-narrow") else "At the right is"
            return Advice(
                mark,
                f"{where} what may help. {at_once} sends the first with its link, at once. Or write: "
                f"{suggestions} then 1 puts it into your reply, and {send} sends.",
                f"{suggestions} shows what may help, {at_once} sends the first; or write, and {send} sends.",
                self._hide(),
            )
        return Advice(
            mark,
            f"Nothing fits well enough to be suggested. Write a reply: {send} sends it, and it is saved before it is "
            "shown as sent.",
            f"Write a reply: {send} sends it.",
            self._hide(),
        )

    def _end(self) -> None:
        wrap_up, every_key = self._key("conversation.wrap_up"), self._key("desk.help", 1)
        self._desk.notify(
            f"That is all you need. {wrap_up} closes the conversation and goes to the next; {every_key} shows every "
            "key.",
            timeout=LAST_SECONDS,
            markup=False,
        )

    def _next(self) -> str:
        return self._key("conversation.next", 1 if self._typing() else 0)

    def _hide(self) -> str:
        key = self._key("desk.hint")
        return f"{self._key('focus.back')} {key} hides" if self._typing() else f"{key} hides"

    def _typing(self) -> bool:
        return isinstance(self._desk.focused, Input | TextArea)

    def _key(self, command_id: str, place: int = 0) -> str:
        """Return a key of a command as people write it, as the configuration has it.

        Args:
            command_id: the command's id.
            place: the first or the second of its keys, or the last that there is.
        """
        command = next(item for item in COMMANDS if item.id == command_id)
        keys = [key.strip() for key in self._desk.config.keys.get(command_id, command.keys).split(",")]
        return label(key_words(keys[min(place, len(keys) - 1)]), 20)
