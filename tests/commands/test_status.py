"""`mailroom status`, against servers of one answer."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailroom import __version__
from mailroom.__main__ import main

pytestmark = pytest.mark.usefixtures("bare")


@contextmanager
def answering(body: object, status: str = "200 OK", received: bytearray | None = None) -> Iterator[str]:
    """A server that answers once; the URL of its /healthz. `received` gets the request."""
    text = body if isinstance(body, str) else json.dumps(body)
    answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _peer = listening.accept()
            with connection:
                request = connection.recv(65536)
                if received is not None:
                    received.extend(request)
                connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/healthz"
        serving.join()


def status(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["status", *arguments], env={f"MAILROOM_{key}": settings[key] for key in settings})


@pytest.mark.parametrize(
    ("said", "http", "code"), [("ok", "200 OK", 0), ("starting", "200 OK", 0), ("unhealthy", "503 Unavailable", 1)]
)
def test_the_exit_status_tells_the_health(said: str, http: str, code: int) -> None:
    """0 for healthy, 1 for not."""
    with answering({"status": said, "version": "1.0.0"}, http) as url:
        result = status("--url", url)
    assert result.exit_code == code
    assert result.stdout.startswith("fail  service" if code else "ok    service: Mailroom 1.0.0")


def test_the_url_follows_from_the_settings() -> None:
    """Nobody has to repeat it."""
    with answering({"status": "ok"}) as url:
        port = url.removesuffix("/healthz").rpartition(":")[2]
        assert status(WEB=f"tcp:{port}").exit_code == 0


@pytest.mark.parametrize("body", ["<html>", "[]", {"state": "ok"}, {"status": 1}])
def test_whatever_else_answers_is_not_reachable(body: Any) -> None:
    """Status 2, and not a word of theirs."""
    with answering(body) as url:
        result = status("--url", url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "it is no Mailroom" in result.stderr


def test_nobody_there_is_status_2() -> None:
    """With what to do."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        result = status("--url", f"http://127.0.0.1:{silent.getsockname()[1]}/healthz")
    assert result.exit_code == 2
    assert "no answer (Connection refused). Is the service running?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["--url", "mailroom"], {}, "is no URL to ask"),
        (["--url", "http://[bad"], {}, "is no URL to ask"),
        ([], {"WEB": "none"}, "web is none in the settings"),
        ([], {"WEB": "unix:/run/mailroom.sock"}, "say with --url"),
        ([], {"POLL_INTERVAL": "0"}, "poll_interval: '0' is refused"),
    ],
)
def test_where_nobody_can_be_asked_is_status_2(arguments: list[str], settings: dict[str, str], words: str) -> None:
    """In words, on stderr."""
    result = status(*arguments, **settings)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_script_gets_the_report_itself() -> None:
    """As /healthz gives it."""
    with answering({"status": "ok", "version": "\x1b[0m"}) as url:
        assert json.loads(status("--url", url, "--json").stdout) == {"status": "ok", "version": "\x1b[0m"}


def test_it_starts_without_twisted() -> None:
    """Orchestrators ask again and again: what nobody needs for the answer is not imported."""
    command = [sys.executable, "-X", "importtime", "-m", "mailroom", "status", "--url", "http://127.0.0.1:9/healthz"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    imported = {line.rpartition("|")[2].strip() for line in process.stderr.splitlines()}
    assert (process.returncode, "click" in imported, "twisted" in imported) == (2, True, False)


def test_a_name_that_the_service_does_not_answer_to_is_told() -> None:
    """With the names to use."""
    with answering("Ask for localhost.", "421 Misdirected Request") as url:
        result = status("--url", url)
    assert (result.exit_code, "localhost and 127.0.0.1 alone" in result.stderr) == (2, True)


def test_it_says_who_asks() -> None:
    """A proxy in between may want to know."""
    received = bytearray()
    with answering({"status": "ok"}, received=received) as url:
        status("--url", url)
    assert f"User-Agent: Mailroom/{__version__}".encode() in received
