"""The engine: what the entries of a conversation mean, and which come next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agentassist.errors import FlowError, FlowInputError, NotFoundError, StaleNodeError
from agentassist.flows import walk
from agentassist.flows.model import Flow
from agentassist.flows.track import CHANGED, CIRCLE, NO_CASE
from agentassist.flows.trees import Trees
from agentassist.flows.walk import EndKind
from agentassist.models import Author, Entry, EntryKind, NewEntry

CUSTOMER, AGENT, BOT = Author.CUSTOMER, Author.AGENT, Author.BOT
FORM = {"number": "HW-1234567", "mail": "ana@example.org"}


def stored(entries: list[NewEntry]) -> list[Entry]:
    """Return entries as the store gives them back."""
    at = datetime(2026, 11, 30, tzinfo=UTC)
    return [
        Entry(1, seq, at, item.author, item.author_name, item.kind, item.text, item.data)
        for seq, item in enumerate(entries, 1)
    ]


class Run:
    """A conversation in one tree."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.entries: list[NewEntry] = [*walk.begin(flow)]

    def answer(self, node: str, given: Any, **more: Any) -> tuple[NewEntry, ...]:
        """Answer, and keep the entries."""
        new = walk.answer(self.flow, self.entries, node, given, **{"author": CUSTOMER, **more})
        self.entries += new
        return new

    def fill(self, node: str, field: str, value: str, **more: Any) -> tuple[NewEntry, ...]:
        """Save one field, and keep the entries."""
        new = walk.fill(self.flow, self.entries, node, field, value, **{"author": CUSTOMER, **more})
        self.entries += new
        return new

    def back(self) -> tuple[NewEntry, ...]:
        """Go back, and keep the entries."""
        new = walk.back(self.flow, self.entries)
        self.entries += new
        return new

    @property
    def now(self) -> walk.Walk:
        """Where the tree stands."""
        return walk.walk(self.flow, self.entries)

    @property
    def open(self) -> str:
        """The open question."""
        node = self.now.node
        return node.id if node else ""

    @property
    def values(self) -> dict[str, object]:
        """What counts."""
        return {key: answer.value for key, answer in self.now.answers.items()}


@pytest.fixture
def run(main: Flow) -> Run:
    """A conversation that has just begun."""
    return Run(main)


def test_begin_is_the_event_and_what_is_said_until_it_waits(run: Run) -> None:
    """The event names tree and version; an article that may not be sent is not sent."""
    event, text, article = run.entries
    assert (event.author, event.kind, event.text) == (BOT, EntryKind.EVENT, "Pairing")
    assert event.data == {"event": "flow", "flow": "main", "version": run.flow.version}
    assert (text.kind, text.text, text.data) == (EntryKind.MESSAGE, "Hi there.", {"flow": "main", "node": "hello"})
    assert article.kind is EntryKind.ARTICLE
    assert article.text == "The guide\nhttps://help.example/guide"
    assert article.data["article"] == "guide"
    assert (run.open, run.now.path, run.now.can_go_back) == ("device", ("hello", "device"), False)


def test_a_choice_is_one_entry_with_question_and_value(run: Run) -> None:
    """The label is the text, the id the value; then the tree says what comes next."""
    choice, *said = run.answer("device", "dial")
    assert (choice.author, choice.kind, choice.text) == (CUSTOMER, EntryKind.CHOICE, "Dial")
    assert choice.data == {"flow": "main", "node": "device", "question": "Which device?", "value": "dial"}
    assert [entry.text for entry in said] == ["Nearly there."]
    assert (run.open, run.values) == ("form", {"device": "dial"})


def test_several_choices_are_in_the_trees_order_each_once(run: Run) -> None:
    """Whatever order they were ticked in."""
    run.answer("device", "valve")
    choice, *_ = run.answer("signs", ["dark", "red", "dark"])
    assert (choice.text, choice.data["value"]) == ("Red light, No light", ["red", "dark"])
    assert run.open == "form"


@pytest.mark.parametrize("given", ["nothing", "", [], ["red", 1], {"a": "b"}, None, ["red", "dark", "noise"]])
def test_a_wrong_choice_is_refused(run: Run, given: Any) -> None:
    """An unknown option, none, too many, or no answer at all: nothing of it is taken."""
    run.answer("device", "valve")
    with pytest.raises(FlowInputError) as caught:
        run.answer("signs", given)
    assert set(caught.value.fields) == {""}
    assert run.open == "signs"


@pytest.mark.parametrize(
    ("device", "signs", "kind", "node"),
    [("valve", ["noise"], EndKind.BOT, "bot"), ("other", None, EndKind.FLOW, "to-other")],
)
def test_ends(run: Run, device: str, signs: list[str] | None, kind: EndKind, node: str) -> None:
    """A branch takes the first case that fits; the end says what comes after the tree."""
    run.answer("device", device)
    if signs:
        run.answer("signs", signs)
    ended = run.now.ended
    assert ended is not None
    assert (ended.kind, ended.node, run.now.node) == (kind, node, None)


def test_a_form_is_one_entry_a_field_and_ends_with_thanks(run: Run) -> None:
    """Each field keeps its label, kind and privacy; the bot's thanks submit it."""
    run.answer("device", "dial")
    number, mail, thanks, said = run.answer("form", FORM)
    assert (number.kind, number.text) == (EntryKind.FORM, "HW-1234567")
    assert number.data == {
        "flow": "main", "node": "form", "field": "number", "question": "Order number", "type": "pattern",
        "private": False,
    }  # fmt: skip
    assert (mail.data["type"], mail.data["private"]) == ("email", True)
    assert (thanks.author, thanks.data["done"]) == (BOT, True)
    assert said.text == "Somebody comes."
    ended = run.now.ended
    assert ended is not None
    assert (ended.kind, ended.reason, ended.skills) == (EndKind.PERSON, "Needs a look", ("orders",))


def test_every_field_that_is_wrong_is_told_at_once(run: Run) -> None:
    """A form is refused as a whole, with words for each field."""
    run.answer("device", "dial")
    with pytest.raises(FlowInputError) as caught:
        run.answer("form", {"number": "1", "phone": "12", "more": "x"})
    assert set(caught.value.fields) == {"number", "mail", "phone", "more"}
    assert "as HW-1234567" in caught.value.fields["number"]


def test_an_empty_field_that_is_not_required_is_skipped(run: Run) -> None:
    """The transcript has that it was asked and left empty."""
    run.answer("device", "dial")
    new = run.answer("form", {**FORM, "phone": " "})
    assert [entry.text for entry in new if entry.kind is EntryKind.FORM] == ["HW-1234567", "ana@example.org", ""]


def test_a_stale_answer_is_refused(run: Run) -> None:
    """What another tab has answered already cannot be answered again; the error says what is open."""
    run.answer("device", "dial")
    with pytest.raises(StaleNodeError) as caught:
        run.answer("device", "valve")
    assert caught.value.node == "form"


def test_going_back_keeps_the_answer_to_change_and_forgets_what_came_after(run: Run) -> None:
    """The question is open again with its answer marked; later answers count no more."""
    run.answer("device", "valve")
    run.answer("signs", ["red"])
    run.fill("form", "mail", "ana@example.org")
    event, *said = run.back()
    assert (event.kind, event.author, event.text) == (EntryKind.EVENT, CUSTOMER, "")
    assert event.data == {"event": "back", "flow": "main", "node": "signs"}
    assert [entry.text for entry in said] == ["Have a look."]
    assert (run.open, run.values) == ("signs", {"device": "valve"})
    prompt = walk.prompt(run.flow, run.now)
    assert prompt is not None
    assert prompt.chosen == ("red",)
    run.back()
    assert (run.open, run.values) == ("device", {})
    run.answer("device", "dial")
    assert run.values == {"device": "dial"}
    again = walk.prompt(run.flow, run.now)
    assert again is not None
    assert [(item.value, item.saved) for item in again.fields] == [("", False), ("ana@example.org", False), ("", False)]


def test_there_is_nothing_before_the_first_question(run: Run) -> None:
    """Going back is refused there."""
    with pytest.raises(FlowError):
        run.back()


def test_back_from_the_end(run: Run) -> None:
    """A tree that has ended can be gone back into."""
    run.answer("device", "valve")
    run.answer("signs", ["noise"])
    run.back()
    assert (run.open, run.now.ended) == ("signs", None)


def test_an_article_is_sent_once(run: Run) -> None:
    """Going back and on again says the words once more, but sends no article a second time."""
    new = run.answer("device", "valve")
    assert [entry.kind for entry in new] == [EntryKind.CHOICE, EntryKind.MESSAGE, EntryKind.ARTICLE]
    run.back()
    new = run.answer("device", "valve")
    assert [entry.kind for entry in new] == [EntryKind.CHOICE, EntryKind.MESSAGE]


def test_fields_are_saved_one_by_one_by_both(run: Run) -> None:
    """Customer and agent fill one form; each field has its author; submitting repeats nothing."""
    run.answer("device", "dial")
    run.fill("form", "number", " hw-1234567 ")
    run.fill("form", "mail", "ana@example.org", author=AGENT, author_name="Ada")
    state = walk.form_state(run.flow, stored(run.entries), "form")
    assert [(item.value, item.author, item.author_name, item.problem) for item in state.fields] == [
        ("hw-1234567", CUSTOMER, "", ""),
        ("ana@example.org", AGENT, "Ada", ""),
        ("", None, "", ""),
    ]
    assert state.fields[0].seq == len(run.entries) - 1
    assert state.complete
    assert state.open
    assert [entry.kind for entry in run.answer("form", {})] == [EntryKind.MESSAGE] * 2
    assert run.values["form.mail"] == "ana@example.org"


def test_a_field_with_the_same_value_is_not_saved_again(run: Run) -> None:
    """A write of the same value writes nothing."""
    run.answer("device", "dial")
    assert len(run.fill("form", "number", "HW-1234567")) == 1
    assert run.fill("form", "number", "HW-1234567", author=AGENT) == ()


def test_a_form_says_why_it_is_not_complete(run: Run) -> None:
    """What is required and missing is told by field."""
    run.answer("device", "dial")
    state = walk.form_state(run.flow, run.entries, "form")
    assert not state.complete
    assert [bool(item.problem) for item in state.fields] == [True, True, False]
    with pytest.raises(FlowInputError) as caught:
        run.answer("form", {})
    assert set(caught.value.fields) == {"number", "mail"}


def test_an_agent_corrects_a_form_after_it_was_submitted(run: Run) -> None:
    """The newest value counts, the way that was taken stays; a customer cannot do so any more."""
    run.answer("device", "dial")
    run.answer("form", FORM)
    run.fill("form", "number", "HW-7654321", author=AGENT, author_name="Ada")
    assert run.now.answers["form.number"].text == "HW-7654321"
    assert run.now.ended is not None
    with pytest.raises(StaleNodeError):
        run.fill("form", "number", "HW-1111111")


@pytest.mark.parametrize(("node", "field"), [("device", "x"), ("form", "nothing"), ("nothing", "x"), ("form", "mail")])
def test_only_a_form_that_is_there_can_be_filled(run: Run, node: str, field: str) -> None:
    """A form that was never reached, or is none, is refused."""
    with pytest.raises(StaleNodeError):
        run.fill(node, field, "ana@example.org", author=AGENT)


def test_a_phone_number_is_read_in_the_customers_country(run: Run) -> None:
    """Without + the customer's country counts, else the tree's."""
    run.answer("device", "dial")
    assert run.fill("form", "phone", "912 345 678")
    assert run.fill("form", "phone", "07400 123456", region="GB")


def test_only_the_last_run_counts(run: Run) -> None:
    """A tree that begins again begins anew."""
    run.answer("device", "dial")
    run.entries += walk.begin(run.flow)
    assert (run.open, run.values) == ("device", {})


def test_without_a_run_it_stands_at_its_beginning(main: Flow) -> None:
    """Nothing was begun, and it says so."""
    now = walk.walk(main, ())
    assert (now.begun, now.path) == (False, ("hello", "device"))


def test_a_node_that_is_gone_ends_with_a_person(run: Run) -> None:
    """The tree was changed while a customer was in it: a person takes over, nothing breaks."""
    run.answer("device", "dial")
    nodes = {key: node for key, node in run.flow.nodes.items() if key != "device"}
    for flow in (replace(run.flow, nodes=nodes), replace(run.flow, nodes={}, start="x")):
        ended = walk.walk(flow, run.entries).ended
        assert ended is not None
        assert (ended.kind, ended.reason) == (EndKind.PERSON, CHANGED)


def test_an_option_that_is_gone_is_asked_again(run: Run) -> None:
    """An answer that the changed tree does not know does not count."""
    run.answer("device", "dial")
    device = run.flow.nodes["device"]
    changed = replace(device, options=device.options[1:])
    now = walk.walk(replace(run.flow, nodes={**run.flow.nodes, "device": changed}), run.entries)
    assert now.node is changed


def test_a_circle_and_a_missing_case_end_with_a_person(main: Flow) -> None:
    """What lint would have found does not hang: a person takes over."""
    hello, split = main.nodes["hello"], main.nodes["split"]
    circle = replace(main, nodes={"hello": replace(hello, next="hello")})
    no_case = replace(
        main, nodes={"hello": replace(hello, next="split"), "split": replace(split, cases=split.cases[:1])}
    )
    for flow, reason in ((circle, CIRCLE), (no_case, NO_CASE)):
        ended = walk.walk(flow, walk.begin(flow)).ended
        assert ended is not None
        assert (ended.kind, ended.reason) == (EndKind.PERSON, reason)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"flow": 1}, {"flow": ["main"], "node": "device"}, {"flow": "main", "node": ["device"]},
        {"flow": "main", "node": "device", "value": {"a": 1}}, {"flow": "main", "node": "device", "value": ["dial"]},
        {"flow": "main", "node": "form", "field": None}, {"event": "back", "flow": "main", "node": "device"},
        {"event": "back", "flow": "main"}, {"event": "made up", "flow": "main", "node": "device"},
        {"flow": "main", "node": "form", "done": "yes"},
    ],
)  # fmt: skip
def test_odd_entries_change_nothing(run: Run, data: dict[str, Any]) -> None:
    """Whatever an entry holds, the walk goes on from what it can read."""
    before = run.now
    odd = [NewEntry(author, kind, "x", data=data) for author in Author for kind in EntryKind]
    assert walk.walk(run.flow, [*run.entries, *odd]) == before


class TestTrees:
    """Several trees that lead to each other."""

    def test_an_answer_begins_the_tree_that_it_leads_to(self, flows: dict[str, Flow]) -> None:
        """The next tree's event and words follow at once."""
        trees = Trees(flows)
        entries = [*trees.begin("main")]
        entries += trees.answer(entries, "device", "other", author=CUSTOMER)
        assert [entry.text for entry in entries[3:]] == ["Other", "Over there.", "Other", "This is the other one."]
        assert walk.running(entries) == "other"
        prompt = trees.prompt(entries)
        assert prompt is not None
        assert (prompt.node, prompt.can_go_back) == ("fine", True)

    def test_back_from_the_first_question_leads_to_the_tree_before(self, flows: dict[str, Flow]) -> None:
        """The earlier tree is the running one again, with its answer to change."""
        trees = Trees(flows)
        entries = [*trees.begin("main")]
        entries += trees.answer(entries, "device", "other", author=CUSTOMER)
        entries += trees.back(entries)
        assert walk.running(entries) == "main"
        entries += trees.answer(entries, "device", "dial", author=CUSTOMER)
        now = trees.walk(entries)
        assert now is not None
        assert now.node is not None
        assert now.node.id == "form"

    def test_a_tree_that_was_begun_by_an_agent_has_none_before(self, flows: dict[str, Flow]) -> None:
        """Only an answer that led here can be gone back on."""
        trees = Trees(flows)
        entries = [*trees.begin("main"), *trees.begin("other")]
        now = trees.walk(entries)
        assert now is not None
        assert not now.can_go_back

    def test_a_tree_that_is_not_there_ends_with_a_person(self, flows: dict[str, Flow]) -> None:
        """A broken file does not leave a customer in nothing."""
        trees = Trees({"main": flows["main"]})
        entries = [*trees.begin("main")]
        entries += trees.answer(entries, "device", "other", author=CUSTOMER)
        now = trees.walk(entries)
        assert now is not None
        assert now.ended is not None
        assert now.ended.kind is EndKind.PERSON

    def test_trees_that_only_lead_to_each_other_end_with_a_person(self, flows: dict[str, Flow]) -> None:
        """A circle of trees that asks nothing stops."""
        jump = flows["main"].nodes["to-other"]
        first = replace(flows["main"], id="a", start="j", nodes={"j": replace(jump, id="j", flow="b")})
        second = replace(flows["main"], id="b", start="j", nodes={"j": replace(jump, id="j", flow="a")})
        trees = Trees({"a": first, "b": second})
        now = trees.walk(trees.begin("a"))
        assert now is not None
        assert now.ended is not None
        assert now.ended.reason == CIRCLE

    def test_without_a_tree_there_is_nothing(self, flows: dict[str, Flow]) -> None:
        """No walk, no prompt, and errors that say so."""
        trees = Trees(flows)
        assert trees.walk(()) is None
        assert trees.prompt(()) is None
        with pytest.raises(NotFoundError):
            trees.begin("nothing")
        with pytest.raises(StaleNodeError):
            trees.answer((), "device", "dial", author=CUSTOMER)
