"""From an empty account to one that is ready, as people do it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("bare")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def newcomer() -> Iterator[dict[str, str]]:
    """The environment with which Mailroom finds an empty account on a server of its own."""
    command = [sys.executable, "-m", "mailroom.sandbox", "--empty"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip().removeprefix("export ").partition("=") for _ in range(2)]
        yield environment | {name: value for name, _equals, value in lines}
        server.terminate()
        assert server.stdout.read() == ""


def mailroom(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "mailroom", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_setup_leads_to_an_account_that_passes_the_check(newcomer: dict[str, str]) -> None:
    """A plan, its application, which the second time has nothing to do, and the check before and after."""
    assert mailroom(newcomer, "check").returncode == 1
    plan = mailroom(newcomer, "setup")
    assert (plan.returncode, plan.stderr) == (0, "")
    assert "Create what is missing with: mailroom setup --apply" in plan.stdout
    applied = mailroom(newcomer, "setup", "--apply")
    assert (applied.returncode, applied.stderr) == (0, "")
    assert "The account is ready.\n" in applied.stdout
    assert "There was nothing to do." in mailroom(newcomer, "setup", "--apply").stdout
    check = mailroom(newcomer, "check")
    assert (check.returncode, check.stderr) == (0, "")
    assert all(line.startswith("ok") for line in check.stdout.splitlines())


def test_nothing_is_coloured_in_a_pipe(newcomer: dict[str, str]) -> None:
    """Programs get plain text."""
    assert "\x1b" not in mailroom(newcomer, "setup").stdout + mailroom(newcomer, "check").stdout


def test_ctrl_c_ends_a_command_at_once() -> None:
    """Whatever the server is doing, which here is nothing: status 130 and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/jmap"
        environment = os.environ | {"PYTHONPATH": str(ROOT), "MAILROOM_JMAP_URL": url, "MAILROOM_JMAP_TOKEN": "abc"}
        command = [sys.executable, "-m", "mailroom", "setup", "--apply"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            with server.accept()[0]:
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=30)[1] == ""
            assert process.returncode == 130
