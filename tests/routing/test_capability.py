"""Which way of routing is chosen."""

from typing import Any

import pytest

from mailroom.jmap.session import CONTACTS, CORE, MAIL, SIEVE, parse_session
from mailroom.routing.capability import Choice, Mode, SieveCapability, choose_mode
from mailroom.sandbox.settings import SandboxSettings

CYRUS = {
    "maxSizeScript": 32768,
    "sieveExtensions": ["fileinto", "vnd.cyrus.jmapquery", "extlists"],
    "externalLists": ["urn:ietf:params:sieve:addrbook"],
}
PLAIN = {"maxSizeScript": None, "sieveExtensions": ["fileinto"], "externalLists": None}


def chosen(
    sieve: dict[str, Any] | None, *, contacts: bool = True, accounts: dict[str, str] | None = None, **settings: Any
) -> Choice:
    """For an account with this Sieve, and contacts over JMAP or not. `accounts` are in place of the primary ones."""
    offered: dict[str, Any] = {MAIL: {}} | ({CONTACTS: {}} if contacts else {})
    offered |= {} if sieve is None else {SIEVE: sieve}
    document = {
        "apiUrl": "/api",
        "capabilities": {CORE: {}, **{name: {} for name in offered}},
        "accounts": {name: {"name": name, "accountCapabilities": offered} for name in ("ann", "family")},
        "primaryAccounts": dict.fromkeys(offered, "ann") | (accounts or {}),
    }
    session = parse_session(document, "https://mail.example/jmap/session")
    return choose_mode(SandboxSettings(**settings), session)


@pytest.mark.parametrize(
    ("sieve", "routing", "mode"),
    [
        (CYRUS, "auto", Mode.GROUPS),
        (CYRUS, "addresses", Mode.ADDRESSES),
        (CYRUS, "none", Mode.NONE),
        (PLAIN, "auto", Mode.ADDRESSES),
        (PLAIN, "groups", Mode.NONE),
        (None, "auto", Mode.NONE),
        ({"sieveExtensions": ["include"]}, "auto", Mode.NONE),
        ({}, "auto", Mode.NONE),
    ],
)
def test_modes(sieve: dict[str, Any] | None, routing: str, mode: Mode) -> None:
    """Groups where the server can look into them, else addresses, and nothing without Sieve that files."""
    assert chosen(sieve, routing=routing).mode is mode


@pytest.mark.parametrize("sieve", [None, PLAIN, {}])
def test_none_has_a_reason(sieve: dict[str, Any] | None) -> None:
    """Nobody is left wondering why nothing is routed."""
    choice = chosen(sieve, routing="groups")
    assert (choice.mode, bool(choice.reason)) == (Mode.NONE, True)


@pytest.mark.parametrize(
    ("carddav_url", "mode"),
    [("mail.example", Mode.GROUPS), (None, Mode.GROUPS), ("contacts.example", Mode.ADDRESSES)],
)
def test_contacts_elsewhere(carddav_url: str | None, mode: Mode) -> None:
    """A mail server that does not have the contacts would find nobody in any group, and screen everybody."""
    assert chosen(CYRUS, contacts=False, carddav_url=carddav_url).mode is mode


def test_contacts_in_another_account() -> None:
    """Its groups are not looked into when mail for this one is delivered."""
    assert chosen(CYRUS, accounts={CONTACTS: "family"}).mode is Mode.ADDRESSES


def test_sieve_of_another_account() -> None:
    """A script there would file somebody else's mail."""
    choice = chosen(CYRUS, accounts={SIEVE: "family"})
    assert (choice.mode, bool(choice.reason)) == (Mode.NONE, True)


def test_groups_can_be_insisted_on() -> None:
    """Two names may be one server, which only its user knows."""
    assert chosen(CYRUS, contacts=False, carddav_url="dav.mail.example", routing="groups").mode is Mode.GROUPS


@pytest.mark.parametrize(
    ("stated", "limit", "has_books"), [(CYRUS, 32768, True), (PLAIN, None, False), ({"externalLists": 3}, None, False)]
)
def test_offer(stated: dict[str, Any], limit: int | None, has_books: bool) -> None:  # noqa: FBT001 - a column of the table
    """What a server states counts; what it does not state, or states wrongly, it does not have."""
    capability = SieveCapability.parse(stated)
    assert (capability.max_size_script, capability.has_address_books) == (limit, has_books)
