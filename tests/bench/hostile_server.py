"""A server that is honest until it is asked for what its answer is for: `python -m tests.bench.hostile_server NAME`."""

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Final

import click

from tests.bench.hostile_answers import ANSWERS, Asked

_MAIL: Final = "urn:ietf:params:jmap:mail"
_SESSION: Final = {
    "apiUrl": "/api",
    "state": "s",
    "capabilities": {"urn:ietf:params:jmap:core": {}, _MAIL: {}},
    "accounts": {"a": {"accountCapabilities": {_MAIL: {}}}},
    "primaryAccounts": {_MAIL: "a"},
}
_MULTISTATUS: Final = (
    '<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:response><D:href>/book/%s</D:href>'
    "<D:propstat><D:status>HTTP/1.1 200 OK</D:status><D:prop><D:resourcetype>%s</D:resourcetype></D:prop></D:propstat>"
    "</D:response></D:multistatus>"
)
_BOOK: Final = _MULTISTATUS % ("", "<D:collection/><C:addressbook/>")
_HONEST: Final = {"session": json.dumps(_SESSION), "listing": _MULTISTATUS % ("a.vcf", "")}
_METHODS: Final[dict[bytes, Asked]] = {b"POST": "mailboxes", b"REPORT": "cards"}


class Handler(StreamRequestHandler):
    """One connection, and one request on it."""

    def handle(self) -> None:
        method, target, _version = self.rfile.readline().split()
        headers = dict(line.lower().rstrip().split(b": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
        self.rfile.read(int(headers.get(b"content-length", 0)))
        with suppress(OSError):  # the client has heard enough
            for octets in self._answer(_asked(method, target, headers.get(b"depth"))):
                self.connection.sendall(octets)

    def _answer(self, asked: Asked | None) -> Iterable[bytes]:
        answer = ANSWERS[sys.argv[1]]
        if asked == answer.asked:
            return answer.octets()
        status = "200 OK" if asked == "session" else "207 Multi-Status"
        body = _HONEST.get(asked or "", _BOOK)
        return [f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()]


def _asked(method: bytes, target: bytes, depth: bytes | None) -> Asked | None:
    if method == b"PROPFIND":
        return "listing" if depth == b"1" else None
    return _METHODS.get(method) or ("stream" if target.startswith(b"/stream") else "session")


class Server(ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        click.echo(json.dumps({"port": server.server_address[1]}))
        server.serve_forever()
