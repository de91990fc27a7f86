"""What it takes to be run well: the log that the settings ask for, clean words when a port is taken, a good end."""

import signal
import sys
from types import FrameType
from typing import Final

from twisted.application.service import IServiceCollection, MultiService
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import ILogObserver, Logger
from twisted.python.components import Componentized
from twisted.python.logfile import LogFile
from twisted.python.usage import Options

from mailroom import __version__
from mailroom.core.config import MailroomSettings
from mailroom.core.errors import MailroomError
from mailroom.core.redaction import Redaction
from mailroom.logs import log_observer

_CANNOT_LISTEN: Final = (CannotListenError, OverflowError)
"""The latter is how sockets refuse a port beyond 65535."""


class CannotStart(SystemExit, MailroomError):
    """Something outside of the settings keeps the service from starting.

    Both bases are needed: an Exception, for which twistd removes its PID file and tells the parent of a daemon; and a
    SystemExit, of which the interpreter prints the message and no traceback, and exits with status 1.
    """


class Daemon(MultiService):
    """All that runs in this process.

    `observer` is the log for twistd to use; None leaves twistd, or whoever else runs this, its own.
    """

    _log = Logger()

    def __init__(self, observer: ILogObserver | None = None) -> None:
        MultiService.__init__(self)
        self._observer = observer

    def setServiceParent(self, parent: IServiceCollection | Componentized) -> None:
        """Hand over the log now: twistd asks the application for it before it starts any service."""
        if self._observer is not None and isinstance(parent, Componentized):
            Componentized.setComponent(parent, ILogObserver, self._observer)
        MultiService.setServiceParent(self, parent)

    def privilegedStartService(self) -> None:
        try:
            MultiService.privilegedStartService(self)
        except _CANNOT_LISTEN as error:
            raise _port_taken(error) from None

    def startService(self) -> None:
        try:
            MultiService.startService(self)
        except _CANNOT_LISTEN as error:
            raise _port_taken(error) from None
        self._log.info("started version={version}", version=__version__)

    def stopService(self) -> Deferred[None]:
        self._log.info("stopping")
        stopped: Deferred[None] = MultiService.stopService(self)
        return stopped


def end_well_by_signals(reactor: ReactorBase) -> None:
    """Let SIGTERM and SIGINT end the process with status 0, whoever has started it.

    They are how a service is told to end, and it ends well by them. The reactor's own handlers remember the signal, of
    which twist and twistd then die once everything has stopped: a failure to init systems and container engines.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Later, in the reactor's thread. Whoever is impatient may send one more before it has stopped.
        reactor.callFromThread(lambda: reactor.stop() if reactor.running else None)

    def handle() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            # What runs in the background of a shell ignores SIGINT, and is to go on doing so.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, stop)

    # The reactor sets up its handlers when it starts to run, just before this.
    reactor.callWhenRunning(handle)


def twistd_observer(
    twistd: Options | None, settings: MailroomSettings, reactor: IReactorFromThreads, redaction: Redaction | None = None
) -> ILogObserver | None:
    """The log as the settings ask for it, into what twistd's own options name.

    None under twist, which has options for level and format, and where twistd was told to log in another way.
    """
    if twistd is None or "nodaemon" not in twistd or twistd.get("logger") or twistd.get("syslog"):
        return None
    path = twistd.get("logfile")
    if path == "-" or (twistd["nodaemon"] and not path):
        return log_observer(sys.stdout, settings.log_format, settings.log_level, redaction)
    file = LogFile.fromFullPath(path or "twistd.log")
    if signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:
        # Later, in the reactor's thread: the signal may come in the middle of a write to the very file.
        signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(file.rotate))
    return log_observer(file, settings.log_format, settings.log_level, redaction)


def _port_taken(error: Exception) -> CannotStart:
    return CannotStart(f"Mailroom: {error} Stop what uses the port, or set web to another endpoint, or to none.")
