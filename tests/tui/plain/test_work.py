"""Work at the plain desk: replies that are held, drafts that stay, colleagues, and whatever a customer writes."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from agentassist.models import Author, EntryKind, NewEntry, Outcome, Snippet
from agentassist.session.desk import Desk
from agentassist.tui.plain.commands import COMMANDS, ELSEWHERE, help_lines, parse
from agentassist.tui.registry import COMMANDS as REGISTRY

SHARED = Path(__file__).parents[4] / "shared" / "hostile_strings.jsonl"
MOVES = ("up", "down", "first", "last", "page_up", "page_down", "home", "end")
HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07 clipboard",
    "\x1b[?1049l left the screen",
    "\x9b31mC1 red\x9c",
    "bell\x07back\x08tab\tvt\x0bff\x0ccr\rnul\x00del\x7f",
    "Send to user\u202ecod.exe\u202c now",
    "line\u2028separator\u2029paragraph\x85next",
    "ok\nSystem: Bo closed the conversation (14:00)\nYou: my password is 1234",
    "{{customer.name}} [/] [@click=app.quit]x[/]",
    "\ud800 alone",
    "\n" * 300 + "below",
    "",
)


def storable(texts: Iterable[str]) -> list[str]:
    """Return strings as a store can hold them."""
    return [text.encode("utf-8", "replace").decode() for text in texts]


def check(lines: list[str]) -> None:
    """Fail when a line holds anything but printable characters, or passes for somebody else's."""
    for line in lines:
        bad = [char for char in line if unicodedata.category(char) in ("Cc", "Cs") or 0x202A <= ord(char) <= 0x202E]
        assert not bad, line
    assert not [line for line in lines if line.startswith(("You:", "Agent:", "System: Bo closed"))]


def test_every_command_of_the_registry_has_its_line_or_says_why_not() -> None:
    """What the desk can do, plain mode can: by a command, or by what `ELSEWHERE` names."""
    here = {command.id for command in COMMANDS} | set(ELSEWHERE)
    known = {command.id for command in REGISTRY}
    assert here <= known, here - known
    missing = {ident for ident in known - here if ident.rpartition(".")[2] not in MOVES}
    assert not missing


def test_every_word_is_used_once_and_every_part_is_there(plain: Any) -> None:
    """No word means two commands, each runs something, and help says each with its number."""
    words = [word for command in COMMANDS for word in command.words]
    assert len(words) == len(set(words))
    from operator import attrgetter

    desk = plain().desk
    for number, command in enumerate(COMMANDS, 1):
        assert callable(attrgetter(command.run)(desk))
        by_number = parse(f"{number} 7")
        assert by_number is not None
        assert (by_number.command, by_number.rest) == (command, "7")
        by_word = parse(f"{command.words[0].upper()} 7")
        assert by_word is not None
        assert by_word.command is command
    assert len(help_lines()) == len(COMMANDS) + 2


@pytest.mark.parametrize(
    ("line", "words", "rest"),
    [
        ("thumbs up 2", "thumbs up", "2"), ("wrap up", "wrap up", ""), ("/pairing code", "search", "pairing code"),
        ("follow-up  tomorrow 9 call", "follow-up", "tomorrow 9 call"), ("say  two  blanks", "say", "two  blanks"),
        ("follow-ups", "follow-ups", ""), ("? claim", "help", "claim"), ("Q", "queue", ""),
    ],
)  # fmt: skip
def test_lines(line: str, words: str, rest: str) -> None:
    """The longest command that a line begins with is meant, and what follows is left as it was typed."""
    typed = parse(line)
    assert typed is not None
    assert (typed.command.words[0], typed.rest) == (words, rest)


def test_an_unknown_command_sends_nothing(world: Any, plain: Any) -> None:
    """Words that are no command are never sent to a customer; the nearest command is named."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    told = ear.type("clam 3", "hello there", "99")
    assert "Did you mean claim?" in told[0]
    assert "type: say and the words" in told[1]
    assert all(line.startswith("Error: ") for line in told)
    assert "hello there" not in world.texts(number)


def test_a_reply_is_held_until_what_came_in_was_heard(world: Any, plain: Any) -> None:
    """An entry that its author has not heard is said first; then the same words are sent when asked again."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    world.store.transcript  # noqa: B018 (another process writes, and the desk has not noticed)
    world.say(number, "wait, it works now")
    assert ear.type("say Please reset it.") == [
        "Customer: wait, it works now (14:00)",
        "System: Not sent: 1 new entry since you wrote this, read above. To send it: send. To change it: reply",
    ]
    assert "Please reset it." not in world.texts(number)
    assert ear.type("send") == ["You: Please reset it. (14:00)"]
    assert ear.type("draft") == ["System: There is no draft."]


def test_an_entry_that_has_only_just_been_said_holds_the_reply(world: Any, plain: Any) -> None:
    """What was printed while the line was being entered was not heard by who typed it."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    world.say(number, "one more thing")
    assert ear.look() == ["Customer: one more thing (14:00)"]
    assert "Not sent" in ear.type("say Bye.")[-1]
    assert ear.type("send")[0] == "You: Bye. (14:00)"


def test_a_reply_of_several_lines(world: Any, plain: Any) -> None:
    """Every line is kept as it is entered; a full stop sends, two begin a line with one."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next", "reply", "Hello Dana,", "", "..and so on")
    draft = ear.backend.records(Desk.open, number).result().draft
    assert draft.text == "Hello Dana,\n\n.and so on"
    ear.type(".")
    assert world.texts(number)[-1] == "Hello Dana,\n\n.and so on"


def test_a_draft_comes_back(world: Any, plain: Any) -> None:
    """What another desk of this agent left unsent is read out on opening, and can be gone on with."""
    number = world.arrive()
    first = plain()
    first.begin()
    first.type("next", "reply", "Half a")
    second = plain()
    second.begin()
    told = second.type(f"open {number}")
    assert "Draft: Half a" in told
    assert any(line.startswith("System: There is a draft.") for line in told)
    second.type("reply", "reply", ".")
    assert world.texts(number)[-1] == "Half a\nreply"


def test_drop_and_undo(world: Any, plain: Any) -> None:
    """A draft that was thrown away can be brought back."""
    world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next", "reply", "words", ".drop")
    assert ear.type("draft") == ["System: There is no draft."]
    ear.type("undo")
    assert ear.type("draft") == ["Draft: words"]


def test_raw_placeholders_are_refused(world: Any, plain: Any) -> None:
    """They are never sent; the words are kept."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    told = ear.type("next", "say Hi {{customer.name}}")
    assert "{{customer.name}} is not filled in" in told[-2]
    assert not [text for text in world.texts(number) if "{{" in text]
    assert ear.type("draft") == ["Draft: Hi {{customer.name}}"]


def test_snippets(world: Any, plain: Any) -> None:
    """One is found by words, filled in, and what is missing is asked for; several are listed; a verbatim one stays."""
    number = world.arrive()
    hello = Snippet("hello", "Hello", "Hi {{customer.first_name}}, about {{order.number}}:")
    gas = Snippet("gas", "Gas smell", "Leave the building now and do not touch any switches.", verbatim=True)
    ear = plain()
    ear.backend.library.snippets = lambda: (hello, gas)
    ear.begin()
    assert ear.type("next", "snippet nothing")[-1].startswith("Error: no snippet has these words")
    assert [line.partition(":")[0] for line in ear.type("snippet")] == ["Snippet 1", "Snippet 2", "System"]
    ear.type("snippet 1")
    assert ear.desk._prompt == "order number? "
    assert ear.type("HW-1")[0] == "Draft: Hi Dana, about HW-1:"
    assert ear.type("send")[0] == "You: Hi Dana, about HW-1: (14:00)"
    ear.type("snippet gas", "drop")
    told = ear.type("say Leave the building now and do not touch any of the switches.")
    assert told[0].startswith("Error: not sent: ")
    ear.type("drop", "snippet gas", "send")
    assert world.texts(number)[-1] == gas.body


def test_colleagues(world: Any, plain: Any) -> None:
    """A colleague's claim, presence and reply are told as they happen; the loser reads who was first."""
    dana = world.arrive()
    kim = world.arrive("Kim Park", "the app is blank")
    ada, bo = plain(), plain("Bo")
    ada.begin()
    bo.begin()
    ada.type(f"open {dana}")
    bo.type("next")
    assert ada.look()[0] == "System: Bo claimed the conversation (14:00)"
    assert ada.type("claim") == ["Error: taken by Bo. Hint: Choose another conversation."]
    bo.tick()
    bo.type("say I am on it.")
    assert "Agent: Bo: I am on it. (14:00)" in ada.look()
    assert ada.type("say Me too") == ["Error: this conversation is not yours. Hint: Type claim first."]
    bo.type(f"claim {kim}")
    assert f"Claimed: Kim Park by Bo, conversation {kim}" in ada.look()


def test_feedback_is_kept_and_taken_back(world: Any, plain: Any) -> None:
    """Thumbs and dismissals are in the records, and so is that they were undone."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next", "thumbs up 1", "thumbs down 2", "dismiss 4", "undo")
    outcomes = {row.rank: row.outcomes for row in world.store.suggestions.of(number)}
    assert Outcome.THUMBS_UP in outcomes[1]
    assert Outcome.THUMBS_DOWN in outcomes[2]
    assert outcomes[4][-2:] == (Outcome.DISMISSED, Outcome.RESTORED)
    assert ear.type("why 1")[0] == "Why 1: says “code”"
    assert ear.type("send 3")[0].startswith("Error: not sent: internal")


def test_suggestions_that_have_just_changed_are_not_taken(world: Any, plain: Any) -> None:
    """A number means what was heard: when something else came to its place meanwhile, it is asked for again."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    ear.backend.library.hits = tuple(
        world.hit(rank, title, "text", id=f"other-{rank}") for rank, title in enumerate(("Other", "Another"), 1)
    )
    world.say(number, "something else: my bill")
    ear.look()
    ear.listen()
    assert ear.type("send 1")[0].startswith("Error: the suggestions have just changed")
    assert ear.type("send 1")[0] == "You: Other"


@pytest.mark.parametrize("text", storable(HOSTILE))
def test_hostile_text_is_only_text(world: Any, plain: Any, text: str) -> None:
    """Whatever a customer is called or writes is printable, and nobody's words pass for another's."""
    number = world.arrive(text or "x", text, reason=text[:500], answer=text, channel=text[:40], plan=text)
    ear = plain()
    lines = ear.begin() + ear.type("queue", f"open {number}", "claim", "customer", "recent", "insert 1", "draft")
    world.say(number, text)
    lines += ear.look()
    ear.listen()
    check(lines + ear.type("release", "conversation"))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared hostile strings are not here")
def test_every_hostile_string_is_only_text(world: Any, plain: Any) -> None:
    """So it is for each string of the shared list, as a message and as a line that is typed."""
    number = world.arrive()
    texts = storable(str(json.loads(line)["text"]) for line in SHARED.read_text(encoding="utf-8").splitlines())
    entries = [NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text) for text in texts]
    entries += [NewEntry(Author.BOT, EntryKind.MESSAGE, text, text[:200]) for text in texts]
    world.store.transcript.append(number, *entries)
    ear = plain()
    lines = ear.begin() + ear.type(f"open {number}", "queue", "recent", f"read {number}")
    assert len(lines) > 4 * len(texts)
    check(lines)
    check([line for text in texts for line in ear.type(text)])


def test_nothing_of_textual_is_loaded() -> None:
    """A desk in lines needs no screen: textual, rich and the editor stay out of its process."""
    code = (
        "import sys, agentassist.tui.plain.desk\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('textual', 'readline')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_authors_stay_apart(world: Any, plain: Any) -> None:
    """Each line begins with whose it is."""
    number = world.arrive()
    world.say(number, "an answer", Author.BOT)
    ear = plain()
    ear.begin()
    firsts = [line.partition(":")[0] for line in ear.type(f"open {number}")]
    assert {"Conversation 1", "Customer", "Bot", "System"} <= set(firsts)
