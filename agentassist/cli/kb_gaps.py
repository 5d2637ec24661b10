"""`kb gaps`, `kb draft`, `kb stale` and `kb stats`: what the articles lack, and how those that there are do."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete
from agentassist.cli.records import configuration, open_store, time_zone
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


@click.command()
@click.argument("ident", metavar="GAP")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write it (default: drafts in the knowledge base of the config, else this folder).",
)
@click.option("--force", is_flag=True, help="Replace the draft that is there.")
def draft(ident: str, folder: Path | None, *, force: bool) -> None:
    """Write the draft of an article about GAP, an id of `kb gaps` or how it begins.

    It holds what customers asked and what agents answered in these conversations, in their words, without personal data
    as far as that can be found, and which conversations they are. It is marked as a draft, which is never suggested.
    Read it before others do: a name that nobody entered as the customer's is not recognised.

    \b
    Example:
      agentassist kb draft 3ed4
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.clock import SystemClock
    from agentassist.paths import default_paths
    from agentassist.session import drafting
    from agentassist.session.gaps import Gaps

    configured = configuration().kb.folder
    place = folder or (Path(configured).expanduser() / "drafts" if configured else Path())
    with open_store() as store:
        gap = Gaps(store, default_paths().index, SystemClock().now().date()).one(ident)
        text = drafting.compose(gap, store)
    file = drafting.write(place, gap.id, text, force=force)
    click.echo(clean_line(str(file), limit=4_000))
    if not any(source.answers for source in gap.sources):
        click.echo("no agent has answered this in their own words yet: it is an outline", err=True)


@click.command()
@click.option(
    "--days",
    type=click.IntRange(0, 3_650),
    default=30,
    show_default=True,
    help="Also what is due for review within so many days.",
)
@json_option
def stale(days: int, *, json_: bool) -> None:
    """List the articles that somebody should look at, each with the reason, the most urgent first.

    Review past or near; not updated for a year; thumbs down, or customers who came back within 7 days, in at least 2
    conversations and 1.5 times as often as with all articles together; shown in at least 5 conversations and never
    sent; never suggested in at least 100 searches.
    """
    from agentassist.cli.kb import folder_of
    from agentassist.clock import SystemClock
    from agentassist.kb import library
    from agentassist.session import staleness

    loaded = library.load(folder_of(None))
    with open_store() as store:
        numbers = _by_article(store.article_stats.count())
        searches = store.article_stats.searches()
    articles = [item.article for item in loaded.articles]
    found = staleness.stale(articles, numbers, searches=searches, today=SystemClock().now().date(), days=days)
    if json_:
        from agentassist.session.export import as_json

        click.echo(as_json([
            {"id": item.article.id, "title": item.article.title, "path": item.article.path, "reason": item.reason,
             "words": item.words}
            for item in found
        ], indent=2))  # fmt: skip
        return
    for item in found:
        click.echo(clean_line(f"{item.article.id}: {item.words}"))
    if not found:
        click.echo(f"nothing to look at in {counted(len(articles), 'article')}", err=True)
    if searches < staleness.ENOUGH:
        few = counted(searches, "search", "searches")
        click.echo(f"what is never suggested is told from {staleness.ENOUGH} searches on; so far: {few}", err=True)


def _stats_help() -> str:
    from agentassist.store.article_stats import DEFINITIONS

    numbers = "\n".join(f"  {name:<12}{words}" for name, words in DEFINITIONS.items())
    return (
        "Show what became of each article, or of ARTICLE by its versions.\n\n"
        "A conversation counts once in each number, when it was searched for since --since:\n\n"
        f"\b\n{numbers}"
    )


@click.command(help=_stats_help())
@click.argument("article", required=False, shell_complete=complete.articles)
@since_option
@click.option(
    "--days",
    type=click.IntRange(1, 365),
    default=7,
    show_default=True,
    help="A customer has come back within so many days.",
)
@json_option
def stats(article: str | None, since: datetime | None, days: int, *, json_: bool) -> None:
    """Show what became of each article; the help is made of the definitions."""
    from agentassist.clock import to_stored

    begin = to_stored(since) if since else ""
    with open_store() as store:
        counted_ = store.article_stats.count(since=begin, days=days, article_id=article or "")
        titles = store.article_stats.titles()
    rows = [(name, version, counted_[name, version]) for name, version in sorted(counted_)]
    if json_:
        from agentassist.session.export import as_json
        from agentassist.store.article_stats import DEFINITIONS

        data = [{"id": name, "title": titles.get(name, ""), "version": version, **numbers}
                for name, version, numbers in rows]  # fmt: skip
        facts = {"since": begin or None, "days": days, "definitions": dict(DEFINITIONS), "articles": data}
        click.echo(as_json(facts, indent=2))
        return
    if article is None:
        rows = [(name, "", numbers) for name, numbers in _by_article(counted_).items()]
        rows.sort(key=lambda row: (-row[2]["sent"], -row[2]["shown"], -row[2]["suggested"], row[0]))
    else:
        rows = [(name, version or "before versions were kept", numbers) for name, version, numbers in rows]
    if not rows:
        which = f"{clean_line(article, limit=80)} was not" if article else "nothing was"
        click.echo(f"{which} suggested since then; --since all looks further back", err=True)
        return
    _print_stats(rows)


def _print_stats(rows: Sequence[tuple[str, str, Mapping[str, int]]]) -> None:
    """Print a line for each article under a head of names; the id comes last because it is as long as it likes."""
    names = list(rows[0][2])
    click.echo("  ".join(name.replace("_", " ") for name in names) + "  article")
    for ident, version, numbers in rows:
        cells = [f"{numbers[name]:>{len(name)},}" for name in names]
        click.echo(f"{'  '.join(cells)}  {clean_line(f'{ident} ({version})' if version else ident)}")


def _by_article(numbers: Mapping[tuple[str, str], Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Add the versions of each article up. A conversation that met two versions counts with both."""
    found: dict[str, dict[str, int]] = {}
    for (ident, _), each in numbers.items():
        mine = found.setdefault(ident, dict.fromkeys(each, 0))
        for name, count in each.items():
            mine[name] += count
    return found


def _show(found: Found, zone: str) -> None:
    if found.trouble and found.gaps:
        click.echo(clean_line(f"grouped by words, not by meaning: {found.trouble}"), err=True)
    if not found.gaps:
        click.echo(_nothing(found), err=True)
        return
    for number, gap in enumerate(found.gaps, start=1):
        for line in _lines(number, gap, zone):
            click.echo(line)
        if gap.nearest is None and not found.trouble:
            click.echo("   nearest: no article comes near")
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
        "grouped_by": "words" if found.trouble else "meaning",
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
