"""Every error that agentassist raises on purpose.

AgentAssistError                what went wrong (message) and what to do (hint)
├── UsageError                  the caller asked for something impossible
├── ConfigError                 the configuration file
├── ContentError                a knowledge-base file: names file, line and field
├── FlowError                   a decision tree cannot go on so
│   ├── FlowInputError          an answer is not right: names every field and why
│   └── StaleNodeError          an answer to a question that is not open any more
├── ReplayError                 a transcript file: names file, line and field
├── EvaluationError             a file of a data set, or of tests: names file, line and field
├── FrictionError               a file of the friction meter: its lexicon, examples or weights
├── MissingExtraError           an optional part is not installed: names the line to type
├── NotFoundError               no such conversation, article, follow-up …
├── SearchError                 the index or the encoder
│   ├── IndexMissingError       no index was built yet, or it was deleted
│   ├── NothingToIndexError     a knowledge base without a published article: names what was skipped
│   └── EncoderError            the query encoder cannot be loaded or disagrees
└── StoreError                  the records
    ├── StoreBusyError          another process held the write lock for too long
    ├── StoreFullError          the disk is full or the folder is read-only
    ├── StoreDamagedError       the file is not a healthy database
    ├── ClaimedError            another agent was first: names who
    ├── UnseenEntriesError      a send was drafted before entries its author has not seen
    └── StateError              the conversation's state forbids it (closed, not claimed …)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """What the process says to its caller.

    Attributes:
        OK: done.
        FAILED: an expected failure, told on stderr.
        USAGE: the command line was wrong (click's own code).
        FOUND_PROBLEMS: a check ran to its end and found something (lint, doctor, a threshold of eval that is missed).
        INTERRUPTED: ctrl+c (128 + SIGINT).
    """

    OK = 0
    FAILED = 1
    USAGE = 2
    FOUND_PROBLEMS = 3
    INTERRUPTED = 130


class AgentAssistError(Exception):
    """The root: a message in plain words, and a hint that says what to do next."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(AgentAssistError):
    """The caller asked for something impossible."""

    exit_code = ExitCode.USAGE


class UnsendableError(UsageError):
    """The text must not go to a customer as it is: a raw placeholder, an edited verbatim text, an internal article.

    Attributes:
        start: where the trouble begins, in characters.
        end: one past its end.
    """

    def __init__(self, message: str, hint: str, *, start: int = 0, end: int = 0) -> None:
        super().__init__(message, hint)
        self.start = start
        self.end = end


class ConfigError(AgentAssistError):
    """The configuration file has an unknown key or a value of the wrong kind."""


class ContentError(AgentAssistError):
    """A knowledge-base file cannot be used; `message` names file, line and field."""


class FlowError(AgentAssistError):
    """A decision tree cannot go on so."""


class FlowInputError(FlowError):
    """An answer to a decision tree is not right; nothing of it was taken.

    Attributes:
        fields: what is wrong by field, in words for whoever answered; for a choice the only key is empty.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()), "Correct it, and send it again.")
        self.fields = dict(fields)


class StaleNodeError(FlowError):
    """An answer to a question that is not open any more: it was answered elsewhere, or somebody went back.

    Attributes:
        node: the question that is open now; empty when none is.
    """

    def __init__(self, node: str) -> None:
        super().__init__("this question is not open any more", "Answer the one that is open now.")
        self.node = node


class ReplayError(AgentAssistError):
    """A transcript file cannot be used; `message` names file, line and field."""


class EvaluationError(AgentAssistError):
    """A file of a data set or a file of tests cannot be used; `message` names file, line and field."""


class FrictionError(AgentAssistError):
    """A file of the friction meter cannot be used: its lexicon, its examples or its weights."""


class MissingExtraError(AgentAssistError):
    """An optional part is not installed; `hint` is the exact line to type."""


class NotFoundError(AgentAssistError):
    """There is no such conversation, article, follow-up or file."""


class SearchError(AgentAssistError):
    """The index or the encoder failed."""


class IndexMissingError(SearchError):
    """No index was built yet, or it was deleted."""


class NothingToIndexError(SearchError):
    """A knowledge base has no published article.

    Attributes:
        skipped: the files that were left out and why, one line each; not yet safe to show.
    """

    def __init__(self, message: str, hint: str, *, skipped: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.skipped = skipped


class EncoderError(SearchError):
    """The query encoder cannot be loaded, or disagrees with the one that built the index."""


class StoreError(AgentAssistError):
    """The records cannot be read or written."""


class StoreBusyError(StoreError):
    """Another process held the write lock for too long."""


class StoreFullError(StoreError):
    """The disk is full or the folder is read-only: nothing of this write was kept."""


class StoreDamagedError(StoreError):
    """The file is not a healthy database of this program."""


class ClaimedError(StoreError):
    """Another agent was first.

    Attributes:
        agent: who has the conversation.
    """

    def __init__(self, agent: str) -> None:
        super().__init__(f"taken by {agent}", "Choose another conversation.")
        self.agent = agent


class UnseenEntriesError(StoreError):
    """A send was drafted before entries that its author has not seen.

    Attributes:
        unseen: the sequence numbers that came in meanwhile.
    """

    def __init__(self, unseen: tuple[int, ...]) -> None:
        count = len(unseen)
        super().__init__(
            f"not sent: {count} new {'entry' if count == 1 else 'entries'} since you wrote this",
            "Read what came in, then send again.",
        )
        self.unseen = unseen


class StateError(StoreError):
    """The conversation's state forbids it: closed, not claimed, claimed by another."""
