"""How likely a hit is right: pure, and never worse for better evidence."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agentassist.search.confidence import (
    BY_MEANING,
    BY_WORDS,
    NAMED,
    THRESHOLD,
    Evidence,
    falling,
    leads,
    no_match,
    probability,
)

COSINES = st.one_of(st.none(), st.floats(-1, 1))
LEADS = st.floats(-2, 2)
SHARES = st.floats(0, 1)


@given(COSINES, LEADS, SHARES)
def test_it_is_a_probability(cosine: float | None, lead: float, share: float) -> None:
    """Whatever speaks for a hit, it is between nothing and all, and the same each time."""
    value = probability(Evidence(cosine, lead, share))
    assert 0 <= value <= 1
    assert probability(Evidence(cosine, lead, share)) == value


@given(COSINES, st.tuples(LEADS, LEADS), st.tuples(SHARES, SHARES))
def test_better_evidence_is_never_worse(
    cosine: float | None, lead: tuple[float, float], share: tuple[float, float]
) -> None:
    """A greater lead, and more of the words, never make a hit less likely."""
    worse = Evidence(cosine, min(lead), min(share))
    better = Evidence(cosine, max(lead), max(share))
    assert probability(better) >= probability(worse)


@given(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), LEADS, SHARES)
def test_nearer_in_meaning_is_never_worse(cosines: tuple[float, float], lead: float, share: float) -> None:
    """A greater cosine never makes a hit less likely."""
    low, high = sorted(cosines)
    assert probability(Evidence(high, lead, share)) >= probability(Evidence(low, lead, share))


def test_every_fact_says_something() -> None:
    """A weight of zero would be a fact that is paid for and not used."""
    assert min(BY_MEANING.cosine, BY_MEANING.lead, BY_MEANING.share, BY_WORDS.share) > 0
    assert BY_WORDS.cosine == BY_WORDS.lead == 0


@given(st.lists(COSINES, max_size=30))
def test_only_the_best_leads_and_all_others_are_behind(cosines: list[float | None]) -> None:
    """One lead for each; only one can be ahead, and what has no meaning neither leads nor is behind."""
    found = leads(cosines)
    assert len(found) == len(cosines)
    assert sum(lead > 0 for lead in found) <= 1
    assert all(lead == 0 for lead, cosine in zip(found, cosines, strict=True) if cosine is None)


def test_leads_are_told_from_the_next_and_from_the_best() -> None:
    """The best is compared with the second, all others with the best."""
    assert leads([0.75, 0.25, 0.5]) == (0.25, -0.5, -0.25)


def test_one_alone_has_no_lead() -> None:
    """Where there is nothing to compare with, nothing is claimed."""
    assert leads([0.7]) == (0.0,)
    assert leads([0.3, 0.3]) == (0.0, 0.0)
    assert leads([None, 0.3, None]) == (0.0, 0.0, 0.0)


def test_there_is_a_match_when_one_is_likely() -> None:
    """One good hit is enough, wherever it is; nothing found is no match; what was named is one."""
    assert no_match([])
    assert no_match([THRESHOLD - 0.01] * 5)
    assert not no_match([0.01, THRESHOLD])
    assert not no_match([NAMED])


@given(st.lists(st.floats(0, 1), max_size=9))
def test_no_later_hit_is_told_to_be_likelier(values: list[float]) -> None:
    """From rank to rank it never rises, none is told less likely than it is, and the first is the greatest."""
    told = falling(values)
    assert len(told) == len(values)
    assert all(later <= earlier for earlier, later in pairwise(told))
    assert all(said >= value for said, value in zip(told, values, strict=True))
    assert told[:1] == ((max(values),) if values else ())


def test_only_what_is_out_of_order_changes() -> None:
    """What falls already stays as it is."""
    assert falling([0.9, 0.2, 0.4, 0.1]) == (0.9, 0.4, 0.4, 0.1)
