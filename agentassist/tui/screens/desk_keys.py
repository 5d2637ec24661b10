"""What each key of the desk does: one line each, which hands over to the work behind the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from agentassist.models import Outcome, State
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.desk_work import DeskWork

if TYPE_CHECKING:
    from textual.binding import BindingType


NEED_OWN = frozenset(
    {
        *("wrap_up", "close_now", "release", "insert", "send_suggestion", "snippet"),
        *("lend", "return_to_bot", "email_suggestion", "video_call"),
    }
)
"""What can be done only to an own conversation."""


class DeskKeys(DeskWork):
    """The commands that reach the work."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DESK)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Switch off what cannot be done to what is in the middle."""
        current = self.conversation.current
        if action == "claim":
            return self.queue.has_focus or (current is not None and not current.mine)
        if action in NEED_OWN:
            return current is not None and current.mine
        if action in ("follow_up", "earlier", "fill_form"):
            return current is not None
        return True

    def offers(self, action: str) -> bool:
        """Show a claim only where one can be had; the key says elsewhere who has it."""
        if action != "claim":
            return True
        current = self.conversation.current
        if self.queue.has_focus:
            return self.queue.claimable
        return current is not None and current.opened.conversation.state in (State.WAITING, State.DIGITAL)

    # The desk

    def action_help(self) -> None:
        """Show every key."""
        from agentassist.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_undo(self) -> None:
        """Take back the last thing that can be taken back."""
        self.undoing.undo()

    def action_agenda(self) -> None:
        """List the follow-ups."""
        self.promises.agenda()

    def action_hide_hint(self) -> None:
        """Hide the hint."""
        self.hint_work.hide()

    def action_build_index(self) -> None:
        """Build the index while the desk works."""
        self.indexing_work.build()

    # Having a conversation

    def action_claim(self) -> None:
        """Take the conversation under the cursor of the queue, or the open one."""
        if self.queue.has_focus and self.queue.tell_if_moved():
            return
        current = self.conversation.current
        chosen = self.queue.chosen if self.queue.has_focus or current is None else current.id
        if chosen is not None:
            self.conversation.claim(chosen)

    def action_next_waiting(self) -> None:
        """Take the one that comes first."""
        self.conversation.claim_next()

    def action_release(self) -> None:
        """Give the open conversation back."""
        self.conversation.release()

    def action_lend(self) -> None:
        """Hand the customer to a decision tree."""
        self.crossing.lend()

    def action_return_to_bot(self) -> None:
        """Hand the conversation back to the bot for good."""
        self.crossing.return_to_bot()

    def action_fill_form(self) -> None:
        """Fill in a form together with the customer."""
        self.forms.open()

    def action_follow_up(self) -> None:
        """Promise to come back."""
        self.promises.follow_up()

    def action_follow_up_done(self) -> None:
        """Tick off the follow-up under the cursor."""
        self.promises.done()

    def action_follow_up_later(self) -> None:
        """Move the follow-up under the cursor."""
        self.promises.later()

    def action_wrap_up(self) -> None:
        """Close the open conversation with how it ended."""
        self.closing.wrap_up()

    def action_close_now(self) -> None:
        """Close the open conversation at once."""
        self.closing.close_now()

    def action_reopen(self) -> None:
        """Take the open conversation up again."""
        self.closing.reopen()

    def action_earlier(self) -> None:
        """Read an earlier conversation of the customer."""
        self.conversation.earlier()

    def action_recent(self) -> None:
        """Find any conversation."""
        self.conversation.recent()

    # The entry under the cursor

    def action_read_entry(self) -> None:
        """Read it in full."""
        self.conversation.read_entry()

    def action_copy_entry(self) -> None:
        """Copy it."""
        self.conversation.copy_entry()

    def action_quote_entry(self) -> None:
        """Quote it in the reply."""
        self.conversation.quote_entry()

    def action_search_entry(self) -> None:
        """Search for what it says."""
        self.conversation.search_entry()

    # Suggestions and snippets

    def action_insert(self, rank: int) -> None:
        """Put a suggestion into the reply."""
        self.reply.insert(rank)

    def action_send_suggestion(self, rank: int) -> None:
        """Send a suggestion at once."""
        self.reply.send_suggestion(rank)

    def action_email_suggestion(self) -> None:
        """Send the suggestion under the cursor by e-mail."""
        self.mailing.email()

    def action_video_call(self) -> None:
        """Put the link of a video call into the reply."""
        self.mailing.video_call()

    def action_advice(self) -> None:
        """Say whether a guide or a person serves the customer better."""
        self.advising.explain()

    def action_snippet(self) -> None:
        """Put a snippet into the reply."""
        self.reply.snippet()

    def action_view(self) -> None:
        """Open the suggestion in a browser."""
        self.suggesting.view()

    def action_why(self) -> None:
        """Say why it is suggested."""
        self.suggesting.why()

    def action_thumbs_up(self) -> None:
        """Say that it fits."""
        self.suggesting.judge(Outcome.THUMBS_UP)

    def action_thumbs_down(self) -> None:
        """Say that it does not fit."""
        self.suggesting.judge(Outcome.THUMBS_DOWN)

    def action_dismiss_suggestion(self) -> None:
        """Take it off the list."""
        self.suggesting.judge(Outcome.DISMISSED)

    def action_search(self) -> None:
        """Search with own words."""
        self.go("side", self.search_box)

    def action_similar(self) -> None:
        """List past conversations that are like this one."""
        self.similar.list()

    def action_to_results(self) -> None:
        """Go from the search box to what it found."""
        self.go("side", self.suggestions)

    def action_leave_search(self) -> None:
        """Return to the conversation's own suggestions."""
        self.search_box.value = ""
        self.suggesting.search("")
        self.go("side", self.suggestions)

    # Going about

    def action_focus_suggestions(self) -> None:
        """Go to the suggestions."""
        self.go("side", self.suggestions)

    def action_focus_queue(self) -> None:
        """Go to the queue."""
        self.go("queue", self.queue)

    def action_focus_transcript(self) -> None:
        """Go to the conversation."""
        self.go("conversation", self.transcript)

    def action_focus_composer(self) -> None:
        """Go to the reply, if this agent may write one."""
        current = self.conversation.current
        self.go("conversation", self.composer if current and current.mine else self.transcript)

    def action_back(self) -> None:
        """Go one step back: reply or suggestions, conversation, queue."""
        if self.suggestions.has_focus:
            if self.search_box.value:
                self.action_leave_search()
            else:
                self.action_focus_composer()
        elif self.transcript.has_focus:
            self.action_focus_queue()
        elif self.queue.has_focus and self.queue_filter.box.is_open:
            self.queue_filter.box.close()
        else:
            self.action_focus_transcript()
