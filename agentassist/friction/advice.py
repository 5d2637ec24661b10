"""Whether a written guide or a person serves the customer better now. Pure: plain values in, words out.

The customer's stated wish overrides everything. Then come what speaks against a guide (high stakes, a wish for a
person, distress, no good article), and last what speaks for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agentassist.friction import lexicon, words
from agentassist.friction.reading import Level
from agentassist.models import Journey
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.friction.reading import Reading

GOOD = 0.5
"""From so likely a guide on it is good enough to be sent instead of an answer."""
DISTRESS = 0.7
"""From so likely a negative emotion on a person answers."""
LONG_WORDS, LONG_STEPS = 120, 3
"""From so many words or steps on it is read better than typed out."""


class Direction(StrEnum):
    """Which way to cross over: to something written or filmed, to a person, or no change."""

    DIGITAL = "digital"
    PERSON = "person"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """The best article at hand.

    Attributes:
        title: shown in the reason; it need not be safe to show.
        video: it is a video.
        probability: how likely it is right, in [0, 1].
        words: how long it is; of a video its captions.
        steps: how many numbered steps it has.
        tried: the customer was sent it already, or says that they tried it.
    """

    title: str
    video: bool = False
    probability: float = 0.0
    words: int = 0
    steps: int = 0
    tried: bool = False

    @property
    def long(self) -> bool:
        """Whether it is read better than typed out."""
        return self.video or self.words >= LONG_WORDS or self.steps >= LONG_STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the customer gets on with digital help, in this session and earlier ones.

    Attributes:
        opened: articles that they opened.
        sent: articles that they were sent.
        solved: conversations that were solved without a person.
        persons: earlier conversations that needed one.
        tree_answers: how many questions of a tree they answered in this one.
    """

    opened: int = 0
    sent: int = 0
    solved: int = 0
    persons: int = 0
    tree_answers: int = 0

    @property
    def comfortable(self) -> bool | None:
        """Whether they get on well with digital help; None when too little is known."""
        good = self.opened + 2 * self.solved + (self.tree_answers >= 2)
        bad = max(0, self.sent - self.opened) + self.persons
        return None if good + bad == 0 else good >= bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """What can be used with this customer now: chat is always at hand."""

    email: bool = False
    video_call: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """The three inputs in plain words, shown with the advice; safe to show."""

    behaviour: str
    journey: str
    channels: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What serves the customer better.

    Attributes:
        reason: one plain sentence; safe to show.
        channel: "chat", "email" or "video call": which is best for it; empty when no change is advised.
    """

    direction: Direction
    reason: str
    inputs: Inputs
    channel: str = ""


def advise(
    reading: Reading,
    *,
    asked_for: str,
    guide: Guide | None,
    habits: Habits,
    journey: Journey | None,
    channels: Channels,
    wish: str = "",
    language: str = "en",
) -> Advice:
    """Return what serves the customer better now.

    Args:
        reading: of the conversation.
        asked_for: the customer's last burst of messages.
        guide: the best article; None when there is none.
        habits: how they get on with digital help.
        journey: as configured for the tree or the topic; None works it out from the reading.
        channels: what is at hand.
        wish: what the customer said they want, of the last `wished` event (`offer.wish_of`); it overrides everything.
        language: of what they write, for what is a how-to question.
    """
    kind = journey or journey_of(reading)
    found = _wished(wish, guide) or _for_a_person(reading, kind, channels)
    if found is None:
        how = asks_how(asked_for, language)
        found = _none_good() if guide is None else _for_a_guide(guide, kind, habits, channels, asks_how=how)
    direction, reason, channel = found
    return Advice(direction, reason, _inputs(habits, kind, journey is not None, channels), channel)


def journey_of(reading: Reading) -> Journey:
    """Return what kind of journey a reading looks like, for a tree or topic of which nothing is configured."""
    if reading.stakes or reading.upset >= DISTRESS:
        return Journey.EMOTIONAL
    return Journey.COMPLEX if reading.level is not Level.CALM else Journey.ROUTINE


def asks_how(text: str, language: str = "en") -> bool:
    """Say whether a text asks how something is done."""
    said = words.tokens(words.short(text))
    return any(item.sign == "how" for item in lexicon.shipped(language).find(said))


_Found = tuple[Direction, str, str]


def _wished(wish: str, guide: Guide | None) -> _Found | None:
    if wish in ("person", "callback"):
        return Direction.PERSON, "The customer asked for a person.", "chat"
    if wish == "email":
        return Direction.DIGITAL, "The customer asked to be answered by e-mail.", "email"
    if wish == "bot" and guide is not None and not guide.tried:
        return Direction.DIGITAL, "The customer asked to go on with the bot.", "chat"
    return None


def _for_a_person(reading: Reading, journey: Journey, channels: Channels) -> _Found | None:
    call = "video call" if channels.video_call and journey is Journey.COMPLEX else "chat"
    if reading.stakes:
        return Direction.PERSON, f"High stakes ({clean_line(reading.stakes, limit=40)}): answer in person.", "chat"
    if reading.asked:
        return Direction.PERSON, "The customer asked for a person.", call
    if reading.upset >= DISTRESS or reading.level is Level.FRICTION:
        why = reading.reasons[0] if reading.reasons else "the customer is upset"
        return Direction.PERSON, f"Answer in person: {why}.", call
    if journey is Journey.EMOTIONAL:
        return Direction.PERSON, "An emotional journey: answer in person.", "chat"
    return None


def _none_good() -> _Found:
    return Direction.NONE, "No good article: answer it yourself.", ""


def _for_a_guide(guide: Guide, journey: Journey, habits: Habits, channels: Channels, *, asks_how: bool) -> _Found:
    title = clean_line(guide.title, limit=80)
    if guide.probability < GOOD:
        return _none_good()
    if guide.tried:
        return Direction.NONE, f"The customer has had “{title}” already: answer it yourself.", ""
    if not guide.long and not asks_how:
        return Direction.NONE, "A short answer: typing it is quicker than reading.", ""
    if habits.comfortable is False:
        return Direction.NONE, "The customer does not open what is sent: answer it yourself.", ""
    if journey is Journey.COMPLEX and not asks_how:
        return Direction.NONE, "A complex journey, and no how-to question: answer it yourself.", ""
    why = [
        "a how-to question" if asks_how else "",
        counted(guide.steps, "step") if guide.steps >= LONG_STEPS else "",
        f"{guide.words:,} words" if guide.words >= LONG_WORDS and not guide.video else "",
        "a video shows it" if guide.video else "",
        "the customer gets on well with digital help" if habits.comfortable else "",
    ]
    told = ", ".join(part for part in why if part)
    long_read = channels.email and not guide.video and guide.words >= 5 * LONG_WORDS
    return Direction.DIGITAL, f"Send “{title}”: {told}.", "email" if long_read else "chat"


def _inputs(habits: Habits, journey: Journey, configured: bool, channels: Channels) -> Inputs:
    behaviour = [
        f"opened {habits.opened} of {counted(habits.sent, 'article')} sent" if habits.sent else "",
        f"{counted(habits.opened, 'article')} opened" if habits.opened and not habits.sent else "",
        f"solved digitally {counted(habits.solved, 'time')}" if habits.solved else "",
        f"needed a person {counted(habits.persons, 'time')}" if habits.persons else "",
        f"answered {counted(habits.tree_answers, 'question')} of the tree" if habits.tree_answers else "",
    ]
    at_hand = [
        "chat (quick, links)",
        "e-mail (long guides, to keep)" if channels.email else "",
        "video call (to show and see)" if channels.video_call else "",
    ]
    return Inputs(
        behaviour=_joined(behaviour) or "nothing known yet",
        journey=f"{journey.value}{'' if configured else ' (by this conversation)'}",
        channels=_joined(at_hand),
    )


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(part for part in parts if part)
