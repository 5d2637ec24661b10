"""The lexicon: phrases by what they are a sign of, read from a file of a language, and found word by word.

A word of a phrase may be several, `smell|smells`, of which any will do; `*` stands for up to GAP words between others.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from agentassist.errors import FrictionError
from agentassist.friction.words import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIGNS = (
    "yes",
    "no",
    "thanks",
    "tried",
    "how",
    "negation",
    "resolved",
    "profanity",
    "refusal",
    "done",
    "offer",
    "closing",
)
"""What a phrase may be a sign of; "stakes:TOPIC" besides, and "spared:TOPIC" for what is none of it."""
STAKES, SPARED = "stakes:", "spared:"
FALLBACK = "en"
GAP = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One phrase in a text.

    Attributes:
        sign: of SIGNS, or STAKES or SPARED and the topic.
        at: the place of its first token.
        size: how many tokens it has.
    """

    sign: str
    at: int
    size: int


class Lexicon:
    """The phrases of one language.

    Args:
        phrases: by sign.
        neutral: words whose sentiment is left out.
    """

    def __init__(self, language: str, phrases: Mapping[str, Sequence[str]], neutral: Sequence[str] = ()) -> None:
        self.language = language
        self.neutral = frozenset(neutral)
        self._by_first: dict[str, list[tuple[_Phrase, str]]] = {}
        for sign, some in phrases.items():
            for phrase in some:
                made = _made(phrase)
                for first in made[0] if made else ():
                    self._by_first.setdefault(first, []).append((made, sign))
        for found in self._by_first.values():
            found.sort(key=lambda item: (-len(item[0]), item[1], str(item[0])))

    def find(self, some: Sequence[str]) -> tuple[Found, ...]:
        """Return the phrases in tokens, in order; of each sign the longest at a place. What is spared is left out."""
        made = []
        for at, token in enumerate(some):
            seen = set()
            for phrase, sign in self._by_first.get(token, ()):
                if sign not in seen and (end := _end(phrase, some, at)):
                    seen.add(sign)
                    made.append(Found(sign, at, end - at))
        spared = [item for item in made if item.sign.startswith(SPARED)]
        return (
            tuple(item for item in made if item not in spared and not _spares(spared, item)) if spared else tuple(made)
        )


_Phrase = tuple[tuple[str, ...], ...]
"""For each word what it may be; nothing for a gap."""


def _made(phrase: str) -> _Phrase:
    made: list[tuple[str, ...]] = []
    for part in phrase.replace("\u2019", "'").split():
        if part == "*":
            made.append(())
        elif "|" in part:
            made.append(tuple(tokens(part.replace("|", " "))))
        else:
            made.extend((token,) for token in tokens(part))
    return tuple(made)


def _end(phrase: _Phrase, some: Sequence[str], at: int) -> int:
    """Return behind which token a phrase that begins at a place ends; 0 when it is not there."""
    for place, choice in enumerate(phrase):
        if not choice:
            rest = phrase[place + 1 :]
            return next((end for gap in range(GAP + 1) if (end := _end(rest, some, at + gap))), 0)
        if at >= len(some) or some[at] not in choice:
            return 0
        at += 1
    return at


def _spares(spared: Sequence[Found], item: Found) -> bool:
    """Say whether a phrase of a topic overlaps one that is none of it."""
    if not item.sign.startswith(STAKES):
        return False
    topic = f"{SPARED}{item.sign.removeprefix(STAKES)}"
    return any(
        other.sign == topic and other.at < item.at + item.size and item.at < other.at + other.size for other in spared
    )


@functools.cache
def shipped(language: str) -> Lexicon:
    """Return the lexicon of a language; English when there is none for it.

    Args:
        language: a BCP 47 tag; only its first part counts.

    Raises:
        FrictionError: the file is damaged.
    """
    return parsed(data("lexicon", language))


def parsed(text: str) -> Lexicon:
    """Read the text of a lexicon file.

    Raises:
        FrictionError: something is missing, not known, or not a list of texts.
    """
    try:
        raw = tomllib.loads(text)
        stakes, spared = raw.pop("stakes"), raw.pop("spared", {})
        language, neutral = str(raw.pop("language")), _texts(raw.pop("neutral"))
        phrases = _by_sign(raw)
        phrases |= {f"{STAKES}{topic}": _texts(some) for topic, some in stakes.items()}
        phrases |= {f"{SPARED}{topic}": _texts(some) for topic, some in spared.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FrictionError(f"the lexicon cannot be read: {error}", "Install agentassist again.") from error
    return Lexicon(language, phrases, neutral)


def _by_sign(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    if set(raw) != set(SIGNS):
        raise ValueError(f"the lists are {', '.join(raw)}, not {', '.join(SIGNS)}")
    return {sign: _texts(raw[sign]) for sign in SIGNS}


def data(name: str, language: str) -> str:
    """Return the text of a data file of a language, or of English when it has none.

    Args:
        name: such as "lexicon".
        language: a BCP 47 tag.
    """
    folder = resources.files(__package__).joinpath("data")
    primary = language.partition("-")[0].lower()
    file = folder.joinpath(f"{name}.{primary if primary.isalpha() else FALLBACK}.toml")
    return (file if file.is_file() else folder.joinpath(f"{name}.{FALLBACK}.toml")).read_text(encoding="utf-8")


def _texts(raw: Any) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise TypeError("a list of texts is wanted")
    return raw
