"""Front matter: the YAML between two lines of `---` at the top of a file.

Every value is kept as it was written, never turned into YAML's idea of a number, a date or a truth value: `no` is
Norwegian, `4:37` is a duration and `0123` an id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from agentassist.kb.problems import BrokenFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARACTERS = 16_000
"""The longest front matter: keeps a hostile one cheap to parse."""
MAX_DEPTH = 8
MAX_TREE_DEPTH = 16
"""What `compose` takes of a decision tree: the conditions of its branches have an inner structure."""
_STRING = "tag:yaml.org,2002:str"
_TAGS = (_STRING, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
"""What nodes are without a tag of their own."""
_HINT = "Write one `key: value` a line between the two lines of ---."
_MARKED_HINTS = {
    "mapping values are not allowed": 'Put a value that holds ": " in quotes.',
    "but got '?'": 'Put a text that holds "?" in quotes.',
    "cannot start any token": "Indent with spaces, and put a value that begins with a mark in quotes.",
}

Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Field:
    """One key's value.

    Attributes:
        value: text, a list of texts, or None for a value with an inner structure.
        line: where the key is, 1 is the file's first line.
    """

    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A file, parted.

    Attributes:
        fields: by key, in the file's order; a key without a value is left out.
        body: what follows.
        body_line: the line of the file on which `body` starts.
        present: whether there was a front matter at all.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    present: bool = False


def read(text: str) -> FrontMatter:
    """Part a file's text into front matter and body. A file without front matter is all body.

    Args:
        text: with single newline characters, without a byte order mark.

    Raises:
        BrokenFileError: it is never closed, too long, not a mapping, or not the plain YAML that is allowed here: no
            anchors, aliases or tags, no key twice.
    """
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return FrontMatter(body=text)
    # One more than allowed is enough to know that it is too long.
    end = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE).search(rest, 0, MAX_CHARACTERS + 5)
    if end is None:
        if len(rest) > MAX_CHARACTERS:
            raise BrokenFileError(
                f"front matter is not closed within {MAX_CHARACTERS:,} characters",
                "Close it with a line of ---.",
                line=1,
            )
        raise BrokenFileError("front matter is opened and never closed", "Close it with a line of ---.", line=1)
    source = rest[: end.start()]
    body_line = source.count("\n") + 3
    return FrontMatter(_parse(source), rest[end.end() + 1 :], body_line, present=True)


class _Loader(yaml.SafeLoader):
    """Composes plain nodes and refuses what makes YAML dangerous or ambiguous."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 — PyYAML's own name
    depth = 0
    most = MAX_DEPTH

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML's stubs leave it out
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.constructor.ConstructorError(None, None, "anchors and aliases are not allowed", event.start_mark)
        self.depth += 1
        if self.depth > self.most:
            raise yaml.constructor.ConstructorError(None, None, "it is nested too deeply", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.ScalarNode):
            node.value = _whole(node)
        return node


def _whole(node: yaml.ScalarNode) -> str:
    r"""Return a text with the pairs in which JSON writes a character as \ud83d\ude00 made one.

    Raises:
        ConstructorError: it holds half of one, which no file and no record can take.
    """
    try:
        return str(node.value).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise yaml.constructor.ConstructorError(
            None, None, "it holds half a character, such as \\ud83d", node.start_mark
        ) from error


class _DeepLoader(_Loader):
    """Takes what is nested as deeply as a decision tree is."""

    most = MAX_TREE_DEPTH


def compose(source: str, *, what: str = "front matter", above: int = 1, deep: bool = False) -> yaml.MappingNode | None:
    """Return the nodes of a YAML mapping, each with its place; None when there is nothing in it.

    Args:
        source: at most some 200,000 characters, which take a few seconds; the caller sees to it.
        what: what a message calls it.
        above: how many lines of the file are above it.
        deep: whether it may be nested as deeply as a decision tree, instead of `MAX_DEPTH`.

    Raises:
        BrokenFileError: it is not a mapping, or not the plain YAML that `read` allows.
    """
    first = above + 1
    try:
        node = yaml.compose(source, Loader=_DeepLoader if deep else _Loader)
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + first
        code = ord(error.character) if isinstance(error.character, str) else error.character
        raise BrokenFileError(f"{what} holds the control character U+{code:04X}", "Remove it.", line=line) from error
    except yaml.MarkedYAMLError as error:
        problem = str(error.problem or error.context)
        # What is never closed ends with the text: where it was opened is more use.
        mark = (error.context_mark if "stream" in problem else None) or error.problem_mark
        line = min(mark.line + first, source.rstrip().count("\n") + first) if mark else 1
        hint = next((hint for words, hint in _MARKED_HINTS.items() if words in problem), _HINT)
        raise BrokenFileError(f"{what}: {problem}", hint, line=line) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BrokenFileError(f"{what} cannot be parsed ({type(error).__name__})", _HINT, line=1) from error
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise BrokenFileError(f"{what} is not a list of keys and values", _HINT, line=node.start_mark.line + first)
    return node


def _parse(source: str) -> dict[str, Field]:
    node = compose(source)
    fields: dict[str, Field] = {}
    for key, value in node.value if node else ():
        line = key.start_mark.line + 2
        if not isinstance(key, yaml.ScalarNode) or key.tag != _STRING or not key.value.strip():
            raise BrokenFileError("front matter has a key that is not a word", _HINT, line=line)
        name = key.value.strip()
        if name in fields:
            raise BrokenFileError(f"key {name} is there twice", "Remove one of the two.", line=line, field=name)
        fields[name] = Field(_value(value, name), line)
    return {name: item for name, item in fields.items() if item.value != ""}


def _value(node: yaml.Node, name: str) -> Value:
    """Return a node's value as it was written; an empty text stands for no value."""
    if node.tag not in _TAGS:
        line = node.start_mark.line + 2
        raise BrokenFileError(f"YAML tags such as {node.tag} are not allowed", "Remove it.", line=line, field=name)
    if isinstance(node, yaml.ScalarNode):
        plain = node.style is None
        return "" if plain and node.value in ("null", "~") else str(node.value)
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return tuple(str(_value(item, name)) for item in node.value)
    return None
