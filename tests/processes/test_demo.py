"""The demo, as people start it."""

import re
import signal
import subprocess

import pytest

from tests.processes.starting import MAILROOM, line_of, run, started


@pytest.fixture(scope="module")
def one_round() -> "subprocess.CompletedProcess[str]":
    """One round, where everything about would lead to another account."""
    config = "jmap_url: http://127.0.0.1:1\nno_such_setting: 1\n"
    settings = {"MAILROOM_JMAP_URL": "http://127.0.0.1:1", "MAILROOM_JMAP_TOKEN": "real-token"}
    return run(*MAILROOM, "demo", "--once", settings=settings, config=config)


def test_round_ends_well(one_round: "subprocess.CompletedProcess[str]") -> None:
    """A round exits with status 0, whatever settings lie about, and has nothing to complain of."""
    assert (one_round.returncode, one_round.stderr) == (0, "")


def test_every_triage_is_told(one_round: "subprocess.CompletedProcess[str]") -> None:
    """Each of the five reactions is told with its trigger, which is push, and its latency."""
    assert len(re.findall(r"^ +push, \d+ ms: \S", one_round.stdout, re.MULTILINE)) == 5


def test_round_ends_with_a_summary(one_round: "subprocess.CompletedProcess[str]") -> None:
    """The last lines are a table: the headings, and a line for each reaction."""
    summary = one_round.stdout.rpartition("\n\n")[2].splitlines()
    assert (summary[0].split()[0], len(summary)) == ("occasion", 6)


def test_interrupted() -> None:
    """Ctrl-C ends the demo with status 0."""
    with started(*MAILROOM, "demo") as demo:
        line_of(demo, "The user")
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
