"""What stays the same during a run: the server's ways, the settings, and how far apart the two are."""

import random
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import SecretStr

from mailroom.sandbox.options import Limits, SandboxOptions, SieveOptions
from mailroom.sandbox.settings import SandboxSettings
from tests.account import ORIGIN
from tests.simulation.people import CATEGORIES

PLAIN = Limits()
TINY = Limits(max_calls_in_request=2, max_objects_in_get=3, max_objects_in_set=2, max_concurrent_requests=1)
SMALL = Limits(max_calls_in_request=4, max_objects_in_get=10, max_objects_in_set=5, max_concurrent_requests=2)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Times are in seconds. `latency` is that of a request and its answer together."""

    contacts: Literal["jmap", "carddav"] = "jmap"
    routing: Literal["none", "groups", "addresses"] = "none"
    poll_interval: float = 60.0
    debounce: float = 3.0
    latency: float = 0.1
    index_lag: float = 0.0
    limits: Limits = PLAIN
    push: bool = True
    push_delay: float = 0.0
    pings: bool = True
    event_ids: bool = True
    announces_on_connect: bool = False
    stream_lifetime: float | None = None
    refuses_whole_request: bool = True

    @property
    def options(self) -> SandboxOptions:
        return SandboxOptions(
            contacts=self.contacts,
            sieve=None if self.routing == "none" else SieveOptions(),
            limits=self.limits,
            index_lag=self.index_lag,
            push=self.push,
            push_delay=self.push_delay,
            pings=self.pings,
            event_ids=self.event_ids,
            announce_on_connect=self.announces_on_connect,
            stream_lifetime=self.stream_lifetime,
            refuse_whole_request=self.refuses_whole_request,
        )

    @property
    def settings(self) -> SandboxSettings:
        options = self.options
        return SandboxSettings(
            jmap_url=ORIGIN,
            jmap_username=options.username,
            jmap_password=SecretStr(options.password),
            carddav_url=ORIGIN,
            contacts=self.contacts,
            categories=CATEGORIES,
            routing=self.routing,
            poll_interval=self.poll_interval,
            debounce_seconds=self.debounce,
        )


def drawn(chance: random.Random) -> Conditions:
    """Conditions of one run. Now and then one of its own is odd, most often all are plain."""

    def rarely(plain: Any, *odd: Any) -> Any:
        return chance.choice(odd) if chance.random() < 0.25 else plain

    poll_interval = chance.choice((60.0, 60.0, 300.0, 1800.0, 14400.0))
    is_busy = poll_interval < 1000  # else so much time passes that streams that speak or end often cost too much
    return Conditions(
        contacts=chance.choice(("jmap", "carddav")),
        routing=chance.choice(("none", "none", "groups", "addresses")),
        poll_interval=poll_interval,
        debounce=rarely(3.0, 0.0, 10.0),
        latency=rarely(0.1, 0.02, 1.5),
        index_lag=rarely(0.0, 2.0, 90.0),
        limits=rarely(PLAIN, TINY, SMALL),
        push=rarely(*(True, False, True, True)),
        push_delay=rarely(0.0, 0.3, 2.0),
        pings=chance.random() < 0.5 and is_busy,
        event_ids=rarely(*(True, False)),
        announces_on_connect=rarely(*(False, True)),
        stream_lifetime=rarely(None, 20.0, 300.0) if is_busy else None,
        refuses_whole_request=rarely(*(True, False)),
    )
