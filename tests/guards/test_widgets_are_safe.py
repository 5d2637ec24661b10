"""Text that is not a literal reaches Textual as Content, as Text, or with markup off; never as markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TUI = Path(__file__).parents[2] / "agentassist" / "tui"
FILES = sorted(TUI.rglob("*.py"))

MARKUP = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "Select", "Tab", "TabPane", "Collapsible",
    "Placeholder", "Link", "Tooltip", "Toast", "Header", "SelectionList", "OptionList", "DataTable", "Tree", "Digits",
    "Welcome", "Markdown", "MarkdownViewer",
}  # fmt: skip
"""Widgets whose strings are markup unless they are told otherwise."""
METHODS = {
    "notify",
    "update",
    "add_option",
    "add_options",
    "add_row",
    "add_column",
    "add_columns",
    "set_options",
    "set_label",
    "write",
}
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "label", "title", "sub_title", "placeholder", "renderable"}
SAFE_CALLS = {"Content", "assemble", "styled", "join", "Text", "Option"}
"""Calls whose result is no markup. `Option` is checked where it is made."""
FORBIDDEN = {"from_markup", "MarkdownViewer", "render_str", "open_url"}


def findings(tree: ast.AST) -> Iterator[str]:
    """Yield every place where words that are not literal could be read as markup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in FORBIDDEN:
                yield f"{node.lineno}: {name}"
            elif name in MARKUP | METHODS and not _markup_off(node):
                words = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
                words += [
                    keyword.value
                    for keyword in node.keywords
                    if keyword.arg in {"label", "prompt", "tooltip", "title", "renderable", "content"}
                ]
                yield from (f"{word.lineno}: {name}({ast.unparse(word)})" for word in words if not _safe(word))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr in ATTRIBUTES
                    and node.value
                    and not _safe(node.value)
                ):
                    yield f"{node.lineno}: {ast.unparse(target)} = {ast.unparse(node.value)}"


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _markup_off(call: ast.Call) -> bool:
    return any(
        keyword.arg == "markup" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in call.keywords
    )


def _safe(node: ast.expr) -> bool:
    """Say whether an expression can only be a literal, a Content or a Text."""
    if isinstance(node, ast.Constant):
        return not (isinstance(node.value, str) and "[" in node.value)
    if isinstance(node, ast.IfExp):
        return _safe(node.body) and _safe(node.orelse)
    if isinstance(node, ast.Call):
        return _name(node.func) in SAFE_CALLS
    return False


def test_no_outside_text_is_read_as_markup() -> None:
    """No widget, notification, title, tooltip or label is given words that are not literal as markup."""
    assert FILES
    found = [
        f"{file.relative_to(TUI)}:{finding}"
        for file in FILES
        for finding in findings(ast.parse(file.read_text(encoding="utf-8")))
        if finding not in ALLOWED
    ]
    assert found == []


ALLOWED: set[str] = set()


@pytest.mark.parametrize(
    "code",
    [
        "Static(name)", "Static(f'{name}')", "Label(customer.name)", "self.notify(text)", "widget.update(text)",
        "self.border_title = name", "self.tooltip = f'hi {name}'", "Static(name, markup=True)", "Option(name)",
        "Content.from_markup(name)", "Static('[b]x')", "tab.label = a if b else name", "Button(label=name)",
    ],
)  # fmt: skip
def test_the_check_finds(code: str) -> None:
    """The check is not blind: each of these is found."""
    assert list(findings(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "Static('words')", "Static(Content(name))", "Static(name, markup=False)", "self.notify(text, markup=False)",
        "self.border_title = Content(name)", "tab.label = 'a' if b else Content(name)",
        "Option(Content.assemble(a, b))",
    ],
)  # fmt: skip
def test_the_check_lets_pass(code: str) -> None:
    """The check lets safe calls pass."""
    assert not list(findings(ast.parse(code)))
