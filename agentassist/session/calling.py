"""The link of a video call or co-browsing room: one for each conversation, which nobody can guess. Pure."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOM = "{room}"
ROOM_BYTES = 16
_NAME = "[A-Za-z0-9_-]{22}"


def call_link(pattern: str, said: Iterable[str]) -> str:
    """Return the link of a conversation's room: the one that was sent or written before, else a new one.

    Args:
        pattern: a URL with `{room}` in it, from the configuration.
        said: what an agent has sent and is writing in this conversation.
    """
    found = re.compile(re.escape(pattern).replace(re.escape(ROOM), _NAME, 1).replace(re.escape(ROOM), ".{22}"))
    for text in said:
        if known := found.search(text):
            return known[0]
    return pattern.replace(ROOM, secrets.token_urlsafe(ROOM_BYTES))
