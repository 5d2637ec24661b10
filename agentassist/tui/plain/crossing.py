"""Trees, the bot, shared forms and other channels in plain mode."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agentassist.errors import FlowInputError, UsageError
from agentassist.models import Author
from agentassist.session import advising, crossing
from agentassist.session import undo as steps
from agentassist.session.calling import call_link
from agentassist.session.desk import Desk
from agentassist.session.forms import shared_form
from agentassist.text import clean_line
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from agentassist.flows.walk import FieldState
    from agentassist.session.crossing import Tree
    from agentassist.session.forms import SharedForm
    from agentassist.tui.plain.conversation import Current
    from agentassist.tui.plain.desk import PlainDesk

LISTED = 12
WAYS = {"digital": "a guide serves them better", "person": "a person serves them better", "none": "neither is better"}


class CrossingPart:
    """Hands customers over to what is digital, and fills what they have begun."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._listed: tuple[Tree, ...] = ()

    # Trees and the bot

    def lend(self, words: str) -> None:
        """Hand the customer to the tree that the words find, or the one with that number in the list said last."""
        self._desk.conversation.my_own()
        if words.isascii() and words.isdigit() and 1 <= int(words[:4]) <= len(self._listed):
            self._lend(self._listed[int(words[:4]) - 1])
            return
        found = crossing.find(self._desk.backend.knowledge(crossing.trees).result(), words)
        if words and len(found) == 1:
            self._lend(found[0])
            return
        if not found:
            raise UsageError(
                "no tree has these words" if words else "there are no trees", "They are files in kb/flows."
            )
        self._listed = found[:LISTED]
        self._desk.say(
            f"Tree {number}: {clean_line(tree.title, limit=120)}, {clean_line(tree.detail, limit=80)}"
            for number, tree in enumerate(self._listed, 1)
        )
        more = f" {len(found) - LISTED} more: add words." if len(found) > LISTED else ""
        self._desk.say([f"System: To hand the customer over: lend and its number.{more}"])

    def _lend(self, tree: Tree) -> None:
        desk = self._desk
        current = desk.conversation.my_own()
        desk.reply.keep()
        entries = desk.records(Desk.lend, current.id, tree.id, tree.begin)
        self._offer_back(current, entries[0].seq, f"the loan of {current.name}")
        desk.conversation.catch_up()
        desk.say(["System: The customer comes back by themselves. To take them back: undo, or claim"])

    def return_to_bot(self, _: str = "") -> None:
        """Hand the conversation back to the bot for good."""
        desk = self._desk
        current = desk.conversation.my_own()
        draft, seen = desk.reply.draft, current.seen_seq
        entry = desk.records(Desk.return_to_bot, current.id)
        desk.reply.forget()
        self._offer_back(current, entry.seq, f"the return of {current.name}", draft, seen)
        desk.conversation.catch_up()
        desk.say(["System: To take them back: undo, or claim"])

    def _offer_back(self, current: Current, seq: int, label: str, draft: str = "", seen_seq: int = 0) -> None:
        desk = self._desk
        again = partial(desk.records, partial(steps.take_back, draft=draft, seen_seq=seen_seq), current.id, seq)
        desk.undoing.offer(label, lambda: desk.conversation.show(again()))

    # Forms

    def form(self, text: str) -> None:
        """Say the form of the open conversation; with a number and words, fill that field; with "submit", submit it."""
        current = self._desk.conversation.the_open_one()
        form = self._desk.backend.knowledge(shared_form, tuple(current.entries)).result()
        if form is None:
            raise UsageError("the customer was asked to fill in no form", "To hand them one: lend")
        number, _, value = text.partition(" ")
        if number.casefold() == "submit" and not value.strip():
            self._submit(current, form)
            return
        if text:
            self._fill(current, form, a_number(number, "field"), value.strip())
        fields = form.state(current.entries).fields
        self._desk.say([f"Form: {clean_line(form.flow.title, limit=80)}: {clean_line(form.node.text, limit=200)}"])
        self._desk.say(self._line(at, field, current.name) for at, field in enumerate(fields, 1))
        self._desk.say(["System: To fill one: form, its number and the words. When all are right: form submit."])

    def _fill(self, current: Current, form: SharedForm, number: int, value: str) -> None:
        fields = form.node.fields
        if not 1 <= number <= len(fields):
            raise UsageError(f"there is no field {number}", "Type form for those there are.")
        try:
            self._desk.records(Desk.fill, current.id, form, fields[number - 1].id, value)
        except FlowInputError as error:
            raise UsageError(" ".join(error.fields.values()).rstrip("."), "Correct it.") from error
        self._desk.conversation.catch_up()

    def _submit(self, current: Current, form: SharedForm) -> None:
        try:
            self._desk.records(Desk.submit, current.id, form)
        except FlowInputError as error:
            raise UsageError(f"not submitted: {' '.join(error.fields.values()).rstrip('.')}", "Fill it in.") from error
        self._desk.conversation.catch_up()
        self._desk.say([f"System: Submitted: {clean_line(form.flow.title, limit=80)}"])

    def _line(self, number: int, state: FieldState, customer: str) -> str:
        by = {Author.AGENT: clean_line(state.author_name, limit=40), Author.CUSTOMER: customer}
        who = "you" if state.author is Author.AGENT and state.author_name == self._desk.agent else ""
        told = ["" if state.field.required else "can be left out", "private" if state.field.private else ""]
        told += [f"by {who or by.get(state.author, 'somebody')}" if state.author else ""]
        told += ["is right" if state.value and not state.problem else ""]
        told += ["is missing" if state.problem and not state.value else ""]
        label = clean_line(state.field.label, limit=120)
        facts = ", ".join([label, *(part for part in told if part)])
        wrong = f" ({clean_line(state.problem, limit=200)})" if state.problem and state.value else ""
        return f"Field {number}: {facts}: {clean_line(state.value, limit=1_000) or 'empty'}{wrong}"

    # Other channels

    def email(self, text: str) -> None:
        """Send a suggestion by e-mail; asks for the address when none is known or said."""
        desk = self._desk
        current = desk.conversation.my_own()
        first, _, rest = text.partition(" ")
        number, address = (first, rest) if first.isascii() and first.isdigit() else ("", text)
        offer = desk.suggesting.offer(a_number(number, "suggestion", 1))
        to = address.strip() or current.opened.conversation.customer.email

        def send(said: str) -> None:
            kept = desk.suggesting.recorded(offer)
            company = desk.config.serve.company
            entry = desk.records(Desk.send_mail, current.id, kept, said, company)
            desk.conversation.catch_up()
            where = "In the outbox" if entry is not None else "It is in the outbox already"
            desk.say([f"System: {where}, to {clean_line(said.strip(), limit=120)}"])

        if to:
            send(to)
        else:
            desk.ask("To which address? ", send)

    def video_call(self, _: str = "") -> None:
        """Put the link of this conversation's room into the draft."""
        desk = self._desk
        current, pattern = desk.conversation.my_own(), desk.config.serve.video_call
        if not pattern:
            raise UsageError("no video calls are set up", "serve.video_call in the configuration has their address.")
        sent = [entry.text for entry in current.entries if entry.author is Author.AGENT]
        desk.reply.put_in(call_link(pattern, [*sent, desk.reply.draft]))

    def advice(self, _: str = "") -> None:
        """Say whether a guide or a person serves the customer better, and what that is made of."""
        desk = self._desk
        current = desk.conversation.the_open_one()
        desk.suggesting.wait()
        customer = current.opened.conversation.customer
        case = advising.Case(
            tuple(current.entries),
            desk.suggesting.result,
            desk.records(advising.history, current.id),
            advising.Rules.of(desk.config),
            desk.clock.now(),
            email=bool(customer.email),
            language=customer.language,
        )
        made = desk.backend.knowledge(advising.advise, case).result().advice
        reason = clean_line(made.reason, limit=300)
        by = f", by {made.channel}" if made.channel else ""
        inputs = made.inputs
        desk.say([f"Advice: {WAYS[made.direction.value]}{by}{f': {reason}' if reason else ''}"])
        desk.say(
            f"Advice: {name}: {clean_line(said, limit=300)}"
            for name, said in (
                ("the customer", inputs.behaviour),
                ("the journey", inputs.journey),
                ("at hand", inputs.channels),
            )
        )
