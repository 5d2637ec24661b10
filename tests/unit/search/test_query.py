"""What a conversation asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.models import Author, Data, Entry, EntryKind, Query
from agentassist.search import query as queries
from agentassist.search.query import from_conversation

CUSTOMER, AGENT, BOT = Author.CUSTOMER, Author.AGENT, Author.BOT


def talk(*lines: tuple[Author, str] | tuple[Author, str, EntryKind] | tuple[Author, str, EntryKind, Data]) -> Query:
    """Return the query of a conversation."""
    entries = [
        Entry(1, seq, datetime(2026, 1, 1, tzinfo=UTC), line[0], "", line[2] if len(line) > 2 else EntryKind.MESSAGE,
              line[1], line[3] if len(line) > 3 else {})
        for seq, line in enumerate(lines, start=1)
    ]  # fmt: skip
    return from_conversation(entries)


def sources(query: Query) -> list[tuple[str, str]]:
    """Return source and text of each part."""
    return [(part.source, part.text) for part in query.parts]


def test_a_burst_is_one_text_with_its_correction() -> None:
    """Three short messages and a correction are searched as one."""
    query = talk(
        (BOT, "Hi, how can I help?"), (CUSTOMER, "my dail"), (CUSTOMER, "*dial"), (CUSTOMER, "does not pair any more")
    )
    assert sources(query) == [("burst", "my dail *dial does not pair any more")]
    assert query.seq == 4


def test_an_event_or_a_system_line_does_not_part_a_burst() -> None:
    """The handoff comes in the middle of what a customer writes."""
    query = talk(
        (CUSTOMER, "radiator stays cold"),
        (Author.SYSTEM, "", EntryKind.EVENT, {"event": "handoff"}),
        (AGENT, "", EntryKind.EVENT, {"event": "claimed"}),
        (CUSTOMER, "since the new valve"),
    )
    assert sources(query) == [("burst", "radiator stays cold since the new valve")]


def test_the_last_burst_is_heaviest_then_the_past_decays() -> None:
    """Weights: the last burst, the one before, what the agent said between them; heaviest first."""
    query = talk(
        (CUSTOMER, "charged twice in October"), (AGENT, "Which card was charged?"),
        (CUSTOMER, "the visa ending in 42"), (AGENT, "Let me look"), (CUSTOMER, "also the refund is missing"),
    )  # fmt: skip
    kinds = [part.source for part in query.parts]
    assert kinds == ["burst", "earlier", "agent", "earlier", "agent"]
    assert [part.age for part in query.parts] == [0, 1, 0, 2, 1]
    assert query.parts[1].text == "the visa ending in 42"
    weights = [part.weight for part in query.parts]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0


def test_tree_answers_count_with_their_questions() -> None:
    """Choices are asked with their questions; a form's name, address or number is not."""
    query = talk(
        (CUSTOMER, "Heating", EntryKind.CHOICE, {"question": "What is it about?"}),
        (CUSTOMER, "a@b.example", EntryKind.FORM, {"question": "Your e-mail?"}),
        (CUSTOMER, "4711", EntryKind.FORM, {"question": "Order number?"}),
        (CUSTOMER, "it clicks all night"),
    )
    assert ("tree", "What is it about? Heating") in sources(query)


@pytest.mark.parametrize("answer", ["Something else", "something ELSE…", "None of these", "Other", ""])
def test_an_answer_that_names_nothing_is_left_out(answer: str) -> None:
    """Neither it nor its question says what the customer wants."""
    tree = (CUSTOMER, answer, EntryKind.CHOICE, {"question": "What can we help with?"})
    assert talk(tree).parts == ()
    assert sources(talk(tree, (CUSTOMER, "radiator cold"))) == [("burst", "radiator cold")]


def test_tree_answers_alone_are_asked_in_full() -> None:
    """Before the customer has written anything, the tree's answers are the query."""
    query = talk((CUSTOMER, "Cancel Plus", EntryKind.CHOICE, {"question": "What do you want to do?"}))
    assert [(part.source, part.weight) for part in query.parts] == [("tree", 1.0)]


def test_small_talk_gives_way_to_what_was_asked_before() -> None:
    """“thanks, a human please” is no query; the question before it stays the heaviest."""
    query = talk(
        (CUSTOMER, "valve shows V1"), (BOT, "Sorry, I did not understand."), (CUSTOMER, "ok thanks, a human please!")
    )
    assert sources(query) == [("burst", "valve shows V1")]


def test_a_burst_that_hardly_says_anything_is_read_with_the_one_before() -> None:
    """“hi! finally a human” must not take the right suggestions off the screen."""
    query = talk((CUSTOMER, "valve shows V1"), (AGENT, "Hi, I see it all."), (CUSTOMER, "hi! finally a human"))
    assert sources(query)[0] == ("burst", "valve shows V1 hi! finally a human")


def test_bots_are_not_asked_for_and_agents_lightly() -> None:
    """A bot's guess leads astray; an agent's turn counts a little, small talk alone not at all."""
    query = talk(
        (CUSTOMER, "no heating"), (BOT, "Did you mean our opening hours?"), (CUSTOMER, "the boiler is off"),
        (AGENT, "Hello, how are you?"), (CUSTOMER, "no hot water"), (AGENT, "Is the boiler switch clicking?"),
        (CUSTOMER, "yes it clicks twice"),
    )  # fmt: skip
    texts = [text for _, text in sources(query)]
    assert "Is the boiler switch clicking?" in texts
    assert not [text for text in texts if "opening hours" in text or "Hello" in text]
    assert all(part.weight <= queries.AGENT_WEIGHT for part in query.parts if part.source == "agent")


def test_nothing_to_ask() -> None:
    """No entry, or only small talk: an empty query, which finds nothing."""
    assert from_conversation([]) == Query(())
    assert talk((CUSTOMER, "hello?"), (CUSTOMER, "anyone there")).parts == ()


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    """A novel is bounded; the correction at its end survives."""
    query = talk((CUSTOMER, f"the bridge is red {'blah blah ' * 500} I mean amber"))
    assert len(query.parts[0].text) <= queries.BURST_SIZE
    assert query.parts[0].text.startswith("the bridge is red")
    assert query.parts[0].text.endswith("I mean amber")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Author)),
            st.text(max_size=2000),
            st.sampled_from([EntryKind.MESSAGE, EntryKind.CHOICE, EntryKind.FORM, EntryKind.ARTICLE]),
        ),
        max_size=30,
    )
)
def test_a_query_is_always_bounded(lines: list[tuple[Author, str, EntryKind]]) -> None:
    """Whatever was said: never many parts, none empty or long, the heaviest first, each weight in (0, 1]."""
    query = talk(*lines)
    assert len(query.parts) <= queries.MAX_TURNS + 1
    assert query.seq == len(lines)
    assert all(
        part.text.strip() and len(part.text) <= queries.BURST_SIZE and 0 < part.weight <= 1 for part in query.parts
    )
    assert [part.weight for part in query.parts] == sorted((part.weight for part in query.parts), reverse=True)
