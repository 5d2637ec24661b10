"""Customers for `customers.py`: each with a page that is shown live, and a line on which they write or ask the bot."""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

TOLD = re.compile(r"([mr])-(\d+)-(\d+) at ([\d.]+)")
"""What is written: by whom, which of theirs, and when, on the clock that all processes of a machine share."""
ANSWERED_SECONDS = 30.0
"""Whoever waits longer for the bot is counted as an error."""
QUESTIONS = 3
"""Of one conversation; then another begins."""


class RefusedError(Exception):
    """The server did not do what it was asked."""


@dataclass
class Customer:
    """One customer: a page that is shown live, and a line on which they write.

    Attributes:
        number: tells them apart.
        sent: what was accepted.
        shown: what their page shows of their own, each as often as it came.
        replies: how late the agents' replies came, ms.
    """

    number: int
    port: int
    sent: list[str] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    replies: list[float] = field(default_factory=list)
    cookie: str = ""
    key: str = ""
    claimed: bool = False
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def _head(self, first: str, *more: str) -> bytes:
        # A proxy of one's own tells each customer's address; without it all of them had one, and its share.
        address = f"10.0.{self.number // 250}.{self.number % 250 + 1}"
        host = f"127.0.0.1:{self.port}"
        rows = (first, f"host: {host}", f"origin: http://{host}", f"x-forwarded-for: {address}", *more)
        return ("\r\n".join((*rows, f"cookie: {self.cookie}")) + "\r\n\r\n").encode()

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the server for something.

        Raises:
            RefusedError: it was not done.
        """
        if self.line is None or self.line[0].at_eof():
            self.line = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.line
        data = json.dumps({"conversation": self.key, "id": secrets.token_hex(12), **body}).encode()
        writer.write(
            self._head(f"POST /api/{path} HTTP/1.1", "content-type: application/json", f"content-length: {len(data)}")
            + data
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        answer = json.loads(await reader.readexactly(int(length[1]) if length else 0))
        if not head.startswith("HTTP/1.1 200"):
            raise RefusedError(f"{path}: {head.splitlines()[0]} {answer}")
        if found := re.search(r"set-cookie: ([^;]+)", head, re.IGNORECASE):
            self.cookie = found[1]
        return dict(answer)

    async def arrive(self) -> None:
        """Open the page and ask for a person."""
        self.key = (await self.post("begin", language="en", timezone="Europe/Lisbon"))["conversation"]
        await self.post("wish", wish="person", details={})

    async def listen(self) -> str:
        """Read what the page is told, until it is cut off, and return why that was.

        Raises:
            RefusedError: it is not shown.
        """
        last = ""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._head("GET /api/stream HTTP/1.1"))
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            if not head.startswith("HTTP/1.1 200"):
                raise RefusedError(f"stream: {head.splitlines()[0]}")
            while size := int(await reader.readline(), 16):
                for row in (await reader.readexactly(size + 2)).decode().splitlines():
                    last = row[6:] if row.startswith("data: ") else last
                    if row.startswith("data: {"):
                        self._take(json.loads(row[6:]))
        finally:
            writer.close()
        return last

    def _take(self, view: dict[str, Any]) -> None:
        self.claimed = view["state"] == "claimed"
        for entry in view["entries"]:
            if told := TOLD.match(entry["text"]):
                self.shown[told[0]] += 1
                if told[1] == "r":
                    self.replies.append(1000 * (monotonic() - float(told[4])))

    async def write(self, until: float, every: float) -> None:
        """Write as customers do: at times of their own, about so often."""
        await asyncio.sleep(random.uniform(0, every))
        while monotonic() < until:
            text = f"m-{self.number}-{len(self.sent)} at {monotonic():.6f}"
            await self.post("say", text=text)
            self.sent.append(text)
            await asyncio.sleep(random.uniform(0.5, 1.5) * every)


def questions() -> list[str]:
    """Return what customers of the sample company ask; to a word of thanks the bot may say nothing."""
    file = Path(__file__).parents[2] / "kb" / "tests.yaml"
    return re.findall(r"^ +- (?:ask|customer): (.{20,})$", file.read_text(encoding="utf-8"), re.MULTILINE)


@dataclass
class Asker(Customer):
    """A customer who asks the bot, waits for what it says, and asks again.

    Attributes:
        asked: what was accepted.
        answers: how long the bot took, ms, with the pause in which it waits for the end of a burst.
        said: what it said, by kind.
        last: what the page shows last.
    """

    asked: list[str] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    state: str = ""
    last: str = ""
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def arrive(self) -> None:
        """Open the page."""
        self.key = (await self.post("begin", language="en", timezone="Europe/Lisbon"))["conversation"]
        self.claimed = True  # nobody is waited for

    async def listen(self) -> str:
        """Read what the page is told, one conversation after the other, until the server ends it all.

        Raises:
            RefusedError: it is not shown.
        """
        last = "moved"
        while last == "moved":
            last = await super().listen()
        return last

    def _take(self, view: dict[str, Any]) -> None:
        self.state = view["state"]
        for entry in view["entries"]:
            self.last = f"{entry['author']} {entry['kind']}: {entry['text'][:60]}"
            if entry["author"] == "bot" and self.asked and not self.heard.is_set():
                self.said[entry["kind"] if self.state == "digital" else "person"] += 1
                self.heard.set()

    async def write(self, until: float, every: float) -> None:
        """Ask as customers do: wait for the answer, read it, ask on."""
        self.heard.set()  # what the page shows at first is no answer
        texts = questions()
        await asyncio.sleep(random.uniform(0, every))
        while monotonic() < until:
            if len(self.asked) % QUESTIONS == 0 and self.asked:
                self.key = (await self.post("new"))["conversation"]
                await asyncio.sleep(1)
            elif self.state == "waiting":
                await self.post("wish", wish="bot", details={})
                await asyncio.sleep(1)
            text = random.choice(texts)
            self.heard.clear()
            began = monotonic()
            self.asked.append(text)
            await self.post("say", text=text)
            try:
                await asyncio.wait_for(self.heard.wait(), ANSWERED_SECONDS)
            except TimeoutError:
                raise RefusedError(f"no answer to {text!r} while {self.state}, after {self.last!r}") from None
            self.answers.append(1000 * (monotonic() - began))
            await asyncio.sleep(random.uniform(0.5, 1.5) * every)
