"""A sandbox behind TLS, as a process of its own, which can be frozen: `python -m tests.integration.service_tls FOLDER`.

The folder gets the certificate that a client has to trust.
"""

import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from twisted.internet.ssl import PrivateCertificate
from twisted.web.server import Site

from mailroom.sandbox import Sandbox
from tests.integration.real_time import reactor

CERTIFICATE: Final = "certificate.pem"
_ADDRESS: Final = "127.0.0.1"


def self_signed() -> bytes:
    """A certificate for the loopback address, and its key, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ADDRESS)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(_ADDRESS))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private


def main(folder: Path) -> None:
    """Serve until the end, and say where."""
    pair = PrivateCertificate.loadPEM(self_signed())
    (folder / CERTIFICATE).write_bytes(pair.dumpPEM())
    sandbox = Sandbox(reactor)
    port = reactor.listenSSL(0, Site(sandbox.resource), pair.options(), interface=_ADDRESS)
    click.echo(f"listening on {port.getHost().port}")
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
