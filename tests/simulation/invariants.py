"""What holds in the end of every run, whatever has happened in it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from mailroom.core.errors import MailroomError
from mailroom.polling.report import Trigger
from tests.simulation.people import ERROR_LABEL, LABELS, USABLE
from tests.simulation.process import Poll, Process
from tests.simulation.snapshot import Snapshot

SHORTEST_RETRY = 2.0
"""Seconds after a failure before which no push is answered."""

if TYPE_CHECKING:
    from tests.simulation.world import World


def in_the_end(world: "World") -> Iterator[str]:
    """Nothing is lost, no label is left that can be acted on, and everybody is where the last tap says."""
    at = world.snapshot()
    yield from (f"the mail {mail} is in no mailbox" for mail, boxes in at.mails.items() if not boxes)
    yield from _labels(world, at)
    for sender in USABLE:
        yield from world.history.misfiled(sender, at)
    for process in world.processes.values():
        if process.health["status"] != "ok":
            yield f"{process.name} is not healthy: {process.health['last_poll_error']}"


def _labels(world: "World", at: Snapshot) -> Iterator[str]:
    labelled = {mail: names & set(LABELS) for mail in at.mails if (names := at.names(mail)) & set(LABELS)}
    contradicted = _contradicted(world, at, labelled)
    for mail, labels in labelled.items():
        sender = world.history.senders.get(mail)
        if sender is not None and sender not in contradicted:
            yield f"the mail {mail} of {sender} still has {sorted(labels)}"
        elif ERROR_LABEL not in at.names(mail):
            yield f"the mail {mail}, which cannot be acted on, has no {ERROR_LABEL}"
    for mail in at.mails:
        if ERROR_LABEL in at.names(mail) and mail not in labelled:
            yield f"the mail {mail} has {ERROR_LABEL} without any label"


def _contradicted(world: "World", at: Snapshot, labelled: dict[str, frozenset[str]]) -> set[str]:
    """The senders whose labels, or those of others with the same contact, contradict each other."""
    asked: dict[str, set[str]] = defaultdict(set)
    for mail, labels in labelled.items():
        if mail in world.history.senders:
            asked[world.history.senders[mail]] |= labels
    found = {sender for sender, labels in asked.items() if len(labels) > 1}
    for card in at.cards.values():
        sharing = {sender for sender in asked if card in at.contacts(sender)}
        if len(set().union(*(asked[sender] for sender in sharing))) > 1:
            found |= sharing
    return found


def of_the_polls(process: Process) -> Iterator[str]:
    """One poll at a time and one stream, none sooner than it may be, and no error that is not foreseen."""
    if process.network.most_streams > 1:
        yield f"{process.name} had {process.network.most_streams} streams at a time"
    failures = 0
    for poll, following in zip(process.polls, process.polls[1:], strict=False):
        if poll.ended is None or poll.ended > following.began:
            yield f"{process.name} began a poll while another one was running"
            return
        failures = _failures(poll, failures)
        if poll.error is not None and not isinstance(poll.error, MailroomError | CancelledError):
            yield f"{process.name}: a poll failed with {poll.error!r}"
        reopened = any(poll.began <= at <= following.began for at in process.connected)
        if failures and not reopened and _is_too_early(poll, following):
            yield f"{process.name} polled again {following.began - poll.ended:g} s after {failures} failures"
    began = [poll.began for poll in process.polls]
    for first, last in zip(began, began[30:], strict=False):
        if last - first < 30:
            yield f"{process.name} began 31 polls within {last - first:g} s"
            return


def _failures(poll: Poll, before: int) -> int:
    """How many polls in a row have failed. One that was cut short, to be begun anew, has not."""
    if isinstance(poll.error, CancelledError):
        return before
    return 0 if poll.error is None else before + 1


def _is_too_early(poll: Poll, following: Poll) -> bool:
    """A push waits after a failure; the polls of the interval are the way to recover."""
    assert poll.ended is not None
    delay = following.began - poll.ended
    return following.trigger is Trigger.PUSH and delay < SHORTEST_RETRY
