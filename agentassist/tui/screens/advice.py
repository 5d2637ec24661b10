"""Whether a guide or a person serves the customer better, in full: the reason, and the three things it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.text import clean_line
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.widgets.advice import headline

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from agentassist.session.advising import Advised

WAYS = {
    "digital": "A guide serves them better than typing it out",
    "person": "A person serves them better than a guide",
    "none": "Neither is better: answer as you see fit",
}


class AdviceScreen(Dialog):
    """Shows an advice with its inputs, and the keys that follow it.

    Args:
        advised: what was advised.
    """

    def __init__(self, advised: Advised) -> None:
        super().__init__()
        self._advised = advised

    def compose(self) -> ComposeResult:
        """Lay out the words."""
        with VerticalScroll(classes="dialog", id="advice-text") as dialog:
            dialog.border_title = "Advice"
            dialog.border_subtitle = "Esc closes"
            yield Static(self._content(), markup=False)

    def _content(self) -> Content:
        advice, measured = self._advised.advice, self._advised.measured
        how = "the friction meter, by words" if measured else "the handoff; the friction meter is not ready"
        facts = {
            "The customer": advice.inputs.behaviour,
            "The journey": advice.inputs.journey,
            "At hand": advice.inputs.channels,
            "Measured by": how,
        }
        keys = {
            "by chat": f"{key_of(self, 'suggestion.send')}",
            "by e-mail": key_of(self, "suggestion.email"),
            "video call": key_of(self, "reply.video_call"),
            "to a tree": key_of(self, "conversation.lend"),
        }
        lines = [
            Content.styled(WAYS[advice.direction.value], "bold $text-accent"),
            Content(headline(advice)) if advice.reason else Content("Nothing speaks for or against it."),
            Content(""),
        ]
        lines += [_fact(name, clean_line(said, limit=300)) for name, said in facts.items()]
        told = " · ".join(f"{key} {name}" for name, key in keys.items())
        lines += [Content(""), Content.styled(told, "$foreground 70%")]
        return Content("\n").join(lines)

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.go()


def _fact(name: str, said: str) -> Content:
    return Content.assemble((f"{name:<14}", "$foreground 70%"), said)
