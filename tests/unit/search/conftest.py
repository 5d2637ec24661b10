"""A fake encoder, a published index of any articles, and knowledge bases as files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.models import Article, ArticleKind, Audience, Passage, Status
from agentassist.search import build_model, bundle, lexical, vectors
from agentassist.search import encoder as encoders
from agentassist.search.build_model import Exported
from agentassist.search.encoder import Description

DIMENSION = 48
Articles = Sequence[tuple[Article, Sequence[Passage]]]


class FixedClock:
    """Always the same moment."""

    def now(self) -> datetime:
        """Return the moment."""
        return datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class FakeEncoder:
    """Texts that share words are close: each word is a fixed random direction."""

    dimension = DIMENSION

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text."""
        return np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, DIMENSION), dtype=np.float32)

    def _row(self, text: str) -> NDArray[np.float32]:
        seeds = (
            int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
            for word in re.findall(r"\w+", text.lower()) or [""]
        )
        parts = [np.random.default_rng(seed).standard_normal(DIMENSION, dtype=np.float32) for seed in seeds]
        whole = np.sum(parts, axis=0)
        return np.asarray(whole / np.linalg.norm(whole), dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what `encode` does, and remember that it was asked."""
        self.embedded.extend(texts)
        return self.encode(texts)


def make_article(
    ident: str,
    *texts: str,
    title: str = "",
    status: Status = Status.PUBLISHED,
    audience: Audience = Audience.CUSTOMER,
    review_by: datetime | None = None,
) -> tuple[Article, tuple[Passage, ...]]:
    """Return an article with one passage a text."""
    article = Article(
        id=ident,
        kind=ArticleKind.ARTICLE,
        title=title or f"About {ident}",
        url=f"https://help.example/{ident}",
        path=f"articles/{ident}.md",
        tags=("setup",),
        status=status,
        audience=audience,
        review_by=review_by.date() if review_by else None,
        digest=ident,
    )
    return article, tuple(Passage(ident, number, "", text) for number, text in enumerate(texts))


def publish_articles(
    index: Path, articles: Articles, name: str = "b1", *, keyword_only: str = "", dimension: int = DIMENSION
) -> bundle.Bundle:
    """Publish a bundle of these articles, with the vectors of FakeEncoder and no encoder of its own."""
    index.mkdir(parents=True, exist_ok=True)
    with bundle.begin(index, name) as building:
        counts = lexical.write(building / lexical.FILE, articles)
        if not keyword_only:
            texts = [passage.text for _, passages in articles for passage in passages]
            vectors.write(building, [FakeEncoder().encode(texts)] if texts else [])
        manifest = bundle.Manifest(
            format=bundle.FORMAT, name=name, built_at="2026-11-22T10:00:00.000000Z", model="fake", model_hash="f",
            dimension=0 if keyword_only else dimension, kb_digest="k", articles=counts[0], passages=counts[1],
            left_out=0, keyword_only=keyword_only, embedded=0, reused=0, seconds=0.1, skipped=(),
            files=bundle.facts(building),
        )  # fmt: skip
        return bundle.publish(index, building, manifest)


@pytest.fixture
def article() -> Callable[..., tuple[Article, tuple[Passage, ...]]]:
    """Makes articles."""
    return make_article


@pytest.fixture
def publish() -> Callable[..., bundle.Bundle]:
    """Publishes articles."""
    return publish_articles


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def encoder() -> FakeEncoder:
    """An encoder that needs no model."""
    return FakeEncoder()


@pytest.fixture
def kb(tmp_path: Path) -> Callable[..., Path]:
    """Writes a knowledge base: `kb(pairing="Press the button.")` is one article with that body."""

    def write(*, status: str = "published", **bodies: str) -> Path:
        folder = tmp_path / "kb"
        (folder / "articles").mkdir(parents=True, exist_ok=True)
        for name, body in bodies.items():
            front = (
                f"id: {name}\ntitle: About {name}\nkind: article\nurl: https://help.example/{name}\nstatus: {status}"
            )
            (folder / "articles" / f"{name}.md").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture
def fake_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: FakeEncoder) -> FakeEncoder:
    """Make builds use the fake encoder in the place of an exported one; returns it."""
    folder = tmp_path / "exported"
    folder.mkdir()
    description = Description("fake", "fakehash", DIMENSION, 256)
    for name in encoders.FILES:
        (folder / name).write_text(description.dump(), encoding="utf-8")
    hashes = {name: encoders.file_hash(folder / name) for name in encoders.FILES}
    made = Exported(folder, description, hashes)
    monkeypatch.setattr(build_model, "exported", lambda *_args, **_options: made)
    monkeypatch.setattr(encoders.OnnxEncoder, "load", lambda *_args, **_options: encoder)
    return encoder
