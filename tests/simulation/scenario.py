"""What is to happen in a run, drawn from its seed. No I/O."""

import random
from dataclasses import dataclass
from typing import Any, Final

from tests.simulation.actions import (
    Action,
    AddContact,
    AddMailbox,
    ChangeGroup,
    ChangeMailbox,
    Copy,
    Delete,
    Deliver,
    EditContact,
    EditGroup,
    Flag,
    Move,
    PutInOrder,
    Tap,
    Untap,
)
from tests.simulation.conditions import Conditions, drawn
from tests.simulation.faults import (
    Break,
    ChangeSession,
    DisturbStreams,
    FailMethod,
    Refuse,
    RefuseObject,
    RestartServer,
    Run,
    SetClock,
)
from tests.simulation.people import GROUPS, LABELS, MANAGED, NAMES, PROVENANCE, REGULAR, SENDERS, UNUSABLE, USABLE

FOLDERS: Final = ("Trash", "Junk", "Archive", "Sent", "Holidays", "Inbox")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens so many seconds after what came before."""

    wait: float
    action: Action


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run; the seed is for what chance decides within it, the jitter of delays."""

    seed: int
    conditions: Conditions
    steps: tuple[Step, ...]


def scenario(seed: int) -> Scenario:
    """The run of this seed."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point
    conditions = drawn(chance)
    return Scenario(seed, conditions, tuple(_Draw(chance, conditions).steps()))


class _Draw:
    def __init__(self, chance: random.Random, conditions: Conditions) -> None:
        self.chance = chance
        self.conditions = conditions
        self.delivered = 0
        self.senders = chance.sample(REGULAR, chance.randint(1, 3))

    def steps(self) -> "list[Step]":
        steps = [Step(0.0, each) for _ in range(self.chance.randint(1, 3)) for each in self._before()]
        steps.append(Step(0.0, Run("one", "start")))
        steps += [Step(self._wait(), each) for _ in range(self.chance.randint(3, 12)) for each in self._next()]
        return steps

    def _wait(self) -> float:
        chance, latency = self.chance, self.conditions.latency
        kind = chance.random()
        if kind < 0.5:  # within a triage
            return round(chance.uniform(0, 8) * latency, 3)
        if kind < 0.9:
            return round(chance.choice((chance.uniform(0, 5), chance.uniform(0, 90))), 3)
        return round(min(self.conditions.poll_interval * chance.uniform(0, 8), 172800.0), 1)

    def _before(self) -> "list[Action]":
        chance, sender = self.chance, self.sender()
        steps: list[Action] = [self.deliver(sender), self.deliver(sender)]
        if chance.random() < 0.3:
            steps.append(AddContact(sender, chance.choice((USABLE[sender].name, "Somebody Else"))))
            if chance.random() < 0.5:
                steps.append(EditGroup(sender, chance.choice(GROUPS), joins=True))
        return steps

    def _next(self) -> "list[Action]":  # noqa: PLR0911 - one for each kind
        kind = self.chance.random()
        if kind < 0.4:
            return [self.tap()]
        if kind < 0.5:
            return [self.deliver(self.chance.choice((*SENDERS, *self.senders)))]
        if kind < 0.68:
            return [self.tidies()]
        if kind < 0.76:
            return [self.edits()]
        if kind < 0.79:
            return [self.furnishes()]
        if kind < 0.86:
            return [self.runs()]
        return [self.fails()]

    def sender(self) -> str:
        return self.chance.choice(self.senders)

    def mail(self) -> str:
        return f"mail {self.chance.randrange(max(self.delivered, 1))}"

    def deliver(self, sender: str) -> Deliver:
        chance = self.chance
        mailbox = chance.choice((*FOLDERS, *MANAGED)) if chance.random() < 0.25 else None
        mail = f"mail {self.delivered}"
        self.delivered += 1
        if sender in UNUSABLE:
            return Deliver(mail, sender, 0, mailbox)
        return Deliver(mail, sender, chance.randrange(2), mailbox)

    def tap(self) -> Tap:
        return Tap(self.mail(), self.chance.choice(LABELS), moves=self.chance.random() < 0.2)

    def tidies(self) -> Action:
        chance = self.chance
        every: list[Any] = [
            lambda: Untap(self.mail()),
            lambda: Move(self.mail(), "Trash", keeps_labels=chance.random() < 0.5),
            lambda: Move(self.mail(), chance.choice((*FOLDERS, *MANAGED)), keeps_labels=chance.random() < 0.3),
            lambda: Copy(self.mail(), chance.choice((*FOLDERS, *MANAGED))),
            lambda: Delete(self.mail()),
            lambda: Flag(self.mail()),
            lambda: Tap(self.mail(), "@MailroomError"),
        ]
        action: Action = chance.choice(every)()
        return action

    def edits(self) -> Action:
        chance, sender = self.chance, self.sender()
        other = chance.choice(REGULAR)
        every: tuple[Action, ...] = (
            AddContact(sender, USABLE[sender].name),
            EditContact(sender, "rename", "Somebody Else"),
            EditContact(sender, "add address", other),
            EditContact(sender, "replace address", other),
            EditContact(sender, "delete"),
            EditGroup(sender, chance.choice(GROUPS), joins=True),
            EditGroup(sender, chance.choice(GROUPS), joins=False),
        )
        return chance.choice(every)

    def furnishes(self) -> Action:
        chance, name = self.chance, self.chance.choice(NAMES)
        every: tuple[Action, ...] = (
            ChangeGroup(chance.choice((*GROUPS, PROVENANCE)), chance.choice(("delete", "rename", "double"))),
            ChangeMailbox(name, "rename", f"Former {name}"),
            ChangeMailbox(name, "move", chance.choice((*FOLDERS, *MANAGED))),
            ChangeMailbox(name, "delete"),
            AddMailbox(name, chance.choice(FOLDERS)),
            PutInOrder(),
        )
        return chance.choice(every)

    def runs(self) -> Action:
        chance = self.chance
        every: tuple[Action, ...] = (
            Run("one", "restart"),
            Run("one", "restart"),
            Run("one", chance.choice(("kill", "stop"))),
            Run("one", "start"),
            Run("two", chance.choice(("start", "start", "kill", "stop"))),
            SetClock(chance.choice((-86400.0, -3600.0, 3600.0, 86400.0))),
        )
        return chance.choice(every)

    def fails(self) -> Action:
        chance = self.chance
        times = chance.choice((1, 1, 2, 3, 8))
        every: list[Any] = [
            lambda: Break(
                chance.choice(("refused", "lost", "answer lost", "cut short", "unheard", "unanswered", "garbage")),
                chance.choice((None, "api", "api", "dav", "session", "events")),
                times,
                garbage=chance.choice(("html", "nothing", "half")),
            ),
            lambda: Break("answer lost", chance.choice(("api", "dav")), times),
            lambda: Break(chance.choice(("late", "answer late")), None, times, seconds=chance.choice((0.3, 2.0, 40.0))),
            lambda: Refuse(chance.choice((500, 502, 503, 401, 403)), times, chance.choice(("/", "/jmap/api", "/dav"))),
            lambda: Refuse(chance.choice((429, 503)), times, "/", chance.choice((1, 30, 600))),
            lambda: FailMethod(
                chance.choice(("Email/set", "Email/get", "Email/query", "Mailbox/get", "ContactCard/set")),
                chance.choice(("serverFail", "serverUnavailable", "rateLimit", "serverPartialFail")),
                times,
            ),
            lambda: RefuseObject(
                chance.choice(("Email/set", "ContactCard/set")), chance.choice(("rateLimit", "forbidden")), times
            ),
            lambda: DisturbStreams(
                chance.choice(("end", "break", "silence", ": \n", "\n\ndata: {\n\n", "event: state\ndata: [1]\n\n"))
            ),
            lambda: RestartServer(chance.choice((0.0, 5.0, 200.0)), changes_session=chance.random() < 0.5),
            lambda: ChangeSession(
                chance.choice((None, "without mail", "without contacts", "without push", "without sieve", "html"))
            ),
        ]
        action: Action = chance.choice(every)()
        return action
