"""Rules of the house that no linter knows. Each test names every place that breaks its rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "agentassist"
LIMITS = {ast.FunctionDef: 50, ast.AsyncFunctionDef: 50, ast.ClassDef: 300}
FILE_LIMIT = 400
APP_LIMIT = 200
ASKS_THE_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Every file of the package."""
    files = {str(file.relative_to(PACKAGE)): file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")}
    assert files
    return files


@pytest.fixture(scope="module")
def nodes(texts: dict[str, str]) -> list[tuple[str, ast.AST]]:
    """Every node of every file, with the file's name."""
    return [(name, node) for name, text in sorted(texts.items()) for node in ast.walk(ast.parse(text))]


def size(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return how many lines a definition takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def too_big(nodes: list[tuple[str, ast.AST]]) -> Iterator[str]:
    """Yield every definition that is longer than it may be."""
    for name, node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            limit = APP_LIMIT if node.name == "DeskApp" else LIMITS[type(node)]
            if size(node) > limit:
                yield f"{name}:{node.lineno} {node.name} has {size(node)} lines"


def test_nothing_is_too_big(texts: dict[str, str], nodes: list[tuple[str, ast.AST]]) -> None:
    """A file has at most 400 lines, a function 50, a class 300, the App 200: a bigger one hides a missing idea."""
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {name: count for name, count in lines.items() if count > FILE_LIMIT} == {}
    assert list(too_big(nodes)) == []


def test_time_comes_through_a_clock(nodes: list[tuple[str, ast.AST]]) -> None:
    """Only clock.py asks the machine for the time of day."""
    asked = [
        f"{name}:{node.lineno} {node.value.id}.{node.attr}"
        for name, node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and f"{node.value.id}.{node.attr}" in ASKS_THE_TIME
    ]
    assert [place for place in asked if not place.startswith("clock.py:")] == []
    assert asked  # clock.py is found, so the others would be


def _takes_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def test_no_handler_swallows_everything(nodes: list[tuple[str, ast.AST]]) -> None:
    """A handler of every exception raises again."""
    swallowing = [
        f"{name}:{node.lineno}"
        for name, node in nodes
        if isinstance(node, ast.ExceptHandler)
        and _takes_everything(node)
        and not any(isinstance(child, ast.Raise) for child in ast.walk(node))
    ]
    assert swallowing == []


def test_no_mutable_module_state(nodes: list[tuple[str, ast.AST]]) -> None:
    """No module keeps a `global` that functions change."""
    assert [f"{name}:{node.lineno}" for name, node in nodes if isinstance(node, ast.Global)] == []
