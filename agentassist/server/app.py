"""The web application: the page, what it asks, the links it was sent, and the health of it all."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from agentassist.errors import (
    AgentAssistError,
    FlowError,
    FlowInputError,
    NotFoundError,
    StaleNodeError,
    StateError,
    StoreError,
    UsageError,
)
from agentassist.server.api import Api
from agentassist.server.assets import Assets
from agentassist.server.errors import Plain, Refusal
from agentassist.server.guard import Guard
from agentassist.session.reception import Reception

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, ExceptionHandler

    from agentassist.server.service import Service

_LINK = re.compile(r"[A-Za-z0-9_-]{22}")
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f\ud800-\udfff]+")
"""What a browser may be led to: an address of the web, without a break of a line or anything else in it."""

_log = logging.getLogger(__name__)


def create_app(service: Service, monotonic: Callable[[], float]) -> ASGIApp:
    """Return the application.

    Args:
        service: what it is made of.
        monotonic: a clock in seconds that never goes back.
    """
    links = Links(service)
    routes = [
        *Assets(service.site).routes(),
        *Api(service).routes(),
        Route("/a/{token}", links.follow, methods=["GET", "HEAD"]),
        Route("/health", Health(service).tell, methods=["GET"]),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(service.run())
        warming = asyncio.create_task(_warm(service))
        yield
        for task in (following, warming):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await service.finish()

    inner = Starlette(routes=routes, exception_handlers=_handlers(), lifespan=lifespan)
    return Guard(inner, site=service.site, limits=service.limits, now=monotonic)


class Links:
    """The links of articles: each leads to the article's address, and the records keep that it was opened.

    Args:
        service: the server.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def follow(self, request: Request) -> Response:
        """Lead to the article."""
        if wait := self._service.links.take(request.scope["client_address"]):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "slow-down", retry=wait)
        token = request.path_params["token"]
        purpose = " ".join(request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
        looks_ahead = request.method == "HEAD" or "prefetch" in purpose or "prerender" in purpose
        url = None
        if _LINK.fullmatch(token):
            url = await self._service.records(Reception.open_link, token, counted=not looks_ahead)
        if url is None or not _URL.fullmatch(url):
            raise Refusal(HTTPStatus.NOT_FOUND, "not-found")
        return RedirectResponse(url, HTTPStatus.FOUND, {"cache-control": "no-store"})


class Health:
    """Whether it works, in words that tell nobody anything else.

    Args:
        service: the server.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def tell(self, _: Request) -> Response:
        """Answer a load balancer or a person who looks after it."""
        store = await self._service.readable()
        try:
            async with asyncio.timeout(1):
                index = await self._service.index_state()
        except TimeoutError:
            index = "busy"
        status = HTTPStatus.OK if store else HTTPStatus.SERVICE_UNAVAILABLE
        return Plain({"ok": store, "store": "ok" if store else "unreadable", "index": index}, status_code=status)


async def _warm(service: Service) -> None:
    try:
        degraded = await service.warm()
    except AgentAssistError as error:
        degraded = error.message
    if degraded:
        off = await service.index_state() == "none"
        what = "the bot is off, and the tree hands over to a person" if off else "the bot is less than it could be"
        _log.warning("%s: %s", what, degraded)


# What goes wrong, as a page is told


def _handlers() -> Mapping[Any, ExceptionHandler]:
    made = {
        Refusal: lambda _, error: error.response(),
        HTTPStatus.NOT_FOUND: lambda _, __: Refusal(HTTPStatus.NOT_FOUND, "not-found").response(),
        HTTPStatus.METHOD_NOT_ALLOWED: lambda _, __: Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method").response(),
        FlowInputError: lambda _, error: _refused("fields", error.message, fields=error.fields),
        StaleNodeError: lambda _, __: Refusal(HTTPStatus.CONFLICT, "stale").response(),
        FlowError: lambda _, __: Refusal(HTTPStatus.CONFLICT, "stale").response(),
        UsageError: lambda _, error: _refused("refused", f"{error.message} {error.hint}".strip()),
        NotFoundError: lambda _, __: Refusal(HTTPStatus.NOT_FOUND, "not-found").response(),
        StateError: lambda _, __: Refusal(HTTPStatus.CONFLICT, "closed").response(),
        StoreError: _unstored,
        # The server ends the connection of what has failed: said first, so that nobody asks on in it.
        Exception: lambda _, __: Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", end=True).response(),
    }
    return cast("Mapping[Any, ExceptionHandler]", made)


def _refused(code: str, text: str, **more: object) -> Response:
    """Return what a customer reads, for it was written for them."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, code, {"text": text, **more}).response()


def _unstored(_: Request, error: StoreError) -> Response:
    _log.error("not stored: %s", type(error).__name__)
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", retry=2).response()
