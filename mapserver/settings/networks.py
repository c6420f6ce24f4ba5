"""Networks that a setting names: whose headers are heard, and who may read figures."""

from __future__ import annotations

import ipaddress
from typing import Any

from mapserver.errors import N_, SettingsError
from mapserver.settings.lines import read_line

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv6Network("::1/128"),
)


def read_networks(value: Any, where: str) -> tuple[Network, ...]:
    """Return networks, written with commas between them; an address is a network of one."""
    texts = [part.strip() for part in read_line(value, where).split(",")]
    try:
        return tuple(ipaddress.ip_network(text) for text in texts if text)
    except ValueError as error:
        raise SettingsError(
            N_("{value} is no list of addresses"),
            where=where,
            mend=N_("Write them with commas between them, as 10.0.0.5, 172.18.0.0/16"),
            value=repr(value),
        ) from error
