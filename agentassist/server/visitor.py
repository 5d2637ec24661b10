"""The token that a customer's browser keeps: whoever has it is that customer."""

from __future__ import annotations

import hashlib
import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from agentassist.server.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from agentassist.server.site import Site
    from agentassist.session.reception import Reception

P = ParamSpec("P")
T = TypeVar("T")

TOKEN_BYTES = 16
"""128 random bits: nobody guesses one."""
KEPT_SECONDS = 30 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """Return a token that nobody has."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def cookie_name(site: Site) -> str:
    """Return the cookie's name: with this prefix no other host of the domain can set it."""
    return "__Host-agentassist" if site.secure else "agentassist"


def token_in(request: Request, site: Site) -> str:
    """Return the token that a request brings, empty for none that this server could have made."""
    token = request.cookies.get(cookie_name(site), "")
    return token if _TOKEN.fullmatch(token) else ""


def cookie(token: str, site: Site) -> str:
    """Return the header that keeps a token: no script reads it, and no other site sends it.

    Within another site's page a browser keeps it only by https, and for that site alone.
    """
    same = "None; Partitioned" if site.framed and site.secure else "Strict"
    secure = "; Secure" if site.secure else ""
    return f"{cookie_name(site)}={token}; Path=/; Max-Age={KEPT_SECONDS}; HttpOnly; SameSite={same}{secure}"


def key_of(token: str, conversation_id: int) -> str:
    """Return what a page knows its conversation by: not its number, which would tell how many there are."""
    return hashlib.sha256(f"{token} {conversation_id}".encode()).hexdigest()[:16]


def of_visitor(
    reception: Reception,
    token: str,
    key: str | None,
    call: Callable[Concatenate[Reception, int, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Do something in the conversation that is open in a browser, and in no other.

    Args:
        reception: the records, on their own thread.
        token: the browser's.
        key: the page's word for its conversation; None for whichever is open.
        call: what is done there.
        args: for `call`.
        kwargs: for `call`.

    Raises:
        Refusal: the browser has no conversation, or another than its page believes.
    """
    conversation_id = reception.known(token) if token else None
    if conversation_id is None:
        raise Refusal(HTTPStatus.UNAUTHORIZED, "no-conversation")
    if key is not None and key != key_of(token, conversation_id):
        raise Refusal(HTTPStatus.CONFLICT, "other-conversation")
    return call(reception, conversation_id, *args, **kwargs)
