"""Puts questions that mean the same into groups, the oldest first, so that what comes later changes no group's start.

Libraries for this (scikit-learn, hdbscan) bring SciPy, which is more than the desk itself; what is needed is short.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from agentassist.errors import SearchError
from agentassist.search import bundle, lexical
from agentassist.search.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from agentassist.models import QueryPart

SAME_MEANING = 0.5
"""Cosine with the middle of a group from which a question belongs to it, by vectors without what is common to all.

Of the questions of doc2dial and dstc11t5 (all-MiniLM-L6-v2), those that one page answers come together best from 0.4 to
0.6; 0.5 joins what people call one question ("do you sell solar panels", "can I connect solar panels": 0.54).
With what is common left in, no one threshold does for both: 0.7 parts the one and joins nearly all of the other.
"""
SAME_WORDS = 0.30
"""The same by words, where there is no encoder; on doc2dial it does as well as meaning."""
SAMPLE = 4_000
"""Passages from which it is told what is common to all."""
BLOCK = 256
"""Questions that are held against the groups before them at once. It decides who meets whom: never change it."""
MOST_MERGED = 4_000
"""Above so many groups only those of several questions are held against each other: all would take minutes."""
DIMENSION = 1_024
"""Numbers of a vector by words: each word has its place by its hash, and few share one."""


def common_of(index_folder: Path) -> NDArray[np.float32]:
    """Return what the passages of the published index have in common: the mean of their vectors.

    Every question to one company speaks of its products; that must not make two questions one.

    Raises:
        SearchError: there is no index, or its vectors cannot be read.
    """
    published = bundle.find(index_folder)
    count, dimension = published.manifest.passages, published.manifest.dimension
    try:
        vectors = Vectors.open(published.folder, count, dimension)
    except (OSError, ValueError) as error:
        raise SearchError(f"the vectors cannot be read: {error}", "Build it again: agentassist kb index") from error
    some = np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).astype(np.int64))
    return np.asarray(vectors.exact(some, np.eye(dimension, dtype=np.float32)).mean(axis=0), dtype=np.float32)


def by_meaning(
    asked: Sequence[Sequence[QueryPart]],
    known: Mapping[int, bytes],
    common: NDArray[np.float32],
    embed: Callable[[Sequence[str]], Sequence[bytes]],
) -> NDArray[np.float32]:
    """Return a unit row for each question, shape (len(asked), dimension), without what is common to all.

    Args:
        asked: the weighed texts of each; only needed where no vector is known.
        known: what the same encoder made of some when they were asked (`SearchResult.context`), by their position.
        common: see `common_of`.
        embed: encodes texts now, as `known` is written.

    Raises:
        EncoderError: the encoder failed.
    """
    dimension = len(common)
    rows = np.zeros((len(asked), dimension), dtype=np.float32)
    for position, raw in known.items():
        if len(raw) == 2 * dimension:
            rows[position] = np.nan_to_num(np.frombuffer(raw, dtype="<f2"))
    missing = np.flatnonzero(~rows.any(axis=1)).tolist()
    texts = list(dict.fromkeys(part.text for position in missing for part in asked[position]))
    vectors = dict(zip(texts, embed(texts) if texts else (), strict=True))
    for position in missing:
        for part in asked[position]:
            rows[position] += np.float32(part.weight) * np.frombuffer(vectors[part.text], dtype="<f2")
    return _unit(_unit(rows) - common)


def by_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return a unit row for each text, in which rare words count more, shape (len(texts), DIMENSION)."""
    counted = [Counter(_stem(word) for word in lexical.words(text) if word not in lexical.SMALL_TALK) for text in texts]
    spread = Counter(word for words in counted for word in words)
    place = {word: int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=4).digest(), "big")
             for word in spread}  # fmt: skip
    rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for row, words in zip(rows, counted, strict=True):
        for word, count in words.items():
            sign = 1.0 if place[word] & 1 else -1.0
            row[(place[word] >> 1) % DIMENSION] += sign * math.sqrt(count) * math.log(1 + len(texts) / spread[word])
    return _unit(rows)


def group(rows: NDArray[np.float32], threshold: float) -> list[list[int]]:
    """Put unit rows into groups.

    Each row, in order, goes to the group whose middle is nearest, or begins one when none is near enough; groups whose
    middles have come as near are joined then, to the older one.

    Args:
        rows: the oldest first, shape (n, d). A row of zeros is a group of its own.
        threshold: the lowest cosine with a group's middle.

    Returns:
        The positions of each group in order; the groups in the order of their first.
    """
    groups: list[list[int]] = []
    sums = np.zeros((min(len(rows), BLOCK), rows.shape[1]), dtype=np.float32)
    for at in range(0, len(rows), BLOCK):
        block = rows[at : at + BLOCK]
        before = len(groups)
        if before + len(block) > len(sums):
            sums = np.concatenate([sums, np.zeros_like(sums), np.zeros_like(block)])
        nearest = _nearest(block, _unit(sums[:before])) if before else None
        for number, row in enumerate(block):
            if nearest is not None and nearest[1][number] >= threshold:
                chosen = int(nearest[0][number])
            else:
                chosen = before + _among(row, sums[before : len(groups)], threshold)
            if chosen == len(groups):
                groups.append([])
            groups[chosen].append(at + number)
            sums[chosen] += row
    return _joined(groups, _unit(sums[: len(groups)]), threshold)


def middle(rows: NDArray[np.float32]) -> list[int]:
    """Return the positions of some rows, the one nearest to their middle first; equal ones in order."""
    closeness = rows @ _unit(rows.sum(axis=0, keepdims=True))[0]
    # Vectors are known to float16 only, so what differs by less is the same: the older one then comes first.
    return [int(position) for position in np.argsort(-np.round(closeness, 3), kind="stable")]


def _among(row: NDArray[np.float32], sums: NDArray[np.float32], threshold: float) -> int:
    """Return which of some groups a row belongs to; their number when it is none of them."""
    if not len(sums):
        return 0
    closeness = _unit(sums) @ row
    best = int(np.argmax(closeness))
    return best if closeness[best] >= threshold else len(sums)


def _nearest(block: NDArray[np.float32], middles: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    closeness = block @ middles.T
    best = np.argmax(closeness, axis=1)
    return best, closeness[np.arange(len(block)), best]


def _joined(groups: list[list[int]], middles: NDArray[np.float32], threshold: float) -> list[list[int]]:
    some = list(range(len(groups)))
    if len(groups) > MOST_MERGED:
        some = [number for number in some if len(groups[number]) > 1][:MOST_MERGED]
    owner = list(range(len(groups)))
    closeness = middles[some] @ middles[some].T
    for later in range(1, len(some)):
        best = int(np.argmax(closeness[later, :later]))
        if closeness[later, best] >= threshold:
            owner[some[later]] = owner[some[best]]
    joined: dict[int, list[int]] = {}
    for number, positions in enumerate(groups):
        joined.setdefault(owner[number], []).extend(positions)
    return [sorted(positions) for positions in joined.values()]


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _stem(word: str) -> str:
    """Return a word without the commonest English endings: enough to meet its other forms."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
