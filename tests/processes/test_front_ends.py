"""Whatever starts the service, it runs and ends in the same way."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.processes.starting import MAILROOM, PATIENCE, PYTHON, ROOT, started

BIN = Path(PYTHON).parent
TWISTD = (str(BIN / "twistd"), "-n", "--pidfile=", "mailroom")
TWIST = (str(BIN / "twist"), "--log-format=text", "mailroom")
SETTINGS = {"MAILROOM_JMAP_URL": "http://127.0.0.1:9", "MAILROOM_JMAP_TOKEN": "abc", "MAILROOM_WEB": "none"}
"""Where nobody answers."""
UNPRIVILEGED = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
READ_ONLY = "mount -o remount,bind,ro / && ! touch {here} 2>/dev/null && exec {command}"

each_front_end = pytest.mark.parametrize(
    "command",
    [
        pytest.param(MAILROOM, id="mailroom"),
        pytest.param(TWISTD, id="twistd"),
        pytest.param(TWIST, id="twist"),
        pytest.param((PYTHON, "-m", "twisted", *TWIST[1:]), id="python -m twisted"),
    ],
)


@contextmanager
def running(command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    """The service, when it has tried its first poll."""
    with started(*command, settings=SETTINGS) as process:
        wait_until_polled(process)
        yield process


def wait_until_polled(process: "subprocess.Popen[str]") -> None:
    """Its reactor runs, and whoever handles signals does so."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "poll failed" in line:
            return
    raise AssertionError("".join(said))


@each_front_end
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(command: Sequence[str], number: signal.Signals) -> None:
    """With status 0, and without a complaint; so do several, from somebody impatient."""
    with running(command) as process:
        for _ in range(3):
            process.send_signal(number)
        out, _err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "Traceback" in out) == (0, False)


@each_front_end
def test_a_file_of_an_earlier_process_does_not_keep_it_from_starting(command: Sequence[str]) -> None:
    """In a container, the process that the file names lives: it is the very process that starts, or PID 1."""
    with TemporaryDirectory() as folder:
        Path(folder, "twistd.pid").write_text(str(os.getpid()), encoding="ascii")
        with started(
            "sh", "-c", f"cd {shlex.quote(folder)} && exec {shlex.join(command)}", settings=SETTINGS
        ) as process:
            wait_until_polled(process)


@pytest.fixture(scope="module")
def read_only() -> None:
    """A file system can be made read-only here, for one process."""
    probe = [*UNPRIVILEGED, READ_ONLY.format(here=ROOT / "never", command="true")]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be made read-only here")


@pytest.mark.usefixtures("read_only")
@each_front_end
def test_a_read_only_file_system_is_enough(command: Sequence[str]) -> None:
    """Nothing is written anywhere, and plugins are found without a cache."""
    script = READ_ONLY.format(here="never", command=shlex.join(command))
    with running((*UNPRIVILEGED, script)) as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
