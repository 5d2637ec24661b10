"""What is right in a field of a form, told in words for the customer. A value is kept as it was said."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from agentassist.flows.model import FieldType
from agentassist.flows.pattern import MAX_VALUE, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentassist.flows.model import FormField

MAX_TEXT = 2_000
MAX_EMAIL = 254
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOST = re.compile(r"[^\s@.]+(?:\.[^\s@.]+)+")


def tidy(value: str) -> str:
    """Return a value without white space around it."""
    return value.strip()


def problem(field: FormField, value: str, region: str = "") -> str:
    """Return what is wrong with a value, in words for whoever wrote it; empty when it is right.

    Args:
        field: what it is for.
        value: as it was said, without white space around it; empty when nothing was.
        region: the country of a phone number that does not begin with +, two letters; may be empty.
    """
    if not value:
        return f"{field.label}: this is needed." if field.required else ""
    most = MAX_TEXT if field.type is FieldType.TEXT else MAX_VALUE
    if len(value) > most:
        return f"{field.label}: at most {most:,} characters, please."
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in value):
        return f"{field.label}: this holds a character that cannot be shown."
    check = _CHECKS.get(field.type)
    wrong = check(field, unicodedata.normalize("NFKC", value), region) if check else ""
    return f"{field.label}: {wrong}" if wrong else ""


def number_of(value: str) -> float | None:
    """Return a number as people write one, with a point or a comma; None when it is none."""
    text = unicodedata.normalize("NFKC", value).strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _email(_field: FormField, value: str, _region: str) -> str:
    name, at, host = value.rpartition("@")
    right = bool(at) and 0 < len(name) <= 64 and len(value) <= MAX_EMAIL and "@" not in name
    right = right and not any(char.isspace() for char in value) and bool(_HOST.fullmatch(host))
    return "" if right else "please write an e-mail address, such as name@example.com."


def _phone(_field: FormField, value: str, region: str) -> str:
    import phonenumbers  # only a form with a number pays for it

    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return ""
    where = "" if region else ", beginning with + and the code of your country"
    return f"please write a phone number{where}, such as +351 912 345 678."


def _number(field: FormField, value: str, _region: str) -> str:
    number = number_of(value)
    if number is None:
        return "please write a number, such as 12."
    if field.least is not None and number < field.least:
        return f"please write a number from {field.least:g}."
    if field.most is not None and number > field.most:
        return f"please write a number up to {field.most:g}."
    return ""


def _date(_field: FormField, value: str, _region: str) -> str:
    try:
        # fromisoformat alone would take week dates and dates without dashes.
        right = bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        right = False
    return "" if right else "please write a date as year-month-day, such as 2027-08-31."


def _pattern(field: FormField, value: str, _region: str) -> str:
    if compiled(field.pattern).fits(value):
        return ""
    return f"please write it like this: {field.hint}" if field.hint else "this does not look right."


_CHECKS: Mapping[FieldType, Callable[[FormField, str, str], str]] = {
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.PATTERN: _pattern,
}
