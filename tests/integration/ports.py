"""Ports of loopback for servers that are processes of their own, and the wait until one listens there."""

import socket
import time
from collections.abc import Callable
from contextlib import closing

DEADLINE = 10.0


class ServerLate(Exception):
    """A server does not do what it should, after a time in which any does."""


def free_ports(count: int) -> list[int]:
    """Ports that are free now. Another process may take one before the server does: not seen, but possible."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def wait_until(condition: Callable[[], bool], patience: float = DEADLINE) -> None:
    """Look again and again: other processes come and go unannounced."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise ServerLate(f"the server is not where it should be after {patience:g} s")
        time.sleep(0.005)


def listens(port: int) -> bool:
    with closing(socket.socket()) as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
