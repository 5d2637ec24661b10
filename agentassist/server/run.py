"""Runs the server until it is told to stop, and stops it so that nothing is lost."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uvicorn import Server

from agentassist.errors import AgentAssistError, UsageError
from agentassist.friction.meter import Meter
from agentassist.server.app import create_app
from agentassist.server.counter import Counter, make_counter, meter_settings
from agentassist.server.limits import Limits
from agentassist.server.protocol import GuardedConfig
from agentassist.server.service import Service
from agentassist.server.site import site_of
from agentassist.server.turns import BURST_SECONDS
from agentassist.session.backend import Threads

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType, TracebackType

    from agentassist.config import Config
    from agentassist.paths import Paths
    from agentassist.protocols import Clock

STOP_SECONDS = 8
"""How long a stop waits for requests that are being answered."""
DEFAULT_LIMITS = Limits()


class PageServer(Server):
    """The customer's page at one address.

    Args:
        paths: where the records and the index are.
        config: of the page.
        clock: the time.
        host: where to listen.
        port: where to listen, 0 for any that is free.
        kb_folder: the knowledge base; None means the one that ships.
        limits: how much one customer gets.
        pause: see `Turns`.
        measured: whether friction is; without, the bot offers nobody by itself.
        ready: called with the address once it answers.

    Raises:
        UsageError: nobody can listen there.
        ConfigError: a configured address is none.
        NotFoundError: there is no such knowledge base.
        StoreError: the records cannot be opened.
    """

    def __init__(
        self,
        paths: Paths,
        config: Config,
        clock: Clock,
        *,
        host: str,
        port: int,
        kb_folder: Path | None = None,
        limits: Limits = DEFAULT_LIMITS,
        pause: float = BURST_SECONDS,
        measured: bool = True,
        ready: Callable[[str], None] | None = None,
    ) -> None:
        site = site_of(config.serve, host)
        self.socket = _listening(host, port)
        number = self.socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{number}"
        self._ready = ready
        words = Meter.load(settings=meter_settings(config)) if measured else None
        counter = make_counter(config, kb_folder, clock, words)
        backend = Threads(paths, clock, counter, kb_folder, config.search.reranker_ms)
        try:
            backend.records(Counter.prepare).result()
        except AgentAssistError:
            backend.close()
            self.socket.close()
            raise
        self.service = Service(
            backend,
            config=config,
            words=words,
            site=site,
            limits=limits,
            clock=clock,
            monotonic=time.monotonic,
            pause=pause,
        )
        app = create_app(self.service, time.monotonic)
        super().__init__(
            GuardedConfig(app, limits, trusted_proxy=site.trust_proxy, timeout_graceful_shutdown=STOP_SECONDS)
        )

    def serve_until_stopped(self) -> None:
        """Answer until SIGINT, SIGTERM or `should_exit`; what was accepted is on disk, and every stream has ended."""
        asyncio.run(self.serve(sockets=[self.socket]))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say where."""
        await super().startup(sockets)
        if self._ready is not None and self.started:
            self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: a stop would wait for them."""
        self.service.hub.stop()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on the usual signals, and end as a program that has done what it was told."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._told) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except (OSError, OverflowError) as error:
        sock.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen at {host} port {port}: {reason}", "Choose another with --port.") from error
    return sock


def log_to_stderr() -> None:
    """Note troubles on stderr: what kind and where, never what a customer said or which link it was."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(without_words)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def without_words(record: logging.LogRecord) -> bool:
    """Put the place and kind of an exception for its text and trace, which may hold a customer's words."""
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        record.msg = f"{str(record.msg).strip()}: {kind.__name__} at {_place(trace)}"
        record.args, record.exc_info, record.exc_text = None, None, None
    return True


def _place(trace: TracebackType | None) -> str:
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
