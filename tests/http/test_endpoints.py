"""Connections whose death the system notices by itself."""

import socket
from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import URI
from twisted.web.error import SchemeNotSupported
from zope.interface import implementer

from mailroom.http.endpoints import (
    KEEP_ALIVE_COUNT,
    KEEP_ALIVE_IDLE,
    KEEP_ALIVE_INTERVAL,
    Endpoints,
    KeepAliveEndpoint,
)
from tests.deferreds import result_of
from tests.http.socket_transport import SocketTransport


@implementer(IStreamClientEndpoint)
class Connecting:
    """An endpoint whose connections come about at once."""

    def __init__(self, transport: SocketTransport) -> None:
        self.transport = transport

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        protocol: Any = factory.buildProtocol(None)  # type: ignore[arg-type]  # nobody looks at the address
        protocol.makeConnection(self.transport)
        return succeed(protocol)


class KeepAliveTests(SynchronousTestCase):
    """The system asks the peer's in silence."""

    def setUp(self) -> None:
        self.transport = SocketTransport()
        self.addCleanup(self.transport.socket.close)

    def option(self, level: int, name: str) -> int:
        return self.transport.socket.getsockopt(level, getattr(socket, name))

    def test_options(self) -> None:
        """It does so from half a minute on, and a minute without an answer ends the connection."""
        result_of(KeepAliveEndpoint(Connecting(self.transport)).connect(Factory.forProtocol(Protocol)))
        assert self.option(socket.SOL_SOCKET, "SO_KEEPALIVE")
        if hasattr(socket, "TCP_KEEPIDLE"):
            options = [self.option(socket.IPPROTO_TCP, f"TCP_KEEP{name}") for name in ("IDLE", "INTVL", "CNT")]
            assert options == [KEEP_ALIVE_IDLE, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_COUNT]
        assert KEEP_ALIVE_IDLE + KEEP_ALIVE_INTERVAL * KEEP_ALIVE_COUNT <= 60

    def test_below_tls(self) -> None:
        """Both schemes connect through it: TLS, which would hide the socket, lies above."""
        for scheme in ("http", "https"):
            endpoint: Any = Endpoints(MemoryReactorClock(), 10).endpointForURI(uri(f"{scheme}://192.0.2.1/"))
            bounded = endpoint._endpoint
            below = bounded if scheme == "http" else bounded._wrappedEndpoint
            assert isinstance(below, KeepAliveEndpoint)

    def test_other_schemes(self) -> None:
        """Other schemes are refused, in the way that an agent understands."""
        with pytest.raises(SchemeNotSupported):
            Endpoints(MemoryReactorClock(), 10).endpointForURI(uri("ftp://192.0.2.1/"))


def uri(url: str) -> URI:
    parsed: URI = URI.fromBytes(url.encode())
    return parsed
