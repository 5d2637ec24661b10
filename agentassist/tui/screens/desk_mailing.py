"""Other channels than the chat: a suggestion by e-mail, and the link of a video call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import Author
from agentassist.session.desk import Desk
from agentassist.session.mailing import check_mailable, mail_of
from agentassist.tui.screens.desk_verdicts import recorded
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import done
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.models import Entry
    from agentassist.session.desk import Offer
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork


def mailed(desk: Desk, conversation_id: int, offer: Offer, to: str, company: str) -> tuple[Offer, Entry | None]:
    """Queue a suggestion as an e-mail, with its row in the records; runs on the store's thread.

    Raises:
        UsageError: that is no address, or the article must not go to a customer.
        StateError: the conversation is not this agent's.
    """
    kept = recorded(desk, conversation_id, offer)
    return kept, desk.send_mail(conversation_id, kept, to, company)


class MailingWork:
    """Reaches the customer of the open conversation elsewhere."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._rooms: dict[int, str] = {}

    def email(self) -> None:
        """Show the mail with the suggestion under the cursor, ask for the address, and queue it."""
        from agentassist.errors import UnsendableError
        from agentassist.tui.screens.email import EmailScreen

        desk = self._desk
        current, note, offer = desk.conversation.current, desk.suggestion_answer, desk.suggesting.chosen
        if current is None or not current.mine:
            note.say(f"Claim the conversation first: {key_of(desk, 'conversation.claim')}", level="warning")
        elif offer is None:
            note.say("There is no suggestion to send.")
        elif desk.suggesting.just_moved(offer.hit.rank):
            note.say("The suggestions have just changed: press again.")
        else:
            try:
                check_mailable(offer)
            except UnsendableError as error:
                note.fail(error)
                return
            customer = current.opened.conversation.customer
            mail = mail_of(offer, customer.email, customer.name, desk.backend.agent, desk.config.serve.company)

            async def send(to: str) -> None:
                await self._send(current, offer, to)

            desk.app.push_screen(EmailScreen(current.name, mail, send))

    async def _send(self, current: Current, offer: Offer, to: str) -> None:
        """Queue it.

        Raises:
            AgentAssistError: nothing was queued.
        """
        desk = self._desk
        company = desk.config.serve.company
        kept, entry = await done(desk.backend.records(mailed, current.id, offer, to, company))
        desk.suggesting.keep((kept,))
        title = label(offer.hit.article.title, 50)
        if entry is None:
            desk.undoing.say(f"{title} is in the outbox already.")
            return
        desk.conversation.refresh()
        if not current.opened.conversation.customer.email:
            desk.conversation.show_details(await done(desk.backend.records(Desk.open, current.id)))
        desk.undoing.say(f"In the outbox, to {label(to, 60)}: {title}")

    def video_call(self) -> None:
        """Put the link of this conversation's room into the reply."""
        from agentassist.session.calling import call_link

        desk = self._desk
        current, pattern = desk.conversation.current, desk.config.serve.video_call
        if current is None or not current.mine:
            desk.undoing.say(f"Claim the conversation first: {key_of(desk, 'conversation.claim')}", level="warning")
        elif not pattern:
            desk.undoing.say("No video calls are set up: serve.video_call in the configuration.", level="warning")
        elif not desk.composer.read_only:
            sent = [entry.text for entry in current.entries if entry.author is Author.AGENT]
            link = call_link(pattern, [*sent, desk.composer.text, self._rooms.get(current.id, "")])
            self._rooms[current.id] = link
            desk.composer.put_in(link)
            desk.go("conversation", desk.composer)
