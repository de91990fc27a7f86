"""One poll: scan, look up, plan, write, and the labels last."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from mailroom.contacts.book import AddressBook
from mailroom.core.config import MailroomSettings
from mailroom.core.printable import counted
from mailroom.core.wall_clock import WallClock, today
from mailroom.http.round_trips import RoundTrips
from mailroom.jmap.client import Client
from mailroom.model.groups import Groups
from mailroom.model.missing import is_absent, lacking
from mailroom.polling.debounce import OwnWrites
from mailroom.polling.report import PollReport, Trigger
from mailroom.triage.batch import TriageBatch
from mailroom.triage.latecomers import Latecomers
from mailroom.triage.scan import Scan, Scanner
from mailroom.triage.taps import read_taps


class Screener:
    """Triages the senders of labelled mails.

    It keeps nothing that decides anything: what it remembers from poll to poll saves a question, or a line in the log.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        client: Client,
        open_book: Callable[[], Awaitable[AddressBook]],
        settings: MailroomSettings,
        clock: IReactorTime,
        round_trips: RoundTrips,
        *,
        wall_clock: WallClock | None = None,
    ) -> None:
        self._client = client
        self._open_book = open_book
        self._settings = settings
        self._clock = clock
        self._wall_clock = wall_clock or clock.seconds
        self._round_trips = round_trips
        self._scanner = Scanner(client, settings)
        self._latecomers = Latecomers()
        self._missing_groups: tuple[str, ...] | None = None
        self._told: frozenset[str] = frozenset()

    async def poll(self, trigger: Trigger) -> PollReport:
        """Look once at the account, and triage whoever is labelled.

        What concerns everybody, such as a server that is down, is raised as a `MailroomError`; nothing is lost, for
        every label that is not worked off is still there. What concerns one sender is logged and counted, and the
        others go on.
        """
        started, depth = self._clock.seconds(), self._round_trips.sequential
        self._client.throttling.take()  # of whoever was at work before
        book = await self._open_book()
        if trigger is Trigger.PUSH:
            book.preconnect()
        scan = await self._scan(book)
        taps, conflicts = read_taps(scan.labelled, scan.mailboxes.labels)
        triage = TriageBatch(self._client, book, self._settings, scan, today(self._wall_clock))
        late = await self._latecomers.file(scan, triage.snapshot, book, self._settings, {tap.address for tap in taps})
        await triage.run(taps, conflicts)
        self._latecomers.looked(started, triage.snapshot.complete_until)
        self._latecomers.remember(
            (address for filing in triage.filed for address in filing.destinations), self._clock.seconds()
        )
        own_writes = OwnWrites(scan.state)
        own_writes.wrote(triage.snapshot.transitions)
        self._note_groups(triage.groups)
        missing = (*scan.mailboxes.missing, *(self._missing_groups or ()))
        if late:
            mails = counted(late, "mail")
            self._log.info("moved {mails} that came while senders were being triaged", mails=mails, late=late)
        self._tell(triage, missing, scan.left_out, trigger)
        return PollReport(
            trigger=trigger,
            senders=len(triage.filed),
            moved=late + sum(len(filing.moved) for filing in triage.filed),
            conflicts=len(triage.conflicts),
            failures=len(triage.failures),
            round_trips=self._round_trips.sequential - depth,
            seconds=self._clock.seconds() - started,
            missing=missing,
            throttled=self._client.throttling.take(),
            states=own_writes.states,
        )

    async def _scan(self, book: AddressBook) -> Scan:
        """Look at the labels, at the groups as long as some may be missing, and for latecomers while some may come."""
        scan = await self._scanner.scan(None if self._missing_groups == () else book, self._latecomers.since)
        if scan.directory is not None:
            categories, provenance = self._settings.categories, self._settings.provenance_group
            self._note_groups(Groups(scan.directory.groups, categories, provenance))
        return scan

    def _note_groups(self, groups: Groups | None) -> None:
        if groups is not None:
            self._missing_groups = groups.missing

    def _tell(self, triage: TriageBatch, missing: tuple[str, ...], left_out: tuple[str, ...], trigger: Trigger) -> None:
        """Say what was done; and what is wrong, until it is said, and again once it has changed."""
        for filing in triage.filed:
            self._log.info(
                "{done} {sender} to {category} trigger={trigger} moved={moved}",
                done="re-triaged" if filing.retriage else "triaged",
                sender=filing.tap.address,
                category=filing.tap.category.name,
                trigger=trigger.value,
                moved=len(filing.moved),
            )
            if filing.mismatch is not None:
                self._log.warn(
                    "the contact of {sender} is called {contact}, its mail says {name}",
                    sender=filing.tap.address,
                    contact=filing.mismatch,
                    name=filing.tap.name,
                )
        remedy = "run `mailroom setup --apply`, or change the settings"
        troubles = [f"the account lacks {lack}: {remedy}" if is_absent(lack) else lacking([lack]) for lack in missing]
        troubles += [f"{what} cannot be read as the server shows it, and is left out" for what in left_out]
        troubles += [f"a label waits for its user: {conflict.reason}" for conflict in triage.conflicts]
        troubles += [
            f"{failure}; its label stays, and the next poll tries again" for failure in triage.failures.values()
        ]
        for trouble in troubles:
            if trouble not in self._told:
                self._log.warn("{trouble}", trouble=trouble)
        self._told = frozenset(troubles)
