"""The plain desk's life: lines in, lines out, and what happens meanwhile told as it happens."""

from __future__ import annotations

import io
import sys
from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from agentassist.errors import AgentAssistError, UsageError
from agentassist.session.desk import Desk, Overview
from agentassist.text import clean_line
from agentassist.tui.plain import printing
from agentassist.tui.plain.closing import ClosingPart, UndoPart
from agentassist.tui.plain.commands import help_lines, parse
from agentassist.tui.plain.console import Ended, Terminal
from agentassist.tui.plain.conversation import ConversationPart
from agentassist.tui.plain.crossing import CrossingPart
from agentassist.tui.plain.listener import Listener, News
from agentassist.tui.plain.promises import PromisePart
from agentassist.tui.plain.queue import QueuePart
from agentassist.tui.plain.reply import ReplyPart
from agentassist.tui.plain.similar import SimilarPart
from agentassist.tui.plain.snippets import SnippetPart
from agentassist.tui.plain.suggesting import SuggestingPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentassist.config import Config
    from agentassist.protocols import Clock
    from agentassist.session.backend import Backend
    from agentassist.session.indexing import Indexing, IndexProgress
    from agentassist.tui.plain.console import Console

P = ParamSpec("P")
T = TypeVar("T")

PROMPT, REPLY_PROMPT = "> ", "Reply: "
NOTHING = Overview((), (), ())
KEEP_TICKS = 2
"""What is half typed of a reply is saved every so many seconds."""


class PlainDesk:
    """The desk of one agent, in lines.

    Args:
        backend: the threads with the records and the knowledge base; the caller closes it.
        config: dispositions, zone, how many suggestions.
        clock: the time.
        console: where lines come from and go to.
        indexing: builds the index; None when there is nothing to build.
    """

    def __init__(
        self, backend: Backend, config: Config, clock: Clock, console: Console, indexing: Indexing | None = None
    ) -> None:
        from agentassist.session.zones import local_zone

        self.backend, self.config, self.clock, self.console = backend, config, clock, console
        self.agent = backend.agent
        self.zone = ZoneInfo(local_zone(config.agent.timezone))
        self.overview = NOTHING
        self.at_terminal = sys.stdin.isatty()
        self.listener = Listener(backend, self._heard, self._failed, self._ticked)
        self.queue = QueuePart(self)
        self.undoing = UndoPart(self)
        self.conversation = ConversationPart(self)
        self.reply = ReplyPart(self)
        self.suggesting = SuggestingPart(self)
        self.similar = SimilarPart(self)
        self.snippets = SnippetPart(self)
        self.promises = PromisePart(self)
        self.closing = ClosingPart(self)
        self.crossing = CrossingPart(self)
        self._events: deque[Callable[[], None]] = deque()
        self._question: tuple[str, Callable[[str], None]] | None = None
        self._left = False
        self._trouble = ""
        self._ticks = 0
        self._indexing = indexing
        self._stage = ""

    @property
    def desk(self) -> PlainDesk:
        """Itself, as one of its parts."""
        return self

    # What the parts use

    def records(self, call: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the records, and wait for it.

        Raises:
            AgentAssistError: whatever the call raises.
        """
        return self.backend.records(call, *args, **kwargs).result()

    def say(self, lines: Iterable[str]) -> None:
        """Print lines."""
        self.console.say(lines)

    def ask(self, prompt: str, answer: Callable[[str], None]) -> None:
        """Have the next line answer a question; from a pipe, which has no prompt, the question is a line."""
        self._question = (prompt, answer)
        if not self.at_terminal:
            self.say([f"System: {prompt.strip()}"])

    def post(self, event: Callable[[], None]) -> None:
        """Have something done on the desk's thread soon. From any thread."""
        self._events.append(event)
        self.console.wake()

    # Life

    def run(self) -> None:
        """Read lines until there are no more, or `quit`."""
        self.begin()
        self.listener.start()
        try:
            while not self._left:
                try:
                    line = self.console.read(self._prompt, self.news)
                    if line is None:
                        break
                    self.take(line)
                except KeyboardInterrupt:
                    self._cancel()
        except Ended as ended:
            if self.reply.writing:
                half = ended.half_typed
                self._guarded(lambda: self.reply.keep(half))
            raise
        finally:
            self.listener.stop()
            self.similar.stop()
        self.end()

    def begin(self) -> None:
        """Say who sits here and what there is to do."""
        self.say([f"System: agentassist, plain. You are {clean_line(self.agent, limit=60)}. For the commands: help"])
        self._guarded(self.queue.say)
        self._guarded(self.promises.tell_due)
        if self._indexing is not None and self._indexing.at_once:
            self._guarded(self.index)
        else:
            self.suggesting.warm()

    def end(self) -> None:
        """Say what is still under way, keep the draft, and leave."""
        self._guarded(self.suggesting.wait)
        self._guarded(self.reply.keep)
        self.news()
        self._guarded(lambda: self.records(Desk.leave))
        self.say(["System: Goodbye."])

    @property
    def _prompt(self) -> str:
        if self._question is not None:
            return self._question[0]
        return REPLY_PROMPT if self.reply.writing else PROMPT

    def take(self, line: str) -> None:
        """Do what a line says."""
        self._guarded(lambda: self._do(line))
        self.news()

    def _do(self, line: str) -> None:
        if self._question is not None:
            answer, self._question = self._question[1], None
            answer(line)
        elif self.reply.writing:
            self.reply.line(line)
        elif (typed := parse(line)) is not None:
            attrgetter(typed.command.run)(self)(typed.rest)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except AgentAssistError as error:
            self.say(printing.error_lines(error))

    def _cancel(self) -> None:
        """Give up the line, and what was asked or being written."""
        self.say([""] if self.at_terminal else [])
        if self._question is not None:
            self._question = None
            self.say(["System: Nothing was changed."])
        elif self.reply.writing:
            self.reply.stop()

    def help(self, words: str = "") -> None:
        """Say the commands."""
        self.say(help_lines(words))

    def quit(self, _: str = "") -> None:
        """Leave; the draft is kept."""
        self._left = True

    # What happens meanwhile

    def news(self) -> None:
        """Tell what has happened since."""
        while self._events:
            self._guarded(self._events.popleft())

    def _heard(self, news: News) -> None:
        self.post(lambda: self._take_news(news))

    def _take_news(self, news: News) -> None:
        if self._trouble:
            self._trouble = ""
            self.say(["System: The records can be read again."])
        self.queue.hear(news.overview)
        self.conversation.hear(news)
        self.promises.tell_due()

    def _failed(self, error: AgentAssistError) -> None:
        self.post(lambda: self._tell_trouble(error))

    def _tell_trouble(self, error: AgentAssistError) -> None:
        if error.message != self._trouble:
            self._trouble = error.message
            self.say(printing.error_lines(error, "cannot read what came in: "))

    def _ticked(self) -> None:
        self.post(self._tick)

    def _tick(self) -> None:
        """Look at the clock, keep what is half typed, and say to other desks where this one is."""
        self._ticks += 1
        self.promises.tell_due()
        self.similar.tick()
        if self._ticks % KEEP_TICKS == 0:
            self.reply.keep_if_possible(self.console.half_typed() if self.reply.writing else "")
        current = self.conversation.current
        self.backend.records(Desk.present, current.id if current else None, typing=self.reply.writing)

    # The index

    def index(self, _: str = "") -> None:
        """Build the index anew, while the desk goes on."""
        if self._indexing is None:
            raise UsageError("there is nothing to build an index of here", "Type agentassist kb index in a shell.")
        begun = self._indexing.start(lambda progress: self.post(lambda: self._tell_index(progress)))
        self._stage = "building"
        self.say(["Search: the index is being built" if begun else "Search: the index is being built already"])

    def _tell_index(self, progress: IndexProgress) -> None:
        """Say how far the index is, when that is news."""
        if progress.news:
            self.suggesting.refresh()
        if progress.stage == self._stage:
            return
        self._stage = progress.stage
        why = clean_line(". ".join(part for part in (progress.message, progress.hint) if part), limit=400)
        words = {
            "building": "the index is being built",
            "words": "by keyword now, by meaning in a moment",
            "meaning": "by meaning",
            "words_only": f"by keyword only: {why}",
            "failed": f"the index could not be built: {why}",
        }[str(progress.stage)]
        self.say([f"Search: {words}"])


def run(
    backend: Backend,
    config: Config,
    clock: Clock,
    *,
    indexing: Indexing | None = None,
) -> None:
    """Run the plain desk on standard input and output until the agent leaves it.

    Args:
        backend: stays open; the caller closes it.
        config: see `PlainDesk`.
        clock: the time.
        indexing: builds the index; None when there is nothing to build.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    with Terminal(sys.stdin, sys.stdout) as terminal:
        try:
            PlainDesk(backend, config, clock, terminal, indexing).run()
        finally:
            if indexing is not None:
                indexing.stop()
