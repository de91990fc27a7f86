"""Commands do their task and end with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("bare")
ROOT = Path(__file__).parents[2]
PROGRAM = """
from twisted.internet.defer import Deferred
from mailroom.core.config import load_settings
from mailroom.core.errors import MailroomError
from mailroom.tap import run_task

async def answer(account):
    return account.settings.poll_interval

async def fail(account):
    raise MailroomError("so it is")

async def wait(account):
    print("waiting", flush=True)
    await Deferred()

try:
    print(run_task(load_settings(), {task}))
except MailroomError as error:
    print("failed:", error)
except KeyboardInterrupt:
    print("interrupted")
"""


def start(task: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"MAILROOM_JMAP_TOKEN": "abc", "PYTHONPATH": str(ROOT)}
    program = PROGRAM.replace("{task}", task)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize(("task", "told"), [("answer", "60\n"), ("fail", "failed: so it is\n")])
def test_a_task_ends_with_its_outcome(task: str, told: str) -> None:
    """What it returns, or what it raises, is the command's to tell."""
    with start(task) as process:
        assert process.communicate(timeout=30)[0] == told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    """Whatever the task is waiting for."""
    with start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        assert process.communicate(timeout=30)[0] == "interrupted\n"
