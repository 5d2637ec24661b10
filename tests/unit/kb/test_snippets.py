"""The variables of a snippet."""

from __future__ import annotations

import pytest

from agentassist.kb.snippets import placeholders


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
