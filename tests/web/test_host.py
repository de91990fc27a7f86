"""Hosts that a request may name, and those that a page of somebody else's would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.web.host import is_loopback, named_host


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("localhost.:8080", "localhost"),
        ("localhost:", "localhost"),
        ("127.0.0.1:65535", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("mail_room.internal", "mail_room.internal"),
    ],
)
def test_the_host_is_told_without_its_port(value: str, host: str) -> None:
    """However it is written."""
    assert named_host([value]) == host


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["localhost", "localhost"],
        ["x/../..:999"],
        ["localhost:65536"],
        ["localhost:80:80"],
        ["localhost:a"],
        ["::1"],
        ["[::1"],
        ["[localhost]"],
        ["user@localhost"],
        ["local host"],
        ["localhost, evil.example"],
        ["a..b"],
        ["."],
        ["a" * 64],
        ["a." * 127 + "a"],
        ["l\N{LATIN SMALL LETTER O WITH DIAERESIS}calhost"],
        ["localho\N{LATIN SMALL LETTER LONG S}t"],
    ],
)
def test_what_names_no_host_is_none(values: list[str]) -> None:
    """Or several: a request names one."""
    assert named_host(values) is None


@given(st.lists(st.text(), max_size=2))
def test_whatever_stands_there_is_looked_at(values: list[str]) -> None:
    """Without an error, and a host that is told consists of letters, digits and few signs."""
    host = named_host(values)
    assert host is None or host.isascii()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_known(host: str) -> None:
    """By every address that never leaves it."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "a.localhost",
        "255.255.255.255",
        "192.168.1.1",
        "::",
    ],
)
def test_what_a_dns_server_may_tell_is_not_this_machine(host: str) -> None:
    """And neither is an address that others have."""
    assert not is_loopback(host)
