"""The demo, as people start it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = (sys.executable, "-m", "mailroom", "demo")


@pytest.fixture(scope="module")
def one_round(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """One round, where everything about would lead to another account."""
    directory = tmp_path_factory.mktemp("elsewhere")
    (directory / "config.yaml").write_text("jmap_url: http://127.0.0.1:1\nno_such_setting: 1\n", encoding="utf-8")
    settings = {"MAILROOM_JMAP_URL": "http://127.0.0.1:1", "MAILROOM_JMAP_TOKEN": "real-token"}
    return subprocess.run(
        [*DEMO, "--once"],
        env=os.environ | settings | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_round_ends_well(one_round: subprocess.CompletedProcess[str]) -> None:
    """A round exits with status 0, whatever settings lie about, and has nothing to complain of."""
    assert (one_round.returncode, one_round.stderr) == (0, "")


def test_every_triage_is_told(one_round: subprocess.CompletedProcess[str]) -> None:
    """Each of the five reactions is told with its trigger, which is push, and its latency."""
    assert len(re.findall(r"^ +push, \d+ ms: \S", one_round.stdout, re.MULTILINE)) == 5


def test_round_ends_with_a_summary(one_round: subprocess.CompletedProcess[str]) -> None:
    """The last lines are a table: the headings, and a line for each reaction."""
    summary = one_round.stdout.rpartition("\n\n")[2].splitlines()
    assert (summary[0].split()[0], len(summary)) == ("occasion", 6)


def test_interrupted() -> None:
    """Ctrl-C ends the demo with status 0."""
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        while not demo.stdout.readline().startswith("The user"):
            pass
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
