"""The servers as fixtures. Ordinary runs never download: without Cyrus its tests are skipped, and one line says so."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.integration.conversation import Conversation
from tests.integration.cyrus.instance import Cyrus, running_cyrus
from tests.integration.cyrus.tree import CyrusTree, NoCyrus, find
from tests.integration.servers import CyrusAccount, MailServer


@pytest.fixture(scope="session")
def cyrus_tree() -> CyrusTree:
    try:
        return find()
    except NoCyrus as problem:
        if os.environ.get("MAILROOM_REQUIRE_CYRUS") == "1":
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def cyrus(cyrus_tree: CyrusTree) -> Iterator[Cyrus]:
    with running_cyrus(cyrus_tree) as cyrus:
        yield cyrus


@pytest.fixture(scope="session")
def usernames() -> Iterator[str]:
    return (f"user{number}" for number in count(1))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> MailServer:
    """A fresh account on each of the servers in turn."""
    cyrus: Cyrus = request.getfixturevalue("cyrus")
    usernames: Iterator[str] = request.getfixturevalue("usernames")
    return CyrusAccount(cyrus, next(usernames))


@pytest.fixture
def impatient_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A fresh account on servers that end each event stream after two seconds, as others do after five minutes."""
    with running_cyrus(request.getfixturevalue("cyrus_tree"), httptimeout="2s") as cyrus:
        yield CyrusAccount(cyrus, "user")


@pytest.fixture
def jmap(server: MailServer) -> Conversation:
    return Conversation(server)
