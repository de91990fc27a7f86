"""Whom a request is meant for (RFC 9110 section 7.2). Pure.

A web page can have a browser ask this machine by a name of the page's own, which its DNS server has just turned to
127.0.0.1: to the browser, the answers then belong to the page (DNS rebinding). What comes over loopback is therefore
answered only if it was asked by a name that no DNS server tells.
"""

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

_HOST: Final = re.compile(r"(?P<name>[^:\[\]]+|\[(?P<literal>[^\[\]]+)\])(?::(?P<port>[0-9]{0,5}))?")
_LABEL: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65535


def named_host(values: Sequence[str]) -> str | None:
    """The host in the values of a request's Host header, in lower case, without port and brackets; None if it is none.

    Just one value is right.
    """
    found = _HOST.fullmatch(values[0]) if len(values) == 1 else None
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return None
    if found["literal"] is not None:
        return _ipv6(found["literal"])
    name = found["name"].removesuffix(".")
    return name.lower() if len(name) <= _LONGEST_NAME and all(map(_LABEL.fullmatch, name.split("."))) else None


def is_loopback(host: str) -> bool:
    """Whether a host, or the address that a connection has come to, is this machine and can be nothing else."""
    try:
        return host == "localhost" or IPv4Address(host).is_loopback
    except AddressValueError:
        pass
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return False
    return address.is_loopback or (address.ipv4_mapped is not None and address.ipv4_mapped.is_loopback)


def _ipv6(literal: str) -> str | None:
    try:
        return str(IPv6Address(literal))
    except AddressValueError:
        return None
