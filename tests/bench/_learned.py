"""Records of a desk that has learned a lot, for the benches that search with everything on."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from _bench import CACHE, encoder, passages, publish
from _scale import split

from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Passage,
    Query,
    SearchResult,
)
from agentassist.paths import under
from agentassist.search.encoder import OnnxEncoder
from agentassist.session.desk import Desk
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from agentassist.protocols import Clock

    Made = tuple[Article, list[Passage]]

NOISE, LESSON_NOISE = 0.1, 0.5
"""Lengths of the noise on unit-length vectors: of a passage, of a context on what is asked, which then has a cosine of
about 0.9 with it."""
OF_ARTICLE, COPIES = 4, 5
"""Passages of an article; and one article in so many is a copy of the one before, so that there is something to
fold."""


def noisy(rows: NDArray[np.float32], length: float, seed: int) -> NDArray[np.float32]:
    """Return unit-length rows with noise on them."""
    noise = np.random.default_rng(seed).standard_normal(rows.shape, dtype=np.float32)
    made = rows + noise * np.float32(length / np.sqrt(rows.shape[1]))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def embedded(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of texts; they are kept between runs."""
    model = encoder()
    kept = CACHE / f"rows-{hashlib.sha256(repr((model.description.model_hash, texts)).encode()).hexdigest()[:16]}.npy"
    if not kept.exists():
        np.save(kept, OnnxEncoder.load(model.folder).embed(texts))
    return np.asarray(np.load(kept), dtype=np.float32)


def made(count: int) -> tuple[list[Made], NDArray[np.float32]]:
    """Return articles with `count` passages in all, of shuffled real sentences, and the vectors of the passages.

    A passage's vector is the mean of its sentences', with noise: near enough to the real one, and made in seconds.
    """
    chosen = random.Random(0)
    sentences = sorted({part for text in passages() for part in split(text) if len(part.split()) > 3})
    of = dict(zip(sentences, embedded(sentences), strict=True))
    articles: list[Made] = []
    rows: list[NDArray[np.float32]] = []
    for number in range(0, count, OF_ARTICLE):
        if articles and len(articles) % COPIES == 1:
            article, texts = articles[-1]
            articles.append((replace(article, id=f"made-{number}"), texts[: count - number]))
            rows += rows[-len(texts) :][: count - number]
            continue
        title = chosen.choice(sentences)
        said = [chosen.sample(sentences, chosen.randint(4, 9)) for _ in range(min(OF_ARTICLE, count - number))]
        rows += [np.mean([of[part] for part in (title, *some)], axis=0) for some in said]
        code = f"{title[:60]} K{number:X}"  # else a thousand articles would be right
        article = Article(f"made-{number}", ArticleKind.ARTICLE, code, "https://example.com", "x.md")
        articles.append((article, [Passage(article.id, at, "", " ".join(some)) for at, some in enumerate(said)]))
    whole = np.stack(rows)
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    return articles, noisy(whole, NOISE, 1)


def publish_made(index: Path, count: int) -> list[Made]:
    """Publish such articles, and return them."""
    articles, rows = made(count)
    named = [(article, [replace(part, article_id=article.id) for part in parts]) for article, parts in articles]
    publish(index, named, rows, encoder())
    return named


def learn(home: Path, clock: Clock, asked: Sequence[str], articles: Sequence[Made], count: int) -> None:
    """Put closed conversations into the records, in each of which an article was suggested and sent.

    Args:
        home: see `_pty.environment`.
        clock: the time.
        asked: what customers ask: what was asked before is near to it.
        articles: what was sent.
        count: how many conversations.
    """
    model = encoder()
    real = embedded(asked)
    contexts = noisy(real[np.arange(count) % len(real)], LESSON_NOISE, 2).astype("<f2")
    chosen = random.Random(4)
    with Store.open(under(home).database, clock) as store:
        store._connection.raw.execute("PRAGMA synchronous=OFF")  # thousands of conversations, and none to be kept
        desk = Desk(store, "Bo")
        for number in range(count):
            article, parts = chosen.choice(articles)
            conversation = store.transcript.start(Customer(f"past-{number % 997}", "Past"), "web")
            store.transcript.append(
                conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, asked[number % len(asked)])
            )
            store.claims.handoff(conversation, "asked for a person")
            opened = desk.claim(conversation)
            hit = Hit(1, article, parts[0], 1.0, 0.8, (), article.url, "close in meaning", 0.8)
            context, said = contexts[number].tobytes(), model.description.model_hash
            result = SearchResult((hit,), Mode.HYBRID, context=context, model=said, answerable=0.8)
            offers = desk.offer(conversation, Query.typed(asked[number % len(asked)]), result)
            desk.send(conversation, offers[0].text, seen_seq=opened.entries[-1].seq, offers=offers)
            desk.close(conversation, "solved" if number % 3 else "other", "")
