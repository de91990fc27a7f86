"""`mailroom reset` at a terminal, where it asks."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.processes.starting import MAILROOM, line_of, made_up_account, started

QUESTION = "Do all of this? [y/N]\n"


@pytest.fixture(scope="module")
def account() -> Iterator[dict[str, str]]:
    with made_up_account() as settings:
        yield settings


@pytest.fixture
def asked(account: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A reset that has asked, and the terminal to answer at."""
    person, terminal = pty.openpty()
    with started(*MAILROOM, "reset", "--apply", stdin=terminal, settings=account, stderr=subprocess.PIPE) as process:
        os.close(terminal)
        assert line_of(process, "Do all of this") == QUESTION
        yield process, person
    os.close(person)


def test_no_is_the_end(asked: tuple["subprocess.Popen[str]", int]) -> None:
    """Nothing is done, and the exit status says so; Return alone means no."""
    process, person = asked
    os.write(person, b"\n")
    assert process.communicate(timeout=30) == ("", "Aborted!\n")
    assert process.returncode == 1


def test_ctrl_c_is_the_end(asked: tuple["subprocess.Popen[str]", int]) -> None:
    """At once, although nobody has answered."""
    process, _person = asked
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 130


def test_yes_goes_ahead(asked: tuple["subprocess.Popen[str]", int]) -> None:
    """To the end."""
    process, person = asked
    os.write(person, b"y\n")
    assert process.communicate(timeout=30) == ("ok    The account is as if Mailroom had never been there.\n", "")
    assert process.returncode == 0
