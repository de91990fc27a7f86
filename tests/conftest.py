"""The same for every run: nothing that happens to be set around the tests reaches them, and no chance decides."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("deterministic", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("deterministic")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An empty working directory, and an environment without any setting; what it offers adds to that."""
    for name in os.environ:
        if name.upper().startswith("MAILROOM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def pytest_collection_finish() -> None:
    """What is imported by now stays: garbage collections, of which some tests force one, need not look at it again."""
    gc.collect()
    gc.freeze()
