"""The event stream format: octets in, events out.

This is the algorithm of the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream", for octets that arrive
in pieces of any size. It knows no time, no connection and no JMAP.
"""

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import Final

from mailroom.core.errors import MailroomError

MAX_BLOCK_SIZE: Final = 1024 * 1024
"""Octets. A change of every type in a thousand accounts has a quarter of that."""
MAX_ID_SIZE: Final = 1024
"""Octets of an event's id: it is sent back in a header with each reconnect."""
_MAX_DIGITS: Final = 300
_COLON: Final = ord(":")
_CR: Final = ord("\r")
_NUL: Final = 0


@dataclass(slots=True)
class ServerSentEvent:
    """One event as the server sent it, with the last event ID as of then.

    A value, to be treated as one. It is not frozen because that would more than triple the cost of making it, which is
    a good part of the whole decoding.
    """

    type: str
    data: str
    last_event_id: str


class EventTooLarge(MailroomError):
    """A block of the stream goes over the bound. `events` are those that the same octets completed before it."""

    def __init__(self, max_block_size: int, events: list[ServerSentEvent]) -> None:
        super().__init__(
            f"The server sent an event of more than {max_block_size} octets. Only a new connection can go on from here."
        )
        self.events = events


class EventStreamDecoder:
    """Decodes the octets of one connection, in time linear in their number.

    An event is out as soon as the end of the blank line after it is in. A block without a blank line after it is never
    delivered, and its id is not kept. Octets that are no UTF-8 become U+FFFD. An id over the bound counts as an empty
    one: nobody can ask for what comes after it, and an older id would bring back what has been told already.

    What a block may hold is bounded: its `data`, `event` and `id` lines together with any one line that is not whole
    yet. Comments and unknown fields are forgotten as soon as their line ends, so that a server may keep a connection
    alive with them for ever.
    """

    def __init__(self, last_event_id: str = "", max_block_size: int = MAX_BLOCK_SIZE) -> None:
        self.last_event_id = last_event_id
        """The standard's last event ID string: what a reconnect sends as Last-Event-ID, unless it is empty."""
        self.retry: int | None = None
        """The reconnection time in milliseconds, if the server has set one."""
        self._max_block_size = max_block_size
        self._started = False
        self._after_cr = False
        self._unfinished_line = bytearray()
        self._data: list[bytes] = []
        self._type = b""
        self._id = last_event_id
        self._block_size = 0

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that these octets complete.

        `EventTooLarge` if a block has more than `max_block_size` octets; the decoder is of no more use then.
        """
        events: list[ServerSentEvent] = []
        for line in self._complete_lines(data):
            if not line:
                self._end_block(events)
                continue
            self._block_size += len(line)
            # One space after the first colon is not part of the value. If there is a colon before the first ": ", then
            # no space follows the first colon.
            field, _, value = line.partition(b": ")
            if _COLON in field:
                field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value)
            elif field == b"event":
                self._type = value
            elif field == b"id" and _NUL not in value:
                self._id = value.decode("utf-8", "replace") if len(value) <= MAX_ID_SIZE else ""
            else:
                if self._block_size > self._max_block_size:
                    raise EventTooLarge(self._max_block_size, events)
                self._block_size -= len(line)
                if field == b"retry" and value.isdigit():
                    self.retry = _milliseconds(value)
        if self._block_size + len(self._unfinished_line) > self._max_block_size:
            raise EventTooLarge(self._max_block_size, events)
        return events

    def _complete_lines(self, data: bytes) -> list[bytes]:
        """The lines that end in these octets, without their ends."""
        lines = self._split_lines(data) if self._after_cr or _CR in data else data.split(b"\n")
        rest = lines.pop()
        if lines and self._unfinished_line:
            lines[0] = b"".join((self._unfinished_line, lines[0]))
            self._unfinished_line.clear()
        if lines and not self._started:
            self._started = True
            lines[0] = lines[0].removeprefix(BOM_UTF8)
        if rest:
            self._unfinished_line += rest
        return lines

    def _split_lines(self, data: bytes) -> list[bytes]:
        """The octets cut at each CR LF, CR and LF, as `split` would do it.

        A CR ends its line at once, whether or not the next octet to come is its LF.
        """
        if not data:
            return [b""]
        ended_at_cr, self._after_cr = self._after_cr, data[-1] == _CR
        if ended_at_cr:
            data = data.removeprefix(b"\n")
        lines = data.splitlines()
        if not data or data[-1] in b"\r\n":
            lines.append(b"")
        return lines

    def _end_block(self, events: list[ServerSentEvent]) -> None:
        if self._block_size > self._max_block_size:
            raise EventTooLarge(self._max_block_size, events)
        self.last_event_id = self._id
        if self._data:
            event_type = self._type.decode("utf-8", "replace") or "message"
            text = b"\n".join(self._data).decode("utf-8", "replace")
            events.append(ServerSentEvent(event_type, text, self._id))
            self._data = []
        self._type = b""
        self._block_size = 0


def _milliseconds(digits: bytes) -> int:
    """The number, cut to as many digits as fit a float: `int` refuses very long ones, and takes quadratic time."""
    return int(digits.lstrip(b"0")[:_MAX_DIGITS] or b"0")
