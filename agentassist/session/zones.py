"""Which time zone a desk is in."""

from __future__ import annotations

import zoneinfo


def local_zone(configured: str = "") -> str:
    """Return the IANA name of the zone to use: the configured one, else this machine's, else UTC."""
    if configured:
        return configured
    import tzlocal

    try:
        name = str(tzlocal.get_localzone_name() or "UTC")
        zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return "UTC"
    return name
