"""What a snippet's variables stand for: what is known, and nothing that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agentassist.models import Author, Customer, Entry, EntryKind, FollowUp
from agentassist.session.variables import first_name, known

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")
KIRITIMATI = "Pacific/Kiritimati"


def answer(node: str, text: str, *, author: Author = Author.CUSTOMER) -> Entry:
    """Make an answer in the decision tree."""
    return Entry(1, 1, NOW, author, "", EntryKind.CHOICE, text, {"node": node, "question": "?"})


def sent(title: str, url: str, *, author: Author = Author.AGENT) -> Entry:
    """Make an entry that sent an article."""
    return Entry(1, 1, NOW, author, "Ada", EntryKind.ARTICLE, "", {"title": title, "url": url})


def promise(due: datetime, done: datetime | None = None) -> FollowUp:
    """Make a follow-up."""
    return FollowUp(1, 1, "c", "Ada", "", due, "UTC", "", False, NOW, done)


def values(*entries: Entry, name: str = "Dana Reyes", zone: str = "", **attributes: str) -> dict[str, str]:
    """Return what is known of a customer with some entries."""
    customer = Customer("c", name, timezone=zone, attributes=attributes)
    return known(customer, entries, (), agent="Ada", now=NOW, zone=LISBON)


def test_nothing_is_guessed() -> None:
    """Where nothing is known there are no values, so that they are asked for."""
    assert values(name="") == {"agent.name": "Ada"}


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Dana Reyes", "Dana"), ("  Dana  ", "Dana"), ("Reyes, Dana", "Dana"), ("Dr. Dana Reyes", "Dana"),
        ("Frau Prof. Dr. Li", "Li"), ("visitor 1234", ""), ("dana@example.com", ""), ("", ""), ("Mr.", ""),
        ("Reyes,", "Reyes"), ("李伟", "李伟"),
    ],
)  # fmt: skip
def test_first_names(name: str, first: str) -> None:
    """The first word that is no title; nothing where a name tells none."""
    assert first_name(name) == first


def test_the_newest_answer_counts() -> None:
    """A later answer replaces an earlier one; one that says nothing does not; another's words are no answer."""
    found = values(
        answer("Product", "Dial"),
        answer("product", "Valve"),
        answer("product", "Something else"),
        answer("product", "Bridge", author=Author.BOT),
        answer("serial-number", "DL12345678"),
        answer("serial", "I don't have it"),
        answer("order", "HW-1234567"),
        answer("topic", "Setting up"),
    )
    assert found["product"] == "Valve"
    assert found["serial"] == "DL12345678"
    assert found["order.number"] == "HW-1234567"


def test_what_is_known_of_the_customer() -> None:
    """Attributes stand in for answers; of several products none is taken."""
    assert values(products="Dial 2")["product"] == "Dial 2"
    assert "product" not in values(products="Dial 2, Bridge")
    assert values(products="Dial 2, Bridge", device="Dial 2")["product"] == "Dial 2"
    assert values(Serial="DL1")["serial"] == "DL1"
    assert values(answer("order", "none"), order_number="HW-1")["order.number"] == "HW-1"


def test_the_article_is_the_one_named_else_the_last_one_sent() -> None:
    """What a bot sent is not what an agent sent."""
    entries = [sent("First", "https://a.b/1"), sent("Second", "https://a.b/2"), sent("B", "x", author=Author.BOT)]
    assert values(*entries)["article.url"] == "https://a.b/2"
    named = known(Customer("c", ""), entries, (), agent="", now=NOW, zone=LISBON, article=("T", "https://t"))
    assert (named["article.title"], named["article.url"]) == ("T", "https://t")


@pytest.mark.parametrize(
    ("due", "zone", "words"),
    [
        (NOW + timedelta(hours=1), "Europe/Lisbon", "today at 15:00 your time"),
        (NOW + timedelta(hours=1), "Europe/Berlin", "today at 16:00 your time"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "Europe/Lisbon", "tomorrow at 9:00 your time"),
        (datetime(2026, 11, 24, 9, 5, tzinfo=UTC), "Europe/Lisbon", "on Tuesday 24 November at 9:05 your time"),
        (datetime(2027, 1, 4, 9, 0, tzinfo=UTC), "Europe/Lisbon", "on Monday 4 January 2027 at 9:00 your time"),
        (NOW + timedelta(hours=1), KIRITIMATI, "today at 5:00 your time"),
        (NOW + timedelta(hours=1), "", "today at 15:00 (Europe/Lisbon)"),
        (NOW + timedelta(hours=1), "Mars/Olympus", "today at 15:00 (Europe/Lisbon)"),
        (NOW + timedelta(hours=1), "../../etc/passwd", "today at 15:00 (Europe/Lisbon)"),
    ],
)
def test_the_next_follow_up_in_the_customers_words(due: datetime, zone: str, words: str) -> None:
    """The next one that is open and ahead, in the customer's zone; where that is not known it is named."""
    promises = [promise(due + timedelta(days=9)), promise(due), promise(NOW - timedelta(hours=1)), promise(NOW, NOW)]
    found = known(Customer("c", "", timezone=zone), (), promises, agent="", now=NOW, zone=LISBON)
    assert found["follow_up.time"] == words


def test_no_follow_up_ahead_is_no_value() -> None:
    """A promise that is past, or kept, is no promise to make."""
    gone = [promise(NOW - timedelta(hours=1)), promise(NOW + timedelta(hours=1), NOW)]
    assert "follow_up.time" not in known(Customer("c", ""), (), gone, agent="", now=NOW, zone=LISBON)
