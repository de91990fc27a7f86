"""Everything that runs for one mail account, and how it is wired."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from twisted.application.service import MultiService, Service
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from mailroom.account import Account
from mailroom.contacts.errors import AddressBookError
from mailroom.core.config import MailroomSettings
from mailroom.core.redaction import Redaction
from mailroom.core.wall_clock import WallClock
from mailroom.http.agent import stream_client
from mailroom.jmap.errors import NoAccount
from mailroom.jmap.session import MAIL, Session
from mailroom.jmap.state_change import changed_state
from mailroom.polling.debounce import PollPolicy
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.scheduler import Scheduler
from mailroom.polling.status import PollStatus
from mailroom.push.eventsource import EventSource
from mailroom.push.interference import Interference
from mailroom.push.sse import ServerSentEvent
from mailroom.push.status import NOT_WANTED, StreamStatus

_CHANGE: Final = 2
"""Different states of the mail that make a change, which the stream is to announce."""


class AccountService(MultiService):
    """One account's stream and polls.

    It owns all of its parts and shares none with another account. `requests` and `streams` are how it reaches the
    network: two agents, so that a stream without an end takes no connection from the requests. `clock` measures,
    `wall_clock` tells the date. Raises `ConfigurationError` if the settings name no credentials.
    """

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        settings: MailroomSettings,
        clock: IReactorTime,
        requests: IAgent,
        streams: IAgent,
        uniform: Callable[[float, float], float] = random.uniform,
        *,
        wall_clock: WallClock | None = None,
        redaction: Redaction | None = None,
    ) -> None:
        MultiService.__init__(self)
        self._account = Account(settings, clock, requests, wall_clock=wall_clock, redaction=redaction)
        self._redaction = self._account.redaction
        self._account.client.on_session_changed = self._session_changed
        self._mail_account = ""
        self._username = ""
        self._states: frozenset[str] = frozenset()
        """Of the mail, as polls have met them since the stream was connected. Two are kept at most: a change."""
        self._stream = EventSource(
            self._account.http_over(stream_client(streams)),
            clock,
            self._locate_stream,
            self._account.credentials,
            listener=self,
            connection_died=self._connection_died,
            is_quiet=lambda: len(self._states) < _CHANGE,
            account=lambda: (self._username, self._mail_account),
            uniform=uniform,
        )
        self.polls = PollStatus(clock, wall_clock=wall_clock)
        self._scheduler = Scheduler(
            clock,
            self._poll,
            self.polls,
            lambda: self.stream_status.connected_since is not None,
            PollPolicy(settings.poll_interval, settings.debounce_seconds),
        )
        self._polls = self._account.polls()
        self._interference = Interference(self._stream, self._scheduler.stream_suspended)
        self._pushes = settings.push != "none"
        for service in (self._scheduler, self._stream) if self._pushes else (self._scheduler,):
            Service.setServiceParent(service, self)

    @property
    def stream_status(self) -> StreamStatus:
        """How the event stream is doing."""
        return self._stream.status if self._pushes else NOT_WANTED

    def stream_connected(self) -> None:
        """Whatever changed before the stream began to speak is looked up by a poll."""
        self._states = frozenset()
        self._scheduler.stream_opened()

    def stream_event(self, event: ServerSentEvent) -> None:
        """News of the account's mail go to the scheduler; there are no others."""
        state = changed_state(event.data, self._mail_account, "Email")
        if state is not None:
            self._scheduler.email_state_changed(state)

    def stream_disconnected(self) -> None:
        """Polls go on by the interval, which asks for itself whether the stream is there."""

    def _connection_died(self) -> None:
        """Whatever else goes over a connection may hang, as after a change of network: begin it anew, on new ones."""
        self._account.http.drop_kept_connections()
        self._scheduler.begin_anew()

    async def _poll(self, trigger: Trigger) -> PollReport:
        """One poll. Where the address book fails, the session may have led to the wrong one."""
        try:
            with self._redaction.errors():
                report = await self._interference.watch(self._polls.poll(trigger))
        except AddressBookError:
            self._account.client.doubt_session()
            raise
        finally:
            self._stream.verify_login()
        self._states = frozenset([*(self._states | report.states)][:_CHANGE])
        problem = report.routing_error
        return report if problem is None else replace(report, routing_error=self._redaction.text(problem))

    async def _locate_stream(self, refresh: bool) -> str | None:  # noqa: FBT001 - the stream calls it with one argument
        # The account is noted before the stream has its URL: without it, no event would be told for the account's own.
        session = await self._account.client.session(refresh=refresh)
        try:
            self._username, self._mail_account = session.username, session.account_id(MAIL)
        except NoAccount:
            self._account.client.doubt_session()
            raise
        with self._redaction.errors():
            return session.event_source_url

    def _session_changed(self, _session: Session) -> None:
        """The account may have other contacts, or its events another URL."""
        self._account.forget_book()
        self._stream.session_changed()
