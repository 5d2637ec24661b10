"""A page that is shown live: server-sent events, which a browser takes up again where they were cut."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from agentassist.errors import NotFoundError, StoreError
from agentassist.server.errors import dumped
from agentassist.server.visitor import key_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from agentassist.server.hub import Stream
    from agentassist.server.service import Service

BEAT_SECONDS = 15.0
"""How often a page hears that the line still stands."""
BEATS_PER_SIGN = 2
"""After so many, the records keep that the page is still open."""
_CURSOR = re.compile(r"([0-9a-f]{16})-(\d{1,9})")


class EventStream(Response):
    """What was said since a cursor, then whatever is said, until the page or the server goes.

    Nothing is kept for a page that reads slowly: what it has not got yet is asked for when it is ready for more.

    Args:
        service: the server.
        token: the browser's.
        stream: the page; it was counted among those that are open.
        cursor: the last event that the page has, as `ID-SEQ`; anything else begins at the beginning.
    """

    media_type = "text/event-stream"

    def __init__(self, service: Service, token: str, stream: Stream, cursor: str) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._service = service
        self._stream = stream
        self._key = key_of(token, stream.conversation_id)
        found = _CURSOR.fullmatch(cursor)
        self._seq = int(found[2]) if found and found[1] == self._key else 0
        self._rest: dict[str, Any] = {}

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events."""
        with self._service.hub.joined(self._stream):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            gone = asyncio.create_task(self._until_gone(receive))
            try:
                await self._events(send)
            finally:
                gone.cancel()
                with suppress(asyncio.CancelledError):
                    await gone

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.end("gone")

    async def _events(self, send: Send) -> None:
        async def tell(text: str, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": text.encode("ascii"), "more_body": more})

        await tell("retry: 2000\n\n")
        await self._service.take_up(self._stream.conversation_id)
        await self._service.here(self._stream.conversation_id)
        beats = 0
        while not self._stream.over:
            self._stream.woken.clear()
            if event := await self._news():
                await tell(event)
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._stream.woken.wait()
            except TimeoutError:
                await tell("event: beat\ndata: 1\n\n")
                beats += 1
                if beats % BEATS_PER_SIGN == 0:
                    await self._service.here(self._stream.conversation_id)
        await tell(f"event: bye\ndata: {self._stream.over}\n\n", more=False)

    async def _news(self) -> str:
        """Return what the page has not got yet as an event, empty when there is nothing."""
        try:
            view = await self._service.view(self._stream.conversation_id, self._seq)
        except StoreError:
            return ""  # told where it is counted; the next beat asks again
        except NotFoundError:
            self._stream.end("moved")  # it was erased
            return ""
        reset, entries = self._seq == 0, view["entries"]
        rest = {name: value for name, value in view.items() if name not in ("entries", "seq")}
        if not entries and rest == self._rest:
            self._seq = max(self._seq, int(view["seq"]))
            return ""
        self._rest, self._seq = rest, max(self._seq, int(view["seq"]))
        self._stream.queued = view["queue"] is not None
        data = dumped({**view, "conversation": self._key, "reset": reset})
        return f"id: {self._key}-{self._seq}\nevent: view\ndata: {data}\n\n"


def cursor_of(request: Request) -> str:
    """Return the last event that a page has: the browser says it by itself, or the page that begins anew."""
    return str(request.headers.get("last-event-id") or request.query_params.get("after", ""))
