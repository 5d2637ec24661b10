"""Writes the draft of an article from what agents answered, in their words and without personal data."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, UsageError
from agentassist.kb.redaction import Known, known_of, redact
from agentassist.session.episodes import headline, telling
from agentassist.text import clean, clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agentassist.session.gap_sources import Source
    from agentassist.session.gaps import Gap
    from agentassist.store.store import Store

MAX_QUESTIONS, MAX_STEPS = 6, 24
SAME = 0.7
"""Share of telling words from which two sentences of agents say the same."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_MARKS = re.compile(r"([\\`*_<>#|~])|(\])(?=[(\[:])")
_LIST = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")
_OUTLINE = """\
No agent has answered this in their own words yet. What the article needs:

1. What the customer sees, and on which product.
2. What they do, one step a line.
3. How they know that it worked, and whom to write to when it did not.
"""


def compose(gap: Gap, store: Store) -> str:
    """Return the draft of an article about a gap.

    Args:
        gap: what it is about.
        store: where the conversations are.

    Raises:
        StoreError: the records cannot be read.
    """
    known = _known(store, gap)
    questions = _distinct([redact(source.question, known[source.conversation_id]) for source in gap.sources])
    steps = _steps(gap, known)
    title = clean_line(gap.title, limit=200) or f"Gap {gap.id}"
    answered = sum(bool(source.answers) for source in gap.sources)
    of = f"{counted(answered, 'answer')} of agents in {counted(len(gap.conversations), 'conversation')}"
    lines = [
        "---",
        f"id: gap-{gap.id}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        "status: draft",
        "tags: [gap]",
        "---",
        f"**Draft**, made from {of}. Nobody has checked it: read every line, take out what is personal, put the steps "
        "in order, then add url, review_by and verified_by and write status: published.",
        "",
        "## Question",
        "",
        *(f"- {_plain(question)}" for question in questions[:MAX_QUESTIONS]),
        "",
        "## Steps",
        "",
        *([f"{number}. {step}" for number, step in enumerate(steps, start=1)] if steps else [_OUTLINE.rstrip()]),
        "",
        "## Sources",
        "",
        *(_source(source) for source in sorted(gap.sources, key=lambda each: (each.conversation_id, each.seq))),
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, gap_id: str, text: str, *, force: bool) -> Path:
    """Write a draft, whole or not at all, and return where it is; only its owner can read it.

    Args:
        folder: is made when it is missing.
        gap_id: names the file.
        text: the draft.
        force: replace a file that is there.

    Raises:
        UsageError: the file is there already.
        AgentAssistError: it cannot be written.
    """
    file = folder / f"gap-{gap_id}.md"
    part = folder / f".{file.name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            # A link fails when the name is taken, also when somebody took it only now.
            part.replace(file) if force else os.link(part, file)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(
            f"{clean_line(str(file))} is there already", "Give --force to replace it with a new draft, or --out DIR."
        ) from error
    except OSError as error:
        raise AgentAssistError(
            f"{clean_line(str(file))} cannot be written: {error.strerror or error}", "Choose another folder: --out DIR."
        ) from error
    return file


def _known(store: Store, gap: Gap) -> dict[int, tuple[Known, ...]]:
    """Return what must not be in the draft, by conversation: the customer's data, and the agents' names."""
    agents = {
        line.author_name for line in store.gaps.lines(gap.conversations) if line.author == "agent" and line.author_name
    }
    names = tuple(Known(name, "agent") for name in sorted(agents))
    return {
        number: (*known_of(customer, told), *names)
        for number, (customer, told) in store.gaps.customers(gap.conversations).items()
    }


def _steps(gap: Gap, known: Mapping[int, Sequence[Known]]) -> list[str]:
    """Return what agents answered, sentence by sentence, each once, with how many answers said so."""
    kept: list[tuple[set[str], str]] = []
    said: Counter[int] = Counter()
    for source in gap.sources:
        mine: set[int] = set()
        for answer in source.answers:
            # The whole is redacted before it is parted: half an address is not recognised as one.
            for part in _SENTENCE.split(redact(answer, known[source.conversation_id])):
                if words := telling(part):
                    number = next((at for at, (old, _) in enumerate(kept) if _alike(old, words)), len(kept))
                    if number == len(kept):
                        kept.append((words, part.strip()))
                    mine.add(number)
        said.update(mine)
    return [
        _plain(text) + (f" (said in {said[number]} answers)" if said[number] > 1 else "")
        for number, (_, text) in enumerate(kept[:MAX_STEPS])
    ]


def _alike(old: set[str], new: set[str]) -> bool:
    return len(old & new) >= SAME * len(old | new)


def _distinct(questions: Sequence[str]) -> list[str]:
    found: list[tuple[set[str], str]] = []
    for question in questions:
        line = headline(question)
        words = telling(line)
        if line and not any(_alike(old, words) for old, _ in found):
            found.append((words, line))
    return [line for _, line in found]


def _source(source: Source) -> str:
    by = "answered" if source.answers else "no answer in an agent's words"
    return f"- conversation {source.conversation_id}, from entry {source.seq}, {source.at[:10]}: {by}"


def _plain(text: str) -> str:
    """Return a line of somebody's words that Markdown only shows."""
    line = clean(" ".join(text.split()), limit=1_000)
    return _LIST.sub(r"\1\\\2", _MARKS.sub(lambda found: f"\\{found[0]}", line))
