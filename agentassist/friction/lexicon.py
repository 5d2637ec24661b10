"""The lexicon: phrases by what they are a sign of, read from a file of a language, and found word by word."""

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
"""What a phrase may be a sign of; "stakes:TOPIC" besides."""
STAKES = "stakes:"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Found:
    """One phrase in a text.

    Attributes:
        sign: of SIGNS, or STAKES and the topic.
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
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for sign, some in phrases.items():
            for phrase in some:
                made = tokens(phrase.replace("\u2019", "'"))
                if made:
                    self._by_first.setdefault(made[0], []).append((made, sign))
        for found in self._by_first.values():
            found.sort(key=lambda item: (-len(item[0]), item))

    def find(self, some: Sequence[str]) -> tuple[Found, ...]:
        """Return the phrases in tokens, in order; of each sign the longest at a place."""
        made = []
        for at, token in enumerate(some):
            seen = set()
            for phrase, sign in self._by_first.get(token, ()):
                if sign not in seen and tuple(some[at : at + len(phrase)]) == phrase:
                    seen.add(sign)
                    made.append(Found(sign, at, len(phrase)))
        return tuple(made)


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
        stakes = raw.pop("stakes")
        language, neutral = str(raw.pop("language")), _texts(raw.pop("neutral"))
        phrases = _by_sign(raw)
        phrases |= {f"{STAKES}{topic}": _texts(some) for topic, some in stakes.items()}
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
