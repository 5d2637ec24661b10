"""Snippets in plain mode: found by words, filled in, and what is missing asked for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.kb.snippets import fill
from agentassist.session.variables import known
from agentassist.tui.plain import printing

if TYPE_CHECKING:
    from agentassist.models import Snippet
    from agentassist.session.knowledge import Knowledge
    from agentassist.tui.plain.desk import PlainDesk

LISTED = 12


def every(knowledge: Knowledge) -> tuple[Snippet, ...]:
    """Fetch all snippets; runs on the thread of the knowledge base."""
    return knowledge.snippets()


class SnippetPart:
    """Puts snippets into the draft."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._listed: list[Snippet] = []
        self.verbatim: list[Snippet] = []
        """Those that were put in and must be sent as they are."""

    def insert(self, words: str) -> None:
        """Put in the snippet that the words find, or the one with that number in the list that was said last."""
        self._desk.conversation.my_own()
        if words.isascii() and words.isdigit() and 1 <= int(words[:4]) <= len(self._listed):
            self._fill(self._listed[int(words[:4]) - 1], {})
            return
        wanted = words.lower().split()
        snippets = self._desk.backend.knowledge(every).result()
        found = [item for item in snippets if all(word in _text(item) for word in wanted)]
        exact = [item for item in found if words.lower() in (item.id.lower(), item.title.lower())]
        if len(found) == 1 or exact:
            self._fill((exact or found)[0], {})
            return
        if not found:
            raise UsageError("no snippet has these words", "Type snippet for all of them.")
        self._listed = found[:LISTED]
        self._desk.say(printing.snippet_line(number, item) for number, item in enumerate(self._listed, 1))
        more = f" {len(found) - LISTED} more: add words." if len(found) > LISTED else ""
        self._desk.say([f"System: To put one in: snippet and its number.{more}"])

    def _fill(self, snippet: Snippet, given: dict[str, str]) -> None:
        desk = self._desk
        current = desk.conversation.my_own()
        values = known(
            current.opened.conversation.customer,
            current.entries,
            current.opened.follow_ups,
            agent=desk.agent,
            now=desk.clock.now(),
            zone=desk.zone,
        )
        filled = fill(snippet, values | given)
        if filled.asked:
            name = filled.asked[0]

            def answer(text: str) -> None:
                if not text.strip():
                    raise UsageError(f"{name} is needed", "Nothing was put in.")
                self._fill(snippet, given | {name: text})

            desk.ask(f"{name.replace('.', ' ').replace('_', ' ')}? ", answer)
            return
        if snippet.verbatim and snippet not in self.verbatim:
            self.verbatim.append(snippet)
        desk.reply.put_in(filled.text)


def _text(snippet: Snippet) -> str:
    return " ".join((snippet.id, snippet.title, *snippet.tags, snippet.body)).lower()
