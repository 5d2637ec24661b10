"""What is wrong with a knowledge base, always with file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from agentassist.errors import ContentError
from agentassist.text import clean_line


class Severity(StrEnum):
    """How bad a problem is.

    error: somebody has to correct it, and what loading finds so is left out · warning: it is used, and somebody
    should look · note: told once, nothing to do.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say about one file.

    Attributes:
        path: relative to the knowledge base, with `/`.
        line: 1 is the first; 0 when it is about the whole file.
        field: the front matter key, or `body`, `captions`; empty when it is about the whole file.
        message: what is wrong. It may quote the file: clean it to show it.
        hint: what to do.
    """

    path: str
    line: int
    field: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def fatal(self) -> bool:
        """Say whether it is an error. When loading told it, the file was left out because of this."""
        return self.severity is Severity.ERROR

    @property
    def words(self) -> str:
        """The field and the message; the field once only when the message begins by naming it."""
        named = self.field in re.findall(r"\w+", self.message[:200])[:4]
        return f"{self.field}: {self.message}" if self.field and not named else self.message

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return clean_line(f"{self.place}: {self.severity.value}: {self.words}")


class BrokenFileError(ContentError):
    """A file cannot be used.

    Attributes:
        line: 1 is the first line; 0 when it is about the whole file.
        field: as in `Problem`.
    """

    def __init__(self, message: str, hint: str = "", *, line: int = 0, field: str = "") -> None:
        super().__init__(message, hint)
        self.line = line
        self.field = field


@dataclass(slots=True)
class Report:
    """Collects what is wrong with one file while it is read.

    Attributes:
        ident: the id that the file says, known even when the file cannot be used; empty for none.
        ident_line: where it says so.
    """

    path: str
    problems: list[Problem] = field(default_factory=list)
    ident: str = ""
    ident_line: int = 1

    def error(self, message: str, hint: str = "", *, line: int = 0, field: str = "") -> None:
        """Add a problem that leaves the file out."""
        self.problems.append(Problem(self.path, line, field, message, hint))

    def warn(self, message: str, hint: str = "", *, line: int = 0, field: str = "") -> None:
        """Add a problem that somebody should look at."""
        self.problems.append(Problem(self.path, line, field, message, hint, Severity.WARNING))

    def broken(self, error: BrokenFileError) -> None:
        """Add what a reader refused."""
        self.error(error.message, error.hint, line=error.line, field=error.field)

    @property
    def fatal(self) -> bool:
        """Say whether the file has to be left out."""
        return any(problem.fatal for problem in self.problems)
