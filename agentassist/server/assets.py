"""The page's files, and the one file of its texts: read once, and given with what a browser needs to keep them."""

from __future__ import annotations

import hashlib
import html
import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.routing import Route

from agentassist.server.errors import Refusal, dumped
from agentassist.text import clean_line

if TYPE_CHECKING:
    from starlette.requests import Request

    from agentassist.server.site import Site

FOLDER = Path(__file__).parent / "page"
SCRIPTS = ("dom.js", "outbox.js", "page.js", "panels.js", "view.js")


class Assets:
    """Everything that a browser loads to show the page.

    Args:
        site: whose page it is, and who may show it.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        texts: dict[str, dict[str, str]] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
        words = texts["page"] | texts["scripts"]
        company = clean_line(site.company, limit=60) or words["title"]
        words |= {"company": company, "initial": company[0].upper()}
        page = (FOLDER / "index.html").read_text(encoding="utf-8")
        for name, word in words.items():
            page = page.replace("{" + name + "}", html.escape(word))
        self.files = {
            "/": ("text/html", page),
            "/page.css": ("text/css", (FOLDER / "page.css").read_text(encoding="utf-8")),
            "/texts.js": ("text/javascript", f"export default {dumped(texts['scripts'])};\n"),
            **{f"/{name}": ("text/javascript", (FOLDER / name).read_text(encoding="utf-8")) for name in SCRIPTS},
        }
        self._widget = (FOLDER / "widget.js").read_text(encoding="utf-8")

    def routes(self) -> list[Route]:
        """Return a route for each file."""
        return [Route(path, self._file) for path in self.files] + [Route("/widget.js", self._widget_file)]

    async def _file(self, request: Request) -> Response:
        path = request.url.path
        if path == "/":
            self._check_frame(request)
        kind, text = self.files[path]
        return _answer(request, kind, text)

    async def _widget_file(self, request: Request) -> Response:
        """Give the script only where a site is named that may use it, and to no site that is not."""
        if not self._site.framed or not self._welcome(request):
            raise Refusal(HTTPStatus.NOT_FOUND, "not-found")
        return _answer(request, "text/javascript", self._widget)

    def _check_frame(self, request: Request) -> None:
        """Refuse the page to a frame of a site that is not named; a browser that keeps to its policy does so, too."""
        if request.headers.get("sec-fetch-dest") in ("iframe", "frame", "embed", "object") and not self._welcome(
            request
        ):
            raise Refusal(HTTPStatus.FORBIDDEN, "frame")

    def _welcome(self, request: Request) -> bool:
        """Say whether the site that a request comes from is named; a browser may keep that to itself."""
        said = request.headers.get("origin") or request.headers.get("referer")
        if not said:
            return True
        parts = urlsplit(said)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        return origin in self._site.allowed_origins or self._site.same_origin(origin, request.headers.get("host", ""))


def _answer(request: Request, kind: str, text: str) -> Response:
    body = text.encode("utf-8")
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type=kind)
