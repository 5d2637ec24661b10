"""Links to send: an article's address, for a video at the second at which the answer is said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit, urlunsplit

if TYPE_CHECKING:
    from agentassist.models import Article

_YOUTUBE = ("youtube.com", "youtube-nocookie.com")
_YOUTUBE_STARTS = ("t", "start", "time_continue")


def link(article: Article, start: float | None = None) -> str:
    """Return the address of `article` at a second; empty when it has none that can be sent.

    YouTube takes `t=123s` in the query, its embedded player `start=123`
    (https://developers.google.com/youtube/player_parameters#start); Vimeo takes `#t=123s`
    (https://help.vimeo.com, "link to a specific timestamp"); a file takes `#t=123`
    (https://www.w3.org/TR/media-frags/#naming-time). What else is in the query stays, an older time is replaced.

    Args:
        article: what to link to; only http and https are linked.
        start: seconds, rounded down to whole ones; None or below one second is the beginning.
    """
    try:
        parts = urlsplit(article.url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    second = math.floor(start) if start is not None and math.isfinite(start) else 0
    if second < 1:
        return article.url
    if _is(host, "youtu.be") or any(_is(host, name) for name in _YOUTUBE):
        return _youtube(parts, second)
    return _fragment(parts, f"t={second}s" if _is(host, "vimeo.com") else f"t={second}")


def _is(host: str, name: str) -> bool:
    return host == name or host.endswith("." + name)


def _without_time(joined: str) -> list[str]:
    """Return the `key=value` parts of a query or fragment as they were written, without any start time."""
    return [part for part in joined.split("&") if part and part.partition("=")[0] not in _YOUTUBE_STARTS]


def _youtube(parts: SplitResult, second: int) -> str:
    embedded = parts.path.startswith("/embed/")
    query = [*_without_time(parts.query), f"start={second}" if embedded else f"t={second}s"]
    return urlunsplit(parts._replace(query="&".join(query), fragment="&".join(_without_time(parts.fragment))))


def _fragment(parts: SplitResult, time: str) -> str:
    kept = [part for part in _without_time(parts.fragment) if "=" in part]
    return urlunsplit(parts._replace(fragment="&".join([*kept, time])))
