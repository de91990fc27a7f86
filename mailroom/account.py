"""One account within reach: its JMAP server and its address book, for the service and the commands alike."""

from treq.client import HTTPClient
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from mailroom.contacts.book import AddressBook
from mailroom.contacts.choice import choose_address_book
from mailroom.contacts.errors import NoAddressBook
from mailroom.core.config import MailroomSettings
from mailroom.core.credentials import Credentials
from mailroom.core.redaction import Redaction
from mailroom.core.wall_clock import WallClock
from mailroom.http.agent import IConnectionKeeper, request_client, stream_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.routing.router import Router
from mailroom.routing.sync import RoutingSync
from mailroom.triage.screener import Screener


class Account:
    """What is needed to ask and to act for one account, and shared with no other.

    Nothing is sent before somebody asks. `clock` measures, `wall_clock` tells the date. `redaction` comes to know the
    secrets that are sent: the log and whatever else tells of the account go by the same. Raises `ConfigurationError` if
    the settings name no credentials.
    """

    def __init__(
        self,
        settings: MailroomSettings,
        clock: IReactorTime,
        requests: IAgent,
        *,
        wall_clock: WallClock | None = None,
        redaction: Redaction | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.wall_clock = wall_clock or clock.seconds
        self.credentials: Credentials = settings.require_credentials()
        self.redaction = redaction or Redaction()
        self.http = self.http_over(request_client(requests), IConnectionKeeper(requests, None))
        self.streams = self.http_over(stream_client(requests))
        """For a look at an event stream; one that is to last needs an agent of its own."""
        self.client = Client(self.http, settings.jmap_url, self.credentials, settings.account_id)
        self._book: AddressBook | None = None

    def http_over(self, client: HTTPClient, preconnector: IConnectionKeeper | None = None) -> Http:
        """Requests by this client, under the rules for this account's secrets."""
        return Http(
            client,
            self.clock,
            wall_clock=self.wall_clock,
            preconnector=preconnector,
            redaction=self.redaction,
            allow_insecure_http=self.settings.allow_insecure_http,
        )

    async def open_book(self) -> AddressBook:
        """The address book that the settings and the session lead to; `NoAddressBook` if there is none."""
        if self._book is None:
            session = await self.client.session()
            try:
                self._book = choose_address_book(self.settings, session, self.client, self.http)
            except NoAddressBook:
                self.client.doubt_session()
                raise
        return self._book

    def forget_book(self) -> None:
        """Choose anew next time: the session has changed, and with it perhaps what it offers."""
        self._book = None

    def router(self) -> Router:
        """The keeper of this account's routing rules."""
        return Router(self.client, self.open_book, self.settings)

    def screener(self) -> Screener:
        """A screener for this account."""
        return Screener(
            self.client, self.open_book, self.settings, self.clock, self.http.round_trips, wall_clock=self.wall_clock
        )

    def polls(self) -> RoutingSync:
        """A screener for this account that keeps its routing rules in step."""
        return RoutingSync(self.screener(), self.router(), self.clock, self.http.round_trips)
