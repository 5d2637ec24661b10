"""What a page is told when something is refused: a fixed code, and never an exception's text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response


class Refusal(Exception):  # noqa: N818 - nothing has gone wrong here
    """A request is refused.

    Attributes:
        status: of the answer.
        code: one of a fixed set of words that the page knows.
        more: further keys of the answer, made for customers to read.
        retry: seconds after which it may be tried again, 0 for never.
        end: the connection is closed after the answer, for the rest of the request is not read.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        more: Mapping[str, Any] | None = None,
        *,
        retry: float = 0,
        end: bool = False,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.more = dict(more or {})
        self.retry = retry
        self.end = end

    def response(self) -> Response:
        """Return the answer."""
        headers = {"retry-after": str(max(1, round(self.retry + 0.5)))} if self.retry else {}
        if self.end:
            headers["connection"] = "close"
        return Plain({"error": self.code, **self.more}, status_code=self.status, headers=headers)


class Plain(Response):
    """An answer in JSON that nobody keeps: pure ASCII, so that half a character in a text cannot break it."""

    media_type = "application/json"

    def __init__(
        self, content: Any, status_code: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status_code, {"cache-control": "no-store", **(headers or {})})

    def render(self, content: Any) -> bytes:
        """Write the answer."""
        return dumped(content).encode("ascii")


def dumped(content: Any) -> str:
    """Return JSON on one line, in ASCII."""
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"))


def bad_request() -> Refusal:
    """Return what is said to a request that no page of ours makes."""
    return Refusal(HTTPStatus.BAD_REQUEST, "bad-request")
