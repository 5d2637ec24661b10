"""Many customers at the page at once: how soon a message is at a desk, whether any is lost, and what the server holds.

Run by hand: `python tests/bench/customers.py --minutes 10`. 200 customers are connected and write, three desks are open
on their real backends, each a process as the server is; all of it on this machine's own address, and it ends by itself.
With `--bot 0.3` the server has the index of the sample knowledge base, and that share of the customers asks the bot.
Ends with status 1 when a message took too long (95 % within 300 ms), was lost or doubled, or anything was refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from _customers import TOLD, Asker, Customer, RefusedError

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY))

from agentassist.clock import SystemClock  # noqa: E402
from agentassist.models import Author, EntryKind  # noqa: E402
from agentassist.paths import under  # noqa: E402
from agentassist.session.backend import Backend  # noqa: E402
from agentassist.session.desk import Desk  # noqa: E402

AT_MOST_MS = 300.0
AGENTS = ("Ada", "Bo", "Cy")
REPLIES_A_SECOND = 1.0
"""Of each desk: more than a person writes."""
SETTLE_SECONDS = 20.0
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile, 0 of nothing."""
    return statistics.quantiles(values, n=1000, method="inclusive")[int(share * 10) - 1] if len(values) > 1 else 0.0


# A desk, as a process


def desk(home: Path, agent: str) -> None:
    """Claim whoever waits, read whatever comes, reply now and then, and print at the end what came when."""
    backend = Backend(under(home), agent, SystemClock())
    backend.open()
    changed, stop = threading.Event(), threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.readline()
        stop.set()
        changed.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    backend.watch(changed.set)
    seen: dict[int, int] = {}
    came: list[tuple[str, float]] = []
    errors: list[str] = []
    replies, due = 0, monotonic()
    backend.records(Desk.overview).result()
    print("open", flush=True)
    while not stop.is_set():
        changed.wait(0.2)
        changed.clear()
        mine = backend.records(Desk.overview).result().mine
        for conversation in mine:
            if conversation.last_seq <= seen.get(conversation.id, 0):
                continue
            for entry in backend.records(Desk.entries, conversation.id, seen.get(conversation.id, 0)).result():
                seen[conversation.id] = entry.seq
                if entry.author is Author.CUSTOMER and (told := TOLD.match(entry.text)):
                    came.append((told[0], 1000 * (monotonic() - float(told[4]))))
        if mine and monotonic() > due:
            due = monotonic() + random.expovariate(REPLIES_A_SECOND)
            replies += 1
            text = f"r-{ord(agent[0])}-{replies} at {monotonic():.6f}"
            chosen = random.choice(mine).id
            try:
                backend.records(Desk.send, chosen, text, seen_seq=seen[chosen]).result()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                if (
                    type(error).__name__ != "UnseenEntriesError"
                ):  # the customer was faster: an agent would read that first
                    errors.append(repr(error))
    print(json.dumps({"came": came, "errors": errors}), flush=True)
    backend.close()


# All of it


@dataclass
class Run:
    """What a run needs and finds.

    Attributes:
        every: seconds between two messages of one customer.
        bot: the share of the customers who ask the bot; with any the server has an index.
        warm: seconds that the server has for learning before anybody comes.
        memory: of the server, MB, every second.
        desks_memory: of the largest desk.
        busy: seconds of a processor that each kind of process took.
    """

    home: Path
    customers: int
    seconds: float
    every: float
    bot: float = 0.0
    warm: float = 0.0
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    desks_memory: list[float] = field(default_factory=list)
    busy: dict[str, float] = field(default_factory=dict)

    async def serve(self) -> tuple[Process, int]:
        """Start the server; it takes the customers' addresses from a proxy of one's own."""
        (self.home / "config.toml").write_text("[serve]\ntrust_proxy = true\n", encoding="utf-8")
        server = await self.process("-m", "agentassist", "serve", "--port", "0")
        assert server.stderr is not None
        while line := (await server.stderr.readline()).decode():
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                return server, int(found[1])
        raise RefusedError("the server does not start")

    async def index(self) -> None:
        """Index the sample knowledge base."""
        indexing = await self.process("-m", "agentassist", "kb", "index")
        _, complaint = await indexing.communicate()
        if indexing.returncode:
            raise RefusedError(complaint.decode()[-500:])

    def arriving(self, port: int) -> list[Customer]:
        """Return everybody, who asks the bot among those who write to a person."""
        asking = [int((number + 1) * self.bot) > int(number * self.bot) for number in range(self.customers)]
        return [(Asker if asks else Customer)(number, port) for number, asks in enumerate(asking)]

    async def process(self, *line: str) -> Process:
        """Start a process on the same records."""
        environment = {**os.environ, "AGENTASSIST_HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}
        return await asyncio.create_subprocess_exec(
            sys.executable, *line, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=1 << 26
        )

    async def guarded(self, work: Any) -> None:
        """Do something; what goes wrong is counted."""
        try:
            await work
        except (OSError, RefusedError, TimeoutError, EOFError, ValueError, asyncio.IncompleteReadError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def watch(self, server: Process, desks: Sequence[Process]) -> None:
        """Note every second how much memory is held."""
        while True:
            self.memory.append(held(server))
            self.desks_memory.append(max(held(one) for one in desks))
            await asyncio.sleep(1)


def busy(process: Process) -> float:
    """Return how long a process has had a processor, seconds."""
    with suppress(OSError):
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def held(process: Process) -> float:
    """Return a process's resident memory, MB."""
    with suppress(OSError):
        return int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_MB
    return 0.0


async def until(holds: Any, seconds: float) -> bool:
    """Wait until something holds; say whether it came to hold."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


async def claim_all(home: Path) -> None:
    """Let the three agents take the customers in turn."""
    from agentassist.store.store import Store

    with Store.open(under(home).database, SystemClock()) as store:
        for at, conversation in enumerate(store.queue.waiting("")):
            store.claims.claim(conversation.id, AGENTS[at % len(AGENTS)])


async def measure(run: Run) -> int:
    """Let everybody come, write and go; print what was found; return the exit status."""
    if run.bot:
        await run.index()
    server, port = await run.serve()
    customers = run.arriving(port)
    await asyncio.sleep(run.warm if run.bot else 0)
    streams = []
    for customer in customers:
        await customer.arrive()
        streams.append(asyncio.create_task(run.guarded(customer.listen())))
    await claim_all(run.home)
    desks = [await run.process(__file__, "--desk", str(run.home), "--agent", agent) for agent in AGENTS]
    for one in desks:
        assert one.stdout is not None
        await asyncio.wait_for(one.stdout.readline(), SETTLE_SECONDS)
    if not await until(lambda: all(customer.claimed for customer in customers), SETTLE_SECONDS):
        raise RefusedError("not every customer has a person")
    watching = asyncio.create_task(run.watch(server, desks))
    began = [busy(one) for one in (server, *desks)]
    end = monotonic() + run.seconds
    await asyncio.gather(*(run.guarded(customer.write(end, run.every)) for customer in customers))
    await until(lambda: all(set(one.sent) <= set(one.shown) for one in customers), SETTLE_SECONDS)
    await asyncio.sleep(1)
    watching.cancel()
    took = [busy(one) - before for one, before in zip((server, *desks), began, strict=True)]
    run.busy = {"server": took[0], "three desks": sum(took[1:])}
    cut = sum(stream.done() for stream in streams)
    came: list[tuple[str, float]] = []
    for one in desks:
        out, complaint = await asyncio.wait_for(one.communicate(b"stop\n"), SETTLE_SECONDS)
        if one.returncode:
            run.errors.append(complaint.decode()[-500:])
            continue
        told = json.loads(out)
        came += told["came"]
        run.errors += told["errors"]
    server.send_signal(signal.SIGTERM)
    await asyncio.wait_for(server.communicate(), SETTLE_SECONDS)
    await asyncio.gather(*streams)
    return report(run, customers, came, cut)


def report(run: Run, customers: Sequence[Customer], came: Sequence[tuple[str, float]], cut: int) -> int:
    """Print what was found, and return the exit status."""
    from agentassist.store.store import Store

    sent = [text for customer in customers for text in customer.sent]
    at_desk = Counter(text for text, _ in came)
    with Store.open(under(run.home).database, SystemClock()) as store:
        stored = Counter(
            entry.text
            for number in store.sessions.ids(0, 10_000)
            for entry in store.transcript.entries(number)
            if entry.kind is EntryKind.MESSAGE
        )
    shown = sum((customer.shown for customer in customers), Counter[str]())
    places = {"records": stored, "desks": at_desk, "pages": shown}
    lost = {name: sum(text not in place for text in sent) for name, place in places.items()}
    doubled = {
        name: sum(count > 1 for text, count in place.items() if TOLD.match(text)) for name, place in places.items()
    }
    delays = [delay for _, delay in came]
    replies = [delay for customer in customers for delay in customer.replies]
    print(f"{run.customers} customers, {len(AGENTS)} desks, {run.seconds / 60:g} minutes")
    print(f"messages {len(sent)} ({len(sent) / run.seconds:.1f} a second), replies {len(replies)}")
    for name, values in (("message to desk", delays), ("reply to page", replies)):
        told = ", ".join(f"p{share} {percentile(values, share):.0f}" for share in (50, 95, 99))
        print(f"{name}, ms: {told}, max {max(values, default=0):.0f}")
    asked = tell_bot(run, [one for one in customers if isinstance(one, Asker)], stored)
    print(f"errors {len(run.errors)}, pages cut off {cut}, lost {lost}, doubled {doubled}")
    for name, held_mb in (("server", run.memory), ("largest desk", run.desks_memory)):
        moments = [held_mb[int(share * (len(held_mb) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)]
        print(f"memory of the {name}, MB, from start to end: " + " ".join(f"{value:.0f}" for value in moments))
    print(
        "share of a processor: "
        + ", ".join(f"{name} {100 * took / run.seconds:.0f} %" for name, took in run.busy.items())
    )
    for error in run.errors[:10]:
        print(f"  {error}")
    fine = asked and not run.errors and not cut and not sum(lost.values()) and not sum(doubled.values())
    return 0 if fine and sent and percentile(delays, 95) <= AT_MOST_MS else 1


def tell_bot(run: Run, askers: Sequence[Asker], stored: Counter[str]) -> bool:
    """Print how soon the bot answered and with what; say whether every question is in the records, once."""
    if not askers:
        return True
    asked = Counter(text for one in askers for text in one.asked)
    answers = [took for one in askers for took in one.answers]
    told = ", ".join(f"p{share} {percentile(answers, share):.0f}" for share in (50, 95, 99))
    said = sum((one.said for one in askers), Counter[str]())
    print(
        f"questions to the bot {asked.total()} by {len(askers)} customers ({asked.total() / run.seconds:.1f} a second)"
    )
    print(f"the bot's answer, ms: {told}, max {max(answers, default=0):.0f}; {dict(said)}")
    kept = all(stored[text] == count for text, count in asked.items())
    if not kept:
        print("  not every question is in the records, once")
    return kept and bool(answers)


def main() -> int:
    """Run as many minutes as asked, or one desk of a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two messages of one customer")
    parser.add_argument("--bot", type=float, default=0.0, help="share of the customers who ask the bot")
    parser.add_argument("--warm", type=float, default=0.0, help="seconds before anybody comes")
    parser.add_argument("--desk", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--agent", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.desk:
        desk(asked.desk, asked.agent)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), asked.customers, asked.minutes * 60, asked.every, asked.bot, asked.warm)
        return asyncio.run(measure(run))


if __name__ == "__main__":
    sys.exit(main())
