"""`mailroom reset` at a terminal, where it asks."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("bare")
ROOT = Path(__file__).parents[2]
RESET = (sys.executable, "-m", "mailroom", "reset", "--apply")
QUESTION = "Do all of this? [y/N]\n"


@pytest.fixture(scope="module")
def account() -> Iterator[dict[str, str]]:
    """A made-up account, as the settings that lead to it."""
    command = [sys.executable, "-m", "mailroom.sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip().removeprefix("export ").partition("=") for _ in range(2)]
        yield {name: value for name, _, value in lines}
        server.send_signal(signal.SIGTERM)


@pytest.fixture
def asked(account: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A reset that has asked, and the terminal to answer at."""
    person, terminal = pty.openpty()
    environment = os.environ | account | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        RESET, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        os.close(terminal)
        assert process.stdout is not None
        while (line := process.stdout.readline()) not in {QUESTION, ""}:
            pass
        assert line == QUESTION, process.stderr.read() if process.stderr else ""
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
