"""Several trees that lead to each other, as one: whoever holds a conversation need not know which tree it is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentassist.errors import NotFoundError, StaleNodeError
from agentassist.flows import walk as engine
from agentassist.flows.track import CIRCLE, End, EndKind, begins
from agentassist.models import Author

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentassist.flows.model import Flow
    from agentassist.flows.prompt import Prompt
    from agentassist.flows.walk import FormState, Given, Walk
    from agentassist.models import Entry, NewEntry

MAX_JUMPS = 10
"""How many trees may lead to the next one without asking anything."""


class Trees:
    """The trees of a knowledge base. Every method works everything out from the entries it is given.

    Args:
        flows: by id, as `load_all` returns them.
    """

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self.flows = flows

    def running(self, entries: Sequence[Entry | NewEntry]) -> Flow | None:
        """Return the tree that the conversation is in, or was in last; None when there was none, or it is gone."""
        return self.flows.get(engine.running(entries))

    def walk(self, entries: Sequence[Entry | NewEntry]) -> Walk | None:
        """Return where the conversation stands in its tree; None when it is in none.

        A tree that leads to one that is not there ends with a person.
        """
        flow = self.running(entries)
        if flow is None:
            return None
        found = engine.walk(flow, entries)
        if found.ended is not None and found.ended.kind is EndKind.FLOW:
            gone = found.ended.flow not in self.flows
            reason = f"The guide {found.ended.flow} is not there" if gone else CIRCLE
            return replace(found, ended=End(EndKind.PERSON, found.ended.node, reason))
        return replace(found, can_go_back=found.can_go_back or self._before(flow, entries) is not None)

    def prompt(self, entries: Sequence[Entry | NewEntry]) -> Prompt | None:
        """Return the question that is open; None when there is none."""
        flow, found = self.running(entries), self.walk(entries)
        return engine.prompt(flow, found) if flow is not None and found is not None else None

    def begin(self, ident: str) -> tuple[NewEntry, ...]:
        """Return what begins a tree, and the trees that it leads to until one of them asks something or ends.

        Raises:
            NotFoundError: there is no such tree.
        """
        if ident not in self.flows:
            raise NotFoundError(f"there is no decision tree {ident[:80]}", "`agentassist flow list` shows every id.")
        return self._on((), engine.begin(self.flows[ident]))

    def answer(
        self,
        entries: Sequence[Entry | NewEntry],
        node: str,
        given: Given,
        *,
        author: Author,
        author_name: str = "",
        region: str = "",
    ) -> tuple[NewEntry, ...]:
        """Return an answer and what follows, as `walk.answer`; the trees that it leads to begin.

        Raises:
            StaleNodeError: that question is not open any more.
            FlowInputError: something is not right; names all fields at once.
        """
        new = engine.answer(
            self._here(entries), entries, node, given, author=author, author_name=author_name, region=region
        )
        return self._on(entries, new)

    def fill(
        self,
        entries: Sequence[Entry | NewEntry],
        node: str,
        field: str,
        value: str,
        *,
        author: Author,
        author_name: str = "",
        region: str = "",
    ) -> tuple[NewEntry, ...]:
        """Return one field of a form of the running tree, as `walk.fill`.

        Raises:
            StaleNodeError: there is no such form to fill.
            FlowInputError: the value is not right.
        """
        return engine.fill(
            self._here(entries), entries, node, field, value, author=author, author_name=author_name, region=region
        )

    def form_state(self, entries: Sequence[Entry | NewEntry], node: str, *, region: str = "") -> FormState:
        """Return a form of the running tree, as `walk.form_state`.

        Raises:
            StaleNodeError: the tree has no such form.
        """
        return engine.form_state(self._here(entries), entries, node, region=region)

    def back(
        self, entries: Sequence[Entry | NewEntry], *, author: Author = Author.CUSTOMER, author_name: str = ""
    ) -> tuple[NewEntry, ...]:
        """Return one step back; from the first question of a tree to the last one of the tree that led to it.

        Raises:
            FlowError: there is no question to go back to.
        """
        flow = self._here(entries)
        if not engine.walk(flow, entries).can_go_back:
            flow = self._before(flow, entries) or flow
        return engine.back(flow, entries, author=author, author_name=author_name)

    def _here(self, entries: Sequence[Entry | NewEntry]) -> Flow:
        flow = self.running(entries)
        if flow is None:
            raise StaleNodeError("")
        return flow

    def _on(self, entries: Sequence[Entry | NewEntry], new: tuple[NewEntry, ...]) -> tuple[NewEntry, ...]:
        """Return new entries and what begins the trees that they lead to."""
        for _ in range(MAX_JUMPS):
            every = (*entries, *new)
            flow = self.running(every)
            ended = engine.walk(flow, every).ended if flow is not None else None
            target = self.flows.get(ended.flow) if ended is not None and ended.kind is EndKind.FLOW else None
            if target is None:
                break
            new = (*new, *engine.begin(target))
        return new

    def _before(self, flow: Flow, entries: Sequence[Entry | NewEntry]) -> Flow | None:
        """Return the tree with a question whose answer led to this one; None when there is none."""
        for _ in range(MAX_JUMPS):
            start = next((n for n in range(len(entries) - 1, -1, -1) if begins(entries[n], flow.id)), None)
            earlier = self.flows.get(engine.running(entries[:start])) if start is not None else None
            if earlier is None:
                return None
            found = engine.walk(earlier, entries[:start])
            led = found.ended is not None and found.ended.kind is EndKind.FLOW and found.ended.flow == flow.id
            if not led:
                return None
            if found.can_go_back:
                return earlier
            flow, entries = earlier, entries[:start]
        return None
