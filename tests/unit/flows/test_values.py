"""What is right in a field."""

from __future__ import annotations

import pytest

from agentassist.flows.conditions import holds
from agentassist.flows.model import Check, Condition, FieldType, FormField
from agentassist.flows.values import number_of, problem


def field(kind: FieldType, **more: object) -> FormField:
    """Return a field."""
    return FormField("f", "Field", kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (FieldType.TEXT, ["a", "Zoë 🙂", "two\nlines", "<b>"], ["a\x1b[2J", "\ud800", "x" * 2_001]),
        (FieldType.EMAIL, ["a@b.example", "a+b@c.d.example", "ä@ö.example"],
         ["a", "a@b", "@b.example", "a b@c.example", "a@b..example", "a@b@c.example", "a@b.example" + "e" * 300]),
        (FieldType.PHONE, ["+351 912 345 678", "+49 (30) 1234567"], ["12", "abc", "912345678", "+" * 150]),
        (FieldType.NUMBER, ["0", "-3", "1.5", "1,5", "１２"], ["one", "1e9", "nan", "1.2.3", "9" * 16]),
        (FieldType.DATE, ["2026-11-30", "2028-02-29"], ["30.11.2026", "2026-13-01", "2026-02-30", "20261130"]),
    ],
)  # fmt: skip
def test_values(kind: FieldType, right: list[str], wrong: list[str]) -> None:
    """What people write is taken, what cannot be meant is told with the field's label."""
    assert [value for value in right if problem(field(kind), value)] == []
    assert all(problem(field(kind), value).startswith("Field: ") for value in wrong)


def test_bounds_and_empty_values() -> None:
    """A number keeps its bounds; an empty value is right only where it is not required."""
    number = field(FieldType.NUMBER, least=1.0, most=5.0)
    assert [bool(problem(number, value)) for value in ("0", "1", "5", "5.1")] == [True, False, False, True]
    assert problem(number, "") == "Field: this is needed."
    assert problem(field(FieldType.NUMBER, required=False), "") == ""


def test_a_phone_number_at_home() -> None:
    """A number without + is read in the customer's country."""
    assert problem(field(FieldType.PHONE), "912 345 678", "PT") == ""
    assert "country" in problem(field(FieldType.PHONE), "912 345 678")


def test_numbers() -> None:
    """A point or a comma."""
    assert [number_of(text) for text in ("1,5", " 2 ", "x", "")] == [1.5, 2.0, None, None]


ANSWERS: dict[str, str | tuple[str, ...]] = {
    "one": "red",
    "many": ("red", "blue"),
    "none": (),
    "form.n": "1,5",
    "form.t": "Word",
    "form.e": "",
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(Check.IS, "one", ("red",)), True),
        (Condition(Check.IS, "one", ("blue", "red")), True),
        (Condition(Check.IS, "many", ("red",)), False),
        (Condition(Check.IS, "many", ("blue", "red")), True),
        (Condition(Check.IS, "none", ("red",)), False),
        (Condition(Check.IS, "form.t", ("word",)), True),
        (Condition(Check.HAS, "many", ("blue", "green")), True),
        (Condition(Check.HAS, "many", ("green",)), False),
        (Condition(Check.HAS, "nothing", ("red",)), False),
        (Condition(Check.EMPTY, "form.e"), True),
        (Condition(Check.EMPTY, "none"), True),
        (Condition(Check.FILLED, "form.t"), True),
        (Condition(Check.FILLED, "nothing"), False),
        (Condition(Check.BELOW, "form.n", number=2), True),
        (Condition(Check.AT_MOST, "form.n", number=1.5), True),
        (Condition(Check.ABOVE, "form.n", number=1.5), False),
        (Condition(Check.AT_LEAST, "form.t", number=0), False),
        (Condition(Check.AT_LEAST, "many", number=0), False),
        (Condition(Check.NOT, inner=(Condition(Check.EMPTY, "form.e"),)), False),
        (Condition(Check.ALL, inner=(Condition(Check.FILLED, "one"), Condition(Check.FILLED, "many"))), True),
        (Condition(Check.ANY, inner=(Condition(Check.FILLED, "none"), Condition(Check.FILLED, "one"))), True),
        (Condition(Check.ANY), False),
    ],
)
def test_conditions(condition: Condition, expected: bool) -> None:
    """Each test of a branch, on answers of every kind."""
    assert holds(condition, ANSWERS) is expected
