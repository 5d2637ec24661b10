"""What every request passes first: whose it is, how big, how fast, and how often."""

from __future__ import annotations

import asyncio
import ipaddress
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from agentassist.server.errors import Refusal
from agentassist.server.limits import Buckets

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from agentassist.server.limits import Limits
    from agentassist.server.site import Site

LONGEST_PATH = 512
"""Bytes of the longest path or query that a page of ours asks for, with room to spare."""
DISCARD_BYTES, DISCARD_SECONDS = 512 * 1024, 0.5
"""How much of a refused request is still read, and for how long."""
API = "/api/"
_NOWHERE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors "
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex",
}


class Guard:
    """Refuses what no page of ours sends, and gives every answer the headers that a browser heeds.

    Args:
        app: what answers the rest.
        site: where the page is reached.
        limits: how much is given.
        now: a clock in seconds that never goes back.
    """

    def __init__(self, app: ASGIApp, *, site: Site, limits: Limits, now: Callable[[], float]) -> None:
        self._app = app
        self._site = site
        self._limits = limits
        self._requests = Buckets(limits.requests, now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no protocol that is served makes one, but another server could
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["client_address"] = self._address(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope["path"], MutableHeaders(raw=message["headers"]))
            await send(message)

        try:
            self._check(scope)
            if scope["method"] == "POST":
                receive = _replayed(await self._body(receive))
        except Refusal as refusal:
            if refusal.end:
                refusal.end = not await _discarded(receive)
            await refusal.response()(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _address(self, scope: Scope) -> str:
        """Return the customer's address: a proxy of one's own has written it last, whatever was said before."""
        client = scope.get("client")
        if self._site.trust_proxy:
            told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).rpartition(",")[2].strip()
            if told:
                return share_of(told[:64])
        return share_of(str(client[0])) if client else ""

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if wait := self._requests.take(scope["client_address"]):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "slow-down", retry=wait, end=True)
        if "upgrade" in headers or "sec-websocket-key" in headers:
            raise Refusal(HTTPStatus.BAD_REQUEST, "no-websocket", end=True)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method", end=True)
        if not self._site.knows(headers.get("host", "")):
            raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, "host", end=True)
        if max(len(scope["raw_path"]), len(scope["query_string"])) > LONGEST_PATH:
            raise Refusal(HTTPStatus.NOT_FOUND, "not-found", end=True)
        if scope["method"] == "POST":
            self._check_post(headers)
        elif headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise Refusal(HTTPStatus.BAD_REQUEST, "bad-request", end=True)
        elif scope["path"].startswith(API) and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Refusal(HTTPStatus.FORBIDDEN, "origin")

    def _check_post(self, headers: Headers) -> None:
        origin, site = headers.getlist("origin"), headers.getlist("sec-fetch-site")
        if site not in ([], ["same-origin"]) or not (origin or site) or len(origin) > 1:
            raise Refusal(HTTPStatus.FORBIDDEN, "origin", end=True)
        if origin and not self._site.same_origin(origin[0], headers.get("host", "")):
            raise Refusal(HTTPStatus.FORBIDDEN, "origin", end=True)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "json-only", end=True)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length[:10]) > self._limits.body_bytes:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", end=True)

    async def _body(self, receive: Receive) -> bytes:
        """Read a whole body, or refuse it: an app that reads by itself would wait for ever, and take any amount."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refusal(HTTPStatus.BAD_REQUEST, "bad-request", end=True)
                    body += message.get("body", b"")
                    if len(body) > self._limits.body_bytes:
                        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", end=True)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "too-slow", end=True) from None

    def _add_headers(self, path: str, headers: MutableHeaders) -> None:
        for name, value in _HEADERS.items():
            headers[name] = value
        framing = " ".join(self._site.allowed_origins) or "'none'"
        headers["content-security-policy"] = _PAGE + framing if path == "/" else _NOWHERE
        if not self._site.framed or path != "/":
            headers["x-frame-options"] = "DENY"
        headers["cross-origin-resource-policy"] = "cross-origin" if path == "/widget.js" else "same-origin"


def share_of(address: str) -> str:
    """Return who shares what an address gets: of IPv6 everybody has as many addresses as they like, in one /64."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((int(known) >> 64 << 64, 64)))


async def _discarded(receive: Receive) -> bool:
    """Read the rest of a refused request, if it is not long: who is cut off in the middle never hears why.

    Returns:
        Whether that was all of it, so that the connection can go on.
    """
    size = 0
    try:
        async with asyncio.timeout(DISCARD_SECONDS):
            while size <= DISCARD_BYTES:
                message = await receive()
                if message["type"] != "http.request":
                    return False
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False


def _replayed(body: bytes) -> Receive:
    """Return what gives a body that was read once more."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
