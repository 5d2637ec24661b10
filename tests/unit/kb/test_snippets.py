"""The variables of a snippet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.errors import UnsendableError
from agentassist.kb.snippets import Filled, check_verbatim, fill, placeholders, plain
from agentassist.models import Snippet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{customer.name}}, {{ agent.name }}", ["customer.name", "agent.name"]),
        ("no braces { here } at all", []),
        ("{{a}}{{b}}", ["a", "b"]),
        ("{{", [""]),
        ("}}", [""]),
        ("{{a\n}}", ["", ""]),
        ("{{{a}}}", ["a"]),
        ("{{}}", [""]),
        ("{{a}} and {{b", ["a", ""]),
    ],
)
def test_every_pair_of_braces_is_found(text: str, expected: list[str]) -> None:
    """Whatever has two braces is a variable or a mistake, in the order of the text, at its own place."""
    found = placeholders(text)
    assert [place.name for place in found] == expected
    assert all("{{" in text[place.start : place.end] or "}}" in text[place.start : place.end] for place in found)


VALUES = {"customer.name": "Dana Reyes", "customer.first_name": "Dana", "agent.name": "Ada"}


def snippet(body: str, *, verbatim: bool = False) -> Snippet:
    """Make a snippet."""
    return Snippet("s", "A snippet", body, verbatim=verbatim)


def test_known_variables_are_filled_in() -> None:
    """Every occurrence is filled, with and without spaces inside the braces."""
    filled = fill(snippet("Hi {{customer.first_name}}, {{ customer.first_name }}! {{agent.name}}"), VALUES)
    assert filled == Filled("Hi Dana, Dana! Ada", ())


def test_what_is_missing_is_told_with_its_place_in_the_filled_text() -> None:
    """A variable without a value stays a placeholder at a known place; it is asked for once."""
    filled = fill(snippet("{{customer.name}}: {{order.number}} and {{order.number}}, {{nonsense}}"), VALUES)
    assert filled.asked == ("order.number", "nonsense")
    assert [filled.text[place.start : place.end] for place in filled.missing] == [
        "{{order.number}}",
        "{{order.number}}",
        "{{nonsense}}",
    ]
    assert filled.missing == placeholders(filled.text)


def test_an_empty_value_is_a_missing_one() -> None:
    """Nothing, and what shows nothing, is no value."""
    for value in ("", "  ", "\u200e\u2069", "\n"):
        assert fill(snippet("Hi {{agent.name}}"), {"agent.name": value}).asked == ("agent.name",)


def test_a_lone_pair_of_braces_is_never_asked_for() -> None:
    """Broken braces have no name that could be asked for; the send check refuses them later."""
    filled = fill(snippet("Hi {{ there"), {"": "x"})
    assert filled.asked == ()
    assert len(filled.missing) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{{agent.name}}", "{ {agent.name} }"),
        ("{{{{{", "{ { { { {"),
        ("a\nb\tc\r\nd", "a b c d"),
        ("\x1b]52;c;eA==\x07Bo", "]52;c;eA== Bo"),
        ("\u202eevil\u2066", "evil"),
        ("\ud800x", "x"),
        ("{0.__class__} %s $name", "{0.__class__} %s $name"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ],
)
def test_values_are_plain_text(value: str, shown: str) -> None:
    """Nothing in a value is a variable, a line end, a control character or a format."""
    filled = fill(snippet("<{{customer.name}}>"), {"customer.name": value, "agent.name": "WRONG"})
    assert filled == Filled(f"<{shown}>", ())
    assert placeholders(filled.text) == ()


@given(
    body=st.text(alphabet="{}ab .\n", max_size=40),
    value=st.text(alphabet="{}x\n\u202e", max_size=12),
)
def test_a_value_never_makes_a_placeholder(body: str, value: str) -> None:
    """Whatever a body and a value are, the placeholders that are left are those of the body."""
    known = [place for place in placeholders(body) if place.name == "a"]
    filled = fill(snippet(body), {"a": value})
    left = len(placeholders(body)) - (len(known) if plain(value) else 0)
    assert len(filled.missing) == left
    assert len(placeholders(filled.text)) == left


GAS = snippet(
    "Please leave the building now, with everyone in it. Call {{agent.name}} once you are outside.", verbatim=True
)


@pytest.mark.parametrize(
    "text",
    [
        "Please leave the building now, with everyone in it. Call Ada once you are outside.",
        "Hello!\nPlease leave the building now,\n with everyone in it. Call Ada and Bo once you are outside.\nBye",
        "Something else.",
        "Please leave the building.",
    ],
)
def test_a_verbatim_snippet_passes_as_it_is_or_not_at_all(text: str) -> None:
    """Unchanged, with words around it, or taken out again: all fine."""
    check_verbatim(text, [GAS])


@pytest.mark.parametrize(
    "text",
    [
        "Please leave the building now, with your cat. Call Ada once you are outside.",
        "Call Ada once you are outside.  Please leave the building now, with everyone in it.",
        "Please leave the building soon, with everyone in it. Call Ada once you are outside.",
    ],
)
def test_a_changed_verbatim_snippet_is_refused(text: str) -> None:
    """Five words in a row without the rest is a changed one; a snippet that may be edited is not looked at."""
    with pytest.raises(UnsendableError, match="must be sent as it is"):
        check_verbatim(text, [GAS])
    check_verbatim(text, [replace(GAS, verbatim=False)])
