"""Where /healthz is to be found."""

import pytest

from mailroom.core.config import MailroomSettings
from mailroom.web.health_client import health_url


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (MailroomSettings.model_fields["web"].default, "http://127.0.0.1:8080/healthz"),
        ("tcp:8080", "http://127.0.0.1:8080/healthz"),
        ("tcp:port=8081:interface=10.0.0.7", "http://10.0.0.7:8081/healthz"),
        ("tcp:8080:interface=0.0.0.0", "http://127.0.0.1:8080/healthz"),
        ("tcp:interface=127.0.0.1:port=80", "http://127.0.0.1:80/healthz"),
        ("tcp6:8080", "http://[::1]:8080/healthz"),
        (r"tcp6:8080:interface=\:\:", "http://[::1]:8080/healthz"),
        (r"tcp6:8080:interface=fe80\:\:1", "http://[fe80::1]:8080/healthz"),
        ("ssl:8443:privateKey=key.pem", "https://127.0.0.1:8443/healthz"),
    ],
)
def test_an_endpoint_leads_to_a_url(endpoint: str, url: str) -> None:
    """On this machine, unless the endpoint names another of its addresses."""
    assert health_url(endpoint) == url


@pytest.mark.parametrize("endpoint", ["", "unix:/run/mailroom.sock", "systemd:domain=INET:index=0", "tcp:http", "tcp:"])
def test_an_endpoint_may_have_no_url(endpoint: str) -> None:
    """Nothing is guessed then."""
    assert health_url(endpoint) is None
