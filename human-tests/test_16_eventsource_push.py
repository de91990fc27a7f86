"""Does a label reach the running service by push, and how soon is it worked off?

Run it beside a running service, with the settings of that service (--config, MAILROOM_* variables), and then put a
triage label on one mail, in any mail app:

    python human-tests/test_16_eventsource_push.py

Every poll of the service is a line that tells its trigger: `push` is what this is about, `scheduled` and `fallback`
are those of the interval, while push is up and down. With --sandbox it needs no account and no person: it starts an
embedded server, a service, and labels a mail itself.

Exit status: 0 if a push led to a triage and the label is gone, 1 if not, 2 if this could not be found out.
"""

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from sandboxed import sandboxed
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorCore, IReactorTime
from twisted.internet.task import deferLater, react

from mailroom.core.config import MailroomSettings, load_settings
from mailroom.core.errors import MailroomError
from mailroom.http.agent import request_agent, request_client
from mailroom.http.client import Http, Request
from mailroom.http.errors import ConnectionFailed
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.set import Set
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mail import Mail, labelled_mails
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox

PASSED, FAILED, NOT_RUN = 0, 1, 2
LOOK_EVERY = 0.1
START_WITHIN = 30.0


class NotRunError(MailroomError):
    """What is to be watched is not there."""


class Service:
    """The running service, as /healthz shows it."""

    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self._url = url

    async def health(self) -> dict[str, Any]:
        answer = await self._http.fetch(Request("GET", self._url, timeout=5))
        try:
            health: dict[str, Any] = json.loads(answer.body)
            return {
                key: health[key] for key in ("poll_count", "polls", "last_poll_error", "senders_triaged", "eventsource")
            }
        except (ValueError, TypeError, KeyError) as error:
            raise NotRunError(f"{self._url} is not the /healthz of Mailroom.") from error


class Account:
    """The mail account, as the JMAP server shows it to everybody."""

    def __init__(self, client: Client, mailboxes: KnownMailboxes) -> None:
        self._client = client
        self._mailboxes = mailboxes

    @classmethod
    async def open(cls, http: Http, settings: MailroomSettings) -> "Account":
        credentials = settings.jmap_credentials()
        if credentials is None:
            raise NotRunError("Set MAILROOM_JMAP_URL and MAILROOM_JMAP_TOKEN as for the service, or give --config.")
        client = Client(http, settings.jmap_url, credentials, settings.account_id)
        every = Get("Mailbox", properties=MAILBOX_PROPERTIES)
        await client.run(every)
        mailboxes = find_known_mailboxes(map(Mailbox.from_jmap, every.objects), settings)
        if not mailboxes.labels:
            raise NotRunError("The account has no triage label yet. Create the labels first: mailroom setup.")
        return cls(client, mailboxes)

    @property
    def labels(self) -> list[str]:
        return [category.label for category in self._mailboxes.labels.values()]

    async def labelled(self) -> set[tuple[str, str]]:
        """Every label on a mail: the label's name and the mail's id."""
        query = labelled_mails(self._mailboxes.labels)
        await self._client.run(query)
        return {
            (category.label, mail.id)
            for mail in map(Mail.from_jmap, query.objects)
            for mailbox, category in self._mailboxes.labels.items()
            if mailbox in mail.mailboxes
        }

    async def tap(self) -> None:
        """Put a triage label on a mail that waits in the screener, as a person would."""
        waiting = QueryAndGet("Email", filter={"inMailbox": self._mailboxes.screener}, properties=("id",))
        await self._client.run(waiting)
        label = next(iter(self._mailboxes.labels))
        patch = Set("Email", update={waiting.objects[0]["id"]: {f"mailboxIds/{label}": True}})
        await self._client.run(patch)
        if patch.not_updated:
            raise NotRunError(f"The label cannot be put on a mail: {patch.not_updated}")


class Watch:
    """What became visible since the watch began. Each look makes the lines that a person reads of it."""

    def __init__(self, health: dict[str, Any], labelled: set[tuple[str, str]]) -> None:
        self.polls: Counter[str] = Counter()
        self.triaged_by_push = 0
        self._health = health
        self._before = labelled
        self._labelled_at: dict[tuple[str, str], float] = {}

    @property
    def passed(self) -> bool:
        """Whether a push led to a triage, and no label is left of those that appeared."""
        return self.triaged_by_push > 0 and not self._labelled_at

    def see_polls(self, health: dict[str, Any]) -> Iterator[str]:
        """Tell the polls that ended since the last look apart, even when several did."""
        if health["poll_count"] < self._health["poll_count"]:
            yield "the service was restarted"
            self._health = {"poll_count": 0, "polls": {}, "senders_triaged": 0}
        ended = Counter[str](health["polls"]) - Counter[str](self._health["polls"])
        triaged = health["senders_triaged"] - self._health["senders_triaged"]
        for number, trigger in enumerate(ended.elements(), start=self._health["poll_count"] + 1):
            yield f"poll {number} trigger={trigger} senders_triaged={triaged}" + _because(health["last_poll_error"])
        self.polls += ended
        self.triaged_by_push += triaged if set(ended) == {"push"} else 0
        self._health = health

    def see_labels(self, labelled: set[tuple[str, str]], now: float) -> Iterator[str]:
        """Tell which labels have come and gone, and how long they stayed."""
        for label in labelled - self._before - self._labelled_at.keys():
            self._labelled_at[label] = now
            yield f"label {label[0]} has appeared on a mail"
        for label in self._labelled_at.keys() - labelled:
            yield f"label {label[0]} is gone after {now - self._labelled_at.pop(label):.2f} s"
        self._before &= labelled


async def watch(clock: IReactorTime, service: Service, account: Account, options: Namespace) -> bool:
    """Look until a triage by push was seen or the time is up."""
    seen = Watch(await service.health(), await account.labelled())
    if options.sandbox:
        await account.tap()
    else:
        say(f"Put one of these labels on a mail now: {', '.join(account.labels)}")
    end = clock.seconds() + options.duration
    while not seen.passed and clock.seconds() < end:
        try:
            labelled = await account.labelled()
            lines = [*seen.see_labels(labelled, clock.seconds()), *seen.see_polls(await service.health())]
        except MailroomError as error:
            lines = [f"cannot look: {error}"]
        for line in lines:
            say(line)
        await deferLater(clock, LOOK_EVERY)
    counts = " ".join(f"{trigger}={seen.polls[trigger]}" for trigger in ("push", "scheduled", "fallback"))
    say(f"polls seen: {counts}; senders triaged by push: {seen.triaged_by_push}")
    return seen.passed


async def wait_for_push(clock: IReactorTime, service: Service) -> None:
    """Return once the service has followed its connected stream with the first poll."""
    say("waiting for the service to start")
    end = clock.seconds() + START_WITHIN
    while clock.seconds() < end:
        with suppress(ConnectionFailed):
            if (await service.health())["polls"]["push"]:
                return
        await deferLater(clock, LOOK_EVERY)
    raise NotRunError(f"The service had no connected stream after {START_WITHIN:g} s.")


async def find_out(reactor: Any, options: Namespace) -> int:
    """The exit status."""
    http = Http(request_client(request_agent(reactor)), reactor)
    service = Service(http, options.health_url)
    try:
        if options.sandbox:
            await wait_for_push(reactor, service)
        stream = (await service.health())["eventsource"]
        say(f"stream: {stream['status']}" + _because(stream["error"]))
        account = await Account.open(http, load_settings(options.config))
        passed = await watch(reactor, service, account, options)
    except MailroomError as error:
        say(f"NOT RUN: {error}")
        return NOT_RUN
    except CancelledError:
        say("NOT RUN: interrupted")
        return NOT_RUN
    say("PASS: a push led to the triage." if passed else "FAIL: no push led to a triage with its label gone.")
    return PASSED if passed else FAILED


async def run(reactor: IReactorCore, options: Namespace) -> NoReturn:
    finding = Deferred.fromCoroutine(find_out(reactor, options))
    reactor.addSystemEventTrigger("before", "shutdown", finding.cancel)
    raise SystemExit(await finding)


def say(text: str) -> None:
    print(f"{datetime.now(UTC).astimezone():%H:%M:%S} {text}", flush=True)


def _because(error: str | None) -> str:
    return f" ({error})" if error else ""


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--health-url", default="http://127.0.0.1:8080/healthz", help="default: %(default)s")
    parser.add_argument("--duration", type=float, default=300.0, help="seconds to watch at most; default: %(default)g")
    parser.add_argument("--config", type=Path, help="the YAML file that the service uses")
    parser.add_argument("--sandbox", action="store_true", help="start a server and a service, and tap a label")
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.sandbox:
            options.health_url = stack.enter_context(sandboxed())
        react(run, [options])


if __name__ == "__main__":
    main()
