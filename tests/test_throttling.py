"""What a server puts off because it has been asked for too much: told in many ways, and left alone for all alike."""

import math
from typing import ClassVar, Literal

from twisted.logger import LogLevel, capturedLogs, formatEvent

from mailroom.contacts.address_variants import contact_uid
from mailroom.sandbox.faults import Answer, Fault, MethodFault, ObjectFault
from tests.test_service import MINUTE, ServiceTestCase

PUT_OFF: tuple[Fault, ...] = (
    ObjectFault("Email/set", kind="rateLimit"),
    ObjectFault("ContactCard/set", kind="rateLimit"),
    ObjectFault("Email/set", kind="urn:ietf:params:jmap:error:rateLimit"),
    MethodFault("Email/set", "rateLimit"),
    MethodFault("ContactCard/set", "serverUnavailable"),
    MethodFault("Email/query", "limit"),
    Answer(429, path="/jmap/api"),
    Answer(400, body=b'{"type": "urn:ietf:params:jmap:error:limit", "limit": "rate"}', path="/jmap/api"),
)
CARDS = "/dav/addressbooks/user/sandbox/Default/"


class ThrottledTestCase(ServiceTestCase):
    """A service that has polled, and two mails of strangers."""

    def setUp(self) -> None:
        super().setUp()
        self.mails = [self.deliver(f"{name}@example.com") for name in ("ann", "bob")]
        self.settle()

    def tap_while(self, *faults: Fault, seconds: float = 30, times: float = math.inf) -> int:
        """Tap both mails, and see for so long how many polls come while the server puts things off."""
        self.order(*faults, times=times)
        before = self.service.polls.poll_count
        for mail in self.mails:
            self.tap(mail)
        self.live(seconds)
        return self.service.polls.poll_count - before

    def assert_worked_off_within(self, seconds: float) -> None:
        self.order()
        self.live(seconds)
        self.assert_where(self.mails, {"Feed"})


class ObjectsPutOffTests(ThrottledTestCase):
    """Where the server refuses an object for now, its label stays, the rest is done, and polls come as after a 429."""

    def test_backed_off_like_429(self) -> None:
        """The next polls come after 2, 4, 8 seconds and so on, whatever was put off, and by which method."""
        for number, fault in enumerate(PUT_OFF):
            with self.subTest(fault=fault):
                self.mails = [self.deliver(f"{name}{number}@example.com") for name in ("ann", "bob")]
                self.live(2 * MINUTE)
                assert self.tap_while(fault) in {4, 5}
                assert not any(self.where(mail) == {"Feed"} for mail in self.mails)
                self.assert_worked_off_within(40)

    def test_news_do_not_shorten_the_wait(self) -> None:
        """Taps that come meanwhile wait like those before them."""
        self.tap_while(ObjectFault("Email/set", kind="rateLimit"), seconds=20)
        before = self.service.polls.poll_count
        for number in range(10):
            self.tap(self.deliver(f"sender{number}@example.com"))
            self.live(0.5)
        assert self.service.polls.poll_count - before <= 1

    def test_what_succeeds_is_kept(self) -> None:
        """A sender whose mail was put off waits, and nobody else does."""
        ann, bob = self.mails
        self.tap_while(ObjectFault("Email/set", ann, kind="rateLimit"), seconds=1)
        assert (self.where(ann), self.where(bob)) == ({"Screener", "@ToFeed"}, {"Feed"})
        self.assert_worked_off_within(40)
        assert self.members("Feed") == {"ann@example.com", "bob@example.com"}

    def test_it_is_nobodys_fault(self) -> None:
        """The log says that it passes, and no setting to check; the mail gets no error label."""
        with capturedLogs() as events:
            self.tap_while(ObjectFault("ContactCard/set", kind="rateLimit"))
        told = [formatEvent(event) for event in events if event["log_level"] >= LogLevel.warn]
        assert told
        assert all("passes by itself" in each and "Check" not in each for each in told)
        assert not any("@MailroomError" in self.where(mail) for mail in self.mails)

    def test_success_starts_the_delays_over(self) -> None:
        """Once a poll came through, the next tap is acted on at once."""
        self.tap_while(ObjectFault("Email/set", kind="rateLimit"))
        self.assert_worked_off_within(40)
        mail = self.tap(self.deliver("cid@example.com"))
        self.live(1)
        assert self.where(mail) == {"Feed"}


class CardsPutOffTests(ThrottledTestCase):
    """Over CardDAV it is the status of a single card that says so."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_backed_off_like_429(self) -> None:
        """A 429 or 503 for every card leaves all labels on."""
        for number, status in enumerate((429, 503)):
            with self.subTest(status=status):
                self.mails = [self.deliver(f"{name}{number}@example.com") for name in ("ann", "bob")]
                self.live(2 * MINUTE)
                assert self.tap_while(Answer(status, path=CARDS)) in {4, 5}
                assert not any(self.where(mail) == {"Feed"} for mail in self.mails)
                self.assert_worked_off_within(40)

    def test_what_succeeds_is_kept(self) -> None:
        """One card's 503 keeps its own sender's label, and nobody else's."""
        ann, bob = self.mails
        self.tap_while(Answer(503, path=f"{CARDS}{contact_uid('ann@example.com')}"), seconds=1)
        assert (self.where(ann), self.where(bob)) == ({"Screener", "@ToFeed"}, {"Feed"})
        self.assert_worked_off_within(40)
        assert self.members("Feed") == {"ann@example.com", "bob@example.com"}

    def test_retry_after(self) -> None:
        """The time that the server asks for is kept by polls of the interval too."""
        self.tap_while(Answer(503, {"Retry-After": "300"}, path=f"{CARDS}{contact_uid('ann@example.com')}"), seconds=1)
        self.order()
        before = len(self.sandbox.received)
        self.live(280)
        assert len(self.sandbox.received) == before
        self.assert_worked_off_within(30)


class LoginPutOffTests(ThrottledTestCase):
    """A login that was good may be refused for having come too often: it is tried again as after a 429."""

    def test_backed_off_like_429(self) -> None:
        """Polls come after 2, 4, 8 seconds and so on, and not only after a minute."""
        assert self.tap_while(Answer(401, path="/jmap/api")) >= 4
        self.assert_worked_off_within(40)

    def test_both_reasons_are_told(self) -> None:
        """Nobody can tell a server that counts logins from a password that has been changed."""
        self.tap_while(Answer(401, path="/jmap/api"))
        error = str(self.service.polls.last_poll_error)
        assert "passes by itself" in error
        assert "jmap_password" in error

    def test_a_login_that_stays_refused(self) -> None:
        """In the long run it is tried no oftener than once a minute."""
        self.tap_while(Answer(401, path="/jmap/api"), seconds=5 * MINUTE)
        before = self.service.polls.poll_count
        self.live(60 * MINUTE)
        assert 50 <= self.service.polls.poll_count - before <= 60


class CardLoginPutOffTests(ThrottledTestCase):
    """So may the login at a CardDAV server be, in the middle of a triage."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_after_success(self) -> None:
        """Both reasons are told, and what was left is done when the server lets in again."""
        assert self.tap_while(Answer(401, path=CARDS)) in {4, 5}
        error = str(self.service.polls.last_poll_error)
        assert "passes by itself" in error
        assert "carddav_password" in error
        self.assert_worked_off_within(40)
