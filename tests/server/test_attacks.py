"""What an attacker does, from another site, from another customer's place or from the wire: none of it succeeds."""

from __future__ import annotations

import json
import logging
import re
import secrets
import socket
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from agentassist.errors import StoreFullError
from agentassist.server.counter import Counter
from agentassist.server.limits import Rate
from agentassist.server.protocol import GuardedProtocol
from agentassist.server.run import without_words
from tests.server.conftest import GENEROUS, SECONDS, Serve, Served, soon, until
from tests.server.hostile import strings

EVIL = "https://evil.example"
NEVER = 1e-6
"""A rate at which nothing comes back while a test runs, however slow the machine is."""
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


# Texts


def test_no_text_is_anything_but_a_text(shared: Served) -> None:
    """Every hostile string, as a message: kept as it is, shown as it is, one event on one line of ASCII."""
    customer = shared.arrived()
    customer.post("wish", wish="person")  # from here on nobody answers, so that only this is measured
    cursor = customer.view()["cursor"]
    sent = [text for text in strings() if text.strip()]
    for text in sent:
        answer = customer.say(text)
        assert answer.status_code == 200, (text[:80], answer.text)
    with customer.http.stream("GET", "/api/stream", params={"after": cursor}) as answer:
        lines: list[str] = []
        for line in answer.iter_lines():
            if not line and lines:
                break
            lines += [line] if line and not line.startswith("retry") else []
    assert [line.partition(":")[0] for line in lines] == ["id", "event", "data"]
    assert lines[-1].isascii()
    entries = json.loads(lines[-1].removeprefix("data: "))["entries"]
    shown = [entry["text"] for entry in entries if entry["author"] == "customer"]
    assert len(shown) == len(sent)
    assert shown == [text.strip().encode("utf-8", "replace").decode() for text in sent] or all(
        seen == text.strip() or "\ufffd" in seen for seen, text in zip(shown, sent, strict=True)
    )


def test_no_text_breaks_a_download(shared: Served) -> None:
    """The transcript is plain text without a control, and a browser is told to keep it and to guess nothing."""
    customer = shared.arrived()
    customer.post("wish", wish="person")
    for text in strings()[:60]:
        customer.say(text)
    answer = customer.http.get("/api/transcript")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert not CONTROLS.search(answer.text)


@pytest.mark.parametrize(
    "place", ["given", "node", "field", "value", "wish", "detail", "comment", "address", "id", "zone"]
)
def test_no_text_does_harm_in_any_other_place(shared: Served, place: str) -> None:
    """Every field of every request: refused by a fixed code or kept as text, never an error of the server."""
    customer = shared.arrived()
    customer.post("answer", node="topic", given="order")
    for text in strings()[:: 1 if place in ("value", "node") else 4]:
        bodies: dict[str, tuple[str, dict[str, Any]]] = {
            "given": ("answer", {"node": "order", "given": {"number": text, "email": text, "about": text}}),
            "node": ("answer", {"node": text, "given": text}),
            "field": ("field", {"node": "order", "field": text, "value": "x"}),
            "value": ("field", {"node": "order", "field": "number", "value": text}),
            "wish": ("wish", {"wish": text}),
            "detail": ("wish", {"wish": "email", "details": {"email": text, "text": text}}),
            "comment": ("rate", {"rating": 1, "comment": text}),
            "address": ("mail", {"address": text}),
            "id": ("say", {"text": "x", "id": text}),
            "zone": ("begin", {"language": text, "timezone": text}),
        }
        path, body = bodies[place]
        answer = customer.post(path, **body)
        assert answer.status_code in (200, 400, 409, 413, 422), (text[:80], answer.status_code)
        assert set(answer.json()) <= {"ok", "seq", "error", "text", "fields", "conversation", "new", "queued"}
        if answer.status_code != 200:
            assert text not in answer.text or len(text) < 12
    assert customer.settled()["state"] == "digital"


def test_a_hostile_name_of_an_agent_is_a_text(server: Served) -> None:
    """A name is data, too, wherever it is said."""
    customer = server.arrived()
    customer.post("wish", wish="person")
    name = "<b onclick=alert(1)>{name}\r\n\u202eAda"
    with server.store() as store:
        store.claims.claim(1, name)
    view = customer.view()
    assert view["agent"] == name
    assert any(name in entry["text"] for entry in view["entries"])


# Others' conversations


def test_no_token_is_guessed(shared: Served) -> None:
    """Random ones, near ones and broken ones lead to nobody's conversation."""
    victim = shared.arrived()
    tokens = [secrets.token_urlsafe(16) for _ in range(20)]
    tokens += [victim.token[:-1] + other for other in "AQgw" if other != victim.token[-1]]
    tokens += [victim.token.swapcase(), victim.token + "=", victim.token[:21], "", "*", "%", "' OR 1=1 --", "a" * 4_000]
    for token in tokens:
        thief = shared.customer(cookie=f"agentassist={token}")
        thief.conversation = victim.conversation
        assert thief.say("hello").json() == {"error": "no-conversation"}, token
        assert thief.http.get("/api/transcript").status_code == 401
        assert thief.http.get("/api/stream").status_code == 401


def test_a_token_that_somebody_else_chose_is_not_taken(shared: Served) -> None:
    """A cookie that was put into a browser begins nothing: the server makes its own."""
    chosen = secrets.token_urlsafe(16)
    victim = shared.customer(cookie=f"agentassist={chosen}")
    assert f"agentassist={chosen}" not in victim.begin().headers["set-cookie"]
    thief = shared.customer(cookie=f"agentassist={chosen}")
    assert thief.http.get("/api/transcript").status_code == 401


def test_no_customer_reaches_anothers_conversation(server: Served) -> None:
    """Not by its key, not by its number, not by its cursor, and not by its link's token."""
    victim, thief = server.arrived(), server.arrived()
    victim.say("my secret")
    posts: list[tuple[str, dict[str, Any]]] = [
        ("say", {"text": "x"}), ("answer", {"node": "topic", "given": "order"}), ("back", {}), ("new", {}),
        ("field", {"node": "order", "field": "about", "value": "x"}), ("wish", {"wish": "person"}),
        ("rate", {"rating": 1}), ("mail", {"address": "thief@example.com"}), ("typing", {"typing": True}),
    ]  # fmt: skip
    for path, body in posts:
        assert thief.post(path, **{**body, "conversation": victim.conversation}).status_code == 409, path
        for number in (1, None, True, [1], {"id": 1}):
            assert thief.post(path, **{**body, "conversation": number}).status_code == 400, path
    stolen = victim.view()["cursor"]
    assert "my secret" not in json.dumps(thief.view(after=stolen))
    assert "my secret" not in thief.http.get("/api/transcript", params={"conversation": victim.conversation}).text
    assert [entry.text for entry in server.recorded()[0] if entry.author == "customer"] == ["my secret"]


def test_the_records_hold_no_token(server: Served) -> None:
    """Who reads the file cannot speak for a customer."""
    customer = server.arrived()
    customer.say("hello")
    server.stop()
    files = [file.read_bytes() for file in server.store_path.parent.iterdir() if file.is_file()]
    assert not any(customer.token.encode() in data for data in files)


# Other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "{url}.evil.example"},
        {"origin": "{url}@evil.example"},
        {"origin": "http://localhost:1"},
        {"origin": "https://evil.example/{url}"},
        {"origin": "file://127.0.0.1"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_no_other_site_posts(shared: Served, headers: dict[str, str]) -> None:
    """Whatever a browser says of where it comes from, only a page of this server is heard."""
    customer = shared.arrived()
    known = len(customer.texts())
    said = {name: value.format(url=shared.url) for name, value in headers.items()}
    answer = customer.http.post(
        "/api/say", json={"id": "send-id-1", "conversation": customer.conversation, "text": "x"}, headers=said
    )
    assert (answer.status_code, answer.json()) == (403, {"error": "origin"})
    assert "access-control-allow-origin" not in answer.headers
    assert len(customer.texts()) == known


def test_a_post_that_says_nothing_of_where_it_comes_from_is_refused(shared: Served) -> None:
    """A browser always says it."""
    answer = httpx.post(shared.url + "/api/begin", json={})
    assert (answer.status_code, answer.json()) == (403, {"error": "origin"})


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonx"]
)
def test_only_json_is_taken(shared: Served, kind: str) -> None:
    """What a form of another site can send is not what is taken."""
    customer = shared.arrived()
    body = json.dumps({"id": "send-id-1", "conversation": customer.conversation, "text": "x"})
    answer = customer.http.post("/api/say", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()) == (415, {"error": "json-only"})


@pytest.mark.parametrize("path", ["/api/stream", "/api/transcript"])
def test_no_other_site_reads(shared: Served, path: str) -> None:
    """A script or an image of another site gets nothing."""
    customer = shared.arrived()
    assert customer.http.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "a b", "127.0.0.1/x"]
)
def test_another_name_that_leads_here_is_refused(shared: Served, host: str) -> None:
    """A site cannot make its own name lead here and read as if it were this one."""
    answer = shared.customer(host=host).http.get("/")
    assert answer.status_code in (400, 421)
    assert "<html" not in answer.text


@pytest.mark.parametrize("origin", ["{url}", EVIL, "null", ""])
@pytest.mark.parametrize("path", ["/", "/api/stream", "/ws"])
def test_no_websocket_opens(shared: Served, origin: str, path: str) -> None:
    """None is served: not to another site, and not to this one."""
    head = (
        f"GET {path} HTTP/1.1\r\nhost: {shared.url.removeprefix('http://')}\r\n"
        f"origin: {origin.format(url=shared.url)}\r\n"
        "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    answer = exchanged(shared, head.encode())
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"no-websocket" in answer


# Too much


def test_a_message_has_an_end(shared: Served) -> None:
    """8,000 characters are taken, one more is not; nor is a body that is larger than it may be."""
    customer = shared.arrived()
    assert customer.say("a" * 8_000).status_code == 200
    assert customer.say("a" * 8_001).json() == {"error": "too-large"}
    assert customer.post("say", text="x", more="y" * 66_000).status_code == 413
    assert customer.post("wish", wish="email", details={f"k{n}": "x" for n in range(61)}).status_code == 400
    assert customer.post("answer", node="topic", given=["x"] * 61).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "", "x", "[]", "1", "null", '"a"', "[" * 50_000, '{"a":' * 9_000, '{"id": NaN}', '{"id": 1e999}', "{}",
        '{"id": ' + "9" * 5_000 + "}", '{"text": {"$ne": 1}}', '{"text": ["a"]}', '{"id": null}', "\x00", "\ufeff{}",
    ],
)  # fmt: skip
def test_a_body_that_no_page_sends_is_refused(shared: Served, body: str) -> None:
    """Broken, deep, huge and wrong JSON: one fixed code, and the server goes on."""
    customer = shared.arrived()
    answer = customer.http.post("/api/say", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (400, {"error": "bad-request"})
    assert customer.say("still here").status_code == 200


def test_a_body_that_says_it_is_huge_is_not_read(shared: Served) -> None:
    """30 MB are refused by their length, and an endless one as soon as it is too long."""
    head = _post_head(shared)
    answer = exchanged(shared, head + b"content-length: 30000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
    answer = exchanged(shared, head + b"transfer-encoding: chunked\r\n\r\n" + chunk * 20)
    assert b"413" in answer[:16]
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"POST /api/say HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
        b"\r\n" * 20_000,
    ],
)
def test_a_head_that_no_browser_sends_is_refused(shared: Served, head: bytes) -> None:
    """Too long, broken or with two lengths: the connection ends, and nothing is served."""
    answer = exchanged(shared, head)
    assert answer == b"" or re.match(rb"HTTP/1.1 4\d\d ", answer), answer[:80]


def test_a_read_with_a_body_is_refused(shared: Served) -> None:
    """What nobody reads would be taken in for ever."""
    host = shared.url.removeprefix("http://").encode()
    answer = exchanged(
        shared, b"GET / HTTP/1.1\r\nhost: " + host + b"\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECTX"])
def test_no_other_method_is_known(shared: Served, method: str) -> None:
    """A page reads and posts."""
    assert httpx.request(method, shared.url + "/").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
        "/page.js/../app.py", "//etc/passwd", "/\\..\\..\\x", "/page.js%00.html", "/%00", "/texts.json", "/index.html",
        "/page/", "/page.js/", "/api", "/api/", "/api/say/../begin", "/a/", "/a/../health", "/a/%2e%2e%2fhealth",
        "/a/" + "x" * 600, "/" + "a" * 2_000, "/?" + "a" * 2_000, "/.git/config", "/agentassist.db", "/%ff%fe",
    ],
)  # fmt: skip
def test_no_path_leads_anywhere_else(shared: Served, path: str) -> None:
    """Nothing but the few addresses that there are is answered, however it is written."""
    host = shared.url.removeprefix("http://")
    answer = exchanged(shared, f"GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n".encode())
    assert re.match(rb"HTTP/1.1 (404|405|400|307) ", answer), answer[:60]
    assert b"root:" not in answer
    assert b"import " not in answer


# Floods


def test_a_flood_in_one_conversation_stops_there(serve: Serve) -> None:
    """Who writes too fast is told when to go on; others are not held up."""
    served = serve(limits=replace(GENEROUS, sends=Rate(5, NEVER)))
    flood, other = served.arrived(), served.arrived()
    answers = [flood.say(f"message {number}") for number in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 7
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert other.say("hello").status_code == 200
    assert len([entry for entry in served.recorded()[0] if entry.author == "customer"]) == 5


def test_an_address_begins_only_so_many_conversations(serve: Serve) -> None:
    """A machine cannot fill the queue with customers."""
    served = serve(limits=replace(GENEROUS, begins=Rate(3, NEVER)))
    assert [served.customer().begin().status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    known = served.customers[0]
    assert known.begin().status_code == 200  # who is known begins none
    assert known.post("new").status_code == 429


def test_an_address_asks_only_so_much(serve: Serve) -> None:
    """Whatever is asked for counts, and so does what is refused."""
    served = serve(limits=replace(GENEROUS, requests=Rate(10, NEVER)))
    answers = [httpx.get(served.url + "/nothing").status_code for _ in range(14)]
    assert answers == [404] * 10 + [429] * 4


def test_an_address_is_what_a_trusted_proxy_says_last(serve: Serve) -> None:
    """Behind a proxy each customer has a share; without one nobody makes up an address."""
    limits = replace(GENEROUS, requests=Rate(2, NEVER))
    proxied = serve("proxied", limits=limits, serve={"trust_proxy": True})

    def asks(served: Served, forwarded: str) -> int:
        return httpx.get(served.url + "/nothing", headers={"x-forwarded-for": forwarded}).status_code

    assert [asks(proxied, f"{number}, 192.0.2.1") for number in range(3)] == [404, 404, 429]
    assert asks(proxied, "192.0.2.1, 192.0.2.2") == 404
    direct = serve("direct", limits=limits)
    assert [asks(direct, f"192.0.2.{number}") for number in range(3)] == [404, 404, 429]


def test_connections_have_an_end(serve: Serve) -> None:
    """Too many of one address are told so at once, and a place is free again when one goes."""
    served = serve(limits=replace(GENEROUS, connections_per_address=4))
    with_many = [socket.create_connection(served.address) for _ in range(4)]
    assert exchanged(served, b"").startswith(b"HTTP/1.1 503")  # they are taken in the order in which they come
    for one in with_many:
        one.close()

    def answered() -> bool:
        with suppress(httpx.TransportError):  # it was told "full" and cut off before it had asked
            return httpx.get(served.url + "/health").status_code == 200
        return False

    soon(answered, "a place that is free again")


def test_live_pages_have_an_end(serve: Serve) -> None:
    """So many of one address; who asks for more is told to come back."""
    served = serve(limits=replace(GENEROUS, streams_per_address=2))
    one, two, three = (served.arrived() for _ in range(3))
    with one.live() as first, two.live() as second:
        next(first)
        next(second)
        refused = three.http.get("/api/stream")
        assert (refused.status_code, refused.json()) == (429, {"error": "slow-down"})

    def let_in() -> bool:
        with three.http.stream("GET", "/api/stream") as answer:
            return answer.status_code == 200

    soon(let_in, "a place that is free again")


# Slowness


def test_a_slow_head_is_cut_off(serve: Serve) -> None:
    """A byte now and then does not hold a place."""
    served = serve(limits=replace(GENEROUS, header_seconds=0.3))
    _wait_until_cut(served, b"GET / HTTP/1.1\r\nhost: ")
    _wait_until_cut(served, b"")


def test_a_slow_body_is_cut_off(serve: Serve) -> None:
    """It gets so long and no longer, and others are answered meanwhile."""
    served = serve(limits=replace(GENEROUS, body_seconds=0.3))
    with socket.create_connection(served.address) as slow:
        slow.settimeout(SECONDS)
        slow.sendall(_post_head(served) + b"content-length: 100\r\n\r\n{")
        # In one piece: what sends head and body one after the other may be slow itself on a busy machine.
        begun = exchanged(served, _post_head(served, "begin") + b"content-length: 2\r\n\r\n{}")
        assert begun.startswith(b"HTTP/1.1 200")
        answer = _rest(slow)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too-slow" in answer


def test_a_slow_reader_is_cut_off_without_harm_to_others(serve: Serve) -> None:
    """Who takes nothing is dropped, and holds no more than a buffer; who reads gets everything."""
    served = serve(limits=replace(GENEROUS, drain_seconds=0.4, streams_per_conversation=9))
    customer = served.arrived()
    customer.post("wish", wish="person")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(SECONDS)
        slow.connect(served.address)
        host = served.url.removeprefix("http://")
        slow.sendall(
            f"GET /api/stream HTTP/1.1\r\nhost: {host}\r\ncookie: agentassist={customer.token}\r\n\r\n".encode()
        )
        with customer.live() as events:
            next(events)
            for number in range(40):
                said = f"{number} " + "x" * 7_900
                assert customer.say(said).status_code == 200
                until(events, partial(_shows, said))
        connections, here = served.server.server_state.connections, slow.getsockname()

        def let_go() -> bool:
            return here not in [one.client for one in list(connections) if isinstance(one, GuardedProtocol)]

        soon(let_go, "the end of the slow one")
        assert len(_rest(slow)) < 40 * 7_900  # it was cut off before it could get everything


def _shows(text: str, view: dict[str, Any]) -> bool:
    return text in [entry["text"] for entry in view["entries"]]


# What nobody may read


def test_an_error_of_the_server_tells_nothing(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text may hold another customer's words: the page gets a fixed code, the log the kind and the place."""

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret of another")

    def full(*args: object, **kwargs: object) -> None:
        raise StoreFullError("secret: the disk is full", "secret")

    customer = server.arrived()
    monkeypatch.setattr(Counter, "say", fails)
    monkeypatch.setattr("agentassist.server.api.Reception.say", fails)
    answer = customer.say("x")
    assert (answer.status_code, answer.json()) == (500, {"error": "failed"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["connection"] == "close"  # as it is: the next request goes through another one
    monkeypatch.setattr("agentassist.server.api.Reception.say", full)
    answer = customer.say("x")
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})


def test_the_log_holds_no_words_no_tokens_and_no_addresses(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    """Not of what is said, not of who says it, and not of where a link leads; not even when it logs everything."""
    with caplog.at_level(logging.DEBUG):
        customer = server.arrived()
        customer.say("my secret is 4711")
        customer.post("wish", wish="email", details={"email": "dana@example.com", "text": "x"})
        customer.post("say", text="x" * 9_000)
        with server.store() as store:
            token = store.article_links.make(1, "code", "Reset", "https://help.example.com/code")
        customer.http.get(f"/a/{token}")
        customer.http.get("/api/transcript?dana@example.com")
        customer.view()
        exchanged(server, b"GET /dana@example.com HTTP/9\r\n\r\n")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert ours
    for secret in ("4711", "dana@", customer.token, token, "help.example.com"):
        assert not [message for message in ours if secret in message], secret


def test_an_exception_is_logged_without_its_text() -> None:
    """The kind and the place are enough to find it."""
    try:
        int("secret of a customer")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Exception in ASGI application\n", (), None)
        record.exc_info = (type(error), error, error.__traceback__)
    assert without_words(record)
    text = logging.Formatter("%(message)s").format(record)
    assert "ValueError" in text
    assert "test_attacks" in text
    assert "secret" not in text


# The wire


def exchanged(served: Served, data: bytes) -> bytes:
    """Send bytes, and return what comes until the other side has no more to say."""
    with socket.create_connection(served.address) as wire:
        wire.settimeout(SECONDS)
        with suppress(ConnectionError):
            wire.sendall(data)
        return _rest(wire)


def _rest(wire: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionError):
        while part := wire.recv(1 << 16):
            received += part
            head, found, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            if found and length and len(body) >= int(length[1]):
                break
    return received


def _post_head(served: Served, path: str = "say") -> bytes:
    host = served.url.removeprefix("http://")
    head = f"POST /api/{path} HTTP/1.1\r\nhost: {host}\r\norigin: {served.url}\r\ncontent-type: application/json\r\n"
    return head.encode()


def _wait_until_cut(served: Served, data: bytes) -> None:
    with socket.create_connection(served.address) as wire:
        wire.settimeout(SECONDS)
        with suppress(ConnectionError):
            wire.sendall(data)
            while wire.recv(1 << 16):
                pass
