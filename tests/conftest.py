"""Nothing that happens to be set around the tests reaches the settings under test."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An empty working directory, and an environment without any setting; what it offers adds to that."""
    for name in os.environ:
        if name.upper().startswith("MAILROOM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch
