"""The scripts for people, run by themselves."""

from typing import Final

from tests.processes.starting import PYTHON, ROOT, run

PUSH: Final = (PYTHON, str(ROOT / "human-tests/test_16_eventsource_push.py"))


def test_push_by_itself() -> None:
    """On the sandbox, a label is worked off by a push, and the script says so."""
    done = run(*PUSH, "--sandbox", "--duration", "20")
    assert (done.returncode, "trigger=push" in done.stdout) == (0, True), done.stdout + done.stderr


def test_no_service() -> None:
    """Without a service, the script says that it could not run, which is no verdict on push."""
    assert run(*PUSH, "--health-url", "http://127.0.0.1:9/healthz").returncode == 2
