"""Everything in one run: the account and its server, the processes beside it, and the time that they share."""

import random
from collections.abc import Callable
from typing import Any, Final, Self, cast

from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher

from mailroom.sandbox import Sandbox
from mailroom.sandbox.options import SandboxOptions
from tests.account import LATE_2026, ROLES
from tests.simulation.conditions import Conditions
from tests.simulation.history import History
from tests.simulation.network import Exchange, Network, Sent, Trouble, Watch
from tests.simulation.people import GROUPS, LABELS, NAMES, PROVENANCE
from tests.simulation.process import Process, WatchedService
from tests.simulation.rules import rules
from tests.simulation.snapshot import Snapshot

USER: Final = "user"
OTHERS_FOLDER: Final = "Holidays"
Tell = Callable[[float, str, str], None]
"""Told what happens: the seconds since the beginning, who it is, and what."""


class World:
    """One account, and all who act on it. Nothing in it knows another time, or another chance, than its own."""

    def __init__(
        self,
        conditions: Conditions,
        seed: int,
        tell: Tell | None = None,
        service: type[WatchedService] = WatchedService,
    ) -> None:
        self.conditions = conditions
        self.chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point
        self.clock = Clock()
        self.clock.advance(LATE_2026)
        self.wall_clock_set_by = 0.0
        self.options: SandboxOptions = conditions.options
        self.sandbox = Sandbox(self.clock, self.options)
        self.account = self.sandbox.account
        self.book = self.account.address_book
        self.settings = conditions.settings
        self.mails: dict[str, str] = {}
        self.processes: dict[str, Process] = {}
        self.troubles: list[Trouble] = []
        self.requests = 0
        self.violations: list[str] = []
        self._tell = tell
        self._service = service
        self._ended: list[Process] = []
        self._furnish()
        self._modseq = self.account.journal.modseq
        self.history = History(conditions.index_lag, Snapshot.of(self.account))

    def _furnish(self) -> None:
        for role in ROLES:
            self.account.add_mailbox(role, role=role.lower())
        for name in (OTHERS_FOLDER, *NAMES):
            self.account.add_mailbox(name)
        self.account.add_mailbox("Old", parent=self.account.mailbox_id("Trash"))
        for group in (*GROUPS, PROVENANCE):
            self.book.add_group(group)

    # Time

    @property
    def now(self) -> float:
        seconds: float = self.clock.rightNow
        return seconds

    def live(self, seconds: float) -> None:
        """Let time pass, from one thing that happens to the next."""
        end = self.now + seconds
        while True:
            dues = [process.due for process in self.processes.values()]
            calls = self.clock.getDelayedCalls()
            due = min([due for due in dues if due is not None] + [call.getTime() for call in calls], default=end)
            if due > end or not (calls or dues):
                break
            self._turn(max(due, self.now))
        self._turn(end)

    def _turn(self, now: float) -> None:
        self.clock.rightNow = now
        # First of all: what the network brings now is handled at this time, and not at that of the turn before.
        for process in self.processes.values():
            process.set_clock(now)
        self.clock.advance(0)
        for process in tuple(self.processes.values()):
            process.clock.advance(0)
        for process in tuple(self.processes.values()):
            process.network.flush()

    # Processes

    def start(self, name: str) -> None:
        """Start a process of this name, unless it runs."""
        if name in self.processes:
            return
        self.tell(name, "starts")
        self.processes[name] = self._process(name)
        self.processes[name].start()

    def _process(self, name: str) -> Process:
        watch = Watch(self._arrives, self._handled(name), self._answered(name))
        network = Network(self.sandbox.resource, self.clock, self.conditions.latency, watch)
        network.troubles = self.troubles
        jitter = random.Random(self.chance.random())  # noqa: S311 - as above
        return Process(
            name,
            self.settings,
            network,
            now=lambda: self.now,
            wall_clock=lambda: self.now + self.wall_clock_set_by,
            uniform=jitter.uniform,
            service=self._service,
        )

    def kill(self, name: str) -> None:
        """End a process between two instructions, if it runs."""
        process = self.processes.pop(name, None)
        if process is not None:
            self.tell(name, "is killed")
            process.kill()
            self._ended.append(process)

    def stop(self, name: str) -> None:
        """End a process as a signal does, if it runs, and see that nothing of it is left."""
        process = self.processes.get(name)
        if process is None:
            return
        self.tell(name, "is stopped")
        process.stop()
        self._turn(self.now)
        self._turn(self.now)
        if process.clock.getDelayedCalls():
            self.fail(f"{name} left timers behind: {process.clock.getDelayedCalls()}")
        if process.network.exchanges:
            self.fail(f"{name} left connections behind: {[each.sent.path for each in process.network.exchanges]}")
        self._ended.append(self.processes.pop(name))

    @property
    def every_process(self) -> list[Process]:
        """Those that run, and those that have ended."""
        return [*self._ended, *self.processes.values()]

    # What actions ask

    def snapshot(self) -> Snapshot:
        return Snapshot.of(self.account)

    @property
    def inbox(self) -> str:
        return next(box.id for box in self.account.mailboxes.values() if box.role == "inbox")

    def box(self, name: str) -> str | None:
        """The id of the mailbox of a name at the top."""
        return next((box.id for box in self.account.mailboxes.values() if box.name == name and not box.parent_id), None)

    def mail(self, name: str) -> str | None:
        """The id of a mail, if it has come and is still there."""
        email_id = self.mails.get(name, "")
        return email_id if email_id in self.account.emails else None

    def pending(self, name: str) -> bool:
        """Whether a mail has a triage label."""
        mail = self.mail(name)
        return mail is not None and bool(self.account.names_of(mail) & set(LABELS))

    def places(self, email_id: str) -> frozenset[str]:
        return frozenset(self.account.emails[email_id].mailbox_ids)

    def streams(self) -> list[Exchange]:
        return [stream for process in self.processes.values() for stream in process.network.streams()]

    def rules(self, sender: str) -> list[str]:
        """Where new mail of a sender goes, by the rules of its server."""
        return rules(sender, self.snapshot())

    # What happens

    def act(self, who: str, what: str, do: Callable[["World"], object]) -> None:
        """Let somebody other than the service do something."""
        self.tell(who, what)
        do(self)
        self.observe(USER)

    def observe(self, actor: str) -> None:
        """Take down what has changed, and who has done it."""
        if self.account.journal.modseq == self._modseq:
            return
        self._modseq = self.account.journal.modseq
        process = self.processes.get(actor)
        after = Snapshot.of(self.account)
        for violation in self.history.note(actor, self.now, after, process.poll_began if process else None):
            self.fail(violation)

    def fail(self, violation: str) -> None:
        self.tell("!", violation)
        self.violations.append(f"after {self.now - LATE_2026:.3f} s: {violation}")

    def tell(self, who: str, what: str) -> None:
        if self._tell is not None:
            self._tell(self.now - LATE_2026, who, what)

    def _arrives(self, _sent: Sent) -> None:
        self.requests += 1
        self.observe(USER)

    def _handled(self, name: str) -> Callable[[Sent], None]:
        def handled(sent: Sent) -> None:
            if self._tell is not None:
                self.tell(name, f"{sent.method} {sent.path} {described(sent)}")
            self.observe(name)

        return handled

    def _answered(self, name: str) -> Callable[[Sent, str], None]:
        def answered(sent: Sent, answer: str) -> None:
            if sent.way == "events" and answer == "200" and name in self.processes:
                self.processes[name].connected.append(self.now)
            self.tell("server", f"{name} {sent.way}: {answer}")

        return answered


def described(sent: Sent) -> str:
    """The body of a request, in short."""
    text = sent.body.decode()
    return text if len(text) < 2000 else f"{text[:2000]}..."


class Logged:
    """Looks at each event of the log while it is entered: no traceback, no secret."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._secrets = [world.options.password, world.options.token, *world.sandbox.accepted]

    def __enter__(self) -> Self:
        globalLogPublisher.addObserver(cast("ILogObserver", self._event))
        return self

    def __exit__(self, *_error: object) -> None:
        globalLogPublisher.removeObserver(cast("ILogObserver", self._event))

    def _event(self, event: LogEvent) -> None:
        text = formatEvent(event)
        if str(event.get("log_namespace", "")).startswith("mailroom"):
            self._world.tell("log", text)
        if "log_failure" in event:
            self._world.fail(f"a traceback in the log: {text}: {event['log_failure'].getBriefTraceback()}")
        self.look_for_secrets("the log", text)

    def look_for_secrets(self, where: str, text: Any) -> None:
        shown = str(text)
        if any(secret.split()[-1] in shown for secret in self._secrets):
            self._world.fail(f"{where} shows a secret: {shown}")
