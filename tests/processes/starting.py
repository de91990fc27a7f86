"""Programs as people start them: in a folder of their own, and without any setting but those that a test gives."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from tests.hunt import hunt

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = sys.executable
MAILROOM: Final = (PYTHON, "-m", "mailroom")
NONE: Final[Mapping[str, str]] = MappingProxyType({})
PATIENCE: Final = 60.0
"""Seconds after which a program will not end any more."""


def run(*command: str, settings: Mapping[str, str] = NONE, config: str = "") -> "subprocess.CompletedProcess[str]":
    """What comes of a program that is expected to end by itself."""
    with started(*command, settings=settings, config=config, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=PATIENCE)
    hunt(f"the output of {' '.join(command)}", out, err)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@contextmanager
def started(
    *command: str,
    settings: Mapping[str, str] = NONE,
    config: str = "",
    stdin: int | None = None,
    stderr: int | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """A program that runs, and ends with the test whatever becomes of both.

    `settings` are environment variables, `config` is what a config.yaml in its folder says.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")}
    environment = inherited | {"PYTHONPATH": str(ROOT)} | dict(settings)
    with TemporaryDirectory() as folder:
        if config:
            Path(folder, "config.yaml").write_text(config, encoding="utf-8")
        with subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment, cwd=folder
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def line_of(process: "subprocess.Popen[str]", start: str) -> str:
    """The next line that the program prints and that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(start):
            return line
    raise AssertionError(f"the program ended without a line that begins with {start!r}")


@contextmanager
def made_up_account(*options: str) -> Iterator[dict[str, str]]:
    """An account on a server of its own, as the settings that lead to it."""
    with started(PYTHON, "-m", "mailroom.sandbox", *options) as server:
        yield settings_printed_by(server)
        server.terminate()
        server.wait(timeout=PATIENCE)


def settings_printed_by(server: "subprocess.Popen[str]") -> dict[str, str]:
    """The two settings that the sandbox prints at first."""
    lines = [line_of(server, "export ").strip().removeprefix("export ").partition("=") for _ in range(2)]
    return {name: value for name, _equals, value in lines}
