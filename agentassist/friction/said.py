"""What one text says: read once, and remembered for the last texts, because a conversation is read again and again."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import SearchError
from agentassist.friction import lexicon, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentassist.friction.judges import Judges
    from agentassist.friction.lexicon import Lexicon
    from agentassist.friction.settings import MeterSettings

Embed = Callable[[Sequence[str]], tuple[str, tuple[bytes, ...]]]
"""Texts to the encoder's name and a vector each: unit length, float16, NumPy's "<f2"; none when there is no encoder.
See `Knowledge.embed`."""

REMEMBERED = 4_096
STAKES_LIKELY, STAKES_BY_WORDS = 0.6, 0.85
"""From so likely a topic on it is named without a phrase of the lexicon: by its meaning, by its words alone."""
_ROUNDED = 0.01
"""How far the length of a vector may be from 1."""
_NEAR = 3
"""Words between a negation and what is not resolved."""
_CAPITALS = 0.7
_MARKS = 3
_SHOUTED = 2


@dataclass(frozen=True, slots=True)
class Said:
    """What one text says.

    Attributes:
        asks: how likely it asks for a person, and the clause that says so.
        upset: how likely it shows a negative emotion, and the clause that says so.
        negative: how negative its words are, in [0, 1], and which they are.
        stakes: the high-stakes topic, the words, and how sure, in [0, 1]; an empty topic when there is none.
        phrases: by sign of the lexicon, the words that were found.
        shouted: the shouted words or marks; empty when it does not shout.
        unresolved: the words that say that something still does not work; empty when none do.
        content: its words of three letters and more, to compare with another text's.
        asking: it is a question, or long enough to be a wish.
        answer: "yes" or "no" when it begins with one, else empty.
        cheer: how positive its words are, in [0, 1].
        vector: of the whole text, of unit length; None without an encoder.
    """

    asks: tuple[float, str]
    upset: tuple[float, str]
    negative: tuple[float, str]
    stakes: tuple[str, str, float]
    phrases: dict[str, str]
    shouted: str
    unresolved: str
    content: frozenset[str]
    asking: bool
    answer: str = ""
    cheer: float = 0.0
    vector: NDArray[np.float32] | None = None

    def similar(self, other: Said) -> float:
        """Return how much two texts mean the same, in [0, 1]: by vectors, or by shared words when one has none."""
        if self.vector is not None and other.vector is not None and self.vector.shape == other.vector.shape:
            return float(self.vector @ other.vector)
        either = self.content | other.content
        return len(self.content & other.content) / len(either) if either else 0.0


class Reader:
    """Reads texts. Safe to use from several threads.

    Args:
        embed: the encoder; None reads by words.
        settings: which language, which phrases say nothing, which topics count.
    """

    def __init__(self, embed: Embed | None, settings: MeterSettings) -> None:
        self._embed = embed
        self._settings = settings
        self._lock = threading.RLock()
        self._known: OrderedDict[str, Said] = OrderedDict()
        self._phrases: OrderedDict[str, tuple[dict[str, str], str]] = OrderedDict()
        self._judges: Judges | None = None
        self._model = ""
        self._fits = 0
        self._degraded = "" if embed else "no encoder: messages are read by their words"
        self._lexicon: Lexicon = lexicon.shipped(settings.language)
        self._never = lexicon.Lexicon("", {"never": settings.never})

    @property
    def degraded(self) -> str:
        """Why texts are read by their words; empty when all is well or nothing was read yet."""
        return self._degraded

    @property
    def by_meaning(self) -> bool:
        """Whether the encoder reads the texts."""
        return bool(self._model)

    @property
    def fit(self) -> int:
        """Which fit of the judges it is: with another one a text may be read otherwise."""
        return self._fits

    def warm(self, *, again: bool = True) -> None:
        """Embed the examples and fit the judges, if that was not done with this encoder.

        Args:
            again: ask the encoder once more when it had nothing the last time.
        """
        with self._lock:
            if self._judges is None or (again and self._embed and not self._model):
                self._fit()

    def learn(self, texts: Sequence[str]) -> None:
        """Read texts that are not known yet, all at once."""
        with self._lock:
            self.warm(again=False)
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if not new:
                return
            read = self._read(new)
            for text, said in zip(new, read, strict=True):
                self._known[text] = said
            while len(self._known) > max(REMEMBERED, len(new)):
                self._known.popitem(last=False)

    def said(self, text: str) -> Said:
        """Return what a text says."""
        with self._lock:
            if text not in self._known:
                self.learn((text,))
            self._known.move_to_end(text)
            return self._known[text]

    def phrases(self, text: str) -> dict[str, str]:
        """Return what the lexicon finds in a text, by sign; without judging what it means."""
        return self._worded(text)[0]

    def answer(self, text: str) -> str:
        """Return "yes" or "no" when a text begins with one, else an empty text; without judging what it means."""
        return self._worded(text)[1]

    def _worded(self, text: str) -> tuple[dict[str, str], str]:
        with self._lock:
            if (known := self._phrases.get(text)) is None:
                said = words.tokens(words.short(text))
                found = self._lexicon.find(said)
                known = self._phrases[text] = _cited(found, said), _answer(found)
                if len(self._phrases) > REMEMBERED:
                    self._phrases.popitem(last=False)
            return known

    def _fit(self, *, by_words: bool = False) -> Judges:
        from agentassist.friction import judges
        from agentassist.friction.sentiment import analyzer

        analyzer(self._lexicon)
        language = self._settings.language
        examples = judges.shipped(language)
        model, vectors = ("", self._none(0)) if by_words else self._vectors([item.text for item in examples])
        self._known.clear()
        self._fits += 1
        self._judges = judges.Judges(examples, vectors) if model else judges.by_words(language)
        self._model = model
        return self._judges

    def _vectors(self, texts: Sequence[str]) -> tuple[str, NDArray[np.float32]]:
        """Return the encoder's name and the vectors of texts; an empty name and none when it has none."""
        import numpy as np

        none = self._none(len(texts))
        if self._embed is None or not texts:
            return "", none
        try:
            model, rows = self._embed(texts)
        except SearchError as error:
            self._degraded = f"{error.message}: messages are read by their words"
            return "", none
        if len(rows) != len(texts):
            self._degraded = "no index with an encoder: messages are read by their words"
            return "", none
        made = np.stack([np.frombuffer(row, dtype="<f2").astype(np.float32) for row in rows])
        with np.errstate(all="ignore"):
            whole = bool(np.all(np.abs(np.linalg.norm(made, axis=1) - 1) < _ROUNDED))
        if not whole:
            self._degraded = "the encoder gives no vectors of unit length: messages are read by their words"
            return "", none
        self._degraded = ""
        return model or "encoder", made

    def _read(self, texts: Sequence[str]) -> list[Said]:
        read = [words.short(self._without_never(text)) for text in texts]
        parts = [words.clauses(text) for text in read]
        flat = list(dict.fromkeys(part for some in parts for part in some))
        judged, vectors = self._judged(flat)
        place = {part: at for at, part in enumerate(flat)}
        return [
            self._said(text, some, [place[part] for part in some], judged, vectors)
            for text, some in zip(read, parts, strict=True)
        ]

    def _judged(self, flat: Sequence[str]) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float32]]:
        """Return how likely each label is of texts, and their vectors; fits again when the encoder is another one."""
        for _ in range(2):
            model, vectors = self._vectors(flat) if self._model else ("", self._none(len(flat)))
            if model == self._model and self._judges is not None:
                return self._judges.judge(flat, vectors), vectors
            self._fit()
        # It was another encoder each time, or it comes and goes: words are always there.
        vectors = self._none(len(flat))
        return self._fit(by_words=True).judge(flat, vectors), vectors

    @staticmethod
    def _none(count: int) -> NDArray[np.float32]:
        import numpy as np

        return np.zeros((count, 0), dtype=np.float32)

    def _said(
        self, text: str, parts: Sequence[str], places: Sequence[int], judged: dict[str, Any], vectors: Any
    ) -> Said:
        from agentassist.friction.sentiment import analyzer

        some = words.tokens(text)
        found = self._lexicon.find(some)
        phrases = _cited(found, some)
        feeling = analyzer(self._lexicon).read(text)
        meant = {label: max((float(values[at]), -n) for n, at in enumerate(places)) for label, values in judged.items()}

        def likeliest(label: str) -> tuple[float, str]:
            probability, place = meant[label]
            return probability, parts[-place]

        upset, clause = likeliest("upset")
        # One clause is enough for a wish, but a mood is that of the whole as well.
        upset = _between(upset, *(float(judged["upset"][at]) for at in places))

        return Said(
            asks=likeliest("asks"),
            upset=(upset, clause),
            negative=(max(0.0, -feeling.compound), ", ".join(dict.fromkeys(feeling.negative))),
            stakes=self._stakes(phrases, judged, likeliest),
            phrases=phrases,
            shouted=_shouted(text),
            unresolved=_unresolved(found, some),
            content=frozenset(word[:6] for word in some if len(word) > 2),
            asking="?" in some or len(some) >= _NEAR + 1,
            answer=_answer(found),
            cheer=max(0.0, feeling.compound),
            vector=_middle(vectors[list(places)]) if vectors.shape[1] else None,
        )

    def _stakes(
        self, phrases: dict[str, str], labels: Collection[str], likeliest: Callable[[str], tuple[float, str]]
    ) -> tuple[str, str, float]:
        # Of several the one that cannot wait: whose father died, and who closes his account, is no leaving customer.
        at_once = self._settings.hand_over_at_once
        topics = sorted(self._settings.stakes, key=lambda topic: topic not in at_once)
        named = [
            (topic, phrases[f"{lexicon.STAKES}{topic}"], 1.0)
            for topic in topics
            if f"{lexicon.STAKES}{topic}" in phrases
        ]
        if named:
            return named[0]
        known = [topic for topic in topics if topic in labels]
        meant = [(topic, *reversed(likeliest(topic))) for topic in known]
        best = max(meant, key=lambda item: float(item[2]), default=("", "", 0.0))
        least = STAKES_LIKELY if self._model else STAKES_BY_WORDS
        return (str(best[0]), str(best[1]), float(best[2])) if float(best[2]) >= least else ("", "", 0.0)

    def _without_never(self, text: str) -> str:
        """Return a text without the phrases in which nothing is a sign of friction."""
        if not self._settings.never:
            return text
        low = words.short(text).casefold()
        if not self._never.find(words.tokens(low)):
            return text
        for phrase in sorted(self._settings.never, key=len, reverse=True):
            text = _cut(text, phrase)
        return text


def _between(highest: float, *each: float) -> float:
    """Return the probability halfway between the highest logit and the mean of all."""
    logits = [math.log(min(max(p, 1e-9), 1 - 1e-9) / (1 - min(max(p, 1e-9), 1 - 1e-9))) for p in (highest, *each)]
    return 1 / (1 + math.exp(-(logits[0] + sum(logits[1:]) / len(each)) / 2))


def _middle(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of unit vectors, of unit length."""
    import numpy as np

    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


def _answer(found: Sequence[lexicon.Found]) -> str:
    return next((item.sign for item in found if item.at <= 1 and item.sign in ("yes", "no")), "")


def _cut(text: str, phrase: str) -> str:
    import re

    return re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", text, flags=re.IGNORECASE) if phrase else text


def _cited(found: Sequence[lexicon.Found], some: Sequence[str]) -> dict[str, str]:
    """Return for each sign the words of its first phrase."""
    made: dict[str, str] = {}
    for item in found:
        made.setdefault(item.sign, " ".join(some[item.at : item.at + item.size]))
    return made


def _unresolved(found: Sequence[lexicon.Found], some: Sequence[str]) -> str:
    """Return the words from a negation to what is not resolved, when they stand close together."""
    negations = [item for item in found if item.sign == "negation"]
    solved = [item for item in found if item.sign == "resolved"]
    for item in negations:
        for other in solved:
            if 0 < other.at - item.at <= _NEAR and other.at >= item.at + item.size:
                return " ".join(some[item.at : other.at + other.size])
    return ""


def _shouted(text: str) -> str:
    """Return what is shouted: words in capitals that outweigh the others, or a row of marks."""
    said = text.split()[: words.TOKENS]
    bare = [word.strip(".,;:!?\"'()") for word in said]
    loud = [word for word in bare if len(word) >= _SHOUTED and word.isupper() and word.isalpha()]
    spoken = sum(1 for word in bare if any(map(str.isalpha, word)))
    if len(loud) >= _SHOUTED and len(loud) >= _CAPITALS * spoken and any(len(word) > _NEAR for word in loud):
        return " ".join(loud[:4])
    for word in said:
        marks = len(word) - len(word.rstrip("!?"))
        if marks >= _MARKS:
            return word[-40:]
    return ""
