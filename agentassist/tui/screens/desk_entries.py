"""What is done with the entry under the cursor: read in full, copied, quoted, looked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentassist.text import clean, clean_line, counted
from agentassist.tui.clipboard import copyable
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin
from agentassist.tui.timers import after
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from textual.screen import Screen

    from agentassist.config import Config
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.widgets.status import Note
    from agentassist.tui.widgets.transcript import Transcript

LONG = 4_000
"""Characters that are cleaned on another thread, so that the screen does not wait."""
QUOTE_LIMIT = 2_000
"""Characters of an entry that are quoted: a reply is not for sending a customer's whole log back."""
SEARCH_LIMIT = 200
"""Characters of an entry that are searched for; the search takes no more words than these anyway."""
TOLD_SECONDS = 5.0
"""How long it is said that something was copied."""


async def copy(screen: Screen[None], config: Config, text: str) -> str:
    """Copy a text to the terminal's clipboard, clean, and return what to say about it.

    Args:
        screen: any screen of the desk.
        config: whether copying is turned on.
        text: exact, may be hostile.
    """
    if not config.desk.copy:
        return "Copying is turned off (desk.copy in the configuration)."
    made = copyable(text) if len(text) <= LONG else await asyncio.to_thread(copyable, text)
    if not made.text.strip():
        return "There is nothing to copy."
    screen.app.copy_to_clipboard(made.text)
    begin = label(made.text, 40)
    if not made.whole:
        kept = f"{len(made.text):,} of {counted(len(text), 'character')}"
        return f"Copied the first {kept}: terminals take no more. “{begin}”"
    return f"Copied {counted(made.lines, 'line')}: “{begin}”" if made.lines > 1 else f"Copied “{begin}”"


def quoted(text: str) -> str:
    """Return a text as it is quoted in a reply: clean, every line after a “>”; empty when it says nothing."""
    lines = clean(text.strip("\r\n"), limit=QUOTE_LIMIT).strip("\n").split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines) if any(line.strip() for line in lines) else ""


def say_for_a_while(note: Note, text: str) -> None:
    """Show words in a note, and take them away again unless something else is said there meanwhile."""
    note.say(text)

    def forget() -> None:
        if note.words == text:
            note.say("")

    after(note, TOLD_SECONDS, forget)


class EntryWork:
    """Does it for one transcript.

    Args:
        desk: the desk with composer and search.
        screen: the screen on which the transcript is.
        transcript: whose cursor counts.
        note: where it is said what was done.
    """

    def __init__(self, desk: DeskWork, screen: Screen[None], transcript: Transcript, note: Note) -> None:
        self._desk = desk
        self._screen = screen
        self._transcript = transcript
        self._note = note

    def read(self) -> None:
        """Read the entry in full; on the head of the part before, fold or unfold it."""
        if self._transcript.cursor_key == "before":
            self._transcript.action_fold()
        elif (entry := self._transcript.entry) is not None and (script := self._transcript.script) is not None:
            from agentassist.tui.screens.entry import EntryScreen

            self._screen.app.push_screen(EntryScreen(entry, script.voice, script.now, self._desk.config))

    def copy(self) -> None:
        """Copy the entry."""
        if self._transcript.script is not None:
            begin(self._screen, self._copy, self._transcript.text, group="copy", exclusive=True)

    async def _copy(self, text: str) -> None:
        say_for_a_while(self._note, await copy(self._screen, self._desk.config, text))

    def quote(self) -> bool:
        """Quote the entry in the reply, at its cursor; say whether it could be."""
        desk = self._desk
        current = desk.conversation.current
        made = quoted(self._transcript.text)
        if not made:
            say_for_a_while(self._note, "There are no words to quote.")
        elif current is None or not current.mine:
            say_for_a_while(self._note, f"Claim the conversation first: {key_of(self._desk, 'conversation.claim')}")
        elif not desk.composer.read_only:
            desk.composer.put_in(made)
            desk.go("conversation", desk.composer)
            return True
        return False

    def search(self) -> bool:
        """Put the entry's words into the search box and search; say whether there are any."""
        words = clean_line(self._transcript.text[: 20 * SEARCH_LIMIT], limit=20 * SEARCH_LIMIT)[:SEARCH_LIMIT].strip()
        if not words:
            say_for_a_while(self._note, "There are no words to search for.")
            return False
        self._desk.search_box.value = words
        self._desk.suggesting.search(words)
        self._desk.go("side", self._desk.suggestions)
        return True
