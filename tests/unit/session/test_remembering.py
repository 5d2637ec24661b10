"""What agents send is remembered at the next search, told truly, and forgotten for good."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Event,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    QueryPart,
    Recalled,
    SearchResult,
)
from agentassist.models_memory import Deed, Did, Ending, expected
from agentassist.session import remembering
from agentassist.session.desk import Desk
from agentassist.session.erasing import erase_learning
from agentassist.session.remembering import Remembering, hear
from agentassist.store.connection import Connection
from agentassist.store.similar import SessionVector
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tests.unit.session.conftest import StandingClock

MODEL = "m1"
MARKED = np.array([0.6, 0.8, 0.0, 0.0], dtype=np.float32)
"""What is asked: a vector whose bytes are seen nowhere else in a file."""
DANA, BO = Customer("cust-dana", "Dana"), Customer("cust-bo", "Bo")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Where the records are."""
    return tmp_path / "records" / "agentassist.db"


@pytest.fixture
def store(records: Path, clock: StandingClock) -> Iterator[Store]:
    """The records, as a desk has them open."""
    with Store.open(records, clock) as opened:
        yield opened


@pytest.fixture
def memory(records: Path, clock: StandingClock) -> Iterator[Remembering]:
    """The memory of a desk, another connection."""
    made = Remembering(records, clock)
    yield made
    made.close()


def hit(name: str, rank: int = 1) -> Hit:
    """A hit as search returns it."""
    article = Article(name, ArticleKind.ARTICLE, f"About {name}", f"https://x/{name}", f"{name}.md")
    return Hit(rank, article, Passage(name, 0, "", "about"), 1.0, 0.5, (), article.url, "words")


def found(*names: str, vector: NDArray[np.float32] = MARKED, hits: tuple[Hit, ...] = ()) -> SearchResult:
    """What a search found."""
    hits = hits or tuple(hit(name, rank) for rank, name in enumerate(names, start=1))
    return SearchResult(hits, Mode.HYBRID, context=vector.astype("<f2").tobytes(), model=MODEL)


def begin(store: Store, customer: Customer = DANA) -> int:
    """A conversation that an agent has."""
    number = store.transcript.start(customer, "web")
    store.transcript.append(
        number,
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "the dial wont pair"),
        NewEntry(Author.SYSTEM, EntryKind.EVENT, "asked", data={"event": Event.HANDOFF.value}),
    )
    Desk(store, "Ada").claim(number)
    return number


def send(store: Store, number: int, *names: str, result: SearchResult | None = None, source: str = "burst") -> None:
    """Offer articles, and send the first."""
    ada = Desk(store, "Ada")
    last = store.transcript.entries(number)[-1].seq
    query = Query((QueryPart("dial", 1.0, source),), last)
    offers = ada.offer(number, query, result or found(*names))
    ada.send(number, offers[0].text, seen_seq=last, offers=offers[:1])


def say(store: Store, number: int, text: str) -> None:
    """Let the customer say something."""
    store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))


def recall(memory: Remembering, clock: StandingClock, number: int = 0) -> Mapping[str, Recalled]:
    """What is remembered for a conversation that asks the same."""
    return memory.for_conversation(number).recall(MODEL, MARKED, clock.now().date())


def deed(store: Store, number: int) -> Deed:
    """The one thing that was done in a conversation, as it is read anew."""
    (lesson,) = store.lessons(hear).lessons([number])
    (one,) = lesson.deeds
    return one


def test_the_next_search_knows_the_last_send(store: Store, memory: Remembering, clock: StandingClock) -> None:
    """Nothing is known before; after a send it is, in the conversations of others and not in the one that sent."""
    first = begin(store)
    assert recall(memory, clock, first) == {}
    send(store, first, "reset", "wifi")
    assert recall(memory, clock, 999)["reset"].sent == 1
    assert recall(memory, clock, first) == {}
    send(store, begin(store, BO), "reset", "wifi")
    assert recall(memory, clock, 999)["reset"].sent == 2
    assert recall(memory, clock, first)["reset"].sent == 1


def test_a_send_tells_how_little_it_was_expected(store: Store) -> None:
    """It is one less the share of belief among what that search suggested: most for the last, least for the first."""
    scores = {"reset": 3.0, "wifi": 1.0, "dial": 0.0}
    surprises = []
    for name in scores:
        number = begin(store)
        hits = tuple(
            replace(hit(each, rank), score=score) for rank, (each, score) in enumerate(scores.items(), start=1)
        )
        rows = store.suggestions.show(number, "Ada", Query((QueryPart("dial", 1.0, "burst"),), 1), found(hits=hits))
        (row,) = (row for row in rows if row.article_id == name)
        store.suggestions.mark(row.id, Outcome.SENT, "Ada")
        surprises.append(deed(store, number).surprise)
    assert surprises == sorted(surprises)
    assert surprises == pytest.approx([1 - share for share in expected(scores).values()])


def test_typed_words_teach_what_the_conversation_had_not_found(store: Store) -> None:
    """What only typed words found surprises wholly for the conversation's own search, which did not suggest it."""
    number = begin(store)
    Desk(store, "Ada").offer(number, Query((QueryPart("dial", 1.0, "burst"),), 2), found("wifi"))
    send(store, number, "reset", "wifi", source="typed")
    surprises = [item.surprise for lesson in store.lessons().lessons([number]) for item in lesson.deeds]
    assert sorted(surprises) == pytest.approx([0.5, 1.0])


SENDS = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Outcome
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    store.suggestions.mark(int(sys.argv[2]), Outcome.SENT, "Bo")
"""


def test_a_send_of_another_process_counts_too(store: Store, memory: Remembering, clock: StandingClock) -> None:
    """The next search sees it without being told."""
    import subprocess
    import sys

    number = begin(store)
    (row,) = store.suggestions.show(number, "Ada", Query((QueryPart("dial", 1.0, "burst"),), 1), found("reset"))
    assert recall(memory, clock) == {}
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", SENDS, memory._path, str(row.id), str(root)], check=True, timeout=60)
    assert recall(memory, clock)["reset"].sent == 1


@pytest.mark.parametrize(
    ("outcomes", "did"),
    [
        ([Outcome.OPENED, Outcome.INSERTED], None),
        ([Outcome.THUMBS_UP], Did.THUMBS_UP),
        ([Outcome.THUMBS_UP, Outcome.RESTORED], None),
        ([Outcome.DISMISSED], Did.DISMISSED),
        ([Outcome.SENT, Outcome.DISMISSED], Did.SENT),
        ([Outcome.SENT, Outcome.THUMBS_DOWN], Did.THUMBS_DOWN),
        ([Outcome.THUMBS_DOWN, Outcome.RESTORED, Outcome.SENT], Did.SENT),
        ([Outcome.EDITED, Outcome.SENT], Did.EDITED),
    ],
)
def test_what_was_done_in_the_end(store: Store, outcomes: list[Outcome], did: Did | None) -> None:
    """The last verdict counts, a thumb down also after a send, and what was undone or looked at teaches nothing."""
    number = begin(store)
    (row,) = store.suggestions.show(number, "Ada", Query((QueryPart("dial", 1.0, "burst"),), 1), found("reset"))
    for outcome in outcomes:
        store.suggestions.mark(row.id, outcome, "Ada")
    lessons = store.lessons().lessons([number])
    assert [item.did for lesson in lessons for item in lesson.deeds] == ([did] if did else [])


def test_how_it_ended_follows_from_what_was_said(store: Store, memory: Remembering, clock: StandingClock) -> None:
    """Solved by the disposition or the customer's word; came back within days, and not by a thank you; told at once."""
    number = begin(store)
    send(store, number, "reset")
    assert deed(store, number).ending is Ending.UNKNOWN
    assert recall(memory, clock)["reset"].solved == 0
    say(store, number, "Perfect, that works now!")
    assert deed(store, number).ending is Ending.SOLVED
    assert recall(memory, clock)["reset"].solved == 1
    Desk(store, "Ada").close(number, "not-solved", "")
    say(store, number, "Thank you, bye")
    assert deed(store, number).ending is Ending.SOLVED
    say(store, number, "Hm. The dial is not paired again, what now?")
    assert deed(store, number).ending is Ending.CAME_BACK
    assert recall(memory, clock)["reset"].vote < 0


@pytest.mark.parametrize(("days", "ending"), [(6, Ending.CAME_BACK), (8, Ending.SOLVED)])
def test_a_customer_who_begins_anew_came_back(
    store: Store, memory: Remembering, clock: StandingClock, days: int, ending: Ending
) -> None:
    """Within a week of the end it says that it did not help; later, or another customer, says nothing."""
    number = begin(store)
    send(store, number, "reset")
    Desk(store, "Ada").close(number, "solved-article", "")
    assert recall(memory, clock)["reset"].solved == 1
    begin(store, BO)
    assert deed(store, number).ending is Ending.SOLVED
    clock.moment += timedelta(days=days)
    begin(store, DANA)
    assert deed(store, number).ending is ending
    assert recall(memory, clock)["reset"].solved == int(ending is Ending.SOLVED)


def test_typed_words_teach_for_the_conversation(store: Store, memory: Remembering, clock: StandingClock) -> None:
    """What an agent had to search for is remembered where the conversation itself had asked in vain."""
    number = begin(store)
    store.suggestions.record(number, Query((QueryPart("dial", 1.0, "burst"),), 1), found("other"))
    typed = found("reset", vector=np.array([0, 0, 1, 0], dtype=np.float32))
    send(store, number, result=typed, source="typed")
    assert recall(memory, clock)["reset"].sent == 1
    assert "other" not in recall(memory, clock)


def test_old_lessons_are_read_little_by_little(
    store: Store, memory: Remembering, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each search reads on, the newest first, until all is known; nothing is read twice."""
    for name in ("one", "two", "three"):
        send(store, begin(store), name)
    monkeypatch.setattr(remembering, "PAGE", 1)
    ticks = iter(range(1000))
    monkeypatch.setattr(remembering, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(remembering, "SLICE_SECONDS", 1.5)
    seen = [set(recall(memory, clock)) for _ in range(5)]
    assert seen[0] == {"three"}
    assert seen[-1] == {"one", "two", "three"}
    assert len(memory.lessons(whole=True)) == 3


def test_what_is_old_is_learned_while_nobody_searches(
    store: Store, memory: Remembering, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A little at a time, until there is no more; the first search then knows all of it."""
    assert not memory.learn()  # nothing yet
    for name in ("one", "two", "three"):
        send(store, begin(store), name)
    memory.close()
    fresh = Remembering(memory._path, clock)
    monkeypatch.setattr(remembering, "PAGE", 1)
    ticks = iter(range(1000))
    monkeypatch.setattr(remembering, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(remembering, "SLICE_SECONDS", 1.5)
    assert fresh.learn()
    slices = 1
    while fresh.learn():
        slices += 1
        assert slices < 20
    assert slices > 1
    monkeypatch.setattr(remembering, "SLICE_SECONDS", 0.0)
    assert set(recall(fresh, clock)) == {"one", "two", "three"}
    fresh.close()


def test_there_is_nothing_to_learn_where_nothing_can_be_read(records: Path, clock: StandingClock) -> None:
    """Records that are missing or damaged end it at once, so that nobody asks again and again."""
    assert not Remembering(records, clock).learn()
    records.parent.mkdir(parents=True)
    records.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    assert not Remembering(records, clock).learn()


def test_trouble_stops_nothing(records: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without records, or with a file that is none, nothing is remembered, nothing is raised, and it says why."""
    memory = Remembering(records, clock)
    assert recall(memory, clock) == {}
    assert not records.exists()
    assert memory.degraded == ""
    records.parent.mkdir(parents=True, exist_ok=True)
    records.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    assert recall(memory, clock) == {}
    assert memory.degraded.startswith("without the desk's memory: ")
    records.unlink()
    later = time.monotonic() + 2 * remembering.TROUBLE_SECONDS
    monkeypatch.setattr(remembering, "monotonic", lambda: later)
    with Store.open(records, clock) as store:
        send(store, begin(store), "reset")
        assert recall(memory, clock)["reset"].sent == 1
        assert memory.degraded == ""
    memory.close()


def test_a_lock_is_not_waited_for(store: Store, records: Path, memory: Remembering, clock: StandingClock) -> None:
    """While another process writes, the memory reads what was there before."""
    send(store, begin(store), "reset")
    other = Connection.open(records)
    with other.write() as write:
        write.run("UPDATE drafts SET text = text")
        assert recall(memory, clock)["reset"].sent == 1
    other.close()


def test_what_is_forgotten_has_no_vote(store: Store, memory: Remembering, clock: StandingClock) -> None:
    """A conversation, an article until now, a customer: gone at the next search; what comes later counts again."""
    first, second = begin(store), begin(store, BO)
    for number in (first, second):
        send(store, number, "reset")
    assert recall(memory, clock)["reset"].sent == 2
    assert store.contexts.forget_conversation(first) == 1
    assert recall(memory, clock)["reset"].sent == 1
    store.contexts.forget_article("reset")
    assert recall(memory, clock) == {}
    send(store, begin(store), "reset")
    assert recall(memory, clock)["reset"].sent == 1
    store.contexts.forget_article("reset")
    assert recall(memory, clock) == {}
    assert store.contexts.size()[0] == 2


def test_an_erased_customer_leaves_no_byte(
    store: Store, records: Path, memory: Remembering, clock: StandingClock
) -> None:
    """The vectors of the customer's words are in neither the file nor its log; others' are; none is made again."""
    mine, others = begin(store), begin(store, BO)
    marked, kept = (np.array(row, dtype="<f2").tobytes() * 90 for row in ([0.36, 0.48, 0.8], [0.1, 0.7, 0.7]))
    send(store, mine, result=replace(found("reset"), context=marked))
    send(store, others, result=replace(found("reset"), context=kept))
    Desk(store, "Ada").close(mine, "solved", "")
    store.similar.put([SessionVector(mine, store.transcript.entries(mine)[-1].seq, MODEL, marked, marked)])
    held = b"".join(file.read_bytes() for file in records.parent.iterdir())
    assert marked[:64] in held
    assert erase_learning(store, DANA.id) == 2
    held = b"".join(file.read_bytes() for file in records.parent.iterdir())
    assert marked[:64] not in held
    assert kept[:64] in held
    Desk(store, "Ada").reopen(mine)
    send(store, mine, "wifi")
    assert store.contexts.size()[0] == 1
    assert erase_learning(store, DANA.id) == 0
    assert set(recall(memory, clock)) == set()


def test_lessons_name_their_day(store: Store, clock: StandingClock) -> None:
    """The day of a lesson is the day on which it was done, UTC."""
    clock.moment = clock.moment.replace(hour=23, minute=59, second=58)
    number = begin(store)
    send(store, number, "reset")
    assert deed(store, number).day == date(2026, 11, 23)
