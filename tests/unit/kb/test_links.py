"""Links to a second, as each host documents them."""

from __future__ import annotations

import math

import pytest

from agentassist.kb.links import link
from agentassist.models import Article, ArticleKind


def at(url: str, start: float | None) -> str:
    """Return the link to a video."""
    return link(Article("v", ArticleKind.VIDEO, "V", url, "v.md"), start)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.youtube.com/watch?v=HWdialFit01", "https://www.youtube.com/watch?v=HWdialFit01&t=123s"),
        ("https://youtube.com/watch?v=a&t=9s&list=b%20c", "https://youtube.com/watch?v=a&list=b%20c&t=123s"),
        ("https://m.youtube.com/watch?v=a#t=9", "https://m.youtube.com/watch?v=a&t=123s"),
        ("https://youtu.be/HWdialFit01", "https://youtu.be/HWdialFit01?t=123s"),
        ("https://youtu.be/a?si=x&t=4", "https://youtu.be/a?si=x&t=123s"),
        ("https://www.youtube.com/shorts/a", "https://www.youtube.com/shorts/a?t=123s"),
        ("https://www.youtube.com/embed/a?rel=0&start=5", "https://www.youtube.com/embed/a?rel=0&start=123"),
        ("https://www.youtube-nocookie.com/embed/a", "https://www.youtube-nocookie.com/embed/a?start=123"),
        ("https://vimeo.com/900000000012", "https://vimeo.com/900000000012#t=123s"),
        ("https://player.vimeo.com/video/9?h=1#t=5s", "https://player.vimeo.com/video/9?h=1#t=123s"),
        ("https://video.example/a.mp4", "https://video.example/a.mp4#t=123"),
        ("https://video.example/a.mp4?x=1#t=5,9", "https://video.example/a.mp4?x=1#t=123"),
        ("https://video.example/a.mp4#track=en&t=5", "https://video.example/a.mp4#track=en&t=123"),
        ("https://notyoutube.com/watch?v=a", "https://notyoutube.com/watch?v=a#t=123"),
        ("HTTPS://WWW.YOUTUBE.COM/watch?v=a", "https://WWW.YOUTUBE.COM/watch?v=a&t=123s"),
    ],
)
def test_each_host_gets_its_form(url: str, expected: str) -> None:
    """The second is where the host looks for it; the rest of the query stays, an older time is replaced."""
    assert at(url, 123.9) == expected


@pytest.mark.parametrize("start", [None, 0, 0.99, -5.0, math.nan, math.inf])
def test_the_beginning_needs_no_time(start: float | None) -> None:
    """From the beginning, or with a second that is none, the address is left as it is."""
    assert at("https://youtu.be/a?t=4", start) == "https://youtu.be/a?t=4"


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/b", "//a.example", "https://[x"]
)
def test_nothing_else_is_linked(url: str) -> None:
    """An address that a browser may execute, or that is none, is no link."""
    assert at(url, 5) == ""
