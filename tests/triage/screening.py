"""A screener at work on a furnished account."""

from twisted.internet.defer import Deferred

from mailroom.contacts.book import AddressBook
from mailroom.contacts.choice import choose_address_book
from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.polling.report import PollReport, Trigger
from mailroom.triage.screener import Screener
from tests.deferreds import result_of
from tests.furnished import FurnishedTestCase


class ScreenerTestCase(FurnishedTestCase):
    """A test whose screener polls when it is told to."""

    def setUp(self) -> None:
        super().setUp()
        self.connect()

    def connect(self) -> None:
        """Have a client and a screener that reach the server by the agent."""
        self.http = Http(request_client(self.agent), self.clock)
        self.client = Client(self.http, self.configured.jmap_url, self.configured.require_credentials())
        self.screener = self.new_screener()

    def new_screener(self) -> Screener:
        """Another screener for the account: what a restart of the service makes."""
        self.chosen: AddressBook | None = None
        return Screener(self.client, self.open_book, self.configured, self.clock, self.http.round_trips)

    async def open_book(self) -> AddressBook:
        if self.chosen is None:
            self.chosen = choose_address_book(self.configured, await self.client.session(), self.client, self.http)
        return self.chosen

    def poll(self) -> PollReport:
        """One poll, from its beginning to its end."""
        return result_of(self.start_poll())

    def start_poll(self) -> Deferred[PollReport]:
        return self.run_to_end(self.screener.poll(Trigger.PUSH))
