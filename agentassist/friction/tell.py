"""Tells signals in plain words that cite what was said and where. What they cite is cleaned: it is safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.friction.reading import Signal, SignalKind
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from agentassist.friction.notes import Mark

CITED = 60
"""Characters of what was said that are cited."""
_WORDS = {
    SignalKind.ASKED: "asks for a person: “{words}”",
    SignalKind.UPSET: "sounds upset: “{words}”",
    SignalKind.NEGATIVE: "negative words: “{words}”",
    SignalKind.SHOUTING: "shouts: “{words}”",
    SignalKind.PROFANITY: "swears: “{words}”",
    SignalKind.UNRESOLVED: "says that it is not solved: “{words}”",
    SignalKind.REPEATED: "asks the same again: “{words}”",
    SignalKind.NO_ANSWER: "the bot had no answer{times}: “{words}”",
    SignalKind.BOT_REPEATED: "the bot says the same again{times}: “{words}”",
    SignalKind.REFUSED: "says no to the bot{times}: “{words}”",
    SignalKind.TRIED: "tried already what was suggested: “{words}”",
    SignalKind.BACK: "goes back and forth in the tree{times}",
    SignalKind.SILENCE: "no word since: “{words}”",
    SignalKind.WAITING: "waits for a person",
    SignalKind.RETURNED: "came back, or it was opened again",
    SignalKind.LONG: "a long way already",
    SignalKind.STAKES: "high stakes: “{words}”",
    SignalKind.DONE: "it is done: “{words}”",
    SignalKind.THANKS: "sounds content: “{words}”",
}
_NUMBERS = 6
"""Entries that are named; of more the last."""


def signal(kind: SignalKind, mark: Mark, weight: float) -> Signal:
    """Return a signal in words.

    Args:
        kind: what it is about.
        mark: what it rests on.
        weight: what it adds to the logit of the score.
    """
    words = clean_line(mark.words, limit=10 * CITED)
    words = words if len(words) <= CITED else f"{words[: CITED - 1].rstrip()}…"
    times = f" ({counted(len(mark.entries), 'entry', 'entries')})" if len(mark.entries) > 1 else ""
    named = ", ".join(f"#{seq}" for seq in mark.entries[-_NUMBERS:])
    text = _WORDS[kind].format(words="\0", times=times).replace("\0", words).replace(": “”", "")
    return Signal(kind, mark.entries, words, weight, f"{text} ({named})" if named else text, mark.said)
