"""A line to type in above a list, which then shows only what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.widgets.match import folded

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

LONGEST = 200
"""Characters that can be typed."""


class Listing(Protocol):
    """What a list does to be filtered. It posts `FilterRequested` when its key for that is pressed."""

    def filter(self, words: tuple[str, ...]) -> None:
        """Show only what has all these words; they are folded. No words show everything."""

    def action_cursor_up(self) -> None:
        """Go to the one above."""

    def action_cursor_down(self) -> None:
        """Go to the one below."""

    def action_select(self) -> None:
        """Do with the one under the cursor what the list is for."""


class FilterRequested(Message):
    """Somebody wants to filter the list that this comes from."""


class FilterBox(Input):
    """Filters as typed; the arrows move in the list, Enter takes what is under its cursor, Esc clears."""

    DEFAULT_CSS = """
    FilterBox { display: none; height: 1; border: none; padding: 0 2; background: $surface; }
    FilterBox.-open { display: block; }
    FilterBox:focus { background: $primary 20%; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FILTER)]

    def __init__(self, listing: Listing, widget: Widget, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, placeholder="type to filter", compact=True, max_length=LONGEST)
        self._listing = listing
        self._widget = widget

    @property
    def is_open(self) -> bool:
        """Whether the line is there, so that the list may be filtered."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show the line and type in it."""
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Clear it, and go back to the list with everything in it."""
        self.remove_class("-open")
        self.value = ""
        self._listing.filter(())
        if self.has_focus:
            self._widget.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what is typed so far."""
        event.stop()
        if self.is_open:
            self._listing.filter(tuple(folded(self.value).split()))

    def on_blur(self) -> None:
        """Go away when nothing is typed."""
        if self.is_open and not self.value:
            self.close()

    def action_clear(self) -> None:
        """Show everything again."""
        self.close()

    def action_take(self) -> None:
        """Do with the one under the cursor what the list is for; what was looked for is found."""
        self._listing.action_select()
        self.close()

    def action_cursor_up(self) -> None:
        """Go up in the list."""
        self._listing.action_cursor_up()

    def action_cursor_down(self) -> None:
        """Go down in the list."""
        self._listing.action_cursor_down()


class Filtered(Vertical):
    """A list with its filter above it.

    Args:
        listing: the list; it keeps its own id.
        id: of this container; the line's is the same with `-box`.
    """

    DEFAULT_CSS = "Filtered { height: 1fr; }"

    def __init__(self, listing: Widget, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.listing = listing
        self.box = FilterBox(listing, listing, id=f"{id}-box")  # type: ignore[arg-type]

    def compose(self) -> ComposeResult:
        """Show the list."""
        yield self.listing

    async def furnish(self) -> None:
        """Put the line above the list, where it stays unseen until it is asked for."""
        await self.mount(self.box, before=self.listing)

    def on_filter_requested(self, event: FilterRequested) -> None:
        """Open the line."""
        event.stop()
        self.box.open()
