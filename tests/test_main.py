"""The command line finds its configuration, and ends in words."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mailroom import __version__
from mailroom.__main__ import COMMANDS, main
from mailroom.core.errors import MailroomError

pytestmark = pytest.mark.usefixtures("bare")


def invoke(*arguments: str) -> Result:
    """What the command line says to these arguments."""
    return CliRunner().invoke(main, arguments, prog_name="mailroom")


def test_the_version_is_the_packages() -> None:
    """Whatever it is called as."""
    assert invoke("--version").output == f"mailroom, version {__version__}\n"


def test_every_command_is_listed() -> None:
    """With a sentence on what it does."""
    listed = invoke("--help").output.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed if not line.startswith("   ")] == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_gives_an_example(command: str) -> None:
    """One that can be given as it stands there."""
    assert f"Example: mailroom {command} " in f"{invoke(command, '--help').output} "


def test_ctrl_c_is_status_130() -> None:
    """What a shell expects of a program that was interrupted, and nothing on stderr."""

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    Path("config.yaml").write_text("jmap_token: abc\n")
    result = CliRunner().invoke(main, ["check"], obj=interrupted)
    assert (result.exit_code, result.output) == (130, "")


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


HOSTILE = "\x1b[2Jgone\r\n\u202eok  all is well\u2028\x9b"
ESCAPED = HOSTILE.encode("unicode_escape").decode("ascii")


def test_words_of_a_server_end_a_command_on_one_line() -> None:
    """Without control characters, whichever error quotes them."""

    def refused(*_arguments: object) -> None:
        raise MailroomError(f"The server says: {HOSTILE}")

    Path("config.yaml").write_text("jmap_token: abc\n")
    for command in (["check"], ["setup"], ["senders"], ["sweep"], ["triage", "bob@example.com", "Feed"], ["reset"]):
        result = CliRunner().invoke(main, command, obj=refused)
        assert (result.exit_code, result.stderr) == (1, f"Error: The server says: {ESCAPED}\n"), command


@pytest.mark.parametrize(
    "arguments",
    [[HOSTILE], [f"--{HOSTILE}"], ["check", HOSTILE], ["check", f"--{HOSTILE}"], ["--config", HOSTILE, "check"]],
)
def test_wrong_usage_is_told_without_control_characters(arguments: list[str]) -> None:
    """Arguments may come from a script, and that may have them from anywhere."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert all(line.isprintable() for line in result.stderr.split("\n"))


def test_usage_and_its_hint_are_told_with_the_error() -> None:
    """In the three lines that click's programs have for it."""
    assert invoke("check", "--walk").stderr.split("\n") == [
        "Usage: mailroom check [OPTIONS]",
        "Try 'mailroom check --help' for help.",
        "",
        "Error: No such option '--walk'.",
        "",
    ]
