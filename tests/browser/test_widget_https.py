"""The widget as it is in the world: sites by https, a proxy in front, and a browser without third-party cookies."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, DEADLINE

if TYPE_CHECKING:
    from tests.browser.conftest import House

SHOP, OTHER, DESK, TRAP = "shop.example", "other.example", "desk.example", "trap.example"
SITE = f"""<!doctype html><html lang="en"><title>A shop</title><h1>A shop</h1>
<script src="https://{DESK}/widget.js" data-label="Help" defer></script></html>"""
FRAME = (
    f"""<!doctype html><html lang="en"><title>A trap</title><iframe id="trap" src="https://{DESK}/"></iframe></html>"""
)
COOKIE = "__Host-agentassist"


class Proxy:
    """What ends TLS: sites of one page each, and the desk's server behind it, as `docs/serve.md` has nginx do it.

    Args:
        server: the address of the desk's server, without TLS.
        pages: what each other site shows.
        tls: the certificate.
    """

    def __init__(self, server: str, pages: dict[str, str], tls: ssl.SSLContext) -> None:
        self._server = server
        self._pages = pages
        self._tls = tls
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer, at a free port of this machine."""
        listening = await asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=self._tls)
        self.port = listening.sockets[0].getsockname()[1]
        working = asyncio.current_task()
        try:
            yield
        finally:
            listening.close()
            rest = [
                task for task in asyncio.all_tasks() if task.get_name().startswith("proxied") and task is not working
            ]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and end the connection."""
        task = asyncio.current_task()
        assert task is not None
        task.set_name("proxied")
        with suppress(OSError, asyncio.IncompleteReadError):  # whoever goes away before the end
            head = await reader.readuntil(b"\r\n\r\n")
            first, *rows = head.decode("latin-1").rstrip().split("\r\n")
            fields = [(name.lower(), value.strip()) for name, _, value in (row.partition(":") for row in rows)]
            host = dict(fields)["host"]
            if host in self._pages:
                body = self._pages[host].encode()
                told = (
                    "HTTP/1.1 200 OK",
                    "content-type: text/html",
                    f"content-length: {len(body)}",
                    "connection: close",
                )
                writer.write("\r\n".join((*told, "", "")).encode() + body)
            else:
                await self._pass_on(first, fields, reader, writer)
            await writer.drain()
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()

    async def _pass_on(
        self, first: str, fields: list[tuple[str, str]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        name, _, port = self._server.removeprefix("http://").partition(":")
        behind, ahead = await asyncio.open_connection(name, int(port))
        kept = [(name, value) for name, value in fields if name not in ("connection", "x-forwarded-for")]
        told = [*kept, ("x-forwarded-for", "203.0.113.7"), ("connection", "close")]
        ahead.write("\r\n".join([first, *(f"{name}: {value}" for name, value in told), "", ""]).encode("latin-1"))
        try:
            ahead.write(await reader.readexactly(int(dict(fields).get("content-length", "0"))))
            gone = asyncio.ensure_future(reader.read(1))
            while True:
                more = asyncio.ensure_future(behind.read(65536))
                await asyncio.wait((more, gone), return_when=asyncio.FIRST_COMPLETED)
                if not more.done():
                    more.cancel()
                    break
                if not more.result():
                    break
                writer.write(more.result())
                await writer.drain()
            gone.cancel()
        finally:
            ahead.close()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate: apt-get install openssl")
    key, made = (tmp_path_factory.mktemp("tls") / name for name in ("key.pem", "cert.pem"))
    line = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=desk.example"]
    subprocess.run([*line, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(own_house: House, tls: ssl.SSLContext) -> AsyncIterator[Proxy]:
    """The desk's server behind a proxy, and three other sites: two where the widget is welcome, and one trap."""
    welcome = (f"https://{SHOP}", f"https://{OTHER}")
    own_house.open(public_url=f"https://{DESK}", allowed_origins=welcome, trust_proxy=True)
    proxy = Proxy(own_house.url, {SHOP: SITE, OTHER: SITE, TRAP: SITE + FRAME}, tls)
    async with proxy.running():
        yield proxy


@asynccontextmanager
async def browsing(proxy: Proxy, profile: Path, *flags: str) -> AsyncIterator[BrowserContext]:
    """Open a browser for which those sites are there, and which keeps no cookie of a third party."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium to show the page: apt-get install chromium")
    (profile / "Default").mkdir(parents=True)
    blocks = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Default" / "Preferences").write_text(json.dumps(blocks), encoding="utf-8")
    rules = f"--host-resolver-rules=MAP *.example 127.0.0.1:{proxy.port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    arguments = [one for one in ARGUMENTS if not one.startswith("--host-resolver-rules")]
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=[*arguments, rules, *flags],
            ignore_https_errors=True,
            viewport={"width": 1100, "height": 800},
            locale="en-GB",
        )
        expect.set_options(timeout=DEADLINE * 1000)
        context.set_default_timeout(DEADLINE * 1000)
        yield context
        await context.close()


PARTS = "--disable-features=Translate"
"""The storage of a third party is kept apart for each site, as browsers do. It takes the place of the driver's list,
which switches that off: without it the page within another site's is denied storage and locks altogether."""


@pytest.fixture(params=[PARTS, ""], ids=["storage-apart", "storage-denied"])
def flags(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What the browser does with the storage of a third party."""
    return (request.param,) if request.param else ()


@pytest_asyncio.fixture(loop_scope="session")
async def context(proxy: Proxy, tmp_path: Path, flags: tuple[str, ...]) -> AsyncIterator[BrowserContext]:
    """A browser that is strict with third parties, in one of two ways."""
    async with browsing(proxy, tmp_path / "profile", *flags) as opened:
        yield opened


async def third_party_cookies(page: Page, url: str) -> str:
    """Return which of two cookies are kept for another site within a page: an old one, and a partitioned one."""
    await page.evaluate(
        """url => new Promise(done => {
            const frame = Object.assign(document.createElement("iframe"), {src: url, onload: done});
            document.body.append(frame);
        })""",
        url,
    )
    kept = await page.frames[-1].evaluate(
        """() => {
            document.cookie = "old=1; SameSite=None; Secure";
            document.cookie = "parted=1; SameSite=None; Secure; Partitioned";
            return document.cookie;
        }"""
    )
    return str(kept)


async def test_the_widget_across_sites(own_house: House, context: BrowserContext) -> None:
    """A conversation in a shop's widget outlives a reload, and is no other site's, nor that of the page itself."""
    page = context.pages[0]
    frame = page.frame_locator("iframe")
    await page.goto(f"https://{SHOP}/")
    assert await third_party_cookies(page, f"https://{OTHER}/") == "parted=1"
    for _ in range(2):
        await page.goto(f"https://{SHOP}/")
        await page.locator("#agentassist-open").click()
        await expect(frame.locator("#prompt")).to_contain_text("What can we help with?")
    await frame.locator("#person").click()
    await expect(frame.locator("#panel")).to_contain_text("You are in the queue")
    await frame.locator("#text").fill("from within a shop")
    await frame.locator("#text").press("Enter")
    await expect(frame.locator("#log")).to_contain_text("from within a shop")
    await page.reload()
    await page.locator("#agentassist-open").click()
    await expect(frame.locator("#log")).to_contain_text("from within a shop")
    assert own_house.store.sessions.ids(0, 10) == (1,)

    await page.goto(f"https://{OTHER}/")
    await page.locator("#agentassist-open").click()
    await expect(frame.locator("#prompt")).to_contain_text("What can we help with?")
    await page.goto(f"https://{DESK}/")
    await expect(page.locator("#prompt")).to_contain_text("What can we help with?")
    assert "shop" not in await page.locator("#log").inner_text()
    await page.reload()
    await expect(page.locator("#prompt")).to_contain_text("What can we help with?")
    assert own_house.store.sessions.ids(0, 10) == (1, 2, 3)

    cookies = [cookie for cookie in await context.cookies() if cookie["name"] == COOKIE]
    assert all(one["secure"] and one["httpOnly"] and one["sameSite"] == "None" for one in cookies)
    assert {one["partitionKey"] for one in cookies} == {f"https://{name}" for name in (SHOP, OTHER, DESK)}


@pytest.mark.parametrize("flags", [(PARTS,)], ids=["storage-apart"])
async def test_a_site_that_is_not_named_gets_nothing_by_https(own_house: House, context: BrowserContext) -> None:
    """No widget, no frame and no request of another site, be it one that may show the page, begins a conversation."""
    page = context.pages[0]
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.url))
    await page.goto(f"https://{TRAP}/")
    await expect(page.get_by_role("heading")).to_have_text("A shop")
    await own_house.until(lambda: set(refused) >= {f"https://{DESK}/widget.js", f"https://{DESK}/"}, "both refusals")
    assert await page.locator("#agentassist-open").count() == 0
    assert await page.frame_locator("#trap").locator("#text, #prompt").count() == 0
    for name in (TRAP, SHOP):
        await page.goto(f"https://{name}/")
        answered = await page.evaluate(
            """async url => {
                const asked = {method: "POST", credentials: "include", body: "{}"};
                const read = await fetch(url, {...asked, headers: {"content-type": "application/json"}}).catch(() => 0);
                await fetch(url, {...asked, mode: "no-cors"}).catch(() => 0);
                return Boolean(read);
            }""",
            f"https://{DESK}/api/begin",
        )
        assert not answered
    assert own_house.store.sessions.ids(0, 10) == ()


async def test_what_a_proxy_is_believed(own_house: House, tls: ssl.SSLContext) -> None:
    """Behind it this server's own page is welcome and no other; what is made up about host and scheme is nothing."""
    own_house.open(public_url=f"https://{DESK}", allowed_origins=(f"https://{SHOP}",), trust_proxy=True)
    proxy = Proxy(own_house.url, {}, tls)
    made_up = {"x-forwarded-host": TRAP, "x-forwarded-proto": "http", "forwarded": f"host={TRAP};proto=http"}
    cases = [(f"https://{DESK}", 200), (f"http://{DESK}", 403), (f"https://{TRAP}", 403), (f"https://{SHOP}", 403)]
    async with proxy.running(), httpx.AsyncClient(verify=False) as client:
        for origin, status in cases:
            headers = {"host": DESK, "origin": origin, "content-type": "application/json", **made_up}
            answer = await client.post(f"https://127.0.0.1:{proxy.port}/api/begin", headers=headers, content="{}")
            assert answer.status_code == status, origin
            kept = answer.headers.get("set-cookie", "")
            assert ("SameSite=None; Partitioned; Secure" in kept) == (status == 200)
        strange = await client.get(f"https://127.0.0.1:{proxy.port}/", headers={"host": TRAP, **made_up})
        assert strange.status_code == 421
