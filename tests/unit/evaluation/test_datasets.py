"""Loading a data set, and what is said when a file is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agentassist.errors import EvaluationError, NotFoundError
from agentassist.evaluation import datasets
from agentassist.models import Author, EntryKind

Write = Callable[..., Path]
TURNS = [{"role": "customer", "text": "hello"}]


def line(**values: object) -> str:
    """Return one line of JSONL: a right query but for what is given."""
    whole = {"id": "q1", "dialog_id": "d1", "domain": "", "split": "dev", "turns": TURNS}
    return json.dumps({key: value for key, value in (whole | values).items() if value is not ...}) + "\n"


def test_everything_is_loaded(dataset: Write) -> None:
    """Articles are parted, turns become entries in order, and right answers are those with a score above 0."""
    found = datasets.load(dataset())
    assert found.name == "small"
    assert [article.id for article, _ in found.articles] == ["pairing", "valve", "refund"]
    assert all(passages and passages[0].article_id == article.id for article, passages in found.articles)
    assert [case.id for case in found.queries] == ["q1", "q2", "q3"]
    assert found.queries[2].right == {"refund": 2.0}
    asked = found.queries[1].entries
    assert [entry.author for entry in asked] == [Author.CUSTOMER, Author.AGENT, Author.CUSTOMER]
    assert [entry.seq for entry in asked] == [1, 2, 3]
    assert found.unanswerable[0].right == {}


def test_a_split_is_chosen(dataset: Write) -> None:
    """Only the cases of a split are taken, and a split that does not exist is refused with those that do."""
    assert [case.id for case in datasets.load(dataset(), "test").queries] == ["q3"]
    with pytest.raises(EvaluationError) as refused:
        datasets.load(dataset(), "tset")
    assert "no queries of split tset" in refused.value.message
    assert "dev, test" in refused.value.hint


def test_without_unanswerable_queries(dataset: Write) -> None:
    """The file of unanswerable queries may be missing."""
    assert datasets.load(dataset(unanswerable=None)).unanswerable == ()


def test_a_tree_answer_is_a_choice(dataset: Write) -> None:
    """What the customer answered in the decision tree is a choice with its question."""
    turns = [{"role": "tree", "text": "Billing", "question": "What about?"}, *TURNS]
    first = datasets.load(dataset(queries=line(turns=turns), qrels="q1\tvalve\t1\n")).queries[0].entries[0]
    assert (first.kind, first.data) == (EntryKind.CHOICE, {"question": "What about?"})


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        (line(id=...), "queries.jsonl:1: id is missing"),
        (line(id=7), "queries.jsonl:1: id must be a text, not a number"),
        (line() + line(), "queries.jsonl:2: id 'q1' is there twice"),
        (line(turns=...), "queries.jsonl:1: turns is missing"),
        (line(turns=[]), "queries.jsonl:1: turns must be a list"),
        (line(turns=["hello"]), "queries.jsonl:1: turns[0] must be {role, text}"),
        (line(turns=[{"role": "robot", "text": "x"}]), "queries.jsonl:1: turns[0].role must be one of"),
        (line(turns=[{"role": ["customer"], "text": "x"}]), "queries.jsonl:1: turns[0].role must be one of"),
        (line(turns=[{"role": "customer"}]), "queries.jsonl:1: turns[0].text is missing"),
        (line(turns=[{"role": "agent", "text": "x"}]), "queries.jsonl:1: turns must end with the customer's"),
        (line(domain=3), "queries.jsonl:1: domain must be a text"),
        (line(id="q9"), "queries.jsonl:1: id 'q9' has no right article in qrels.tsv"),
        ("\n{\n", "queries.jsonl:2: not JSON"),
        ('{"id": NaN}\n', "queries.jsonl:1: not JSON: NaN is no number"),
        ("[" * 100_000 + "\n", "queries.jsonl:1: not JSON: nested too deeply"),
        ("[]\n", "queries.jsonl:1: must be a JSON object, not a list"),
        ("{}\n", "queries.jsonl:1: id is missing"),
    ],
)
def test_a_wrong_query_is_named(dataset: Write, queries: str, words: str) -> None:
    """What is wrong with a query is told with file, line and field."""
    with pytest.raises(EvaluationError) as refused:
        datasets.load(dataset(queries=queries, unanswerable=None))
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("qrels", "words"),
    [
        ("q1\tvalve\n", "qrels.tsv:1: 2 columns, must be 3"),
        ("q1\tnothing\t1\n", "qrels.tsv:1: corpus-id 'nothing' is not in corpus.jsonl"),
        ("q1\tvalve\tmuch\n", "qrels.tsv:1: score must be a whole number"),
        ("q1\tvalve\t0.5\n", "qrels.tsv:1: score must be a whole number"),
        ("q1\tvalve\tinf\n", "qrels.tsv:1: score must be a whole number"),
        ("q1\tvalve\t-1\n", "qrels.tsv:1: score must be a whole number"),
        ("\tvalve\t1\n", "qrels.tsv:1: query-id is empty"),
        (None, "qrels.tsv: is not in "),
    ],
)
def test_a_wrong_right_answer_is_named(dataset: Write, qrels: str | None, words: str) -> None:
    """What is wrong with a right answer is told with file, line and column."""
    with pytest.raises(EvaluationError) as refused:
        datasets.load(dataset(qrels=qrels))
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("corpus", "words"),
    [
        ("", "corpus.jsonl: holds no article"),
        ('{"id": "a", "title": "", "text": " "}\n', "corpus.jsonl:1: text is empty, and so is the title"),
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', "corpus.jsonl:2: id 'a' is there twice"),
        ('{"id": "a", "text": 1}\n', "corpus.jsonl:1: text must be a text"),
        ('\n{"id": "a", "text": "x \\ud83d"}\n', "corpus.jsonl:2: text holds half a character"),
    ],
)
def test_a_wrong_article_is_named(dataset: Write, corpus: str, words: str) -> None:
    """What is wrong with an article is told with file, line and field."""
    with pytest.raises(EvaluationError) as refused:
        datasets.load(dataset(corpus=corpus))
    assert words in refused.value.message


def test_what_is_no_text_is_refused(dataset: Write) -> None:
    """A file that is not UTF-8 is refused with its line."""
    folder = dataset()
    for before in (0, 1, 5):
        good = b"".join(b'\xef\xbb\xbf{"id": "%d", "text": "x"}\n'[3 * (at > 0) :] % at for at in range(before))
        (folder / "corpus.jsonl").write_bytes(good + b'{"id": "a", "text": "\xff\xfe"}\n')
        with pytest.raises(EvaluationError, match=rf"corpus\.jsonl:{before + 1}: not UTF-8"):
            datasets.load(folder)


def test_terminal_controls_do_not_get_out(dataset: Write) -> None:
    """A message that quotes a file only shows what it quotes."""
    with pytest.raises(EvaluationError) as refused:
        datasets.load(dataset(qrels="q1\t\x1b]52;c;aGk=\x07\t1\n"))
    assert "\x1b" not in refused.value.message


def test_no_folder(tmp_path: Path) -> None:
    """A folder that does not exist is told."""
    with pytest.raises(NotFoundError, match="there is no folder"):
        datasets.load(tmp_path / "nowhere")
