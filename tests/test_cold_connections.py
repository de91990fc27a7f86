"""What a tap waits for on a line that is far away: round trips, those that open connections among them."""

from typing import ClassVar, Literal

from mailroom.polling.report import Trigger
from mailroom.service import AccountService
from tests.http.slow_network import SlowNetwork
from tests.test_service import HOUR, ServiceTestCase

MAIL_HOST = "mail.example"
POLLS_AN_HOUR = 60


class FarAwayTestCase(ServiceTestCase):
    """A service whose requests go over a slow network: each connection costs two round trips before the first one.

    The address book, if it speaks CardDAV, is at `cards_host`.
    """

    NETWORK_ROUND_TRIP = 0.1
    cards_host: ClassVar[str] = "cards.example"

    def setUp(self) -> None:
        super().setUp()
        self.mails = [self.deliver(f"{name}@example.com") for name in ("ann", "bob", "cid")]
        self.settle()

    def new_service(self) -> AccountService:
        self.sandbox.faults.clear()
        self.network = SlowNetwork(self.clock, self.sandbox.resource, self.NETWORK_ROUND_TRIP)
        hosts = {"jmap_url": f"http://{MAIL_HOST}/.well-known/jmap", "carddav_url": f"http://{self.cards_host}/"}
        settings = self.configured.model_copy(update=hosts)
        return AccountService(settings, self.clock, self.network.agent, self.agent, uniform=max)

    def round_trips(self, *mails: str) -> int:
        """How many round trips pass from taps on these mails until the answer says that the labels are off."""
        half = self.NETWORK_ROUND_TRIP / 2
        tapped = self.clock.seconds()
        for mail in mails:
            self.tap(mail)
        while any("@ToFeed" in self.where(mail) for mail in mails):
            self.live(half)
        trips = round((self.clock.seconds() + half - tapped) / self.NETWORK_ROUND_TRIP)
        self.assert_where(mails, {"Feed"})
        self.live(3)
        return trips


class CardDavOnAHostOfItsOwnTests(FarAwayTestCase):
    """A tap takes four round trips while connections are open, and five after an hour in which CardDAV had no use."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_warm(self) -> None:
        """Just after another tap."""
        self.round_trips(self.mails[0])
        assert self.round_trips(self.mails[1]) == 4

    def test_after_an_hour_of_idleness(self) -> None:
        """The polls of the interval have kept the mail server's connection; CardDAV's are opened beside the scan."""
        self.live(HOUR)
        assert self.round_trips(self.mails[1]) == 5

    def test_after_the_server_has_closed_every_connection(self) -> None:
        """Where the scan needs a new connection too, all are opened at the same time: two round trips more."""
        self.live(HOUR)
        self.network.close_all()
        assert self.round_trips(self.mails[1]) == 6

    def test_several_senders_after_an_hour(self) -> None:
        """As many as write at the same time cost no more than one."""
        self.live(HOUR)
        assert self.round_trips(*self.mails) == 5

    def test_a_poll_without_news_stays_one_request(self) -> None:
        """Polls of the interval open nothing at the address book, and ask it nothing."""
        self.live(300)
        before, connections = len(self.sandbox.received), len(self.network.hosts)
        self.live(HOUR)
        assert self.polls[Trigger.SCHEDULED] >= POLLS_AN_HOUR
        assert len(self.sandbox.received) - before == POLLS_AN_HOUR
        assert self.network.hosts[connections:] == []

    def test_a_push_without_a_tap_stays_one_request(self) -> None:
        """A mail that has come opens connections, and asks for nothing over them."""
        self.live(300)
        before = len(self.sandbox.received)
        self.deliver()
        self.live(5)
        assert len(self.sandbox.received) - before == 1

    def test_unused_connections_are_closed(self) -> None:
        """What was opened for a tap that did not come is not kept for ever."""
        self.deliver()
        self.live(300)
        assert len(self.network.connected) == 1


class CardDavBesideMailTests(CardDavOnAHostOfItsOwnTests):
    """The same holds where one host has mail and contacts, though polls keep one connection of it alive."""

    cards_host = MAIL_HOST


class ContactsOverJmapTests(FarAwayTestCase):
    """A tap takes four round trips over the one connection that polls keep alive, and no other one is opened for it."""

    def test_after_an_hour_of_idleness(self) -> None:
        self.live(HOUR)
        connections = len(self.network.hosts)
        assert self.round_trips(self.mails[1]) == 4
        assert len(self.network.hosts) == connections

    def test_after_the_server_has_closed_every_connection(self) -> None:
        """A closed connection is noticed before it is used: the new one is all that it costs."""
        self.live(HOUR)
        self.network.close_all()
        assert self.round_trips(self.mails[1]) == 6
