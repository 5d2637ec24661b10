"""The evaluation set is what its README promises: enough, spread over everything, and not copied from the articles."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from agentassist.models import Audience, Author, EntryKind
from agentassist.search.lexical import SMALL_TALK

if TYPE_CHECKING:
    from tests.eval.conftest import Contexts

COMMON = SMALL_TALK | {
    "my",
    "your",
    "the",
    "of",
    "on",
    "to",
    "and",
    "or",
    "for",
    "with",
    "in",
    "is",
    "it",
    "at",
    "you",
    "an",
}
COPIED = 0.6
"""The share of a title's telling words from which on a customer has read it."""


def telling(text: str) -> set[str]:
    """Return the words that say what a text is about."""
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 1 and word not in COMMON}


def test_there_are_enough(contexts: Contexts) -> None:
    """At least 140 conversations have a right article and 50 have none, each under a name of its own."""
    right = [case for case in contexts.cases if case.right]
    assert len(right) >= 140
    assert len(contexts.cases) - len(right) >= 50
    twice = [name for name, times in Counter(case.dialog_id for case in contexts.cases).items() if times > 1]
    assert not twice


def test_both_parts_are_alike(contexts: Contexts) -> None:
    """Neither part is much smaller than the other, with and without a right article."""
    for answerable in (True, False):
        cases = [case for case in contexts.cases if bool(case.right) is answerable]
        test = sum(map(contexts.in_test_part, cases))
        assert 0.4 <= test / len(cases) <= 0.6


def test_every_customer_article_is_right_somewhere(contexts: Contexts) -> None:
    """Each article that customers may get is right in at least two conversations."""
    times = Counter(article for case in contexts.cases for article in case.right)
    for_customers = [item.id for item in contexts.articles.values() if item.audience is Audience.CUSTOMER]
    assert [ident for ident in for_customers if times[ident] < 2] == []


def test_kinds_are_mixed(contexts: Contexts) -> None:
    """At least four of ten conversations with a right article need more than one message to be understood."""
    right = [case for case in contexts.cases if case.right]
    longer = [case for case in right if len(case.entries) > 1]
    assert len(longer) >= 0.4 * len(right)


def test_customers_do_not_quote_titles(contexts: Contexts) -> None:
    """No customer's words hold the title of the right article, or most of its telling words."""
    copied = []
    for case in contexts.cases:
        said = " ".join(
            item.text for item in case.entries if item.kind is EntryKind.MESSAGE and item.author is Author.CUSTOMER
        )
        for ident in case.right:
            title = contexts.articles[ident].title
            words = telling(title)
            shared = len(words & telling(said)) / max(1, len(words))
            if title.lower() in said.lower() or (len(words) >= 4 and shared > COPIED):
                copied.append(f"{case.dialog_id}: {title} ({shared:.0%})")
    assert copied == []
