"""The service's log, as somebody reads it who waits for something."""

from typing import NoReturn

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, formatEvent
from zope.interface import implementer

from tests.integration.real_time import DEADLINE, reactor


@implementer(ILogObserver)
class Log:
    """Lines in the order in which they come. One reader reads them once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failures: list[LogEvent] = []
        """Events that come with a traceback, which no trouble with a server is worth."""
        self._read = 0
        self._sought: str | None = None
        self._found: Deferred[str] = Deferred()

    def __call__(self, event: LogEvent) -> None:
        """Take what is logged in this process."""
        if "log_failure" in event:
            self.failures.append(event)
        if str(event.get("log_namespace")).startswith("mailroom."):
            self.add(formatEvent(event))

    def add(self, line: str) -> None:
        """The next line was written."""
        self.lines.append(line)
        self._look()

    def expect(self, text: str) -> Deferred[str]:
        """The next line with this text in it; those before it are passed over. AssertionError if it does not come."""
        self._sought, self._found = text, Deferred()
        self._look()
        return self._found.addTimeout(DEADLINE, reactor, self._missed)

    def _look(self) -> None:
        """Tell in a turn of its own: whoever logs is in the middle of something."""
        while self._sought is not None and self._read < len(self.lines):
            line = self.lines[self._read]
            self._read += 1
            if self._sought in line:
                self._sought = None
                reactor.callLater(0, self._found.callback, line)

    def _missed(self, _result: object, seconds: float) -> NoReturn:
        written = "\n".join(self.lines)
        raise AssertionError(f"not logged within {seconds:g} s: {self._sought}\nlogged was:\n{written}")
