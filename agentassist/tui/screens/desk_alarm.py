"""Follow-ups whose time has come."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from agentassist.text import clean_line
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.models import FollowUp
    from agentassist.tui.screens.desk_work import DeskWork

TOAST_SECONDS = 12.0
"""How long the toast stays; the row in the queue and the count above stay until it is done."""
LONGEST_NOTIFICATION = 120
"""Characters of a terminal notification."""


class AlarmWork:
    """Tells the agent when a follow-up is due, wherever they are: in a dialog, in another conversation, or in its own.

    It looks once a second at what is open instead of setting a timer for each, so that no date, however far away or
    long past, can become a timer that never ends; and it goes by the clock, so that it rings after a suspend too.
    """

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._told: set[tuple[int, datetime]] = set()

    def tick(self) -> None:
        """Tell what has become due; each follow-up once for each time that it is due at."""
        now = self._desk.clock.now()
        fresh = [
            item
            for item in self._desk.queue_work.overview.follow_ups
            if item.due <= now and (item.id, item.due) not in self._told
        ]
        if fresh:
            self._told |= {(item.id, item.due) for item in fresh}
            self._ring(self._words(fresh, now))

    def _words(self, fresh: Sequence[FollowUp], now: datetime) -> str:
        if len(fresh) > 1:
            return f"{len(fresh)} follow-ups are due"
        (item,) = fresh
        customer = item.customer_id or ""
        name = label(self._desk.queue_work.overview.names.get(customer, "") or customer, 40)
        note = label(item.note, 100) or "come back"
        when = words.due(item.due, now, self._desk.zone)
        return f"Follow-up {when}: {name + ', ' if name else ''}{note}"

    def _ring(self, said: str) -> None:
        app, config = self._desk.app, self._desk.config.desk
        if config.bell:
            app.bell()
        if config.notify and (driver := app._driver) is not None:
            driver.write("".join(("\x1b]9;", plain(said), "\x07")))
        said = f"{said} · {key_of(self._desk, 'desk.agenda')} lists them"
        app.notify(clean_line(said), severity="warning", timeout=TOAST_SECONDS, markup=False)


def plain(text: str) -> str:
    """Return text for a terminal notification: printable ASCII, short, and nothing but words.

    Within such a sequence some terminals read the bytes of other alphabets as control characters that end it, and take
    a leading number as a command of its own (ConEmu: "6;…" runs a macro): hence ASCII, the word before it, and no
    semicolon.
    """
    letters = unicodedata.normalize("NFKD", clean_line(text, limit=4 * LONGEST_NOTIFICATION))
    kept = (char if " " <= char <= "~" else "" if unicodedata.combining(char) else "?" for char in letters)
    line = "".join(kept).replace(";", ",")
    said = f"agentassist: {line}"
    return said if len(said) <= LONGEST_NOTIFICATION else f"{said[: LONGEST_NOTIFICATION - 3]}..."
