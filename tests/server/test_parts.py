"""The parts of the server by themselves: shares, addresses, turns, and who is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from time import monotonic

import pytest

from agentassist.config import ServeConfig
from agentassist.errors import ConfigError, StoreBusyError, UsageError
from agentassist.server.errors import Refusal
from agentassist.server.guard import share_of
from agentassist.server.hub import BETWEEN_LOOKS, Hub, Stream
from agentassist.server.limits import Buckets, Limits, Rate
from agentassist.server.run import _listening
from agentassist.server.site import is_loopback, origin_of, site_of
from agentassist.server.turns import Turns
from agentassist.server.visitor import key_of, new_token
from tests.server.conftest import SECONDS


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.at


async def _until(holds: Callable[[], object]) -> None:
    """Let the loop go on until something holds."""
    end = monotonic() + SECONDS
    while not holds():
        assert monotonic() < end
        await asyncio.sleep(0.001)


# Shares


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    """Three at once, one more each two seconds, and never more than three however long nobody asked."""
    seconds = Seconds()
    buckets = Buckets(Rate(3, 0.5), seconds)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    assert buckets.take("b") == 0
    seconds.at += 1
    assert buckets.take("a") == pytest.approx(1.0)
    seconds.at += 1
    assert buckets.take("a") == 0
    seconds.at += 1e9
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_who_is_refused_does_not_wait_longer_for_it() -> None:
    """To ask too early costs nothing, so that an honest page that tries again gets through."""
    seconds = Seconds()
    buckets = Buckets(Rate(1, 1), seconds)
    buckets.take("a")
    for _ in range(9):
        seconds.at += 0.1
        assert buckets.take("a") > 0
    seconds.at += 0.11
    assert buckets.take("a") == 0


def test_buckets_are_forgotten_before_they_fill_the_memory() -> None:
    """However many addresses come, only so many are kept: those that came last."""
    buckets = Buckets(Rate(1, 0.001), Seconds(), most=100)
    for number in range(1_000):
        buckets.take(f"address {number}")
    assert len(buckets) == 100
    assert buckets.take("address 999") > 0
    assert buckets.take("address 0") == 0


# Addresses


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Help.Example.com/chat?x=1", "https://help.example.com"),
        ("https://help.example.com:443", "https://help.example.com"),
        ("http://127.0.0.1:8765/", "http://127.0.0.1:8765"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_a_browser_does(url: str, origin: str) -> None:
    """Lower case, without the usual port and without a path."""
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example", "https://", "https://*.example.com", "https://a.example; script-src *", "https://a,b",
     "https://user@a.example", "https://a.example:99999999", "https://[", "https://ünicode.example", "https://'none'"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(url: str) -> None:
    """Nothing that would say something else within a policy gets into one."""
    with pytest.raises(ConfigError):
        origin_of(url)


def test_a_server_knows_its_names() -> None:
    """Loopback's names and its public one; any only where it listens to everybody and nobody has said its name."""
    local = site_of(ServeConfig(), "127.0.0.1")
    assert all(local.knows(host) for host in ("127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765"))
    assert not any(local.knows(host) for host in ("", "evil.example", "127.0.0.1.evil.example", "10.0.0.1:8765"))
    public = site_of(ServeConfig(public_url="https://help.example.com"), "0.0.0.0")
    assert public.knows("help.example.com")
    assert not public.knows("other.example.com")
    assert site_of(ServeConfig(), "0.0.0.0").knows("whatever.example")


def test_only_its_own_pages_are_of_the_same_origin() -> None:
    """By the public address only with its scheme; else by the name that was called."""
    public = site_of(ServeConfig(public_url="https://help.example.com"), "127.0.0.1")
    assert public.same_origin("https://help.example.com", "help.example.com")
    assert not public.same_origin("http://help.example.com", "help.example.com")
    assert public.same_origin("http://127.0.0.1:8765", "127.0.0.1:8765")
    assert not public.same_origin("http://127.0.0.1:8766", "127.0.0.1:8765")
    for origin in (
        "null",
        "",
        "help.example.com",
        "https://",
        "file://127.0.0.1:8765",
        "https://help.example.com.evil",
    ):
        assert not public.same_origin(origin, "127.0.0.1:8765"), origin


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("help.example.com", False), ("", False)],
)  # fmt: skip
def test_it_is_known_who_reaches_an_address(host: str, only_here: bool) -> None:
    """Only loopback is for this machine alone."""
    assert is_loopback(host) is only_here


def test_a_taken_port_is_told_in_words() -> None:
    """With what to do about it, and not by a trace."""
    first = _listening("127.0.0.1", 0)
    first.listen()
    with pytest.raises(UsageError, match="cannot listen at"):
        _listening("127.0.0.1", first.getsockname()[1])
    first.close()
    with pytest.raises(UsageError):
        _listening("192.0.2.1", 0)


def test_a_token_is_random_and_tells_nothing_of_a_conversation() -> None:
    """128 bits, no two the same; the page's word for a conversation differs for each and hides its number."""
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert {len(token) for token in tokens} == {22}
    token = tokens.pop()
    assert len({key_of(token, number) for number in range(1_000)}) == 1_000
    assert key_of(token, 1) != key_of(tokens.pop(), 1)


@pytest.mark.parametrize(
    ("address", "share"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_who_has_many_addresses_has_one_share(address: str, share: str) -> None:
    """A network of IPv6 is one customer; what is no address is itself."""
    assert share_of(address) == share


# Turns


async def test_a_burst_is_one_turn() -> None:
    """Whoever goes on within the pause is answered once."""
    taken: list[int] = []

    async def take(conversation_id: int) -> None:
        taken.append(conversation_id)

    changed: list[int] = []
    turns = Turns(take, changed.append, pause=0.05)
    for _ in range(3):
        turns.due(1)
        await asyncio.sleep(0.01)
    turns.due(2)
    assert turns.thinking(1)
    await _until(lambda: not turns.thinking(1) and not turns.thinking(2))
    assert sorted(taken) == [1, 2]
    assert changed.count(1) >= 2


async def test_the_end_takes_the_turns_that_are_due_at_once() -> None:
    """A stop does not leave a customer without an answer, and does not wait for the pause."""
    taken: list[int] = []

    async def take(conversation_id: int) -> None:
        taken.append(conversation_id)

    turns = Turns(take, lambda _: None, pause=600)
    turns.due(1)
    turns.due(2)
    await asyncio.wait_for(turns.finish(), 60)
    assert sorted(taken) == [1, 2]


async def test_a_turn_that_fails_ends() -> None:
    """The customer is not told for ever that the bot is about to say something."""

    async def take(conversation_id: int) -> None:
        raise StoreBusyError("another writes", "Wait.")

    turns = Turns(take, lambda _: None, pause=0)
    turns.due(1)
    assert turns.thinking(1)
    await _until(lambda: not turns.thinking(1))


# Who is woken


class Records:
    """What a hub looks at."""

    def __init__(self) -> None:
        self.seqs: dict[int, int] = {}
        self.typing: set[int] = set()
        self.looks: list[list[int]] = []
        self.busy = False

    async def look(self, conversation_ids: Collection[int]) -> tuple[Mapping[int, int], Collection[int]]:
        """Answer as the records do."""
        self.looks.append(sorted(conversation_ids))
        if self.busy:
            raise StoreBusyError("another writes", "Wait.")
        return dict(self.seqs), set(self.typing)


async def _looked(hub: Hub, running: asyncio.Task[None], streams: list[Stream]) -> list[bool]:
    """Say that something has changed, and return which streams were woken."""
    for stream in streams:
        stream.woken.clear()
    hub.changed()
    await _until(lambda: not hub._something.is_set())  # it looks in the same step
    assert not running.done()
    return [stream.woken.is_set() for stream in streams]


async def test_only_who_has_something_to_see_is_woken() -> None:
    """One look for all; a new entry and an agent who types wake that conversation alone, a queue wakes who waits."""
    records, seconds = Records(), Seconds()
    hub = Hub(records.look, Limits(), seconds)
    running = asyncio.create_task(hub.run())
    one, two, three = (Stream(number, f"address {number}") for number in (1, 2, 3))
    with hub.joined(one), hub.joined(two), hub.joined(three):
        await _looked(hub, running, [one, two, three])  # the first look learns where they stand
        assert records.looks == [[1, 2, 3]]
        assert await _looked(hub, running, [one, two, three]) == [False] * 3
        records.seqs[2] = 1
        assert await _looked(hub, running, [one, two, three]) == [False, True, False]
        records.typing = {3}
        assert await _looked(hub, running, [one, two, three]) == [False, False, True]
        records.busy = True
        assert await _looked(hub, running, [one, two, three]) == [False] * 3
        records.busy = False
        one.queued = True
        assert await _looked(hub, running, [one, two, three]) == [False] * 3
        seconds.at += 60
        assert await _looked(hub, running, [one, two, three]) == [True, False, False]
    looks = len(records.looks)
    await _looked(hub, running, [])
    assert len(records.looks) == looks  # nobody is there, so nothing is asked
    running.cancel()


async def test_a_burst_of_writes_is_few_looks() -> None:
    """However much is written, the records are asked only so often."""
    records = Records()
    hub = Hub(records.look, Limits(), Seconds())
    running = asyncio.create_task(hub.run())
    with hub.joined(Stream(1, "here")):
        began = monotonic()
        for _ in range(50):
            hub.changed()
            await asyncio.sleep(0.002)
        await _until(lambda: not hub._something.is_set())
        took = monotonic() - began
    assert 1 < len(records.looks) <= took / BETWEEN_LOOKS + 2
    running.cancel()


async def test_a_stopped_hub_takes_nobody_in() -> None:
    """Every page is ended, and one that comes meanwhile is told to come again."""
    hub = Hub(Records().look, Limits(), Seconds())
    stream = Stream(1, "here")
    with hub.joined(stream):
        hub.stop()
        assert (stream.over, stream.woken.is_set()) == ("stop", True)
        with pytest.raises(Refusal), hub.joined(Stream(1, "here")):
            pass
