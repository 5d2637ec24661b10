"""A list to pick from: typing filters, arrows choose, Enter takes."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Static

from agentassist.text import counted
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.timers import after
from agentassist.tui.widgets.blocks import BlockList
from agentassist.tui.widgets.lines import Line, Piece, label, marked, spread
from agentassist.tui.widgets.match import Fit, fits, folded
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

SLICE_SECONDS = 0.006
"""How long is filtered at a time; well below the 16 ms of one frame."""
LONGEST_LABEL = 200
"""Cells of a label and of a detail that are kept."""
LONGEST_WORDS = 2_000
"""Cells of what is searched and not shown."""
NO_FIT = Fit(0.0, ())


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list.

    Attributes:
        key: what `on_pick` gets.
        label: what is read and searched; may be hostile.
        detail: what stands beside it, dimmed; searched too, may be hostile.
        words: more that is searched and not shown.
    """

    key: str
    label: str
    detail: str = ""
    words: str = ""


class Row:
    """An item as it is shown and searched; made when it is first needed."""

    __slots__ = ("detail", "folded", "folded_detail", "item", "text")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.text = label(item.label, LONGEST_LABEL)
        self.detail = label(item.detail, LONGEST_LABEL)
        self.folded = folded(self.text)
        self.folded_detail = folded(f"{self.detail} {label(item.words, LONGEST_WORDS)}" if item.words else self.detail)


class PickList(BlockList, can_focus=False):
    """Shows one line an item; what is not on screen costs nothing."""

    DEFAULT_CSS = """
    PickList { height: auto; background: $panel !important; }
    PickList > .line--cursor { background: $primary 25% !important; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: Sequence[tuple[Row, Fit]] = ()

    @dataclass
    class Picked(Message):
        """The item with this key was taken."""

        key: str

    def show(self, rows: Sequence[tuple[Row, Fit]], *, keep: bool = False) -> None:
        """Show these rows, the cursor on the first, or where it was."""
        key = self.cursor_key if keep else None
        same = next((index for index, (row, _) in enumerate(rows) if row.item.key == key), 0) if key else 0
        self.rows = rows
        self.cursor = same if rows else None
        self.measure()
        if not keep:
            self.scroll_to(y=0, animate=False, force=True, immediate=True)

    @property
    def cursor_key(self) -> str | None:
        """The key of the item under the cursor."""
        return self.rows[self.cursor][0].item.key if self.cursor is not None and self.cursor < len(self.rows) else None

    def step(self, by: int) -> None:
        """Move the cursor; at an end it stays."""
        if self.rows:
            self.move_cursor(min(max((self.cursor or 0) + by, 0), len(self.rows) - 1))

    def action_select(self) -> None:
        """Take what was clicked."""
        if self.cursor_key is not None:
            self.post_message(self.Picked(self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Take the item that was clicked."""
        event.prevent_default()
        if (index := self.block_under(event)) is not None:
            self.move_cursor(index)
            self.action_select()

    # One line an item: nothing has to be measured

    def measure(self, *, around: int | None = None) -> None:  # noqa: ARG002
        """Make the list as high as it has items."""
        self._measured_width = self.line_width
        self.virtual_size = Size(self._measured_width, len(self.rows))
        self.refresh()

    def block_at(self, y: int) -> int | None:
        """Return the index of the item on a line, None outside."""
        return y if 0 <= y < len(self.rows) else None

    def reveal(self) -> None:
        """Bring the item under the cursor into view."""
        if self.cursor is None or not self.size.height:
            return
        top = min(max(self.scroll_offset.y, self.cursor - self.size.height + 1), self.cursor)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def line(self, index: int, width: int) -> Line:
        """Make the line of one item: label with what was found, detail at the end of the line."""
        row, found = self.rows[index]
        mark = Piece("▸ " if index == self.cursor else "  ", "accent")
        # The label has what it needs with the mark and two blanks, the detail what is left, but at least a third.
        room = max(width - 5 - cell_len(row.text), width // 3)
        detail = Piece(f"  {label(row.detail, room)} ", "dim") if row.detail else Piece("")
        name = marked(row.text, found.marks, 4 * LONGEST_LABEL)[0]
        return spread((mark, *name), (detail,), width)

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is visible."""
        index = self.block_at(y + self.scroll_offset.y)
        if index is None:
            return Strip.blank(self.size.width, self.rich_style)
        style = self.rich_style
        if index == self.cursor:
            style += Style(bgcolor=self.get_component_rich_style("line--cursor").bgcolor)
        strip = self._strip(self.line(index, self._measured_width))
        return strip.adjust_cell_length(self.size.width, Style()).apply_style(style)


class PickScreen(Dialog):
    """Lets somebody pick one of many.

    Args:
        title: what is picked.
        items: in the order in which they are shown while nothing is typed.
        on_pick: gets the key of the item that was taken, after the dialog has gone.
        empty: what is said when there are no items.
        placeholder: what the input says while it is empty.
    """

    DEFAULT_CSS = """
    PickScreen.-low .dialog { padding: 0 2 !important; }
    PickScreen .nothing { height: auto; padding: 1 1; color: $foreground 70%; }
    PickScreen #pick-foot { color: $foreground 70%; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]
    AUTO_FOCUS = "#pick-input"
    KEYS: ClassVar[str] = "↑↓ choose · ⏎ takes · Esc closes"

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        *,
        on_pick: Callable[[str], object],
        empty: str = "There is nothing here.",
        placeholder: str = "type to filter",
    ) -> None:
        super().__init__()
        self._title = label(title, 60)
        self.items = list(items)
        self._rows: list[Row] = []
        self._on_pick = on_pick
        self._empty = label(empty, 300)
        self._placeholder = label(placeholder, 60)
        self._filtering: Iterator[bool] | None = None
        self._filtered_by: tuple[str, ...] = ()
        self._shown = 0
        self._take_when_filtered = False
        self.list = PickList(id="pick-list")

    def compose(self) -> ComposeResult:
        """Lay out the input above the list."""
        with Vertical(classes="dialog", id="pick") as dialog:
            dialog.border_title = Content(self._title)
            yield Input(placeholder=Content(self._placeholder).plain, id="pick-input", max_length=200)
            yield self.list
            yield Static(Content(self._empty), classes="nothing", id="pick-nothing", markup=False)
            yield Note(id="dialog-note")
            yield Static(self.KEYS, id="pick-foot", markup=False)

    def on_mount(self) -> None:
        """Show everything."""
        super().on_mount()
        self._fit_height()
        self._filter()

    def on_resize(self) -> None:
        """Use the room there is."""
        self._fit_height()

    def _fit_height(self) -> None:
        """Take as many lines as there are items, so that the dialog does not jump while it is filtered."""
        room = max(self.app.size.height - 8, 3)
        self.list.styles.height = min(max(len(self.items), 3), room)

    # What is shown

    @property
    def words(self) -> tuple[str, ...]:
        """What was typed."""
        return tuple(folded(self.query_one("#pick-input", Input).value).split())

    @property
    def chosen(self) -> str | None:
        """The key of the item under the cursor."""
        return self.list.cursor_key

    def set_items(self, items: Sequence[Item]) -> None:
        """Show other items; what was typed and chosen stays."""
        self.items = list(items)
        self._rows = []
        self._fit_height()
        self._filter(keep=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what was typed."""
        event.stop()
        if self.words != self._filtered_by:
            self._filter()

    def _filter(self, *, keep: bool = False) -> None:
        self._filtered_by = self.words
        self._filtering = self._filtered(keep)
        self._go_on()

    def _go_on(self) -> None:
        """Filter for one slice; what was typed meanwhile begins anew."""
        filtering, started = self._filtering, perf_counter()
        if filtering is None:
            return
        for done in filtering:
            if done:
                self._filtering = None
                if self._take_when_filtered:
                    self._take_when_filtered = False
                    self.take(self.chosen)
                return
            if perf_counter() - started > SLICE_SECONDS:
                after(self, 0.0, self._go_on)
                return

    def _filtered(self, keep: bool) -> Iterator[bool]:
        """Make the rows and compare them, with a pause wherever one may be; True at the end."""
        while len(self._rows) < len(self.items):
            start = len(self._rows)
            self._rows += map(Row, self.items[start : start + 50])
            yield False
        words = self.words
        found: list[tuple[Row, Fit]] = []
        if words:
            for index, row in enumerate(self._rows):
                if (match := fits(words, row.folded, row.folded_detail)) is not None:
                    found.append((row, match))
                if index % 100 == 99:
                    yield False
            found.sort(key=lambda each: -each[1].score)
        else:
            found = [(row, NO_FIT) for row in self._rows]
        yield False
        self._show(found, keep)
        yield True

    def _show(self, found: list[tuple[Row, Fit]], keep: bool) -> None:
        self._shown = len(found)
        self.list.show(found, keep=keep)
        self.list.display = bool(found)
        nothing = self.query_one("#pick-nothing", Static)
        nothing.display = not found
        if not found:
            nothing.update(Content(self._empty if not self.items else "Nothing fits what you typed."))
        total = len(self.items)
        count = counted(total, "entry", "entries") if self._shown == total else f"{self._shown:,} of {total:,}"
        self.query_one("#pick").border_subtitle = Content(count)

    # What is done

    def action_cursor_up(self) -> None:
        """Go to the one above."""
        self.list.step(-1)

    def action_cursor_down(self) -> None:
        """Go to the one below."""
        self.list.step(1)

    def action_page_up(self) -> None:
        """Go up by a screen of the list."""
        self.list.step(1 - self.list.size.height)

    def action_page_down(self) -> None:
        """Go down by a screen of the list."""
        self.list.step(self.list.size.height - 1)

    def action_pick(self) -> None:
        """Take what is under the cursor; what is still being typed or filtered is waited for."""
        self.when_typed(self._pick)

    def _pick(self) -> None:
        if self.words != self._filtered_by:  # the input's own word of it is still on its way
            self._filter()
        if self._filtering is not None:
            self._take_when_filtered = self.ready
        else:
            self.take(self.chosen)

    def on_pick_list_picked(self, event: PickList.Picked) -> None:
        """Take what was clicked."""
        event.stop()
        self.take(event.key)

    def action_save(self) -> None:
        """Take what is under the cursor."""
        self.action_pick()

    def take(self, key: str | None) -> None:
        """Close the dialog and hand on what was taken."""
        if key is not None and self.ready and self.is_active:
            self.ready = False
            self.go()
            self.app.call_later(self._on_pick, key)
