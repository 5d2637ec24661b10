"""Takes personal data out of a text: every match is replaced whole, and not one of its characters stays.

All detectors look at the same text, and what overlaps is replaced together: no detector can be fooled by what another
one left. What they do not know (a stranger's name, an unusual address) stays, so a person reads before others do.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentassist.models import Customer

Span = tuple[int, int, str]

FEW_DIGITS = 5
"""Digits from which a number is taken for somebody's: an order, a card, a postcode, a date of birth."""
MAX_KNOWN = 200
"""Known values of one person that are looked for; more is a hostile card."""
OUTRIGHT = ("email", "link", "account", "secret", "phone", "address", "name", "number", "detail")
"""The labels, and which one is shown where several detectors found the same: the first of these."""

_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\]{},;:\"'“”]+(?:@|\s?[(\[](?:at|@)[)\]]\s?)[^\s@<>()\[\]{},;:\"'“”]+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@.])@\w{2,}")
# With blanks between its groups only in capitals: the words after it would be taken for more of it.
_IBAN = re.compile(
    r"(?<![^\W_])(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?|[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30})"
    r"(?![^\W_])"
)
_DIGITS = re.compile(r"[#№+(]*\d(?:[\s./()–-]{0,3}\d)+")
_MIXED = re.compile(r"(?<![^\W_])(?=[^\W_]*\d)(?=(?:[\W_]?[^\W_])*)[^\W_]+(?:[-_/.][^\W_]+)*(?![^\W_])")
_STREET = (
    r"(?i:str(?:eet|\.)|st\.|road|rd\.?|avenue|ave\.?|lane|ln\.?|boulevard|blvd\.?|highway|hwy\.?|stra(?:ß|ss)e|gasse)"
    r"|St|Drive|Dr|Court|Ct|Way|Close|Place|Pl|Terrace|Square|Sq|Crescent|Row|Hill|Park|Gardens|Walk|Mews|Circle|Parkway"
)
# From the house's number to the end of the line: town, postcode and country follow it.
_ADDRESSES = (
    re.compile(rf"\b\d{{1,5}}[a-zA-Z]?,? (?:[^\W\d_][\w'’.-]*,? ){{1,4}}(?:{_STREET})(?!\w)[^\n]*"),
    re.compile(r"(?i:\b(?:rua|avenida|av\.|calle|rue|via|viale|plaza|praça|place|chemin|ulica)) [^\n\d]{2,40}\d[^\n]*"),
    re.compile(r"\b[^\W\d_]+(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|straat|laan)\s+\d[^\n]*", re.IGNORECASE),
    re.compile(r"\bp\.?\s?o\.?\s?box\s+\w[^\n]*", re.IGNORECASE),
    re.compile(
        r"(?i:\b(?:address(?: is|:)|i live (?:at|in)|(?:send|ship|deliver|post) (?:it|them|this) to)) "
        r"(?=[^\n]*\d)[^\n]+"
    ),
)
_CALLED = re.compile(
    r"(?i:\b(?:(?:my|full|first|last|user) ?name(?: is|['’]s|:)|i am called|my name:|signed,?))\s+"
    r"(?P<value>[^\s.,;!?]+(?: (?-i:[^\W\d_a-zà-ÿ])[^\s.,;!?]*){0,3})"
)
_SECRET = re.compile(
    r"(?i:\b(?:pass(?:word|code|wort)|pwd|pin|cvc|cvv|one[- ]time code|security code|api[- ]?key|token)\b"
    r"(?: (?:is|was)|:|=)*)\s+(?P<value>\S*\d\S*|(?<=[:=] )\S+|(?<= is )\S+)"
)
_LABEL = re.compile(r"[a-z][a-z _-]{0,19}")


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is somebody's, and what is shown instead of it."""

    value: str
    label: str


def known_of(customer: Customer, told: Iterable[str] = ()) -> tuple[Known, ...]:
    """Return what is known of a customer: name, e-mail, id, attributes, and what they typed into forms.

    Args:
        customer: whose.
        told: what they typed into forms. What may be a description ("radiator cold") is not taken for theirs.
    """
    found = [Known(customer.name, "name"), *(Known(part, "name") for part in re.split(r"[\s,]+", customer.name))]
    found += [Known(customer.email, "email"), Known(customer.email.partition("@")[0], "email")]
    found += [Known(customer.id, "number")]
    found += [
        Known(value, key.lower() if _LABEL.fullmatch(key.lower()) else "detail")
        for key, value in customer.attributes.items()
    ]
    found += [Known(text, "detail") for text in told if _is_personal(text)]
    return tuple(item for item in found if len(item.value.strip()) > 1)[:MAX_KNOWN]


def redact(text: str, known: Sequence[Known] = ()) -> str:
    """Return a text in which a label such as "[email]" stands for each piece of personal data.

    Args:
        text: anything at all; it comes back in Unicode's composed form.
        known: values that are somebody's.
    """
    text = unicodedata.normalize("NFC", text)
    spans = sorted(_spans(text, known))
    out: list[str] = []
    at = 0
    while spans:
        start, end, label = spans.pop(0)
        labels = [label]
        # What touches is one, too: a number cut in two would still be read together.
        while spans and spans[0][0] < end:
            _, other, label = spans.pop(0)
            end = max(end, other)
            labels.append(label)
        out += [text[at:start], f"[{_first(labels)}]"]
        at = end
    return "".join([*out, text[at:]])


def _first(labels: Sequence[str]) -> str:
    return min(labels, key=lambda label: OUTRIGHT.index(label) if label in OUTRIGHT else len(OUTRIGHT))


def _spans(text: str, known: Sequence[Known]) -> Iterator[Span]:
    yield from _known(text, known)
    for found in _URL.finditer(text):
        address = found[0].rstrip(".,;!?)'\"”")
        if not _is_public(address):
            yield found.start(), found.start() + len(address), "link"
    for pattern, label in ((_EMAIL, "email"), (_HANDLE, "name"), (_IBAN, "account")):
        yield from ((*found.span(), label) for found in pattern.finditer(text))
    for pattern in _ADDRESSES:
        yield from ((*found.span(), "address") for found in pattern.finditer(text))
    yield from ((*found.span("value"), "name") for found in _CALLED.finditer(text))
    yield from ((*found.span("value"), "secret") for found in _SECRET.finditer(text))
    yield from _numbers(text)
    yield from _phones(text)


def _numbers(text: str) -> Iterator[Span]:
    for found in _DIGITS.finditer(text):
        if sum(map(str.isdigit, found[0])) >= FEW_DIGITS:
            yield *found.span(), "number"
    for found in _MIXED.finditer(text):
        # A code such as E3 or B2-1 is the product's, DL20418837 is somebody's.
        digits = sum(map(str.isdigit, found[0]))
        if digits >= FEW_DIGITS or (digits >= 3 and len(found[0]) >= 6 and not found[0].isdigit()):
            yield *found.span(), "number"


def _phones(text: str) -> Iterator[Span]:
    if sum(map(str.isdigit, text)) < FEW_DIGITS:
        return
    import phonenumbers

    # Without a country in front a number is told by _DIGITS: here it only gets its right name.
    for region in (None, "US"):
        for match in phonenumbers.PhoneNumberMatcher(text, region, phonenumbers.Leniency.VALID, 100):
            yield match.start, match.end, "phone"


def _known(text: str, known: Sequence[Known]) -> Iterator[Span]:
    seen: set[str] = set()
    for item in known:
        value = " ".join(unicodedata.normalize("NFC", item.value).split())
        if len(value) < 2 or value.casefold() in seen:
            continue
        seen.add(value.casefold())
        # Scripts without blanks between words have no word's end to look for.
        plain = value.isascii()
        begin = r"(?<![^\W_])" if plain and value[0].isalnum() else ""
        end = r"(?![^\W_])" if plain and value[-1].isalnum() else ""
        middle = r"\s+".join(map(re.escape, value.split()))
        for found in re.finditer(f"{begin}{middle}{end}", text, re.IGNORECASE):
            yield *found.span(), item.label


def _is_public(address: str) -> bool:
    """Say whether an address leads everybody to the same page: nothing in it is made for one person."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    pieces = re.split(r"[/.]", f"{parts.netloc}{parts.path}")
    return not any(sum(map(str.isdigit, piece)) >= 4 or (len(piece) > 24 and "-" not in piece) for piece in pieces)


def _is_personal(told: str) -> bool:
    words = told.split()
    numbered = any(map(str.isdigit, told)) or "@" in told
    return 0 < len(words) <= 5 and len(told) > 2 and (numbered or all(word[0].isupper() for word in words))
