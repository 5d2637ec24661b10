"""Front matter fields as values. Each broken value becomes a problem with its line and what would be right."""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from agentassist.models import Article, ArticleKind, Audience, Status

if TYPE_CHECKING:
    from agentassist.kb.frontmatter import FrontMatter
    from agentassist.kb.problems import Report

MAX_TITLE = 300
MAX_ID = 120
MAX_URL = 2_000
MAX_TAGS = 50
ARTICLE_KEYS = (
    "id", "title", "kind", "url", "tags", "language", "status", "audience", "updated", "review_by", "verified_by",
    "verbatim", "captions", "duration",
)  # fmt: skip
SNIPPET_KEYS = ("id", "title", "tags", "language", "verbatim")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_DURATION = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,3}):)?([0-9]{1,6})")
_Choice = TypeVar("_Choice", bound=StrEnum)


def normal(text: str) -> str:
    """Return an id or title as it is compared: "X " and "x" are one (NFKC, case and white space do not count)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_id(text: str) -> bool:
    """Say whether `text` can be an id: letters, digits, `.`, `_` and `-`, beginning with a letter or digit."""
    return 0 < len(text) <= MAX_ID and text[0].isalnum() and all(char.isalnum() or char in "._-" for char in text)


def slug(path: str) -> str:
    """Return the id of a file that does not say one: its path's words joined by `-`; empty when it has none."""
    stem = path.rpartition(".")[0] or path
    words = "".join(char if char.isalnum() else " " for char in unicodedata.normalize("NFKC", stem).casefold())
    return "-".join(words.split())[:MAX_ID].strip("-")


@dataclass(frozen=True, slots=True)
class Fields:
    """Reads the fields of one file, and reports what is broken."""

    matter: FrontMatter
    report: Report

    def line(self, key: str) -> int:
        """Return the line of a key; the first line when it is not there."""
        found = self.matter.fields.get(key)
        return found.line if found else 1

    def wrong(self, key: str, message: str, hint: str) -> None:
        """Report that a key's value is broken."""
        self.report.error(message, hint, line=self.line(key), field=key)

    def text(self, key: str) -> str:
        """Return one line of text, trimmed; empty when the key is missing."""
        found = self.matter.fields.get(key)
        if found is None:
            return ""
        if not isinstance(found.value, str):
            self.wrong(key, f"{key} must be one line of text", f"Write {key}: and the text.")
            return ""
        return " ".join(found.value.split())

    def ident(self) -> str:
        """Return the id that the file says, empty when it says none."""
        text = unicodedata.normalize("NFKC", self.text("id"))
        if text and not is_id(text):
            self.wrong("id", f"id has strange characters: {text[:80]}", "Use letters, digits and -.")
        self.report.ident, self.report.ident_line = text, self.line("id")
        return text

    def title(self, otherwise: str = "") -> str:
        """Return the title, or what else the file offers as one."""
        text = self.text("title") or " ".join(otherwise.split())
        if not text and not self.report.fatal:
            self.wrong("title", "has no title", "Write title: in the front matter, or begin with a heading.")
        if len(text) > MAX_TITLE:
            self.wrong("title", f"title has {len(text):,} characters", f"Keep it below {MAX_TITLE}.")
        return text

    def choice(self, key: str, kind: type[_Choice], default: _Choice) -> _Choice:
        """Return one of the words that are allowed."""
        text = self.text(key).casefold()
        allowed = {item.value: item for item in kind}
        if text and text not in allowed:
            near = difflib.get_close_matches(text[:50], allowed, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(allowed)}."
            self.wrong(key, f"unknown {key}: {text[:80]}", hint)
        return allowed.get(text, default)

    def day(self, key: str) -> date | None:
        """Return a date, None when the key is missing."""
        text = self.text(key)
        if not text:
            return None
        # fromisoformat alone would take week dates and dates without dashes.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(text)
        self.wrong(key, f"{key} is not a date: {text[:80]}", "Write it as 2027-08-31.")
        return None

    def flag(self, key: str) -> bool:
        """Return true or false; false when the key is missing."""
        text = self.text(key).casefold()
        if text and text not in _TRUTH:
            self.wrong(key, f"{key} must be true or false, not {text[:80]}", f"Write {key}: true, or leave it out.")
        return _TRUTH.get(text, False)

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of words; one text may hold several, parted by commas."""
        found = self.matter.fields.get(key)
        if found is None:
            return ()
        if found.value is None:
            self.wrong(key, f"{key} must be a list", f"Write {key}: [one, two].")
            return ()
        items = found.value.split(",") if isinstance(found.value, str) else found.value
        words = tuple(dict.fromkeys(" ".join(item.split()) for item in items if item.strip()))
        if len(words) > MAX_TAGS or any(len(word) > 100 for word in words):
            self.wrong(key, f"{key} has too many or too long entries", f"Keep at most {MAX_TAGS} short words.")
        return words

    def language(self, otherwise: str = "") -> str:
        """Return a language tag; English when nothing says another."""
        text = self.text("language")
        if text and not _LANGUAGE.fullmatch(text):
            self.wrong("language", f"language is not a language tag: {text[:80]}", "Write it as en or pt-BR.")
        tag = text or (otherwise if _LANGUAGE.fullmatch(otherwise) else "en")
        return tag.replace("_", "-")

    def url(self, otherwise: str = "") -> str:
        """Return the address to send; empty when there is none."""
        text = self.text("url")
        if problem := url_problem(text):
            self.wrong("url", problem, "Write the full address, beginning with https://.")
        return text or ("" if url_problem(otherwise) else otherwise)

    def duration(self) -> float | None:
        """Return a duration in seconds ("4:37", "1:02:03" or plain seconds), None when the key is missing."""
        text = self.text("duration")
        if not text:
            return None
        match = _DURATION.fullmatch(text)
        if match is None:
            self.wrong("duration", f"duration is not a time: {text[:80]}", 'Write it as "4:37".')
            return None
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return float(hours * 3600 + minutes * 60 + seconds)

    def article(self, path: str, offered: Article) -> Article:
        """Return the article that the fields describe.

        Args:
            path: of the file, relative to the knowledge base.
            offered: what to use where the fields say nothing; its title, language and url come from the body.
        """
        return Article(
            id=self.ident(),
            kind=self.choice("kind", ArticleKind, offered.kind),
            title=self.title(offered.title),
            url=self.url(offered.url),
            path=path,
            tags=self.words("tags"),
            language=self.language(offered.language),
            status=self.choice("status", Status, Status.PUBLISHED),
            audience=self.choice("audience", Audience, Audience.CUSTOMER),
            updated=self.day("updated"),
            review_by=self.day("review_by"),
            verified_by=self.text("verified_by"),
            verbatim=self.flag("verbatim"),
            digest=offered.digest,
        )


def url_problem(text: str) -> str:
    """Return what is wrong with an address that will be sent to a customer; empty when nothing is."""
    if not text:
        return ""
    if len(text) > MAX_URL:
        return f"url has {len(text):,} characters"
    if any(char.isspace() or not char.isprintable() for char in text):
        return "url has a space or an invisible character"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"url cannot be read: {error}"
    if parts.scheme not in ("http", "https"):
        return (
            f"url has the scheme {parts.scheme[:20]}:, not https:" if parts.scheme else "url has no https:// in front"
        )
    if not host:
        return "url has no host"
    if "@" in parts.netloc:
        return "url holds a user name, which hides where it leads"
    return ""
