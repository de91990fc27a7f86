"""One running Cyrus, with a folder, ports and a process group of its own."""

import base64
import grp
import hashlib
import hmac
import imaplib
import json
import os
import pwd
import secrets
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypedDict

from tests.integration.cyrus.configuration import ADMIN, FOLDERS, Ports, cyrus_conf, imapd_conf
from tests.integration.cyrus.tree import CyrusTree
from tests.integration.ports import DEADLINE, free_ports, listens, wait_until

"""Seconds within which the server is up, or gone."""
MEMORY_NEEDED = 2**30
"""Octets: far more than the tests fill."""


class CyrusFailed(Exception):
    """The server does not do what it is told."""


class Cyrus:
    """A server that can be stopped, killed and started again: users, mail and ports stay the same.

    Blocking throughout. Deliveries and new users take some ten milliseconds each, so tests may ask for them in the
    reactor's thread.
    """

    def __init__(self, tree: CyrusTree, folder: Path, settings: Mapping[str, str]) -> None:
        self._tree = tree
        self._folder = folder
        self._config = folder / "imapd.conf"
        self._ports = Ports(*free_ports(3))
        self._jwt_key = secrets.token_bytes(32)
        self._user = _unprivileged_user()
        self._admin_password = secrets.token_urlsafe()
        self._master: subprocess.Popen[bytes] | None = None
        self._write_files(settings)
        self._set_password(ADMIN, self._admin_password)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports.http}"

    def start(self) -> None:
        """Start, and return when connections are taken."""
        with (self._folder / "log").open("ab") as log:
            master = self._master = subprocess.Popen(
                self._tree.command("master", "-D", "-C", self._config, "-M", self._folder / "cyrus.conf"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity(),
            )
        wait_until(lambda: all(map(listens, self._ports)) or master.poll() is not None)
        if master.returncode is not None:
            raise CyrusFailed(f"master ended with status {master.returncode}: {(self._folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop as an administrator does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End every process of the server between two instructions, as a crash does."""
        self._end(signal.SIGKILL)

    def create_user(self, name: str) -> str:
        """A user with an empty Inbox; the answer is the password."""
        password = secrets.token_urlsafe()
        self._set_password(name, password)
        with imaplib.IMAP4("127.0.0.1", self._ports.imap) as admin:
            admin.login(ADMIN, self._admin_password)
            status, answer = admin.create(f"user/{name}")
        if status != "OK":
            raise CyrusFailed(f"user {name}: {answer!r}")
        return password

    def token(self, user: str) -> str:
        """A bearer token of this user's: a JWT signed with the key that the server was given (RFC 7519)."""
        parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": int(time.time())})
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
        signature = hmac.digest(self._jwt_key, signed, hashlib.sha256)
        return b".".join((signed, _base64url(signature))).decode()

    def deliver(self, user: str, messages: Sequence[bytes]) -> None:
        """Deliver mail as an MTA does, over LMTP (RFC 2033)."""
        with smtplib.LMTP("127.0.0.1", self._ports.lmtp) as lmtp:
            for message in messages:
                lmtp.sendmail("bounces@mta.example", [user], message)

    def append(self, user: str, password: str, messages: Sequence[bytes]) -> None:
        """Put mail into the user's Inbox at one stroke, as a user does who moves in with it (RFC 3502, RFC 7888)."""
        literals = (b"{%d+}\r\n%s" % (len(message), message) for message in messages)
        with imaplib.IMAP4("127.0.0.1", self._ports.imap) as imap:
            imap.login(user, password)
            imap.send(b"all APPEND INBOX " + b" ".join(literals) + b"\r\n")
            answer = imap.readline()
        if not answer.startswith(b"all OK"):
            raise CyrusFailed(f"append for {user}: {answer!r}")

    def _write_files(self, settings: Mapping[str, str]) -> None:
        for folder in FOLDERS:
            (self._folder / folder).mkdir(parents=True)
        group = grp.getgrgid(self._user.pw_gid).gr_name
        self._config.write_text(imapd_conf(self._folder, self._user.pw_name, group, settings))
        (self._folder / "cyrus.conf").write_text(cyrus_conf(self._tree, self._config, self._ports))
        key = base64.b64encode(self._jwt_key).decode()
        (self._folder / "jwt/key").write_text(f"-----BEGIN HMAC KEY-----\n{key}\n-----END HMAC KEY-----\n")
        for path in (self._folder, *self._folder.rglob("*")):
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _set_password(self, user: str, password: str) -> None:
        subprocess.run(
            self._tree.command("saslpasswd2", "-p", "-c", "-u", "localhost", "-f", self._folder / "sasldb2", user),
            input=password.encode(),
            check=True,
            capture_output=True,
            **self._identity(),
        )

    def _identity(self) -> "_Identity":
        environment = {"CYRUS_USER": self._user.pw_name, "SASL_PATH": str(self._tree.libraries / "sasl2")}
        if os.geteuid() != 0:
            return {"env": environment}
        return {"env": environment, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _end(self, how: signal.Signals) -> None:
        """Signal the whole group, and return when its ports are free again.

        Killing master alone would leave its children with the ports, and master dies before them.
        """
        master, self._master = self._master, None
        if master is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(master.pid, how)
        master.wait(DEADLINE)
        wait_until(lambda: not any(map(listens, self._ports)))


class _Identity(TypedDict, total=False):
    env: dict[str, str]
    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def running_cyrus(tree: CyrusTree, **settings: str) -> Iterator[Cyrus]:
    """A server in a folder that goes with it. `settings` are lines for imapd.conf.

    The folder is not one of pytest's: those are closed to other users, and too deep for the path of a socket.
    """
    folder = Path(tempfile.mkdtemp(prefix="cyrus-", dir=_memory()))
    try:
        cyrus = Cyrus(tree, folder, settings)
        try:
            cyrus.start()
            yield cyrus
        finally:
            cyrus.kill()
    finally:
        shutil.rmtree(folder)


def _memory() -> Path | None:
    """A folder in memory, where there is one with room: on a disk, each mail waits until it is safe there."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder inside it gets a name of its own
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_NEEDED else None


def _unprivileged_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
