"""The page as a browser loads it: small, from nowhere else, and with what a browser heeds."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from agentassist.server.assets import FOLDER, SCRIPTS
from tests.server.conftest import Serve, Served

PAGE = ("/", "/page.css", "/texts.js", *(f"/{name}" for name in SCRIPTS))
MOST = 50_000


def test_the_page_is_small(shared: Served) -> None:
    """Everything that a browser loads for it, uncompressed, is at most 50 kB."""
    sizes = {path: len(httpx.get(shared.url + path).content) for path in PAGE}
    assert sum(sizes.values()) <= MOST, sizes


def test_it_loads_nothing_but_what_is_counted(shared: Served) -> None:
    """Every address in the page and in its scripts is one of those files, or one that is asked when needed."""
    page = httpx.get(shared.url + "/").text
    loaded = set(re.findall(r'(?:src|href)="(/[^"]*)"', page))
    for name in SCRIPTS:
        loaded |= set(re.findall(r'from "([^"]+)"', (FOLDER / name).read_text(encoding="utf-8")))
    assert loaded - set(PAGE) == {"/api/transcript"}
    everything = page + "".join((FOLDER / name).read_text(encoding="utf-8") for name in (*SCRIPTS, "page.css"))
    assert set(re.findall(r"https?://[a-z0-9.]+", everything)) == {
        "http://www.w3.org"
    }  # the name of SVG, not an address


def test_nothing_is_put_in_as_html() -> None:
    """No script writes HTML, and none runs a text."""
    for name in (*SCRIPTS, "widget.js"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|srcdoc", text
        ), name


def test_no_script_or_style_is_inline(shared: Served) -> None:
    """The policy allows none, and the page has none."""
    page = httpx.get(shared.url + "/").text
    assert re.findall(r"<script[^>]*>([^<]*)<", page) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_the_page_tells_its_language_and_its_parts(shared: Served) -> None:
    """Who hears it knows the language, the conversation, where to write and what stands where."""
    page = httpx.get(shared.url + "/").text
    assert '<html lang="en">' in page
    for part in (
        'role="log"',
        "<main>",
        "<header>",
        "<footer>",
        "<h1>Hearthwell</h1>",
        '<label class="away" for="text">',
    ):
        assert part in page, part
    assert re.findall(r"\{\w+\}", page) == []  # every text is filled in


def test_a_company_with_a_hostile_name_is_text(serve: Serve) -> None:
    """What is configured is escaped, too."""
    served = serve(serve={"company": "<script>alert(1)</script>\x1b[2J\" onload='x'"})
    page = httpx.get(served.url + "/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in page


@pytest.mark.parametrize("path", ["/", "/page.js", "/health", "/api/transcript", "/a/" + "x" * 22, "/nothing"])
def test_every_answer_has_the_headers_that_a_browser_heeds(shared: Served, path: str) -> None:
    """A strict policy, no guessing of kinds, no referrer, and no frame."""
    headers = httpx.get(shared.url + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "geolocation=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers


def test_the_policy_of_the_page_allows_its_own_files_only(shared: Served) -> None:
    """Scripts, styles and requests of this server, and nothing that makes a text into a script."""
    policy = httpx.get(shared.url + "/").headers["content-security-policy"]
    for part in (
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "require-trusted-types-for 'script'" in policy


def test_a_file_that_is_known_is_not_sent_again(shared: Served) -> None:
    """A browser that has it is told so."""
    first = httpx.get(shared.url + "/page.js")
    again = httpx.get(shared.url + "/page.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_text_is_in_one_place_and_used(shared: Served) -> None:
    """What the scripts name is there, and what is there is named by a script or by the page."""
    parts: dict[str, dict[str, str]] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    scripts = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    named = set(re.findall(r"\bT\.(\w+)", scripts))
    page = set(re.findall(r"\{(\w+)\}", (FOLDER / "index.html").read_text(encoding="utf-8")))
    assert set(parts["scripts"]) == named
    assert set(parts["page"]) == page - named - {"company", "initial"}


# As a widget

SHOP = "https://shop.example.com"


def test_only_a_named_site_may_show_the_page(serve: Serve) -> None:
    """The policy names it, and the page is refused to a frame in any other."""
    served = serve(serve={"allowed_origins": (SHOP,)})
    answer = httpx.get(served.url + "/")
    assert f"frame-ancestors {SHOP}" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    frame = {"sec-fetch-dest": "iframe"}
    assert httpx.get(served.url + "/", headers={**frame, "referer": SHOP + "/a"}).status_code == 200
    assert httpx.get(served.url + "/", headers={**frame, "referer": "https://evil.example/"}).status_code == 403


def test_the_widget_is_for_named_sites(serve: Serve, shared: Served) -> None:
    """Without one there is no widget; with one no other site gets it."""
    assert httpx.get(shared.url + "/widget.js").status_code == 404
    served = serve(serve={"allowed_origins": (SHOP,)})
    answer = httpx.get(served.url + "/widget.js", headers={"referer": SHOP + "/"})
    assert answer.status_code == 200
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert httpx.get(served.url + "/widget.js", headers={"referer": "https://evil.example/"}).status_code == 404


def test_a_cookie_leaves_its_site_only_by_https_and_for_a_widget(serve: Serve) -> None:
    """Strict by default; by https with a prefix that no other host can set; within a site for that site alone."""
    plain = serve("plain").customer().begin().headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Strict" in plain
    assert "Secure" not in plain
    public = "https://help.example.com"
    secure = serve("secure", serve={"public_url": public}).customer(host="help.example.com", origin=public)
    assert re.fullmatch(
        r"__Host-agentassist=[\w-]{22}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure",
        secure.begin().headers["set-cookie"],
    )
    framed = serve("framed", serve={"public_url": public, "allowed_origins": (SHOP,)})
    cookie = framed.customer(host="help.example.com", origin=public).begin().headers["set-cookie"]
    assert "SameSite=None; Partitioned; Secure" in cookie
