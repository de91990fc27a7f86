"""Answers that are made to cost, octet by octet, and answers of large accounts, which have every right to."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final, Literal

MB: Final = 1_000_000
Asked = Literal["session", "mailboxes", "listing", "cards", "stream"]
"""What Mailroom asks for when it gets the answer."""


@dataclass(frozen=True, slots=True)
class BenchAnswer:
    """An answer from its status line on, in pieces. It may never end."""

    asked: Asked
    octets: Callable[[], Iterable[bytes]]


def _headed(content_type: str, body: Iterable[bytes], *headers: str) -> Iterator[bytes]:
    """A head, and a body that ends with the connection."""
    status = "207 Multi-Status" if content_type == "application/xml" else "200 OK"
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", "Connection: close", *headers)
    yield "".join(f"{line}\r\n" for line in (*lines, "")).encode()
    yield from body


def _json(body: bytes) -> Iterator[bytes]:
    return _headed("application/json", [body])


def _array(item: bytes, times: int) -> Callable[[], Iterator[bytes]]:
    return lambda: _json(b"[" + item * times + b"0]")


def _packed(layers: int) -> Iterator[bytes]:
    """A gigabyte, of which each layer leaves a thousandth."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    body = head + (packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)) * 999
    for _layer in range(layers - 1):
        body = gzip.compress(body)
    return _headed("application/json", [body], f"Content-Encoding: {', '.join(['gzip'] * layers)}")


def _packed_stream() -> Iterator[bytes]:
    return _headed("text/event-stream", [gzip.compress(b":\n" * 50 * MB)], "Content-Encoding: gzip")


def _xml(*body: bytes) -> Iterator[bytes]:
    head = b'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
    return _headed("application/xml", [head, *body, b"</D:multistatus>"])


def _shown(name: bytes, properties: bytes) -> bytes:
    return (
        b"<D:response><D:href>/book/%s.vcf</D:href><D:propstat><D:prop>%s</D:prop><D:status>HTTP/1.1 200 OK</D:status>"
        b"</D:propstat></D:response>" % (name, properties)
    )


def _shown_card(name: bytes, lines: bytes) -> bytes:
    text = b"BEGIN:VCARD\nUID:%s\n%sEND:VCARD\n" % (name, lines)
    return _shown(name, b"<C:address-data>%s</C:address-data>" % text)


def _card(lines: bytes) -> Iterator[bytes]:
    return _xml(_shown_card(b"a", lines))


def _chunked(*chunks: bytes, endless: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from chain(chunks, repeat(endless))


def _head(*lines: bytes, endless: bytes) -> Iterator[bytes]:
    return chain([b"HTTP/1.1 200 OK\r\n", *lines], repeat(endless))


def _stream(*body: bytes, endless: bytes = b"") -> Iterator[bytes]:
    return _headed("text/event-stream", chain(body, repeat(endless) if endless else ()))


def _mailboxes() -> Iterator[bytes]:
    rights = b",".join(b'"mayDo%d":true' % right for right in range(9))
    mailboxes = b",".join(
        b'{"id":"m%d","name":"Mailbox %d","parentId":null,"role":null,"sortOrder":0,"myRights":{%s}}'
        % (each, each, rights)
        for each in range(5000)
    )
    answer = b'{"accountId":"a","state":"s","notFound":[],"list":[%s]}' % mailboxes
    return _json(b'{"sessionState":"s","methodResponses":[["Mailbox/get",%s,"0"]]}' % answer)


def _pictures() -> Iterator[bytes]:
    picture = b"PHOTO:" + (b"A" * 74 + b"\n ") * 800 + b"\n"
    names = [b"%d" % each for each in range(100)]
    return _xml(*(_shown_card(name, b"EMAIL:%s@example.com\n%s" % (name, picture)) for name in names))


USUAL_ANSWERS: Final = {
    "5,000 mailboxes": BenchAnswer("mailboxes", _mailboxes),
    "20,000 cards listed": BenchAnswer(
        "listing",
        lambda: _xml(*(_shown(b"%032x" % each, b"<D:resourcetype/>") for each in range(20_000))),
    ),
    "100 cards with pictures of 60 kB": BenchAnswer("cards", _pictures),
}
HOSTILE_ANSWERS: Final = {
    "gzip, 1 MB to 1 GB": BenchAnswer("mailboxes", lambda: _packed(1)),
    "gzip twice, 4 kB to 1 GB": BenchAnswer("mailboxes", lambda: _packed(2)),
    "gzip three times": BenchAnswer("mailboxes", lambda: _packed(3)),
    "a stream in gzip": BenchAnswer("stream", _packed_stream),
    "a body without an end": BenchAnswer("mailboxes", lambda: _headed("text/html", repeat(b" " * 65536))),
    "chunks of two octets": BenchAnswer("mailboxes", lambda: _chunked(endless=b"2\r\n[]\r\n" * 8000)),
    "chunk extensions without an end": BenchAnswer(
        "mailboxes", lambda: _chunked(endless=b"1;" + b"x" * 1000 + b"\r\n \r\n")
    ),
    "trailers without an end": BenchAnswer("mailboxes", lambda: _chunked(b"0\r\n", endless=b"a: b\r\n" * 1000)),
    "headers without an end": BenchAnswer("mailboxes", lambda: _head(endless=b"a: b\r\n" * 9000)),
    "a header without an end": BenchAnswer("mailboxes", lambda: _head(b"a: ", endless=b"b" * 65536)),
    "a folded header without an end": BenchAnswer("mailboxes", lambda: _head(b"a: b\r\n", endless=b" b\r\n" * 9000)),
    "100 Continue without an end": BenchAnswer("mailboxes", lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000)),
    "JSON, 64 MB of []": BenchAnswer("mailboxes", _array(b"[],", 21 * MB)),
    "JSON, 15 MB of []": BenchAnswer("mailboxes", _array(b"[],", 5 * MB)),
    "JSON, 1 MB of []": BenchAnswer("mailboxes", _array(b"[],", MB // 3)),
    'JSON, 16 MB of {"a":0}': BenchAnswer("mailboxes", _array(b'{"a":0},', 2 * MB)),
    "JSON, 16 MB of text and an emoji": BenchAnswer(
        "mailboxes", lambda: _json(b'"%s\xf0\x9f\x98\x80"' % (b"x" * 16 * MB))
    ),
    "a session with 4 MB of {}": BenchAnswer(
        "session", lambda: _json(b'{"apiUrl":"/","a":[' + b"{}," * 1_300_000 + b"0]}")
    ),
    "XML, 61 MB of <D:response/>": BenchAnswer("listing", lambda: _xml(b"<D:response/>" * (61 * MB // 13))),
    "XML, 16 MB of <D:response/>": BenchAnswer("listing", lambda: _xml(b"<D:response/>" * (16 * MB // 13))),
    "XML, 4 MB of hrefs": BenchAnswer(
        "listing", lambda: _xml(b"<D:response><D:href>/book/a</D:href></D:response>" * (4 * MB // 50))
    ),
    "XML, 14 MB of nested elements": BenchAnswer("listing", lambda: _xml(b"<a>" * 2 * MB, b"</a>" * 2 * MB)),
    "XML, 15 MB of control characters": BenchAnswer("listing", lambda: _xml(b"\x0b" * 15 * MB)),
    "a card of 15 MB of line ends": BenchAnswer("cards", lambda: _card(b"\n" * 15 * MB)),
    "a card of 1 MB of lines": BenchAnswer("cards", lambda: _card(b"A:b\n" * (MB // 4))),
    "a card with a parameter of 15 MB": BenchAnswer("cards", lambda: _card(b"A;" + b"x" * 15 * MB + b"\n")),
    "an address of 15 MB": BenchAnswer("cards", lambda: _card(b"EMAIL:a@" + b"\xc3\xbc" * 7 * MB + b"\n")),
    "an event of 16 MB": BenchAnswer("stream", lambda: _stream(b"data:ab\n" * 2 * MB, b"\n")),
    "a comment without an end": BenchAnswer("stream", lambda: _stream(b":", endless=b"x" * 65536)),
    "an id of 100 kB": BenchAnswer("stream", lambda: _stream(b"id:" + b"x" * 100_000 + b"\ndata:\n\n")),
    "events without an end": BenchAnswer("stream", lambda: _stream(endless=b"data:{}\n\n" * 1000)),
}
ANSWERS: Final = USUAL_ANSWERS | HOSTILE_ANSWERS
