"""The hunt for secrets bites."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure

from tests.conftest import with_hunted_output
from tests.hunt import SECRETS, hunt, hunted_log, secrets_in
from tests.processes.starting import PYTHON, run

each_secret = pytest.mark.parametrize("secret", SECRETS)


def fail_with(secret: str, log: Logger) -> None:
    log.failure("it failed", Failure(ValueError(secret)))


@each_secret
@pytest.mark.parametrize(
    "tell",
    [
        lambda secret, log: log.info("a secret: {it}", it=secret),
        lambda secret, log: log.debug("none in the message", it={"a": [secret]}),
        lambda secret, log: log.warn(secret.upper()),
        lambda secret, log: log.error("cut: {it}", it=secret[: len(secret) - len(secret) // 8]),
        fail_with,
    ],
    ids=["part of a message", "field", "capitals", "cut", "traceback"],
)
def test_in_the_log(tell: Callable[[str, Logger], None], secret: str) -> None:
    """Wherever in an event it is."""
    publisher = LogPublisher()
    with pytest.raises(AssertionError, match="a secret is in the log"), hunted_log(publisher):
        tell(secret, Logger("mailroom.test", observer=publisher))


@each_secret
@pytest.mark.parametrize("stream", ["stdout", "stderr", "log"])
def test_in_what_a_test_prints(stream: str, secret: str) -> None:
    """The test fails, and only then."""
    sections = [("Captured stdout setup", "harmless"), (f"Captured {stream} call", f"x {secret} y")]
    report = SimpleNamespace(sections=sections, passed=True, outcome="passed", longrepr=None)
    assert with_hunted_output(report).outcome == "failed"
    harmless = SimpleNamespace(sections=sections[:1], passed=True, outcome="passed", longrepr=None)
    assert with_hunted_output(harmless).outcome == "passed"


@each_secret
def test_in_what_a_program_prints(secret: str) -> None:
    """Into a pipe, on either stream."""
    for stream in ("stdout", "stderr"):
        told = f"import os, sys; sys.{stream}.write(os.environ['MAILROOM_IT'])"
        with pytest.raises(AssertionError, match="a secret is in the output of"):
            run(PYTHON, "-c", told, settings={"MAILROOM_IT": secret})


def test_nothing_else_is_a_secret() -> None:
    """Names, addresses and settings are not."""
    assert secrets_in("sandbox@example.com, Sandbox, jmap_password, a secret, sandbox-") == []
    hunt("nothing", "")
