"""What the desk remembers of an article, and what says nearly the same, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.text import counted

if TYPE_CHECKING:
    from agentassist.models import Hit, Recalled


def memory_short(recalled: Recalled | None) -> str:
    """Say what agents did with it in similar conversations, for a row: “sent in 14 similar, 11 solved”."""
    if recalled is None:
        return ""
    if recalled.sent:
        return f"sent in {recalled.sent:,} similar, {recalled.solved:,} solved"
    return f"turned down in {recalled.turned_down:,} similar" if recalled.turned_down else ""


def memory_words(recalled: Recalled | None) -> str:
    """Say all of it: “sent in 14 similar conversations, 11 solved; turned down in 2”."""
    if recalled is None:
        return ""
    told = []
    if recalled.sent:
        told.append(f"sent in {counted(recalled.sent, 'similar conversation')}, {recalled.solved:,} solved")
    if recalled.turned_down:
        again = f"{recalled.turned_down:,}" if told else counted(recalled.turned_down, "similar conversation")
        told.append(f"turned down in {again}")
    return "; ".join(told)


def alike_short(hit: Hit) -> str:
    """Say for a row how many others are left out for it: “+1 nearly the same”."""
    return f"+{len(hit.folded):,} nearly the same" if hit.folded else ""
