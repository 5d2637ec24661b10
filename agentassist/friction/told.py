"""What an entry of the bot, the tree or an agent tells, and what an answer to the bot's own questions means. Pure.

The bot and the trees of agentassist say in an entry's data what it is, and nothing but that counts. Of everybody else's
words, such as those of an imported transcript, the lexicon says what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentassist.models import Entry

HELPED, MEANT, PERSON, ALL = "did-it-help", "did-you-mean", "talk-to-a-person", "is-that-all"
"""The nodes of the bot's own questions, as `session.brief`, `flows.bot` and `session.reception_turn` name them."""
UNLIKELY = 0.5
"""An answer of the bot that is less likely than this to be right is as good as a question whether it is meant."""
NONE, UNSURE, REFUSAL = 1.0, 0.5, 0.5
"""How much it counts as no answer that the bot has none, that it is in doubt, and that somebody's words refuse."""
_OVER = ("glad", "handing-over", "promise")
"""What the bot says last: silence after it means nothing."""
_ANSWERS = ("answer", "unsure", "none")


class Answer(StrEnum):
    """What a choice means.

    solved: it is solved · unsolved: the article did not help · none: none of what was found is meant · person: wants
    one · no-person: wants none now · no: says no to somebody's question · plain: answers a question, no more.
    """

    SOLVED = "solved"
    UNSOLVED = "unsolved"
    NONE = "none"
    PERSON = "person"
    NO_PERSON = "no-person"
    NO = "no"
    YES = "yes"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells the customer.

    Attributes:
        no_answer: how much it is no answer, in [0, 1].
        failed: it answers nothing.
        done: the words that say that what was wanted is done; empty when none do.
        offer: it offers a person.
        over: silence after it means nothing.
        answers: it is an answer, and no mere greeting or question.
        key: what it would be to say the same again.
    """

    no_answer: float = 0.0
    failed: bool = False
    done: str = ""
    offer: bool = False
    over: bool = False
    answers: bool = True
    key: str = ""


def own(entry: Entry) -> bool:
    """Say whether an entry's data says what it is: it is of a tree, or of our own bot."""
    return "flow" in entry.data or "bot" in entry.data


def told(entry: Entry, phrases: Mapping[str, str]) -> Told:
    """Return what an entry of the bot, the tree or an agent tells.

    Args:
        entry: it.
        phrases: what the lexicon finds in its words; it counts only where the data says nothing.
    """
    key = str(entry.data.get("article") or entry.data.get("node") or entry.text)
    if own(entry):
        return _by_data(entry, key)
    refused = "refusal" in phrases
    done = phrases.get("done", "") if not refused else ""
    offer = "offer" in phrases
    bot = entry.author is Author.BOT
    return Told(
        no_answer=REFUSAL if bot and refused else 0.0,
        done=done,
        offer=offer,
        over=bool(done) or ("closing" in phrases and not offer and not refused),
        key=key if bot else "",
    )


def _by_data(entry: Entry, key: str) -> Told:
    bot, likely = str(entry.data.get("bot", "")), entry.data.get("probability")
    unlikely = bot == "answer" and isinstance(likely, int | float) and likely < UNLIKELY
    doubtful = unlikely or bot == "unsure"
    return Told(
        no_answer=NONE if bot == "none" else UNSURE if doubtful else 0.0,
        failed=bot == "none",
        offer=bot == "offer",
        over=bot in _OVER,
        answers=bot in _ANSWERS or entry.kind is EntryKind.ARTICLE,
        key=key if "flow" in entry.data or bot in _ANSWERS else "",
    )


def answer(entry: Entry, word: str) -> Answer:
    """Return what a choice or a field means.

    Args:
        entry: it.
        word: "yes" or "no" when its words begin with one; it counts only where the data says nothing.
    """
    if entry.kind is not EntryKind.CHOICE or "flow" in entry.data:
        return Answer.PLAIN
    node, value = str(entry.data.get("node", "")), entry.data.get("value")
    if node == HELPED:
        return Answer.SOLVED if value == "yes" else Answer.UNSOLVED
    if node == ALL:
        return Answer.SOLVED if value == "yes" else Answer.PLAIN
    if node == MEANT:
        return Answer.NONE if value == "none" else Answer.PLAIN
    if node == PERSON:
        return Answer.PERSON if value == "yes" else Answer.NO_PERSON
    return {"yes": Answer.YES, "no": Answer.NO}.get(word, Answer.PLAIN)
