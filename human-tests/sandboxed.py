"""An account with nobody's mail, for human tests that run by themselves."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory


@contextmanager
def sandboxed() -> Iterator[str]:
    """An embedded server and a service that uses it, both as processes of their own; the URL of its /healthz.

    The environment of this process is theirs as well, but for the settings of any real account.
    """
    with ExitStack() as stack:
        os.chdir(stack.enter_context(TemporaryDirectory()))
        for name in [name for name in os.environ if name.startswith("MAILROOM_")]:
            del os.environ[name]
        server = stack.enter_context(process("mailroom.sandbox", "--port", "0", stdout=subprocess.PIPE))
        os.environ.update(exports(server))
        port = free_port()
        os.environ |= {"MAILROOM_WEB": f"tcp:{port}:interface=127.0.0.1", "MAILROOM_DEBOUNCE_SECONDS": "0.2"}
        stack.enter_context(process("mailroom", "run"))
        yield f"http://127.0.0.1:{port}/healthz"


@contextmanager
def process(module: str, *arguments: str, stdout: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python module that runs as long as it is needed. Its log is shown, for it is part of the story."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=stdout, text=True) as running:  # noqa: S603 - our own modules
        try:
            yield running
        finally:
            running.terminate()


def exports(server: subprocess.Popen[str]) -> dict[str, str]:
    """The two settings that the sandbox prints once it listens."""
    lines = [shlex.split(server.stdout.readline()) for _setting in range(2)] if server.stdout else []
    return dict(words[1].split("=", 1) for words in lines)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
