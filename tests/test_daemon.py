"""The service starts with the log of the settings, or fails to start in one sentence."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from twisted.application.service import Application, Service
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import FileLogObserver, ILogObserver, LogEvent, LogLevel
from twisted.python.components import Componentized
from twisted.python.usage import Options
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from mailroom.core.config import MailroomSettings, load_settings
from mailroom.daemon import CannotStart, Daemon, twistd_observer
from mailroom.logs import log_observer

TAKEN = CannotListenError("127.0.0.1", 8080, OSError(98, "Address already in use"))


class Failing(Service):
    """A service that cannot start."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def privilegedStartService(self) -> None:
        raise self._error

    def startService(self) -> None:
        raise self._error


@implementer(IReactorFromThreads)
class Reactor:
    """Runs at once what is to run in its thread."""

    def callFromThread(self, callable: Any, *args: object, **kwargs: object) -> None:  # noqa: A002, N802
        callable(*args, **kwargs)


class DaemonTests(SynchronousTestCase):
    """What twistd, twist and the command line start."""

    def refusal(self, error: Exception) -> CannotStart:
        """How the daemon fails to start with a service that fails so."""
        daemon = Daemon()
        Service.setServiceParent(Failing(error), daemon)
        with pytest.raises(CannotStart) as refused:
            daemon.startService()
        return refused.value

    def test_a_port_that_is_taken_is_named_with_a_remedy(self) -> None:
        """The sentence is all that a person gets to see."""
        assert str(self.refusal(TAKEN)) == (
            "Mailroom: Couldn't listen on 127.0.0.1:8080: [Errno 98] Address already in use. "
            "Stop what uses the port, or set web to another endpoint, or to none."
        )

    def test_a_port_that_does_not_exist_is_refused_likewise(self) -> None:
        """Sockets raise OverflowError for it."""
        assert "port must be 0-65535" in str(self.refusal(OverflowError("bind(): port must be 0-65535.")))

    def test_a_privileged_port_is_refused_likewise(self) -> None:
        """Twistd listens before it gives up its privileges."""
        daemon = Daemon()
        Service.setServiceParent(Failing(TAKEN), daemon)
        with pytest.raises(CannotStart):
            daemon.privilegedStartService()

    def test_the_refusal_ends_the_interpreter_with_status_1(self) -> None:
        """A SystemExit whose code is text is printed alone, without a traceback."""
        assert isinstance(self.refusal(TAKEN).code, str)

    def test_the_refusal_is_an_exception_too(self) -> None:
        """Else twistd would leave its PID file behind."""
        assert isinstance(self.refusal(TAKEN), Exception)

    def test_other_errors_stay_what_they_are(self) -> None:
        """A mistake of ours deserves its traceback."""
        daemon = Daemon()
        Service.setServiceParent(Failing(ZeroDivisionError()), daemon)
        with pytest.raises(ZeroDivisionError):
            daemon.startService()

    def test_the_application_gets_the_log(self) -> None:
        """It is where twistd looks for it."""
        application = cast("Componentized", Application("mailroom"))
        observer = log_observer(sys.stdout, "text", "info")
        Daemon(observer).setServiceParent(application)
        assert application.getComponent(ILogObserver) is observer

    def test_the_application_keeps_its_own_log(self) -> None:
        """If there is none to give."""
        application = cast("Componentized", Application("mailroom"))
        Daemon().setServiceParent(application)
        assert application.getComponent(ILogObserver, None) is None


def twistd_options(**given: object) -> Options:
    """The options of twistd, as far as they are about the log."""
    options = Options()
    options.update({"nodaemon": True, "logfile": None, "logger": None, "syslog": False, **given})
    return options


@pytest.fixture
def json_settings(bare: pytest.MonkeyPatch) -> MailroomSettings:  # noqa: ARG001
    """Settings that ask for another log than twistd has by itself."""
    return load_settings(log_format="json", log_level="warn")


def event() -> LogEvent:
    """An event worth a line."""
    return {"log_level": LogLevel.warn, "log_namespace": "mailroom.test", "log_format": "hello", "log_time": 0.0}


@pytest.mark.parametrize("logfile", [None, "", "-"])
def test_twistd_in_the_foreground_logs_to_stdout(
    json_settings: MailroomSettings, capsys: pytest.CaptureFixture[str], logfile: str | None
) -> None:
    """In the format of the settings."""
    observer = twistd_observer(twistd_options(logfile=logfile), json_settings, Reactor())
    assert observer is not None
    observer(event())
    assert json.loads(capsys.readouterr().out)["message"] == "hello"


@pytest.fixture
def rotation() -> Iterator[None]:
    """The handler of the signal that rotates log files is put back after the test."""
    before = signal.getsignal(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGUSR1, before)


def written(settings: MailroomSettings, options: Options, then: Callable[[], object] = list) -> None:
    """Log an event into the file that twistd's options name, and do something before it is closed."""
    observer = twistd_observer(options, settings, Reactor())
    assert isinstance(observer, FileLogObserver)
    observer(event())
    then()
    observer._outFile.close()


@pytest.mark.usefixtures("rotation")
@pytest.mark.parametrize(
    ("given", "name"), [({"logfile": "mailroom.log"}, "mailroom.log"), ({"nodaemon": False}, "twistd.log")]
)
def test_twistd_logs_into_its_file(json_settings: MailroomSettings, given: dict[str, object], name: str) -> None:
    """The one it is told, or, as a daemon, the one it always has."""
    written(json_settings, twistd_options(**given))
    assert json.loads(Path(name).read_text())["message"] == "hello"


@pytest.mark.usefixtures("rotation")
def test_a_signal_rotates_the_file(json_settings: MailroomSettings) -> None:
    """As it does with twistd's own log; unhandled, SIGUSR1 would end the process."""
    written(json_settings, twistd_options(logfile="mailroom.log"), then=lambda: signal.raise_signal(signal.SIGUSR1))
    assert Path("mailroom.log.1").exists()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(None, id="no parent"),
        pytest.param(Options(), id="twist"),
        pytest.param(twistd_options(logger=object), id="--logger"),
        pytest.param(twistd_options(syslog=True), id="--syslog"),
    ],
)
def test_others_keep_their_own_log(json_settings: MailroomSettings, options: Options | None) -> None:
    """Twist has options of its own for it, and twistd may be told otherwise."""
    assert twistd_observer(options, json_settings, Reactor()) is None
