"""The command line finds its configuration, and ends in words."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mailroom import __version__
from mailroom.__main__ import COMMANDS, main

pytestmark = pytest.mark.usefixtures("bare")
BIN = Path(sys.executable).parent


def invoke(*arguments: str) -> Result:
    """What the command line says to these arguments."""
    return CliRunner().invoke(main, arguments, prog_name="mailroom")


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A process that is expected to end by itself."""
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_the_version_is_the_packages() -> None:
    """Whatever it is called as."""
    assert invoke("--version").output == f"mailroom, version {__version__}\n"


def test_every_command_is_listed() -> None:
    """With a sentence on what it does."""
    listed = invoke("--help").output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed if not line.startswith("   ")] == list(COMMANDS)


def test_an_unknown_command_is_an_error_of_usage() -> None:
    """Status 2, as for every program made with click."""
    assert invoke("walk").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "missing.yaml"],
        ["--config", "missing.yaml", "run"],
        ["run", "--config", "missing.yaml"],
        ["--config", "other.yaml", "run", "--config", "missing.yaml"],
    ],
)
def test_the_configuration_file_can_be_named_anywhere(arguments: list[str]) -> None:
    """Before or after the command, which may be left out; the last word counts."""
    assert "missing.yaml: there is no such file" in invoke(*arguments).output


def test_bad_settings_end_in_a_message_and_status_1() -> None:
    """On stderr, and without a traceback."""
    Path("config.yaml").write_text("poll_interval: 0\n")
    result = invoke("run")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: The settings cannot be used:\n  - poll_interval: 0 is refused. It takes seconds, from 1 to 86400.\n"
    )


def test_missing_credentials_end_in_a_message_and_status_1() -> None:
    """The service is what needs them."""
    result = invoke()
    assert result.exit_code == 1
    assert "jmap_token: no credentials are set" in result.stderr


def test_a_port_that_is_taken_ends_in_a_message_and_status_1() -> None:
    """For real: this is the one error that only a start can find."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        process = run(sys.executable, "-m", "mailroom", MAILROOM_JMAP_TOKEN="abc", MAILROOM_WEB=web)
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
