"""An e-mail before it is queued: to whom, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from agentassist.session.mailing import checked_address
from agentassist.text import clean, clean_line
from agentassist.tui.screens.dialog import LinesDialog
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult

    from agentassist.store.outbox import Mail

LONGEST_ADDRESS = 254
SHOWN = 6_000
"""Characters of the mail that are shown."""


class EmailScreen(LinesDialog):
    """Asks for the address, with the mail below as it will be sent.

    Args:
        customer: whom it is for.
        mail: what is sent; its address may be empty.
        send: queues it to an address, or raises AgentAssistError.
    """

    DEFAULT_CSS = """
    EmailScreen .dialog { padding: 0 2; }
    EmailScreen #mail { height: auto; max-height: 14; background: transparent; padding: 0; }
    EmailScreen #mail-text { height: auto; }
    .-low EmailScreen #mail { max-height: 9; }
    """
    AUTO_FOCUS = "#address"

    def __init__(self, customer: str, mail: Mail, send: Callable[[str], Awaitable[None]]) -> None:
        super().__init__()
        self._customer = customer
        self._mail = mail
        self._send = send

    def compose(self) -> ComposeResult:
        """Lay out the address above the mail."""
        with Vertical(classes="dialog", id="email") as dialog:
            dialog.border_title = Content(f"E-mail to {label(self._customer, 40)}")
            yield Static("To", classes="label -first", markup=False)
            placeholder = "name@example.com" if self._mail.to else "ask the customer: no address is known"
            yield Input(clean_line(self._mail.to), placeholder=placeholder, id="address", max_length=LONGEST_ADDRESS)
            yield Static("What it says", classes="label", markup=False)
            subject = Content.styled(clean_line(self._mail.subject, limit=200), "bold")
            text = Content("\n\n").join([subject, Content(clean(self._mail.text, limit=SHOWN))])
            yield VerticalScroll(Static(text, id="mail-text", markup=False), id="mail", can_focus=False)
            yield Note(id="dialog-note")
            yield Static("⏎ puts it into the outbox · Esc sends nothing", classes="keys", markup=False)

    async def save(self) -> None:
        """Queue it.

        Raises:
            UsageError: that is no address.
            AgentAssistError: it was not queued.
        """
        await self._send(checked_address(self.query_one("#address", Input).value))
