"""The hunt for secrets: no test's output holds one, whatever the test is about.

`conftest` hunts in the log and in what is printed, of each test. What reaches neither, because it was piped or is kept,
is hunted by whoever gets hold of it.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from twisted.logger import ILogObserver, LogEvent, LogPublisher, eventAsText, globalLogPublisher
from zope.interface import provider

from mailroom.sandbox import SandboxOptions

_SANDBOX: Final = SandboxOptions()
SECRETS: Final = (
    _SANDBOX.password,
    _SANDBOX.token,
    b64encode(f"{_SANDBOX.username}:{_SANDBOX.password}".encode()).decode().rstrip("="),
    "open-sesame",
    "sekret",
)
"""What the tests log in with, where it is a word that stands for nothing else."""


def secrets_in(text: str) -> list[str]:
    """The secrets that a text holds, whole or three quarters of them, as are left where it was cut."""
    return [secret for secret in SECRETS if secret[: max(6, len(secret) * 3 // 4)].lower() in text.lower()]


def hunt(where: str, *texts: str) -> None:
    """AssertionError if a text holds a secret. It says which one, and where."""
    for text in texts:
        assert secrets_in(text) == [], f"a secret is in {where}: {text}"


@contextmanager
def hunted_log(publisher: LogPublisher = globalLogPublisher) -> Iterator[None]:
    """Nothing with a secret in it is logged inside, as a message, a field or a traceback."""
    texts: list[str] = []

    @provider(ILogObserver)
    def observe(event: LogEvent) -> None:
        fields = [f"{value}" for name, value in event.items() if not name.startswith("log_")]
        texts.extend(filter(secrets_in, [eventAsText(event), *fields]))

    publisher.addObserver(observe)
    try:
        yield
    finally:
        publisher.removeObserver(observe)
    hunt("the log", *texts)
