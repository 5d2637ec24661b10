"""The title of the conversation in the middle: whose it is, and who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from agentassist.models import State
from agentassist.session.strain import MARKS, strain
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_conversation import Current

SHORTEST_NAME = 8
"""Cells of the customer's name that stay, whatever else has to go."""


def title(current: Current | None, room: int, *, around: str = "", claim: str = "c") -> list[Content]:
    """Return the parts of the title that fit in `room` cells.

    Who has the conversation always stays: the channel goes first, then the follow-ups, then who else is in it
    (`around`, clean) and how strained the customer was, then the end of the name. `claim` is the key that claims.
    """
    if current is None:
        return [Content("Conversation")]
    conversation = current.opened.conversation
    name, state = Content.styled(current.name, "bold"), _state(current, claim)
    level = MARKS[strain(conversation.friction)] if conversation.state is not State.CLOSED else ""
    mark = [Content.styled(level, "bold $text-error")] if level else []
    channel = [Content(label(conversation.channel, 20))] if conversation.channel else []
    open_ones = [item for item in current.opened.follow_ups if item.done_at is None]
    count = [Content.styled(words.count(len(open_ones), "follow-up"), "$text-accent")] if open_ones else []
    others = [Content.styled(around, "bold $text-secondary")] if around else []
    end = [*others, *count]
    whole, short = [name, *mark, *channel, state, *end], [name, *mark, state, *end]
    for parts in (whole, short, [name, *mark, state, *others], [name, state]):
        if sum(part.cell_length + 3 for part in parts) - 3 <= room:
            return parts
    rest = max(room - state.cell_length - 3, SHORTEST_NAME)
    return [Content.styled(label(current.name, rest), "bold"), state]


def _digital(current: Current, agent: str, claim: str) -> str:
    """Say which of tree and bot has it, and who gets it back."""
    if not current.opened.conversation.agent:
        return "with the bot"
    mine = current.opened.conversation.agent == current.agent
    return f"with the tree · {claim} takes it back" if mine else f"with the tree, lent by {agent}"


def _state(current: Current, claim: str) -> Content:
    conversation = current.opened.conversation
    agent = label(conversation.agent, 20)
    text, style = {
        State.DIGITAL: (_digital(current, agent, claim), "$foreground 70%"),
        State.WAITING: (f"waiting · {claim} claims it", "bold $text-warning"),
        State.CLAIMED: (
            "yours" if current.mine else f"taken by {agent}",
            "$text-success" if current.mine else "$text-warning",
        ),
        State.CLOSED: (f"closed: {label(conversation.disposition, 40)}", "$foreground 70%"),
    }[conversation.state]
    return Content.styled(text, style)
