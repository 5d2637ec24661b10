"""Snippets: found as one types, filled with what is known, asked for what is not, and never sent half filled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agentassist.errors import NotFoundError
from agentassist.models import EntryKind, Outcome, Snippet

GREETING = Snippet("greeting", "Greeting", "Hi {{customer.first_name}}, this is {{agent.name}}.", ("hello",))
GUIDE = Snippet("guide", "Send a guide", "Here it is: {{article.title}}\n{{article.url}}", ("article",))
ORDER = Snippet("order", "Order", "Order {{order.number}} of {{customer.name}}: {{order.number}}, {{follow_up.time}}.")
PROMISE = Snippet("promise", "Promise", "I'll be back {{follow_up.time}} about {{serial}}.", ("später",), "de")
GAS = Snippet("gas", "Gas", "Please leave the building now, with everyone in it. Call us outside.", (), "en", True)
CANNED = (PROMISE, GREETING, GUIDE, ORDER, GAS)


@pytest.fixture
def backend(world: Any) -> Any:
    """Return a backend with some snippets."""
    backend = world.backend()
    backend.library.canned = CANNED
    return backend


async def pick(seat: Any, words: str, key: str = "ctrl+t") -> None:
    """Open the list, type some words, and take the first."""
    await seat.press(key)
    await seat.until(lambda: len(seat.app.screen_stack) == 2, "the list")
    await seat.until(lambda: seat.app.screen.ready, "the list to listen")
    await seat.write(words)
    await seat.press("enter")


async def test_what_is_known_is_filled_in(world: Any, backend: Any) -> None:
    """Name, agent, article under the cursor: put at the cursor without a question, and taken away by one ctrl+z."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "greet")
        await seat.until(lambda: seat.desk.composer.text == "Hi Dana, this is Ada.")
        assert seat.desk.composer.has_focus
        await seat.write(" Hm")
        await pick(seat, "guide")
        guide = "Here it is: Reset the pairing code\nhttps://help.example/article-1"
        await seat.until(lambda: seat.desk.composer.text == f"Hi Dana, this is Ada. Hm\n{guide}")
        await seat.press("ctrl+z")
        assert seat.desk.composer.text == "Hi Dana, this is Ada. Hm"


async def test_the_article_that_it_names_counts_as_sent(world: Any, backend: Any) -> None:
    """A snippet that names the suggestion under the cursor sends that article, as far as the records go."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "down", "f3")
        await pick(seat, "guide", "t")
        await seat.until(lambda: "article-2#t=192" in seat.desk.composer.text)
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.text == "")
        last = world.store.transcript.entries(number)[-1]
        assert last.kind is EntryKind.ARTICLE
        assert last.data["url"] == "https://help.example/article-2#t=192"
        lives = {row.rank: row.outcomes for row in world.store.suggestions.of(number)}
        assert lives[2] == (Outcome.SHOWN, Outcome.INSERTED, Outcome.SENT)


@pytest.mark.parametrize("words", ["hello", "this is", "später", "pater", "outside"])
async def test_found_by_title_text_and_tags(world: Any, backend: Any, words: str) -> None:
    """Words of the tags and of the text find a snippet too, with and without accents."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+t")
        await seat.until(lambda: len(seat.app.screen_stack) == 2 and seat.app.screen.ready)
        await seat.write(words)
        expected = {"hello": "Greeting", "this is": "Greeting", "outside": "Gas"}.get(words, "Promise")
        await seat.until(lambda: f"▸ {expected}" in seat.text)


async def test_the_customers_language_comes_first(world: Any, backend: Any) -> None:
    """Snippets in the customer's language are above the others."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+t")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        assert [item.key for item in seat.app.screen.items] == ["greeting", "guide", "order", "gas", "promise"]


async def test_what_is_missing_is_asked_for(world: Any, backend: Any) -> None:
    """One line for each missing variable, a preview that follows, and the text at the cursor in one edit."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.write("Well,")
        await pick(seat, "order")
        await seat.shows("Order number")
        await seat.shows("When you come back")
        await seat.shows("{{order.number}}")
        assert len(list(seat.app.screen.query("Input"))) == 2
        await seat.until(lambda: seat.app.screen.ready)
        await seat.press("enter")
        assert len(seat.app.screen_stack) == 2
        await seat.write("HW-1")
        await seat.shows("Order HW-1 of Dana Reyes: HW-1, {{follow_up.time}}")
        await seat.press("ctrl+s")
        await seat.shows("When you come back is missing")
        await seat.write("soon")
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.text == "Well, Order HW-1 of Dana Reyes: HW-1, soon.")
        await seat.press("ctrl+z")
        assert seat.desk.composer.text == "Well,"


async def test_escape_leaves_nothing_behind(world: Any, backend: Any) -> None:
    """Closing the list or the questions changes nothing in the reply."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.write("as it was")
        await pick(seat, "order")
        await seat.shows("Order number")
        await seat.write("HW-1")
        await seat.press("escape")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        await seat.press("ctrl+t")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        await seat.press("escape")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        assert seat.desk.composer.text == "as it was"
        assert seat.desk.composer.has_focus


async def test_the_next_follow_up_and_the_tree_are_known(world: Any, backend: Any) -> None:
    """The follow-up in the customer's own time, and the serial number that they gave in the tree."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    due = world.clock.now() + timedelta(hours=20)
    world.store.followups.add(number, "cust-Dana Reyes", "Ada", "x", due, "UTC", "")
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "promise")
        wanted = "I'll be back tomorrow at 10:00 your time about DL12345678."
        await seat.until(lambda: seat.desk.composer.text == wanted)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("{{agent.name}} Reyes", "{ {agent.name} } Reyes"),
        ("Dana\x1b]0;x\x07\u202e Reyes", "Dana ]0;x Reyes"),
        ("[@click=app.quit]Dana[/] {0}", "[@click=app.quit]Dana[/] {0}"),
    ],
)
async def test_a_hostile_name_is_words(world: Any, backend: Any, name: str, greeting: str) -> None:
    """What a customer calls themselves is no variable, holds up no reply and carries no control character."""
    backend.library.canned = (Snippet("hi", "Hi", "Hi {{customer.name}}!"),)
    number = world.arrive(name)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "hi")
        await seat.until(lambda: seat.desk.composer.text == f"Hi {greeting}!")
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.text == "")
        assert world.texts(number)[-1] == f"Hi {greeting}!"


async def test_hostile_snippets_are_shown_as_text(world: Any, backend: Any) -> None:
    """Title, tags, text and variables of a snippet are text in the list and in the questions."""
    evil = "\x1b]52;c;eA==\x07[@click=app.quit]x[/] \u202e"
    backend.library.canned = (Snippet("evil", evil, f"{evil} {{{{{evil[:9]}}}}} {{{{order.number}}}} {{{{", (evil,)),)
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "")
        await seat.shows("How it reads")
        for char in "\x1b\x07\u202e":
            assert char not in seat.text
        await seat.press("escape")
        assert seat.desk.composer.text == ""


async def test_a_broken_placeholder_is_not_sent(world: Any, backend: Any) -> None:
    """Lone braces cannot be asked for; they are put in, and the send is refused with the cursor on them."""
    backend.library.canned = (Snippet("odd", "Odd", "Hello {{ there"),)
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "odd")
        await seat.until(lambda: seat.desk.composer.text == "Hello {{ there")
        await seat.press("enter")
        await seat.shows("the placeholder {{ is not filled in")
        assert seat.desk.composer.selected_text == "{{"


async def test_a_verbatim_snippet_stays_as_it_is(world: Any, backend: Any) -> None:
    """Changed it is refused; with words around it, or taken out again, it is not."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await pick(seat, "gas")
        await seat.until(lambda: seat.desk.composer.text == GAS.body)
        seat.desk.composer.text = GAS.body.replace("now", "soon")
        await seat.press("enter")
        await seat.shows("must be sent as it is")
        assert world.texts(number)[-1] == "it still won't pair"
        seat.desk.composer.text = f"Dana!\n{GAS.body}\nNow."
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == f"Dana!\n{GAS.body}\nNow.")


async def test_a_verbatim_snippet_is_known_again_after_a_restart(world: Any, backend: Any) -> None:
    """A draft that comes back with a verbatim snippet in it cannot be sent changed either."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    world.store.drafts.save(number, "Ada", GAS.body, world.store.transcript.entries(number)[-1].seq)
    async with world.desk(backend) as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.composer.text == GAS.body)
        await seat.until(lambda: seat.desk.reply.snippets_in(number) == (GAS,))
        seat.desk.composer.text = GAS.body.replace("now", "soon")
        await seat.press("enter")
        await seat.shows("must be sent as it is")


async def test_no_conversation_no_snippets_no_folder(world: Any, backend: Any) -> None:
    """Without a conversation of one's own, without snippets and without their folder, words say so."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        seat.desk.reply.snippet()
        assert seat.desk.reply_note.words.startswith("Claim the conversation first")
        await seat.claim(number)
        backend.library.canned = ()
        await seat.press("f3", "t")
        await seat.shows("The knowledge base has no snippets")
        await seat.press("escape")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)

        def missing() -> None:
            raise NotFoundError("no such folder: x", "Give the folder of a knowledge base.")

        backend.library.snippets = missing
        await seat.press("f3", "t")
        await seat.shows("no snippets: no such folder")


async def test_a_conversation_that_was_lost_gets_no_snippet(world: Any, backend: Any) -> None:
    """When another agent has taken the conversation meanwhile, nothing is put into the reply."""
    number = world.arrive()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+t")
        await seat.until(lambda: len(seat.app.screen_stack) == 2 and seat.app.screen.ready)
        world.store.claims.release(number, "Ada")
        world.store.claims.claim(number, "Bo")
        seat.backend.changed()
        await seat.until(lambda: not seat.desk.conversation.current.mine)
        await seat.write("greet")
        await seat.press("enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        await seat.settled()
        assert seat.desk.composer.text == ""


def test_every_variable_has_a_name_to_ask_for() -> None:
    """What can be missing is called by words, not by its name in braces."""
    from agentassist.kb.snippets import VARIABLES
    from agentassist.tui.screens.snippets import WORDS

    assert set(WORDS) == set(VARIABLES)
