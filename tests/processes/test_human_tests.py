"""The scripts for people, run by themselves."""

import subprocess
import sys
from pathlib import Path
from typing import Final

HUMAN_TESTS: Final = Path(__file__).parents[2] / "human-tests"
PUSH: Final = "test_16_eventsource_push"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a person does."""
    command = [sys.executable, str(HUMAN_TESTS / f"{script}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_push_by_itself() -> None:
    """On the sandbox, a label is worked off by a push, and the script says so."""
    done = run(PUSH, "--sandbox", "--duration", "20")
    assert (done.returncode, "trigger=push" in done.stdout) == (0, True), done.stdout + done.stderr


def test_no_service() -> None:
    """Without a service, the script says that it could not run, which is no verdict on push."""
    assert run(PUSH, "--health-url", "http://127.0.0.1:9/healthz").returncode == 2
