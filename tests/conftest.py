"""The same for every run: nothing that happens to be set around the tests reaches them, and no chance decides.

No output of any test holds a secret of the tests: see `tests.hunt`.
"""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from tests.hunt import hunted_log, secrets_in

_Report = TypeVar("_Report", bound=Any)

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


@pytest.fixture(autouse=True)
def _hunt_in_the_log() -> Iterator[None]:
    with hunted_log():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that has printed a secret has failed."""
    return with_hunted_output((yield))


def with_hunted_output(report: _Report) -> _Report:
    """The report on a test, which fails it if what was captured holds a secret."""
    found = [secret for _title, text in report.sections for secret in secrets_in(text)]
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = f"The test printed a secret: {', '.join(found)}"
    return report


def pytest_collection_finish() -> None:
    """What is imported by now stays: garbage collections, of which some tests force one, need not look at it again."""
    gc.collect()
    gc.freeze()
