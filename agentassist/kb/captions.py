"""WebVTT captions: cues with their seconds and their words.

Own code, because a problem has to name its line: webvtt-py 0.6 passes over a cue with a broken timing line, or in
strict mode refuses the file without saying where, and leaves entities and rolling captions as they are. It follows
https://www.w3.org/TR/webvtt1/#file-parsing, except that a broken timing line is a problem and not passed over.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.kb.problems import Report

MAX_PROBLEMS = 20
"""How many broken lines of one file are told."""
MAX_ROLLING = 8
"""How many lines live captions show at once, at most."""
_TIME = r"(?:([0-9]{1,4}):)?([0-9]{2}):([0-9]{2})\.([0-9]{3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_TAG = re.compile(r"</?(?:[a-zA-Z0-9][^<>]*)?>")
_TOUCHING = 0.1
"""Seconds between two cues that show one rolling text."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from one second to another.

    Attributes:
        start: seconds from the beginning of the video.
        end: seconds, never before `start`.
        text: on one line, without tags and without what the cue before already said.
    """

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Raw:
    """A cue as it stands in the file: its lines of words."""

    start: float
    end: float
    lines: tuple[str, ...]


def parse(source: str, report: Report) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT file in the order of time; cues without words are left out.

    Args:
        source: with single newline characters, without a byte order mark.
        report: gets an error for each broken line.
    """
    lines = source.split("\n")
    if re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]) is None:
        report.error("captions do not start with WEBVTT", "Save them as WebVTT.", line=1, field="captions")
        return ()
    raw = _cues(lines, report)
    if not any(cue.lines for cue in raw) and not report.fatal:
        report.error("captions hold no cue", "Export the captions again.", line=1, field="captions")
    return _unrolled(sorted(raw, key=lambda cue: cue.start))


def _cues(lines: list[str], report: Report) -> list[_Raw]:
    found: list[_Raw] = []
    number, broken = 1, 0
    while number < len(lines):
        line = lines[number]
        if "-->" not in line:
            # The header, a cue's name, a comment, a style or a region: none of them is words.
            number += 1
            continue
        times = _times(line, number + 1, report)
        number += 1
        first = number
        while number < len(lines) and lines[number] and "-->" not in lines[number]:
            number += 1
        if times is None:
            broken += 1
            if broken == MAX_PROBLEMS:
                break
            continue
        words = tuple(filter(None, map(_words, lines[first:number])))
        found.append(_Raw(*times, words))
    return found


def _times(line: str, number: int, report: Report) -> tuple[float, float] | None:
    match = _TIMING.fullmatch(line)
    if match is None:
        hint = "Write 00:01:02.500 --> 00:01:05.000."
        if re.search(r"[0-9],[0-9]{3}", line):
            hint = "This is SubRip's form: WebVTT has a dot before the milliseconds."
        report.error(f"broken timing line: {line.strip()[:80]}", hint, line=number, field="captions")
        return None
    parts = [int(part or 0) for part in match.groups()]
    if any(part > 59 for part in (parts[1], parts[2], parts[5], parts[6])):
        report.error("minutes and seconds go to 59", "Correct the time.", line=number, field="captions")
        return None
    start, end = (hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
                  for hours, minutes, seconds, milliseconds in (parts[:4], parts[4:]))  # fmt: skip
    if end < start:
        # Where it begins is all that a link needs.
        report.warn("the cue ends before it starts", "Correct the times.", line=number, field="captions")
        end = start
    return start, end


def _words(line: str) -> str:
    """Return a line of a cue as plain words: no voice, style or time tags, entities as their characters."""
    return " ".join(html.unescape(_TAG.sub("", line)).split())


def _unrolled(cues: list[_Raw]) -> tuple[Cue, ...]:
    """Drop from each cue what the one before it still shows: live captions repeat a line until it has rolled off."""
    found: list[Cue] = []
    before = _Raw(0.0, -1.0, ())
    for cue in cues:
        if not cue.lines:
            continue
        lines = cue.lines
        if cue.start <= before.end + _TOUCHING:
            lines = _news(before.lines, lines)
        if lines:
            found.append(Cue(cue.start, cue.end, " ".join(lines)))
        elif found:
            last = found[-1]
            found[-1] = Cue(last.start, max(last.end, cue.end), last.text)
        before = cue
    return tuple(found)


def _news(before: tuple[str, ...], lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return what `lines` says that `before` did not."""
    if lines == before:
        return ()
    for size in range(min(len(before), len(lines), MAX_ROLLING), 0, -1):
        if before[-size:] == lines[:size]:
            return lines[size:]
    said, now = " ".join(before), " ".join(lines)
    return (now[len(said) + 1 :],) if now.startswith(said + " ") else lines
