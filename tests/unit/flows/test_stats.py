"""What became of the nodes of trees."""

from __future__ import annotations

from datetime import UTC, datetime

from agentassist.flows import walk
from agentassist.flows.model import Flow
from agentassist.flows.stats import count
from agentassist.flows.trees import Trees
from agentassist.models import Author, Entry, EntryKind, NewEntry

CUSTOMER = Author.CUSTOMER
HANDOFF = NewEntry(Author.SYSTEM, EntryKind.EVENT, "asked", data={"event": "handoff", "asked": True})
WISHED = NewEntry(CUSTOMER, EntryKind.EVENT, "", data={"event": "wished", "wish": "person"})


def stored(entries: list[NewEntry]) -> list[Entry]:
    """Return entries as the store gives them back."""
    at = datetime(2026, 11, 30, tzinfo=UTC)
    return [Entry(1, n, at, e.author, e.author_name, e.kind, e.text, e.data) for n, e in enumerate(entries, 1)]


def begun(trees: Trees, *answers: tuple[str, str | list[str]]) -> list[NewEntry]:
    """Return a conversation with some answers."""
    entries = [*trees.begin("main")]
    for node, given in answers:
        entries += trees.answer(entries, node, given, author=CUSTOMER)
    return entries


def test_each_number(flows: dict[str, Flow]) -> None:
    """Five customers: one leaves, one asks for a person, one wishes for one, one goes back and ends, one goes over."""
    trees = Trees(flows)
    left = begun(trees)
    asked = [*begun(trees, ("device", "dial")), WISHED, HANDOFF]
    handed = [*begun(trees, ("device", "valve")), HANDOFF]
    back = begun(trees, ("device", "dial"))
    back += trees.back(back)
    back += trees.answer(back, "device", "valve", author=CUSTOMER)
    back += trees.answer(back, "signs", ["noise"], author=CUSTOMER)
    over = begun(trees, ("device", "other"))
    counts = count(flows, map(stored, [left, asked, handed, back, over]))
    main = counts["main"]
    assert (main.runs, main.older, counts["other"].runs) == (5, 0, 1)
    assert {name: dict(numbers) for name, numbers in main.nodes.items()} == {
        "hello": {"came": 5, "went_on": 5},
        "device": {"came": 5, "went_on": 4, "left": 1},
        "signs": {"came": 2, "went_on": 1, "asked": 1},
        "split": {"came": 1, "went_on": 1},
        "form": {"came": 2, "went_back": 1, "asked": 1},
        "human": {},
        "bot": {"came": 1},
        "done": {},
        "to-other": {"came": 1},
    }
    assert counts["other"].nodes["fine"]["left"] == 1


def test_going_back_into_the_tree_before_goes_on_with_its_run(flows: dict[str, Flow]) -> None:
    """It is no second run, and nobody left the first."""
    trees = Trees(flows)
    entries = begun(trees, ("device", "other"))
    entries += trees.back(entries)
    entries += trees.answer(entries, "device", "dial", author=CUSTOMER)
    counts = count(flows, [stored(entries)])
    assert counts["main"].runs == 1
    assert counts["main"].nodes["device"]["left"] == 0
    assert counts["main"].nodes["form"]["left"] == 1


def test_other_versions_and_odd_entries(flows: dict[str, Flow]) -> None:
    """A run of another version is counted as such; runs of unknown trees and odd data are passed over."""
    begin, *said = walk.begin(flows["main"])
    older = NewEntry(begin.author, begin.kind, begin.text, data={**begin.data, "version": "x"})
    unknown = NewEntry(begin.author, begin.kind, begin.text, data={**begin.data, "flow": "gone"})
    odd = [NewEntry(CUSTOMER, EntryKind.EVENT, "", data={"event": ["x"], "flow": {}})]
    counts = count(flows, [stored([older, *said, *odd]), stored([*odd, unknown, *said]), []])
    assert (counts["main"].runs, counts["main"].older) == (1, 1)
