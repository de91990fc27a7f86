"""That a service for a sandbox cannot be led anywhere else."""

from pathlib import Path

import pytest

from mailroom.sandbox.settings import SandboxSettings


def test_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of a real account in the environment stays there."""
    monkeypatch.setenv("MAILROOM_JMAP_TOKEN", "real-token")
    assert SandboxSettings().jmap_token is None


def test_named_configuration_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A configuration that the environment names is not even looked for."""
    monkeypatch.setenv("MAILROOM_CONFIG", str(tmp_path / "missing.yaml"))
    assert SandboxSettings().jmap_token is None


def test_configuration_in_the_working_directory_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A config.yaml that happens to lie about has no say."""
    (tmp_path / "config.yaml").write_text("jmap_token: real-token\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert SandboxSettings().jmap_token is None


def test_arguments_count() -> None:
    """What the program itself asks for is what the service gets."""
    assert SandboxSettings(poll_interval=7).poll_interval == 7
