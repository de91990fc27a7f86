"""`python -m mailroom.sandbox`."""

import signal
import socket
import subprocess
import sys
from urllib.request import Request, urlopen


def test_serves_until_terminated() -> None:
    """It prints the two settings to use, serves the account that they lead to, and ends on SIGTERM."""
    command = [sys.executable, "-m", "mailroom.sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip().removeprefix("export ").partition("=") for _ in range(2)]
        settings = {name: value for name, _, value in lines}
        url, token = settings["MAILROOM_JMAP_URL"], settings["MAILROOM_JMAP_TOKEN"]
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:  # noqa: S310 - http
            assert b"apiUrl" in answer.read()
        server.send_signal(signal.SIGTERM)
        assert server.stdout.read() == ""
        assert server.wait(timeout=10) == 0


def test_port_in_use() -> None:
    """A port that is taken is said to be, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "mailroom.sandbox", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Port ")
    assert done.stderr.endswith("Choose another one.\n")
    assert done.stderr.count("\n") == 1
