"""The bot: from the knowledge base only, once each, and never pretending."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agentassist.flows import bot
from agentassist.flows.bot import Move
from agentassist.models import (
    Article,
    ArticleKind,
    Audience,
    Author,
    Entry,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Passage,
    SearchResult,
)

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)


def hit(name: str, probability: float, rank: int = 1, **more: object) -> Hit:
    """Return a hit."""
    kind = more.pop("kind", ArticleKind.ARTICLE)
    article = Article(name, kind, name.title(), f"https://x/{name}", f"{name}.md", **more)  # type: ignore[arg-type]
    passage = Passage(name, 0, "", f"Do {name}. Then wait.")
    return Hit(rank, article, passage, 1.0, 0.5, (), article.url, "words", probability)


def found(*hits: Hit, no_match: bool = False) -> SearchResult:
    """Return what was found."""
    return SearchResult(hits, Mode.HYBRID, no_match=no_match)


class Talk:
    """A conversation that grows."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, *new: NewEntry) -> None:
        """Store entries."""
        for item in new:
            seq = len(self.entries) + 1
            self.entries.append(Entry(1, seq, AT, item.author, item.author_name, item.kind, item.text, item.data))

    def asks(self, text: str) -> None:
        """Let the customer write."""
        self.add(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))

    def gets(self, result: SearchResult) -> bot.Reply:
        """Let the bot answer."""
        reply = bot.reply(result, self.entries, "Helper")
        self.add(*reply.entries)
        return reply


@pytest.fixture
def talk() -> Talk:
    """A conversation in which something was asked."""
    made = Talk()
    made.asks("radiator is cold")
    return made


def test_a_likely_article_is_given_with_passage_title_and_link(talk: Talk) -> None:
    """Sure means one article, by the bot's name, with how sure it was."""
    reply = talk.gets(found(hit("bleed", 0.8), hit("balance", 0.3, 2)))
    (entry,) = reply.entries
    assert (reply.move, entry.kind, entry.author, entry.author_name) == (
        Move.ANSWER,
        EntryKind.ARTICLE,
        Author.BOT,
        "Helper",
    )
    assert entry.text == "Do bleed. Then wait."
    assert entry.data == {
        "article": "bleed",
        "title": "Bleed",
        "url": "https://x/bleed",
        "bot": "answer",
        "probability": 0.8,
    }


@pytest.mark.parametrize(
    ("start", "words"), [(None, "This video shows it."), (192.0, "This video shows it, from 3:12 on.")]
)
def test_a_video_is_named_not_read_out(talk: Talk, start: float | None, words: str) -> None:
    """What is said in it would read oddly; the link goes to the second."""
    shown = hit("bleed", 0.9, kind=ArticleKind.VIDEO)
    shown = replace(shown, passage=replace(shown.passage, start=start))
    assert talk.gets(found(shown)).entries[0].text == words


def test_in_doubt_it_asks_which_is_meant(talk: Talk) -> None:
    """At most three articles to choose from; the chosen one is then given, and no other can be chosen."""
    reply = talk.gets(found(*(hit(name, 0.4, rank) for rank, name in enumerate("abcd", 1))))
    assert reply.move is Move.UNSURE
    assert [item["article"] for item in bot.choices(talk.entries)] == ["a", "b", "c"]
    assert bot.meant(talk.entries, "d", "Helper") == ()
    chosen, given = bot.meant(talk.entries, "b", "Helper")
    assert (chosen.author, chosen.kind, chosen.text) == (Author.CUSTOMER, EntryKind.CHOICE, "B")
    assert chosen.data == {"node": "did-you-mean", "question": "Did you mean one of these?", "value": "b"}
    assert (given.kind, given.text, given.data["url"]) == (EntryKind.ARTICLE, "Do b. Then wait.", "https://x/b")
    talk.add(chosen, given)
    assert bot.choices(talk.entries) == ()


def test_none_of_these(talk: Talk) -> None:
    """Whoever means none of them is asked for other words; then it is a plain no answer for the meter."""
    talk.gets(found(hit("a", 0.4)))
    chosen, said = bot.meant(talk.entries, "none", "Helper")
    assert (chosen.text, said.text, said.data["bot"]) == ("None of these", bot.MORE, "none")


@pytest.mark.parametrize("result", [found(), found(hit("a", 0.9), no_match=True)])
def test_with_nothing_it_says_so_and_offers_a_person(talk: Talk, result: SearchResult) -> None:
    """It does not pretend: what nobody would suggest to an agent is not given to a customer."""
    reply = talk.gets(result)
    assert reply.move is Move.NONE
    assert "person" in reply.entries[0].text
    assert reply.entries[0].data["bot"] == "none"


def test_it_never_repeats_itself(talk: Talk) -> None:
    """Each sentence and each article comes once; when it has no more to say it is silent, and a person is needed."""
    said: list[str] = []
    moves = []
    for _ in range(4):
        talk.asks("and now?")
        reply = talk.gets(found())
        moves.append(reply.move)
        said += [entry.text for entry in reply.entries]
    assert moves == [Move.NONE, Move.NONE, Move.SILENT, Move.SILENT]
    assert len(said) == len(set(said)) == 2
    assert [entry.data.get("offer") for entry in talk.entries if entry.author is Author.BOT] == [None, "person"]
    assert talk.gets(found(hit("a", 0.9), hit("b", 0.2, 2))).move is Move.ANSWER
    talk.asks("did that already")
    again = talk.gets(found(hit("a", 0.9), hit("b", 0.2, 2)))
    assert again.move is Move.UNSURE
    assert [item["article"] for item in bot.choices(talk.entries)] == ["b"]
    assert bot.greeting(talk.entries, "Helper").move is Move.GREET
    talk.add(*bot.greeting(talk.entries, "Helper").entries)
    assert bot.greeting(talk.entries, "Helper").move is Move.SILENT


def test_a_question_is_asked_about_an_article_once(talk: Talk) -> None:
    """Who put it in other words is not asked about the same articles again; a sure answer may still be one of them."""
    assert talk.gets(found(hit("a", 0.5), hit("b", 0.4, 2))).move is Move.UNSURE
    talk.asks("it is the bath")
    again = talk.gets(found(hit("a", 0.5), hit("b", 0.4, 2), hit("c", 0.3, 3)))
    assert again.move is Move.UNSURE
    assert [item["article"] for item in bot.choices(talk.entries)] == ["c"]
    talk.asks("the bath!")
    assert talk.gets(found(hit("a", 0.5), hit("d", 0.05, 2))).move is Move.NONE
    talk.asks("to bleed it")
    assert talk.gets(found(hit("a", 0.9))).move is Move.ANSWER


def test_what_an_agent_sent_is_known_too(talk: Talk) -> None:
    """After a return the bot does not give what a person gave."""
    talk.add(
        NewEntry(Author.AGENT, EntryKind.ARTICLE, "A", "Ada", {"article": "a", "title": "A", "url": "https://x/a"})
    )
    assert talk.gets(found(hit("a", 0.9))).move is Move.NONE


def test_internal_articles_and_those_without_a_link_stay_inside(talk: Talk) -> None:
    """Whatever an agent could not send, the bot does not."""
    inside = hit("secret", 0.99, audience=Audience.INTERNAL)
    assert talk.gets(found(inside)).move is Move.NONE


def test_whoever_asks_for_somebody_is_not_met_with_silence(talk: Talk) -> None:
    """Each time with other words, the third time with the offer of a person; a mere "ok" asks for nothing."""
    said = []
    for _ in range(4):
        talk.asks("hello, is anybody there?")
        reply = bot.greeting(talk.entries, "Helper")
        talk.add(*reply.entries)
        said += [entry.text for entry in reply.entries]
    assert said == [bot.GREETING, bot.HERE, bot.A_PERSON]
    assert talk.entries[-2].data["offer"] == "person"
    talk.asks("ok")
    assert bot.greeting(talk.entries, "Helper").move is Move.SILENT


TABLE = "Code: E5; Meaning: Update failed; Try: Start it again\nCode: E6; Meaning: Clock not set; Try: Get online"


def test_of_a_table_the_row_that_was_asked_about(talk: Talk) -> None:
    """Whoever names a code gets its row alone, in an answer and behind a choice; without a code it is all of it."""
    first, second = (
        replace(hit(name, probability), passage=Passage(name, 0, "Codes", TABLE))
        for name, probability in (("a", 0.9), ("b", 0.4))
    )
    talk.asks("my Dial shows e6")
    talk.asks("and it is cold")
    (said,) = talk.gets(found(first)).entries
    assert said.text == "Code: E6\nMeaning: Clock not set\nTry: Get online"
    talk.asks("what is E5 then?")
    (asked,) = talk.gets(found(second)).entries
    assert isinstance(asked.data["choices"], list)
    assert [item["passage"] for item in asked.data["choices"] if isinstance(item, dict)] == [
        "Code: E5\nMeaning: Update failed\nTry: Start it again"
    ]
    talk.asks("no code at all")
    (said,) = talk.gets(found(replace(first, article=replace(first.article, id="c")))).entries
    assert said.text == TABLE


@pytest.mark.parametrize(
    ("text", "size", "cut"),
    [
        ("short", 10, "short"),
        ("One two. Three four five.", 14, "One two."),
        ("One two three four five", 14, "One two …"),
        ("x" * 30, 10, f"{'x' * 10} …"),
    ],
)
def test_an_excerpt_ends_where_a_sentence_does(text: str, size: int, cut: str) -> None:
    """At a sentence in its second half, else at a word, and says that there is more."""
    assert bot.excerpt(text, size) == cut
