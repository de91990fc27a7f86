"""A start that cannot succeed ends in words, whatever starts it."""

import socket
from pathlib import Path

from tests.processes.starting import MAILROOM, PYTHON, run

BIN = Path(PYTHON).parent


def test_a_port_that_is_taken_ends_in_a_message_and_status_1() -> None:
    """For real: this is the one error that only a start can find."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        process = run(*MAILROOM, settings={"MAILROOM_JMAP_TOKEN": "abc", "MAILROOM_WEB": web})
    assert process.returncode == 1
    assert process.stderr.startswith("Error: Mailroom: Couldn't listen on 127.0.0.1:")
    assert process.stderr.count("\n") == 1


def test_twist_ends_in_a_message_and_status_64() -> None:
    """For real: twist has its own way to exit."""
    process = run(str(BIN / "twist"), "mailroom", "--config", "missing.yaml")
    assert process.returncode == 64
    assert process.stderr.startswith("Error: The settings cannot be used:\n  - missing.yaml: there is no such file.")


def test_twistd_ends_in_a_message_and_status_1() -> None:
    """For real: the message is the end of what it prints."""
    process = run(str(BIN / "twistd"), "-n", "--pidfile=", "mailroom", "--config", "missing.yaml")
    assert process.returncode == 1
    assert process.stdout.endswith("missing.yaml: there is no such file. Give the path of the YAML file.\n")
