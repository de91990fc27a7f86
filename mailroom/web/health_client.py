"""Asking a running service how it is doing.

Without Twisted, and with next to no other import: probes are to start fast, and this is over before a reactor would be
there.
"""

import json
import re
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from mailroom import USER_AGENT
from mailroom.core.errors import MailroomError

_TIMEOUT: Final = 5.0
_MAX_SIZE: Final = 1024 * 1024
_CONNECTIONS: Final = {"http": HTTPConnection, "https": HTTPSConnection}
_SCHEMES: Final = {"tcp": "http", "tcp4": "http", "tcp6": "http", "ssl": "https"}
_LOOPBACK: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked instead
_SEPARATOR: Final = re.compile(r"(?<!\\):")


class NotReachable(MailroomError):
    """No service answers there."""


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


def fetch_health(url: str) -> dict[str, Any]:
    """The report at this URL, whatever its HTTP status; `NotReachable` if there is none within some seconds.

    No proxy is asked, whatever the environment says: the service is near.
    """
    try:
        parts = urlsplit(url)
        connection = _CONNECTIONS[parts.scheme](parts.hostname or "", parts.port, timeout=_TIMEOUT)
    except (KeyError, ValueError, HTTPException):
        raise NotReachable(f"{url} is no URL to ask. Give one such as http://127.0.0.1:8080/healthz.") from None
    try:
        headers = {"Accept": "application/json", "Connection": "close", "User-Agent": USER_AGENT}
        connection.request("GET", parts.path or "/", headers=headers)
        answer = connection.getresponse()
        body = answer.read(_MAX_SIZE)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotReachable(
            f"{url}: no answer ({reason[:200]}). Is the service running? Start it with `mailroom run`, or say with "
            "--url where it is."
        ) from None
    finally:
        connection.close()
    if answer.status == HTTPStatus.MISDIRECTED_REQUEST:
        raise NotReachable(f"{url}: on its own machine, the service answers to localhost and 127.0.0.1 alone. Use one.")
    return _report(body, url)


def _report(body: bytes, url: str) -> dict[str, Any]:
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict) or not isinstance(report.get("status"), str):
        raise NotReachable(f"{url}: whatever answers there, it is no Mailroom. Say with --url where it is.")
    return report
