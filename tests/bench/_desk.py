"""What the benches of the desk share: a home full of work, and another process that writes to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from _bench import encoder, made_articles, publish, unit_rows
from _pty import REPOSITORY, environment

from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.paths import under
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSAGES = 10_000
WRITER = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    for line in sys.stdin:
        number, author, text = line.rstrip("\\n").split(" ", 2)
        store.transcript.append(int(number), NewEntry(Author(author), EntryKind.MESSAGE, text))
        print("stored", flush=True)
"""


def name(number: int) -> str:
    """Return what a customer is called, as it is on screen."""
    return f"Customer {number:02}"


def fill(home: Path, *, waiting: int = 20, passages: int = PASSAGES, entries: Sequence[int] = ()) -> None:
    """Make records and an index.

    Args:
        home: see `_pty.environment`.
        waiting: conversations that wait, with one message each.
        passages: of real sentences, with the packaged encoder; 0 for no index.
        entries: one more conversation that waits for each, with so many entries.
    """
    places = under(home)
    with Store.open(places.database, SystemClock()) as store:
        for number, count in enumerate([1] * waiting + list(entries)):
            conversation = store.transcript.start(Customer(f"c{number}", name(number)), "web")
            told = [
                NewEntry(
                    Author.CUSTOMER if at % 2 == 0 else Author.BOT,
                    EntryKind.MESSAGE,
                    f"entry {at} of {count}: " + "some words to wrap here " * (5 if count > 1 else 1),
                )
                for at in range(1, count + 1)
            ]
            store.transcript.append(conversation, told[0])
            store.claims.handoff(conversation, "asked for a person")
            if told[1:]:  # what was said before the handoff would be folded
                store.transcript.append(conversation, *told[1:])
    if passages:
        model = encoder()
        publish(places.index, made_articles(passages), unit_rows(passages, model.description.dimension), model)


class Writer:
    """Another process that stores messages."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(under(home).database)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(home), cwd=REPOSITORY,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def write(self, conversation: int, text: str, author: Author = Author.CUSTOMER) -> None:
        """Store one message; returns once it is on disk."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{conversation} {author} {text}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()
