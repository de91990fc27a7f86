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


@pytest.mark.parametrize("carddav_url", ["mail.example", None, "https://mail.example:8443/radicale/"])
def test_contacts_at_the_same_host(carddav_url: str | None) -> None:
    """A host is no proof: without one the addresses decide, with one the groups do."""
    choice = chosen(CYRUS, contacts=False, carddav_url=carddav_url)
    settings = SandboxSettings(carddav_url=carddav_url)
    assert (choice.unproven, choice.knows_contacts) == (True, False)
    proven, unproven = (choice.settled(settings, proven=proven, has_groups=True) for proven in (True, False))
    assert (proven.mode, proven.looks_into_groups) == (Mode.GROUPS, True)
    assert (unproven.mode, unproven.knows_contacts) == (Mode.ADDRESSES, False)


def test_contacts_elsewhere() -> None:
    """A mail server that does not have the contacts would find nobody in any group, and screen everybody."""
    choice = chosen(CYRUS, contacts=False, carddav_url="contacts.example")
    assert (choice.mode, choice.unproven, choice.knows_contacts) == (Mode.ADDRESSES, False, False)


def test_addresses_need_the_proof_too() -> None:
    """A script with addresses asks the server for its contacts as well, if it has them."""
    choice = chosen(CYRUS, contacts=False, routing="addresses")
    assert [
        choice.settled(SandboxSettings(routing="addresses"), proven=proven, has_groups=True).knows_contacts
        for proven in (True, False)
    ] == [True, False]


def test_contacts_in_another_account() -> None:
    """Its groups are not looked into when mail for this one is delivered."""
    assert chosen(CYRUS, accounts={CONTACTS: "family"}).mode is Mode.ADDRESSES


def test_sieve_of_another_account() -> None:
    """A script there would file somebody else's mail."""
    choice = chosen(CYRUS, accounts={SIEVE: "family"})
    assert (choice.mode, bool(choice.reason)) == (Mode.NONE, True)


def test_groups_can_be_insisted_on() -> None:
    """Two names may be one server: what counts is the proof, and where there is none, mail does not go astray."""
    settings = SandboxSettings(carddav_url="dav.mail.example", routing="groups")
    choice = chosen(CYRUS, contacts=False, carddav_url="dav.mail.example", routing="groups")
    assert choice.settled(settings, proven=True, has_groups=True).looks_into_groups
    refused = choice.settled(settings, proven=False, has_groups=True)
    assert (refused.mode, "Set routing to auto" in str(refused.reason)) == (Mode.NONE, True)


def test_groups_that_are_still_to_be_made_prove_nothing() -> None:
    """Setup makes them first; until then nobody is looked for in them."""
    settings = SandboxSettings(routing="groups")
    choice = chosen(CYRUS, contacts=False, routing="groups").settled(settings, proven=False, has_groups=False)
    assert (choice.mode, choice.looks_into_groups) == (Mode.GROUPS, False)


@pytest.mark.parametrize(
    ("stated", "limit", "has_books"), [(CYRUS, 32768, True), (PLAIN, None, False), ({"externalLists": 3}, None, False)]
)
def test_offer(stated: dict[str, Any], limit: int | None, has_books: bool) -> None:  # noqa: FBT001 - a column of the table
    """What a server states counts; what it does not state, or states wrongly, it does not have."""
    capability = SieveCapability.parse(stated)
    assert (capability.max_size_script, capability.has_address_books) == (limit, has_books)
