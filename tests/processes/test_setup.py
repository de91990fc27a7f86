"""From an empty account to one that is ready, as people do it."""

import signal
import socket
import subprocess

import pytest

from tests.processes.starting import MAILROOM, made_up_account, run, started


@pytest.fixture(scope="module")
def steps() -> "list[subprocess.CompletedProcess[str]]":
    """What comes of setup, and then of a check."""
    with made_up_account("--empty") as newcomer:
        return [run(*MAILROOM, *command, settings=newcomer) for command in (("setup", "--apply"), ("check",))]


def test_setup_makes_the_account_ready(steps: "list[subprocess.CompletedProcess[str]]") -> None:
    """And says so."""
    applied = steps[0]
    assert (applied.returncode, applied.stderr) == (0, "")
    assert "The account is ready.\n" in applied.stdout


def test_the_check_passes_then(steps: "list[subprocess.CompletedProcess[str]]") -> None:
    """Without a remark."""
    check = steps[1]
    assert (check.returncode, check.stderr) == (0, "")
    assert all(line.startswith("ok") for line in check.stdout.splitlines())


def test_nothing_is_coloured_in_a_pipe(steps: "list[subprocess.CompletedProcess[str]]") -> None:
    """Programs get plain text."""
    assert "\x1b" not in "".join(step.stdout for step in steps)


def test_ctrl_c_ends_a_command_at_once() -> None:
    """Whatever the server is doing, which here is nothing: status 130 and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        account = {
            "MAILROOM_JMAP_URL": f"http://127.0.0.1:{server.getsockname()[1]}/jmap",
            "MAILROOM_JMAP_TOKEN": "abc",
        }
        with started(*MAILROOM, "setup", "--apply", settings=account, stderr=subprocess.PIPE) as process:
            with server.accept()[0]:
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=30)[1] == ""
            assert process.returncode == 130
