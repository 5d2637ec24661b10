"""What is wrong with files, as a terminal and as JSON have it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.kb.problems import Problem
    from agentassist.models import JsonValue

SAME_SHOWN = 3
"""How many problems of one kind a terminal shows before it counts the rest."""
_COLORS = {"error": "red", "warning": "yellow", "note": "cyan"}


def facts(problem: Problem) -> dict[str, JsonValue]:
    """Return a problem as JSON has it."""
    return {
        "path": problem.path,
        "line": problem.line,
        "field": problem.field,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
    }


def print_problems(problems: Sequence[Problem]) -> None:
    """Print a line for each problem; a terminal gets its hint below, and not the same thing a hundred times."""
    terminal = sys.stdout.isatty()
    seen: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        kind = (problem.severity.value, problem.words)
        seen[kind] += 1
        if terminal and seen[kind] > SAME_SHOWN:
            continue
        click.echo(click.style(str(problem), fg=_COLORS[problem.severity]) if terminal else str(problem))
        if terminal and problem.hint and seen[kind] == 1:
            click.echo(f"    {clean_line(problem.hint)}")
    for (severity, words), count in seen.items():
        if terminal and count > SAME_SHOWN:
            more = f"… and {count - SAME_SHOWN:,} more: {severity}: {words}"
            click.echo(click.style(clean_line(more), fg=_COLORS[severity]))
