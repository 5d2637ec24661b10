"""The parts of the desk that its first picture does without; each is imported when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.containers import Vertical

if TYPE_CHECKING:
    from textual.widgets import Tab, Tabs

    from agentassist.tui.widgets.advice import AdviceLine
    from agentassist.tui.widgets.composer import Composer
    from agentassist.tui.widgets.customer import CustomerCard
    from agentassist.tui.widgets.hint import Hint
    from agentassist.tui.widgets.similar import SimilarLine
    from agentassist.tui.widgets.status import Note
    from agentassist.tui.widgets.suggestions import SearchBox, SuggestionList
    from agentassist.tui.widgets.transcript import Transcript

PANES = {"queue": "Queue", "conversation": "Conversation", "side": "Suggestions"}


class LatePanels:
    """Has the panels beside the queue.

    They are made here and not looked up by id, so that work that is just ending still finds them while the screen goes.
    """

    @cached_property
    def pane_tabs(self) -> dict[str, Tab]:
        """A tab for each pane, for a narrow screen."""
        from textual.content import Content
        from textual.widgets import Tab

        return {pane: Tab(Content(label), id=f"tab-{pane}") for pane, label in PANES.items()}

    @cached_property
    def tabs(self) -> Tabs:
        """The line of the tabs."""
        from textual.widgets import Tabs

        return Tabs(*self.pane_tabs.values(), id="tabs")

    @cached_property
    def transcript(self) -> Transcript:
        """What was said in the open conversation."""
        from agentassist.tui.widgets.transcript import Transcript

        return Transcript(id="transcript")

    @cached_property
    def composer(self) -> Composer:
        """Where the reply is written."""
        from agentassist.tui.widgets.composer import Composer

        return Composer(id="composer")

    @cached_property
    def reply_note(self) -> Note:
        """What there is to say about the reply."""
        from agentassist.tui.widgets.status import Note

        return Note(id="reply-note")

    @cached_property
    def reply_pane(self) -> Vertical:
        """The reply and its note."""
        return Vertical(self.composer, self.reply_note, id="reply")

    @cached_property
    def search_box(self) -> SearchBox:
        """Where the agent's own words are searched for."""
        from agentassist.tui.widgets.suggestions import SearchBox

        return SearchBox(id="search")

    @cached_property
    def suggestions(self) -> SuggestionList:
        """What may help."""
        from agentassist.tui.widgets.suggestions import SuggestionList

        return SuggestionList(id="suggestions")

    @cached_property
    def advice_line(self) -> AdviceLine:
        """Whether a guide or a person serves the customer better."""
        from agentassist.tui.widgets.advice import AdviceLine

        return AdviceLine(id="advice-line")

    @cached_property
    def similar_line(self) -> SimilarLine:
        """How many past conversations are like the open one."""
        from agentassist.tui.widgets.similar import SimilarLine

        return SimilarLine(id="similar-line")

    @cached_property
    def suggestion_note(self) -> Note:
        """What there is to say about the suggestions."""
        from agentassist.tui.widgets.status import Note

        return Note(id="suggestion-note")

    @cached_property
    def customer(self) -> CustomerCard:
        """Who is on the other side."""
        from agentassist.tui.widgets.customer import CustomerCard

        return CustomerCard(id="customer")

    @cached_property
    def hint(self) -> Hint:
        """The hint for a newcomer."""
        from agentassist.tui.widgets.hint import Hint

        return Hint(id="hint")
