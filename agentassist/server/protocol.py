"""A connection to the server, with an end to everything that a peer could drag out."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from agentassist.server.limits import Limits

SEND_BUFFER = 64 * 1024
"""Bytes that the machine holds for a slow reader; without a word about it, that would be megabytes for each."""
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class GuardedConfig(Config):
    """The server's settings with its limits.

    Args:
        app: what answers.
        limits: see `Limits`.
        trusted_proxy: every connection comes from one, so that they are not counted by address here.
    """

    def __init__(self, app: Any, limits: Limits, *, trusted_proxy: bool, **settings: Any) -> None:
        super().__init__(
            app,
            http=GuardedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=limits.header_bytes,
            timeout_keep_alive=cast("int", limits.idle_seconds),
            **settings,
        )
        self.limits = limits
        self.trusted_proxy = trusted_proxy


class GuardedProtocol(H11Protocol):
    """Cuts off who sends a request's head too slowly, who reads too slowly, and who opens too many connections."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        guarded = cast("GuardedConfig", self.config)
        self._limits = guarded.limits
        self._by_address = not guarded.trusted_proxy
        self._refused = False
        self._head: asyncio.TimerHandle | None = None
        self._drain: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or say that there are too many."""
        stream = cast("asyncio.Transport", transport)
        if self._too_many(stream):
            self._refused = True
            self.transport = stream
            stream.write(_FULL)
            stream.close()
            return
        sock = stream.get_extra_info("socket")
        if sock is not None:
            with suppress(OSError):  # gone already: the loss is told next
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        super().connection_made(stream)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._end_wait_for_head()
        self._end_wait_for_reader()
        if not self._refused:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that is not whole in time ends the connection."""
        if self._refused:
            return
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before or self.transport.is_closing():
            self._end_wait_for_head()
        elif self._head is None and (before is None or before.response_complete):
            self._await_head()

    def pause_writing(self) -> None:
        """Begin to wait for a reader who takes nothing."""
        super().pause_writing()
        if self._drain is None:
            self._drain = self.loop.call_later(self._limits.drain_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader has taken something."""
        self._end_wait_for_reader()
        super().resume_writing()

    def _await_head(self) -> None:
        self._head = self.loop.call_later(self._limits.header_seconds, self.transport.abort)

    def _end_wait_for_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _end_wait_for_reader(self) -> None:
        if self._drain is not None:
            self._drain.cancel()
            self._drain = None

    def _too_many(self, transport: asyncio.Transport) -> bool:
        if len(self.connections) >= self._limits.connections:
            return True
        peer = transport.get_extra_info("peername")
        if not self._by_address or not peer:
            return False
        clients = [other.client for other in self.connections if isinstance(other, GuardedProtocol)]
        same = sum(client is not None and client[0] == peer[0] for client in clients)
        return bool(same >= self._limits.connections_per_address)
