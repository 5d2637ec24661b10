"""Finding by words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.errors import SearchError
from agentassist.models import Article, ArticleKind, Audience, Passage, Status
from agentassist.search import lexical
from agentassist.search.lexical import Lexical, words

HOSTILE = (
    "", " ", '"', '""', "'", "*", "pairing*", "NEAR(", "NEAR(a b, 3)", "a AND", "OR", "NOT", "AND OR NOT", "(", ")",
    "a)", "title:x", "-pairing", "^pair", "{title heading}: pair", "a\x00b", "\x00", "\ud800", "a\ud800b",
    "; DROP TABLE passages", "x' OR '1'='1", "\x1b]52;c;aGk=\x07", "\u202eevil", "é\u0301\u0301\u0301", "🔥" * 50,
    "a " * 5000, "＂pair＂", "%s %n {0}", "\\", "word_with_underscore", "١٢٣", "ß ẞ straße", "İstanbul", "ﬁne",
    "-- comment", "/* x */", "a:b:c", "a+b", "\r\n\t", "\u2028",
)  # fmt: skip


@pytest.fixture
def opened(tmp_path: Path, article: Callable[..., Any]) -> Lexical:
    """Three articles about a thermostat."""
    lexical.write(
        tmp_path / "p.db",
        [
            article(
                "pair", "Hold the code button for ten seconds.", "A new pairing code is shown.", title="Pair a Dial"
            ),
            article("café", "Le café est ouvert. Straße und Größe.", title="Wo ist das Café?"),
            article("valve", "The valve is paired with the Bridge. It has two batteries."),
        ],
    )
    return Lexical.open(tmp_path / "p.db")


def test_words_are_what_is_worth_looking_for() -> None:
    """Lower case, once each, in order, no stop words, no tails of short forms."""
    assert words("How do I pair the Dial? I can't pair it, it's the DIAL!") == ("pair", "dial")


def test_only_stop_words_are_looked_for_when_there_is_nothing_else() -> None:
    """A query of stop words alone still looks for them."""
    assert words("who are you") == ("who", "are", "you")
    assert words("won't") == ("won", "t")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_query_text_breaks_a_search(opened: Lexical, text: str) -> None:
    """Whatever was typed, there is an answer and no error."""
    opened.stems([text])
    opened.spans([text, "How to pair the valve"], words(text))
    opened.named(text)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_a_match_expression_is_only_quoted_words(text: str) -> None:
    """FTS5 is given quoted words joined by OR, at most 32, never a character of the text that means something to it."""
    expression = lexical.match(words(text))
    parts = expression.split(" OR ") if expression else []
    assert len(parts) <= lexical.MAX_WORDS
    assert all(re.fullmatch(r'"\w+"', part) for part in parts)


def test_stems_accents_and_case_are_folded(opened: Lexical) -> None:
    """Pair, pairing and paired are one stem, and so are café and CAFE; ß is not ss."""
    one, two, three, four, five = opened.stems(["pair", "Pairing PAIRED", "café", "CAFE", "straße strasse"])
    assert (list(one), two, three) == (["pair"], {"pair": 2}, four)
    assert len(five) == 2


def test_spans_are_the_matched_words(opened: Lexical) -> None:
    """Spans mark the words as they stand in the passage, in order, not overlapping."""
    row = 1
    passage = opened.passages([row], {row: "pair"})[row]
    (spans,) = opened.spans([passage.text], ("pair", "code"))
    assert [passage.text[start:end] for start, end in spans] == ["pairing", "code"]


@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from("pair code \ue000\ue001\uf8ff\x00\U00100000é\u0301🔥"), st.characters(codec="utf-8")
        ),
        max_size=80,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_text_can_forge_a_span(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a passage holds, marks included, spans lie inside it, in order, and each one is the word."""
    file = tmp_path_factory.mktemp("forge") / "p.db"
    body = f"{text} pair"
    item = Article("a", ArticleKind.ARTICLE, "t", "", "a.md")
    lexical.write(file, [(item, [Passage("a", 0, "", body)])])
    opened = Lexical.open(file)
    end_before = 0
    stored = opened.passages([0], {0: "a"})[0].text
    (spans, others) = opened.spans([stored, "the code of a pair"], ("pair",))
    assert others == ((14, 18),)
    for start, end in spans:
        assert end_before <= start < end <= len(body)
        assert body[start:end].lower().startswith("p")
        end_before = end
    opened.close()


def test_an_id_or_a_whole_title_names_its_article(opened: Lexical) -> None:
    """Typed ids and titles are known, without regard to case and punctuation."""
    assert opened.named(" PAIR ") == (0,)
    assert opened.named("pair a dial!") == (0,)
    assert opened.named("wo ist das café") == (1,)
    assert opened.named("pair a") == ()
    assert opened.named("?!") == ()


def test_articles_come_back_as_they_were(tmp_path: Path) -> None:
    """Every field of an article and its passages survives."""
    article = Article(
        id="x", kind=ArticleKind.VIDEO, title="T", url="https://vimeo.com/1", path="v/x.md", tags=("a b", "ü"),
        language="de", status=Status.ARCHIVED, audience=Audience.INTERNAL, updated=date(2026, 1, 2),
        review_by=date(2027, 1, 2), verified_by="team", verbatim=True, digest="d",
    )  # fmt: skip
    passage = Passage("x", 0, "A › B", "text \x1b[31m exact", 12.5)
    lexical.write(tmp_path / "p.db", [(article, [passage])])
    opened = Lexical.open(tmp_path / "p.db")
    assert opened.records() == (lexical.Record(article, 0, 1),)
    assert opened.passages([0], {0: "x"}) == {0: passage}


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated"])
def test_a_damaged_database_is_a_search_error(tmp_path: Path, article: Callable[..., Any], damage: str) -> None:
    """A missing, overwritten or cut file is told as a damaged index, with what to do."""
    file = tmp_path / "p.db"
    lexical.write(file, [article(f"a{number}", "words " * 200) for number in range(50)])
    if damage == "missing":
        file.unlink()
    elif damage == "garbage":
        file.write_bytes(b"no database" * 1000)
    else:
        file.write_bytes(file.read_bytes()[:5000])

    def use() -> None:
        opened = Lexical.open(file)
        opened.records()
        opened.passages(range(50), dict.fromkeys(range(50), "a"))

    with pytest.raises(SearchError, match="damaged") as caught:
        use()
    assert "kb index" in caught.value.hint


def test_the_shared_hostile_strings_are_searched(opened: Lexical) -> None:
    """All hostile strings of the shared collection are answered."""
    file = Path(__file__).parents[4] / "shared" / "hostile_strings.jsonl"
    if not file.is_file():
        pytest.skip("../shared/hostile_strings.jsonl is not beside this checkout")
    for line in file.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        opened.stems([text])
        opened.spans([text], words(text))
        opened.named(text)


def test_an_article_is_read_when_it_is_asked_for(opened: Lexical) -> None:
    """By its number, and a number by its id; what is not there is not found, and a wrong number is damage."""
    every = opened.records()
    assert [opened.record(number) for number in range(3)] == list(every)
    assert opened.record(1) is opened.record(1)
    assert opened.records((2, 0)) == (every[0], every[2])
    assert opened.records(()) == ()
    assert opened.numbers(("valve", "nothing", "pair", "valve")) == {"pair": 0, "valve": 2}
    assert opened.numbers(str(number) for number in range(2500)) == {}
    with pytest.raises(SearchError, match="no article 7"):
        opened.record(7)


def test_marks_are_those_of_the_whole_index(opened: Lexical) -> None:
    """Stems and accents are marked in a text and a title, and nothing where no word is."""
    found = opened.passages(range(4), dict.fromkeys(range(4), "a"))
    assert opened.spans([found[0].text], ("button", "holds")) == [((0, 4), (14, 20))]
    assert opened.spans([found[2].text, found[3].text], ("pairing",)) == [(), ((13, 19),)]
    assert opened.spans([opened.record(1).article.title], ("cafe",)) == [((11, 15),)]
    assert opened.spans([], ("valve",)) == []
    assert opened.spans(["valve"], ()) == [()]
