"""What fails for what a session says is tried again with another one: nothing waits for a restart."""

from collections.abc import Callable
from typing import Any, ClassVar

from twisted.application.service import MultiService
from twisted.internet.task import Clock

from mailroom.jmap.session import CONTACTS, CORE, MAIL
from mailroom.sandbox.web.session import API_PATH
from mailroom.service import AccountService
from tests.altering import AlteringAgent, alter_json
from tests.furnished import FurnishedTestCase

Session = dict[str, Any]
Alteration = Callable[[Session], Session]

ANOTHER_ORIGIN = "https://other.example/"


def lacking(capability: str) -> Alteration:
    def alter(session: Session) -> Session:
        for where in (session["capabilities"], session["primaryAccounts"]):
            where.pop(capability)
        for account in session["accounts"].values():
            account["accountCapabilities"].pop(capability)
        return session

    return alter


def limited(name: str, limit: Any) -> Alteration:
    def alter(session: Session) -> Session:
        session["capabilities"][CORE][name] = limit
        return session

    return alter


def saying(**members: Any) -> Alteration:
    return lambda session: session | members


class DoubtedSessionTestCase(FurnishedTestCase):
    """A service whose server says another session than it means."""

    settings: ClassVar[dict[str, Any]] = {}

    def setUp(self) -> None:
        super().setUp()
        self.asked: list[float] = []
        self.agent: AlteringAgent = AlteringAgent(self.agent)  # type: ignore[assignment]  # it takes its place
        self.says(lambda session: session)
        self.service = AccountService(self.configured, self.clock, self.agent, self.agent, uniform=max)
        self.addCleanup(lambda: MultiService.stopService(self.service))

    def says(self, alteration: Alteration) -> None:
        def alter(_url: str, document: dict[str, Any]) -> Any:
            if "apiUrl" not in document:
                return document
            self.asked.append(self.clock.seconds())
            return alteration(document)

        self.agent.alter = alter_json(alter)

    def start(self) -> None:
        MultiService.startService(self.service)

    def live(self, seconds: float) -> None:
        live(self.clock, self.agent, seconds)


def live(clock: Clock, agent: AlteringAgent, seconds: float) -> None:
    """Let time pass, from one thing that happens to the next."""
    end = clock.seconds() + seconds
    while clock.seconds() < end:
        coming = min((call.getTime() for call in clock.getDelayedCalls()), default=end)
        clock.advance(max(0.0, min(coming, end) - clock.seconds()))
        agent.flush()


class AtStartTests(DoubtedSessionTestCase):
    """The first session cannot be used; minutes later there is another one."""

    def assert_goes_on(self, alteration: Alteration) -> None:
        mail = self.tap(self.deliver())
        self.says(alteration)
        self.start()
        self.live(300)
        assert self.where(mail) == {"Screener", "@ToFeed"}
        self.says(lambda session: session)
        self.live(60)
        assert self.where(mail) == {"Feed"}
        assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted

    def test_no_contacts(self) -> None:
        """Contacts that a login had not, and now has, are used within a minute."""
        self.assert_goes_on(lacking(CONTACTS))

    def test_no_mail(self) -> None:
        """So is mail."""
        self.assert_goes_on(lacking(MAIL))

    def test_no_accounts(self) -> None:
        """A session without accounts is not the last one."""
        self.assert_goes_on(saying(accounts={}))

    def test_no_primary_accounts(self) -> None:
        """Nor is one without primary accounts, or with another thing in their place."""
        self.assert_goes_on(saying(primaryAccounts=["sandbox"]))

    def test_another_account(self) -> None:
        """An account that the server then does not know is looked up again."""

        def alter(session: Session) -> Session:
            (account,) = session["accounts"].values()
            return session | {
                "accounts": {"nobody": account},
                "primaryAccounts": dict.fromkeys(session["primaryAccounts"], "nobody"),
            }

        self.assert_goes_on(alter)

    def test_no_request_is_small_enough(self) -> None:
        """A limit by which nothing can be sent is not kept to for ever."""
        self.assert_goes_on(limited("maxSizeRequest", 10))

    def test_no_call_is_allowed(self) -> None:
        """A query with its get is two calls: a request that may have one has to be allowed more some time."""
        self.assert_goes_on(limited("maxCallsInRequest", 1))

    def test_api_elsewhere(self) -> None:
        """A URL at which nothing is, or which is none, is asked for again."""
        self.assert_goes_on(saying(apiUrl="/nowhere"))

    def test_api_nowhere(self) -> None:
        """A URL that cannot be used at all is no reason to give up either."""
        self.assert_goes_on(saying(apiUrl="http://sandbox.example/jmap/api"))

    def test_no_url(self) -> None:
        """Nor is one of another type."""
        self.assert_goes_on(saying(apiUrl=None))


class LimitTests(DoubtedSessionTestCase):
    """Limits that nobody could keep to."""

    def test_absurd_limits(self) -> None:
        """Limits that are none, or no bound, hold nothing up."""
        limits: tuple[Any, ...] = (0, -1, "500", None, [], True, 1e18, 10**18, 10**40)
        for limit in limits:
            mail = self.tap(self.deliver())
            self.says(limited("maxObjectsInGet", limit))
            self.start()
            self.live(10)
            MultiService.stopService(self.service)
            assert self.where(mail) == {"Feed"}, limit


class OnRefetchTests(DoubtedSessionTestCase):
    """A session that was good is followed by one that lacks something, once."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.live(120)
        self.asked.clear()

    def refetch(self, alteration: Alteration) -> None:
        """Have the session fetched anew, with the same state before and after the alteration."""
        self.says(alteration)
        self.sandbox.change_session()
        self.live(70)
        self.says(lambda session: session)

    def test_contacts_come_back(self) -> None:
        """Contacts that a session lacks once are back within a minute, though its state says nothing of it."""
        self.refetch(lacking(CONTACTS))
        mail = self.tap(self.deliver())
        self.live(65)
        assert self.where(mail) == {"Feed"}

    def test_what_is_not_missed_at_once_comes_back(self) -> None:
        """Nor is a capability given up of which no poll fails to say that it is missing."""
        self.refetch(lacking("urn:ietf:params:jmap:sieve"))
        self.live(65)
        assert self.asked[-1] > self.clock.seconds() - 65

    def test_pace(self) -> None:
        """As long as something is missing the session is looked at again, and not more often than every 20 s."""
        self.refetch(lacking(CONTACTS))
        self.asked.clear()
        self.says(lacking(CONTACTS))
        for _ in range(100):
            self.deliver()
            self.live(3)
        assert 3 <= len(self.asked) <= 16
        assert min(later - earlier for earlier, later in zip(self.asked, self.asked[1:], strict=False)) >= 20

    def test_nothing_missing(self) -> None:
        """A session that has everything is not looked at again."""
        self.live(600)
        assert self.asked == []

    def test_api_down_elsewhere(self) -> None:
        """A server that moved away is found again though the old URL answers that it is down."""
        self.refetch(saying(apiUrl=f"{ANOTHER_ORIGIN}{API_PATH}"))
        mail = self.tap(self.deliver())
        self.live(65)
        assert self.where(mail) == {"Feed"}
