"""What a customer says and sees: nothing is missing, nothing is doubled, and what was accepted is on disk."""

from __future__ import annotations

import json

import pytest

from agentassist.clock import SystemClock
from agentassist.errors import MissingExtraError, StoreBusyError
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.paths import under
from agentassist.search import build_model
from agentassist.search.build import build
from agentassist.server import hub, service
from agentassist.server.counter import Counter
from agentassist.server.limits import Limits
from tests.server.conftest import Serve, Served, soon, until, write_kb


def test_a_customer_is_shown_the_tree(server: Served) -> None:
    """Who comes sees what it says and what it asks, and can ask for a person."""
    view = server.arrived().view()
    assert [entry["text"] for entry in view["entries"]] == ["Hello."]
    assert view["prompt"]["question"] == "What is it about?"
    assert view["can_ask"] is True
    assert view["reset"] is True


def test_who_comes_again_sees_the_whole_conversation(server: Served) -> None:
    """A reload shows what there was, and begins nothing new."""
    customer = server.arrived()
    customer.say("my wall plate blinks")
    first = customer.conversation
    customer.begin()
    assert customer.conversation == first
    assert customer.texts()[:2] == ["Hello.", "my wall plate blinks"]
    assert len(server.recorded()) == 1


def test_a_cursor_goes_on_where_the_line_was_cut(server: Served) -> None:
    """Only what was said after it comes, whether the page or the browser says it."""
    customer = server.arrived()
    cursor = customer.view()["cursor"]
    customer.say("one")
    view = customer.view(after=cursor)
    assert [entry["text"] for entry in view["entries"]][:1] == ["one"]
    assert view["reset"] is False
    with customer.live(**{"last-event-id": cursor}) as events:
        assert next(events)["entries"][0]["text"] == "one"
    assert all(entry["seq"] > view["seq"] for entry in customer.view(after=view["cursor"])["entries"])


@pytest.mark.parametrize("cursor", ["", "x", "-1", "0123456789abcdef-1", "'; DROP TABLE entries", "9" * 400])
def test_a_cursor_that_is_none_begins_at_the_beginning(server: Served, cursor: str) -> None:
    """One of another conversation, a broken one and none at all show everything."""
    customer = server.arrived()
    customer.say("one")
    assert [entry["text"] for entry in customer.view(after=cursor)["entries"]][:2] == ["Hello.", "one"]


def test_nothing_is_missing_and_nothing_doubled_over_many_cuts(server: Served) -> None:
    """The line is cut after every second message, and the pages put together are the conversation."""
    customer = server.arrived()
    with server.store() as store:
        store.claims.handoff(1, "for this test")
        store.claims.claim(1, "Ada")
    seen: list[int] = []
    cursor = ""
    for number in range(12):
        customer.say(f"message {number}")
        if number % 2:
            with customer.live(cursor) as events:
                view = next(events)
                seen += [entry["seq"] for entry in view["entries"]]
                cursor = view["cursor"]
    everything = [entry["seq"] for entry in customer.view()["entries"]]
    assert seen == everything
    assert len(set(seen)) == len(seen)


def test_what_an_agent_says_is_pushed(server: Served) -> None:
    """A desk is another process: its reply reaches the page without being asked for."""
    customer = server.arrived()
    customer.post("wish", wish="person")
    with customer.live() as events:
        assert next(events)["state"] == "waiting"
        with server.store() as store:
            store.claims.claim(1, "Ada")
        assert until(events, lambda view: view["state"] == "claimed")["agent"] == "Ada"
        server.agent_says("Hello, I have read it all.")
        last = until(events, lambda view: any(entry["author"] == "agent" for entry in view["entries"]))
        assert [entry["text"] for entry in last["entries"]] == ["Hello, I have read it all."]


def test_an_agent_who_types_is_shown(server: Served) -> None:
    """The customer sees that somebody writes, and that they have stopped."""
    customer = server.arrived()
    customer.post("wish", wish="person")
    with server.store() as store, customer.live() as events:
        store.claims.claim(1, "Ada")
        store.presence.say("desk", "Ada", 1, typing=True)
        until(events, lambda view: view["agent_typing"])
        store.presence.say("desk", "Ada", 1, typing=False)
        until(events, lambda view: not view["agent_typing"])


def test_a_place_in_the_queue_moves(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits learns that somebody before them has been taken."""
    monkeypatch.setattr(hub, "REFRESH_SECONDS", 0.0)
    first, second = server.arrived(), server.arrived()
    first.post("wish", wish="person")
    second.post("wish", wish="person")
    with server.store() as store, second.live() as events:
        assert next(events)["queue"]["position"] == 2
        store.claims.claim(1, "Ada")
        until(events, lambda view: view["queue"] is not None and view["queue"]["position"] == 1)


def test_the_same_send_comes_twice_and_is_kept_once(server: Served) -> None:
    """A page that did not hear the answer sends again, by any of its ways to say something."""
    customer = server.arrived()
    for path, body in [
        ("say", {"text": "only once"}),
        ("answer", {"node": "topic", "given": "order"}),
        ("field", {"node": "order", "field": "about", "value": "a plate"}),
        ("back", {}),
        ("wish", {"wish": "person"}),
    ]:
        first = customer.post(path, id=f"the-same-{path}", **body)
        customer.settled()  # what the bot says to it is kept, too
        count = len(server.recorded()[0])
        again = customer.post(path, id=f"the-same-{path}", **body)
        customer.settled()
        assert first.status_code == 200, (path, first.text)
        # What is not open any more cannot be answered again, and so is refused: nothing is kept twice either way.
        assert again.status_code in (200, 409), (path, again.text)
        assert len(server.recorded()[0]) == count, path


def test_what_was_accepted_is_kept_though_the_server_stops(serve: Serve) -> None:
    """Everything that a page was told is kept is there after a stop in the middle, and the pages were told of it."""
    served = serve(pause=5.0)
    customer = served.arrived()
    with customer.live() as events:
        next(events)
        accepted = [text for number in range(5) if customer.say(text := f"message {number}").status_code == 200]
        served.stop()
        assert list(events)[-1] == {"bye": "stop"}
    kept = [entry.text for entry in served.recorded()[0]]
    assert [text for text in kept if text in accepted] == accepted
    assert len(accepted) == 5
    assert "I cannot look anything up right now, so I am getting a person for you." in kept  # the turn that was due


def test_a_turn_that_a_killed_server_owed_is_taken_when_the_page_comes_back(server: Served) -> None:
    """A message that was kept by a server which was gone before the bot could answer is answered after all."""
    customer = server.arrived()
    customer.post("answer", node="topic", given="ask")
    with server.store() as store:
        store.page.take(1, "owed", [NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my radiator is cold")])
    with customer.live() as events:
        view = until(events, lambda view: view["state"] == "waiting")
    assert view["queue"]["position"] == 1


def test_a_bot_that_breaks_gets_a_person(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected leaves no customer without an answer, and none of it is told to them."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("INTERNAL")

    monkeypatch.setattr(service, "consider", broken)
    customer = server.arrived()
    customer.post("answer", node="topic", given="ask")
    with customer.live() as events:
        customer.say("my radiator is cold")
        view = until(events, lambda view: view["state"] == "waiting")
    assert "INTERNAL" not in json.dumps(view)
    assert server.recorded()[0][-1].text == "the bot failed"


def test_a_stop_is_quick_though_pages_are_open(serve: Serve) -> None:
    """An open page does not hold it up."""
    served = serve()
    customers = [served.arrived() for _ in range(3)]
    with customers[0].live() as one, customers[1].live() as two:
        next(one)
        next(two)
        served.stop()
        assert list(one)[-1] == list(two)[-1] == {"bye": "stop"}


def test_a_form_is_filled_and_its_mistakes_are_named(server: Served) -> None:
    """What is wrong stands by field, in words; what is right goes on."""
    customer = server.arrived()
    customer.post("answer", node="topic", given="order")
    wrong = customer.post("answer", node="order", given={"number": "12", "email": "no"})
    assert wrong.status_code == 422
    assert set(wrong.json()["fields"]) == {"number", "email"}
    assert customer.post("field", node="order", field="number", value="nope").status_code == 422
    assert customer.post("field", node="order", field="number", value="HW-123").status_code == 200
    assert customer.view()["prompt"]["fields"][0]["value"] == "HW-123"
    right = customer.post("answer", node="order", given={"number": "HW-123", "email": "a@example.com", "about": ""})
    assert right.status_code == 200
    assert customer.view()["state"] == "waiting"


def test_several_choices_and_back(server: Served) -> None:
    """Several options are one answer, and an answer can be changed."""
    customer = server.arrived()
    customer.post("answer", node="topic", given="several")
    assert customer.view()["can_go_back"] is True
    assert customer.post("back").status_code == 200
    assert customer.view()["prompt"]["node"] == "topic"
    customer.post("answer", node="topic", given="several")
    assert customer.post("answer", node="several", given=["a", "b"]).status_code == 200
    assert "First, Second" in customer.texts()
    assert customer.post("answer", node="several", given=["a"]).json() == {"error": "stale"}


def test_the_bot_answers_a_burst_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three messages in a row are one question; the answer is an article with a link that counts."""

    def missing(*args: object, **kwargs: object) -> None:
        raise MissingExtraError("no encoder", "none")

    monkeypatch.setattr(build_model, "exported", missing)
    served = serve(pause=600.0)
    places, kb = under(served.home), write_kb(served.home / "kb")
    article = (
        "---\nid: code\ntitle: Reset the code\nurl: https://help.example.com/code\n---\nHold the button for 10 s.\n"
    )
    (kb / "code.md").write_text(article, encoding="utf-8")
    build(kb, places.index, places.cache, progress=lambda _: None, clock=SystemClock())
    customer = served.arrived()
    for text in ("hello", "how do I"):
        assert customer.say(text).status_code == 200
    assert customer.view()["thinking"]
    served.server.service.turns._pause = 0.0  # the customer pauses after the next one
    customer.say("reset the code of the button")
    view = customer.settled()
    said = [entry for entry in served.recorded()[0] if entry.author is Author.BOT]
    assert [entry.text for entry in said] == ["Start", "Hello.", "Hold the button for 10 s."]
    assert view["state"] == "digital"


def test_typing_is_kept_without_what_is_typed(server: Served) -> None:
    """The desk sees that a customer writes."""
    customer = server.arrived()
    assert customer.post("typing", typing=True).status_code == 200
    with server.store() as store:
        presence = store.presence.customer(1)
        assert presence is not None
        assert presence.typing is True
    assert customer.post("typing", typing="yes").status_code == 400


def test_wishes_rating_and_the_way_home(server: Served) -> None:
    """E-mail, the end, one rating, the transcript as a file and by mail, and another conversation."""
    customer = server.arrived()
    customer.say("my wall plate blinks")
    assert customer.post("wish", wish="email", details={"email": "nobody", "text": ""}).status_code == 422
    assert customer.post("wish", wish="email", details={"email": "a@example.com", "text": "x"}).status_code == 200
    assert customer.post("wish", wish="fly").status_code == 400
    assert customer.post("rate", rating=5).status_code == 422
    with server.store() as store:
        store.claims.claim(1, "Ada")
        store.claims.close(1, "Ada", "solved", "")
    assert customer.view()["rating"] == "asked"
    for wrong in (0, 6, "5", 4.5, True, [5]):
        assert customer.post("rate", rating=wrong).status_code == 400, wrong
    assert customer.post("rate", rating=4, comment="kind").json() == {"ok": True, "new": True}
    assert customer.post("rate", rating=1).json() == {"ok": True, "new": False}
    file = customer.http.get("/api/transcript")
    assert file.headers["content-disposition"] == 'attachment; filename="conversation.txt"'
    assert file.headers["content-type"] == "text/plain; charset=utf-8"
    assert "my wall plate blinks" in file.text
    assert customer.post("mail", address="a@example.com").json() == {"ok": True, "queued": True}
    assert customer.post("mail", address="nobody").status_code == 422
    assert customer.post("wish", wish="person").json() == {"error": "closed"}
    assert customer.say("one thing more").status_code == 200
    assert customer.view()["state"] == "waiting"
    before = customer.conversation
    with customer.live() as events:
        next(events)
        customer.conversation = customer.post("new").json()["conversation"]
        assert list(events)[-1] == {"bye": "moved"}
    assert customer.conversation != before
    assert customer.texts() == ["Hello."]


def test_a_page_of_the_last_conversation_writes_into_no_other(server: Served) -> None:
    """A tab that still shows the old one is told so before anything is kept."""
    customer = server.arrived()
    old = customer.conversation
    customer.conversation = customer.post("new").json()["conversation"]
    answer = customer.say("where am I?", conversation=old)
    assert (answer.status_code, answer.json()) == (409, {"error": "other-conversation"})
    assert not any("where am I?" in entry.text for entries in server.recorded() for entry in entries)


def test_many_pages_of_one_conversation_end_the_oldest(serve: Serve) -> None:
    """A browser has six lines to a server: the pages that nobody looks at give theirs up."""
    served = serve(limits=Limits(streams_per_conversation=2))
    customer = served.arrived()
    with customer.live() as one, customer.live() as two:
        next(one)
        next(two)
        with customer.live() as three:
            next(three)
            assert list(one)[-1] == {"bye": "many"}
            customer.say("heard by the others")
            assert until(two, lambda view: view["entries"])["entries"][0]["text"] == "heard by the others"


def test_a_link_leads_on_and_is_counted_once(server: Served) -> None:
    """It leads to the article alone; a look ahead does not count, a second click neither."""
    customer = server.arrived()
    with server.store() as store:
        token = store.article_links.make(1, "code", "Reset the code", "https://help.example.com/code?a=1&b=ü")
        bad = store.article_links.make(1, "bad", "Bad", "javascript:alert(1)")
        split = store.article_links.make(1, "split", "Split", "https://a.example/\r\nset-cookie: x=1")
    for purpose in ({"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}):
        assert customer.http.get(f"/a/{token}", headers=purpose).status_code == 302
    assert customer.http.head(f"/a/{token}").status_code == 302
    assert not any(entry.event == "opened" for entry in server.recorded()[0])
    for _ in range(2):
        answer = customer.http.get(f"/a/{token}")
        assert answer.headers["location"].startswith("https://help.example.com/code?a=1")
    assert [entry.event for entry in server.recorded()[0]].count(server.recorded()[0][-1].event) == 1
    for wrong in (bad, split, "x" * 22, "x", token + "x", token[:-1]):
        assert customer.http.get(f"/a/{wrong}").status_code == 404, wrong


def test_opening_can_be_left_uncounted(serve: Serve) -> None:
    """Where it is turned off nothing is kept."""
    served = serve(serve={"count_opens": False})
    customer = served.arrived()
    with served.store() as store:
        token = store.article_links.make(1, "code", "Reset the code", "https://help.example.com/code")
    assert customer.http.get(f"/a/{token}").status_code == 302
    assert not any(entry.event == "opened" for entry in served.recorded()[0])


def test_health_tells_what_works_and_nothing_else(server: Served) -> None:
    """The records, the index, and no number, name or path."""
    asked = server.customer().http
    soon(lambda: asked.get("/health").json()["index"] != "busy", "the end of the bot's preparations")
    assert asked.get("/health").json() == {"ok": True, "store": "ok", "index": "none"}


def test_health_tells_of_records_that_cannot_be_read(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks after it is told, without why: that is in the log."""

    def fails(*args: object) -> None:
        raise StoreBusyError("secret", "secret")

    monkeypatch.setattr(Counter, "known", fails)
    answer = server.customer().http.get("/health")
    assert (answer.status_code, answer.json()["ok"], answer.json()["store"]) == (503, False, "unreadable")
    assert "secret" not in answer.text


def test_an_entry_of_every_author_reaches_the_page_as_it_is(server: Served) -> None:
    """Who said it, and what: the author survives every crossing."""
    customer = server.arrived()
    customer.post("wish", wish="person")
    with server.store() as store:
        store.claims.claim(1, "Ada")
        store.transcript.append(1, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "mine"))
    server.agent_says("ours")
    authors = {entry["text"]: entry["author"] for entry in customer.view()["entries"]}
    assert authors["Hello."] == "bot"
    assert authors["mine"] == "customer"
    assert authors["ours"] == "agent"
