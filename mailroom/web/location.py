"""Where /healthz of a service is to be found. Pure, and imports next to nothing: probes are to start fast."""

import re
from typing import Final

_SCHEMES: Final = {"tcp": "http", "tcp4": "http", "tcp6": "http", "ssl": "https"}
_LOOPBACK: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked instead
_SEPARATOR: Final = re.compile(r"(?<!\\):")


def health_url(endpoint: str) -> str | None:
    """The URL of /healthz for a service on this machine that listens at a Twisted endpoint; None if it has no URL.

    A service that listens on all interfaces is asked on loopback.
    """
    kind, *arguments = (part.replace("\\", "") for part in _SEPARATOR.split(endpoint))
    pairs = (argument.partition("=") for argument in arguments if "=" in argument)
    named = {name: value for name, _equals, value in pairs}
    positional = [argument for argument in arguments if "=" not in argument]
    port = named.get("port") or next(iter(positional), "")
    interface = named.get("interface", "::" if kind == "tcp6" else "")
    if kind not in _SCHEMES or not port.isdigit():
        return None
    host = _LOOPBACK.get(interface, interface)
    return f"{_SCHEMES[kind]}://{f'[{host}]' if ':' in host else host}:{port}/healthz"
