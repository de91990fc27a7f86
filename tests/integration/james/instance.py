"""One running James, with a folder and ports of its own."""

import base64
import json
import secrets
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.integration.james.configuration import DOMAIN, LOGGED_WHEN_READY, Ports, files
from tests.integration.james.jars import Jars
from tests.integration.ports import free_ports, wait_until

PATIENCE: Final = 60.0
"""Seconds within which a busy machine has started Java and all of James."""


class JamesFailed(Exception):
    """The server does not do what it is told."""


class James:
    """A server from its start to its end, with which all that it holds is gone. Blocking throughout."""

    def __init__(self, jars: Jars, folder: Path) -> None:
        self._ports = Ports(*free_ports(3))
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        (folder / "conf").mkdir()
        for name, text in self._files().items():
            (folder / "conf" / name).write_text(text)
        log = folder / "log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(jars.command(folder), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_until(lambda: LOGGED_WHEN_READY in log.read_text() or self._process.poll() is not None, PATIENCE)
        if self._process.returncode is not None:
            raise JamesFailed(f"James ended with status {self._process.returncode}: {log.read_text()}")
        self._administer(f"domains/{DOMAIN}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports.jmap}"

    def create_user(self, name: str) -> str:
        """A user, who gets some mailboxes at the first login; the answer is the password."""
        password = secrets.token_urlsafe()
        self._administer(f"users/{name}", {"password": password})
        return password

    def token(self, user: str) -> str:
        """A bearer token of this user's: a JWT signed with the key whose public half the server has (RFC 7519)."""
        now = int(time.time())
        parts = ({"alg": "RS256", "typ": "JWT"}, {"sub": user, "iat": now, "exp": now + 3600})
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return b".".join((signed, _base64url(self._key.sign(signed, PKCS1v15(), SHA256())))).decode()

    def deliver(self, user: str, messages: Sequence[bytes]) -> None:
        """Deliver mail as an MTA does, over LMTP (RFC 2033)."""
        with smtplib.LMTP("127.0.0.1", self._ports.lmtp) as lmtp:
            for message in messages:
                lmtp.rset()  # it remembers the last mail's sender
                lmtp.sendmail("bounces@mta.example", [f"{user}@{DOMAIN}"], message)

    def forget(self, user: str) -> None:
        """Have the user's mail be gone. Some hundred mails of others make it leave writes unanswered for ever."""
        self._administer(f"users/{user}/mailboxes", method="DELETE")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _administer(self, path: str, body: object = None, method: str = "PUT") -> None:
        data = b"" if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self._ports.webadmin}/{path}"
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(url, data, headers, method=method)) as answer:
            answer.read()

    def _files(self) -> dict[str, str]:
        private = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, SHA256())
            .public_bytes(Encoding.PEM)
        )
        return dict(files(self._ports, private.decode(), certificate.decode(), public.decode()))


@contextmanager
def running_james(jars: Jars) -> Iterator[James]:
    """A server in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="james-"))
    try:
        james = James(jars, folder)
        try:
            yield james
        finally:
            james.stop()
    finally:
        shutil.rmtree(folder)


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
