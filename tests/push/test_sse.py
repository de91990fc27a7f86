"""The event stream decoder against the WHATWG HTML standard, whatever the chunks."""

import codecs
import math
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailroom.push.sse import MAX_BLOCK_SIZE, MAX_ID_SIZE, EventStreamDecoder, EventTooLarge, ServerSentEvent

Events = list[ServerSentEvent]


def event(data: str, type: str = "message", last_event_id: str = "") -> ServerSentEvent:  # noqa: A002 - the field's name
    return ServerSentEvent(type, data, last_event_id)


def decode(chunks: Iterable[bytes], decoder: EventStreamDecoder | None = None) -> tuple[Events, str, int | None]:
    decoder = decoder or EventStreamDecoder()
    events = [decoded for chunk in chunks for decoded in decoder.feed(chunk)]
    return events, decoder.last_event_id, decoder.retry


class Reference:
    """The standard's sections 9.2.5 and 9.2.6, one character at a time, over the stream as a whole."""

    def __init__(self, stream: bytes, last_event_id: str = "") -> None:
        self.events: Events = []
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._data = self._type = ""
        self._id = last_event_id
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(stream, final=True)
        for line in self._lines(text.removeprefix("\ufeff")):
            self._interpret(line)

    @staticmethod
    def _lines(text: str) -> Iterator[str]:
        line = ""
        previous = ""
        for character in text:
            if character in "\r\n":
                if not (previous == "\r" and character == "\n"):
                    yield line
                line = ""
            else:
                line += character
            previous = character

    def _interpret(self, line: str) -> None:
        if not line:
            self._dispatch()
        elif ":" in line:
            at = line.index(":")
            value = line[at + 1 :]
            self._process(line[:at], value[1:] if value[:1] == " " else value)
        else:
            self._process(line, "")

    def _process(self, field: str, value: str) -> None:
        if field == "event":
            self._type = value
        elif field == "data":
            self._data += value + "\n"
        elif field == "id" and "\0" not in value:
            self._id = value
        elif field == "retry" and value and all(digit in "0123456789" for digit in value):
            self.retry = int(value)

    def _dispatch(self) -> None:
        self.last_event_id = self._id
        if self._data:
            self.events.append(event(self._data[:-1], self._type or "message", self._id))
        self._data = self._type = ""

    def result(self) -> tuple[Events, str, int | None]:
        return self.events, self.last_event_id, self.retry


EXAMPLES = {
    "two events": (b"data: one\n\ndata: two\n\n", [event("one"), event("two")], ""),
    "a type": (b"event: ping\ndata: x\n\n", [event("x", "ping")], ""),
    "the type ends with its block": (b"event: ping\ndata: x\n\ndata: y\n\n", [event("x", "ping"), event("y")], ""),
    "a type without data": (b"event: ping\n\ndata: y\n\n", [event("y")], ""),
    "an empty type": (b"event: ping\nevent\ndata: y\n\n", [event("y")], ""),
    "the last type counts": (b"event: a\nevent: b\ndata: x\n\n", [event("x", "b")], ""),
    "several data lines": (b"data: a\ndata\ndata: b\n\n", [event("a\n\nb")], ""),
    "data without a colon": (b"data\n\n", [event("")], ""),
    "empty data twice": (b"data\ndata\n\n", [event("\n")], ""),
    "a colon and no value": (b"data:\n\n", [event("")], ""),
    "no space after the colon": (b"data:x\n\n", [event("x")], ""),
    "only one space is dropped": (b"data:  x \n\n", [event(" x ")], ""),
    "a space alone": (b"data: \n\n", [event("")], ""),
    "a tab is content": (b"data:\tx\n\n", [event("\tx")], ""),
    "a colon in a value without a space": (b"data:a: b\n\n", [event("a: b")], ""),
    "a colon in a value with a space": (b"data: a: b:c\n\n", [event("a: b:c")], ""),
    "comments": (b": hello\n:data: x\n:\n::\ndata: y\n: z: w\n\n", [event("y")], ""),
    "unknown fields": (b"Data: a\n data: b\ndata : c\nfoo\nbar: data: d\ndata: e\n\n", [event("e")], ""),
    "an id": (b"id: 7\ndata: x\n\n", [event("x", last_event_id="7")], "7"),
    "an id lasts": (
        b"id: 7\ndata: x\n\ndata: y\n\n",
        [event("x", last_event_id="7"), event("y", last_event_id="7")],
        "7",
    ),
    "an id by itself": (b"id: 7\n\n", [], "7"),
    "an id is forgotten": (b"id: 7\n\nid\ndata: x\n\n", [event("x")], ""),
    "an id with NUL": (b"id: 7\n\nid: 8\x009\ndata: x\n\n", [event("x", last_event_id="7")], "7"),
    "an id with spaces": (b"id:  7 \n\n", [], " 7 "),
    "an id in an unfinished block": (b"id: 7\n\nid: 8\ndata: x\n", [], "7"),
    "an unfinished line": (b"data: x\n\ndata: y", [event("x")], ""),
    "an unfinished blank line": (b"data: x\n", [], ""),
    "blank lines": (b"\n\n\ndata: x\n\n\n\n", [event("x")], ""),
    "CR LF": (b"data: x\r\ndata: y\r\n\r\n", [event("x\ny")], ""),
    "CR": (b"data: x\rdata: y\r\r", [event("x\ny")], ""),
    "mixed line ends": (b"data: x\r\ndata: y\rdata: z\n\r\ndata: w\n\r", [event("x\ny\nz"), event("w")], ""),
    "LF CR are two line ends": (b"data: x\n\rdata: y\n\n", [event("x"), event("y")], ""),
    "nothing else ends a line": (
        "data: a\vb\fc\x1cd\x1ee\x85f\u2028g\u2029h\n\n".encode(),
        [event("a\vb\fc\x1cd\x1ee\x85f\u2028g\u2029h")],
        "",
    ),
    "a byte order mark": (codecs.BOM_UTF8 + b"data: x\n\n", [event("x")], ""),
    "a byte order mark and a line end": (codecs.BOM_UTF8 + b"\r\n\rdata: x\n\n", [event("x")], ""),
    "a second byte order mark": (codecs.BOM_UTF8 * 2 + b"data: x\n\ndata: y\n\n", [event("y")], ""),
    "a byte order mark later": (b"data: x\n\n" + codecs.BOM_UTF8 + b"data: y\n\n", [event("x")], ""),
    "half a byte order mark": (codecs.BOM_UTF8[:2] + b"data: x\n\ndata: y\n\n", [event("y")], ""),
    "UTF-8": (
        "event: gr\u00fcn\nid: \u20ac\ndata: \U0001f4ee\n\n".encode(),
        [event("\U0001f4ee", "gr\u00fcn", "\u20ac")],
        "\u20ac",
    ),
    "invalid UTF-8": (b"data: \xff\xf0\x9f\x93\n\ndata: \xc3\n\n", [event("\ufffd\ufffd"), event("\ufffd")], ""),
    "invalid UTF-8 in a name": (b"data\xff: x\ndata: y\n\n", [event("y")], ""),
}


@pytest.mark.parametrize(("stream", "events", "last_event_id"), EXAMPLES.values(), ids=EXAMPLES)
def test_example(stream: bytes, events: Events, last_event_id: str) -> None:
    """Each rule of the standard, by example, with the stream in one piece."""
    assert decode([stream])[:2] == (events, last_event_id)


@pytest.mark.parametrize("stream", [example[0] for example in EXAMPLES.values()], ids=EXAMPLES)
def test_every_split(stream: bytes) -> None:
    """Where a stream is cut in two or three, or that it comes octet by octet, makes no difference."""
    whole = decode([stream])
    cuts = range(len(stream) + 1)
    assert all(decode([stream[:a], stream[a:b], stream[b:]]) == whole for a in cuts for b in cuts[a:])
    assert decode(bytes([octet]) for octet in stream) == whole


_LINES = st.builds(
    bytes.__add__,
    st.sampled_from([b"", b"data", b"event", b"id", b"retry", b"da", b" data", b"x", b":", b"\xef\xbb\xbf", b"\xff"]),
    st.sampled_from([b"", b":", b": ", b":  ", b":0", b": 12", b": \xc2\xb2", b":+1", b": a: b", b":a: b", b": \0"])
    | st.builds(bytes.__add__, st.sampled_from([b":", b": "]), st.binary(max_size=3)),
)
_STREAMS = st.lists(
    st.builds(bytes.__add__, _LINES | st.just(b""), st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b""]))
).map(b"".join)


@given(stream=_STREAMS | st.binary(), data=st.data())
@example(stream=b"\r\n\r\n", data=None)
def test_agrees_with_the_standard(stream: bytes, data: st.DataObject | None) -> None:
    """Any octets in any pieces give what the standard's algorithm gives for the stream as a whole."""
    sizes = data.draw(st.lists(st.integers(0, 9), max_size=len(stream))) if data else [1, 0, 1, 1]
    assert decode(_pieces(stream, sizes), EventStreamDecoder("old")) == Reference(stream, "old").result()


def _pieces(stream: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    for size in sizes:
        yield stream[:size]
        stream = stream[size:]
    yield stream


@given(st.lists(st.binary() | st.sampled_from([b"\xf0", b"\xf0\x9f", b"\xe2\x82", b"\n", b"\r", b"\xed\xa0\x80"])))
def test_invalid_utf8_never_takes_a_line_end_with_it(pieces: list[bytes]) -> None:
    """Decoding line by line equals decoding the stream as a whole, which the decoder relies on."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    streamed = "".join(map(decoder.decode, pieces)) + decoder.decode(b"", final=True)
    assert streamed == "\n".join(line.decode("utf-8", "replace") for line in b"".join(pieces).split(b"\n"))


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n"])
def test_an_event_is_out_at_once(line_end: bytes) -> None:
    """The first octet that can end the blank line delivers the event."""
    decoder = EventStreamDecoder()
    decoder.feed(b"data: x" + line_end)
    assert decoder.feed(line_end[:1]) == [event("x")]


def test_a_given_id_lasts() -> None:
    """A new connection starts with the id that the last one ended with, and keeps it if it brings none."""
    assert decode([b"data: x\n\n"], EventStreamDecoder("7"))[:2] == ([event("x", last_event_id="7")], "7")


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        (b"retry: 1500", 1500),
        (b"retry:0", 0),
        (b"retry: 007", 7),
        (b"retry: 1\nretry: 2", 2),
        (b"retry: 1\nretry", 1),
        (b"retry:", None),
        (b"retry:  5", None),
        (b"retry: 5 ", None),
        (b"retry: +5", None),
        (b"retry: -5", None),
        (b"retry: 1_000", None),
        (b"retry: 1.5", None),
        ("retry: \u0663".encode(), None),
        ("retry: \u00b2".encode(), None),
        (b"Retry: 5", None),
        (b"retry: " + b"0" * 9000 + b"5", 5),
    ],
)
def test_retry(value: bytes, retry: int | None) -> None:
    """Only ASCII digits make a reconnection time, and it counts from the end of its line."""
    decoder = EventStreamDecoder()
    decoder.feed(value + b"\n")
    assert decoder.retry == retry


def test_a_retry_of_any_length_is_a_number() -> None:
    """A number with more digits than `int` reads is still a number, and one that can become seconds."""
    retry = decode([b"retry: " + b"9" * 1_000_000 + b"\n"])[2]
    assert retry is not None
    assert 1e290 < retry / 1000 < math.inf


LIMIT = 40


@pytest.mark.parametrize(
    "block",
    [
        b"data: " + b"x" * LIMIT,
        b": " + b"x" * LIMIT,
        b"x" * (LIMIT + 1),
        b"data: 56789\n" * 4,
        b"data\n" * 11,
        b"data:x\r\n" * 7,
        b"id: 5678901234\nevent: 8901234567\ndata: 789012345\n",
        b"data: " + b"x" * 30 + b"\n: " + b"y" * 10 + b"\n",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_block_beyond_the_bound(block: bytes, size: int) -> None:
    """A block that goes over the bound raises, whether or not it or its last line ever ends."""
    decoder = EventStreamDecoder(max_block_size=LIMIT)
    with pytest.raises(EventTooLarge, match="more than 40 octets"):
        decode((block[at : at + size] for at in range(0, len(block), size)), decoder)


@pytest.mark.parametrize("end", [b"\n\n", b"\n: c\n\n", b"\n"])
def test_a_whole_block_beyond_the_bound(end: bytes) -> None:
    """A block that goes over the bound raises even if it came whole in one piece."""
    with pytest.raises(EventTooLarge):
        EventStreamDecoder(max_block_size=LIMIT).feed(b"data: " + b"x" * 35 + end)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_fits_the_bound(size: int) -> None:
    """Blocks up to the bound, and any number of them, and comments without end, all pass."""
    stream = (b"data: " + b"x" * 34 + b"\n\n") * 5 + b": keep alive\n" * 50 + b"data: y\n\n"
    decoder = EventStreamDecoder(max_block_size=LIMIT)
    chunks = (stream[at : at + size] for at in range(0, len(stream), size))
    assert decode(chunks, decoder)[0] == [event("x" * 34)] * 5 + [event("y")]


def test_events_before_the_one_too_large_are_not_lost() -> None:
    """The error carries what the same octets completed."""
    with pytest.raises(EventTooLarge) as raised:
        EventStreamDecoder(max_block_size=LIMIT).feed(b"data: x\n\ndata: " + b"y" * LIMIT)
    assert raised.value.events == [event("x")]


@pytest.mark.parametrize("more", [b"", b"\n", b"\n\n", b"data: x\n\n", b"\r\n: c\n"])
def test_no_way_back_from_too_large(more: bytes) -> None:
    """Whatever comes after a block that is too large raises too, rather than be taken for its beginning."""
    decoder = EventStreamDecoder(max_block_size=LIMIT)
    with pytest.raises(EventTooLarge):
        decoder.feed(b"data: " + b"y" * LIMIT)
    with pytest.raises(EventTooLarge):
        decoder.feed(more)


def test_the_bound_is_one_mib_by_default() -> None:
    """A mebioctet passes, one octet more does not."""
    decoder = EventStreamDecoder()
    decoder.feed(b"data: " + b"x" * (MAX_BLOCK_SIZE - 6))
    with pytest.raises(EventTooLarge):
        decoder.feed(b"x")


def test_a_long_line_in_single_octets() -> None:
    """A long line may come octet by octet: what is there already is not looked at again."""
    line = b"x" * 300_000
    chunks = [b"data: ", *(bytes([octet]) for octet in line), b"\n\n"]
    assert decode(chunks)[0] == [event("x" * 300_000)]


@pytest.mark.parametrize("block", [b"id: %b\ndata: x\n\n", b"id: %b\n\ndata: x\n\n"])
def test_an_id_beyond_the_bound_is_not_kept(block: bytes) -> None:
    """An id is sent back with every reconnect: beyond a bound it is none, and the event is told all the same."""
    decoder = EventStreamDecoder("older")
    assert decode([block % (b"x" * (MAX_ID_SIZE + 1))], decoder)[0] == [event("x")]
    assert decoder.last_event_id == ""


def test_an_id_up_to_the_bound_is_kept() -> None:
    """Octets count, not characters."""
    decoder = EventStreamDecoder()
    decoder.feed(b"id: " + "é".encode() * (MAX_ID_SIZE // 2) + b"\n\n")
    assert decoder.last_event_id == "é" * (MAX_ID_SIZE // 2)
