"""Whatever anybody writes is text on the page: no script of theirs runs, and nothing is made of it but letters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from playwright.async_api import expect

from agentassist.models import Author, EntryKind, NewEntry

if TYPE_CHECKING:
    from tests.browser.conftest import House, Visit, Visitor

OWN = (
    "<script>window.__pwned = 1</script>",
    "<img src=x onerror='window.__pwned = 1'>",
    "<svg/onload=window.__pwned=1>",
    '"><iframe srcdoc="<script>parent.__pwned=1</script>">',
    "javascript:window.__pwned=1",
    "http://a.example/\"onmouseover='window.__pwned=1' x=\"",
    "https://a.example/<img/src=x/onerror=window.__pwned=1>",
    "data:text/html,<script>window.__pwned=1</script>",
    "{{constructor.constructor('window.__pwned=1')()}} ${window.__pwned=1} {title}",
    "</article></div><style>*{display:none}</style>",
    "</script><!--<math><mtext></style><img src onerror=__pwned=1>",
    "&lt;b&gt;not bold&lt;/b&gt; &#60;i&#62;",
    "\u202egnirts a si siht\u202c \u2066x\u2069",
    "a\u0000b\u001b[31mred\u0007",
    "x" * 3_000,
    "https://" + "a" * 2_000,
)
SHARED = Path(__file__).parents[3] / "shared" / "hostile_strings.jsonl"
MADE_OF = {"ARTICLE", "P", "SPAN", "B", "I", "TIME", "DIV", "UL", "LI", "A", "SMALL", "BUTTON"}
"""What a conversation is made of."""


async def check(visitor: Visitor, made_of: set[str] = MADE_OF) -> None:
    """Check that nothing was made of what anybody wrote."""
    assert await visitor.page.evaluate("window.__pwned") is None
    tags = await visitor.log.evaluate("log => [...new Set([...log.querySelectorAll('*')].map(one => one.tagName))]")
    assert set(tags) <= made_of
    foreign = await visitor.page.evaluate(
        """[...document.querySelectorAll("*")].filter(one => one.matches("iframe, img, script:not([src]), style")
        || [...one.attributes].some(name => name.name.startsWith("on"))).map(one => one.outerHTML)"""
    )
    assert foreign == []
    links = await visitor.page.evaluate(
        """[...document.querySelectorAll("#log a, #prompt a, #pending a")].map(one => [one.protocol, one.rel])"""
    )
    for protocol, relation in links:
        assert protocol in ("http:", "https:")
        assert "noopener" in relation
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def watched(visitor: Visitor) -> list[str]:
    """Return a list into which every address goes that the page asks for beyond its own server."""
    elsewhere: list[str] = []
    home = visitor.house.url

    def asked(request: Any) -> None:
        if not request.url.startswith((home, "data:")):
            elsewhere.append(request.url)

    visitor.page.context.on("request", asked)
    return elsewhere


def stored(house: House, number: int, *, by: Author) -> list[str]:
    """Return what somebody said in a conversation, as it is stored."""
    return [entry.text for entry in house.entries(number) if entry.author is by and entry.kind is EntryKind.MESSAGE]


async def test_what_a_customer_types(house: House, visit: Visit) -> None:
    """Each string as a message, typed into the page: it is shown as it is stored, and does nothing."""
    async with visit(house) as visitor:
        elsewhere = watched(visitor)
        await visitor.press("Talk to a person")
        await expect(visitor.panel).to_contain_text("You are in the queue")
        number = house.newest()
        for text in OWN:
            await visitor.write(text)
        await visitor.shows("aaaaa")
        await expect(visitor.page.locator("#pending .bubble")).to_have_count(0)
        assert stored(house, number, by=Author.CUSTOMER) == list(OWN)
        assert (await visitor.said())[-len(OWN) :] == list(OWN)
        await check(visitor)
        await visitor.page.reload()
        await visitor.shows("aaaaa")
        assert (await visitor.said())[-len(OWN) :] == list(OWN)
        await check(visitor)
        assert elsewhere == []


async def test_what_others_are_called_and_say(house: House, visit: Visit) -> None:
    """Each string as an agent's name and words, as the bot's, as an article's title and address, and as a reason."""
    async with visit(house) as visitor:
        elsewhere = watched(visitor)
        number = house.newest()
        put = house.store.transcript.append
        for text in OWN:
            article = {"article": "x", "title": text, "url": text, "bot": "answer"}
            put(number, NewEntry(Author.BOT, EntryKind.MESSAGE, text, text[:80]))
            put(number, NewEntry(Author.BOT, EntryKind.ARTICLE, f"see {text}", text[:80], article))
            house.store.claims.handoff(number, text)
            house.claim(number, text[:80])
            put(number, NewEntry(Author.AGENT, EntryKind.MESSAGE, text, text[:80]))
            put(number, NewEntry(Author.AGENT, EntryKind.FORM, text, text[:80], {"question": text, "field": "x"}))
            house.store.claims.release(number, text[:80])
        await visitor.shows(OWN[-1])
        await expect(visitor.log.locator(".entry")).to_have_count(4 * len(OWN) + 1)
        await check(visitor)
        said = await visitor.said()
        for text in OWN:
            assert text in said
        assert elsewhere == []


async def test_what_is_filled_into_a_form(house: House, visit: Visit) -> None:
    """Each string in the fields of a form: shown to the customer as an answer, and as a wrong one with its words."""
    async with visit(house) as visitor:
        await visitor.choose("I would like to talk to a person")
        await visitor.choose("Please call me back")
        number = house.newest()
        for text in OWN[:13]:
            await visitor.page.get_by_label("Phone number").fill(text)
            await visitor.press("Continue")
            await expect(visitor.page.get_by_label("Phone number")).to_have_attribute("aria-invalid", "true")
            await check(visitor)
        await visitor.page.get_by_label("Your name").fill(OWN[1])
        await visitor.page.get_by_label("Phone number").fill("+351 912 345 678")
        await visitor.page.get_by_label("What is it about?").fill(OWN[0])
        await visitor.press("Continue")
        await visitor.asks("When does it suit you?")
        await check(visitor)
        assert OWN[0] in await visitor.said()
        assert OWN[1] in await visitor.said()
        assert house.store.queue.get(number).customer.name == OWN[1]


async def test_what_a_tree_is_made_of(own_house: House, visit: Visit, tmp_path: Path) -> None:
    """Each string as an option, a question, a label, a hint, and as what the company and its assistant are called."""
    labels = [text for text in OWN[:11] if "\n" not in text]
    options = {f"o{count}": {"label": label, "next": "form"} for count, label in enumerate(labels)}
    field = {"label": OWN[2], "hint": OWN[1], "required": False}
    tree = {
        "title": OWN[0],
        "start": "a",
        "nodes": {
            "a": {"say": OWN[1], "choice": OWN[0], "options": options},
            "form": {"form": OWN[3], "fields": {"x": field}, "next": "end"},
            "end": {"person": OWN[0]},
        },
    }
    (tmp_path / "kb" / "flows").mkdir(parents=True)
    (tmp_path / "kb" / "flows" / "start.yaml").write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    own_house.open(kb_folder=tmp_path / "kb", company=OWN[1], bot=OWN[0])
    async with visit(own_house) as visitor:
        assert await visitor.page.title() == f"Help · {OWN[1]}"
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text(OWN[1])
        await visitor.asks(OWN[0])
        shown = await visitor.prompt.get_by_role("group").get_by_role("button").all_text_contents()
        assert shown == labels
        await check(visitor)
        await visitor.choose(labels[3])
        await visitor.asks(OWN[3])
        await visitor.page.get_by_label(OWN[2]).fill(OWN[1])
        await check(visitor)
        await visitor.press("Continue")
        await expect(visitor.panel).to_contain_text("You are in the queue")
        await check(visitor)


async def test_the_shared_hostile_strings(house: House, visit: Visit) -> None:
    """Every string of the shared list, said by everybody, is on the page as it is in the records, and does nothing."""
    if not SHARED.exists():
        pytest.skip("../shared/hostile_strings.jsonl is not beside this checkout")
    longest = 8_000  # as long as a message may be
    texts = [str(json.loads(line)["text"])[:longest] for line in SHARED.read_text(encoding="utf-8").splitlines()]
    async with visit(house) as visitor:
        elsewhere = watched(visitor)
        number = house.newest()
        new = [
            NewEntry(author, EntryKind.MESSAGE, text, (text[:80] or "Ada") if author is not Author.CUSTOMER else "")
            for text in texts
            for author in (Author.CUSTOMER, Author.BOT, Author.AGENT)
        ]
        house.store.transcript.append(number, *new)
        wanted = [entry.text for entry in house.entries(number) if entry.kind is EntryKind.MESSAGE]
        await expect(visitor.log.locator(".entry")).to_have_count(len(wanted))
        assert await visitor.said() == wanted
        await check(visitor)
        assert elsewhere == []
