"""Reads the scripts of simulated customers: one YAML file each, checked to the last line before anybody arrives."""

from __future__ import annotations

import difflib
import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from agentassist.channels.scripts import Colleague, Earlier, Line, Reaction, Script, Step, Trigger
from agentassist.errors import ContentError
from agentassist.kb import files, frontmatter
from agentassist.kb.fields import is_id
from agentassist.kb.parts import Part
from agentassist.kb.problems import BrokenFileError, Problem, Report
from agentassist.models import Author, Customer, EntryKind, Event, NewEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = "customers"
ENDING = ".yaml"
MAX_CHARACTERS = 32_000
MAX_FILES = 200
MOST_QUESTIONS = 4
"""How often somebody may ask whether anybody is there."""

_KEYS = (
    "customer", "channel", "place", "returns_after", "pause", "pace", "typos", "patience", "expects", "before",
    "opening", "impatient", "unanswered", "reactions", "earlier", "colleague",
)  # fmt: skip
_CUSTOMER = ("id", "name", "email", "timezone", "language", "attributes")
_SAID = ("choice", "form", "customer", "bot", "agent", "article", "handoff")


@dataclass(frozen=True, slots=True)
class Link:
    """What is sent of an article."""

    title: str
    url: str


def load(folder: Path, kb_folder: Path) -> tuple[Script, ...]:
    """Read every script of a folder.

    Args:
        folder: with one `.yaml` file for each simulated customer.
        kb_folder: the knowledge base whose articles they name.

    Returns:
        The scripts in the order of their names.

    Raises:
        NotFoundError: there is no such folder.
        ContentError: a file is broken; names file, line and field of the first problem, and how many there are.
    """
    scripts, problems = read_all(folder, kb_folder)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ContentError(f"{problems[0]}{more}", problems[0].hint or "Correct the script.")
    return scripts


def read_all(folder: Path, kb_folder: Path) -> tuple[tuple[Script, ...], tuple[Problem, ...]]:
    """Read every script of a folder; return those that are right, and everything that is wrong.

    Raises:
        NotFoundError: there is no such folder.
    """
    root = files.root_of(folder)
    paths = [path for path in files.walk(root) if path.endswith(ENDING)][:MAX_FILES]
    reports = [Report(path) for path in paths]
    reader = _Articles(files.root_of(kb_folder))
    found = [_read(root, path, reader, report) for path, report in zip(paths, reports, strict=True)]
    scripts = tuple(script for script in found if script is not None)
    known = {script.id for script in scripts}
    for script in scripts:
        if script.returns_after and script.returns_after not in known:
            report = reports[paths.index(f"{script.id}{ENDING}")]
            report.error(f"there is no script {script.returns_after}", field="returns_after")
    if not paths:
        reports.append(Report(files.printable(folder.name)))
        reports[-1].error("holds no script", f"A script is a file that ends with {ENDING}.")
    return scripts, tuple(problem for report in reports for problem in report.problems)


class _Articles:
    """Looks up what is sent of an article: its title and address, from the head of its file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, Link | None] = {}

    def __call__(self, number: str) -> Link | None:
        if number not in self._known:
            self._known[number] = self._read(number) if is_id(number) else None
        return self._known[number]

    def _read(self, number: str) -> Link | None:
        for folder in ("articles", "videos"):
            path = self._root / folder / f"{number}.md"
            if path.is_file():
                fields = frontmatter.read(files.read(files.inside(self._root, path)).text).fields
                title, url = (fields[key].value if key in fields else "" for key in ("title", "url"))
                return Link(str(title), str(url)) if title and url else None
        return None


def _read(root: Path, path: str, articles: _Articles, report: Report) -> Script | None:
    try:
        text = files.read(files.inside(root, root / path)).text
        node = frontmatter.compose(text, what="script", above=0) if len(text) <= MAX_CHARACTERS else None
    except BrokenFileError as error:
        report.broken(error)
        return None
    if node is None:
        report.error(f"is empty, or longer than {MAX_CHARACTERS:,} characters", "Write one customer in a file.")
        return None
    script = _Builder(articles).script(Path(path).stem, Part(node, report, ""))
    return None if report.fatal else script


class _Builder:
    """Makes a script of its parts."""

    def __init__(self, articles: _Articles) -> None:
        self._articles = articles

    def script(self, name: str, top: Part) -> Script:
        """Return the script; what is wrong is in the report."""
        parts = top.mapping(_KEYS, ("customer", "before", "opening", "reactions"))
        numbers = {
            key: parts[key].number(least, most)
            for key, least, most in (("pause", 0, 600), ("pace", 1, 100), ("typos", 0, 0.3), ("patience", 1, 600))
            if key in parts
        }
        return Script(
            id=name,
            customer=_customer(parts["customer"]) if "customer" in parts else Customer("", ""),
            channel=_text(parts, "channel") or "web",
            before=self._before(parts["before"]) if "before" in parts else (),
            opening=_lines(parts.get("opening")),
            reactions=self._reactions(parts.get("reactions")),
            place=int(parts["place"].number(1, 9)) if "place" in parts else 3,
            returns_after=_text(parts, "returns_after"),
            expects=self._ids(parts.get("expects")),
            impatient=_questions(parts.get("impatient")),
            unanswered=_questions(parts.get("unanswered")),
            earlier=tuple(map(self._earlier, parts["earlier"].items())) if "earlier" in parts else (),
            colleague=self._colleague(parts["colleague"]) if "colleague" in parts else None,
            **numbers,
        )

    def _before(self, part: Part) -> tuple[NewEntry, ...]:
        entries = tuple(entry for item in part.items() for entry in self._entry(item))
        if not entries or entries[-1].data.get("event") != Event.HANDOFF:
            part.wrong("must end with a handoff", "Add - handoff: and the reason.")
        return entries

    def _entry(self, part: Part) -> Iterator[NewEntry]:
        """Yield the entry that one line stands for."""
        parts = part.mapping((*_SAID, "node", "question", "by", "with"))
        kinds = [key for key in _SAID if key in parts]
        if len(kinds) != 1:
            part.wrong(f"must be one of {', '.join(_SAID)}")
            return
        kind = kinds[0]
        text = parts[kind].text()
        if kind in ("choice", "form"):
            part.mapping(needed=("node", "question"))
            data = {"node": _text(parts, "node"), "question": _text(parts, "question")}
            yield NewEntry(Author.CUSTOMER, EntryKind(kind), text, data=data)
        elif kind == "handoff":
            yield NewEntry(Author.SYSTEM, EntryKind.EVENT, text, data={"event": Event.HANDOFF.value})
        elif kind == "article":
            author = Author.AGENT if _text(parts, "by") == "agent" else Author.BOT
            yield from self._article(parts[kind], author, _text(parts, "with"))
        else:
            yield NewEntry(Author(kind), EntryKind.MESSAGE, text)

    def _article(self, part: Part, author: Author, words: str) -> Iterator[NewEntry]:
        number = part.text()
        link = self._link(part, number)
        if link is not None:
            text = "\n".join(filter(None, [words, link.title, link.url]))
            data = {"article": number, "title": link.title, "url": link.url}
            yield NewEntry(author, EntryKind.ARTICLE, text, data=data)

    def _link(self, part: Part, number: str) -> Link | None:
        try:
            link = self._articles(number)
        except BrokenFileError as error:
            part.wrong(f"article {number[:80]}: {error.message}", error.hint)
            return None
        if link is None:
            part.wrong(f"there is no article {number[:80]}", "`agentassist kb list` shows every id.")
        return link

    def _ids(self, part: Part | None) -> tuple[str, ...]:
        ids = tuple(part.texts()) if part is not None else ()
        for item in part.items() if part is not None else ():
            self._link(item, item.text())
        return ids

    def _reactions(self, part: Part | None) -> tuple[Reaction, ...]:
        made = tuple(map(self._reaction, part.items())) if part is not None else ()
        if part is not None and not any(item.trigger is Trigger.GOODBYE for item in made):
            part.wrong("has nothing to say at the end", "Add one with when: goodbye.")
        return made

    def _reaction(self, part: Part) -> Reaction:
        parts = part.mapping(("when", "articles", "seconds", "about", "say", "solved"), ("when", "say"))
        when = _text(parts, "when")
        known = tuple(item.value for item in Trigger)
        if when not in known:
            near = difflib.get_close_matches(when, known, n=1)
            part.wrong(f"unknown when: {when[:80]}", f"Did you mean {near[0]}?" if near else f"Use {', '.join(known)}.")
            return Reaction(Trigger.OTHER, ())
        if (when == Trigger.ARTICLE) != ("articles" in parts):
            part.wrong("needs articles when: article, and only then")
        seconds = None
        if "seconds" in parts:
            both = [item.number(0, 36_000) for item in parts["seconds"].items()]
            seconds = (min(both), max(both))
        return Reaction(
            Trigger(when),
            _lines(parts.get("say")),
            self._ids(parts.get("articles")),
            seconds,
            parts["about"].texts() if "about" in parts else (),
            parts["solved"].truth() if "solved" in parts else False,
        )

    def _earlier(self, part: Part) -> Earlier:
        keys = ("days", "agent", "disposition", "summary", "entries")
        parts = part.mapping(keys, keys)
        return Earlier(
            days=parts["days"].number(0.1, 3_650) if "days" in parts else 1.0,
            agent=_text(parts, "agent"),
            entries=tuple(entry for item in _items(parts, "entries") for entry in self._entry(item)),
            disposition=_text(parts, "disposition"),
            summary=_text(parts, "summary"),
        )

    def _colleague(self, part: Part) -> Colleague:
        needed = ("name", "claims", "says", "closes", "disposition", "summary")
        parts = part.mapping(needed, needed)
        steps = []
        for item in _items(parts, "says"):
            inner = item.mapping(("after", "agent", "article", "with"), ("after",))
            after = inner.pop("after").number(0.5, 600) if "after" in inner else 1.0
            if "article" in inner:
                made = self._article(inner["article"], Author.AGENT, _text(inner, "with"))
            else:
                made = iter((NewEntry(Author.AGENT, EntryKind.MESSAGE, _text(inner, "agent")),))
            steps += [Step(after, entry) for entry in made]
        return Colleague(
            name=_text(parts, "name"),
            claims=parts["claims"].number(0, 600) if "claims" in parts else 0.0,
            steps=tuple(steps),
            closes=parts["closes"].number(0.5, 600) if "closes" in parts else 1.0,
            disposition=_text(parts, "disposition"),
            summary=_text(parts, "summary"),
        )


def _customer(part: Part) -> Customer:
    parts = part.mapping(_CUSTOMER, ("id", "name"))
    zone = _text(parts, "timezone")
    if zone and zone not in zoneinfo.available_timezones():
        parts["timezone"].wrong("must be an IANA name such as Europe/Lisbon")
    inner = parts["attributes"].mapping() if "attributes" in parts else {}
    attributes = {key: value.text() for key, value in inner.items()}
    return Customer(
        id=_text(parts, "id"),
        name=_text(parts, "name"),
        email=_text(parts, "email"),
        timezone=zone,
        language=_text(parts, "language") or "en",
        attributes=attributes,
    )


def _text(parts: Mapping[str, Part], key: str) -> str:
    return parts[key].text() if key in parts else ""


def _items(parts: Mapping[str, Part], key: str) -> list[Part]:
    return parts[key].items() if key in parts else []


def _questions(part: Part | None) -> tuple[str, ...]:
    texts = part.texts() if part is not None else ()
    if part is not None and len(texts) > MOST_QUESTIONS:
        part.wrong(f"has more than {MOST_QUESTIONS} lines", "Nobody asks more often.")
    return texts


def _lines(part: Part | None) -> tuple[Line, ...]:
    """Return lines: each a text, a list of phrasings, or `after:` seconds and what to `say:`."""
    lines = []
    for item in part.items() if part is not None else ():
        if isinstance(item.node, yaml.MappingNode):
            parts = item.mapping(("after", "say"), ("say",))
            after = parts["after"].number(0, 600) if "after" in parts else 0.0
            lines.append(Line(parts["say"].texts() if "say" in parts else (), after))
        else:
            lines.append(Line(item.texts()))
    return tuple(lines)
