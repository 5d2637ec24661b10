"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "agentassist"
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {file.relative_to(PACKAGE.parent): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
LIMITS = {ast.FunctionDef: 50, ast.AsyncFunctionDef: 50, ast.ClassDef: 300}


def size(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return how many lines a definition takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("file", TREES, ids=str)
def test_nothing_is_too_big(file: Path) -> None:
    """A file has at most 400 lines, a function 50, a class 300, the App 200: a bigger one hides a missing idea."""
    assert len((PACKAGE.parent / file).read_text(encoding="utf-8").splitlines()) <= 400
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            limit = 200 if node.name == "DeskApp" else LIMITS[type(node)]
            assert size(node) <= limit, f"{file}:{node.lineno} {node.name} has {size(node)} lines"


@pytest.mark.parametrize("file", [file for file in TREES if file.name != "clock.py"], ids=str)
def test_time_comes_through_a_clock(file: Path) -> None:
    """Only clock.py asks the machine for the time of day."""
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            asked = f"{node.value.id}.{node.attr}"
            assert asked not in {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}, (
                f"{file}:{node.lineno} {asked}"
            )


@pytest.mark.parametrize("file", TREES, ids=str)
def test_no_handler_swallows_everything(file: Path) -> None:
    """A handler of every exception raises again."""
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.ExceptHandler):
            names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {"bare"}
            if names & {"Exception", "BaseException", "bare"}:
                assert any(isinstance(child, ast.Raise) for child in ast.walk(node)), f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", TREES, ids=str)
def test_no_mutable_module_state(file: Path) -> None:
    """No module keeps a `global` that functions change."""
    assert not [node for node in ast.walk(TREES[file]) if isinstance(node, ast.Global)]
