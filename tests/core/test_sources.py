"""The file and the environment are read, or refused with the reason."""

from pathlib import Path

import pytest

from mailroom.core.config import MailroomSettings
from mailroom.core.config_errors import ConfigurationError
from mailroom.core.sources import misspelled_variables, read_config_file


def test_a_file_is_a_mapping_of_settings(tmp_path: Path) -> None:
    """YAML in UTF-8."""
    file = tmp_path / "mailroom.yaml"
    file.write_text("poll_interval: 5\nscreener_mailbox: Café\n", encoding="utf-8")
    assert read_config_file(file) == {"poll_interval": 5, "screener_mailbox": "Café"}


@pytest.mark.parametrize("content", ["", "\n", "# poll_interval: 5\n", "---\n"])
def test_a_file_with_nothing_in_it_sets_nothing(tmp_path: Path, content: str) -> None:
    """A file that is all comments is where people start."""
    file = tmp_path / "mailroom.yaml"
    file.write_text(content)
    assert read_config_file(file) == {}


@pytest.mark.usefixtures("bare")
def test_the_default_file_need_not_be_there() -> None:
    """Everything may come from the environment."""
    assert read_config_file(None) == {}


@pytest.mark.usefixtures("bare")
def test_the_default_file_is_read_if_it_is_there() -> None:
    """`config.yaml` in the working directory."""
    Path("config.yaml").write_text("poll_interval: 5\n")
    assert read_config_file(None) == {"poll_interval": 5}


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """A service that silently ran with defaults would triage into the wrong mailboxes."""
    with pytest.raises(ConfigurationError, match=r"missing\.yaml: there is no such file"):
        read_config_file(tmp_path / "missing.yaml")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """Container mounts make a directory of a file that is not there."""
    with pytest.raises(ConfigurationError, match=r"cannot be read \(IsADirectoryError\)"):
        read_config_file(tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", r"cannot be read \(UnicodeDecodeError\)"),
        (b"a: 1\nb: [1\n", "not YAML near line 3"),
        (b"a: 'sekret", "not YAML near line 1"),
        (b"a: \x00", "not YAML"),
        (b"poll_interval=5", "must hold one setting a line"),
        (b"- Feed", "must hold one setting a line"),
        (b"config: other.yaml", "config cannot be set in the file itself"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """With its name and the place, and without quoting what may be a secret."""
    file = tmp_path / "mailroom.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"mailroom\.yaml: {problem}((?!sekret).)*$"):
        read_config_file(file)


def test_a_slip_in_a_variable_is_noticed() -> None:
    """Whatever its case; its value is left out, for it may be a secret."""
    misspelled = misspelled_variables(["MAILROOM_JMAP_TOKN", "Mailroom_Poll_Intervall"], MailroomSettings.model_fields)
    assert misspelled == {"MAILROOM_JMAP_TOKN": None, "Mailroom_Poll_Intervall": None}


@pytest.mark.parametrize(
    "variable",
    [
        "MAILROOM_JMAP_TOKEN",
        "mailroom_jmap_token",
        "MAILROOM_CONFIG",
        "MAILROOM_REQUIRE_CYRUS",
        "MAILROOM_SERVICE_HOST",
        "MAILROOM_SERVICE_PORT",
        "MAILROOM_PORT",
        "MAILROOM_PORT_8080_TCP_ADDR",
        "JMAP_TOKN",
    ],
)
def test_other_variables_are_none_of_our_business(variable: str) -> None:
    """Orchestrators name variables after the services that they run."""
    assert misspelled_variables([variable], MailroomSettings.model_fields) == {}
