"""What can be asked of an account: operations, which say what to call and read the answers, and never see a server.

`mailroom.jmap.client.Client` carries their calls. Get, QueryAndGet, FallbackQuery, Page, Changes and Set are the
standard ones; for all other methods there is `SingleCall`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import JmapError, MethodError, NotRun
from mailroom.jmap.session import CONTACTS, CYRUS_CONTACTS, MAIL, SIEVE, Limits

_CAPABILITIES: Final = {
    "Mailbox": MAIL,
    "Thread": MAIL,
    "Email": MAIL,
    "AddressBook": CONTACTS,
    "ContactCard": CONTACTS,
    "ContactGroup": CYRUS_CONTACTS,
    "SieveScript": SIEVE,
}


class Operation(ABC):
    """What a caller wants done to one type of data, however many calls it takes.

    The client asks for the chains to send now, sends them, and hands back the outcomes, one sequence a chain with one
    outcome a call, until there is none to send. What came of it is then read from the operation; reading raises the
    `MethodError` that it failed with, if it did.

    `capability` is the one (RFC 8620 section 2) that the type belongs to.
    """

    def __init__(self, data_type: str) -> None:
        self.capability: str = _CAPABILITIES[data_type]
        self._type = data_type
        self._failure: JmapError | None = NotRun(f"{data_type}: read before it was run to its end.")
        self._done = False

    @abstractmethod
    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        """The chains to send now, each within the limits on objects; none once everything is done."""

    @abstractmethod
    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        """Take the outcomes of the chains just asked for."""

    def check(self) -> None:
        """Raise what the operation failed with, if it did, as reading any of its results does."""
        if self._failure is not None:
            raise self._failure

    @property
    def is_done(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self._done

    @property
    def error(self) -> MethodError | None:
        """What it failed with, if it did, for who would rather look than have it raised."""
        return self._failure if isinstance(self._failure, MethodError) else None

    def _end(self, failure: MethodError | None = None) -> None:
        self._done = True
        self._failure = failure


class SingleCall(Operation):
    """Call a method of a data type once: `SingleCall("SieveScript", "validate", {"blobId": "B1"})`."""

    def __init__(self, data_type: str, method: str, arguments: Mapping[str, Any]) -> None:
        super().__init__(data_type)
        self._call = Call(f"{data_type}/{method}", arguments)
        self._answer: dict[str, Any] = {}

    @property
    def answer(self) -> dict[str, Any]:
        """The arguments of the answer, as the server gave them."""
        self.check()
        return self._answer

    def next_chains(self, limits: Limits) -> Sequence[Chain]:  # noqa: ARG002 - one call has nothing to split
        return () if self._done else [(self._call,)]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        ((outcome,),) = outcomes
        if isinstance(outcome, MethodError):
            self._end(outcome)
        else:
            self._answer = outcome
            self._end()


def properties_argument(properties: Sequence[str]) -> dict[str, Any]:
    """The argument that names the properties to fetch; without any, the server gives its default ones."""
    return {"properties": list(properties)} if properties else {}
