"""The configuration file: TOML in, frozen dataclasses out, and an error that names file, key and the nearest key."""

from __future__ import annotations

import difflib
import types
import typing
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import ConfigError
from agentassist.models import Disposition

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """Who sits at this desk.

    Attributes:
        name: shown to customers and kept on every entry; empty means the login name.
        timezone: an IANA name; empty means the machine's.
    """

    name: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class KbConfig:
    """Where the knowledge base is.

    Attributes:
        folder: a path; empty means the one that ships.
    """

    folder: str = ""


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How to search.

    Attributes:
        model: name or folder of a sentence-transformers model; empty means the packaged all-MiniLM-L6-v2.
        suggestions: how many suggestions the desk shows, 1 to 9 (one digit key each).
        reranker: name or folder of a sentence-transformers CrossEncoder; empty means none. See docs/reranker.md.
        reranker_ms: milliseconds that it may take of a search, 0 to 5,000; 0 leaves it out.
    """

    model: str = ""
    suggestions: int = 5
    reranker: str = ""
    reranker_ms: int = 150


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """How the desk looks and makes itself noticed.

    Attributes:
        theme: a theme's name.
        copy: whether copying reaches the terminal's clipboard (OSC 52, which works over ssh too).
        bell: whether a follow-up that is due rings.
        notify: whether a follow-up that is due asks the terminal to show a notification (OSC 9).
        quick_close: the code of the disposition for closing at once; empty means the first.
        hints: whether the desk leads through the first conversation.
    """

    theme: str = "agentassist-dark"
    copy: bool = True
    bell: bool = True
    notify: bool = True
    quick_close: str = ""
    hints: bool = False


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The customer's page.

    Attributes:
        company: whose page it is, as its title.
        bot: the bot's name.
        host: the address to listen at; beyond this machine only when you say so.
        port: the port, 1 to 65535.
        public_url: where customers reach it, such as https://help.example.com; empty means host and port.
        flow: the id of the decision tree that a conversation begins with; empty begins with the bot.
        allowed_origins: the sites that may show the page as a widget, such as https://shop.example.com.
        count_opens: whether it is noted that a customer opened the link of an article.
        video_call: a URL with `{room}` in it for video calls or co-browsing; empty for none.
        trust_proxy: whether the customer's address is read from X-Forwarded-For, behind a proxy of yours.
    """

    company: str = "Hearthwell"
    bot: str = "Assistant"
    host: str = "127.0.0.1"
    port: int = 8765
    public_url: str = ""
    flow: str = "start"
    allowed_origins: tuple[str, ...] = ()
    count_opens: bool = True
    video_call: str = ""
    trust_proxy: bool = False


@dataclass(frozen=True, slots=True)
class HoursConfig:
    """When people are there.

    Attributes:
        timezone: an IANA name; empty means the machine's.
        open: as OpenStreetMap writes it, such as "Mo-Fr 09:00-17:00; 2026 Dec 25 off"; empty means always.
    """

    timezone: str = ""
    open: str = ""


@dataclass(frozen=True, slots=True)
class FrictionConfig:
    """When the bot makes room for a person.

    Attributes:
        stakes: the topics at which a person takes over at once, of those that the meter knows.
        ignore: phrases that say nothing about friction here, such as a product's name.
        offer: whether the bot offers a person at the point of friction.
    """

    stakes: tuple[str, ...] = ("safety", "legal", "bereavement")
    ignore: tuple[str, ...] = ()
    offer: bool = True


DISPOSITIONS = (
    Disposition("solved", "Solved"),
    Disposition("solved-article", "Solved with an article or video"),
    Disposition("follow-up", "Waiting for a follow-up"),
    Disposition("passed-on", "Passed on to another team"),
    Disposition("no-answer", "Customer did not answer"),
    Disposition("not-solved", "Not solved"),
    Disposition("spam", "Spam or test"),
)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured, with the values used when nothing is.

    Attributes:
        keys: other keys for commands: the command's id, and Textual's names of the keys separated by commas.
        journeys: by topic of the friction meter, what kind of journey it is: routine, complex or emotional.
    """

    agent: AgentConfig = field(default_factory=AgentConfig)
    kb: KbConfig = field(default_factory=KbConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    desk: DeskConfig = field(default_factory=DeskConfig)
    serve: ServeConfig = field(default_factory=ServeConfig)
    hours: HoursConfig = field(default_factory=HoursConfig)
    friction: FrictionConfig = field(default_factory=FrictionConfig)
    keys: Mapping[str, str] = field(default_factory=dict)
    journeys: Mapping[str, str] = field(default_factory=dict)
    dispositions: tuple[Disposition, ...] = DISPOSITIONS


def load(file: Path) -> Config:
    """Read the configuration; a file that is not there means the defaults.

    Raises:
        ConfigError: it cannot be read, is not TOML, has an unknown key or a value of the wrong kind or out of range.
    """
    try:
        raw = _parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:  # both decoding errors are ValueErrors
        raise ConfigError(f"{file}: {error}", "Correct the file, or move it away to use the defaults.") from error
    config: Config = _build(Config, raw, file, "")
    _check(config, file)
    return config


def _parsed(text: str) -> dict[str, Any]:
    import tomllib  # only who has a file pays for it before the first picture

    return tomllib.loads(text)


def _build(kind: type[Any], raw: dict[str, Any], file: Path, where: str) -> Any:
    known = {item.name: item for item in fields(kind)}
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        name = f"{where}{key}"
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {where}{near[0]}?" if near else f"Known here: {', '.join(known)}."
            raise ConfigError(f"{file}: unknown key {name}", hint)
        values[key] = _value(hints[key], value, file, name)
    for item in known.values():
        required = item.default is item.default_factory  # both are dataclasses.MISSING
        if required and item.name not in values:
            raise ConfigError(f"{file}: {where}{item.name} is missing", "Add it, or remove the table.")
    return kind(**values)


def _value(hint: Any, value: Any, file: Path, name: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise ConfigError(f"{file}: {name} must be a table", f"Write [{name}] and its keys below.")
        return _build(hint, value, file, f"{name}.")
    if typing.get_origin(hint) is Mapping:
        if not isinstance(value, dict):
            raise ConfigError(f"{file}: {name} must be a table", f"Write [{name}] and its keys below.")
        return {key: _value(str, item, file, f"{name}.{key}") for key, item in _flat(value).items()}
    if isinstance(hint, types.GenericAlias) and typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{file}: {name} must be a list", f"Write one [[{name}]] table for each.")
        inner = typing.get_args(hint)[0]
        return tuple(_value(inner, item, file, f"{name}[{number}]") for number, item in enumerate(value))
    if type(value) is not hint:
        raise ConfigError(
            f"{file}: {name} must be of kind {hint.__name__}, not {type(value).__name__}",
            "Correct the value.",
        )
    return value


def _flat(table: dict[str, Any], where: str = "") -> dict[str, Any]:
    """Return a table with its keys in full: TOML reads `conversation.claim = "x"` as a table within a table."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{where}{key}.") if isinstance(value, dict) else {f"{where}{key}": value}
    return flat


def _check(config: Config, file: Path) -> None:
    if not 1 <= config.search.suggestions <= 9:
        raise ConfigError(f"{file}: search.suggestions must be 1 to 9", "Each suggestion has one digit key.")
    if not 0 <= config.search.reranker_ms <= 5_000:
        raise ConfigError(f"{file}: search.reranker_ms must be 0 to 5000", "It is in milliseconds; 0 leaves it out.")
    _check_zone("agent.timezone", config.agent.timezone, file)
    _check_zone("hours.timezone", config.hours.timezone, file)
    _check_service(config, file)
    codes = [disposition.code for disposition in config.dispositions]
    quick = config.desk.quick_close
    if quick and quick not in codes:
        near = difflib.get_close_matches(quick, codes, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Codes here: {', '.join(codes)}."
        raise ConfigError(f"{file}: desk.quick_close is no disposition: {quick}", hint)
    if not codes or len(codes) != len(set(codes)) or not all(codes):
        raise ConfigError(f"{file}: dispositions need at least one code, each once and not empty", "Correct the list.")


def _check_zone(name: str, zone: str, file: Path) -> None:
    if zone and zone not in zoneinfo.available_timezones():
        near = difflib.get_close_matches(zone, zoneinfo.available_timezones(), n=1)
        raise ConfigError(
            f"{file}: {name} is unknown: {zone}", f"Did you mean {near[0]}?" if near else "Use an IANA name."
        )


def _check_service(config: Config, file: Path) -> None:
    serve = config.serve
    if not 1 <= serve.port <= 65_535:
        raise ConfigError(f"{file}: serve.port must be 1 to 65535", "8765 is usual.")
    urls = {"public_url": serve.public_url, "video_call": serve.video_call}
    for name, url in (*urls.items(), *(("allowed_origins", origin) for origin in serve.allowed_origins)):
        if url and not url.startswith(("https://", "http://")):
            raise ConfigError(f"{file}: serve.{name} is no web address: {url}", "Begin it with https://.")
    for origin in serve.allowed_origins:
        if origin.count("/") != 2:
            raise ConfigError(f"{file}: serve.allowed_origins has more than an origin: {origin}", "Leave the path out.")
    if serve.video_call and "{room}" not in serve.video_call:
        raise ConfigError(f"{file}: serve.video_call has no {{room}}", "Each conversation gets a room of its own.")
    if config.hours.open:
        _check_hours(config.hours.open, file)
    kinds = ("routine", "complex", "emotional")
    for topic, kind in config.journeys.items():
        if kind not in kinds:
            raise ConfigError(f"{file}: journeys.{topic} is no journey: {kind}", f"Known here: {', '.join(kinds)}.")


def _check_hours(words: str, file: Path) -> None:
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        OpeningHours(words)
    except ParserError as error:
        raise ConfigError(
            f"{file}: hours.open cannot be read: {words}", 'Write it as in "Mo-Fr 09:00-17:00; 2026 Dec 25 off".'
        ) from error
