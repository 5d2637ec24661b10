"""How the plain desk reads in the states that matter, word for word."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent
from typing import Any

from agentassist.models import Author, EntryKind, NewEntry, Snippet
from agentassist.session.desk import Desk


def told(text: str) -> list[str]:
    """Return the lines of an indented text."""
    return dedent(text).strip("\n").splitlines()


def test_first_run(plain: Any) -> None:
    """Nothing is there: no conversation, no index; it says so and how to go on."""
    ear = plain()
    ear.backend.library.degraded = "no suggestions: there is no index. Build one: agentassist kb index"
    assert ear.begin() == told(
        """
        System: agentassist, plain. You are Ada. For the commands: help
        Queue: 0 waiting, 0 yours, 0 follow-ups
        Search: no suggestions: there is no index. Build one: agentassist kb index
        """
    )


def test_empty(plain: Any) -> None:
    """Nobody waits."""
    ear = plain()
    assert ear.begin()[-1] == "Search: by meaning"
    assert ear.type("next") == ["System: Nobody waits."]
    assert ear.type("queue") == ["Queue: 0 waiting, 0 yours, 0 follow-ups"]
    assert ear.type("say hello") == ["Error: no conversation is open. Hint: Type next, or open and a number."]
    assert ear.type("follow-ups") == ["System: No follow-ups."]


def test_busy(world: Any, plain: Any) -> None:
    """Customers wait, one is claimed, a follow-up is due: the queue, a conversation and its suggestions."""
    dana = world.arrive()
    kim = world.arrive("Kim Park", "the app is blank", reason="bot had no answer")
    world.clock.move(125)
    ear = plain()
    assert ear.begin() == told(
        f"""
        System: agentassist, plain. You are Ada. For the commands: help
        Queue: 2 waiting, 0 yours, 0 follow-ups
        Waiting: Dana Reyes, since 2 minutes, asked for a person, conversation {dana}
        Waiting: Kim Park, since 2 minutes, bot had no answer, conversation {kim}
        Search: by meaning
        """
    )
    assert ear.type("next") == told(
        f"""
        Conversation {dana}: Dana Reyes, web, yours. Handed over: asked for a person
        Customer: asked “What can we help with?”, answered: Setting up (14:00)
        Customer: asked “Serial number”, answered: DL12345678 (14:00)
        Customer: my dial wont pair (14:00)
        Bot: Have you tried to turn it off? (14:00)
        System: handed over: asked for a person (14:00)
        Customer: it still won't pair (14:00)
        System: you claimed the conversation (14:02)
        Suggestion 1: Reset the pairing code, article
        Suggestion 2: Pair your first devices, video at 3 minutes 12 seconds
        Suggestion 3: Goodwill credits, article, internal, cannot be sent
        Suggestion 4: Gas smell, article, verbatim
        """
    )
    world.say(kim, "are you there?")
    world.say(dana, "and now it is\nblinking")
    assert ear.look() == told(
        """
        Customer: and now it is
        Customer: blinking (14:02)
        """
    )
    ear.listen()
    assert ear.type("send 2") == told(
        """
        You: Pair your first devices
        You: https://help.example/article-2#t=192 (14:02)
        """
    )
    assert ear.type("follow-up tomorrow 9 call about the ring, only if no reply", "yes") == told(
        """
        System: Follow-up for Dana Reyes: Sat 21 Nov 2026, 09:00 (UTC), call about the ring, only if there is no reply.
        System: Save it, yes or no?
        System: Saved as follow-up 1.
        System: you set a follow-up for tomorrow 09:00: call about the ring (14:02)
        """
    )
    assert ear.type("queue") == told(
        f"""
        Queue: 1 waiting, 1 yours, 1 follow-up
        Waiting: Kim Park, since 2 minutes, bot had no answer, conversation {kim}
        Yours: Dana Reyes, nothing unread, last entry 0 minutes ago, conversation {dana}: Pair your first devices https://help.example/article-2#t=192
        Follow-up 1: Dana Reyes, due tomorrow 09:00, call about the ring, only if there is no reply, conversation {dana}
        """
    )


def test_degraded(world: Any, plain: Any) -> None:
    """Search is by words only, and says so once; records that cannot be read are told once, too."""
    from agentassist.errors import StoreBusyError

    world.arrive()
    ear = plain()
    ear.backend.library.degraded = "keyword search only: the encoder cannot be loaded"
    assert ear.begin()[-1] == "Search: keyword search only: the encoder cannot be loaded"
    lines = ear.type("next")
    assert lines[-4] == "Suggestion 1: Reset the pairing code, article"
    assert not [line for line in lines if line.startswith("Search")]
    ear.backend.broken = StoreBusyError("the records are busy", "Wait a moment.")
    assert ear.look() == ["Error: cannot read what came in: the records are busy. Hint: Wait a moment."]
    assert ear.look() == []
    assert ear.type("say hello") == [
        "Error: not sent: the records are busy. Hint: Wait a moment.",
        "Error: draft not saved: the records are busy. Hint: Wait a moment.",
        "System: Your words are kept as a draft.",
    ]
    assert ear.tick() + ear.tick() == []
    ear.backend.broken = None
    assert ear.look()[0] == "System: The records can be read again."
    assert ear.tick() + ear.tick() == ["System: The draft is saved."]
    assert ear.type("draft") == ["Draft: hello"]


def test_no_good_match(world: Any, plain: Any) -> None:
    """Nothing that was found is likely to be right: it says so, and what comes nearest only when asked."""
    world.arrive()
    ear = plain()
    ear.begin()
    ear.backend.library.hits = ()
    assert ear.type("next")[-1] == "Suggestions: No good match. To look with your own words: search WORDS"
    assert ear.type("send 1") == ["Error: there is no suggestion 1. Hint: Type suggestions for those there are."]


def test_wrap_up(world: Any, plain: Any) -> None:
    """It asks how it ended, offers a summary, closes, and turns to the next; undo opens it again."""
    dana = world.arrive()
    kim = world.arrive("Kim Park", "the app is blank")
    ear = plain()
    ear.begin()
    ear.type("next", "say Hold the button for ten seconds.")
    lines = ear.type("wrap up")
    assert lines == told(
        """
        Disposition 1: Solved
        Disposition 2: Solved with an article or video
        Disposition 3: Waiting for a follow-up
        Disposition 4: Passed on to another team
        Disposition 5: Customer did not answer
        Disposition 6: Not solved
        Disposition 7: Spam or test
        System: How did it end, number or code?
        """
    )
    assert ear.desk._prompt == "How did it end, number or code? "
    assert ear.type("99") == told(
        """
        Error: a disposition is required. Hint: Its number or its code; ctrl+c goes back.
        System: How did it end, number or code?
        """
    )
    drafted = ear.type("1")
    assert drafted
    assert all(line.startswith("Summary: ") for line in drafted if not line.startswith("System: "))
    lines = ear.type("the ring was reset")
    assert lines[0] == "System: Closed Dana Reyes as Solved. To open it again: undo"
    assert lines[1].startswith(f"Conversation {kim}: Kim Park, web, waiting")
    closed = ear.backend.records(Desk.open, dana).result()
    assert closed.conversation.disposition == "solved"
    assert closed.entries[-1].text == "the ring was reset"
    assert "System: Taken back: the closing of Dana Reyes." in ear.type("undo")
    assert world.store.queue.get(dana).agent == "Ada"


def test_due_follow_ups_ring_once(world: Any, plain: Any) -> None:
    """One that becomes due is told, once; a new time is told again."""
    world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next", "follow-up in 10 minutes look again", "yes")
    ear.look()
    assert ear.tick() == []
    world.clock.moment += timedelta(minutes=11)
    assert ear.tick() == [
        "Due now: Follow-up 1: Dana Reyes, due since 1 minute, look again, conversation 1. When it is done: done 1"
    ]
    assert ear.tick() == []
    ear.type("snooze 1 in 20 minutes")
    ear.look()
    world.clock.moment += timedelta(minutes=21)
    assert len(ear.tick()) == 1
    assert ear.type("done 1") == ["System: Follow-up 1 is done."]


def test_an_earlier_conversation(world: Any, plain: Any) -> None:
    """It is listed and read, with how it ended."""
    old = world.arrive("Dana Reyes", "the bridge blinks red")
    world.store.claims.claim(old, "Bo")
    said = NewEntry(Author.AGENT, EntryKind.MESSAGE, "Unplug it for a minute.", "Bo")
    world.store.transcript.send(old, "Bo", said, seen_seq=999)
    world.store.claims.close(old, "Bo", "solved", "Red light after a power cut.\nUnplugged it.")
    world.clock.move(86_400)
    world.arrive("Dana Reyes", "and again")
    ear = plain()
    ear.begin()
    assert "System: 1 earlier conversation of this customer. To list: earlier" in ear.type("next")
    assert ear.type("earlier") == told(
        f"""
        Conversation {old}: Dana Reyes, yesterday 14:00, closed, solved: Unplug it for a minute.
        System: To read one: read and its number.
        """
    )
    assert ear.type(f"read {old}") == told(
        f"""
        Conversation {old}: Dana Reyes, web, closed, solved. Handed over: asked for a person
        System: 1 earlier conversation of this customer. To list: earlier
        Customer: asked “What can we help with?”, answered: Setting up (yesterday 14:00)
        Customer: asked “Serial number”, answered: DL12345678 (yesterday 14:00)
        Customer: my dial wont pair (yesterday 14:00)
        Bot: Have you tried to turn it off? (yesterday 14:00)
        System: handed over: asked for a person (yesterday 14:00)
        Customer: the bridge blinks red (yesterday 14:00)
        System: Bo claimed the conversation (yesterday 14:00)
        Agent: Bo: Unplug it for a minute. (yesterday 14:00)
        System: Bo closed the conversation: solved (yesterday 14:00)
        Summary: Red light after a power cut.
        Summary: Unplugged it.
        System: End of conversation {old}.
        """
    )


def test_snippets_and_follow_ups(world: Any, plain: Any) -> None:
    """Snippets and follow-ups are listed with their numbers; a time is echoed before it is saved."""
    dana = world.arrive()
    due = world.clock.now() + timedelta(minutes=90)
    world.store.followups.add(dana, None, "Ada", "send the form", due, "UTC", f"{due:%Y-%m-%dT%H:%M}")
    ear = plain()
    ear.backend.library.canned = (
        Snippet("greeting", "Greeting", "Hi {{customer.first_name}}, this is {{agent.name}}.", ("hello",)),
        Snippet("gas", "Gas alarm", "Leave the building.", ("safety",), "en", True),
    )
    ear.begin()
    ear.type("next")
    assert ear.type("snippet") == told(
        """
        Snippet 1: Greeting: Hi {{customer.first_name}}, this is {{agent.name}}.
        Snippet 2: Gas alarm: Leave the building.
        System: To put one in: snippet and its number.
        """
    )
    assert ear.type("snippet gre") == told(
        """
        Draft: Hi Dana, this is Ada.
        System: To add words: reply. To send it: send
        """
    )
    assert ear.type("agenda") == [f"Follow-up 1: Dana Reyes, due 15:30, send the form, conversation {dana}"]
    assert ear.type("follow-up tomorrow 9 call", "no") == told(
        """
        System: Follow-up for Dana Reyes: Sat 21 Nov 2026, 09:00 (UTC), call.
        System: Save it, yes or no?
        System: Not saved.
        """
    )
