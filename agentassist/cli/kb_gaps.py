"""`kb gaps`, `kb draft`, `kb stale` and `kb stats`: what the articles lack, and how those that there are do."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from agentassist.cli.records import configuration, open_store, time_zone
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import JsonValue
    from agentassist.session.gaps import Found, Gap

SHOWN_SOURCES = 8
"""Conversations of a gap that a line names before it counts the rest."""
_SPAN = re.compile(r"([0-9]{1,5})\s*(d|w|m|y)?")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_KINDS = {"no_match": "no match", "typed_search": "typed search", "own_words": "own words", "thumbs_down": "thumb down"}


def _begin(_ctx: click.Context, _param: click.Parameter, value: str) -> datetime | None:
    """Return the moment at which a span such as 30d, a day or `all` begins, UTC; None for all.

    Raises:
        BadParameter: it is none of these.
    """
    from datetime import UTC, datetime

    text = value.strip().lower()
    if text == "all":
        return None
    if found := _SPAN.fullmatch(text):
        from agentassist.clock import SystemClock

        # 100 years are all, and what is more is no date.
        return SystemClock().now() - timedelta(days=min(int(found[1]) * _DAYS[found[2] or "d"], 36_500))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        import zoneinfo

        with contextlib.suppress(ValueError, OverflowError):
            here = zoneinfo.ZoneInfo(time_zone(configuration()))
            return datetime.fromisoformat(text).replace(tzinfo=here).astimezone(UTC)
    raise click.BadParameter(f"{clean_line(value, limit=40)} is no span: write 30d, 8w, 6m, 1y, 2026-11-01 or all")


since_option = click.option(
    "--since", callback=_begin, default="30d", show_default=True, metavar="SPAN",
    help="Only what was asked since: 30d, 8w, 6m, 1y, a day such as 2026-11-01, or all.",
)  # fmt: skip
json_option = click.option("--json", "json_", is_flag=True, help="Print JSON.")


@click.command()
@since_option
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="At most so many.")
@json_option
def gaps(since: datetime | None, limit: int, *, json_: bool) -> None:
    """List what customers ask and no article answers, the costliest first.

    A question counts when nothing that was found was likely to be right (no match), when an agent searched in their
    own words and sent nothing of it (typed search), when an agent answered in their own words though articles were
    suggested (own words), and when an agent said that a suggestion does not fit (thumb down). Where an article was sent
    for the same question, only the last counts. Questions that mean the same are one gap.

    Gaps are ranked by the number of their conversations, then by the minutes that agents spent on them: from each claim
    to the close or release, or to the agent's last entry while it is open.
    """
    from agentassist.clock import SystemClock
    from agentassist.paths import default_paths
    from agentassist.session.gaps import Gaps

    zone = time_zone(configuration())
    with open_store() as store:
        found = Gaps(store, default_paths().index, SystemClock().now().date()).find(since, limit)
    if json_:
        from agentassist.session.export import as_json

        click.echo(as_json(_found_data(found, since), indent=2))
    else:
        _show(found, zone)


def _show(found: Found, zone: str) -> None:
    if found.trouble:
        click.echo(clean_line(f"grouped by words, not by meaning: {found.trouble}"), err=True)
    if not found.gaps:
        click.echo(_nothing(found), err=True)
        return
    for number, gap in enumerate(found.gaps, start=1):
        for line in _lines(number, gap, zone):
            click.echo(line)
    from agentassist.session.gaps import DEFINITIONS

    more = f"{counted(found.total - len(found.gaps), 'gap')} more: --limit. " if found.total > len(found.gaps) else ""
    click.echo(f"{more}{DEFINITIONS}\nA draft of the article: agentassist kb draft {found.gaps[0].id}", err=True)


def _nothing(found: Found) -> str:
    if found.searches:
        searched = counted(found.searches, "search", "searches")
        return f"no gaps: in {searched} nothing was left without an article since then; --since all looks further back"
    return "no gaps (yet): nothing was searched for a conversation; the desk does so for what an agent has claimed"


def _lines(number: int, gap: Gap, zone: str) -> list[str]:
    kinds = ", ".join(f"{_KINDS[kind]} {count}" for kind, count in gap.kinds.items())
    first, last = (_day(moment, zone) for moment in (gap.first_seen, gap.last_seen))
    head = f"{counted(len(gap.conversations), 'conversation')} · {gap.minutes:,.0f} min · {kinds}"
    numbers = [str(ident) for ident in gap.conversations[-SHOWN_SOURCES:]]
    more = f" and {len(gap.conversations) - SHOWN_SOURCES} more" if len(gap.conversations) > SHOWN_SOURCES else ""
    lines = [
        f"{number}. {gap.id}  {clean_line(gap.title) or '(no words)'}",
        f"   {head} · {first if first == last else f'{first} to {last}'}",
        f"   asked in {', '.join(numbers)}{more}",
    ]
    if gap.nearest is not None:
        near = gap.nearest
        how = "by words" if near.similarity is None else f"{near.similarity:.2f}"
        now = ", would be suggested now" if near.matches else ""
        lines.append(f"   nearest: {clean_line(near.title)} ({clean_line(near.article_id)}), {how}{now}")
    return lines


def _day(moment: datetime, zone: str) -> str:
    import zoneinfo

    return moment.astimezone(zoneinfo.ZoneInfo(zone)).date().isoformat()


def _found_data(found: Found, since: datetime | None) -> dict[str, JsonValue]:
    from agentassist.clock import to_stored
    from agentassist.session.gaps import DEFINITIONS

    return {
        "since": to_stored(since) if since else None,
        "total": found.total,
        "searches": found.searches,
        "grouped_by": found.by,
        "trouble": found.trouble,
        "definitions": DEFINITIONS,
        "gaps": [_gap_data(gap) for gap in found.gaps],
    }


def _gap_data(gap: Gap) -> dict[str, JsonValue]:
    from agentassist.clock import to_stored

    near = gap.nearest
    return {
        "id": gap.id,
        "title": gap.title,
        "conversations": list(gap.conversations),
        "minutes": round(gap.minutes, 2),
        "kinds": {kind.value: count for kind, count in gap.kinds.items()},
        "first_seen": to_stored(gap.first_seen),
        "last_seen": to_stored(gap.last_seen),
        "sources": [
            {"conversation": source.conversation_id, "entry": source.seq, "at": source.at,
             "kinds": [kind.value for kind in source.kinds]}
            for source in gap.sources
        ],
        "nearest": None if near is None else
        {"id": near.article_id, "title": near.title, "similarity": near.similarity, "matches": near.matches},
    }  # fmt: skip
