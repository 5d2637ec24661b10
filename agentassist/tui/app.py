"""The desk's application: themes, the output guard, and its one home screen."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import events
from textual.app import App, ScreenStackError

from agentassist.text import clean_line
from agentassist.tui import themes
from agentassist.tui.commands import DeskCommands
from agentassist.tui.endings import endings
from agentassist.tui.guard import OutputGuard
from agentassist.tui.keyboard import AFTER_SECONDS, Keyboard
from agentassist.tui.registry import key_words
from agentassist.tui.screens.work import begin
from agentassist.tui.terminal_keys import alt_digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import Binding, BindingType
    from textual.filter import LineFilter
    from textual.screen import Screen

    from agentassist.config import Config
    from agentassist.protocols import Clock
    from agentassist.session.backend import Backend
    from agentassist.session.indexing import Indexing


class DeskApp(App[None]):
    """The desk of one agent.

    Args:
        backend: the threads with the records and the knowledge base; the caller closes it after `run`.
        config: how the desk looks, which dispositions there are, how many suggestions.
        clock: the time.
        prefer: conversations to put the cursor on first, the best first.
        indexing: builds the index while the desk works; None when it cannot be built here.
        hints: whether to lead a newcomer through the first conversation.
    """

    TITLE = "agentassist"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[DeskCommands]]] = {DeskCommands}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = []
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (as Textual declares it)
        (0, "-narrow"),
        (100, "-snug"),
        (120, "-normal"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 (as Textual declares it)
    COMMAND_PALETTE_BINDING = "ctrl+p"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        backend: Backend,
        config: Config,
        clock: Clock,
        *,
        prefer: Sequence[int] = (),
        indexing: Indexing | None = None,
        hints: bool = False,
    ) -> None:
        super().__init__()
        self.hints = hints or config.desk.hints
        self.backend = backend
        self.config = config
        self.clock = clock
        self._prefer = tuple(prefer)
        self._indexing = indexing
        self._guard = OutputGuard()
        self._keyboard = Keyboard()
        self._early: list[events.InputEvent] | None = []
        for theme in themes.OWN:
            self.register_theme(theme)
        if config.desk.theme in self.available_themes:
            self._wear(config.desk.theme)
        if config.keys:
            self._take_keys(config)

    def _wear(self, theme: str) -> None:
        """Have a theme from the first picture on: Textual makes all styles anew for one that is set later."""
        self.set_reactive(DeskApp.theme, theme)
        dark = self.current_theme.dark
        classes = {f"-theme-{theme}": True, "-dark-mode": dark, "-light-mode": not dark}
        self.update_classes(classes, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def _take_keys(self, config: Config) -> None:
        """Take the configured keys.

        Raises:
            ConfigError: one of them cannot be.
        """
        from agentassist.paths import default_paths
        from agentassist.tui import keymap

        changed = keymap.read(config.keys, default_paths().config_file)
        for action, ident in (("quit", "desk.quit"), ("command_palette", "desk.palette")):
            if ident in changed:  # Textual's own, which work in dialogs, too
                self._bindings.key_to_bindings = {
                    key: bindings
                    for key, bindings in self._bindings.key_to_bindings.items()
                    if bindings[0].action != action
                }
                self.bind(",".join(changed[ident]), action, show=False)
        self.set_keymap(keymap.for_textual(changed))

    def get_key_display(self, binding: Binding) -> str:
        """Write a key the way the help does."""
        return binding.key_display or key_words(binding.key)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's own filters and, after them, the guard."""
        return [*super().get_line_filters(), self._guard]

    def get_default_screen(self) -> Screen[None]:
        """Return the desk itself."""
        from agentassist.session.zones import local_zone
        from agentassist.tui.keymap import key_now
        from agentassist.tui.screens.desk import DeskScreen

        zone = ZoneInfo(local_zone(self.config.agent.timezone))
        desk = DeskScreen(
            self.backend,
            self.config,
            self.clock,
            zone,
            prefer=self._prefer,
            indexing=self._indexing,
            keyboard=self._keyboard,
        )
        # Textual would find this out after the first picture, and make every style anew.
        desk.add_class("-show-queue", *self._shape(), update=False)
        # What is typed into an input hides a letter's binding before the key map gives it another key.
        desk._bindings.apply_keymap(self._keymap)
        desk.queue.next_key = key_now("conversation.next", self._keymap)
        return desk

    def _shape(self) -> list[str]:
        """Return the classes that a screen of this size has."""
        breakpoints = zip(self.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True)
        return [[name for least, name in steps if least <= cells][-1] for cells, steps in breakpoints]

    async def on_event(self, event: events.Event) -> None:
        """Note each key before anything is done with it; what is typed before the desk is complete waits for that."""
        if isinstance(event, events.Key):
            self._keyboard.pressed()
        if self._early is not None and isinstance(event, events.InputEvent) and not event.is_forwarded:
            self._early.append(event)
        else:
            await super().on_event(event)

    def on_desk_complete(self) -> None:
        """Do now what was typed before."""
        begin(self, self._catch_up, group="catch up")

    async def _catch_up(self) -> None:
        """Do what was typed early one after the other, as typed: each key finds the focus where the last has put it."""
        with suppress(ScreenStackError):  # it has just ended, and nobody waits for these keys
            while self._early:
                asked = self.focused or self.screen
                await super().on_event(self._early.pop(0))
                # Whoever got the key has done what it does, and where it puts the focus is where the next one goes.
                for pump in (asked, self.screen, self):
                    done = asyncio.Event()
                    if pump.call_later(done.set):
                        await done.wait()
                await asyncio.sleep(AFTER_SECONDS)
                await self.screen.wait_for_refresh()
        self._early = None

    def copy_to_clipboard(self, text: str) -> None:
        """Copy clean text, unless that is turned off; what any part of the desk copies goes through here."""
        from agentassist.tui.clipboard import CleanText, copyable

        if self.config.desk.copy:
            super().copy_to_clipboard(text if isinstance(text, CleanText) else copyable(text).text)

    def action_light_or_dark(self) -> None:
        """Change between light and dark."""
        self.theme = themes.DARK_NAME if not self.current_theme.dark else themes.LIGHT_NAME

    async def action_quit(self) -> None:
        """End, once what is unsaved is saved."""
        from agentassist.tui.screens.desk import DeskScreen

        desk = self.screen_stack[0]
        if not isinstance(desk, DeskScreen) or await desk.may_leave():
            self.exit()

    def on_mount(self) -> None:
        """Tell that the configured theme is unknown; the usual one stays."""
        theme = self.config.desk.theme
        if theme not in self.available_themes:
            known = ", ".join(sorted(self.available_themes))
            self.notify(
                clean_line(f"There is no theme {theme}. Known: {known}"), severity="warning", timeout=10, markup=False
            )


def run(
    backend: Backend,
    config: Config,
    clock: Clock,
    *,
    prefer: Sequence[int] = (),
    indexing: Indexing | None = None,
    hints: bool = False,
) -> None:
    """Run the desk until the agent leaves it; an unexpected error is raised again after the terminal is restored.

    Args:
        backend: stays open; the caller closes it.
        config: see `DeskApp`.
        clock: see `DeskApp`.
        prefer: see `DeskApp`.
        indexing: see `DeskApp`.
        hints: see `DeskApp`.
    """
    app = DeskApp(backend, config, clock, prefer=prefer, indexing=indexing, hints=hints)
    gc.disable()  # until the first picture is there: see `DeskScreen`
    try:
        with alt_digits(), endings(app, backend.settle):
            app.run()
    finally:
        gc.enable()
    if app.return_code:
        raise SystemExit(app.return_code)
