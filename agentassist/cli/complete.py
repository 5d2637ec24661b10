"""What the shell offers while somebody types: ids with what they stand for. Silent when there is nothing to read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from agentassist.errors import AgentAssistError
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import click

HEAD = 2_000
"""Characters of a file in which its id and title stand."""
_ID = re.compile(r"^id:[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_OTHER = ("conversations", "customers", "flows")
_SAFE = re.compile(r"[\w@][\w.@-]*")
"""What a shell may be handed as one word of a line: nothing that it would part or obey."""


def conversations(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the newest conversations with their customers' names."""
    from agentassist.paths import default_paths
    from agentassist.store import glance

    return _items(glance.conversations(default_paths().database), incomplete)


def follow_ups(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the open follow-ups with customer and note."""
    from agentassist.paths import default_paths
    from agentassist.store import glance

    return _items(glance.follow_ups(default_paths().database), incomplete)


def agents(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the agents that there have been."""
    from agentassist.paths import default_paths
    from agentassist.store import glance

    return _items(glance.agents(default_paths().database), incomplete)


def articles(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of the knowledge base, snippets too, with their titles."""
    return _quietly(lambda: _heads(_folder(ctx)), incomplete)


def flows(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of the decision trees, with their titles."""
    return _quietly(lambda: _trees(_folder(ctx) / "flows"), incomplete)


def _trees(folder: Path) -> Iterable[tuple[str, str]]:
    for file in sorted(folder.glob("*.yaml")):
        with file.open(encoding="utf-8", errors="replace") as stream:
            title = _TITLE.search(stream.read(HEAD))
        yield (file.stem, title[1].strip(" \"'") if title else "")


def _folder(ctx: click.Context) -> Path:
    from agentassist.cli.records import configuration
    from agentassist.paths import sample_kb

    if given := ctx.params.get("directory"):
        return Path(given)
    configured = configuration().kb.folder
    return Path(configured).expanduser() if configured else sample_kb()


def _heads(folder: Path) -> Iterable[tuple[str, str]]:
    """Read id and title off the head of each file: to load the whole of them takes longer than anybody waits."""
    for file in sorted((*folder.rglob("*.md"), *folder.rglob("*.html"))):
        if file.relative_to(folder).parts[0] in _OTHER or file.name.lower().startswith(("readme", "notice", ".")):
            continue
        with file.open(encoding="utf-8", errors="replace") as stream:
            head = stream.read(HEAD)
        ident, title = _ID.search(head), _TITLE.search(head)
        yield (ident[1] if ident else file.stem, title[1].strip(" \"'") if title else "")


def _quietly(read: Callable[[], Iterable[tuple[str, str]]], incomplete: str) -> list[CompletionItem]:
    try:
        return _items(read(), incomplete)
    except (AgentAssistError, OSError):  # a completion is no place to tell what is wrong
        return []


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(value, help=clean_line(words, limit=60) or None)
        for value, words in found
        if value.startswith(incomplete) and _SAFE.fullmatch(value)
    ]
