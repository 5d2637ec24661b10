"""Tells what was measured: as lines for people, and as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from agentassist.evaluation import baselines
from agentassist.evaluation.evaluate import SHIPPED
from agentassist.evaluation.metrics import MEASURES
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agentassist.evaluation.cases import Tests
    from agentassist.evaluation.evaluate import Answer, Evaluation, Figures, System
    from agentassist.evaluation.metrics import Confidence, Interval
    from agentassist.models import JsonValue

BAR = 40
"""Characters of the reliability diagram's scale from 0 to 1."""
_NAME = 19


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a measure had to reach.

    Attributes:
        value: what it is; None when there was nothing to measure.
    """

    name: str
    wanted: float
    value: float | None

    @property
    def missed(self) -> bool:
        """Whether it was not reached; what was not measured was not reached."""
        return self.value is None or self.value < self.wanted


@dataclass(frozen=True, slots=True)
class Miss:
    """A test whose first suggestion is not what was expected.

    Attributes:
        asked: the customer's last words.
        expected: ids of the right articles; none when nothing was to be shown.
        first: the id of what came first; empty when nothing was found.
        title: of what came first.
        rank: where the first right article came; 0 when it is not among those that were looked at.
        probability: how likely the first one was said to be right.
    """

    place: str
    asked: str
    expected: tuple[str, ...]
    first: str
    title: str
    rank: int
    probability: float
    note: str


def thresholds(tests: Tests, found: Evaluation) -> tuple[Threshold, ...]:
    """Return how the thresholds of tests were met."""
    return tuple(Threshold(name, wanted, _value(name, found)) for name, wanted in tests.thresholds.items())


def _value(name: str, found: Evaluation) -> float | None:
    if name in MEASURES:
        return found.systems[0].overall.values[name].value if found.systems else None
    if found.confidence is None:
        return None
    if name == "kept":
        return found.confidence.kept
    shown = found.confidence.shown_unanswerable
    return None if shown is None else 1 - shown


def misses(tests: Tests, answers: Sequence[Answer]) -> tuple[Miss, ...]:
    """Return the tests that failed, in the order of the file."""
    by_id = {answer.case.id: answer for answer in answers}
    made = []
    for test in tests.tests:
        answer = by_id.get(test.case.id)
        if answer is None:  # it was not among those chosen at random
            continue
        if answer.first_is_right if test.case.right else not answer.shown:
            continue
        first = answer.result.hits[0].article if answer.result.hits else None
        ranks = [rank for rank, ident in enumerate(answer.ranking, start=1) if ident in test.case.right]
        made.append(
            Miss(
                place=test.case.id,
                asked=test.case.entries[-1].text,
                expected=tuple(test.case.right),
                first=first.id if first else "",
                title=first.title if first else "",
                rank=ranks[0] if ranks else 0,
                probability=answer.probability,
                note=test.note,
            )
        )
    return tuple(made)


def lines(found: Evaluation) -> Iterator[str]:
    """Yield what was measured, safe to print."""
    asked = found.systems[0].overall.queries if found.systems else 0
    nothing = found.confidence.unanswerable if found.confidence else 0
    dialogs = counted(found.systems[0].overall.dialogs, "conversation") if found.systems else "no conversation"
    yield clean_line(
        f"{found.name}: {counted(found.articles, 'article')}, {counted(asked, 'query', 'queries')} from {dialogs}, "
        f"{nothing:,} without an answer"
    )
    if found.degraded:
        yield clean_line(found.degraded)
    if found.systems:
        yield ""
        yield from _table(found.systems)
    if found.confidence is not None:
        yield ""
        yield from _confidence(found.confidence)


def _table(systems: Sequence[System]) -> Iterator[str]:
    yield from (f"  {name:12} {_interval(value)}" for name, value in systems[0].overall.values.items())
    yield "In brackets: where it would be with other conversations of the same kind (95 %, conversations resampled)."
    others = [system for system in systems if system.name != SHIPPED]
    if others or systems[0].domains:
        yield ""
        yield _row("", MEASURES, "", "shipped is ahead" if others else "")
    for system in systems:
        if others or system.domains:
            yield _figures(_short(system.name), system.overall, system.ahead)
        if system.name == SHIPPED:
            for name, figures in system.domains.items():
                yield _figures(f"- {name or 'no domain'} ({figures.queries:,})", figures, None)
    if others:
        best = max(others, key=lambda system: system.overall.values["mrr@10"].value)
        yield f"Brackets: of MRR@10. Best of the others: {baselines.title(best.name)}."


def _figures(name: str, figures: Figures, ahead: Interval | None) -> str:
    mrr = figures.values["mrr@10"]
    return _row(
        name,
        [f"{figures.values[measure].value:.3f}" for measure in MEASURES],
        f"[{mrr.low:.2f}, {mrr.high:.2f}]",
        f"{ahead.value:+.3f} [{ahead.low:+.2f}, {ahead.high:+.2f}]" if ahead else "",
    )


def _row(name: str, cells: Sequence[str], brackets: str, last: str) -> str:
    # A domain's name may be of any length.
    short = clean_line(name, limit=_NAME)
    return (f"{short:{_NAME}} " + " ".join(f"{cell:>8}" for cell in cells) + f" {brackets:13} {last}").rstrip()


def _interval(value: Interval) -> str:
    return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _short(name: str) -> str:
    way, _, reading = name.partition("-")
    return f"{baselines.WAYS[way]}, {reading}" if way in baselines.WAYS else name


def _confidence(found: Confidence) -> Iterator[str]:
    yield "When it has nothing"
    for words, value in (
        ("answerable told from not (AUROC)", found.auroc),
        ("without an answer, yet shown a suggestion", found.shown_unanswerable),
        ("with an answer, and shown a suggestion", found.shown_answerable),
        ("right first suggestions that are shown", found.kept),
    ):
        if value is not None:
            yield f"  {words:42} {value:.3f}"
    yield (
        f"  Brier score {found.brier:.3f} (saying always the mean: {found.brier_constant:.3f}), "
        f"off by {found.off:.3f} on average"
    )
    yield ""
    yield f"  how likely          said   right   count  0{'right (█), said (│)':^{BAR - 2}}1"
    for item in found.bins:
        yield (
            f"  {item.low:.1f} to {item.high:.1f}          {item.said:.2f}   {item.right:.2f}  {item.count:6,}  "
            f"{_bar(item.right, item.said)}"
        )


def _bar(right: float, said: float) -> str:
    filled = round(right * BAR)
    cells = list("█" * filled + "·" * (BAR - filled))
    cells[min(round(said * BAR), BAR - 1)] = "│"
    return "".join(cells)


def test_lines(found: Sequence[Threshold], missed: Sequence[Miss]) -> Iterator[str]:
    """Yield what came first where it should not have, and which thresholds were missed; safe to print."""
    if missed:
        yield ""
        yield counted(len(missed), "case failed", "cases failed")
    for miss in missed:
        first = f"{miss.first} ({miss.title}), {miss.probability:.0%} likely" if miss.first else "nothing was found"
        expected = " or ".join(miss.expected) or "no good match"
        place = f", which came {_ordinal(miss.rank)}" if miss.rank else ", which is not among the first ten"
        yield clean_line(f"{miss.place}: {clean_line(miss.asked, limit=100)}")
        yield f"    {clean_line(f'expected {expected}{place}' if miss.expected else f'expected {expected}')}"
        yield f"    {clean_line(f'first is {first}')}"
        if miss.note:
            yield f"    {clean_line(f'note: {miss.note}')}"
    if found:
        yield ""
    for item in found:
        value = "nothing to measure" if item.value is None else f"{item.value:.3f}"
        yield f"{'MISSED ' if item.missed else 'reached'}  {item.name:10} {value}, wanted at least {item.wanted:g}"


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def data(found: Evaluation) -> dict[str, JsonValue]:
    """Return what was measured as data."""
    return {
        "name": found.name,
        "articles": found.articles,
        "model": found.model,
        "degraded": found.degraded,
        "median_ms": round(found.milliseconds, 2),
        "systems": [_system(system) for system in found.systems],
        "confidence": _plain(asdict(found.confidence)) if found.confidence else None,
    }


def test_data(found: Sequence[Threshold], missed: Sequence[Miss]) -> dict[str, JsonValue]:
    """Return how tests went as data."""
    return {
        "thresholds": [
            {"name": item.name, "wanted": item.wanted, "value": item.value, "missed": item.missed} for item in found
        ],
        "failed": [_plain(asdict(miss)) for miss in missed],
    }


def _system(system: System) -> dict[str, JsonValue]:
    return {
        "name": system.name,
        "overall": _measured(system.overall),
        "domains": {name: _measured(figures) for name, figures in system.domains.items()},
        "shipped_is_ahead_mrr@10": _plain(asdict(system.ahead)) if system.ahead else None,
    }


def _measured(figures: Figures) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {name: _plain(asdict(value)) for name, value in figures.values.items()}
    return {"queries": figures.queries, "dialogs": figures.dialogs, **values}


def _plain(values: Mapping[str, object]) -> dict[str, JsonValue]:
    """Return a dataclass's values as JSON has them."""
    return {name: _json(value) for name, value in values.items()}


def _json(value: object) -> JsonValue:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    if isinstance(value, str | int | float) or value is None:
        return value
    raise TypeError(f"no JSON: {value!r}")
