"""Who else is in a conversation, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agentassist.models import Presence
from agentassist.tui.widgets.present import around, in_list, in_title, with_owner

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def there(agent: str, *, typing: bool = False, ago: float = 0.0) -> Presence:
    """Return a desk that said so many seconds ago where it is."""
    return Presence(agent, 7, typing, NOW - timedelta(seconds=ago))


def test_who_types_comes_first_and_each_once() -> None:
    """An agent with two desks is one person, who types when one of the desks says so."""
    who = around([there("Ann"), there("Bo"), there("Bo", typing=True)], NOW)
    assert who == (("Bo", True), ("Ann", False))


@pytest.mark.parametrize(("ago", "expected"), [(29, (("Bo", True),)), (31, (("Bo", False),)), (61, ())])
def test_what_was_said_long_ago_is_not_believed(ago: float, expected: tuple[tuple[str, bool], ...]) -> None:
    """A desk that ended without a word stops typing, and then is gone."""
    assert around([there("Bo", typing=True, ago=ago)], NOW) == expected


@pytest.mark.parametrize(
    ("who", "listed", "titled"),
    [
        ((), "", ""),
        ((("Bo", True),), "✎ Bo is typing", "Bo is typing"),
        ((("Bo", False),), "◉ Bo looks", "Bo looks too"),
        ((("Bo", True), ("Cy", False)), "✎ Bo is typing +1", "Bo is typing, 1 more looks"),
        ((("Bo", True), ("Cy", True)), "✎ Bo is typing +1", "Bo and 1 more are typing"),
        ((("Bo", False), ("Cy", False)), "◉ Bo looks +1", "Bo and Cy look too"),
        ((("A", False), ("B", False), ("C", False)), "◉ A looks +2", "A and 2 more look too"),
    ],
)
def test_it_is_said_in_words(who: tuple[tuple[str, bool], ...], listed: str, titled: str) -> None:
    """The list and the title say it without colour."""
    assert in_list(who) == listed
    assert in_title(who) == titled


def test_the_owner_is_named_whatever_they_do() -> None:
    """Another agent's conversation always says who has it."""
    assert with_owner("Bo", ()) == "Bo has it"
    assert with_owner("Bo", (("Bo", False),)) == "◉ Bo is here"
    assert with_owner("Bo", (("Bo", True), ("Cy", False))) == "✎ Bo is typing +1"
    assert with_owner("Bo", (("Cy", False),)) == "Bo has it +1"


def test_a_hostile_name_is_clean_and_short() -> None:
    """An agent's name is outside text as any other."""
    (name, _), *_ = around([there("\x1b]52;c;x\x07[b]" + "long " * 20)], NOW)
    assert "\x1b" not in name
    assert len(name) <= 20
