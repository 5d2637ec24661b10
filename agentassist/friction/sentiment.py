"""How positive or negative the words of a text are, by VADER's lexicon and rules (Hutto & Gilbert 2014)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.friction import words

if TYPE_CHECKING:
    from agentassist.friction.lexicon import Lexicon

READ = 600
"""Characters that are read: the rules take time that grows with the square of the words."""
SYMBOLS = 30
_NEGATIVE = -1.0
"""Words from this valence down are cited."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What the lexicon says.

    Attributes:
        compound: from -1, most negative, to 1.
        negative: the negative words, in order.
    """

    compound: float
    negative: tuple[str, ...]


class Analyzer:
    """VADER without the words that say nothing in a conversation with a company.

    Args:
        lexicon: for which words those are; for another language than English VADER is not asked.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._analyzer = None
        if lexicon.language == "en":
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

            self._analyzer = SentimentIntensityAnalyzer()
            for word in lexicon.neutral:
                self._analyzer.lexicon.pop(word, None)

    def read(self, text: str) -> Sentiment:
        """Return what the words of a text say.

        Args:
            text: as `words.short` gives it.
        """
        if self._analyzer is None:
            return Sentiment(0.0, ())
        part = _few_symbols(text[-READ:])
        compound = float(self._analyzer.polarity_scores(part)["compound"])
        valence = self._analyzer.lexicon
        return Sentiment(compound, tuple(word for word in words.tokens(part) if valence.get(word, 0.0) <= _NEGATIVE))


def _few_symbols(text: str) -> str:
    """Return a text with no more than SYMBOLS of what may be an emoji, each of which is read as several words."""
    if text.isascii():
        return text
    kept, symbols = [], 0
    for char in text:
        symbols += char > "\u2000"
        if char <= "\u2000" or symbols <= SYMBOLS:
            kept.append(char)
    return "".join(kept)


@functools.cache
def analyzer(lexicon: Lexicon) -> Analyzer:
    """Return the analyzer of a lexicon; its words are read once."""
    return Analyzer(lexicon)
