"""Who else is in a conversation, in words. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agentassist.models import Presence

GONE = timedelta(seconds=60)
"""A desk that has not been heard of for so long has ended without saying so: three missed heartbeats."""
QUIET = timedelta(seconds=30)
"""One that said "typing" so long ago has stopped without saying so: typing ends by itself after five seconds."""
NAME = 20
"""Cells of an agent's name that are shown."""

Around = tuple[tuple[str, bool], ...]
"""(agent, whether they type), who types first."""


def around(present: Iterable[Presence], now: datetime) -> Around:
    """Return who is in a conversation at this moment, each once."""
    found: dict[str, bool] = {}
    for item in present:
        if now - item.at <= GONE:
            name = label(item.agent, NAME) or "somebody"
            found[name] = found.get(name, False) or (item.typing and now - item.at <= QUIET)
    return tuple(sorted(found.items(), key=lambda one: (not one[1], one[0])))


def in_list(who: Around) -> str:
    """Say it for a row of a list: `✎ Bo is typing`, `◉ Bo looks`, `✎ Bo is typing +2`."""
    if not who:
        return ""
    name, typing = who[0]
    more = f" +{len(who) - 1}" if len(who) > 1 else ""
    return f"✎ {name} is typing{more}" if typing else f"◉ {name} looks{more}"


def with_owner(owner: str, who: Around) -> str:
    """Say for a row of a list who has a conversation, what they do, and who else is there."""
    name = label(owner, NAME) or "somebody"
    rest = tuple(one for one in who if one[0] != name)
    typing = dict(who).get(name)
    mark, does = {True: ("✎ ", " is typing"), False: ("◉ ", " is here"), None: ("", " has it")}[typing]
    more = f" +{len(rest)}" if rest else ""
    return f"{mark}{name}{does}{more}"


def in_title(who: Around) -> str:
    """Say it for the title of a conversation: `Bo is typing`, `Bo looks too`, `Bo and Cy look too`."""
    if not who:
        return ""
    typing = [name for name, types in who if types]
    looking = len(who) - len(typing)
    if not typing:
        names = [name for name, _ in who]
        if len(names) > 2:
            return f"{names[0]} and {len(names) - 1} more look too"
        return f"{' and '.join(names)} {'looks' if len(names) == 1 else 'look'} too"
    said = f"{typing[0]} is typing" if len(typing) == 1 else f"{typing[0]} and {len(typing) - 1} more are typing"
    return f"{said}, {looking} more {'looks' if looking == 1 else 'look'}" if looking else said
