"""A transport in memory that has a socket, as those of TCP have."""

import socket

from twisted.internet.testing import StringTransport


class SocketTransport(StringTransport):
    """A transport with a real socket, which is connected to nobody."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Twisted
        self.socket = socket.socket()

    def getHandle(self) -> socket.socket:  # noqa: N802 - Twisted's name
        return self.socket

    def setTcpKeepAlive(self, enabled: bool) -> None:  # noqa: FBT001, N802 - Twisted's signature
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, enabled)
