"""`kb memory`: what the desk has learned from what agents sent; look at it, forget it, take it along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete
from agentassist.cli.groups import Group
from agentassist.cli.records import open_store, output
from agentassist.errors import NotFoundError, UsageError
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from datetime import date

    from agentassist.models import JsonValue
    from agentassist.session.memory_report import Known, Reason

WITNESSES = 5
"""Similar conversations of an article that are listed before the rest is counted."""
_ENDED = {"unknown": "", "solved": "solved", "came_back": "the customer came back"}
_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")


@click.group(cls=Group)
def memory() -> None:
    """See what the desk has learned from what agents sent, forget it, or take it along.

    It keeps what was asked as vectors, never as words, and compares each new conversation with them.
    """


@memory.command("list")
@click.option("--article", default="", metavar="ID", help="Only of this article.", shell_complete=complete.articles)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@_json
def list_(article: str, limit: int, *, json_: bool) -> None:
    """List what was done with articles, the latest first."""
    from agentassist.session.memory_report import known

    with open_store() as store:
        found = known(store, article, limit)
    if json_:
        _print_json([_known(item) for item in found])
        return
    if not found:
        click.echo("nothing learned yet: send an article from the desk", err=True)
    for item in found:
        deed = item.deed
        fields = [deed.day.isoformat(), f"conversation {item.conversation_id}", deed.did.value.replace("_", " "),
                  _ENDED[deed.ending], deed.article_id]  # fmt: skip
        click.echo("\t".join(clean_line(field) for field in fields))


@memory.command()
@click.argument("conversation", type=click.IntRange(1), shell_complete=complete.conversations)
@_json
def why(conversation: int, *, json_: bool) -> None:
    """Show what similar conversations say for the last search of CONVERSATION.

    \b
    Example:
      agentassist kb memory why 12
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session.memory_report import why as reasons_of

    with open_store() as store:
        found = reasons_of(store, conversation, _today())
    if json_:
        _print_json([_reason(reason) for reason in found])
        return
    if not found:
        click.echo("nothing was learned from similar conversations", err=True)
    for reason in found:
        for line in _lines(reason):
            click.echo(line)


@memory.command()
@click.option("--conversation", type=click.IntRange(1), metavar="N", help="What was learned in this conversation.")
@click.option("--customer", metavar="ID", help="Every vector of what this customer asked, for good; no gap counts it.")
@click.option("--article", metavar="ID", help="What was done with this article until now.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(conversation: int | None, customer: str | None, article: str | None, *, yes: bool) -> None:
    """Forget what was learned in a conversation, from a customer, or about an article. It cannot be undone.

    \b
    Example:
      agentassist kb memory forget --customer cust-7
    """  # noqa: D301 — click's mark for lines that are not to be joined
    if sum(given is not None for given in (conversation, customer, article)) != 1:
        raise UsageError("say what to forget", "Give one of --conversation N, --customer ID and --article ID.")
    what = (
        f"conversation {conversation}" if conversation is not None
        else f"customer {customer}" if customer is not None else f"article {article}"
    )  # fmt: skip
    with open_store() as store:
        # Told before it is asked, so that nobody confirms what is not there.
        if conversation is not None:
            store.queue.get(conversation)
        if customer is not None:
            store.customers.get(customer)
        if not yes:
            click.confirm(clean_line(f"Forget what was learned from {what}?"), abort=True, err=True)
        if conversation is not None:
            gone = counted(store.contexts.forget_conversation(conversation), "vector")
        elif customer is not None:
            from agentassist.session.erasing import erase_learning

            gone = counted(erase_learning(store, customer), "vector")
        else:
            if not store.contexts.forget_article(str(article)):
                raise NotFoundError(f"nothing was learned about {clean_line(str(article))}", "Check the id.")
            gone = "its votes"
    click.echo(clean_line(f"forgot {what}: {gone} gone"), err=True)


@memory.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
def export(file: Path, *, force: bool) -> None:
    """Write every lesson as a line of JSON to FILE, or to stdout for -.

    A line has an article, what was done, how it ended, the day and a vector: no words, no names, no numbers of
    conversations. Whoever has the encoder can tell from a vector what it was about.

    \b
    Example:
      agentassist kb memory export lessons.jsonl
    """  # noqa: D301 — click's mark for lines that are not to be joined
    import json

    from agentassist.session.memory_report import exported

    count = 0
    with open_store() as store, output(None if str(file) == "-" else file, force=force) as stream:
        for line in exported(store):
            stream.write(json.dumps(line) + "\n")
            count += 1
    click.echo(counted(count, "lesson"), err=True)


@memory.command()
@_json
def stats(*, json_: bool) -> None:
    """Show how much was learned."""
    from agentassist.session.memory_report import stats as count

    with open_store() as store:
        found = count(store)
    if json_:
        _print_json(found)
        return
    for name, value in found.items():
        click.echo(clean_line(f"{name:14}{_told(value)}"))


def _told(value: JsonValue) -> str:
    """Return a figure, or several, as a line has them."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in value.items() if number) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value or "none")


def _lines(reason: Reason) -> list[str]:
    from agentassist.session.memory_report import sentence

    place = f"rank {reason.rank}" if reason.rank else "not suggested"
    known = reason.recalled
    lines = [clean_line(f"{reason.article_id}: {sentence(known)} (vote {known.vote:+.2f}, {place})")]
    for item in reason.witnesses[:WITNESSES]:
        ended = f", {_ENDED[item.deed.ending]}" if _ENDED[item.deed.ending] else ""
        did = item.deed.did.value.replace("_", " ")
        sure = f"{100 * (1 - item.deed.surprise):.0f} % expected"
        counts = f"counts {item.weight:+.2f}" if item.weight else "no vote: others are nearer"
        lines.append(
            f"    conversation {item.conversation_id}: {did}{ended}, similarity {item.similarity:.2f}, "
            f"{sure}, {counted(item.age, 'day')} ago, {counts}"
        )
    if len(reason.witnesses) > WITNESSES:
        lines.append(f"    and {len(reason.witnesses) - WITNESSES} more: --json")
    return lines


def _known(item: Known) -> dict[str, JsonValue]:
    deed = item.deed
    return {
        "article": deed.article_id, "conversation": item.conversation_id, "did": deed.did.value,
        "outcome": deed.ending.value, "opened": deed.opened, "at": deed.day.isoformat(),
    }  # fmt: skip


def _reason(reason: Reason) -> dict[str, JsonValue]:
    from agentassist.session.memory_report import sentence

    known = reason.recalled
    return {
        "article": reason.article_id,
        "rank": reason.rank,
        "vote": known.vote,
        "sent": known.sent,
        "solved": known.solved,
        "turned_down": known.turned_down,
        "words": sentence(known),
        "conversations": [
            {
                "conversation": item.conversation_id, "did": item.deed.did.value, "outcome": item.deed.ending.value,
                "similarity": item.similarity, "surprise": item.deed.surprise, "age_days": item.age,
                "counts": item.weight,
            }
            for item in reason.witnesses
        ],
    }  # fmt: skip


def _today() -> date:
    from agentassist.clock import SystemClock

    return SystemClock().now().date()


def _print_json(value: JsonValue | list[dict[str, JsonValue]]) -> None:
    from agentassist.session.export import as_json

    click.echo(as_json(value, indent=2))
