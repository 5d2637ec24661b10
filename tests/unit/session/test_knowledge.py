"""The knowledge base as a desk sees it: it always answers, and says how well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agentassist.clock import SystemClock
from agentassist.errors import MissingExtraError, NotFoundError, SearchError
from agentassist.kb import library
from agentassist.models import Mode, Query
from agentassist.paths import sample_kb
from agentassist.protocols import Clock
from agentassist.search import build_model
from agentassist.search.build import build
from agentassist.search.index import Index
from agentassist.session.knowledge import Knowledge


@pytest.fixture
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds find no encoder, as on a machine without the [build] extra."""

    def missing(*args: object, **kwargs: object) -> None:
        raise MissingExtraError("sentence-transformers is not installed", "pip install '…'")

    monkeypatch.setattr(build_model, "exported", missing)


def publish(folder: Path, title: str) -> None:
    """Publish an index of one article."""
    kb = folder / "kb"
    kb.mkdir(exist_ok=True)
    (kb / "one.md").write_text(
        f"---\nid: one\ntitle: {title}\n---\nHold the button for ten seconds.\n", encoding="utf-8"
    )
    build(kb, folder / "index", folder / "cache", progress=lambda _: None, clock=SystemClock())


def test_without_an_index_it_says_what_to_type(tmp_path: Path, clock: Clock) -> None:
    """No index is no error: nothing is found, and the reason names the command."""
    result = Knowledge(tmp_path / "index", clock).search(Query.typed("button"))
    assert result.hits == ()
    assert "agentassist kb index" in result.degraded


def test_an_index_of_words_answers_and_says_so(tmp_path: Path, clock: Clock, words_only: None) -> None:
    """Without an encoder the search goes on by keyword."""
    publish(tmp_path, "Buttons")
    knowledge = Knowledge(tmp_path / "index", clock)
    result = knowledge.search(Query.typed("which button"))
    knowledge.close()
    assert [hit.article.id for hit in result.hits] == ["one"]
    assert result.mode is Mode.KEYWORD
    assert result.degraded.startswith("keyword search only:")


def test_a_newly_published_index_is_noticed(tmp_path: Path, clock: Clock, words_only: None) -> None:
    """The next query after a publish is answered from it."""
    publish(tmp_path, "Buttons")
    knowledge = Knowledge(tmp_path / "index", clock)
    assert knowledge.search(Query.typed("button")).hits[0].article.title == "Buttons"
    publish(tmp_path, "Knobs")
    assert knowledge.search(Query.typed("button")).hits[0].article.title == "Knobs"
    knowledge.close()


def test_a_deleted_index_is_told_and_a_new_one_heals_it(tmp_path: Path, clock: Clock, words_only: None) -> None:
    """The desk says what is wrong and recovers by itself."""
    publish(tmp_path, "Buttons")
    knowledge = Knowledge(tmp_path / "index", clock)
    assert knowledge.search(Query.typed("button")).hits
    shutil.rmtree(tmp_path / "index")
    assert "agentassist kb index" in knowledge.search(Query.typed("button")).degraded
    publish(tmp_path, "Knobs")
    assert knowledge.search(Query.typed("button")).hits[0].article.title == "Knobs"
    knowledge.close()


def test_a_whole_article_can_be_read(tmp_path: Path, clock: Clock, words_only: None) -> None:
    """Every passage comes in order; an article that is not in the index has none."""
    kb = tmp_path / "kb"
    kb.mkdir()
    body = "\n\n".join(f"## Part {number}\n\n{'Hold the button for ten seconds. ' * 20}" for number in range(3))
    (kb / "one.md").write_text(f"---\nid: one\ntitle: Buttons\n---\n{body}\n", encoding="utf-8")
    (kb / "two.md").write_text("---\nid: two\ntitle: Knobs\n---\nTurn it.\n", encoding="utf-8")
    build(kb, tmp_path / "index", tmp_path / "cache", progress=lambda _: None, clock=SystemClock())
    knowledge = Knowledge(tmp_path / "index", clock)
    assert [item.heading for item in knowledge.passages("one")] == ["Part 0", "Part 1", "Part 2"]
    assert [item.text for item in knowledge.passages("two")] == ["Turn it."]
    assert knowledge.passages("three") == ()
    knowledge.close()


def snippet(folder: Path, name: str, text: str) -> Path:
    """Write a snippet."""
    file = folder / "snippets" / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_snippets_are_those_of_the_files_now(tmp_path: Path, clock: Clock) -> None:
    """A new file, a changed one and a deleted one are noticed; a broken one is left out, the others are there."""
    knowledge = Knowledge(tmp_path / "index", clock, tmp_path / "kb")
    with pytest.raises(NotFoundError):
        knowledge.snippets()
    snippet(tmp_path / "kb", "hello", "---\nid: hello\ntitle: Hello\n---\nHi!\n")
    broken = snippet(tmp_path / "kb", "broken", "---\nid: [\n---\n")
    snippet(tmp_path / "kb", "later", "---\nid: hello\ntitle: Twice\n---\nHi!\n")
    assert [item.body for item in knowledge.snippets()] == ["Hi!"]
    assert knowledge.snippets() is knowledge.snippets()
    snippet(tmp_path / "kb", "hello", "---\nid: hello\ntitle: Hello\n---\nHi there!\n")
    assert [item.body for item in knowledge.snippets()] == ["Hi there!"]
    broken.unlink()
    (tmp_path / "kb" / "snippets" / "hello.md").unlink()
    assert [item.title for item in knowledge.snippets()] == ["Twice"]


def test_a_knowledge_base_without_snippets_has_none(tmp_path: Path, clock: Clock) -> None:
    """The folder of an existing help centre has no snippets, and that is no error."""
    assert Knowledge(tmp_path / "index", clock, tmp_path).snippets() == ()


def test_the_snippets_that_ship(tmp_path: Path, clock: Clock) -> None:
    """Without a folder of one's own the shipped ones are there, as the whole library loads them."""
    shipped = Knowledge(tmp_path / "index", clock).snippets()
    assert shipped == library.load(sample_kb()).snippets
    assert len(shipped) >= 20


def test_warming_searches_once(tmp_path: Path, clock: Clock, words_only: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a first search needs is had before anybody asks, and what would break it is told then."""
    publish(tmp_path, "Buttons")
    knowledge = Knowledge(tmp_path / "index", clock)
    assert knowledge.warm().startswith("keyword search only:")

    def broken(*_: object, **__: object) -> None:
        raise SearchError("the passages cannot be read", "Build it again.")

    monkeypatch.setattr(Index, "search", broken)
    assert knowledge.warm() == "the passages cannot be read. Build it again."
    monkeypatch.undo()
    assert knowledge.search(Query.typed("which button")).hits
    knowledge.close()
