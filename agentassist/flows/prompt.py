"""What a page or a terminal shows for the question that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.flows.model import FieldType, NodeKind
from agentassist.flows.pattern import MAX_VALUE
from agentassist.flows.values import MAX_TEXT

if TYPE_CHECKING:
    from agentassist.flows.model import ArticleLink, Flow, FormField, Node
    from agentassist.flows.track import Answer, Walk
    from agentassist.models import JsonValue


@dataclass(frozen=True, slots=True)
class PromptField:
    """One field to fill.

    Attributes:
        value: what was saved, or was answered before going back; empty for nothing.
        saved: whether `value` counts already.
        author: who saved it; empty when it does not count yet.
        author_name: the agent's name, when an agent saved it.
        length: the longest value that can be right, in characters.
    """

    field: FormField
    value: str
    saved: bool
    author: str
    author_name: str
    length: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """The open question.

    Attributes:
        flow: the tree's id.
        title: the tree's title.
        node: what the answer has to name.
        kind: choice, choices or form.
        question: what is asked.
        options: id and label of each answer to choose.
        chosen: the ids that were chosen before going back.
        least: how many have to be chosen.
        most: how many may be chosen.
        articles: what was sent with this question; it is in the transcript, too.
        language: a BCP 47 tag.
    """

    flow: str
    title: str
    node: str
    kind: NodeKind
    question: str
    options: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    least: int
    most: int
    fields: tuple[PromptField, ...]
    articles: tuple[ArticleLink, ...]
    can_go_back: bool
    language: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as JSON has it; every text is still to be escaped by whoever shows it."""
        return {
            "flow": self.flow,
            "title": self.title,
            "node": self.node,
            "kind": self.kind.value,
            "question": self.question,
            "options": [{"id": ident, "label": label} for ident, label in self.options],
            "chosen": list(self.chosen),
            "least": self.least,
            "most": self.most,
            "fields": [_field_json(item) for item in self.fields],
            "articles": [{"article": link.id, "title": link.title, "url": link.url} for link in self.articles],
            "can_go_back": self.can_go_back,
            "language": self.language,
        }


def prompt(flow: Flow, walk: Walk) -> Prompt | None:
    """Return what to show for the open question; None when the tree has ended."""
    node = walk.node
    if node is None:
        return None
    before = walk.answers.get(node.id) or walk.earlier.get(node.id)
    chosen = () if before is None else (before.value,) if isinstance(before.value, str) else before.value
    single = node.kind is NodeKind.CHOICE
    return Prompt(
        flow=flow.id,
        title=flow.title,
        node=node.id,
        kind=node.kind,
        question=node.text,
        options=tuple((option.id, option.label) for option in node.options),
        chosen=chosen,
        least=1 if single else node.least,
        most=1 if single else node.most,
        fields=tuple(_field(node, item, walk) for item in node.fields),
        articles=tuple(flow.links[ident] for ident in node.articles if ident in flow.links),
        can_go_back=walk.can_go_back,
        language=flow.language,
    )


def _field(node: Node, item: FormField, walk: Walk) -> PromptField:
    key = f"{node.id}.{item.id}"
    saved: Answer | None = walk.answers.get(key)
    shown = saved or walk.earlier.get(key)
    length = MAX_TEXT if item.type is FieldType.TEXT else MAX_VALUE
    author, name = (saved.author.value, saved.author_name) if saved else ("", "")
    return PromptField(item, shown.text if shown else "", saved is not None, author, name, length)


def _field_json(item: PromptField) -> dict[str, JsonValue]:
    field = item.field
    return {
        "id": field.id,
        "label": field.label,
        "type": field.type.value,
        "required": field.required,
        "private": field.private,
        "hint": field.hint,
        "pattern": field.pattern,
        "least": field.least,
        "most": field.most,
        "length": item.length,
        "value": item.value,
        "saved": item.saved,
        "author": item.author,
        "author_name": item.author_name,
    }
