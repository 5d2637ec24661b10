"""`agentassist sessions`: read conversations back, from the first to the last one ever had."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete
from agentassist.cli.groups import Group
from agentassist.cli.records import configuration, open_store, output, time_zone
from agentassist.errors import UsageError
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agentassist.session.knowledge import Knowledge
    from agentassist.store.store import Store

STATES = ("digital", "waiting", "claimed", "closed")
ENDINGS = {".md": "markdown", ".markdown": "markdown", ".jsonl": "jsonl"}
PAGE = 500


@click.group(cls=Group)
def sessions() -> None:
    """Read conversations back: list, show, search, export; index makes them findable by meaning."""


@sessions.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Leave out so many before.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option(
    "--agent", help="Only those that this agent has, or had when they were closed.", shell_complete=complete.agents
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]), help="Only those that began since.")
@click.option("--json", "json_", is_flag=True, help="One JSON array.")
def list_(
    *, limit: int, offset: int, state: str | None, agent: str | None, since: datetime | None, json_: bool
) -> None:
    """List conversations, the newest first.

    \b
    Example:
      agentassist sessions list --state closed --agent Bo --since 2026-11-01
    """  # noqa: D301 — click's mark for lines that are not to be joined
    import zoneinfo

    from agentassist.models import State
    from agentassist.session import export

    zone = time_zone(configuration())
    with open_store() as store:
        found = store.sessions.list(
            limit,
            offset,
            state=State(state) if state else None,
            agent=agent,
            since=since.replace(tzinfo=zoneinfo.ZoneInfo(zone)) if since else None,
        )
    if json_:
        click.echo(export.as_json([export.conversation_data(item) for item in found], indent=2))
        return
    for item in found:
        click.echo(export.conversation_line(item, zone))
    if not found:
        click.echo("no conversations (yet); `agentassist replay FILE` brings some in", err=True)


@sessions.command()
@click.argument("conversation_id", type=int, metavar="ID", shell_complete=complete.conversations)
@click.option("--json", "json_", is_flag=True, help="One JSON object with every field.")
def show(conversation_id: int, *, json_: bool) -> None:
    """Show one conversation: tree answers, entries, suggestions and what became of them, follow-ups.

    \b
    Example:
      agentassist sessions show 12
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session import export

    zone = time_zone(configuration())
    with open_store() as store:
        session = export.gather(store, conversation_id)
    if json_:
        click.echo(export.as_json(export.session_data(session), indent=2))
    else:
        click.echo(export.as_text(session, zone), nl=False)


@sessions.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--meaning", "how", flag_value="meaning", help="Only by meaning: conversations that are about it.")
@click.option("--words", "how", flag_value="words", help="Only by words: entries that hold every word.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.option("--json", "json_", is_flag=True, help="One JSON array.")
def search(words: tuple[str, ...], *, how: str | None, limit: int, json_: bool) -> None:
    """Find conversations of all history, by words and by meaning.

    By words finds the entries that hold every word, the newest first; case and accents do not count. Whole words are
    matched: pair does not find pairing.

    By meaning finds closed conversations that are about it, whatever their words; it needs the index, and what
    `agentassist sessions index` makes. What both find comes first.

    \b
    Examples:
      agentassist sessions search radiator cold
      agentassist sessions search --meaning "the heating comes on at night"
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session import export, session_search
    from agentassist.store.sessions import words_of

    asked = " ".join(words)
    if not words_of(asked):
        raise UsageError("give at least one word", "Such as: agentassist sessions search pairing code")
    zone = time_zone(configuration())
    with open_store() as store, closing(_knowledge()) as knowledge:
        found, note = session_search.search(
            store, knowledge, asked, limit, by_words=how != "meaning", by_meaning=how != "words"
        )
    if note:
        click.echo(note, err=True)
    if json_:
        click.echo(export.as_json([session_search.found_data(item) for item in found], indent=2))
        return
    for item in found:
        for line in session_search.found_lines(item, zone):
            click.echo(line)
    if not found:
        by_meaning = how != "words" and not note.startswith("by words only")
        why = "" if by_meaning else "; every word has to be in one entry, as a whole word"
        click.echo(f"nothing was found for {clean_line(asked)}{why}", err=True)


@sessions.command("index")
def index_() -> None:
    """Make closed conversations findable by meaning, those that are not yet.

    A desk does it for what is closed there, and catches up while nobody waits; this does all of it now. Interrupted, it
    goes on where it stopped.
    """
    from agentassist.session import session_search

    with open_store() as store, closing(_knowledge()) as knowledge:
        steps = session_search.index(store, knowledge)
        made, closed = next(steps)
        before = made
        with click.progressbar(length=closed, label="conversations", file=sys.stderr, show_pos=True) as bar:
            bar.update(made)
            for now, _ in steps:
                bar.update(now - made)
                made = now
    click.echo(f"{counted(made - before, 'conversation')} made findable by meaning, {before:,} were before", err=True)


def _knowledge() -> Knowledge:
    from agentassist.clock import SystemClock
    from agentassist.paths import default_paths
    from agentassist.session.knowledge import Knowledge

    return Knowledge(default_paths().index, SystemClock())


@sessions.command("export")
@click.argument("ids", nargs=-1, type=int, metavar="[ID…]", shell_complete=complete.conversations)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "jsonl", "markdown"]),
    help="Default: what the ending of --output says (.md, .jsonl), else text.",
)
@click.option("--json", "json_", is_flag=True, help="The same as --format jsonl.")
@click.option("--output", "file", type=click.Path(path_type=Path), help="A file instead of stdout, mode 0600.")
@click.option("--force", is_flag=True, help="Replace the file.")
def export_(ids: tuple[int, ...], *, format_: str | None, json_: bool, file: Path | None, force: bool) -> None:
    """Export conversations with every field: those with these IDs, or all.

    \b
    Examples:
      agentassist sessions export --output all.md
      agentassist sessions export 12 15 --format jsonl
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session import export

    zone = time_zone(configuration())
    format_ = "jsonl" if json_ else format_ or ENDINGS.get(file.suffix.lower() if file else "", "text")
    count = 0
    with open_store() as store:
        for conversation_id in ids:
            store.queue.get(conversation_id)  # An unknown one is told before anything is written.
        with output(file, force=force) as stream:
            for conversation_id in ids or _all(store):
                session = export.gather(store, conversation_id)
                if format_ == "jsonl":
                    stream.write(export.as_json(export.session_data(session)) + "\n")
                else:
                    render = export.as_markdown if format_ == "markdown" else export.as_text
                    stream.write(("\n" if count else "") + render(session, zone))
                count += 1
    click.echo(f"{counted(count, 'conversation')} exported", err=True)


def _all(store: Store) -> Iterator[int]:
    """Yield the id of every conversation, the oldest first; those that come in meanwhile are in it or not."""
    after = 0
    while page := store.sessions.ids(after, PAGE):
        yield from page
        after = page[-1]
