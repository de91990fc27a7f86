"""The sandbox, put together."""

from base64 import b64encode
from collections.abc import Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from mailroom.core.wall_clock import WallClock
from mailroom.sandbox.faults import Fault, Faults
from mailroom.sandbox.jmap.contact_methods import ContactMethods
from mailroom.sandbox.jmap.core import CORE, Api, Method
from mailroom.sandbox.jmap.email_methods import EmailMethods
from mailroom.sandbox.jmap.mailbox_methods import MailboxMethods
from mailroom.sandbox.jmap.sieve_methods import SieveMethods
from mailroom.sandbox.jmap.standard import DataType
from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.store.account import Account
from mailroom.sandbox.web.carddav import CardDav
from mailroom.sandbox.web.eventsource import EventSource, Stream
from mailroom.sandbox.web.front import Front, Received
from mailroom.sandbox.web.routes import Routes
from mailroom.sandbox.web.session import account_capabilities


class Sandbox:
    """A JMAP server for one account. Serve `resource`, act on `account`, order faults, and look at what came in."""

    def __init__(
        self, clock: IReactorTime, options: SandboxOptions | None = None, *, wall_clock: WallClock | None = None
    ) -> None:
        self.options = options or SandboxOptions()
        self.account = Account(clock, index_lag=self.options.index_lag, wall_clock=wall_clock)
        self.account.address_book.exists = self.options.address_book
        self.faults = Faults()
        self.accepted = {_bearer(self.options.token), _basic(self.options.username, self.options.password)}
        """The values of the Authorization header that are let in: change them to revoke or rotate."""
        self._event_source = EventSource(clock, self.account.journal, self.options)
        carddav = CardDav(self.account, self.options.account_id)
        self._routes = Routes(self.account, self._api(clock), self._event_source, carddav, self.options)
        behind = self._routes.app.resource()
        max_concurrent = self.options.limits.max_concurrent_requests
        self._front = Front(behind, clock, self.faults, self.accepted, max_concurrent)

    @property
    def resource(self) -> IResource:
        """The root, for a `Site` or a `RequestTraversalAgent`."""
        return self._front

    @property
    def received(self) -> Sequence[Received]:
        """The latest requests, oldest first."""
        return self._front.received

    @property
    def streams(self) -> Sequence[Stream]:
        """The listeners at the event source."""
        return tuple(self._event_source.streams)

    def fail_next(self, fault: Fault, times: float = 1) -> None:
        """Let the next so many requests, calls or objects that it fits run into a fault; `math.inf` for all to come."""
        self.faults.add(fault, times)

    def hang_up_streams(self, *, cleanly: bool = True) -> None:
        """End every event stream: as a server does after its time, or in the middle of the answer."""
        for stream in self.streams:
            if cleanly:
                stream.end()
            else:
                stream.abort()

    def change_session(self) -> None:
        """Let the Session have another state."""
        self._routes.session_state = str(int(self._routes.session_state) + 1)

    def _api(self, clock: IReactorTime) -> Api:
        def data_type(name: str) -> DataType:
            return DataType(name, self.account.journal, self.options, self.faults)

        methods = {
            "Core/echo": Method(CORE, None, lambda arguments, _created: arguments),
            **MailboxMethods(self.account, data_type("Mailbox")).methods(),
            **EmailMethods(self.account, data_type("Email"), clock).methods(),
            **ContactMethods(self.account.address_book, data_type("ContactCard")).methods(),
        }
        if self.options.sieve is not None:
            methods |= SieveMethods(self.account, data_type("SieveScript"), self.options.sieve).methods()
        capabilities = frozenset({CORE, *account_capabilities(self.options)})
        return Api(methods, capabilities, self.options, self.faults)


def _bearer(token: str) -> str:
    return f"Bearer {token}"


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode('ascii')}"
