"""What a passage is to an error code or a model that somebody asks about, on the knowledge base that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentassist import naming
from agentassist.kb import library
from agentassist.paths import sample_kb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentassist.models import Passage

CODES = (*(f"E{number}" for number in (1, 2, 3, 4, 5, 6, 7, 9)), "V1", "V2", "V3", "V4", "B1", "B2", "B3")
SIZE = 600


@pytest.fixture(scope="module")
def passages() -> Mapping[str, Sequence[Passage]]:
    """The passages of the articles that ship, by article."""
    return {item.article.id: item.passages for item in library.load(sample_kb()).articles}


def best(passages: Sequence[Passage], asked: str) -> Passage:
    """Return the passage that is most about a name."""
    return max(passages, key=lambda one: naming.standing([asked], one.heading, one.text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Dial shows E1, then e1 again", {"e1"}),
        ("a CR2450 in the HW-S2 (DL12345678)", {"cr2450", "s2", "dl12345678"}),
        ("at 10am, 24V, 2.4 GHz, on the 2nd of May 2026, order 12", set()),
        ("x1" * 20, set()),
        ("", set()),
    ],
)
def test_what_is_a_name(text: str, found: set[str]) -> None:
    """Letters with a number behind them are; amounts, years and what nobody types are not."""
    assert naming.names(text) == found


@pytest.mark.parametrize("code", CODES)
def test_the_row_of_a_code(passages: Mapping[str, Sequence[Passage]], code: str) -> None:
    """Of the table of all codes the passage with its row is the best, and that row alone is shown of the table."""
    passage = best(passages["error-codes-overview"], code.lower())
    shown = naming.about([code.lower()], passage.text, SIZE)
    assert f"Code: {code}; " in passage.text
    assert f"Code: {code}\nMeaning: " in shown
    assert shown.count("Code: ") == 1


def test_a_row_comes_before_what_only_mentions_it(passages: Mapping[str, Sequence[Passage]]) -> None:
    """The rows of E6 to E9 stand above "see E4": who asks about E4 is not shown them."""
    mentions = next(one for one in passages["error-codes-overview"] if "see E4" in one.text)
    row = best(passages["error-codes-overview"], "e4")
    assert naming.standing(["e4"], mentions.heading, mentions.text) == (1, naming.MENTIONED)
    assert naming.standing(["e4"], row.heading, row.text) == (1, naming.ROW)


def test_a_section_of_its_own_is_best(passages: Mapping[str, Sequence[Passage]]) -> None:
    """A heading with the code comes before a row with it; two codes are best where both are."""
    assert best(passages["error-b1-b2-b3-bridge"], "b3").heading == "B3: radio fault"
    both = max(passages["error-codes-overview"], key=lambda one: naming.standing(["v4", "b1"], one.heading, one.text))
    assert both.heading == "Several codes at once"


def test_a_long_text_begins_where_the_code_does(passages: Mapping[str, Sequence[Passage]]) -> None:
    """Of what is about two codes who asks about the second is shown the second half; of what is short, all of it."""
    (passage,) = [one for one in passages["error-e6-clock-e7-frost"] if "E7: frost" in one.text]
    assert len(passage.text) > SIZE
    assert naming.about(["e7"], passage.text, SIZE).startswith("E7: frost protection active")
    assert naming.about(["e7"], passage.text, 5_000) == passage.text
    assert naming.about([], passage.text, SIZE) == passage.text


def test_steps_are_not_cut_apart(passages: Mapping[str, Sequence[Passage]]) -> None:
    """A code that begins a step in the middle does not make that the beginning."""
    steps = next(one for one in passages["error-e5-firmware-update-failed"] if "3. E5 again?" in one.text)
    assert naming.about(["e5"], steps.text, SIZE) == steps.text


def test_what_stands_beside_a_table_stays() -> None:
    """It may be a warning."""
    text = "Never open the box.\nCode: E1; Do: Wait\nCode: E2; Do: Call us\nCode: E3; Do: Stop\nInside is 230 V."
    assert naming.about(["e2"], text, SIZE) == "Never open the box.\nCode: E2\nDo: Call us\nInside is 230 V."


def test_a_name_far_down_is_shown() -> None:
    """Where the name stands only behind what would be cut, the text begins with its line."""
    text = f"{'Words. ' * 20}\nThe X9 has another plug.\nMore."
    assert naming.about(["x9"], text, 100) == "The X9 has another plug.\nMore."
