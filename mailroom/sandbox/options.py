"""Everything about a sandbox that one server does and another does not."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the core capability (RFC 8620 section 2), with the values of a Cyrus. Sizes are in octets."""

    max_size_upload: int = 50 * 1024 * 1024
    max_concurrent_upload: int = 5
    max_size_request: int = 10 * 1024 * 1024
    max_concurrent_requests: int = 5
    max_calls_in_request: int = 50
    max_objects_in_get: int = 4096
    max_objects_in_set: int = 4096


@dataclass(frozen=True, slots=True)
class SieveOptions:
    """What the Sieve of a server can do; the limits are those of a Cyrus, sizes in octets.

    - `extensions`: what a script may require.
    - `group_filter`: the condition by which `jmapquery` asks for a group: Cyrus knows one or the other.
    - `deactivation`: the argument that deactivates. Cyrus misspells it (RFC 9661: `onSuccessDeactivateScript`).
    """

    extensions: tuple[str, ...] = ("fileinto", "include", "copy", "mailboxid", "extlists", "vnd.cyrus.jmapquery")
    group_filter: str = "fromContactCardUid"
    deactivation: str = "onSuccessDeactivatescript"
    max_size_script: int = 32768
    max_number_scripts: int = 5


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox behaves. Times are in seconds.

    - `read_only`: the login may change nothing.
    - `relative_urls`: the Session names paths instead of whole URLs, as Cyrus does.
    - `refuse_whole_request`: too many objects in one call fail the whole request, as on Cyrus; else that call alone
      (RFC 8620 section 5.1).
    - `max_query_limit`: what a query's limit is silently clamped to; None grants any.
    - `index_lag`: how long after its arrival a mail is found by the text filters.
    - `address_book`: whether there is one from the start, as on Cyrus; elsewhere the first one has to be made.
    - `kind_rules_filter`: a "kind" anywhere in a filter of cards rules all of it, as on Cyrus.
    - `sieve`: what its scripts can do; None for a server that has none for clients.
    - `push`: whether there is an event source at all.
    - `push_delay`: changes within this time become one event.
    - `event_ids`, `pings`: whether events carry ids, and whether the server pings.
    - `min_ping`, `max_ping`: what an interval asked for is clamped to.
    - `announce_on_connect`: all states are sent at once to each listener, in the envelope that Fastmail uses.
    - `stream_lifetime`: after this time the server closes a stream, as Cyrus does after 300 s; None never does.
    """

    username: str = "sandbox@example.com"
    password: str = field(default="sandbox-password", repr=False)
    token: str = field(default="sandbox-token", repr=False)
    account_id: str = "sandbox"
    limits: Limits = Limits()
    read_only: bool = False
    relative_urls: bool = False
    refuse_whole_request: bool = True
    max_query_limit: int | None = None
    index_lag: float = 0.0
    contacts: Literal["jmap", "carddav", "both"] = "jmap"
    address_book: bool = True
    kind_rules_filter: bool = True
    sieve: SieveOptions | None = SieveOptions()
    push: bool = True
    push_delay: float = 0.0
    event_ids: bool = True
    pings: bool = True
    min_ping: int = 1
    max_ping: int = 3600
    announce_on_connect: bool = False
    stream_lifetime: float | None = None
