"""`agentassist followups`: promises to come back to a customer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete
from agentassist.cli.groups import Group
from agentassist.cli.records import agent_name, configuration, open_store, output, time_zone

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import FollowUp
    from agentassist.session.when import When
    from agentassist.store.store import Store


@click.group(cls=Group)
def followups() -> None:
    """Promises to come back to a customer: list, add, snooze, done, export."""


@followups.command("list")
@click.option("--due", type=click.Choice(["now", "today", "week"]), help="Only those due by then, overdue ones too.")
@click.option("--owner", help="Only this agent's.", shell_complete=complete.agents)
@click.option("--all", "all_", is_flag=True, help="Also those that are over.")
@click.option("--json", "json_", is_flag=True, help="One JSON array.")
def list_(*, due: str | None, owner: str | None, all_: bool, json_: bool) -> None:
    """List open follow-ups, the next one first.

    \b
    Example:
      agentassist followups list --due today
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.clock import SystemClock
    from agentassist.session import export

    before = _end(due, SystemClock().now(), time_zone(configuration())) if due else None
    with open_store() as store:
        found = store.followups.list(owner=owner, include_done=all_, due_before=before)
        names = _names(store, found)
    if json_:
        click.echo(export.as_json([export.follow_up_data(item) for item in found], indent=2))
        return
    for item in found:
        click.echo(export.follow_up_line(item, names.get(item.customer_id or "", "")))
    if not found:
        click.echo("no follow-ups", err=True)


@followups.command()
@click.argument("conversation_id", type=int, metavar="CONVERSATION", shell_complete=complete.conversations)
@click.argument("when", nargs=-1, required=True)
@click.option("--note", default="", help="What to do then.")
@click.option("--owner", help="Who comes back to the customer (default: you).", shell_complete=complete.agents)
@click.option("--zone", help="The time zone it is meant in (default: yours), such as Europe/Lisbon.")
@click.option("--only-if-no-reply", is_flag=True, help="It is over once the customer has written again.")
def add(
    conversation_id: int,
    when: tuple[str, ...],
    *,
    note: str,
    owner: str | None,
    zone: str | None,
    only_if_no_reply: bool,
) -> None:
    """Promise to come back: "2026-12-01 09:00", tomorrow 9:00, fri 15:00 their time, in 2 hours, in 2 business days.

    \b
    Example:
      agentassist followups add 12 "tomorrow 9:00" --note "call about the valve"
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.text import clean_line

    config = configuration()
    with open_store() as store:
        customer = store.queue.get(conversation_id).customer
        meant = _meant(when, zone or time_zone(config), customer.timezone)
        who = owner or agent_name(config)
        item = store.followups.add(
            conversation_id,
            None,
            who,
            note,
            meant.due,
            meant.zone,
            meant.wall,
            only_if_no_reply=only_if_no_reply,
            author=agent_name(config),
        )
    click.echo(f"{clean_line(who)} comes back to {clean_line(customer.name or customer.id)} on {meant.words}", err=True)
    click.echo(item.id)


@followups.command()
@click.argument("follow_up_id", type=int, metavar="ID", shell_complete=complete.follow_ups)
def done(follow_up_id: int) -> None:
    """Tick a follow-up off.

    \b
    Example:
      agentassist followups done 3
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session import export

    with open_store() as store:
        before = store.followups.get(follow_up_id)
        item = store.followups.done(follow_up_id)
        name = store.customers.get(item.customer_id).name if item.customer_id else ""
    already = "it was done already: " if before.done_at else ""
    click.echo(f"{already}{export.follow_up_line(item, name)}", err=True)


@followups.command()
@click.argument("follow_up_id", type=int, metavar="ID", shell_complete=complete.follow_ups)
@click.argument("when", nargs=-1, required=True)
@click.option("--zone", help="The time zone it is meant in (default: yours), such as Europe/Lisbon.")
def snooze(follow_up_id: int, when: tuple[str, ...], *, zone: str | None) -> None:
    """Move a follow-up to another time, in the same words as add.

    \b
    Example:
      agentassist followups snooze 3 "fri 15:00"
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.session import export

    with open_store() as store:
        customer = store.followups.get(follow_up_id).customer_id
        theirs = store.customers.get(customer).timezone if customer else ""
        meant = _meant(when, zone or time_zone(configuration()), theirs)
        item = store.followups.snooze(follow_up_id, meant.due, meant.zone, meant.wall)
        names = _names(store, (item,))
    click.echo(f"moved to {meant.words}", err=True)
    click.echo(export.follow_up_line(item, names.get(item.customer_id or "", "")), err=True)


@followups.command("export")
@click.option(
    "--ics",
    "file",
    is_flag=False,
    flag_value="-",
    required=True,
    metavar="[FILE]",
    help="As iCalendar, to FILE or stdout.",
)
@click.option("--owner", help="Only this agent's.", shell_complete=complete.agents)
@click.option("--all", "all_", is_flag=True, help="Also those that are over, as cancelled.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export_(*, file: str, owner: str | None, all_: bool, force: bool) -> None:
    """Give follow-ups to a calendar; what was given before is moved there, not doubled.

    \b
    Example:
      agentassist followups export --ics follow-ups.ics
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.clock import SystemClock
    from agentassist.session.calendar import to_ics

    with open_store() as store:
        found = store.followups.list(owner=owner, include_done=all_)
        names = _names(store, found)
    with output(None if file == "-" else Path(file), force=force) as stream:
        stream.write(to_ics(found, names, SystemClock()))


def _meant(words: tuple[str, ...], zone: str, their_zone: str) -> When:
    from agentassist.clock import SystemClock
    from agentassist.session.when import parse

    return parse(" ".join(words), now=SystemClock().now(), zone=zone, their_zone=their_zone)


def _names(store: Store, found: tuple[FollowUp, ...]) -> dict[str, str]:
    """Return what the customers of follow-ups are called, by customer id."""
    return store.customers.names({item.customer_id for item in found if item.customer_id})


def _end(due: str, now: datetime, zone: str) -> datetime:
    """Return the end of now, today or the seven days from today, on the wall of `zone`."""
    import zoneinfo
    from datetime import timedelta

    if due == "now":
        return now
    midnight = now.astimezone(zoneinfo.ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1 if due == "today" else 7)
