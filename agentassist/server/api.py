"""What the customer's page asks and tells. Every answer is JSON, and every failure a fixed code."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.responses import Response
from starlette.routing import Route

from agentassist.server.errors import Plain, Refusal, bad_request
from agentassist.server.hub import Stream
from agentassist.server.stream import EventStream, cursor_of
from agentassist.server.visitor import cookie, key_of, new_token, of_visitor, token_in
from agentassist.session.reception import Reception

if TYPE_CHECKING:
    from starlette.requests import Request

    from agentassist.server.limits import Buckets
    from agentassist.server.service import Service
    from agentassist.session.reception import Taken

LONGEST = 8_000
"""Characters of the longest message."""
MOST_PARTS = 60
"""Options or fields of the longest answer."""
_SEND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NODE = re.compile(r"[A-Za-z0-9_.-]{0,120}")
_TAG = re.compile(r"[A-Za-z0-9-]{0,35}")
_ZONE = re.compile(r"[A-Za-z0-9_+/-]{0,64}")
_WISHES = ("person", "bot", "email", "callback")

Body = dict[str, Any]


class Api:
    """The routes below /api/.

    Args:
        service: the server.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Return a route for each thing that the page can do."""
        posts: dict[str, Callable[[Request, Body], Awaitable[Response]]] = {
            "begin": self._begin,
            "new": self._new,
            "say": self._say,
            "answer": self._answer,
            "field": self._field,
            "back": self._back,
            "wish": self._wish,
            "rate": self._rate,
            "mail": self._mail,
            "typing": self._typing,
        }
        made = [Route(f"/api/{name}", _with_body(act), methods=["POST"]) for name, act in posts.items()]
        return [
            *made,
            Route("/api/stream", self._stream, methods=["GET"]),
            Route("/api/transcript", self._transcript, methods=["GET"]),
        ]

    # Who it is

    async def _begin(self, request: Request, body: Body) -> Response:
        """Find the conversation of this browser, or begin one."""
        service, token = self._service, token_in(request, self._service.site)
        known = await service.records(Reception.known, token) if token else None
        if known is None:
            # Never one that the browser brought: somebody else may have put it there.
            token = new_token()
            known = await self._arrive(request, token, body)
        return self._welcome(token, known)

    async def _new(self, request: Request, body: Body) -> Response:
        """Begin another conversation of the same customer."""
        service, token = self._service, token_in(request, self._service.site)
        before = await service.records(of_visitor, token, _key(body), _same)
        known = await self._arrive(request, token, body)
        service.hub.end(before, "moved")
        return self._welcome(token, known)

    async def _arrive(self, request: Request, token: str, body: Body) -> int:
        _spend(self._service.begins, request.scope["client_address"])
        language, zone = _match(body, "language", _TAG), _match(body, "timezone", _ZONE)
        return await self._service.records(Reception.arrive, token, language=language, timezone=zone)

    def _welcome(self, token: str, conversation_id: int) -> Response:
        headers = {"set-cookie": cookie(token, self._service.site)}
        return Plain({"conversation": key_of(token, conversation_id)}, headers=headers)

    # What they see

    async def _stream(self, request: Request) -> Response:
        service, token = self._service, token_in(request, self._service.site)
        conversation_id = await service.records(of_visitor, token, None, _same)
        stream = Stream(conversation_id, request.scope["client_address"])
        return EventStream(service, token, stream, cursor_of(request))

    async def _transcript(self, request: Request) -> Response:
        token = token_in(request, self._service.site)
        text = await self._service.records(of_visitor, token, None, Reception.transcript)
        body = text.encode("utf-8", "replace")
        name = 'attachment; filename="conversation.txt"'
        headers = {"content-disposition": name, "cache-control": "no-store"}
        return Response(body, headers=headers, media_type="text/plain")

    # What they say

    async def _say(self, request: Request, body: Body) -> Response:
        return await self._take(request, body, Reception.say, _text(body, "text"))

    async def _answer(self, request: Request, body: Body) -> Response:
        return await self._take(request, body, Reception.answer, _match(body, "node", _NODE), _given(body.get("given")))

    async def _field(self, request: Request, body: Body) -> Response:
        field, value = _match(body, "field", _NODE), _text(body, "value")
        return await self._take(request, body, Reception.fill, _match(body, "node", _NODE), field, value)

    async def _back(self, request: Request, body: Body) -> Response:
        return await self._take(request, body, Reception.back)

    async def _wish(self, request: Request, body: Body) -> Response:
        wish, details = body.get("wish"), _words(body.get("details", {}))
        if wish not in _WISHES:
            raise bad_request()
        return await self._take(request, body, Reception.wish, wish, details)

    async def _take(self, request: Request, body: Body, call: Callable[..., Taken], *args: Any) -> Response:
        """Keep what the customer did, once for each id; it is on disk before the page is told."""
        service = self._service
        send_id = _match(body, "id", _SEND_ID)
        token, key = self._token(request), _key(body)
        _spend(service.sends, token)
        conversation_id, taken = await service.records(of_visitor, token, key, _taken, call, send_id, *args)
        if taken.turn:
            service.turns.due(conversation_id)
        return Plain({"ok": True, "seq": taken.entries[-1].seq if taken.entries else 0})

    # What else they do

    async def _rate(self, request: Request, body: Body) -> Response:
        rating, comment = body.get("rating"), _text(body, "comment") if body.get("comment") else ""
        if rating is not None and (type(rating) is not int or not 1 <= rating <= 5):
            raise bad_request()
        conversation_id = await self._mine(request, body, self._service.mails)
        return Plain({"ok": True, "new": await self._service.records(Reception.rate, conversation_id, rating, comment)})

    async def _mail(self, request: Request, body: Body) -> Response:
        address = _text(body, "address")
        conversation_id = await self._mine(request, body, self._service.mails)
        queued = await self._service.records(Reception.mail_transcript, conversation_id, address)
        return Plain({"ok": True, "queued": queued})

    async def _typing(self, request: Request, body: Body) -> Response:
        typing = body.get("typing")
        if type(typing) is not bool:
            raise bad_request()
        conversation_id = await self._mine(request, body)
        if not self._service.signs.take(conversation_id):
            await self._service.typing(conversation_id, typing=typing)
        return Plain({"ok": True})

    def _token(self, request: Request) -> str:
        """Return the browser's token; who has none has no share of what is counted by it."""
        token = token_in(request, self._service.site)
        if not token:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "no-conversation")
        return token

    async def _mine(self, request: Request, body: Body, buckets: Buckets | None = None) -> int:
        token, key = self._token(request), _key(body)
        if buckets is not None:
            _spend(buckets, token)
        return await self._service.records(of_visitor, token, key, _same)


def _same(_: Reception, conversation_id: int) -> int:
    return conversation_id


def _taken(reception: Reception, conversation_id: int, call: Callable[..., Taken], *args: Any) -> tuple[int, Taken]:
    return conversation_id, call(reception, conversation_id, *args)


def _spend(buckets: Buckets, key: str | int) -> None:
    if wait := buckets.take(key):
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "slow-down", retry=wait)


def _with_body(act: Callable[[Request, Body], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let a route read the JSON of its request first; the guard has seen to its size."""

    async def answer(request: Request) -> Response:
        try:
            body = json.loads(await request.body(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise bad_request() from None
        if not isinstance(body, dict):
            raise bad_request()
        return await act(request, body)

    return answer


def _no_constant(_: str) -> NoReturn:
    raise ValueError


# What a body holds


def _key(body: Body) -> str:
    key = body.get("conversation")
    if not isinstance(key, str):
        raise bad_request()
    return key


def _match(body: Body, name: str, pattern: re.Pattern[str]) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise bad_request()
    return value


def _text(body: Body, name: str) -> str:
    return _word(body.get(name))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise bad_request()
    if len(value) > LONGEST:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
    return value


def _words(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_PARTS or not all(_NODE.fullmatch(key) for key in value):
        raise bad_request()
    return {key: _word(item) for key, item in value.items()}


def _given(value: object) -> str | list[str] | dict[str, str]:
    """Return an answer: an option's id, several, or a value for each field."""
    if isinstance(value, list) and len(value) <= MOST_PARTS:
        return [_word(item) for item in value]
    return _words(value) if isinstance(value, dict) else _word(value)
