"""Handing a customer to a decision tree, and back to the bot; and hearing that one has come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Event, State
from agentassist.session import crossing
from agentassist.session import undo as steps
from agentassist.session.desk import Desk
from agentassist.text import clean_line
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done, found
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.session.crossing import Tree
    from agentassist.session.desk import Overview
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork

TOAST_SECONDS = 10.0


class CrossingWork:
    """Lends the open conversation to a tree, or hands it back to the bot."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk

    # To a tree

    def lend(self) -> None:
        """Let the agent choose a tree, and hand the customer to it."""
        current = self._mine()
        if current is not None:
            begin(self._desk, self._pick, current, group="trees", exclusive=True)

    async def _pick(self, current: Current) -> None:
        from agentassist.tui.screens.pick import Item, PickScreen

        desk = self._desk
        try:
            trees = await found(desk.backend.knowledge(crossing.trees))
        except AgentAssistError as error:
            desk.reply_note.fail(error, "no trees: ")
            return
        if desk.conversation.current is not current or not desk.is_active:
            return
        by_key = {tree.id: tree for tree in trees}
        desk.app.push_screen(
            PickScreen(
                f"Hand {current.name} to a tree",
                [Item(tree.id, tree.title, tree.detail, words=tree.words) for tree in trees],
                on_pick=lambda key: self._take(current, by_key[key]),
                empty="The knowledge base has no decision trees: they are files in its folder flows.",
                placeholder="type words of its title or of what it asks",
            )
        )

    def _take(self, current: Current, tree: Tree) -> None:
        begin(self._desk, self._lend, current, tree, group="open", exclusive=True)

    async def _lend(self, current: Current, tree: Tree) -> None:
        desk = self._desk
        desk.reply.keep()
        try:
            entries = await done(desk.backend.records(Desk.lend, current.id, tree.id, tree.begin))
        except AgentAssistError as error:
            desk.reply_note.fail(error, "not handed over: ")
            desk.conversation.refresh()
            return
        desk.undoing.handed_over(current, entries[0], "the loan of")
        await self._away(current)
        desk.undoing.tell(f"{current.name} is with the tree {label(tree.title, 40)}", "takes them back")

    # To the bot

    def return_to_bot(self) -> None:
        """Hand the open conversation back to the bot for good."""
        current = self._mine()
        if current is not None:
            begin(self._desk, self._return, current, group="open", exclusive=True)

    async def _return(self, current: Current) -> None:
        desk = self._desk
        text, seen = desk.composer.text, desk.transcript.seen_seq
        try:
            entry = await done(desk.backend.records(Desk.return_to_bot, current.id))
        except AgentAssistError as error:
            desk.reply_note.fail(error, "not handed back: ")
            desk.conversation.refresh()
            return
        desk.reply.forget(current.id)
        desk.undoing.handed_over(current, entry, "the return of", draft=text, seen_seq=seen)
        await self._away(current)
        desk.undoing.tell(f"{current.name} is back with the bot", "takes them back")

    # Both

    def _mine(self) -> Current | None:
        """Return the open conversation when this agent has it; else say what comes first."""
        current = self._desk.conversation.current
        if current is not None and current.mine:
            return current
        claim = key_of(self._desk, "conversation.claim")
        self._desk.reply_note.say(f"Claim the conversation first: {claim}", level="warning")
        return None

    async def _away(self, current: Current) -> None:
        """Show that the conversation is elsewhere now; it stays open to look at."""
        desk = self._desk
        await desk.conversation.catch_up()
        if desk.conversation.current is current:
            desk.go("conversation", desk.transcript)
            desk.reply.allow(current)
        desk.queue_work.refresh()

    def hear(self, before: Overview, after: Overview) -> None:
        """Tell who has come back from a tree, wherever the agent is."""
        lent = {item.id for item in before.mine if item.state is State.DIGITAL}
        for item in after.mine:
            if item.id in lent and item.state is State.CLAIMED and not self._taken_back(item.id):
                name = label(item.customer.name or item.customer.id, 40)
                tree = label(before.trees.get(item.id, ""), 40)
                told = f"{name} is back from the tree{f' {tree}' if tree else ''}"
                current = self._desk.conversation.current
                if current is not None and current.id == item.id:
                    self._desk.undoing.say(told)
                else:
                    self._desk.app.notify(clean_line(told), timeout=TOAST_SECONDS, markup=False)

    def _taken_back(self, conversation_id: int) -> bool:
        """Say whether this agent took it back themselves: then nobody has to be told."""
        current = self._desk.conversation.current
        if current is None or current.id != conversation_id:
            return False
        last = next((entry for entry in reversed(current.entries) if entry.event is not None), None)
        return steps.last_event(current.entries, Event.CLAIMED) is last is not None
