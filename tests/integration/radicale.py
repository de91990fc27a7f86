"""Radicale as a second CardDAV server: a program of its own that knows nothing of anybody's mail."""

import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailroom.contacts.carddav.webdav import WebDav
from tests.integration.conversation import login, transport
from tests.integration.ports import free_ports, listens, wait_until
from tests.integration.real_time import finish


class Radicale:
    """A server on a port of loopback, whose users and cards are in a folder."""

    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self._users = folder / "users"
        self._users.touch()
        options = {
            "server-hosts": f"127.0.0.1:{self._port}",
            "storage-filesystem-folder": folder / "cards",
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": self._users,
            "auth-htpasswd-encryption": "plain",
            "auth-delay": 0,
        }
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "radicale", "--config", "", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: listens(self._port))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def create_user(self, name: str) -> str:
        """A user without any address book; the answer is the password."""
        password = secrets.token_urlsafe()
        with self._users.open("a") as users:
            users.write(f"{name}:{password}\n")
        return password

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class RadicaleAccount:
    """A new user of a Radicale, with an empty address book: a `Login` for CardDAV alone."""

    def __init__(self, radicale: Radicale, username: str) -> None:
        self.url = radicale.url
        self.username = username
        self.password = radicale.create_user(username)
        finish(self._make_address_book())

    async def _make_address_book(self) -> None:
        dav = WebDav(transport(), self.url, login(self.username, self.password))
        await dav.make_address_book(f"{self.url}/{self.username}/Default/", "Contacts")


@contextmanager
def running_radicale() -> Iterator[Radicale]:
    """A server in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="radicale-"))
    try:
        radicale = Radicale(folder)
        try:
            yield radicale
        finally:
            radicale.stop()
    finally:
        shutil.rmtree(folder)
