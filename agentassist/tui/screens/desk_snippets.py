"""Snippets at the desk: found as one types, filled with what is known, asked for what is not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.kb.snippets import fill, verbatim_in
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, found

if TYPE_CHECKING:
    from agentassist.models import Snippet
    from agentassist.session.desk import Offer
    from agentassist.session.knowledge import Knowledge
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_reply import ReplyWork
    from agentassist.tui.screens.desk_work import DeskWork


def all_snippets(knowledge: Knowledge) -> tuple[Snippet, ...]:
    """Read the snippets; runs on the thread of the knowledge base."""
    return knowledge.snippets()


class SnippetWork:
    """Puts snippets into the reply of the open conversation."""

    def __init__(self, desk: DeskWork, reply: ReplyWork) -> None:
        self._desk = desk
        self._reply = reply

    def pick(self) -> None:
        """Let the agent choose one."""
        current = self._desk.conversation.current
        if current is None or not current.mine:
            self._desk.reply_note.say(
                f"Claim the conversation first: {key_of(self._desk, 'conversation.claim')}", level="warning"
            )
        else:
            begin(self._desk, self._pick, current, group="snippet", exclusive=True)

    async def _pick(self, current: Current) -> None:
        from agentassist.tui.screens.pick import Item, PickScreen

        desk = self._desk
        try:
            snippets = await found(desk.backend.knowledge(all_snippets))
        except AgentAssistError as error:
            desk.reply_note.fail(error, "no snippets: ")
            return
        if desk.conversation.current is not current or not desk.is_active:
            return
        language = current.opened.conversation.customer.language
        ordered = sorted(snippets, key=lambda snippet: not _speaks(snippet.language, language))
        items = [Item(each.id, each.title, _detail(each), words=each.body) for each in ordered]
        by_key = {snippet.id: snippet for snippet in ordered}
        desk.app.push_screen(
            PickScreen(
                "Snippets",
                items,
                on_pick=lambda key: self._take(current, by_key[key]),
                empty="The knowledge base has no snippets: they are files in its folder snippets.",
                placeholder="type words of its title, text or tags",
            )
        )

    def _take(self, current: Current, snippet: Snippet) -> None:
        """Fill a snippet in, and ask for what is missing; nothing is put into the reply before all is known."""
        from agentassist.session.variables import known
        from agentassist.tui.screens.snippets import SnippetScreen

        desk = self._desk
        chosen = desk.suggesting.chosen
        offer = chosen if chosen is not None and not chosen.hit.blocked else None
        values = known(
            current.opened.conversation.customer,
            current.entries,
            current.opened.follow_ups,
            agent=desk.backend.agent,
            now=desk.clock.now(),
            zone=desk.zone,
            article=(offer.hit.article.title, offer.hit.link) if offer else None,
        )
        put = partial(self._put, current, snippet, offer)
        filled = fill(snippet, values)
        if filled.asked:
            desk.app.push_screen(SnippetScreen(snippet, values, put))
        else:
            put(filled.text)

    def _put(self, current: Current, snippet: Snippet, offer: Offer | None, text: str) -> None:
        self._reply.put_snippet(current, snippet, text, offer)

    def look_for_verbatim(self, current: Current, draft: str) -> None:
        """Find out which verbatim snippets a draft holds that came back after a restart."""
        begin(self._desk, self._look_for_verbatim, current, draft, group="verbatim", exclusive=True)

    async def _look_for_verbatim(self, current: Current, draft: str) -> None:
        try:
            snippets = await found(self._desk.backend.knowledge(all_snippets))
        except AgentAssistError as error:
            self._desk.log.warning(error.message)  # the agent is told when they choose one
            return
        there = self._reply.snippets_in(current.id)
        for snippet in snippets:
            if snippet.verbatim and snippet not in there and verbatim_in(draft, snippet):
                self._reply.note_snippet(current.id, snippet)


def _detail(snippet: Snippet) -> str:
    """Return what stands beside a snippet's title in the list."""
    mark = "verbatim · " if snippet.verbatim else ""
    tags = f"{', '.join(snippet.tags)} · " if snippet.tags else ""
    return f"{mark}{tags}{snippet.body}"


def _speaks(language: str, wanted: str) -> bool:
    """Say whether two language tags mean the same language, whatever the country."""
    return language.partition("-")[0].lower() == wanted.partition("-")[0].lower()
