"""Answers from an index, and what happens when a part of it is broken."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentassist.errors import EncoderError, SearchError
from agentassist.models import Audience, Mode, Query, QueryPart, Status
from agentassist.protocols import Encoder
from agentassist.search.index import Index

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 22)
Make = Callable[..., Any]


@pytest.fixture
def tools(publish: Make, article: Make, encoder: Encoder) -> tuple[Make, Make, Encoder]:
    """What an index is made of."""
    return publish, article, encoder


def ids(index: Index, text: str, mode: Mode = Mode.HYBRID, limit: int = 5, today: date = TODAY) -> list[str]:
    """Return the ids of what is found."""
    return [hit.article.id for hit in index.search(Query.typed(text), mode=mode, limit=limit, today=today).hits]


@pytest.fixture
def index(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> Index:
    """Some articles about a thermostat."""
    publish(
        tmp_path / "index",
        [
            article("pairing", "Hold the code button for ten seconds.", "A new pairing code is shown on the dial."),
            article("valve", "The radiator valve clicks twice.", "Two batteries last eighteen months."),
            article("refund", "A refund takes five to seven days.", title="Where is my refund"),
            article("engineers", "The line for installers is open from eight.", audience=Audience.INTERNAL),
        ],
    )
    return Index.open(tmp_path / "index", encoder)


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_finds_the_right_passage(index: Index, mode: Mode) -> None:
    """The article is found by its passage, with matched words, link and reason."""
    result = index.search(Query.typed("pairing code dial"), mode=mode, today=TODAY)
    hit = result.hits[0]
    assert (hit.rank, hit.article.id, hit.passage.number) == (1, "pairing", 1)
    assert [hit.passage.text[start:end] for start, end in hit.matched] == ["pairing", "code", "dial"]
    assert hit.link == "https://help.example/pairing"
    assert hit.reason.startswith("matches “pairing code”, “dial”")
    assert (hit.similarity is None) is (mode is Mode.KEYWORD)
    assert result.mode is mode
    assert result.degraded == ""
    assert result.took_ms > 0


def test_each_article_is_found_once(index: Index) -> None:
    """Both passages match; the article comes once, ranks are 1, 2, 3 and so on."""
    result = index.search(Query.typed("code button pairing valve refund installers"), limit=10, today=TODAY)
    names = [hit.article.id for hit in result.hits]
    assert sorted(names) == ["engineers", "pairing", "refund", "valve"]
    assert [hit.rank for hit in result.hits] == [1, 2, 3, 4]


def test_internal_articles_come_marked(index: Index) -> None:
    """They are found, and say that they cannot be sent."""
    hit = index.search(Query.typed("line for installers"), today=TODAY).hits[0]
    assert hit.article.id == "engineers"
    assert "internal" in hit.blocked


@pytest.mark.parametrize("text", ["refund", "  Where is my REFUND?", "valve"])
@pytest.mark.parametrize("mode", list(Mode))
def test_a_typed_id_or_title_comes_first(index: Index, text: str, mode: Mode) -> None:
    """Whoever types an id or a whole title gets that article first, however it scores."""
    hit = index.search(Query.typed(text), mode=mode, today=TODAY).hits[0]
    assert hit.article.id in text.lower()
    assert hit.reason.startswith("is what was typed")


def test_nothing_fits(index: Index) -> None:
    """Words that nobody wrote, an empty query, a query of white space, a limit of none: no hits, no error."""
    assert ids(index, "xylophone", Mode.KEYWORD) == []
    assert ids(index, "") == []
    for query in (Query(()), Query((QueryPart(" \n", 1.0, "burst"),)), Query((QueryPart("valve", 0.0, "burst"),))):
        assert index.search(query, today=TODAY).hits == ()
    assert ids(index, "valve", limit=0) == []


def test_weights_decide(index: Index) -> None:
    """The heavier of two parts comes first, in whatever order they are given."""
    light, heavy = QueryPart("refund days", 0.2, "earlier", 1), QueryPart("radiator valve clicks", 1.0, "burst")
    for parts in ((light, heavy), (heavy, light)):
        result = index.search(Query(parts), today=TODAY)
        assert [hit.article.id for hit in result.hits[:2]] == ["valve", "refund"]


def test_filters_come_before_the_cut(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """Behind 900 drafts and expired articles that match better, the one that may be shown is still found."""
    past = datetime(2026, 11, 21, tzinfo=UTC)
    hidden = [article(f"draft-{n}", "pairing code", status=Status.DRAFT) for n in range(450)]
    hidden += [article(f"old-{n}", "pairing code", review_by=past) for n in range(450)]
    publish(tmp_path, [*hidden, article("right", "about pairing and many other words beside the code")])
    index = Index.open(tmp_path, encoder)
    for mode in Mode:
        assert ids(index, "pairing code", mode) == ["right"]
    assert ids(index, "draft-1") == ["right"] or ids(index, "draft-1") == []
    assert len(ids(index, "pairing code", limit=500, today=date(2026, 11, 21))) == 451


def test_it_looks_deeper_for_more_articles(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """One article with 300 passages that match best does not crowd out the others."""
    publish(
        tmp_path,
        [
            article("long", *["pairing code"] * 300),
            *[article(f"other-{n}", "pairing code and a great many other words " * 3) for n in range(5)],
        ],
    )
    index = Index.open(tmp_path, encoder)
    for mode in Mode:
        assert sorted(ids(index, "pairing code", mode, limit=6)) == ["long", *(f"other-{n}" for n in range(5))]


WORDS = ("pairing", "code", "valve", "refund", "dial", "bridge")
ARTICLES = st.lists(
    st.tuples(
        st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4),
        st.sampled_from(Status),
        st.sampled_from([None, -1, 0, 1]),
    ),
    min_size=1,
    max_size=12,
)


ASKED = st.tuples(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), st.sampled_from(list(Mode)), st.integers(1, 6)
)


@given(ARTICLES, ASKED)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_must_not_be_suggested_never_is(
    tmp_path_factory: pytest.TempPathFactory,
    tools: tuple[Make, Make, Encoder],
    made: list[tuple[list[str], Status, int | None]],
    asked: tuple[list[str], Mode, int],
) -> None:
    """Never unpublished or expired, each article once, ranks 1 to n, scores falling, spans inside the text."""
    (publish, article, encoder), (sought, mode, limit) = tools, asked
    folder = tmp_path_factory.mktemp("index")
    day = datetime(2026, 11, 22, tzinfo=UTC)
    publish(
        folder,
        [
            article(f"a{n}", *texts, status=status, review_by=None if off is None else day.replace(day=22 + off))
            for n, (texts, status, off) in enumerate(made)
        ],
    )
    index = Index.open(folder, encoder)
    hits = index.search(Query.typed(" ".join(sought)), mode=mode, limit=limit, today=TODAY).hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert len({hit.article.id for hit in hits}) == len(hits) <= limit
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.article.status is Status.PUBLISHED
        assert not hit.article.expired(TODAY)
        end_before = 0
        for start, end in hit.matched:
            assert end_before <= start < end <= len(hit.passage.text)
            end_before = end
    allowed = [
        any(set(sought) & set(text.split()) for text in texts)
        for texts, status, off in made
        if status is Status.PUBLISHED and off != -1
    ]
    if mode is not Mode.SEMANTIC:
        assert len(hits) >= min(limit, sum(allowed))
    index.close()


class Broken:
    """An encoder that breaks after it was loaded."""

    dimension = 48

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Fail."""
        raise EncoderError("out of memory")


def test_an_encoder_that_breaks_leaves_the_words(tmp_path: Path, publish: Make, article: Make) -> None:
    """Search goes on by keyword and says so; asked for keywords only, there is nothing to complain about."""
    publish(tmp_path, [article("valve", "The valve clicks.")])
    index = Index.open(tmp_path, Broken())
    for mode in (Mode.HYBRID, Mode.SEMANTIC):
        result = index.search(Query.typed("valve"), mode=mode, today=TODAY)
        assert [hit.article.id for hit in result.hits] == ["valve"]
        assert result.mode is Mode.KEYWORD
        assert result.degraded == "keyword search only: out of memory"
    assert index.search(Query.typed("valve"), mode=Mode.KEYWORD, today=TODAY).degraded == ""


@pytest.mark.parametrize("name", ["vectors.i8", "vectors.scale", "vectors.f16"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_broken_vectors_leave_the_words(
    tmp_path: Path, tools: tuple[Make, Make, Encoder], name: str, damage: str
) -> None:
    """A cut or missing vector file degrades, and `warm` tells it before anybody searches."""
    publish, article, encoder = tools
    made = publish(tmp_path, [article("valve", "The valve clicks.")])
    if damage == "gone":
        (made.folder / name).unlink()
    else:
        (made.folder / name).write_bytes(b"x")
    index = Index.open(tmp_path, encoder)
    index.warm()
    assert "vectors cannot be read" in index.degraded
    assert index.passage_vectors() is None
    result = index.search(Query.typed("valve"), today=TODAY)
    assert result.hits
    assert result.degraded == index.degraded


def test_vectors_of_noise_do_not_crash(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """Random bytes of the right size, NaN among them, give some order and finite scores."""
    made = publish(tmp_path, [article(f"a{n}", f"valve {n}") for n in range(30)])
    for name in ("vectors.i8", "vectors.scale", "vectors.f16"):
        file = made.folder / name
        file.write_bytes(np.random.default_rng(0).bytes(file.stat().st_size))
    (made.folder / "vectors.f16").write_bytes(np.full(30 * 48, np.nan, dtype=np.float16).tobytes())
    index = Index.open(tmp_path, encoder)
    for mode in Mode:
        hits = index.search(Query.typed("valve"), mode=mode, today=TODAY).hits
        assert all(np.isfinite(hit.score) and -1 <= (hit.similarity or 0) <= 1 for hit in hits)


def test_no_encoder_in_the_bundle(tmp_path: Path, publish: Make, article: Make) -> None:
    """A bundle whose encoder was deleted is searched by keyword."""
    publish(tmp_path, [article("valve", "The valve clicks.")])
    index = Index.open(tmp_path)
    result = index.search(Query.typed("valve"), today=TODAY)
    assert result.hits
    assert result.degraded.startswith("keyword search only: the query encoder cannot be loaded")


def test_an_encoder_of_another_size_is_not_used(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """An encoder whose vectors do not fit the index's is told, not used."""
    made = publish(tmp_path, [article("valve", "The valve clicks.")], dimension=24)
    half = (made.folder / "vectors.i8").read_bytes()
    (made.folder / "vectors.i8").write_bytes(half[: len(half) // 2])
    half = (made.folder / "vectors.f16").read_bytes()
    (made.folder / "vectors.f16").write_bytes(half[: len(half) // 2])
    result = Index.open(tmp_path, encoder).search(Query.typed("valve"), today=TODAY)
    assert "48 numbers, not 24" in result.degraded


def test_a_keyword_only_index_says_why(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """An index that was built without the model finds by words and says so every time."""
    publish(tmp_path, [article("valve", "The valve clicks.")], keyword_only="built without a model")
    index = Index.open(tmp_path, encoder)
    assert index.degraded == "keyword search only: built without a model"
    result = index.search(Query.typed("valve"), mode=Mode.SEMANTIC, today=TODAY)
    assert result.hits[0].similarity is None
    assert (result.mode, result.degraded) == (Mode.KEYWORD, index.degraded)


def test_a_database_that_breaks_is_a_search_error(
    tmp_path: Path, publish: Make, article: Make, encoder: Encoder
) -> None:
    """Random bytes in the middle of the database are an error in words, never a crash."""
    made = publish(tmp_path, [article(f"a{n}", f"valve {n} " * 40) for n in range(200)])
    file = made.folder / "passages.db"
    data = bytearray(file.read_bytes())
    data[8192:-4096] = np.random.default_rng(1).bytes(len(data) - 12288)
    file.write_bytes(bytes(data))

    def use() -> None:
        index = Index.open(tmp_path, encoder)
        for text in ("valve", "a1", "about a7"):
            index.search(Query.typed(text), today=TODAY)

    with pytest.raises(SearchError):
        use()


def test_threads_may_share_an_index(index: Index) -> None:
    """Four threads that ask at once all get the right answer."""
    wrong: list[list[str]] = []

    def ask() -> None:
        for _ in range(20):
            found = ids(index, "radiator valve clicks")
            if found[0] != "valve":
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_lint_gets_the_vectors(index: Index) -> None:
    """One row a passage, with the article it is of, of unit length."""
    given_out = index.passage_vectors()
    assert given_out is not None
    assert list(given_out.article_ids) == ["pairing", "pairing", "valve", "valve", "refund", "engineers"]
    assert np.allclose(np.linalg.norm(given_out.matrix, axis=1), 1, atol=1e-2)


def test_hostile_strings_in_every_mode(index: Index) -> None:
    """Every hostile string of the shared collection, as a query, in every mode: an answer, no error."""
    file = ROOT.parent / "shared" / "hostile_strings.jsonl"
    if not file.is_file():
        pytest.skip("../shared/hostile_strings.jsonl is not beside this checkout")
    for line in file.read_text(encoding="utf-8").splitlines():
        for mode in Mode:
            index.search(Query.typed(json.loads(line)["text"]), mode=mode, today=TODAY)


def test_hostile_passages_are_found_exact(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """Escapes, bidirectional controls and marks in an article come back exactly, with spans on the right words."""
    texts = [
        "\x1b[31m valve\x1b[0m",
        "\u202evalve\u202c",
        "[b]valve[/b]",
        "\ue000 valve \ue001",
        "<b>valve</b> \x9b1m",
        "a\x00b valve",
    ]
    publish(tmp_path, [article(f"a{n}", text) for n, text in enumerate(texts)])
    hits = Index.open(tmp_path, encoder).search(Query.typed("valve"), limit=10, today=TODAY).hits
    assert sorted(hit.passage.text for hit in hits) == sorted(texts)
    for hit in hits:
        marked = [hit.passage.text[start:end] for start, end in hit.matched]
        # FTS5 stops at a NUL: there nothing is marked rather than something wrong.
        assert marked == ([] if "\x00" in hit.passage.text else ["valve"])


def test_searching_never_loads_torch(tmp_path: Path, publish: Make, article: Make) -> None:
    """A process that opens and searches an index has loaded neither torch nor what builds, nor sqlite_utils."""
    publish(tmp_path, [article("valve", "The valve clicks.")])
    program = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from agentassist.models import Query; from agentassist.search.index import Index\n"
        "found = Index.open(Path(sys.argv[1])).search(Query.typed('valve'), today=date(2026, 1, 1))\n"
        "assert found.hits\nprint(' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"torch", "transformers", "sentence_transformers", "sqlite_utils", "huggingface_hub", "textual", "httpx"}
    assert not set(done.stdout.split()) & heavy


def test_small_talk_in_a_conversation_finds_nothing_by_its_words(
    tmp_path: Path, publish: Make, article: Make, encoder: Encoder
) -> None:
    """Asking for a person does not bring the page about talking to people; typed on purpose, the words do."""
    articles = [article("calls", "How to talk to a person."), article("valve", "The radiator valve clicks twice.")]
    publish(tmp_path / "index", articles)
    index = Index.open(tmp_path / "index", encoder)
    said = Query((QueryPart("can I talk to a person, the valve", 1.0, "burst"),))
    assert [hit.article.id for hit in index.search(said, mode=Mode.KEYWORD, today=TODAY).hits] == ["valve"]
    typed = index.search(Query.typed("talk to a person"), mode=Mode.KEYWORD, today=TODAY)
    assert [hit.article.id for hit in typed.hits] == ["calls"]
    index.close()
