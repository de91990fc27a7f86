"""What twist(d) starts, and the list of the parts. The only module that knows the reactor of this process."""

import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from twisted.application import strports
from twisted.application.service import IService, Service
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.posixbase import PosixReactorBase
from twisted.logger import globalLogBeginner
from twisted.python import usage
from twisted.python.failure import Failure

from mailroom.account import Account
from mailroom.core.config import MailroomSettings, load_settings
from mailroom.core.config_errors import ConfigurationError
from mailroom.core.redaction import Redaction
from mailroom.daemon import Daemon, end_well_by_signals, twistd_observer
from mailroom.http.agent import request_agent, stream_agent
from mailroom.http.resolver import DaemonThreadResolver
from mailroom.logs import log_observer
from mailroom.service import AccountService
from mailroom.web.health import Health, health_site

_T = TypeVar("_T")
reactor = cast("PosixReactorBase", installed_reactor)


class Options(usage.Options):
    """The options after `mailroom` on the command line of twist(d)."""

    longdesc = "Watches a JMAP account, and triages the senders of labelled mails."
    optParameters: ClassVar = [["config", "c", None, "YAML file with the settings [default: config.yaml, if there]"]]

    settings: MailroomSettings

    def postOptions(self) -> None:
        """Look at the settings here, where twist(d) turns an error into a message: from makeService it is a crash."""
        config = self["config"]
        try:
            self.settings = service_settings(Path(config) if config else None)
        except ConfigurationError as error:
            raise usage.UsageError(str(error)) from None


def makeService(options: Options) -> IService:
    """All of Mailroom, for twist(d) to start."""
    make_monotonic(reactor)
    end_well_by_signals(reactor)
    redaction = Redaction()
    observer = twistd_observer(options.parent, options.settings, reactor, redaction)
    return build_service(options.settings, reactor, Daemon(observer), redaction)


def make_monotonic(reactor: PosixReactorBase) -> None:
    """Let all timers of this process go by a clock that nobody sets, before the first of them is set.

    By itself the reactor asks the machine's: set back an hour, it would let every timer wait an hour longer.
    """
    # Public, and looked up by whatever the reactor times. From here on it tells no date: that is for wall clocks.
    reactor.seconds = time.monotonic


def run(settings: MailroomSettings) -> None:
    """All of Mailroom in the foreground, until SIGINT or SIGTERM, both of which are a way to end it well."""
    make_monotonic(reactor)
    redaction = Redaction()
    observer = log_observer(sys.stdout, settings.log_format, settings.log_level, redaction)
    # First of all: what was logged before is replayed now, but only the latest events of it are kept.
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    service = build_service(settings, reactor, Daemon(), redaction)
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.run()


def run_task(settings: MailroomSettings, task: Callable[[Account], Coroutine[Deferred[Any], Any, _T]]) -> _T:
    """Run one task against the account, for a command, and end with it: its result, or what it raised.

    SIGINT and SIGTERM cancel it at once and raise KeyboardInterrupt. What is worth a warning is logged on stderr.
    """
    make_monotonic(reactor)
    redaction = Redaction()
    observer = log_observer(sys.stderr, "text", "warn", redaction)
    # The standard streams stay what they are: what a command prints is no log.
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    reactor.installNameResolver(DaemonThreadResolver(reactor))
    account = Account(settings, reactor, request_agent(reactor), wall_clock=time.time, redaction=redaction)
    outcome: list[_T | Failure] = []

    def begin() -> None:
        running = Deferred.fromCoroutine(task(account))
        reactor.addSystemEventTrigger("before", "shutdown", running.cancel)
        running.addBoth(end)

    def end(result: _T | Failure) -> None:
        outcome.append(result)
        # What cancels the task is the reactor's stop: to stop it once more would be an error.
        if not _is_cancelled(result):
            reactor.stop()

    # Not at once: signals are the reactor's only when it runs, and only then can the end of the task stop it.
    reactor.callWhenRunning(begin)
    reactor.run()
    if not outcome or _is_cancelled(outcome[0]):
        raise KeyboardInterrupt
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()
    return outcome[0]


def _is_cancelled(result: object) -> bool:
    return isinstance(result, Failure) and result.check(CancelledError) is not None


def service_settings(config_file: Path | None) -> MailroomSettings:
    """Settings with which a service can start, or ConfigurationError."""
    settings = load_settings(config_file)
    settings.require_credentials()
    try:
        serverFromString(reactor, settings.web or "tcp:0")
    except Exception as error:  # noqa: BLE001 - endpoints are plugins, and say what is wrong in their own ways
        problem = f"web: '{settings.web}' is no endpoint to listen on ({error}). Correct it."
        raise ConfigurationError([problem]) from None
    return settings


def build_service(
    settings: MailroomSettings, reactor: PosixReactorBase, daemon: Daemon, redaction: Redaction | None = None
) -> Daemon:
    """The parts, in the order of their start. Whoever starts them does so before the reactor runs.

    `redaction` is the one by which the log goes, if there is one.
    """
    redaction = redaction or Redaction()
    # In place of the reactor's own, for whose threads the stop would wait.
    reactor.installNameResolver(DaemonThreadResolver(reactor))
    requests, streams = request_agent(reactor), stream_agent(reactor)
    account = AccountService(settings, reactor, requests, streams, wall_clock=time.time, redaction=redaction)
    # The port comes first: where it is taken, nothing else has begun. Only strports makes that an error: an endpoint
    # service by itself logs it, and runs on without a port.
    if settings.web:
        health = Health(account.polls, lambda: account.stream_status, settings.poll_interval, redaction)
        strports.service(settings.web, health_site(health, reactor), reactor).setServiceParent(daemon)
    Service.setServiceParent(account, daemon)
    return daemon
