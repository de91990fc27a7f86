"""The servers as fixtures. Ordinary runs never download: without Cyrus its tests are skipped, and one line says so."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from mailroom.sandbox import SandboxOptions
from mailroom.sandbox.options import SieveOptions
from tests.integration.conversation import Conversation
from tests.integration.cyrus.instance import Cyrus, running_cyrus
from tests.integration.cyrus.tree import CyrusTree, NoCyrus
from tests.integration.cyrus.tree import find as find_cyrus
from tests.integration.james.instance import James, running_james
from tests.integration.james.jars import NoJames
from tests.integration.james.jars import find as find_james
from tests.integration.james.lacking import what_james_lacks
from tests.integration.radicale import Radicale, RadicaleAccount, running_radicale
from tests.integration.real_time import finish
from tests.integration.servers import CyrusAccount, JamesAccount, Login, MailServer, SandboxAccount
from tests.integration.service import settings_for
from tests.integration.service_faults import PushFilter
from tests.integration.service_user import User

SANDBOX_AND_CYRUS = ["sandbox", pytest.param("cyrus", marks=pytest.mark.cyrus)]
SERVERS = [*SANDBOX_AND_CYRUS, pytest.param("james", marks=pytest.mark.james)]
LIKE_CYRUS = SandboxOptions(
    relative_urls=True,
    contacts="carddav",
    sieve=SieveOptions(group_filter="fromContactGroupId"),
    index_lag=0.05,
    push_delay=0.1,
)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Pass over what needs a server that is not there. pytest folds skips from one place into one line."""
    if item.get_closest_marker("cyrus") is not None:
        _need("CYRUS", find_cyrus)
    if item.get_closest_marker("james") is not None:
        if os.environ.get("MAILROOM_REQUIRE_JAMES") != "1":
            pytest.skip("James leaves some writes and pushes unanswered: MAILROOM_REQUIRE_JAMES=1 has its tests run")
        _need("JAMES", find_james)


def _need(name: str, find: Callable[[], object]) -> None:
    try:
        find()
    except (NoCyrus, NoJames) as problem:
        if os.environ.get(f"MAILROOM_REQUIRE_{name}") == "1":
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(str(problem))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on James what it lacks, by one line for each thing."""
    for item in items:
        if item.get_closest_marker("james") is not None and (lacking := what_james_lacks(item.nodeid)):
            item.add_marker(pytest.mark.skip(reason=f"James: {lacking}"))


@pytest.fixture(scope="session")
def cyrus_tree() -> CyrusTree:
    return find_cyrus()


@pytest.fixture(scope="session")
def cyrus(cyrus_tree: CyrusTree) -> Iterator[Cyrus]:
    with running_cyrus(cyrus_tree) as cyrus:
        yield cyrus


@pytest.fixture(scope="session")
def james() -> Iterator[James]:
    with running_james(find_james()) as james:
        yield james


@pytest.fixture(scope="session")
def usernames() -> Iterator[str]:
    return (f"user{number}" for number in count(1))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A fresh account on each of the servers in turn."""
    yield from _fresh_account(request)


@pytest.fixture(scope="module", params=SERVERS)
def lasting_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """The same, for all tests of a module: for those that only look at what has happened there."""
    yield from _fresh_account(request)


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    with running_radicale() as radicale:
        yield radicale


@pytest.fixture(params=[*SANDBOX_AND_CYRUS, "radicale"])
def carddav_server(request: pytest.FixtureRequest) -> Iterator[Login]:
    """A fresh user with an address book on each of the servers in turn, also on one that has no mail."""
    if request.param == "radicale":
        yield RadicaleAccount(request.getfixturevalue("radicale"), next(request.getfixturevalue("usernames")))
    else:
        yield from _fresh_account(request)


@pytest.fixture(params=SANDBOX_AND_CYRUS)
def impatient_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A fresh account on servers that end each event stream after a second, as others do after five minutes."""
    if request.param == "cyrus":
        with running_cyrus(request.getfixturevalue("cyrus_tree"), httptimeout="1s") as cyrus:
            yield CyrusAccount(cyrus, "user")
    else:
        yield from _sandbox(replace(LIKE_CYRUS, stream_lifetime=1.0))


@pytest.fixture(params=SANDBOX_AND_CYRUS)
def pushless_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A fresh account on servers whose administrators have turned push off."""
    if request.param == "cyrus":
        with running_cyrus(request.getfixturevalue("cyrus_tree"), jmap_pushpoll="0") as cyrus:
            yield CyrusAccount(cyrus, "user")
    else:
        yield from _sandbox(replace(LIKE_CYRUS, push=False))


@pytest.fixture(params=SANDBOX_AND_CYRUS)
def slow_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A fresh account on servers that look for what to announce once a minute."""
    if request.param == "cyrus":
        with running_cyrus(request.getfixturevalue("cyrus_tree"), jmap_pushpoll="60s") as cyrus:
            yield CyrusAccount(cyrus, "user")
    else:
        yield from _sandbox(replace(LIKE_CYRUS, push_delay=60.0))


@pytest.fixture
def jmap(server: Login) -> Conversation:
    return Conversation(server)


@pytest.fixture
def user(server: MailServer) -> User:
    """The user of an account that has all that the service asks for."""
    return finish(User(server, settings_for(server)).furnish())


@pytest.fixture
def push_filter(server: MailServer) -> Iterator[PushFilter]:
    push_filter = PushFilter(server)
    yield push_filter
    finish(push_filter.stop())


def _fresh_account(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    username = next(request.getfixturevalue("usernames"))
    if request.param == "cyrus":
        yield CyrusAccount(request.getfixturevalue("cyrus"), username)
    elif request.param == "james":
        contacts = RadicaleAccount(request.getfixturevalue("radicale"), username)
        james: James = request.getfixturevalue("james")
        yield JamesAccount(james, username, contacts)
        james.forget(username)
    else:
        yield from _sandbox(LIKE_CYRUS)


def _sandbox(options: SandboxOptions) -> Iterator[MailServer]:
    account = SandboxAccount(options)
    yield account
    finish(account.kill())
