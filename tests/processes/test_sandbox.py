"""`python -m mailroom.sandbox`."""

import signal
import socket
from urllib.request import Request, urlopen

from tests.processes.starting import PYTHON, run, settings_printed_by, started

SANDBOX = (PYTHON, "-m", "mailroom.sandbox")


def test_serves_until_terminated() -> None:
    """It prints the two settings to use, serves the account that they lead to, and ends on SIGTERM."""
    with started(*SANDBOX) as server:
        settings = settings_printed_by(server)
        url, token = settings["MAILROOM_JMAP_URL"], settings["MAILROOM_JMAP_TOKEN"]
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:  # noqa: S310 - http
            assert b"apiUrl" in answer.read()
        server.send_signal(signal.SIGTERM)
        assert server.communicate(timeout=10)[0] == ""
        assert server.returncode == 0


def test_port_in_use() -> None:
    """A port that is taken is said to be, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(*SANDBOX, "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Port ")
    assert done.stderr.endswith("Choose another one.\n")
    assert done.stderr.count("\n") == 1
