"""Where to connect to, and connections whose death the system notices by itself.

A connection over which nothing goes looks the same whether the peer is there or not: after a change of network, or when
something on the way has forgotten it, nobody tells. TCP keepalive (RFC 1122 section 4.2.3.6) asks the peer's system
every now and then, beneath TLS and unseen by the server. It counts for connections that wait for the other side, as
event streams and kept connections do; one with octets on their way is TCP's own retransmission's.
"""

import socket
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.web.client import URI, BrowserLikePolicyForHTTPS
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from mailroom.http.head import BoundedEndpoint

KEEP_ALIVE_IDLE: Final = 30
"""Seconds of silence after which the peer's system is asked for the first time."""
KEEP_ALIVE_INTERVAL: Final = 10
"""Seconds from one question to the next."""
KEEP_ALIVE_COUNT: Final = 3
"""Questions without an answer that end the connection."""
_OPTIONS: Final = {
    "TCP_KEEPIDLE": KEEP_ALIVE_IDLE,
    "TCP_KEEPINTVL": KEEP_ALIVE_INTERVAL,
    "TCP_KEEPCNT": KEEP_ALIVE_COUNT,
}
"""By their names in `socket`, which has those that the system has."""


@implementer(IAgentEndpointFactory)
class Endpoints:
    """Twisted's usual endpoints for http and https, with verified certificates, TCP keepalive and bounded heads."""

    def __init__(self, reactor: Any, connect_timeout: float) -> None:
        self._reactor = reactor
        self._connect_timeout = connect_timeout
        self._tls_policy = BrowserLikePolicyForHTTPS()

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802 - Twisted's name
        host = uri.host.decode("ascii")
        endpoint = KeepAliveEndpoint(HostnameEndpoint(self._reactor, host, uri.port, timeout=self._connect_timeout))
        if uri.scheme == b"http":
            return BoundedEndpoint(endpoint)
        if uri.scheme == b"https":
            return BoundedEndpoint(wrapClientTLS(self._tls_policy.creatorForNetloc(uri.host, uri.port), endpoint))
        raise SchemeNotSupported(f"Unsupported scheme: {uri.scheme!r}")


@implementer(IStreamClientEndpoint)
class KeepAliveEndpoint:
    """Turns keepalive on for each connection of an endpoint. It has to lie below TLS, which hides the socket."""

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803 - Twisted's name
        connecting: Deferred[IProtocol] = self._endpoint.connect(protocolFactory)
        return connecting.addCallback(_keep_alive)


def _keep_alive(protocol: IProtocol) -> IProtocol:
    transport: Any = protocol.transport  # type: ignore[attr-defined]  # every protocol has one
    transport.setTcpKeepAlive(True)
    for name, value in _OPTIONS.items():
        option = getattr(socket, name, None)
        if option is not None:
            transport.getHandle().setsockopt(socket.IPPROTO_TCP, option, value)
    return protocol
