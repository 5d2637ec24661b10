"""Where the page is reached, and who may show it within theirs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agentassist.errors import ConfigError

if TYPE_CHECKING:
    from agentassist.config import ServeConfig

_LOOPBACK_NAMES = frozenset(["localhost", "127.0.0.1", "[::1]"])


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses of this server.

    Attributes:
        company: whose page it is.
        public_url: the address that customers use, empty when it is only the one that is listened on.
        allowed_origins: sites that may show the page as a widget.
        trust_proxy: every request comes from a proxy of one's own, which tells the customer's address.
        any_host: whatever name the server is called by is right, for nobody has said which it has.
        count_opens: whether an article's link tells that it was opened.
    """

    company: str = ""
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    trust_proxy: bool = False
    any_host: bool = False
    count_opens: bool = True

    @property
    def secure(self) -> bool:
        """Whether customers come by https."""
        return self.public_url.startswith("https://")

    @property
    def framed(self) -> bool:
        """Whether any other site may show the page."""
        return bool(self.allowed_origins)

    def knows(self, host: str) -> bool:
        """Say whether a Host header is one of this server's names: another's would be a name that leads here."""
        if self.any_host and host:
            return True
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return name.lower() in _LOOPBACK_NAMES or bool(
            self.public_url and host.lower() == urlsplit(self.public_url).netloc.lower()
        )

    def same_origin(self, origin: str, host: str) -> bool:
        """Say whether a request was made by a page of this server.

        Args:
            origin: its Origin header.
            host: its Host header, which is known.
        """
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        if self.public_url and parts.netloc.lower() == urlsplit(self.public_url).netloc.lower():
            return origin.lower() == origin_of(self.public_url)
        return parts.netloc.lower() == host.lower()


def origin_of(url: str) -> str:
    """Return scheme, name and port of an address, in lower case, as a browser writes an origin.

    Raises:
        ConfigError: it is not one of http or https.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not set(parts.netloc) & set(" ;,'\"\\*@")
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not parts.netloc.isascii():
        raise ConfigError(f"not an address of a site: {url}", "Write it like https://www.example.com.")
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def site_of(config: ServeConfig, host: str) -> Site:
    """Return the addresses of a server that listens at `host`.

    Raises:
        ConfigError: a configured address is none.
    """
    public = origin_of(config.public_url) if config.public_url else ""
    return Site(
        company=config.company,
        public_url=public,
        allowed_origins=tuple(origin_of(origin) for origin in config.allowed_origins),
        trust_proxy=config.trust_proxy,
        any_host=not public and not is_loopback(host),
        count_opens=config.count_opens,
    )
