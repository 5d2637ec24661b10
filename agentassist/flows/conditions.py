"""The conditions of branches: read from a file, checked against the tree, and asked of the answers. Nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.flows.model import Check, Condition, FieldType, Flow, Node, NodeKind
from agentassist.flows.values import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agentassist.kb.parts import Part

_NUMBERS: Mapping[Check, Callable[[float, float], bool]] = {
    Check.BELOW: lambda said, bound: said < bound,
    Check.ABOVE: lambda said, bound: said > bound,
    Check.AT_MOST: lambda said, bound: said <= bound,
    Check.AT_LEAST: lambda said, bound: said >= bound,
}
_GROUPS = (Check.ALL, Check.ANY, Check.NOT)
_TESTS = tuple(check.value for check in Check if check not in _GROUPS)
_NEVER = Condition(Check.ANY)
"""Stands for a condition that cannot be read; its file is not used."""


def holds(condition: Condition, answers: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Say whether a condition holds.

    Args:
        condition: what is asked.
        answers: by `node` (the option's id, or several) and `node.field` (the text).
    """
    check = condition.check
    if check is Check.ALL:
        return all(holds(inner, answers) for inner in condition.inner)
    if check is Check.ANY:
        return any(holds(inner, answers) for inner in condition.inner)
    if check is Check.NOT:
        return not any(holds(inner, answers) for inner in condition.inner)
    said = answers.get(condition.answer, "")
    if check in (Check.EMPTY, Check.FILLED):
        return bool(said) is (check is Check.FILLED)
    if check in _NUMBERS:
        number = number_of(said) if isinstance(said, str) else None
        return number is not None and _NUMBERS[check](number, condition.number)
    wanted = {value.casefold() for value in condition.values}
    given = {item.casefold() for item in ((said,) if isinstance(said, str) else said)}
    return given <= wanted and bool(given) if check is Check.IS else bool(given & wanted)


def read(part: Part) -> Condition:
    """Return the condition that a part of a file says; what is wrong goes to its report."""
    if not part.is_mapping:
        part.wrong("is not a condition", "Write answer: NODE and is: OPTION.")
        return _NEVER
    every = part.mapping()
    groups = [check for check in _GROUPS if check.value in every]
    if groups:
        return _group(part, every, groups[0])
    tests = [check for check in Check if check.value in every]
    if len(tests) != 1 or "answer" not in every or len(every) != 2:
        part.wrong("must have answer: and one test", f"Tests: {', '.join(_TESTS)}; or all, any and not of conditions.")
        return _NEVER
    check, value = tests[0], every[tests[0].value]
    answer = every["answer"].text()
    if check in _NUMBERS:
        return Condition(check, answer, number=value.number(-1e15, 1e15), line=part.line)
    if check in (Check.EMPTY, Check.FILLED):
        # `empty: false` reads well, and is the other one.
        other = Check.FILLED if check is Check.EMPTY else Check.EMPTY
        return Condition(check if value.truth() else other, answer, line=part.line)
    return Condition(check, answer, value.texts(), line=part.line)


def _group(part: Part, every: Mapping[str, Part], check: Check) -> Condition:
    if len(every) != 1:
        part.wrong(f"must have nothing beside {check.value}:")
    inner = tuple(read(item) for item in every[check.value].items())
    return Condition(check, inner=inner, line=part.line)


def check(flow: Flow, top: Part) -> None:
    """Report every condition of a tree that asks for what there is not."""
    for node in flow.nodes.values():
        for number, case in enumerate(node.cases):
            for condition in _each(case.when):
                problem = _problem(flow, condition)
                if problem:
                    field = f"nodes.{node.id}.branch[{number}].when"
                    top.report.error(problem, line=condition.line, field=field)


def _each(condition: Condition | None) -> Iterator[Condition]:
    """Yield every condition that asks for an answer."""
    if condition is None:
        return
    if condition.check not in _GROUPS:
        yield condition
    for inner in condition.inner:
        yield from _each(inner)


def _problem(flow: Flow, condition: Condition) -> str:
    """Return what is wrong with a condition; empty when nothing is."""
    name, dot, field_id = condition.answer.partition(".")
    node = flow.nodes.get(name)
    if node is None or not node.kind.waits:
        return f"there is no question {name[:80]}"
    if node.kind is NodeKind.FORM:
        field = node.field(field_id)
        if field is None:
            return (
                f"form {name} has no field {field_id[:80]}" if dot else f"must name a field, as {name}.{_first(node)}"
            )
        if condition.check in _NUMBERS and field.type is not FieldType.NUMBER:
            return f"compares {condition.answer} as a number, which it is not"
        return ""
    if dot or condition.check in _NUMBERS:
        return f"{name} is a choice: it has no fields and is no number"
    unknown = [value for value in condition.values if node.option(value) is None]
    return f"{name} has no option {', '.join(unknown)[:80]}" if unknown else ""


def _first(node: Node) -> str:
    return node.fields[0].id if node.fields else "field"
