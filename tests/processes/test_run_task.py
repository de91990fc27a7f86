"""Commands end with their task, also where it is not done. That it is done, and Ctrl-C, `mailroom setup` shows."""

import signal

from tests.processes.starting import PYTHON, line_of, run, started

SETTINGS = {"MAILROOM_JMAP_TOKEN": "abc"}
PROGRAM = """
from twisted.internet.defer import Deferred
from mailroom.core.config import load_settings
from mailroom.core.errors import MailroomError
from mailroom.tap import run_task

async def fail(account):
    raise MailroomError("so it is")

async def wait(account):
    print("waiting", flush=True)
    await Deferred()

try:
    run_task(load_settings(), {task})
except MailroomError as error:
    print("failed:", error)
except KeyboardInterrupt:
    print("interrupted")
"""


def doing(task: str) -> tuple[str, str, str]:
    """A program that does a task."""
    return (PYTHON, "-c", PROGRAM.replace("{task}", task))


def test_what_a_task_raises_is_the_commands_to_tell() -> None:
    """It comes out where the task was asked for."""
    assert run(*doing("fail"), settings=SETTINGS).stdout == "failed: so it is\n"


def test_sigterm_ends_it() -> None:
    """Whatever the task is waiting for, and as Ctrl-C does."""
    with started(*doing("wait"), settings=SETTINGS) as process:
        line_of(process, "waiting")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30)[0] == "interrupted\n"
