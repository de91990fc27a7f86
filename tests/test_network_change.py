"""What a tap waits for when the network has changed, and every connection hangs that was open before."""

from typing import ClassVar, Literal

from mailroom.push.status import StreamState
from mailroom.service import AccountService
from tests.http.slow_network import SlowNetwork
from tests.test_service import HOUR, MINUTE, ServiceTestCase

AIM = 70.0
"""Seconds from the last octet that came until a tap is done."""


class NetworkChangeTestCase(ServiceTestCase):
    """A service whose stream and requests go over a network that can go dark."""

    def setUp(self) -> None:
        super().setUp()
        self.mail = self.deliver("ann@example.com")
        self.live(5 * MINUTE)

    def new_service(self) -> AccountService:
        self.sandbox.faults.clear()
        self.network = SlowNetwork(self.clock, self.sandbox.resource, 0.1)
        hosts = {"jmap_url": "http://mail.example/.well-known/jmap", "carddav_url": "http://cards.example/"}
        settings = self.configured.model_copy(update=hosts)
        return AccountService(settings, self.clock, self.network.agent, self.network.streams, uniform=max)

    def done_after(self, *, tapped_after: float = 0.0) -> float:
        """The seconds from the last octet until the label is gone that is put on so long after it, or now if later."""
        last = self.network.carried_at
        self.live(max(0.0, last + tapped_after - self.clock.seconds()))
        self.tap(self.mail)
        while "@ToFeed" in self.where(self.mail):
            self.live(0.1)
            assert self.clock.seconds() - last < HOUR
        assert self.where(self.mail) == {"Feed"}
        return self.clock.seconds() - last


class EverythingHangsTests(NetworkChangeTestCase):
    """All connections are half-open: nothing comes over them any more, and nobody is told."""

    def test_idle(self) -> None:
        """Whenever it happens, and whenever the tap comes, it is done as soon as the stream's silence is noticed."""
        for moment in (0, 10, 29.9):
            for tapped_after in (0, 20, 63):
                with self.subTest((moment, tapped_after)):
                    self.tearDown()
                    self.setUp()
                    self.live(moment)
                    self.network.go_dark()
                    assert self.done_after(tapped_after=tapped_after) < AIM

    def test_in_the_middle_of_a_poll(self) -> None:
        """A poll that is under way is begun anew as well, whatever it was doing."""
        for trips in range(8):
            with self.subTest(trips):
                self.tearDown()
                self.setUp()
                self.tap(self.deliver("bob@example.com"))
                self.live(trips * 0.1)
                self.network.go_dark()
                assert self.done_after() < AIM

    def test_a_server_that_wants_its_stream_left_alone(self) -> None:
        """The poll does not wait for the stream, which may have to wait for longer."""
        self.sandbox.streams[0]._request.write(b"retry: 60000\n\n")
        self.live(1)
        self.network.go_dark()
        assert self.done_after() < AIM

    def test_nothing_is_lost_over_hours(self) -> None:
        """A network that changes again and again."""
        for _ in range(10):
            self.live(7 * MINUTE)
            self.network.go_dark()
            assert self.done_after() < AIM
            self.mail = self.deliver("ann@example.com")
            self.live(5)


class EverythingHangsOverCardDavTests(EverythingHangsTests):
    """The same with an address book at another host."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"


class RequestsHangTests(NetworkChangeTestCase):
    """The stream lives on, and every connection that is kept for requests is dead."""

    def new_service(self) -> AccountService:
        super().new_service()
        hosts = {"jmap_url": "http://mail.example/.well-known/jmap"}
        settings = self.configured.model_copy(update=hosts)
        return AccountService(settings, self.clock, self.network.agent, self.agent, uniform=max)

    def test_one_timeout(self) -> None:
        """One request runs into its timeout, and all of those that follow have new connections."""
        self.network.go_dark()
        tapped = self.clock.seconds()
        self.done_after()
        assert self.clock.seconds() - tapped < 30 + 5
        assert self.stream is StreamState.CONNECTED
