r"""A small part of regular expressions, matched in a time that no pattern and no text can blow up.

Literals, `.`, classes such as `[A-Z0-9-]`, `\d`, `\w`, `\s` and an escaped mark, groups, `|`, and the counts `?`, `*`,
`+`, `{3}`, `{2,}` and `{2,5}`. Each means what it means in a web page's `pattern`, so one pattern serves both; upper
and lower case do not count here. All positions that can be reached are followed at once, never one after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentassist.errors import UsageError

MAX_PATTERN = 200
MAX_VALUE = 200
"""The longest text that is compared with a pattern."""
MAX_COUNT = 200
MAX_GROUPS = 5
"""How deep groups may be within each other."""
_ATOM = re.compile(r"\[\^?(?:\\.|[^\]\\\[])+\]|\\[dws]|\\[^A-Za-z0-9\s]|[^\\\[\](){}?*+|^$]")
_COUNT = re.compile(r"[?*+]|\{([0-9]{1,3})(,?)([0-9]{0,3})\}")


@dataclass(frozen=True, slots=True)
class _One:
    """One character."""

    test: re.Pattern[str]

    def ends(self, text: str, starts: frozenset[int]) -> frozenset[int]:
        return frozenset(at + 1 for at in starts if at < len(text) and self.test.fullmatch(text[at]))


@dataclass(frozen=True, slots=True)
class _Row:
    """One part after the other."""

    parts: tuple[_Part, ...]

    def ends(self, text: str, starts: frozenset[int]) -> frozenset[int]:
        for part in self.parts:
            starts = part.ends(text, starts)
        return starts


@dataclass(frozen=True, slots=True)
class _Either:
    """One of several."""

    parts: tuple[_Part, ...]

    def ends(self, text: str, starts: frozenset[int]) -> frozenset[int]:
        return frozenset().union(*(part.ends(text, starts) for part in self.parts))


@dataclass(frozen=True, slots=True)
class _Times:
    """One part some times; `most` None is without end."""

    part: _Part
    least: int
    most: int | None

    def ends(self, text: str, starts: frozenset[int]) -> frozenset[int]:
        now, found = starts, starts if self.least == 0 else frozenset()
        rounds = len(text) + self.least if self.most is None else self.most
        for number in range(1, rounds + 1):
            after = self.part.ends(text, now)
            if after == now:
                return found | now  # however often it is tried again
            # Beyond the least count only a position that is new can lead on to a new one.
            now = after - found if number >= self.least else after
            if not now:
                break
            if number >= self.least:
                found |= now
        return found


_Part = _One | _Row | _Either | _Times


class PatternError(UsageError):
    """A pattern is not of the small part that is understood."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What `compiled` returns."""

    part: _Part

    def fits(self, text: str) -> bool:
        """Say whether the whole of a text fits; one longer than `MAX_VALUE` never does."""
        return len(text) <= MAX_VALUE and len(text) in self.part.ends(text, frozenset([0]))


def compiled(source: str) -> Pattern:
    """Return the pattern that is written so.

    Raises:
        PatternError: it is too long, or not of the small part that is understood; the message says where.
    """
    if not 0 < len(source) <= MAX_PATTERN:
        raise PatternError(f"a pattern has 1 to {MAX_PATTERN} characters")
    part, at = _either(source, 0, 0)
    if at < len(source):
        raise _error(source, at)
    return Pattern(part)


def _error(source: str, at: int) -> PatternError:
    rest = source[at : at + 10]
    place = f"at character {at + 1} ({rest})" if rest else "at its end"
    return PatternError(
        f"pattern is not understood {place}", r"Use letters, digits, \d, [A-Z], ( ), |, ?, *, + and {2,5}."
    )


def _either(source: str, at: int, depth: int) -> tuple[_Part, int]:
    if depth > MAX_GROUPS:
        raise PatternError(f"pattern has groups within each other, deeper than {MAX_GROUPS}")
    ways: list[_Part] = []
    while True:
        part, at = _row(source, at, depth)
        ways.append(part)
        if source[at : at + 1] != "|":
            return (ways[0] if len(ways) == 1 else _Either(tuple(ways))), at
        at += 1


def _row(source: str, at: int, depth: int) -> tuple[_Part, int]:
    parts: list[_Part] = []
    while at < len(source) and source[at] not in "|)":
        part, at = _atom(source, at, depth)
        count = _COUNT.match(source, at)
        if count:
            part, at = _times(source, part, count), count.end()
        parts.append(part)
    return _Row(tuple(parts)), at


def _atom(source: str, at: int, depth: int) -> tuple[_Part, int]:
    if source[at] == "(":
        inner = at + (3 if source.startswith("(?:", at) else 1)
        part, end = _either(source, inner, depth + 1)
        if source[end : end + 1] != ")":
            raise _error(source, at)
        return part, end + 1
    found = _ATOM.match(source, at)
    # Python keeps doubled marks in a class for sets to come, and warns of them.
    if found is None or any(mark in found[0] for mark in ("--", "&&", "||", "~~")):
        raise _error(source, at)
    literal = found[0] if found[0][0] in "[\\." else re.escape(found[0])
    try:
        return _One(re.compile(literal, re.IGNORECASE | re.ASCII)), found.end()
    except re.error as error:  # a class such as [z-a]
        raise _error(source, at) from error


def _times(source: str, part: _Part, count: re.Match[str]) -> _Times:
    if count[0] in "?*+":
        return _Times(part, int(count[0] == "+"), 1 if count[0] == "?" else None)
    least = int(count[1])
    most = int(count[3]) if count[3] else (None if count[2] else least)
    if max(least, most or 0) > MAX_COUNT or (most is not None and most < least):
        raise _error(source, count.start())
    return _Times(part, least, most)
